/**
 * Where in a user's file something is wrong. Rows count from 1 and include the header line, as an editor shows them; `column` is a table's, `character` a place in the row of a text, from 1:
 * what has one is told as terminals make links of it, file:row:character.
 */
export interface Place { file?: string; row?: number; column?: string; character?: number }

/**
 * A mistake or circumstance the user can act on: what is wrong, where, and what to do.
 * The only kind of error whose text reaches a user; everything else is a defect and is logged with its stack.
 */
export class UserError extends Error {
  constructor(message: string, readonly place: Place = {}, readonly hint?: string, readonly code: ErrorCode = 'input') {
    super(message);
    this.name = 'UserError';
  }
  /** One paragraph for a terminal or a notification: `orders.csv, row 7, column "age": message. hint` */
  toText(): string {
    const { file, row, column, character } = this.place;
    const at = file !== undefined && row !== undefined && character !== undefined ? `${file}:${row}:${character}` : [file, row === undefined ? '' : `row ${row}`, column === undefined ? '' : `column "${column}"`].filter(Boolean).join(', ');
    return `${at ? at + ': ' : ''}${this.message}${this.hint ? ' ' + this.hint : ''}`;
  }
}

/** Exit codes of the command line, by error code: 2 usage, 3 input data, 4 system (disk, permission), 5 device or engine, 130 cancelled; 1 is a defect of ours. */
export type ErrorCode = 'usage' | 'input' | 'system' | 'engine' | 'cancelled';
export const exitCodes: Record<ErrorCode, number> = { usage: 2, input: 3, system: 4, engine: 5, cancelled: 130 };
export const cancelled = () => new UserError('Cancelled.', {}, undefined, 'cancelled');

/** The ways a column can be treated, as buttons and as a list. No `vscode` here. */
import type { ColumnOverride, ColumnProfile, Kind } from '../../server/protocol';

export interface Fix { id: string; icon: string; title: string; detail: string; override: ColumnOverride }

/** The four that are one click away. */
export const fixes: readonly Fix[] = [
  { id: 'identifier', icon: 'key', title: 'Treat as Identifier', detail: 'Not learnt: new values of the same format take its place.', override: { kind: 'identifier' } },
  { id: 'category', icon: 'symbol-enum', title: 'Treat as Category', detail: 'Learnt as a set of values; those of fewer than five rows merge.', override: { kind: 'category' } },
  { id: 'personal', icon: 'person', title: 'Treat as Personal Data', detail: 'Never learnt: every value is replaced by an invented one.', override: { kind: 'personal' } },
  { id: 'drop', icon: 'trash', title: 'Drop', detail: 'Not modelled and not written.', override: { drop: true } },
];

const others: ReadonlyArray<[Kind, string, string, string]> = [
  ['text', 'note', 'Treat as Free Text', 'Not learnt: placeholder text of similar length takes its place.'],
  ['integer', 'symbol-number', 'Treat as Whole Number', 'Learnt by size; cells that are not whole numbers are an error.'],
  ['real', 'symbol-number', 'Treat as Number', 'Learnt by size; cells that are not numbers are an error.'],
  ['boolean', 'symbol-boolean', 'Treat as Yes or No', 'Learnt as two values.'],
];

/** Every way, the one-click ones first. */
export const allFixes: readonly Fix[] = [
  ...fixes, ...others.map(([kind, icon, title, detail]) => ({ id: kind, icon, title, detail, override: { kind } })),
];

/** What was said of one column; a column may be called "constructor". */
export const saidOf = (said: Record<string, ColumnOverride>, column: string): ColumnOverride | undefined => (Object.hasOwn(said, column) ? said[column] : undefined);

/** What was said of a column, in a word or two. */
export function inWords(said: ColumnOverride): string {
  if (said.drop) return 'dropped';
  if (said.step !== undefined) return `in steps of ${said.step}`;
  if (said.merge?.length) return said.merge.length === 1 ? `"${said.merge[0]}" protected` : `${said.merge.length} values protected`;
  return said.kind === 'personal' ? 'personal data' : said.kind ?? 'as declared';
}

/** A fix that the column's kind already is would change nothing. */
export const useful = (fix: Fix, column: Pick<ColumnProfile, 'kind'> | undefined) => !column || fix.override.kind !== column.kind;

import { UserError } from '../../errors';
import type { Kind } from '../../protocol';
import { codeColumn, numberColumn, spellingOf, stringColumn, withSchema } from '../columns';
import type { Column, ColumnSchema, NumberFormat, Storage } from '../table';

/** How columns of a kind are held; see `Storage`. */
export const storageOf: Record<Kind, Storage> = {
  integer: 'number', real: 'number', date: 'number', time: 'number', datetime: 'number',
  boolean: 'code', category: 'code', ordinal: 'code', constant: 'code',
  identifier: 'string', personal: 'string', text: 'string',
};

/** The column with another kind, in the storage that kind wants. Cells keep their text: `lexeme` gives the same before and after. */
export function convert(column: Column, changes: Partial<ColumnSchema> & { kind: Kind }): Column {
  const schema: ColumnSchema = { ...column.schema, ...changes, storage: storageOf[changes.kind] };
  if (schema.storage !== 'number') { delete schema.number; delete schema.temporal; }
  const from = column.schema.storage;
  if (from === schema.storage) return withSchema(column, schema);
  if (schema.storage === 'code') return toCodes(column, schema);
  if (schema.storage === 'string') {
    const text = new Array<string | null>(column.length);
    if (from === 'code') {
      const codes = column.codes(), categories = column.categories();
      for (let i = 0; i < text.length; i++) text[i] = codes[i] < 0 ? null : categories[codes[i]];
    } else for (let i = 0; i < text.length; i++) text[i] = column.isMissing(i) ? null : column.lexeme(i);
    return stringColumn(schema, text, missingSpelling(column));
  }
  if (changes.kind !== 'integer' && changes.kind !== 'real') throw new UserError(`The values are not read as a ${changes.kind}.`, { column: schema.name }, 'Dates and times are recognised when every cell has one format; unify the column, or leave it as a category.');
  return toNumbers(column, schema);
}

/** How missing cells were written stays with the column; the rest of a spelling belongs to the old format. */
function missingSpelling(column: Column) {
  const spelling = spellingOf(column);
  return spelling && { codes: spelling.codes, missing: spelling.missing };
}

function toCodes(column: Column, schema: ColumnSchema): Column {
  const codes = new Int32Array(column.length), categories: string[] = [];
  // Equal numbers are written alike (unless decimals differ from cell to cell), so one lexeme per distinct number is enough.
  const byNumber = column.schema.storage === 'number' && column.schema.number !== undefined && column.schema.number.style !== 'per-cell';
  const numbers = byNumber ? column.numbers() : undefined;
  const seen = new Map<number | string, number>();
  for (let i = 0; i < codes.length; i++) {
    if (column.isMissing(i)) { codes[i] = -1; continue; }
    const key = numbers && numbers[i] !== 0 ? numbers[i] : column.lexeme(i);   // 0 may be written -0
    let code = seen.get(key);
    if (code === undefined) {
      code = categories.length;
      seen.set(key, code);
      categories.push(typeof key === 'string' ? key : column.lexeme(i));
    }
    codes[i] = code;
  }
  return codeColumn(schema, codes, sortInto(codes, categories), missingSpelling(column));
}

/** Gives small dictionaries a stable order (numbers by size, words by code unit), whatever row came first. Rewrites `codes`. */
function sortInto(codes: Int32Array, categories: string[]): string[] {
  const numeric = categories.every((c) => c !== '' && Number.isFinite(Number(c)));
  const order = categories.map((_, i) => i).sort((a, b) => (numeric && Number(categories[a]) - Number(categories[b])) || (categories[a] < categories[b] ? -1 : 1));
  const position = new Int32Array(order.length);
  order.forEach((old, now) => { position[old] = now; });
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) codes[i] = position[codes[i]];
  return order.map((i) => categories[i]);
}

function toNumbers(column: Column, schema: ColumnSchema): Column {
  const numbers = new Float64Array(column.length), parsed = new Map<string, number>();
  let decimals = 0;
  const fractions = new Set<number>();
  for (let i = 0; i < numbers.length; i++) {
    if (column.isMissing(i)) { numbers[i] = NaN; continue; }
    const text = column.lexeme(i);
    let v = parsed.get(text);
    if (v === undefined) {
      v = text.trim() === '' ? NaN : Number(text);
      if (!Number.isFinite(v)) throw new UserError(`"${text.slice(0, 40)}" is not a number, but the column was declared ${schema.kind}.`, { row: i + 2, column: schema.name }, 'Correct the cell, or declare another kind.');
      parsed.set(text, v);
      const fraction = /\.(\d*)/.exec(text)?.[1].length ?? 0;
      fractions.add(fraction); decimals = Math.max(decimals, fraction);
    }
    numbers[i] = v;
  }
  const number: NumberFormat = { style: fractions.size <= 1 ? 'fixed' : 'shortest', decimals };
  return numberColumn({ ...schema, number }, numbers, missingSpelling(column));
}

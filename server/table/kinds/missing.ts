import { codeColumn, numberColumn, spellingOf, stringColumn } from '../columns';
import type { Column } from '../table';

/** Most ways of writing a missing cell that a column keeps apart. */
const mostTokens = 200;

/**
 * Cells that the user says stand for nothing ("?", "-999") made missing. How each was written stays with its row, so that an unmodified table is written back as it was; made cells take the most frequent way.
 * @returns the same column where no cell is written so
 */
export function withMissing(column: Column, tokens: readonly string[]): Column {
  const said = new Set(tokens), hits: number[] = [], n = column.length;
  for (let i = 0; i < n; i++) if (!column.isMissing(i) && said.has(column.lexeme(i))) hits.push(i);
  if (hits.length === 0) return column;
  const before = spellingOf(column), missing = [...(before?.missing ?? [{ token: column.schema.missingToken, quoted: column.schema.missingQuoted ?? false }])], codes = before ? before.codes.slice() : new Uint8Array(n);
  for (const i of hits) {
    const token = column.lexeme(i);
    let at = missing.findIndex((m) => m.token === token && !m.quoted);
    if (at < 0) at = missing.length < mostTokens ? missing.push({ token, quoted: false }) - 1 : 0;
    codes[i] = at;
  }
  const gone = new Uint8Array(n), count = new Float64Array(missing.length);
  for (let i = 0; i < n; i++) if (column.isMissing(i)) count[codes[i]!]!++;
  for (const i of hits) { gone[i] = 1; count[codes[i]!]!++; }
  const usual = missing[count.indexOf(Math.max(...count))]!, schema = { ...column.schema, missingToken: usual.token, missingQuoted: usual.quoted }, spelling = { ...before, codes, missing };
  switch (schema.storage) {
    case 'number': return numberColumn(schema, column.numbers().map((v, i) => (gone[i] ? NaN : v)), spelling);
    case 'code': {
      // A category that stood for nothing is none.
      const names = column.categories(), kept = names.filter((c) => !said.has(c)), at = Int32Array.from(names, (c) => kept.indexOf(c));
      return codeColumn(schema, column.codes().map((c, i) => (c < 0 || gone[i] ? -1 : at[c]!)), kept, spelling);
    }
    default: return stringColumn(schema, Array.from({ length: n }, (_, i) => (gone[i] ? null : column.text(i))), spelling);
  }
}

/** What the cells are once those are gone: a word among numbers had made the column one of words. Undefined where it says nothing new. */
export function numberKind(column: Column): 'integer' | 'real' | undefined {
  if (column.schema.storage === 'number' || column.length === column.missingCount) return undefined;
  let whole = true;
  for (let i = 0; i < column.length; i++) {
    if (column.isMissing(i)) continue;
    const cell = column.lexeme(i);
    // Leading zeros are codes, not numbers.
    if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell)) return undefined;
    if (cell.includes('.')) whole = false;
  }
  return whole ? 'integer' : 'real';
}

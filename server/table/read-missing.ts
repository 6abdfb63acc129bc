import type { CellCounts } from './bytes-scan';
import type { Spelling } from './columns-base';

/** Texts that mean "no value" among numbers, dates and times. Infinities are among them: nothing here can model one. */
export const numericTokens: ReadonlySet<string> = new Set(['', 'NA', 'N/A', 'n/a', 'na', '#N/A', '<NA>', '#NA', 'null', 'NULL', 'Null', 'None', 'none', 'NONE', 'nan', 'NaN', 'NAN', 'NaT', 'nil',
  '-', '--', '?', '.', '..', '*', '\\N', '(null)', 'missing', 'Missing', 'inf', '-inf', '+inf', 'Inf', '-Inf', 'INF', '-INF', 'Infinity', '-Infinity', '+Infinity', '∞', '-∞', '#DIV/0!', '#NUM!', '#VALUE!', '1.#INF', '-1.#INF', '1.#QNAN']);
/** A number beyond the largest double: it would be read as infinity. */
const overflows = (text: string) => /^[-+]?\d+(\.\d+)?[eE]\+?\d{3,}$/.test(text) && !Number.isFinite(Number(text));
/** Whether a cell among numbers, dates or times stands for no value that could be modelled. */
export const isNumericToken = (text: string): boolean => numericTokens.has(text) || overflows(text);
export const isInfinite = (token: string) => /inf|∞/i.test(token) || overflows(token);

/**
 * Texts that mean "no value" in a column of words: only where that column has no empty cells and uses one of them.
 * Words such as "None" or "?" stay categories (Adult's `?` is one): as a category or as missing, they are modelled alike and written the same.
 */
const wordTokens: ReadonlySet<string> = new Set(['NA', 'N/A', 'n/a', '#N/A', '<NA>', 'null', 'NULL', 'nan', 'NaN', 'NaT', '\\N']);

/** A way a missing cell is written: null is an empty cell without quotes. */
export type Form = string | null;

/**
 * Which forms are missing in a column of words. `""` is the empty string where plain empty cells exist beside it, and missing otherwise.
 */
export function missingForms(values: readonly string[], nulls: number): Form[] {
  if (nulls) return [null];
  if (values.includes('')) return [''];
  const tokens = values.filter(v => wordTokens.has(v));
  return tokens.length === 1 ? tokens : [];
}

/** How the source wrote the column's cells, where it is a delimited file; `bareToken` is what null stands for there instead of an empty cell. */
export interface Source { counts?: CellCounts; bareToken?: string }

/** Whether every cell that is no bare missing token stands in quotes, some without need. */
export function quotingOf({ counts, bareToken }: Source, forms: readonly Form[], missing: number): 'always' | 'needed' | undefined {
  if (!counts) return undefined;
  const bare = bareToken !== undefined || (forms.length > 0 && forms.every(f => f !== null && f !== '')) ? missing : 0;
  return counts.quoted > 0 && (counts.plain === 0 || counts.plain === bare) ? 'always' : 'needed';
}

/** How a form is written: its token, and whether in quotes. */
function written(form: Form, source: Source): { token: string; quoted: boolean } {
  const { counts } = source;
  if (form === null) return { token: source.bareToken ?? '', quoted: false };
  if (form === '') return { token: '', quoted: true };
  // NA stands bare beside quoted words (as R writes), unless no cell of the column stands bare.
  return { token: form, quoted: counts !== undefined && counts.plain === 0 && counts.quoted > 0 };
}

/** What of a column's schema and spelling follows from its missing forms. `places` is asked for only when the forms differ. */
export async function spellMissing(forms: readonly Form[], source: Source, places: (forms: readonly Form[]) => Promise<Uint8Array>, isMissing: (row: number) => boolean): Promise<{ missingToken: string; missingQuoted?: boolean; spelling?: Spelling }> {
  const ways = forms.map(f => written(f, source));
  if (ways.length === 0) return { missingToken: '' };
  if (ways.length === 1) return schemaPart(ways[0]);
  const codes = await places(forms);
  const seen = new Float64Array(forms.length);
  for (let i = 0; i < codes.length; i++) if (isMissing(i)) seen[codes[i]]++;
  return { ...schemaPart(ways[seen.indexOf(Math.max(...seen))]), spelling: { codes, missing: ways } };
}
const schemaPart = (way: { token: string; quoted: boolean }) => ({ missingToken: way.token, ...(way.quoted ? { missingQuoted: true } : {}) });

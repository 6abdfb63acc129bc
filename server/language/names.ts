/** How names, values and numbers are written in a `.synth` file, and read from it. No syntax tree here. */

/** A name that needs no backticks. The same letters as the grammar's ID. */
const plainName = /^[_a-zA-Z\u00aa-\u024f\u0370-\u1fff\u3040-\ud7ff\uf900-\ufaff][_a-zA-Z0-9\u00aa-\u024f\u0370-\u1fff\u3040-\ud7ff\uf900-\ufaff]*$/;
/** The words that are never names. */
export const reserved: ReadonlySet<string> = new Set(['and', 'in', 'is', 'not', 'or']);

/** A name as it is written: plain where it can be, else in backticks. Line ends cannot be written; such a name has no form. */
export function writeName(name: string): string {
  return plainName.test(name) && !reserved.has(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}
/** Whether a name can be written at all. */
export const isWritable = (name: string): boolean => name !== '' && !/[\r\n]/.test(name);

/** The name that stands in the text. */
export const readName = (text: string): string => (text.startsWith('`') ? text.slice(1, text.endsWith('`') && text.length > 1 ? -1 : undefined).replaceAll('``', '`') : text);

/** A value in quotes. Only quotes and backslashes are escaped: `"\d+"` is a pattern as one would write it anywhere. */
export const writeString = (value: string): string => `"${value.replace(/["\\]/g, (c) => (c === '"' ? '\\"' : '\\\\'))}"`;
/**
 * The value of a quoted string; a backslash before anything but a quote or a backslash stands for itself. Half a character of two (an emoji cut through) is read as a file saved with it
 * would be: no path and no table holds one, and no URI can be made of it.
 */
export const readString = (text: string): string => text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined).replace(/\\(["\\])/g, '$1').replace(/\p{Surrogate}/gu, '\ufffd');

const numberForm = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
/** A value of a table as the language writes it: numbers bare, everything else in quotes. */
export const writeValue = (lexeme: string, numeric: boolean): string => (numeric && numberForm.test(lexeme) ? lexeme : writeString(lexeme));

/** Names of the language are snake_case; the registries', the command line's kebab-case. */
export const snake = (id: string): string => id.replace(/[-.]/g, '_');

/** 45, 45s, 2m, 2min, 1.5h in seconds. */
export function seconds(text: string): number {
  const match = /^([0-9.]+)(s|m|min|h)?$/.exec(text);
  if (!match) return NaN;
  return Number(match[1]) * (match[2] === 'h' ? 3600 : match[2]?.startsWith('m') ? 60 : 1);
}

/** The nearest of `names` to a misspelt one: at most a third of its letters wrong (Damerau-Levenshtein, letter case free). */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const low = name.toLowerCase();
  let best: string | undefined, least = Math.max(1, Math.floor(name.length / 3)) + 0.5;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= least + 1) continue;
    const other = candidate.toLowerCase(), d = low === other ? 0 : distance(low, other, least) + 0.1;
    if (d < least) { best = candidate; least = d; }
  }
  return best;
}

/** @param most a distance above it need not be exact */
function distance(one: string, other: string, most: number): number {
  // What both begin and end with is not compared: numbered columns (`x_00017`, `x_00018`) have little else.
  let start = 0, end = 0;
  const shorter = Math.min(one.length, other.length);
  while (start < shorter && one[start] === other[start]) start++;
  while (end < shorter - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  const a = one.slice(start, one.length - end), b = other.slice(start, other.length - end);
  let before: number[] = [], last = Array.from({ length: b.length + 1 }, (_, j) => j), least = 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i], above = least;
    least = i;
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + Number(a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      least = Math.min(least, row[j]);
    }
    // Two rows on, since a swap reaches back that far.
    if (least > most && above > most) return least;
    before = last;
    last = row;
  }
  return last[b.length];
}

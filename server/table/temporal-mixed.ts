import { inferTemporal } from './temporal-infer';
import type { TemporalFormat } from './table';
import type { TemporalKind } from './temporal-format';

/** Formats that one column's dates are written in, the most frequent first. A cell's shape says which is its. */
export interface MixedFormats { kind: TemporalKind; formats: Array<{ shape: string; format: TemporalFormat }>; ambiguous: boolean }

/** Beyond so many formats a column is no column of dates. */
const mostFormats = 4;

/** What the characters of a cell are, whatever it says: `2024-05-31` and `1999-1-1` are `Y-0-0`, `31.5.2024` is `0.0.Y`, `3 May 24` is `0 a 0`. */
export const shapeOf = (text: string): string => text.replace(/\d+|\p{L}+/gu, (run) => (/\d/.test(run) ? (run.length === 4 ? 'Y' : run.length > 4 ? '#' : '0') : 'a'));

/**
 * Two to four formats, told apart by their shapes, under which our writer reproduces every lexeme; undefined when there are none. Formats that
 * differ in the order of day and month only have one shape, and are not told apart: such a column is not read as dates.
 */
export function inferMixedTemporal(lexemes: readonly string[]): MixedFormats | undefined {
  const groups = new Map<string, string[]>();
  for (const t of lexemes) {
    if (t.length > 40) return undefined;
    const shape = shapeOf(t), group = groups.get(shape);
    if (group) group.push(t);
    else if (groups.size === mostFormats) return undefined;
    else groups.set(shape, [t]);
  }
  if (groups.size < 2) return undefined;
  const found = [...groups].sort((a, b) => b[1].length - a[1].length).map(([shape, texts]) => ({ shape, guess: inferTemporal(texts) }));
  const kind = found[0]!.guess?.kind;
  // a format with a zone, or with the zone in each cell, would need two notes a cell
  if (!kind || found.some(({ guess }) => guess?.kind !== kind || guess.format.zone !== undefined)) return undefined;
  return { kind, formats: found.map(({ shape, guess }) => ({ shape, format: guess!.format })), ambiguous: found.some(({ guess }) => guess!.ambiguous) };
}

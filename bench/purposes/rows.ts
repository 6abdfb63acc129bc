/** Tables as the bench sees them: cells as they are written, read and judged without the product's own reader, so that an error there cannot hide itself. */
import { readFileSync, writeFileSync } from 'node:fs';
import Papa from 'papaparse';
import { concatRows, takeRows, type FeatureMatrix } from '../../server/learners/features';
import { twoSampleAuc, type TwoSample } from '../../server/evaluation/fidelity/two-sample-core';
import type { EvaluationContext } from '../../server/evaluation/metric';
import { permutation } from '../../server/learners/random';

export interface Rows { names: string[]; cells: string[][] }

export function read(path: string): Rows {
  const [names, ...cells] = Papa.parse<string[]>(readFileSync(path, 'utf8').trim(), { header: false }).data;
  return { names: names!, cells };
}
export const write = (path: string, { names, cells }: Rows): void => writeFileSync(path, `${Papa.unparse([names, ...cells], { newline: '\n' })}\n`);

export const at = ({ names }: Rows, name: string): number => { const i = names.indexOf(name); if (i < 0) throw new Error(`no column ${name}`); return i; };
export const column = (t: Rows, name: string): string[] => { const i = at(t, name); return t.cells.map((r) => r[i]!); };
export const take = (t: Rows, rows: Iterable<number>): Rows => ({ names: t.names, cells: Array.from(rows, (i) => t.cells[i]!) });
export const where = (t: Rows, test: (cell: (name: string) => string) => boolean): Rows => ({ names: t.names, cells: t.cells.filter((r) => test((name) => r[at(t, name)]!)) });
/** At most so many rows, in random order. */
export const some = (t: Rows, count: number, seed: number, purpose = 'some'): Rows => take(t, permutation(seed, purpose, t.cells.length).subarray(0, Math.min(count, t.cells.length)));
export const select = (t: Rows, names: readonly string[]): Rows => { const places = names.map((n) => at(t, n)); return { names: [...names], cells: t.cells.map((r) => places.map((p) => r[p]!)) }; };
/** One column's cells replaced. */
export const put = (t: Rows, name: string, cell: (row: number) => string): Rows => { const k = at(t, name); return { names: t.names, cells: t.cells.map((r, i) => r.map((v, j) => (j === k ? cell(i) : v))) }; };
export const shuffled = (t: Rows, name: string, seed: number): Rows => { const own = column(t, name), order = permutation(seed, `shuffled ${name}`, own.length); return put(t, name, (i) => own[order[i]!]!); };

/** Tables as learners see them, over one encoding. A column is of numbers where every cell of the first table is one or empty. */
export function matrices(tables: readonly Rows[], names: readonly string[]): FeatureMatrix[] {
  const out: FeatureMatrix[] = tables.map((t) => ({ rows: t.cells.length, features: [] }));
  for (const name of names) {
    const cells = tables.map((t) => column(t, name)), number = cells[0]!.every((c) => c === '' || Number.isFinite(Number(c))), words = number ? [] : [...new Set(cells.flat())].sort(), place = new Map(words.map((w, i) => [w, i]));
    cells.forEach((own, t) => out[t]!.features.push({ name, kind: number ? 'number' : 'category', categories: words.length, values: Float64Array.from(own, (c) => (number ? (c === '' ? NaN : Number(c)) : place.get(c)!)) }));
  }
  return out;
}

/** How well boosted trees tell two tables apart, on as many rows of each. */
export async function apart(a: Rows, b: Rows, most: number, seed = 1, names = a.names): Promise<TwoSample> {
  const [x, y] = matrices([a, b], names) as [FeatureMatrix, FeatureMatrix];
  return twoSampleAuc({ seed } as EvaluationContext, x, y, most, 'bench', async () => undefined);
}
export { concatRows, takeRows, type FeatureMatrix };

/** What the golden tests of networks over codes share: columns of codes by hand, and heads that the reference holds column by column where ours are padded to one size. */
import { expect } from 'vitest';
import type { ParamSpec } from '../../engine';
import type { ColumnCodes } from '../../table/encoders/codes';
import { layoutOf, type Layout } from './layout';

/** Columns as a reference names them: where each coarse code's leaves begin, ranks of a number's leaves, shares of all. */
export interface GoldenColumns { first: number[][]; rank: (number[] | null)[]; share: number[][] }
/** Every leaf a value of its own; column c is head group c, so that its parameters are known by its number. */
export function goldenLayout({ first, rank, share }: GoldenColumns, order: readonly number[]): Layout {
  const layout = layoutOf(first.map((f, c) => codes(`c${c}`, f, rank[c]!, share[c]!)), Int32Array.from(order));
  expect(layout.groups.length).toBe(first.length);
  return layout;
}
function codes(name: string, first: number[], rank: number[] | null, share: number[]): ColumnCodes {
  const leaves = first.at(-1)!, coarse = first.length - 1, coarseOf = new Int32Array(leaves);
  for (let c = 0; c < coarse; c++) coarseOf.fill(c, first[c]!, first[c + 1]!);
  return {
    name, storage: rank ? 'number' : 'code', first: Int32Array.from(first), coarseOf, leaves, coarse, maxFine: Math.max(...first.slice(1).map((v, i) => v - first[i]!)), missing: -1, share: Float64Array.from(share),
    rank: Float32Array.from(rank ?? new Array<number>(leaves).fill(NaN)), ...(rank ? { upper: Float64Array.from({ length: leaves }, (_, i) => i), numbers: Array.from({ length: leaves }, (_, i) => ({ value: i })), decimals: 0 } : { category: Int32Array.from({ length: leaves }, (_, i) => i) }),
  };
}

const head = (name: string): RegExpExecArray | null => /^(out|bias)(\d)$/.exec(name);
/** The reference's name of one of our parameters. */
const theirs = (name: string): string => { const m = head(name); return m ? `head${m[2]}.${m[1]}` : /^fine/.test(name) ? name.slice(0, -1) : name; };
/** The reference's values in our shape, padded with codes that the loss must not use. */
export function padded(values: Record<string, number[]>, layout: Layout, specs: Record<string, ParamSpec>, name: string): Float32Array {
  const m = head(name), own = values[theirs(name)]!;
  if (!m) return Float32Array.from(own);
  const [, rows, wide] = specs[name]!.shape as [number, number, number], k = layout.columns[Number(m[2])]!.coarse, out = new Float32Array(rows * wide).fill(m[1] === 'bias' ? -30 : 0);
  for (let i = 0; i < rows; i++) for (let j = 0; j < k; j++) out[i * wide + j] = own[i * k + j]!;
  return out;
}
/** Equal to 1e-5 (relative, where larger than one). */
export const near = (a: ArrayLike<number>, b: ArrayLike<number>, what: string): void => Array.from(b).forEach((v, i) => expect(Math.abs(a[i]! - v), `${what}[${i}]: ${a[i]} for ${v}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))));
/** `near` of a parameter's values, its padding left out. */
export function nearUnpadded(got: Float32Array, want: Record<string, number[]>, layout: Layout, specs: Record<string, ParamSpec>, name: string, what: string): void {
  const m = head(name), own = want[theirs(name)]!;
  if (!m) { near(got, own, `${what} of ${name}`); return; }
  const [, rows, wide] = specs[name]!.shape as [number, number, number], k = layout.columns[Number(m[2])]!.coarse;
  for (let i = 0; i < rows; i++) near(got.subarray(i * wide, i * wide + k), own.slice(i * k, (i + 1) * k), `${what} of ${name}, row ${i}`);
}

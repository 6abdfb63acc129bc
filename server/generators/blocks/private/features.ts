/**
 * What a fit under a privacy budget knows of the columns before it begins: codes from the noised marginals, and few features of every code.
 *
 * Noise costs by the dimension, so the columns' networks are linear in features chosen without looking: a category is itself, a number is a few smooth functions of its rank, orthonormal under the
 * noised marginal, so that all have the same chance to matter and none needs to be rescaled by looking. As inputs they describe what is seen; as outputs they tilt the noised marginal.
 */
import { gridOf, onto } from '../../../table/protect/numbers';
import { noGrid } from '../../../table/number-format';
import type { ColumnCodes, NumberLeaf } from '../../../table/encoders/codes';
import type { Column, ColumnSchema } from '../../../table/table';
import type { PrivateColumn } from '../../generator';

/** A column's codes, made of its noised marginal alone; all at one level. @param categories of a code column: the released ones */
export function privateCodes({ schema }: Pick<Column, 'schema'>, known: PrivateColumn, categories: readonly string[] | undefined): ColumnCodes {
  const numeric = known.type === 'number', shares = numeric ? known.shares : known.shares.slice(0, -1), missing = numeric ? known.missing : known.shares.at(-1)!;
  const n = shares.length, leaves = n + Number(missing > 0), total = Math.max(1e-9, shares.reduce((a, b) => a + b, 0));
  const rank: number[] = [];
  for (let i = 0, a = 0; i < n; i++) { rank.push(numeric || schema.kind === 'ordinal' ? (a + shares[i]! / 2) / total : NaN); a += shares[i]!; }
  const all = missing > 0 ? [...shares, missing] : shares, sum = all.reduce((a, b) => a + b, 0);
  const index = Int32Array.from({ length: leaves }, (_, i) => i);
  return {
    name: schema.name, storage: numeric ? 'number' : 'code', first: Int32Array.from({ length: leaves + 1 }, (_, i) => i), coarseOf: index, leaves, coarse: leaves, maxFine: 1, missing: missing > 0 ? n : -1,
    share: Float64Array.from(all, (s) => s / sum), rank: Float32Array.from(missing > 0 ? [...rank, NaN] : rank),
    ...(numeric ? numberLeaves(schema, known) : { category: index.slice(0, n), leafOf: index.slice(0, n), categories: [...categories!] }),
  };
}

function numberLeaves(schema: ColumnSchema, { edges, min, max }: Extract<PrivateColumn, { type: 'number' }>): Pick<ColumnCodes, 'upper' | 'numbers' | 'decimals'> {
  const grid = gridOf(schema), within = (v: number): number => Math.min(max, Math.max(min, v));
  const numbers = edges.slice(1).map((high, i): NumberLeaf => {
    const low = edges[i]!, middle = onto(grid, (low + high) / 2);
    return grid.step !== null && high - low <= grid.step * 1.001 ? { value: within(middle) } : { low: within(low), high: within(high) };
  });
  return { upper: Float64Array.from(edges.slice(1)), numbers, decimals: grid.decimals ?? (grid.step === null ? noGrid : 0) };
}

/** Most features of a number and of a category column. */
export interface FeatureCounts { numbers: number; categories: number }

/**
 * Features of every code of a column, [codes, width]: mean 0 under its shares, and of about unit length on average.
 * A number: cosines of its rank, and a place of its own for a value that many rows share and for missing. A category column: itself; the rarest beyond `categories` share one feature.
 */
export function featuresOf(c: ColumnCodes, most: FeatureCounts): { width: number; values: Float64Array } {
  const ranked = c.storage === 'number' && c.coarse > most.numbers, columns = ranked ? smooth(c, most.numbers) : indicators(c, most.categories);
  const width = columns.length, values = new Float64Array(c.coarse * width);
  columns.forEach((f, j) => { const mean = f.reduce((s, v, k) => s + v * c.share[k]!, 0); f.forEach((v, k) => { values[k * width + j] = v - mean; }); });
  return { width, values };
}

/** One-hots: the codes as they are, of a great many the rarest together. */
function indicators(c: ColumnCodes, most: number): Float64Array[] {
  const order = [...c.share.keys()].sort((a, b) => c.share[b]! - c.share[a]! || a - b), width = Math.min(most, c.coarse);
  const place = new Int32Array(c.coarse);
  order.forEach((k, i) => { place[k] = Math.min(i, width - 1); });
  return Array.from({ length: width }, (_, j) => Float64Array.from({ length: c.coarse }, (_v, k) => Number(place[k] === j)));
}

/** Shares from which a code of a number has a feature of its own. */
const heavy = 0.2;
/** Gram and Schmidt under the shares; scaled so that their squares sum to one on average. */
function smooth(c: ColumnCodes, most: number): Float64Array[] {
  const own = [...c.share.keys()].filter((k) => k === c.missing || c.share[k]! > heavy);
  const raw = own.map((at) => Float64Array.from({ length: c.coarse }, (_, k) => Number(k === at)));
  for (let j = 1; raw.length < most + Number(c.missing >= 0); j++) raw.push(Float64Array.from({ length: c.coarse }, (_, k) => (Number.isNaN(c.rank[k]!) ? 0 : Math.cos(Math.PI * j * c.rank[k]!))));
  const done: Float64Array[] = [new Float64Array(c.coarse).fill(1)], dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, k) => s + v * b[k]! * c.share[k]!, 0);
  for (const f of raw) {
    for (let pass = 0; pass < 2; pass++) for (const d of done) { const s = dot(f, d); for (let k = 0; k < f.length; k++) f[k]! -= s * d[k]!; }
    const length = Math.sqrt(dot(f, f));
    // What shares hardly any weight would be stretched without bound.
    if (length > 1e-2) done.push(f.map((v) => v / length));
  }
  const width = done.length - 1;
  return done.slice(1).map((f) => f.map((v) => v / Math.sqrt(Math.max(1, width))));
}

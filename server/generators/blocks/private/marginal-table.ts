/**
 * A table made of the columns' noised marginals alone, for encoders to be fitted on under a privacy budget: quantiles, modes, category lists are then functions of what was noised and charged, and no
 * real row decides any of them.
 */
import { codeColumn, makeTable, numberColumn } from '../../../table/columns';
import { gridOf, onto } from '../../../table/protect/numbers';
import type { Column, Table } from '../../../table/table';
import type { NoiseSource } from '../../../privacy/mechanisms/source';
import type { PrivateFit } from '../../generator';
import { Features } from '../features';
import { ModalFeatures } from '../spans';

const rows = 20_000;

/** Columns, schemas and dictionaries as in `fit`, of which no cell is looked at; every column's values in the shares of its marginal, in no relation to other columns'. Every released category occurs. */
export function marginalTable(fit: Table, columns: PrivateFit['columns']): Table {
  return makeTable(fit.schema.dialect, fit.columns.map((column): Column => {
    const { schema } = column, known = columns[schema.name]!;
    if (known.type === 'category') return codeColumn(schema, Int32Array.from(counted(known.shares, known.shares.slice(0, -1).map(() => 1)).flatMap((n, c) => new Array<number>(n).fill(c === known.shares.length - 1 ? -1 : c)).slice(0, rows)), column.categories());
    const grid = gridOf(schema), { edges, min, max } = known, within = (v: number): number => Math.min(max, Math.max(min, v));
    const counts = counted([...known.shares, known.missing], []), values = counts.flatMap((n, b) => Array.from({ length: n }, (_, i) => (b === known.shares.length ? NaN : within(onto(grid, edges[b]! + ((i + 0.5) / n) * (edges[b + 1]! - edges[b]!))))));
    return numberColumn(schema, Float64Array.from(values.slice(0, rows)));
  }), rows);
}

/** Whole numbers that add up to at least `rows`, in proportion; at least those given. */
function counted(shares: readonly number[], least: readonly number[]): number[] {
  const total = shares.reduce((a, b) => a + b, 0), counts = shares.map((s, i) => Math.max(least[i] ?? 0, Math.round((s / total) * rows))), over = counts.reduce((a, b) => a + b, 0) - rows;
  // What rounding made too many or too few goes to the fullest, which feels it least.
  const fullest = counts.indexOf(Math.max(...counts));
  counts[fullest]! -= over;
  return counts;
}

/** A seed that is never stored, for what an encoder draws at random (a place within an atom's ranks, a mode): row by row, it would otherwise tell a row from its place. */
export const secretSeed = (source: NoiseSource): number => source.uint32() * 2 ** 20 + (source.uint32() >>> 12);
/** The same features under another seed. */
export const reseeded = (features: Features, seed: number): Features => Features.load(JSON.stringify({ ...(JSON.parse(features.save()) as object), seed }));
/** Modal features fitted on the marginals: `kept` goes with the model, `encoder` encodes the real rows. */
export async function privateModal(fit: Table, privacy: PrivateFit, options: { components: number; atoms: boolean; valuesAsCategories: number; maxCategories: number; logs?: boolean }): Promise<{ kept: ModalFeatures; encoder: ModalFeatures }> {
  const kept = await ModalFeatures.fit(marginalTable(fit, privacy.columns), { ...options, seed: 0 }), seed = secretSeed(privacy.noise);
  return { kept, encoder: new ModalFeatures(reseeded(kept.features, seed), kept.modes, seed) };
}

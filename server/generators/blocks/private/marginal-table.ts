/**
 * A table made of the columns' noised marginals alone, for encoders to be fitted on under a privacy budget: quantiles, modes, category lists are then functions of what was noised and charged, and no
 * real row decides any of them.
 */
import { codeColumn, makeTable, numberColumn } from '../../../table/columns';
import { gridOf, onto } from '../../../table/protect/numbers';
import type { Column, Table } from '../../../table/table';
import { freshKey } from '../../../privacy/clipping/private-trainer';
import type { PrivateFit } from '../../generator';
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

/**
 * Modal features fitted on the marginals: `kept` goes with the model, `encoder` encodes the real rows. What an encoder draws at random (a mode, a place within an atom's ranks) it draws by a row's place: under a key that is known a row more would change
 * what every later row is encoded as; under one that is not, all places are alike.
 */
export async function privateModal(fit: Table, privacy: PrivateFit, options: { components: number; atoms: boolean; valuesAsCategories: number; maxCategories: number; logs?: boolean }): Promise<{ kept: ModalFeatures; encoder: ModalFeatures }> {
  const kept = await ModalFeatures.fit(marginalTable(fit, privacy.columns), { ...options, seed: 0 });
  return { kept, encoder: kept.keyed(freshKey(privacy.noise)) };
}

import type { CollapseMeasure } from '../../protocol';
import { learnableColumns, encodeFeatures } from '../../learners/features';
import type { Table } from '../../table/table';
import { prepare, pairScores } from '../fidelity/pair-scores';
import { shapeScores } from '../fidelity/shape-scores';
import { twoSampleAuc } from '../fidelity/two-sample-core';
import type { EvaluationContext } from '../metric';
import { moments, quantile } from '../statistics';
import { makeView, type NumberView, type View } from '../view';

/** Numbers of fewer distinct values have no tails. */
const fewValues = 20;
/** A category of fewer than this share of the rows is rare. */
export const rareShare = 0.05;
/** Rows a table that a classifier looks at. */
const classified = 2000;

/** What is measured of each generation, in the order of the report. */
export const collapseMeasures: readonly CollapseMeasure[] = [
  { id: 'shapes', name: 'Column shapes', definition: 'Mean column shape (one minus Kolmogorov-Smirnov or total variation distance) against the reference rows.', ideal: 1, better: 'higher' },
  { id: 'pairs', name: 'Pair trends', definition: 'Mean pair score over all pairs of columns (correlations, two-way tables) against the reference rows.', ideal: 1, better: 'higher' },
  { id: 'two-sample', name: 'Two-sample AUC', definition: 'AUC with which boosted trees tell the generation from the reference rows; at most 2,000 rows of each.', ideal: 0.5, better: 'lower' },
  { id: 'variance', name: 'Spread', definition: 'Standard deviation over that of the first, real table: geometric mean over numeric columns.', ideal: 1, better: 'target' },
  { id: 'tails', name: 'Mass in the tails', definition: 'Rows beyond the real table\'s 1st and 99th percentiles over as many in the real table: mean over numeric columns of more than 20 values.', ideal: 1, better: 'target' },
  { id: 'rare', name: 'Rare categories left', definition: 'Of the categories that fewer than 5% of the real table\'s rows have, the share that still occurs.', ideal: 1, better: 'higher' },
];

/** Compares generations with the real table that the first one learnt (`origin`), and with reference rows. Origin and reference are looked at once. */
export class Measurer {
  private readonly tails: Array<{ name: string; low: number; high: number; share: number }>;
  private readonly spreads: Array<{ name: string; sd: number }>;
  private readonly rare: Array<{ name: string; categories: string[] }>;

  /** @param reference rows that no generation saw; or the real table itself, where there are no others */
  constructor(origin: Table, private readonly reference: Table, private readonly context: Pick<EvaluationContext, 'seed' | 'device' | 'progress'>) {
    const numbers = origin.columns.filter(c => c.schema.storage === 'number');
    this.spreads = numbers.map(c => ({ name: c.schema.name, sd: Math.sqrt(moments(present(c.numbers())).variance) })).filter(s => s.sd > 0);
    this.tails = numbers.flatMap(c => {
      const sorted = present(c.numbers()).sort();
      if (new Set(sorted).size <= fewValues) return [];
      const low = quantile(sorted, 0.01), high = quantile(sorted, 0.99), share = outside(sorted, low, high);
      return share > 0 ? [{ name: c.schema.name, low, high, share }] : [];
    });
    this.rare = origin.columns.filter(c => c.schema.storage === 'code').flatMap(c => {
      const names = c.categories(), n = new Float64Array(names.length);
      for (const k of c.codes()) if (k >= 0) n[k]++;
      const categories = names.filter((_, k) => n[k] > 0 && n[k] < rareShare * origin.rows);
      return categories.length ? [{ name: c.schema.name, categories }] : [];
    });
  }

  /** Values by measure; a measure that these columns do not have (no numbers, no rare categories) is left out. */
  async measure(table: Table): Promise<Record<string, number>> {
    const view = makeView({ training: this.reference, synthetic: table }), breathe = () => this.context.progress(0);
    const values: Record<string, number> = { shapes: shapeScores(view, 'training', 'synthetic').mean };
    const pairs = await pairScores(prepare(view, 'training'), prepare(view, 'synthetic'), view.rows.training, view.rows.synthetic, breathe);
    values.pairs = meanOf(upper(pairs.score, view.columns.length));
    const tables = [table, this.reference], names = learnableColumns(tables), [a, b] = encodeFeatures(tables, names);
    // A table and itself cannot be told apart; a classifier judged on rows whose twins it learnt under the other label would say far less than .5.
    values['two-sample'] = table === this.reference ? 0.5 : (await twoSampleAuc(this.context as EvaluationContext, a, b, classified, 'collapse', breathe)).auc;
    values.variance = Math.exp(meanOf(this.spreads.map(s => Math.log(Math.max(1e-6, spread(view, s.name) / s.sd)))));
    values.tails = meanOf(this.tails.map(t => outside(numbersOf(view, t.name).sorted('synthetic'), t.low, t.high) / t.share));
    let left = 0, all = 0;
    for (const { name, categories } of this.rare) {
      const c = table.column(name), there = new Set(Array.from(new Set(c.codes()), k => (k < 0 ? '' : c.categories()[k])));
      all += categories.length;
      left += categories.filter(k => there.has(k)).length;
    }
    values.rare = left / all;
    return Object.fromEntries(Object.entries(values).filter(([, v]) => Number.isFinite(v)));
  }
}

const present = (v: Float64Array): Float64Array => v.filter(Number.isFinite);
const numbersOf = (view: View, name: string): NumberView => view.columns.find(c => c.name === name) as NumberView;
const spread = (view: View, name: string): number => Math.sqrt(moments(numbersOf(view, name).sorted('synthetic')).variance);
const meanOf = (x: readonly number[]): number => { const seen = x.filter(v => v === v); return seen.reduce((s, v) => s + v, 0) / seen.length; };
function outside(values: Float64Array, low: number, high: number): number {
  let n = 0;
  for (const v of values) if (v < low || v > high) n++;
  return n / values.length;
}
/** The cells above the diagonal of a square matrix. */
function upper(cells: Float64Array, n: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) out.push(cells[i * n + j]);
  return out;
}

import { twoProportions } from '../../learners/metrics';
import { sampleRows } from '../features';
import type { EvaluationContext, Fold } from '../metric';
import { controlViewOf } from '../view';
import { clustersAt, type Clusters } from './clusters';
import { crossedExcess, designOf } from './excess';
import { crossedExposures, exposuresOf, scores } from './exposure-core';
import { densitiesAt } from './density';
import { placedOf } from './distances';
import { accusationTwoSided } from './leak';
import { attackOf } from './membership-core';
import { Reasons } from './reasons';

/** Exposure row by row, for marks on the real table; see exposure-core.ts for what it is. */
export interface ExposedRows {
  /** Training rows that were scored, ascending, and their exposure in nats. */
  row: Uint32Array; nats: Float32Array;
  /** The most exposed, worst first. */
  most: ExposedRow[];
  how: 'cross-fitted' | 'beside-control';
  /** Real rows in all: training and control. */
  realRows: number;
  /** No more rows are this exposed than chance explains: as many people who were never learnt would be. */
  chance: boolean;
  /** Whether every training row was scored, or only the likeliest ones. */
  every: boolean;
}
export interface ExposedRow {
  row: number; nats: number;
  /** Share of control rows that score as high; absent where each row is its own control. */
  unseen?: number;
  /** Real rows that meet all of `conditions`: 1, the row alone. */
  rows: number;
  conditions: Array<{ column: string; is: 'equal' | 'at-least' | 'at-most' | 'missing'; /** the cell as it is written */ value: string; category: boolean; rows: number }>;
}

const fewestShown = 10, mostShown = 200, shareShown = 0.01, likeliest = 2500, mostUnseen = 3000;

/**
 * The exposure of training rows, and of the most exposed one per cent (10 to 200 rows) what singles them out. Without `every`, in tables of more than some thousand
 * rows, only the 2,500 that lie nearest to the synthetic table for how far they lie from other real rows are scored, and 3,000 control rows: a second where
 * all would take ten.
 * @returns undefined where there is no control, and so nothing to compare with
 */
export async function exposedRowsOf(context: EvaluationContext, folds: readonly Fold[] | undefined, every: boolean): Promise<ExposedRows | undefined> {
  const scored = folds ? await crossed(folds) : await besideControl(context, every);
  if (!scored || scored.row.length === 0) return undefined;
  const { row, nats, unseen } = scored, view = await controlViewOf(context), reasons = new Reasons(view), order = Array.from(row.keys()).filter(i => nats[i] > 0).sort((a, b) => nats[b] - nats[a] || row[a] - row[b]);
  const shown = Math.min(mostShown, Math.max(fewestShown, Math.round(shareShown * context.training.rows)));
  const most: ExposedRow[] = [];
  for (const i of order.slice(0, shown)) {
    const singled = reasons.of(row[i]);
    most.push({
      row: row[i], nats: nats[i], ...(unseen && { unseen: unseen(nats[i]) }), rows: singled.rows,
      conditions: singled.reasons.map(r => {
        const column = view.columns[r.column];
        return { column: column.name, is: r.is, value: r.is === 'missing' ? '' : context.training.column(column.name).lexeme(row[i]), category: column.type === 'code', rows: r.rows };
      }),
    });
    if (most.length % 20 === 0) await context.progress(most.length / shown, 'what singles rows out');
  }
  return { row, nats, most, how: folds ? 'cross-fitted' : 'beside-control', realRows: view.rows.training + view.rows.control, chance: scored.chance, every: scored.every };
}

interface Scored { row: Uint32Array; nats: Float32Array; unseen?: (nats: number) => number; chance: boolean; every: boolean }

async function crossed(folds: readonly Fold[]): Promise<Scored | undefined> {
  const e = await crossedExposures(folds);
  return e && { row: Uint32Array.from(e.scores.keys()), nats: Float32Array.from(e.scores), chance: crossedExcess(e.crossed).lower <= 0, every: true };
}

async function besideControl(context: EvaluationContext, every: boolean): Promise<Scored | undefined> {
  const placed = await placedOf(context);
  if (!placed) return undefined;
  const all = every || placed.encoded.rows.training <= 2 * likeliest, kept = placed.kept.training;
  const { training, control, rows, clusters } = all ? (await exposuresOf(context))! : await likely(context);
  const sorted = control.slice().sort(), unseen = (nats: number) => { let low = 0, high = sorted.length; while (low < high) { const mid = (low + high) >>> 1; if (sorted[mid] < nats) low = mid + 1; else high = mid; } return (sorted.length - low) / sorted.length; };
  // as many training as control rows beyond the line that one control row in a hundred passes?
  const line = sorted[Math.floor(0.99 * sorted.length)], beyond = (scores: Float64Array) => Uint8Array.from(scores, s => Number(s > line)), above = beyond(training), others = beyond(control), sum = (flags: Uint8Array) => flags.reduce((n, f) => n + f, 0);
  const design = designOf(above, others, clusters), [a, n, b, m] = [sum(above), all ? training.length : context.training.rows, sum(others), control.length].map(x => x / design);
  const chance = twoProportions(a, n, b, m, accusationTwoSided).interval.low <= 0;
  return { row: Uint32Array.from(rows, r => (kept ? kept[r] : r)), nats: Float32Array.from(training), unseen, chance, every: all && !kept };
}

/** The rows likeliest to be exposed, by nearest neighbours, which are known already. */
async function likely(context: EvaluationContext): Promise<{ training: Float64Array; control: Float64Array; rows: Int32Array; clusters?: Clusters }> {
  const placed = (await placedOf(context))!, attack = (await attackOf(context))!, n = placed.asked.training.length;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => attack.calibrated[b] - attack.calibrated[a] || a - b).subarray(0, likeliest).sort();
  const asked = { training: order.map(i => placed.asked.training[i]), control: sampleRows(placed.encoded.rows.control, mostUnseen, context.seed, 'exposure control').slice().sort() };
  const clusters = clustersAt(placed.clusters, asked);
  return { ...scores(await densitiesAt(context, placed, asked)), rows: asked.training, ...(clusters && { clusters }) };
}

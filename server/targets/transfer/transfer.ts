/** Purpose *transfer*: rows as the target table would have them, with outcomes learnt from the source. */
import { basename } from 'node:path';
import { UserError } from '../../errors';
import { fitDense } from '../../learners/dense';
import { encodeFeatures, takeRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { fitLogistic } from '../../learners/linear';
import type { TargetRequest } from '../../protocol';
import { shuffledRows, Stream } from '../../random';
import type { Table } from '../../table/table';
import { drawWhere } from '../conditions/draw';
import { portion } from '../conditions/release';
import { effectiveSize, systematic } from '../conditions/resample';
import { samplingFigures } from '../figures';
import type { Before, Purpose, Ready } from '../purpose';
import { favourableCode, testWithLabels, testWithoutLabels } from './assumption';
import { byTransport } from './by-transport';
import { distance } from './distance';
import { densityRatio, toldApart, type Ratio } from './ratio';

type Request = Extract<TargetRequest, { purpose: 'transfer' }>;

/** Fewer effective rows than this are no sample of the target. */
const fewestEffective = 20;
/** Beyond this AUC there is nothing to weigh: hardly a source row could have come from the target. */
const almostApart = 0.98;
const poolPerRow = 8;
/** How far weights are flattened (Shimodaira 2000); chosen by importance-weighted cross-validation and by how near the rows then are. */
const flattenings = [0, 0.25, 0.5, 0.75, 1];
/** Rows of each side that powers are compared on. */
const mostCompared = 1000;

export const transfer: Purpose<Request> = {
  async prepare(request, before) {
    const { parts, read } = before, outcome = request.outcome ?? before.outcome;
    if (outcome === undefined) throw new UserError('Transfer keeps outcomes while columns shift, and no outcome is known.', {}, 'Name one: outcome in the target, or --outcome.', 'usage');
    const names = parts.training.schema.columns.map((c) => c.name);
    if (!names.includes(outcome)) throw new UserError('cannot be the outcome: it is not a column that is learnt.', { column: outcome }, `Choose among ${names.slice(0, 20).join(', ')}.`, 'usage');
    const columns = names.filter((n) => n !== outcome), target = await read(request.to, request.labels === 'some' ? names : columns);
    if (target.rows < 10) throw new UserError(`has only ${target.rows} rows.`, { file: request.to }, 'Ten at least are needed to see a shift.');
    return request.using === 'importance' ? byImportance(request, before, target, columns, outcome) : byTransport(request, before, target, columns, outcome);
  },
};

/** What is said instead where most target rows are source rows: a row of one table, left out of a fold, has its twin in the other, and what is learnt of it is that it belongs there. Weights then mean nothing. */
export function sameRows(source: Table, target: Table, columns: readonly string[], path: string): UserError | undefined {
  const rowsOf = (t: Table): string[] => { const own = columns.map((n) => t.column(n)); return Array.from({ length: t.rows }, (_, i) => JSON.stringify(own.map((c) => (c.isMissing(i) ? null : c.lexeme(i))))); };
  const there = new Set(rowsOf(source)), same = rowsOf(target).filter((r) => there.has(r)).length;
  return 2 * same < target.rows ? undefined : new UserError(`holds rows of the source: ${same.toLocaleString('en')} of ${target.rows.toLocaleString('en')}. Where both tables have the same rows, no shift between them can be learnt.`, { file: basename(path) }, 'Name a table of the other domain that has none of the source\'s rows.');
}

async function byImportance(request: Request, { plan, source, parts, log, progress }: Before, target: Table, columns: string[], outcome: string): Promise<Ready> {
  await progress(0.1, 'comparing source and target');
  const training = parts.training, ratio = await densityRatio(training, target, columns, plan.seed, () => progress(0.3)), full = effectiveSize(ratio.source);
  if (full < fewestEffective || ratio.auc.auc > almostApart) throw sameRows(training, target, columns, request.to) ?? new UserError(`The tables overlap too little: ${ratio.auc.auc > almostApart ? `their columns tell them apart nearly always (AUC ${ratio.auc.auc.toFixed(3)})` : `weighted to the target, the ${training.rows} source rows are worth ${full.toFixed(1)}`}.`, {}, 'Use optimal_transport, which moves rows instead of weighing them.');
  const verdict = (request.labels === 'some' ? await testWithLabels(training, target, columns, outcome, plan.seed) : undefined) ?? (await testWithoutLabels(training, target, columns, outcome, ratio.auc, plan.seed));
  if (!verdict.holds) throw new UserError(`Importance weighting does not apply: ${verdict.why}.`, { column: outcome }, 'It presumes that outcomes given the columns are the same in both tables. Use optimal_transport, with labels of some target rows if there are any.');
  const flattening = await nearest(await asGood(training, ratio, columns, outcome, plan.seed), training, target, ratio, columns, plan.seed, () => progress(0.6));
  const rows = plan.rows ?? source.rows, power = (w: number): number => w ** flattening;
  log(`importance weights: effective ${full.toFixed(0)} of ${training.rows}, flattened to the power ${flattening}`);
  return {
    releases: 1, proper: false,
    async draw(model, share, { seed, progress: drawn }) {
      const n = portion(rows, share), { table: pool, how } = await drawWhere(model, {}, poolPerRow * n, { seed, progress: drawn }), weights = ratio.of(pool).map(power);
      return { table: pool.take(systematic(weights, n, new Stream(seed, 'transfer'))), facts: [{ name: 'Weighted to the target', rows: n, how: { ...how, method: 'rejection', proposals: pool.rows, effective: effectiveSize(weights) } }] };
    },
    comparable(real) {
      const w = ratio.of(real).map(power), most = Math.max(...w), stream = new Stream(plan.seed, 'comparable');
      return Int32Array.from({ length: real.rows }, (_, i) => i).filter((i) => stream.uniform() < w[i]! / most);
    },
    async conclude({ synthetic, facts }) {
      const out = samplingFigures(facts);
      return {
        figures: [{ metric: 'target.weights', value: full / training.rows, samples: { source: training.rows, target: target.rows }, verdict: full / training.rows >= 0.2 ? 'good' : full / training.rows >= 0.05 ? 'fair' : 'poor', detail: { effective: Math.round(full), flattening } }, await distance(synthetic, target, training, columns, plan.seed), ...out.figures],
        notes: [`Rows were weighted by how much likelier they are in the target table (${ratio.kind === 'logistic' ? 'logistic regression' : 'boosted trees'} tell the tables apart with AUC ${ratio.auc.auc.toFixed(2)}); weights to the power ${flattening}, by which the rows are nearest to the target's, of those that importance-weighted cross-validation does not speak against.`, verdict.why, ...out.notes],
      };
    },
  };
}

/**
 * Powers of the weights that importance-weighted cross-validation of a logistic model of the outcome (Sugiyama, Krauledat & Mueller 2007) does not speak against: their loss is not above the least by more than a standard error of the
 * paired difference.
 */
async function asGood(training: Table, ratio: Ratio, columns: readonly string[], outcome: string, seed: number): Promise<number[]> {
  const code = favourableCode(training, outcome);
  if (!code) return [...flattenings];
  const y = code(training), rows = Int32Array.from(y.keys()).filter((i) => y[i]! >= 0).slice(0, 20_000), label = Float64Array.from(rows, (i) => y[i]!), w = Float64Array.from(rows, (i) => ratio.source[i]!);
  const [x] = encodeFeatures([training.take(rows)], columns) as [FeatureMatrix], dense = fitDense(x), folds = stratifiedFolds(label, 5, seed), losses: Float64Array[] = [];
  for (const power of flattenings) {
    const loss = new Float64Array(label.length);
    for (const { train, test } of folds) {
      const model = await fitLogistic(dense.encode(takeRows(x, train)), Float64Array.from(train, (i) => label[i]!), 2, { weights: Float64Array.from(train, (i) => w[i]! ** power), tolerance: 1e-5 });
      model.probabilities(dense.encode(takeRows(x, test))).forEach((p, k) => { const i = test[k]!, q = Math.min(1 - 1e-9, Math.max(1e-9, p)); loss[i] = -w[i]! * Math.log(label[i] === 1 ? q : 1 - q); });
    }
    losses.push(loss);
  }
  const total = losses.map((l) => l.reduce((a, b) => a + b, 0)), best = losses[total.indexOf(Math.min(...total))]!;
  return flattenings.filter((_, k) => { const d = losses[k]!.map((v, i) => v - best[i]!), m = d.reduce((a, b) => a + b, 0) / d.length; return m <= Math.sqrt(d.reduce((s, v) => s + (v - m) ** 2, 0) / (d.length - 1) / d.length); });
}

/** Of some powers the one under which source rows, chosen by weight, are told from the target's worst: rows are wanted from the target's distribution. The whole weights have it in theory; with few effective rows, which come again and again, in theory only. */
async function nearest(powers: readonly number[], training: Table, target: Table, ratio: Ratio, columns: readonly string[], seed: number, progress: () => Promise<void>): Promise<number> {
  if (powers.length === 1) return powers[0]!;
  const n = Math.min(mostCompared, training.rows, target.rows), to = target.take(shuffledRows(seed, 'flattening', target.rows).slice(0, n));
  let best = powers[0]!, least = Infinity;
  for (const power of powers) {
    const { auc } = await toldApart(training.take(systematic(ratio.source.map((w) => w ** power), n, new Stream(seed, 'flattened'))), to, columns, seed);
    if (auc < least) { least = auc; best = power; }
    await progress();
  }
  return best;
}

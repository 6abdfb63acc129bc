/** Purpose *transfer*: rows as the target table would have them, with outcomes learnt from the source. */
import { UserError } from '../../errors';
import { fitDense } from '../../learners/dense';
import { encodeFeatures, takeRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { fitLogistic } from '../../learners/linear';
import type { Figure, TargetRequest } from '../../protocol';
import { Stream } from '../../random';
import { splitTable } from '../../table/split';
import type { Table } from '../../table/table';
import { drawWhere } from '../conditions/draw';
import { portion } from '../conditions/release';
import { effectiveSize, systematic } from '../conditions/resample';
import { samplingFigures } from '../figures';
import type { Before, Purpose, Ready } from '../purpose';
import type { Parts } from '../release/parts';
import { favourableCode, testWithLabels, testWithoutLabels } from './assumption';
import { densityRatio, toldApart, type Ratio } from './ratio';
import { mostTransported, transport } from './transport';

type Request = Extract<TargetRequest, { purpose: 'transfer' }>;

/** Fewer effective rows than this are no sample of the target. */
const fewestEffective = 20;
/** Beyond this AUC there is nothing to weigh: hardly a source row could have come from the target. */
const almostApart = 0.98;
const poolPerRow = 8;
/** How far weights are flattened (Shimodaira 2000); chosen by importance-weighted cross-validation. */
const flattenings = [0, 0.25, 0.5, 0.75, 1];

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

async function byImportance(request: Request, { plan, source, parts, log, progress }: Before, target: Table, columns: string[], outcome: string): Promise<Ready> {
  await progress(0.1, 'comparing source and target');
  const training = parts.training, ratio = await densityRatio(training, target, columns, plan.seed, () => progress(0.3)), full = effectiveSize(ratio.source);
  if (full < fewestEffective || ratio.auc.auc > almostApart) throw new UserError(`The tables overlap too little: ${ratio.auc.auc > almostApart ? `their columns tell them apart nearly always (AUC ${ratio.auc.auc.toFixed(3)})` : `weighted to the target, the ${training.rows} source rows are worth ${full.toFixed(1)}`}.`, {}, 'Use optimal_transport, which moves rows instead of weighing them.');
  const verdict = (request.labels === 'some' ? await testWithLabels(training, target, columns, outcome, plan.seed) : undefined) ?? (await testWithoutLabels(training, target, columns, outcome, ratio.auc, plan.seed));
  if (!verdict.holds) throw new UserError(`Importance weighting does not apply: ${verdict.why}.`, { column: outcome }, 'It presumes that outcomes given the columns are the same in both tables. Use optimal_transport, with labels of some target rows if there are any.');
  const flattening = await chooseFlattening(training, ratio, columns, outcome, plan.seed);
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
        notes: [`Rows were weighted by how much likelier they are in the target table (${ratio.kind === 'logistic' ? 'logistic regression' : 'boosted trees'} tell the tables apart with AUC ${ratio.auc.auc.toFixed(2)}); weights to the power ${flattening}, by importance-weighted cross-validation.`, verdict.why, ...out.notes],
      };
    },
  };
}

/** The power of the weights under which a logistic model of the outcome has the least importance-weighted loss, out of fold (Sugiyama, Krauledat & Mueller 2007). */
async function chooseFlattening(training: Table, ratio: Ratio, columns: readonly string[], outcome: string, seed: number): Promise<number> {
  const code = favourableCode(training, outcome);
  if (!code) return 1;
  const y = code(training), rows = Int32Array.from(y.keys()).filter((i) => y[i]! >= 0).slice(0, 20_000), label = Float64Array.from(rows, (i) => y[i]!), w = Float64Array.from(rows, (i) => ratio.source[i]!);
  const [x] = encodeFeatures([training.take(rows)], columns) as [FeatureMatrix], dense = fitDense(x), folds = stratifiedFolds(label, 5, seed);
  let best = 1, least = Infinity;
  for (const power of flattenings) {
    let loss = 0, mass = 0;
    for (const { train, test } of folds) {
      const model = await fitLogistic(dense.encode(takeRows(x, train)), Float64Array.from(train, (i) => label[i]!), 2, { weights: Float64Array.from(train, (i) => w[i]! ** power), tolerance: 1e-5 });
      model.probabilities(dense.encode(takeRows(x, test))).forEach((p, k) => { const i = test[k]!, q = Math.min(1 - 1e-9, Math.max(1e-9, p)); loss -= w[i]! * Math.log(label[i] === 1 ? q : 1 - q); mass += w[i]!; });
    }
    if (loss / mass < least - 1e-6) { least = loss / mass; best = power; }
  }
  return best;
}

async function byTransport(request: Request, { plan, source, parts, log, progress }: Before, target: Table, columns: string[], outcome: string): Promise<Ready> {
  await progress(0.1, 'moving rows to the target');
  const some = (t: Table, name: string): Table => (t.rows <= mostTransported ? t : t.take(new Stream(plan.seed, name).shuffle(Int32Array.from({ length: t.rows }, (_, i) => i)).slice(0, mostTransported).sort()));
  const all = some(parts.training, 'source rows'), to = some(target, 'target rows'), code = request.labels === 'some' ? favourableCode(all, outcome) : undefined;
  // With labels, outcomes get the frequencies they have there: transport would else force mass of one class onto the other.
  const from = code ? all.take(likeLabels(code(all), code(to), new Stream(plan.seed, 'classes'))) : all;
  const moved = await transport(from, to, columns, { seed: plan.seed, ...(code && { labels: { source: code(from), target: code(to) } }), progress: () => progress(0.5) });
  log(`optimal transport: epsilon ${moved.epsilon.toPrecision(2)} of the median cost, mass of a row spread over ${moved.spread.toFixed(0)} target rows`);
  const split = splitTable(moved.table, { seed: plan.seed, holdoutGiven: true, duplicates: 'apart', time: false, outcome }), rows = plan.rows ?? source.rows;
  const learnt: Parts = { fits: [{ fit: moved.table.take(split.fit), validation: moved.table.take(split.validation) }], training: moved.table, trainingRows: Int32Array.from({ length: moved.table.rows }, (_, i) => i), how: 'none: the real rows of the source follow another distribution than the result' };
  return {
    releases: 1, proper: false, parts: learnt,
    async draw(model, share, { seed, progress: drawn }) {
      const n = portion(rows, share), { table, how } = await drawWhere(model, {}, n, { seed, progress: drawn });
      return { table, facts: [{ name: 'All rows', rows: n, how }] };
    },
    async conclude({ synthetic, facts }) {
      const out = samplingFigures(facts), labelled = code ? code(to).reduce((n, v) => n + (v >= 0 ? 1 : 0), 0) : 0;
      return {
        figures: [await distance(synthetic, target, parts.training, columns, plan.seed), ...out.figures],
        notes: [`${from.rows} source rows were moved onto the target table by entropic optimal transport${code ? `, jointly with the labels of ${labelled} target rows` : ''} (epsilon ${moved.epsilon.toPrecision(2)} of the median cost; a row's mass lies on ${moved.spread.toFixed(0)} target rows at the median, so that no target row is repeated), keeping their outcomes; the generator learnt the moved rows. Fidelity compares with these.`, ...out.notes],
      };
    },
  };
}

/** Rows of the source, as many as there are, in which the outcome is as frequent as among the labelled target rows; all rows where these are too few to say. */
function likeLabels(source: Int8Array, target: Int8Array, stream: Stream): Int32Array {
  const count = (y: Int8Array, v: number): number => y.reduce((n, x) => n + (x === v ? 1 : 0), 0), labels = count(target, 0) + count(target, 1), all = stream.shuffle(Int32Array.from({ length: source.length }, (_, i) => i));
  if (labels < 20) return all.sort();
  const q = (count(target, 1) + 0.5) / (labels + 1), whole = Math.min(count(source, 1) / q, count(source, 0) / (1 - q)), left = [Math.round(whole * (1 - q)), Math.round(whole * q)];
  return all.filter((i) => source[i]! >= 0 && left[source[i]!]!-- > 0).sort();
}

/** Whether the result can be told from the target table, beside the source. */
async function distance(synthetic: Table, target: Table, source: Table, columns: readonly string[], seed: number): Promise<Figure> {
  const most = 5000, some = (t: Table): Table => (t.rows <= most ? t : t.take(new Stream(seed, 'distance').shuffle(Int32Array.from({ length: t.rows }, (_, i) => i)).slice(0, most)));
  const after = await toldApart(some(synthetic), some(target), columns, seed), before = await toldApart(some(source), some(target), columns, seed);
  return {
    metric: 'target.distance', value: after.auc, interval: { low: after.low, high: after.high, level: after.level, method: 'DeLong' }, reference: { label: 'source', value: before.auc }, samples: { synthetic: Math.min(most, synthetic.rows), target: Math.min(most, target.rows) },
    verdict: after.low <= 0.55 ? 'good' : after.auc < before.auc - 0.5 * (before.auc - 0.5) ? 'fair' : 'poor',
  };
}

/**
 * What a private generator makes of a table at several budgets: bundled and run by curve.mjs, one fit a process. In the process itself rather than through the command line, so that what is cut away (reading, reports) costs nothing: the data
 * layer, its share of the budget, the calibration under the filter and the generators are those of a release. Prints one JSON line.
 * Epsilon `inf`: the generator without a budget and without value protection, nine tenths of the rows to fit and one to stop by, SECONDS of training.
 *   TRAIN HOLDOUT OUTCOME ROWS GENERATOR EPSILON KEY PARAMETERS SECONDS
 */
import { findGenerator } from '../../server/generators/registry';
import { pairScores, prepare } from '../../server/evaluation/fidelity/pair-scores';
import { shapeScores } from '../../server/evaluation/fidelity/shape-scores';
import { makeView } from '../../server/evaluation/view';
import { fitBoosting } from '../../server/learners/boosting';
import { encodeFeatures } from '../../server/learners/features';
import { auc } from '../../server/learners/metrics';
import { leftOf, slackFor } from '../../server/privacy/accountant/filter';
import { NoiseSource } from '../../server/privacy/mechanisms/source';
import { understand } from '../../server/targets/release/read';
import { Ask } from '../../server/targets/release/private/ask';
import { calibrate, costOf, dataShare, eventsOf } from '../../server/targets/release/private/cost';
import { intoDomain, learnDomain } from '../../server/targets/release/private/domain';
import { readDeclared } from '../../server/targets/release/private/read';
import { schemaOf } from '../../server/targets/release/private/schema';

const [train, holdout, outcome, rows, id, epsilonText, keyText, parameters, seconds] = process.argv.slice(2) as [string, string, string, string, string, string, string, string, string];
const open = epsilonText === 'inf', epsilon = Number(epsilonText), delta = 1e-5;
type Real = ReturnType<typeof readDeclared>;

type Generator = Awaited<ReturnType<NonNullable<ReturnType<typeof findGenerator>>['load']>>;
interface Outcome { fitted: Awaited<ReturnType<Generator['fit']>>; made: Real }
const common = { outcome, seed: 1, device: 'cpu' as const, progress: async () => undefined, checkpoint: async () => undefined };

async function freely(generator: Generator, real: Real): Promise<Outcome> {
  const cut = Math.floor(0.9 * real.rows), part = (from: number, to: number): Real => real.take(Int32Array.from({ length: to - from }, (_, i) => from + i));
  const fitted = await generator.fit({ ...common, fit: part(0, cut), validation: part(cut, real.rows), seed: Number(keyText), budgetSeconds: Number(seconds), protection: { enabled: false, k: 1 } }, generator.parameters.parse(JSON.parse(parameters)) as Record<string, unknown>);
  return { fitted, made: await fitted.sample(real.rows, { seed: Number(keyText) }) };
}

async function privately(generator: Generator, real: Real, schema: ReturnType<typeof schemaOf>): Promise<Outcome> {
  const noise = new NoiseSource(new Uint8Array(32).fill(Number(keyText))), cost = costOf(schema, true), budget = { epsilon, delta }, first = leftOf([], budget);
  const data = calibrate(cost, { precision: first.precision, slack: slackFor.nearly(0, 0, delta), categories: slackFor.categories(0, delta) }, findGenerator(id)!.marginalsOnly ? 1 : dataShare), domain = learnDomain(real, schema, real.rows, new Ask(data, cost, noise.fork('domain'))), fit = intoDomain(real, domain, schema);
  const left = leftOf(eventsOf(cost, data).map((e) => ({ ...e, run: 'curve' })), budget);
  const fitted = await generator.fit({
    ...common, fit, validation: fit.take([]), budgetSeconds: 1e5, protection: { enabled: false, k: 1 },
    privacy: { rows: real.rows, epsilon, delta, left: { precision: left.precision, slack: slackFor.nearly(0, 1, delta), contexts: slackFor.contexts(0, delta) }, columns: Object.fromEntries(domain.columns.map((d) => [d.schema.name, d.column])), noise: noise.fork('training'), charge: async () => undefined },
  }, generator.parameters.parse(JSON.parse(parameters)) as Record<string, unknown>);
  return { fitted, made: intoDomain(await fitted.sample(real.rows, { seed: Number(keyText) }), domain, schema) };
}

async function main(): Promise<void> {
  const { source } = await understand({ path: train, columns: {} }), { source: other } = await understand({ path: holdout, columns: {} }), plain = schemaOf(source, undefined), all = readDeclared(source, plain.columns, train);
  // Ends declared as the table's own.
  const domains = Object.fromEntries(all.columns.filter((c) => c.schema.storage === 'number').map((c) => { const v = [...c.numbers()].filter((x) => x === x); return [c.schema.name, { min: v.reduce((a, b) => Math.min(a, b)), max: v.reduce((a, b) => Math.max(a, b)) }]; }));
  const schema = schemaOf(source, domains), whole = readDeclared(source, schema.columns, train), control = readDeclared(other, schema.columns, holdout);
  const real = whole.take(Int32Array.from({ length: Math.min(Number(rows), whole.rows) }, (_, i) => i));
  const began = process.cpuUsage(), generator = await findGenerator(id)!.load(), { fitted, made } = await (open ? freely : privately)(generator, real, schema), used = process.cpuUsage(began);
  const view = makeView({ training: real, synthetic: made, control } as unknown as Parameters<typeof makeView>[0]), pairs = await pairScores(prepare(view, 'training'), prepare(view, 'synthetic'), real.rows, made.rows);
  const names = real.schema.columns.map((c) => c.name).filter((n) => n !== outcome), [seen, unseen] = encodeFeatures([made, control], names), last = [...control.column(outcome).categories()].sort().at(-1)!;
  const target = (t: typeof made): Float64Array => { const at = t.column(outcome).categories().indexOf(last); return Float64Array.from(t.column(outcome).codes(), (c) => Number(c === at)); };
  const model = await fitBoosting(seen!, target(made), { task: 'binary', seed: 1 });
  const { decisions } = fitted.resolved as { decisions?: { steps: number; sigma: number } };
  console.log(JSON.stringify({ generator: id, epsilon: open ? 'inf' : epsilon, key: Number(keyText), rows: real.rows, parameters, shapes: shapeScores(view, 'training', 'synthetic').mean, pairs: pairs.mean, pairsAll: pairs.meanAll, tstr: auc(target(control), model.probabilities(unseen!)), steps: decisions?.steps, sigma: decisions?.sigma, cpuSeconds: (used.user + used.system) / 1e6 }));
  await fitted.dispose();
}
void main().then(() => process.exit(0), (e: unknown) => { console.error(e); process.exit(1); });

/**
 * One variant of CA-DASG (or another generator) on one table under one seed, fitted for a fixed number of steps and judged by our own evaluation: node one.cjs TABLE.csv OUTCOME ROWS STEPS SEED
 * GENERATOR PARAMETERS. Prints one line of JSON. Bundled and called by ablation.mjs.
 */
import { metrics } from '../../server/evaluation/registry';
import type { EvaluationContext } from '../../server/evaluation/metric';
import { findGenerator } from '../../server/generators/registry';
import { understand } from '../../server/targets/release/read';
import { protectTable } from '../../server/table/protect';
import { modelledKinds } from '../../server/table/table';
import { KeyStream } from '../../server/random';

const wanted = ['fidelity.shapes', 'fidelity.pair-trends', 'fidelity.two-sample', 'utility.tstr', 'privacy.membership-auc', 'privacy.near-copies'];

async function main(): Promise<void> {
  const [file, outcome, most, steps, seed, id, parameters] = process.argv.slice(2) as [string, string, string, string, string, string, string];
  const { source } = await understand({ path: file, columns: {}, outcome }), names = source.columns.filter((c) => modelledKinds.includes(c.schema.kind)).map((c) => c.schema.name), all = source.select(names);
  // The same rows whatever the variant: some to fit, a tenth as many to validate, as many as fitted to judge by.
  const order = new KeyStream(1, 'ablation').permutation(0, all.rows), n = Math.min(Number(most), Math.floor(all.rows / 2.1)), part = (from: number, count: number) => all.take(order.subarray(from, from + count));
  const fit = part(0, n), validation = part(n, Math.floor(n / 10)), control = part(n + Math.floor(n / 10), n), protectionPlan = { enabled: true, k: 5 }, protection = protectTable(fit, { ...protectionPlan, seed: Number(seed) });
  const generator = await (findGenerator(id) ?? (() => { throw new Error(`no generator "${id}"`); })()).load(), began = process.cpuUsage();
  const fitted = await generator.fit({
    fit: protection.apply(fit), validation: protection.apply(validation), outcome, seed: Number(seed), device: 'cpu', budgetSeconds: 1e6, protection: protectionPlan, progress: async () => undefined, checkpoint: async () => undefined,
    resolved: { decisions: { steps: Number(steps), chunk: 16, evaluateEvery: Math.ceil(Number(steps) / 20) } },
  }, generator.parameters.parse(JSON.parse(parameters)) as Record<string, unknown>);
  const cpu = process.cpuUsage(began), synthetic = await fitted.sample(n, { seed: 7 }), kept = new Map<string, Promise<unknown>>();
  const context: EvaluationContext = {
    training: fit, synthetic, control, outcome: { column: outcome, task: 'classification' }, seed: 1, device: 'cpu', progress: async () => undefined,
    shared: <T>(key: string, make: () => Promise<T>) => { if (!kept.has(key)) kept.set(key, make()); return kept.get(key) as Promise<T>; },
  };
  const figures: Record<string, number | null> = {};
  for (const m of metrics) if (wanted.includes(m.info.id)) figures[m.info.id] = (await (await m.load()).compute(context)).value;
  const objective = fitted.curve?.objective, contexts = fitted.curve?.contexts?.list.filter((c) => c.distance !== null);
  console.log(JSON.stringify({ figures, cpu: (cpu.user + cpu.system) / 1e6, ...(contexts?.length && { contexts: contexts.reduce((s, c) => s + c.distance!, 0) / contexts.length }), ...(objective && { weights: Object.fromEntries(Object.entries(objective.weights).map(([k, v]) => [k, v.at(-1)])) }), note: fitted.curve?.note ?? null }));
  await fitted.dispose();
}
void main().then(() => process.exit(0), (error: unknown) => { console.error(error); process.exit(1); });

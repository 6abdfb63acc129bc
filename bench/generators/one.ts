/**
 * Fits and samples one generator in a process of its own, as a run does (parts, value protection, fresh columns), and prints
 * what it cost as one line of JSON: node one.cjs TRAIN HOLDOUT OUTCOME GENERATOR BUDGET SEED ROWS OUT [PARAMETERS as JSON]. Bundled and called by bench/generators.mjs.
 */
import { stat } from 'node:fs/promises';
import { generators, findGenerator } from '../../server/generators/registry';
import { sha256 } from '../../server/targets/source';
import { divide, modelledNames } from '../../server/targets/release/parts';
import { readHoldout, understand } from '../../server/targets/release/read';
import { withFreshColumns } from '../../server/table/fresh';
import type { Table } from '../../server/table/table';
import { protectTable } from '../../server/table/protect';
import { writeTable } from '../../server/table/write';
import type { Plan } from '../../server/protocol';

async function main(): Promise<void> {
  const [train, holdoutPath, outcome, id, budget, seed, rows, out, parameters] = process.argv.slice(2) as [string, string, string, string, string, string, string, string, string | undefined];
  const entry = findGenerator(id);
  if (!entry) throw new Error(`no generator "${id}"; there are ${generators.map((g) => g.id).join(', ')}`);
  const { source } = await understand({ path: train, columns: {}, outcome }), holdout = await readHoldout(holdoutPath, source), { size, mtimeMs } = await stat(train);
  const protectionPlan = { enabled: true, k: 5 };
  const plan: Plan = {
    version: 1, purpose: 'release', source: { path: train, bytes: size, modifiedMs: mtimeMs, sha256: await sha256(train) }, holdout: { path: holdoutPath, sha256: '' }, generator: { id, parameters: {} }, seed: Number(seed),
    budgetSeconds: Number(budget), device: 'cpu', out, columns: {}, outcome, protection: protectionPlan,
  };
  const [parts] = divide(source, plan, outcome, holdout).fits as [{ fit: Table; validation: Table }], protection = protectTable(parts.fit, { ...protectionPlan, seed: Number(seed) });
  const generator = await entry.load(), chosen = generator.parameters.parse(JSON.parse(parameters ?? '{}')) as Record<string, unknown>;
  const ready = process.memoryUsage().rss, used = process.cpuUsage().user, t0 = performance.now();
  let last = 0;
  const fitted = await generator.fit({
    fit: protection.apply(parts.fit), validation: protection.apply(parts.validation), ...(modelledNames(source).includes(outcome) && { outcome }), seed: Number(seed), device: 'cpu', budgetSeconds: Number(budget), protection: protectionPlan,
    progress: async (p) => { await new Promise((done) => setImmediate(done)); if (performance.now() - last > 5000) { last = performance.now(); console.error(`${id} ${p.phase} ${(100 * p.fraction).toFixed(0)}% ${p.step ?? ''}/${p.steps ?? ''} loss ${p.loss?.toFixed(4) ?? '-'} validation ${p.validationLoss?.toFixed(4) ?? '-'}`); } },
    checkpoint: async () => undefined,
  }, chosen);
  const t1 = performance.now(), wanted = Number(rows) || source.rows, drawn = await fitted.sample(wanted, { seed: (Number(seed) ^ 0x9e3779b9) >>> 0 }), t2 = performance.now();
  await writeTable(await withFreshColumns(source, protection.concealTable(drawn, Number(seed)), Number(seed)), out);
  // maxRSS is in kilobytes; what the process held before the fit is the table and the program.
  console.log(JSON.stringify({ fit: (t1 - t0) / 1000, sample: (t2 - t1) / 1000, rows: wanted, cpu: (process.cpuUsage().user - used) / 1e6, peakMB: process.resourceUsage().maxRSS / 1000, readyMB: ready / 1e6, steps: fitted.curve?.steps.at(-1) ?? null, stoppedAt: fitted.curve?.stoppedAt ?? null }));
  await fitted.dispose();
}
void main().catch((error: unknown) => { console.error(error); process.exitCode = 1; });

/**
 * What the cache is worth on simulated contexts, and what a warm start saves: bundled and run by contexts.mjs. Prints JSON: per way of fitting, mean distances over common and over small contexts; and the steps a cold and a
 * warm start take to the same validation loss.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caDasg } from '../../server/generators/ca-dasg/ca-dasg';
import type { FitContext } from '../../server/generators/generator';
import { distances, everyContext, rowsOf, simulate } from './simulated';

const [common = '300', steps = '800', seeds = '2'] = process.argv.slice(2), size = { hidden: 128, batch: 250, components: 5 };
const ways: Record<string, Record<string, unknown>> = {
  'no contexts': { ...size, contexts: 'context', contextLearning: 'off' }, 'contexts, no cache': { ...size, contexts: 'context', cache: 'off' }, 'contexts and cache': { ...size, contexts: 'context' }, 'the paper\'s cache': { ...size, contexts: 'context', cache: 'paper' },
};
const contextOf = (seed: number, extra: Partial<FitContext> = {}): FitContext => {
  const fit = simulate(Number(common), seed), validation = simulate(60, seed + 100), n = Number(extra.resolved?.steps ?? steps);
  return { fit, validation, seed, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: false, k: 1 }, progress: async () => undefined, checkpoint: async () => undefined, resolved: { decisions: { steps: n, chunk: 16, evaluateEvery: Math.ceil(n / 25) } } };
};
const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length;

async function main(): Promise<void> {
  const out: Record<string, { shape: number[]; correlation: number[]; smallShape: number[]; smallCorrelation: number[]; seconds: number[] }> = {};
  for (let seed = 1; seed <= Number(seeds); seed++) for (const [name, parameters] of Object.entries(ways)) {
    const began = process.cpuUsage(), context = contextOf(seed), fitted = await caDasg.fit(context, caDasg.parameters.parse(parameters)), cpu = process.cpuUsage(began), given = everyContext(context.fit, 500);
    // Without contexts rows cannot be drawn for one: many are drawn, and those that fall in it are kept.
    const made = name === 'no contexts' ? await fitted.sample(20_000, { seed: 3 }) : await fitted.sample(given.rows, { seed: 3, given }), d = distances(made), own = (out[name] ??= { shape: [], correlation: [], smallShape: [], smallCorrelation: [], seconds: [] });
    for (const small of [false, true]) {
      const of = d.filter((v, c) => (rowsOf(c, 1e9) < 1e9) === small && Number.isFinite(v.shape));
      own[small ? 'smallShape' : 'shape'].push(mean(of.map((v) => v.shape))); own[small ? 'smallCorrelation' : 'correlation'].push(mean(of.map((v) => v.correlation)));
    }
    own.seconds.push((cpu.user + cpu.system) / 1e6);
    await fitted.dispose();
    console.error(name, seed, JSON.stringify(own));
  }
  // A warm start on later rows from the same contexts: steps to the loss at which a cold one ends.
  const parameters = { ...size, contexts: 'context' }, first = await caDasg.fit(contextOf(1), caDasg.parameters.parse(parameters)), file = join(mkdtempSync(join(tmpdir(), 'understudy-warm-')), 'model.bin');
  writeFileSync(file, first.save());
  const cold = await caDasg.fit(contextOf(7), caDasg.parameters.parse(parameters)), warm = await caDasg.fit(contextOf(7), caDasg.parameters.parse({ ...parameters, warmStart: file }));
  const goal = Math.min(...cold.curve!.validation) + 0.02 * Math.abs(Math.min(...cold.curve!.validation)), reach = (c: typeof cold): number | null => { const i = c.curve!.validation.findIndex((v) => v <= goal); return i < 0 ? null : c.curve!.validationSteps[i]!; };
  console.log(JSON.stringify({ ways: out, warm: { goal, cold: reach(cold), warm: reach(warm), coldEnd: cold.curve!.validation.at(-1), warmEnd: warm.curve!.validation.at(-1) } }));
}
void main().then(() => process.exit(0), (e: unknown) => { console.error(e); process.exit(1); });

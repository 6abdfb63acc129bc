/** With the cache, rows drawn for a context are nearer to the truth than rows of a fit that knows no contexts: twenty simulated ones, some of 30 rows (section 5). */
import { expect, test } from 'vitest';
import { distances, everyContext, rowsOf, simulate } from '../../../bench/ca-dasg/simulated';
import type { FitContext } from '../generator';
import { caDasg } from './ca-dasg';

const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
async function fit(parameters: Record<string, unknown>): Promise<{ common: number; small: number }> {
  const fitRows = simulate(200, 1), context: FitContext = {
    fit: fitRows, validation: simulate(40, 101), seed: 1, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: false, k: 1 }, progress: async () => undefined, checkpoint: async () => undefined, resolved: { decisions: { steps: 600, chunk: 16, evaluateEvery: 30 } },
  };
  const fitted = await caDasg.fit(context, { hidden: 96, batch: 200, components: 5, contexts: 'context', ...parameters }), given = everyContext(fitRows, 400), made = parameters.contextLearning === 'off' ? await fitted.sample(16_000, { seed: 3 }) : await fitted.sample(given.rows, { seed: 3, given });
  const d = distances(made), of = (small: boolean): number => mean(d.filter((v, c) => (rowsOf(c, 1e9) < 1e9) === small && Number.isFinite(v.shape)).map((v) => v.shape));
  await fitted.dispose();
  return { common: of(false), small: of(true) };
}

test('per-context distances with and without the cache', async () => {
  const without = await fit({ contextLearning: 'off' }), cached = await fit({});
  expect(cached.small).toBeLessThan(without.small);
  expect(cached.small).toBeLessThan(0.35);
  expect(cached.common).toBeLessThan(0.2);
}, 600_000);

/** Fits of CA-DASG with every part switched on or off: what is recorded, resumed, warm-started and drawn. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { context, leaping, lexemes, mixed, range } from '../../../test/conformance/generator-cases';
import { UserError } from '../../errors';
import { caDasg } from './ca-dasg';

const all = mixed(260), fit = all.take(range(0, 220)), validation = all.take(range(220, 260)), small = { epochs: 4, batch: 50, hidden: 16, layers: 1, embedding: 4, components: 2 };
const everything = { ...small, contextLearning: 'clusters', mostContexts: 3, cache: 'paper', cacheNoise: 0.01, dynamicBalancing: true, featureMatching: 0.1, minibatchDiscrimination: true, historicalAveraging: 0.01, criticSteps: 2 };
const asked = (extra = {}) => context(fit, validation, { outcome: 'bought', budgetSeconds: 1e6, ...extra });

test('all parts together, contexts by clusters: recorded over time, and the same bytes after a resume', async () => {
  const states: Array<{ state: Uint8Array; resolved: Record<string, unknown> }> = [];
  const whole = await leaping(() => caDasg.fit(asked({ checkpoint: async (state: Uint8Array, resolved: Record<string, unknown>) => void states.push({ state: state.slice(), resolved: structuredClone(resolved) }) }), everything)), rows = lexemes(await whole.sample(80, { seed: 2 }));
  const { objective, contexts } = whole.curve!;
  expect(Object.keys(objective!.weights).sort()).toEqual(['adversarial', 'covariance', 'divergence', 'utility']);
  expect(Object.keys(objective!.terms)).toEqual(expect.arrayContaining(['reconstruction', 'divergence', 'distance', 'covariance', 'utility', 'features']));
  expect(Object.keys(objective!.lags!)).toEqual(['fidelity', 'utility', 'privacy']);
  for (const v of Object.values(objective!.weights)) expect(v.length).toBe(objective!.steps.length);
  expect(contexts!.list.reduce((s, c) => s + c.share, 0)).toBeCloseTo(1, 9);
  expect(whole.canCondition!(['bought'])).toBe(false);
  for (const { state, resolved } of [states[Math.floor(states.length / 2)]!]) {
    const resumed = await caDasg.fit(asked({ resume: state, resolved }), everything);
    expect(lexemes(await resumed.sample(80, { seed: 2 }))).toEqual(rows);
    expect(resumed.curve!.objective!.steps).toEqual(objective!.steps);
    expect(resumed.curve!.objective!.weights).toEqual(objective!.weights);
    await resumed.dispose();
  }
  await whole.dispose();
});
test.each([['a GAN alone', { variational: false, covariance: 0, utility: 0, contextLearning: 'off' }], ['a VAE alone', { adversarial: 0, covariance: 0, utility: 0, contextLearning: 'off' }], ['no cache, contexts of bins and periods', { cache: 'off', contexts: 'age,day', contextBins: 2 }]])('%s', async (_, parameters) => {
  const fitted = await caDasg.fit(asked(), { ...small, ...parameters }), made = await fitted.sample(60, { seed: 1 });
  expect(made.rows).toBe(60);
  expect(fitted.canCondition!(['bought'])).toBe(false);
  expect(fitted.curve!.contexts === undefined).toBe('contextLearning' in parameters);
  await fitted.dispose();
});
test('a warm start begins where the earlier fit ended; of other columns, or from no file, it is an error', async () => {
  const first = await caDasg.fit(asked(), { ...small, epochs: 30 }), file = join(mkdtempSync(join(tmpdir(), 'warm-')), 'model.bin');
  writeFileSync(file, first.save());
  const cold = await caDasg.fit(asked({ seed: 6 }), { ...small, epochs: 3 }), warm = await caDasg.fit(asked({ seed: 6 }), { ...small, epochs: 3, warmStart: file });
  expect(warm.curve!.validation[0]!).toBeLessThan(cold.curve!.validation[0]! - 1);
  await expect(caDasg.fit(context(fit.select(['age', 'city']), validation.select(['age', 'city'])), { ...small, warmStart: file })).rejects.toThrow('other columns');
  await expect(caDasg.fit(asked(), { ...small, warmStart: '/nowhere/model.bin' })).rejects.toThrow(UserError);
  for (const f of [first, cold, warm]) await f.dispose();
});

import { describe, expect, test } from 'vitest';
import { constant, KeyStream, openDevice, type Expr } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext } from '../generator';
import { tabddpm } from './tabddpm';
import { hybridLoss, parameters, type Model, type Sizes } from './tabddpm-model';
import { noiseSchedule } from '../blocks/noise-schedule';
import { expectGolden } from '../../../test/golden/diffusion/step';
import golden from '../../../test/golden/diffusion/steps.json';

const base: Sizes = { width: 5, layers: 2, time: 4, timesteps: 10, schedule: 'cosine', prediction: 'noise', batch: 6, dropout: 0, dropCondition: 0 };
const ints = (v: readonly number[], shape: number[]): Expr => constant(Int32Array.from(v), shape);

test('loss and gradients equal the published implementation\'s, in PyTorch', async () => {
  const g = golden.tabddpm, B = g.sizes.batch, i = g.inputs, model: Model = { layout: { numbers: 2, sizes: g.sizes.categories }, sizes: base };
  expect(Object.keys(g.params).sort()).toEqual(Object.keys(parameters(model)).sort());
  await expectGolden(g, (p) => hybridLoss(p, model, { t: ints(i.t, [B]), numbers: constant(i.numbers, [B, 2]), noise: constant(i.noise, [B, 2]), codes: ints(i.codes, [B, 2]), noised: ints(i.noised, [B, 2]) }));
});

test('the loss of a network that knows nothing is what Bayes\'s rule gives by hand', async () => {
  // One category of two, one number, all weights zero: the prediction is one half each, and no noise.
  const model: Model = { layout: { numbers: 1, sizes: [2] }, sizes: { ...base, timesteps: 4, batch: 2 } }, { beta, alphaBar } = noiseSchedule('cosine', 4);
  const device = await openDevice('cpu', { threads: 1 });
  const program = await device.compile({
    inputs: {}, frozen: Object.fromEntries(Object.entries(parameters(model)).map(([n, p]) => [n, { shape: p.shape, values: new Float32Array(p.shape.reduce((a, b) => a * b, 1)) }])),
    outputs: (p) => ({ ...hybridLoss(p, model, { t: ints([2, 0], [2]), numbers: constant([0.7, -1], [2, 1]), noise: constant([0.5, -2], [2, 1]), codes: ints([1, 0], [2, 1]), noised: ints([0, 0], [2, 1]) }).metrics }) as Record<'gaussian' | 'multinomial', Expr>,
  });
  const r = await program.run({});
  // Row 0, t = 2: x_0 = 1, x_t = 0. Posterior over x_1 in {0, 1}: q(x_2 = 0 | x_1) q(x_1 | x_0).
  const stay = (a: number, same: boolean): number => (same ? a + (1 - a) / 2 : (1 - a) / 2), a = 1 - beta[2], bar = alphaBar[1];
  const norm = (v: number[]): number[] => v.map((x) => x / (v[0] + v[1]));
  const truth = norm([stay(a, true) * stay(bar, false), stay(a, false) * stay(bar, true)]), guess = norm([stay(a, true) * 0.5, stay(a, false) * 0.5]);
  const kl = truth.reduce((s, q, k) => s + q * Math.log(q / guess[k]), 0);
  // Row 1, t = 0: the likelihood of x_0 = 0 given x_t = 0 under p(x_0) = 1/2.
  const nll = -Math.log(norm([stay(1 - beta[0], true) * 0.5, stay(1 - beta[0], false) * 0.5])[0]);
  const last = [stay(alphaBar[3], true), stay(alphaBar[3], false)], prior = last.reduce((s, q) => s + q * Math.log(2 * q), 0);
  expect(r.multinomial[0]).toBeCloseTo((4 * kl + 4 * nll) / 2 + prior, 5);
  expect(r.gaussian[0]).toBeCloseTo((0.25 + 4) / 2, 6);
  await program.release();
});

/** x uniform, y = sin(2x) + noise, k the sign of x, with missing cells in y. */
function simulate(n: number): Table {
  const s = new KeyStream(1, 'tabddpm.test'), x = s.uniforms(0, n).map((u) => 6 * u - 3), z = s.child('noise').normals(0, n), m = s.child('missing').uniforms(0, n);
  const y = x.map((v, i) => (m[i] < 0.1 ? NaN : Math.round(1000 * (Math.sin(2 * v) + 0.1 * z[i])) / 1000));
  const real = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 3 } }), values);
  return makeTable(plainDialect, [real('x', x.map((v) => Math.round(1000 * v) / 1000)), real('y', y), codeColumn(columnSchema({ name: 'k', kind: 'category', storage: 'code' }), Int32Array.from(x, (v) => (v > 0 ? 1 : 0)), ['low', 'high'])]);
}
const context = (fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext => ({
  fit, validation, seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra,
});
const lexemes = (t: Table): string[] => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join(','));
const rows = (t: Table, from: number, to: number): Table => t.take(Int32Array.from({ length: to - from }, (_, i) => from + i));

describe('a fitted TabDDPM', () => {
  const table = simulate(2200), fit = rows(table, 0, 2000), validation = rows(table, 2000, 2200);
  const small = { width: 64, layers: 3, batch: 256, steps: 700, timesteps: 200, samplingSteps: 40, ema: 0.98 };

  test('learns a sine, a dependence and the missing cells; saved, it draws the same rows; fewer rows are the first of more', async () => {
    const g = await tabddpm.fit(context(fit, validation), small), d = await g.sample(1000, { seed: 2 });
    const x = d.column('x').numbers(), y = d.column('y').numbers(), k = d.column('k').codes(), there = [...y.keys()].filter((i) => y[i] === y[i]);
    expect(k.filter((c, i) => c === (x[i] > 0 ? 1 : 0)).length / d.rows).toBeGreaterThan(0.88);
    expect(1 - there.length / d.rows).toBeCloseTo(0.1, 1);
    const residual = Math.sqrt(there.reduce((s, i) => s + (y[i] - Math.sin(2 * x[i])) ** 2, 0) / there.length);
    expect(residual).toBeLessThan(0.55);   // independent columns: 1.0
    expect(x.reduce((a, b) => a + b, 0) / d.rows).toBeCloseTo(0, 0);
    const loaded = await tabddpm.load(g.save(), 'cpu');
    expect(lexemes(await loaded.sample(300, { seed: 2 }))).toEqual(lexemes(d).slice(0, 300));
    expect(lexemes(await loaded.sample(100, { seed: 3 }))).not.toEqual(lexemes(d).slice(0, 100));
    await g.dispose(); await loaded.dispose();
  }, 600_000);

  test('conditioned and guided, it repeats the condition, and follows it', async () => {
    const g = await tabddpm.fit(context(fit, validation), { ...small, steps: 400, condition: 'k', guidance: 1 }), schema = table.column('k').schema;
    const given = makeTable(plainDialect, [codeColumn(schema, Int32Array.from({ length: 400 }, (_, i) => i % 2), ['low', 'high'])]);
    expect([g.canCondition!(['k']), g.canCondition!(['x'])]).toEqual([true, false]);
    const d = await g.sample(400, { seed: 1, given }), x = d.column('x').numbers();
    expect(d.columns.map((c) => c.schema.name)).toEqual(['x', 'y', 'k']);
    expect([...d.column('k').codes()]).toEqual([...given.column('k').codes()]);
    expect(x.filter((v, i) => (v > 0 ? 1 : 0) === i % 2).length / 400).toBeGreaterThan(0.88);
    const free = await g.sample(400, { seed: 1 });
    expect(free.column('k').codes().filter((c) => c === 1).length / 400).toBeCloseTo(0.5, 0);
    await expect(g.sample(10, { seed: 1, given: rows(table, 0, 10).select(['x']) })).rejects.toThrow('given "k" alone');
    await g.dispose();
  }, 600_000);

  test('one column of either kind, and five rows, are enough; a condition that is no column is refused in words', async () => {
    for (const names of [['x'], ['k'], ['x', 'y', 'k']]) {
      const g = await tabddpm.fit(context(rows(table, 0, 5).select(names), table.take([])), { steps: 3, timesteps: 20, samplingSteps: 5, width: 16, batch: 16 });
      expect((await g.sample(7, { seed: 1 })).rows).toBe(7);
      await g.dispose();
    }
    await expect(tabddpm.fit(context(fit, validation), { condition: 'z' })).rejects.toThrow('no column "z"');
    await expect(tabddpm.fit(context(fit.select(['k']), validation), { condition: 'k' })).rejects.toThrow('only column');
  });
});

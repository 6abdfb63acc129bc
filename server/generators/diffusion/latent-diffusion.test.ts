import { describe, expect, test } from 'vitest';
import { constant, KeyStream, openDevice, reshape, slice, type Expr } from '../../engine';
import { normalQuantile } from '../../learners/distributions';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext } from '../generator';
import { latentDiffusion } from './latent-diffusion';
import { denoise, heunStep, latentLoss, levels, normalScore, parameters as latentParameters, stepScalars, type LatentModel } from './latent-score';
import { betaAt, parameters as vaeParameters, vaeLoss, type VaeModel } from './latent-vae';
import { expectGolden } from '../../../test/golden/diffusion/step';
import golden from '../../../test/golden/diffusion/steps.json';

const device = openDevice('cpu', { threads: 1 });

test('the autoencoder\'s loss and gradients equal the published formulas\', in PyTorch', async () => {
  const g = golden.latentVae, i = g.inputs, B = g.sizes.batch, model: VaeModel = { layout: { numbers: 2, sizes: g.sizes.categories }, sizes: { token: 3, heads: 1, factor: 2, layers: 1, batch: B } };
  expect(Object.keys(g.params).sort()).toEqual(Object.keys(vaeParameters(model)).sort());
  await expectGolden(g, (p) => vaeLoss(p, model, { numbers: constant(i.numbers, [B, 2]), codes: constant(Int32Array.from(i.codes), [B, 2]) }, constant(i.noise, [B, 4, 3]), g.beta));
});

describe('the latent diffusion', () => {
  const g = golden.latentScore, B = 5, model: LatentModel = { dims: 3, sizes: { width: 4, batch: B, dropCondition: 0 } };
  test('has the published loss and gradients', async () => {
    expect(Object.keys(g.params).sort()).toEqual(Object.keys(latentParameters(model)).sort());
    await expectGolden({ ...g, metrics: {} }, (p) => ({ loss: latentLoss(p, model, constant(g.inputs.codes, [B, 3]), constant(g.inputs.noise, [B, 3]), constant(g.inputs.sigma, [B, 1])) }));
  });
  test('has the published levels, and steps as the published sampler does, to the last one', async () => {
    const path = levels(6);
    path.forEach((v, k) => expect(v).toBeCloseTo(g.levels[k], 9));
    const p = await (await device).compile({
      inputs: { host: { shape: [4], dtype: 'float32' } }, frozen: Object.fromEntries(Object.entries(g.params).map(([n, v]) => [n, { shape: v.shape, values: Float32Array.from(v.values) }])),
      outputs(i: Record<string, Expr>) {
        const z = constant(g.inputs.noise, [B, 3]), scalars = [0, 1, 2, 3].map((k) => reshape(slice(i.host, [k], [k + 1]), [1, 1]));
        return { x: heunStep((x, s) => denoise(i, model, x, s), constant(g.inputs.noise.map((v) => 2 * v), [B, 3]), scalars, z) };
      },
    });
    for (const [w, k] of [3, 5].entries()) {
      const { x } = await p.run({ host: stepScalars(path, k, 1) });
      g.walks[w].forEach((v, j) => expect(Math.abs(x[j] - v)).toBeLessThan(2e-4 * Math.max(1, Math.abs(v))));
    }
    await p.release();
  });
  test('normal scores in the graph are the quantile function\'s', async () => {
    const u = [1e-6, 1e-3, 0.02, 0.3, 0.5, 0.8, 0.999, 1 - 2 ** -20], p = await (await device).compile({ inputs: {}, outputs: () => ({ z: normalScore(constant(u, [u.length, 1])) }) });
    const { z } = await p.run({});
    u.forEach((v, i) => expect(z[i]).toBeCloseTo(normalQuantile(v), 2));
    await p.release();
  });
});

test('beta falls from a hundredth to a hundred-thousandth', () => {
  expect([betaAt(0, 101), betaAt(50, 101), betaAt(100, 101)].map((b) => Math.log10(b))).toEqual([-2, expect.closeTo(-3.5, 6), expect.closeTo(-5, 6)]);
});

const context = (fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext => ({
  fit, validation, seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra,
});
const lexemes = (t: Table): string[] => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join(','));
const rows = (t: Table, from: number, to: number): Table => t.take(Int32Array.from({ length: to - from }, (_, i) => from + i));
function simulate(n: number): Table {
  const s = new KeyStream(1, 'latent.test'), x = s.uniforms(0, n).map((u) => Math.round(6000 * u - 3000) / 1000), z = s.child('noise').normals(0, n);
  const real = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 3 } }), values);
  return makeTable(plainDialect, [real('x', x), real('y', x.map((v, i) => Math.round(1000 * (Math.sin(v) + 0.1 * z[i])) / 1000)), codeColumn(columnSchema({ name: 'k', kind: 'category', storage: 'code' }), Int32Array.from(x, (v) => (v > 1 ? 2 : v > 0 ? 1 : 0)), ['low', 'mid', 'high'])]);
}

describe('a fitted latent diffusion', () => {
  const table = simulate(1400), fit = rows(table, 0, 1200), validation = rows(table, 1200, 1400), small = { vaeSteps: 200, steps: 300, width: 48, factor: 6, batch: 128, samplingSteps: 20, ema: 0.99, learningRate: 3e-3, vaeLearningRate: 6e-3, vaeBatch: 128 };

  test('learns a curve and a dependence; killed in either stage and resumed, it draws the same rows', async () => {
    const states: Array<{ state: Uint8Array; resolved: Record<string, unknown> }> = [], real = performance.now.bind(performance);
    let leap = 0;
    performance.now = () => real() + (leap += 3000);
    const g = await latentDiffusion.fit(context(fit, validation, { checkpoint: async (state, resolved) => void states.push({ state: state.slice(), resolved: JSON.parse(JSON.stringify(resolved)) as Record<string, unknown> }) }), small).finally(() => { performance.now = real; });
    const d = await g.sample(1000, { seed: 2 }), x = d.column('x').numbers(), y = d.column('y').numbers(), k = d.column('k').codes();
    expect(k.filter((c, i) => c === (x[i] > 1 ? 2 : x[i] > 0 ? 1 : 0)).length / d.rows).toBeGreaterThan(0.7);   // by chance: .39
    const residual = Math.sqrt(y.reduce((s, v, i) => s + (v - Math.sin(x[i])) ** 2, 0) / d.rows);
    expect(residual).toBeLessThan(0.65);   // independent columns: .98
    // A checkpoint of the autoencoder's training, and one of the diffusion's.
    const of = (stage: string) => states.filter((s) => (s.resolved.decisions as Record<string, unknown>).second === undefined === (stage === 'first'));
    for (const stage of ['first', 'second']) {
      const own = of(stage), { state, resolved } = own[Math.floor(0.8 * own.length)];
      const resumed = await latentDiffusion.fit(context(fit, validation, { resume: state, resolved }), small);
      expect(lexemes(await resumed.sample(200, { seed: 2 })), stage).toEqual(lexemes(d).slice(0, 200));
      await resumed.dispose();
    }
    await g.dispose();
  }, 600_000);
});

import { describe, expect, test } from 'vitest';
import { add, constant, div, KeyStream, mul, openDevice, softmax, square, stack, sub, sum, type Expr } from '../../engine';
import { odeStep } from '../blocks/ode';
import { columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext } from '../generator';
import { ContinuousSampler } from './continuous';
import { SampleBits } from './inputs';
import { Likelihood } from './likelihood';
import { noiseAt, parameters, scoreLoss, vectors, type ScoreModel } from './score-model';
import { noiseFor } from './score-sample';
import { scoreSde } from './score-sde';
import { downTimes, expectedData, flowVelocity, reverseStep, sdes, type Noise, type SdeName } from './sde';
import { unpackKept } from './fitted';
import { expectGolden } from '../../../test/golden/diffusion/step';
import golden from '../../../test/golden/diffusion/steps.json';

const device = openDevice('cpu', { threads: 1 });

test('loss and gradients equal the published formula\'s, in PyTorch', async () => {
  const g = golden.scoreSde, i = g.inputs, B = g.sizes.batch, model: ScoreModel = { layout: { numbers: 2, sizes: [3] }, shares: g.shares, sizes: { width: 6, blocks: 1, time: 4, sde: 'vp', batch: B, dropCondition: 0, least: 1e-3 } };
  expect(Object.keys(g.params).sort()).toEqual(Object.keys(parameters(model)).sort());
  await expectGolden(g, (p) => ({ loss: scoreLoss(p, model, vectors(model, constant(i.numbers, [B, 2]), constant(Int32Array.from(i.codes), [B, 1])), constant(i.noise, [B, 5]), constant(i.t, [B, 1])) }));
});

test('marginals solve the equations: d log alpha = f dt, d sigma^2 = (2 f sigma^2 + g^2) dt', async () => {
  const h = 1e-3, times = [0.05, 0.3, 0.7, 0.95].flatMap((t) => [t - h, t, t + h]), t = constant(times, [times.length, 1]);
  for (const name of ['vp', 'sub-vp', 've'] as SdeName[]) {
    const sde = sdes[name], p = await (await device).compile({ inputs: {}, outputs: () => ({ alpha: mul(sde.marginal(t).alpha, add(mul(t, 0), 1)), sigma: sde.marginal(t).sigma, f: sde.drift(t), g2: sde.diffusion2(t) }) });
    const r = await p.run({});
    for (let k = 1; k < times.length; k += 3) {
      const scale = Math.max(1, r.sigma[k] ** 2);
      expect((Math.log(r.alpha[k + 1]) - Math.log(r.alpha[k - 1])) / (2 * h), name).toBeCloseTo(r.f[k], 1);
      expect((r.sigma[k + 1] ** 2 - r.sigma[k - 1] ** 2) / (2 * h) / scale, name).toBeCloseTo((2 * r.f[k] * r.sigma[k] ** 2 + r.g2[k]) / scale, 1);
    }
    await p.release();
  }
});

/** The exact noise of a mixture of two Gaussians in the plane, so that what is tested is the sampler alone. */
const centres = [[-1.2, 0.4], [1, -0.6]], weights = [0.3, 0.7], spread = 0.25;
function mixtureNoise(name: SdeName): Noise {
  return (x, t) => {
    const { alpha, sigma } = sdes[name].marginal(t), variance = add(mul(square(alpha), spread ** 2), square(sigma)), mean = (k: number): Expr => mul(constant(centres[k], [1, 2]), alpha);
    const logs = stack([0, 1].map((k) => add(div(sum(square(sub(x, mean(k))), { axes: 1, keepDims: true }), mul(variance, -2)), Math.log(weights[k]))), 2), B = x.shape[0];
    const share = softmax(logs), at = (k: number): Expr => sum(mul(share, constant([k === 0 ? 1 : 0, k === 1 ? 1 : 0], [1, 1, 2])), { axes: 2 });
    expect(logs.shape).toEqual([B, 1, 2]);
    return mul(div(add(mul(at(0), sub(x, mean(0))), mul(at(1), sub(x, mean(1)))), variance), sigma);
  };
}
/** Largest distance between two samples' distribution functions. */
function kolmogorov(a: Float64Array, b: Float64Array): number {
  const x = a.slice().sort(), y = b.slice().sort();
  let most = 0;
  for (let i = 0, j = 0; i < x.length && j < y.length;) { if (x[i] <= y[j]) i++; else j++; most = Math.max(most, Math.abs(i / x.length - j / y.length)); }
  return most;
}

test('the stochastic and the ordinary sampler agree in distribution, with each other and with the truth', async () => {
  const n = 4000, least = 1e-3, d = await device, samples: Record<string, Float64Array[]> = {};
  const u = new KeyStream(2, 'truth'), z = u.normals(0, 2 * n), pick = u.child('pick').uniforms(0, n);
  samples.truth = [0, 1].map((k) => Float64Array.from({ length: n }, (_, i) => centres[pick[i] < weights[0] ? 0 : 1][k] + spread * z[2 * i + k]));
  for (const [label, name, method, steps] of [['vp sde', 'vp', 'sde', 400], ['vp heun', 'vp', 'heun', 40], ['vp rk4', 'vp', 'rk4', 25], ['sub-vp heun', 'sub-vp', 'heun', 60], ['ve sde', 've', 'sde', 400]] as const) {
    const noise = mixtureNoise(name), sde = sdes[name];
    const s = await ContinuousSampler.open(d, {
      dims: 2, weights: {}, scalars: 2, noisy: method === 'sde', widest: 5000,
      step: (_, x, [t, dt], z1) => (method === 'sde' ? reverseStep(sde, noise, x, t, dt, z1!) : odeStep(method, flowVelocity(sde, noise), x, t, dt)),
      finish: (_, x) => ({ x0: expectedData(sde, noise, x, constant(least, [1, 1])) }),
    });
    const times = downTimes(steps, least, method === 'sde' ? 2 : 3), out = [new Float64Array(n), new Float64Array(n)];
    await s.rows(n, new SampleBits(5, label), sde.priorSd, Array.from({ length: steps }, (_, k) => Float32Array.of(times[k], times[k + 1] - times[k])), () => undefined, ({ x0 }, from, m) => { for (let i = 0; i < m; i++) for (const k of [0, 1]) out[k][from + i] = x0[2 * i + k]; });
    samples[label] = out;
    await s.release();
  }
  // Two samples of n from one distribution differ by more than 1.95 sqrt(2/n) in one of a thousand cases; discretisation may add as much again.
  const names = Object.keys(samples);
  for (const a of names) for (const b of names) for (const k of [0, 1]) if (a < b) expect(kolmogorov(samples[a][k], samples[b][k]), `${a} and ${b}, dimension ${k}`).toBeLessThan(2 * 1.95 * Math.sqrt(2 / n));
});

describe('the likelihood', () => {
  const least = 1e-3;
  /** log density on a grid that covers all but a trifle of it, and the cell's area. */
  function grid(side: number, reach: number): { x: Float32Array; cell: number } {
    const at = (i: number): number => -reach + (2 * reach * (i + 0.5)) / side;
    return { x: Float32Array.from({ length: 2 * side * side }, (_, k) => at(k % 2 ? Math.floor(k / 2) % side : Math.floor(k / 2 / side))), cell: (2 * reach / side) ** 2 };
  }
  test('is that of a mixture whose score is known', async () => {
    const l = await Likelihood.open(await device, sdes.vp, () => mixtureNoise('vp'), {}, { dims: 2, chunk: 64, least, divergence: 'exact' });
    const x = Float32Array.from(new KeyStream(3, 'points').normals(0, 128)), got = await l.logDensity(x), points = Array.from(got.keys());
    // What has been noised to the least time: alpha and sigma there.
    const area = least * least * 9.95 + 0.1 * least, alpha = Math.exp(-area / 2), variance = (alpha * spread) ** 2 + 1 - alpha * alpha;
    for (const i of points) {
      const logs = [0, 1].map((k) => Math.log(weights[k]) - ((x[2 * i] - alpha * centres[k][0]) ** 2 + (x[2 * i + 1] - alpha * centres[k][1]) ** 2) / (2 * variance) - Math.log(2 * Math.PI * variance)), m = Math.max(...logs);
      expect(got[i]).toBeCloseTo(m + Math.log(Math.exp(logs[0] - m) + Math.exp(logs[1] - m)), 1);
    }
    await l.release();
  });
  test('of a trained network integrates to one; Hutchinson\'s estimate is unbiased', async () => {
    const n = 1200, s = new KeyStream(1, 'score-sde.test'), u = s.uniforms(0, n), z = s.child('z').normals(0, n);
    const number = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number' }), values);
    const table = makeTable(plainDialect, [number('x', u.map((v) => 6 * v - 3)), number('y', u.map((v, i) => Math.sin(6 * v - 3) + 0.2 * z[i]))]);
    const g = await scoreSde.fit(context(table, table.take([])), { steps: 300, width: 32, blocks: 2, batch: 128, ema: 0.98, learningRate: 3e-3 });
    const { weights: w, model } = unpackKept<{ network: ScoreModel }>(g.save()), d = await device, noise = (i: Record<string, Expr>): Noise => noiseFor(i, model.network, 0);
    const { x, cell } = grid(80, 5), exact = await Likelihood.open(d, sdes.vp, noise, w, { dims: 2, chunk: 1600, least, divergence: 'exact', fixed: { method: 'rk4', steps: 25 } });
    const logs = await exact.logDensity(x), total = logs.reduce((a, v) => a + Math.exp(v) * cell, 0);
    expect(total).toBeGreaterThan(0.97);
    expect(total).toBeLessThan(1.03);
    // The learnt density lies on the curve: normal scores of x and y rise together in the middle.
    const points = Float32Array.of(0.3, 0.4, 0.3, -2.2), [on, off] = await exact.logDensity(points);
    expect(on).toBeGreaterThan(off + 1);
    const h = await Likelihood.open(d, sdes.vp, noise, w, { dims: 2, chunk: 400, least, divergence: 'hutchinson', fixed: { method: 'rk4', steps: 30 } });
    const bits = new KeyStream(1, 'signs').bits(0, 800), estimates = await h.logDensity(Float32Array.from({ length: 800 }, (_, k) => points[k % 2]), Float32Array.from(bits, (b) => (b < 0 ? -1 : 1)));
    const mean = estimates.reduce((a, b) => a + b, 0) / 400, sd = Math.sqrt(estimates.reduce((a, b) => a + (b - mean) ** 2, 0) / 400);
    expect(Math.abs(mean - on)).toBeLessThan(4.5 * sd / 20 + 1e-3);
    expect(sd).toBeGreaterThan(0);
    await g.dispose(); await exact.release(); await h.release();
  }, 600_000);
});

const context = (fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext => ({
  fit, validation, seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra,
});

test('as it starts, the network gives the score of independent columns: Bayes\'s rule for a category, a normal for a number', async () => {
  const shares = [0.5, 0.3, 0.2], model: ScoreModel = { layout: { numbers: 1, sizes: [3] }, shares, sizes: { width: 4, blocks: 1, time: 4, sde: 'vp', batch: 1, dropCondition: 0, least: 1e-3 } };
  const start = Object.fromEntries(Object.entries(parameters(model)).map(([n, p]) => [n, { shape: p.shape, values: p.init instanceof Float32Array ? p.init : new Float32Array(p.shape.reduce((a, b) => a * b, 1)) }]));
  const x = [0.3, -0.9, 0.4], t = 0.4;
  const p = await (await device).compile({ inputs: {}, frozen: start, outputs: (i) => ({ eps: noiseAt(i, model, constant([1.7, ...x], [1, 4]), constant(t, [1, 1])), ...sdes.vp.marginal(constant(t, [1, 1])) }) });
  const r = await p.run({}), a = r.alpha[0], s2 = r.sigma[0] ** 2, means = [0, 1, 2].map((k) => [0, 1, 2].map((j) => 2 * a * (Number(j === k) - shares[j])));
  const joint = means.map((m, k) => shares[k] * Math.exp(-m.reduce((q, v, j) => q + (x[j] - v) ** 2, 0) / (2 * s2))), total = joint.reduce((q, v) => q + v, 0);
  [0, 1, 2].forEach((j) => expect(r.eps[1 + j]).toBeCloseTo((x[j] - joint.reduce((q, v, k) => q + v * means[k][j], 0) / total) / r.sigma[0], 4));
  expect(r.eps[0]).toBeCloseTo(r.sigma[0] * 1.7, 5);
  await p.release();
});

import { describe, expect, test } from 'vitest';
import { add, cosine, crossEntropy, epochBatches, gather, glorot, KeyStream, matmul, mean, mul, normal, openDevice, relu, reshape, square, sub, sum, type Expr, type TrainSpec } from './index';
import { decodeNodes } from './onnx';
import { lowerLoop } from './lower';
import { buildStep } from './trainer';
import { grad } from './grad';
import { interpret } from './interpret';
import { input } from './ops';

const cpu = openDevice('cpu');
const net = (p: Record<string, Expr>, h: Expr) => add(matmul(relu(add(matmul(h, p.w1), p.b1)), p.w2), p.b2);

test('an MLP learns two interleaved classes', async () => {
  const device = await cpu;
  const n = 400, stream = new KeyStream(1, 'toy'), noise = stream.normals(0, 2 * n);
  const x = new Float32Array(2 * n), y = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const t = Math.PI * (i / n), c = i % 2;
    x[2 * i] = (c ? 1 - Math.cos(t) : Math.cos(t)) + 0.1 * noise[2 * i];
    x[2 * i + 1] = (c ? 0.5 - Math.sin(t) : Math.sin(t)) + 0.1 * noise[2 * i + 1];
    y[i] = c;
  }
  const trainer = await device.train({
    params: { w1: { shape: [2, 32], init: glorot() }, b1: { shape: [32] }, w2: { shape: [32, 2], init: glorot() }, b2: { shape: [2] } },
    data: { x: { shape: [n, 2], dtype: 'float32' }, y: { shape: [n], dtype: 'int32' } },
    step: { rows: { shape: [64], dtype: 'int32' } },
    loss: ({ params, data, step }) => ({ loss: mean(crossEntropy(net(params, gather(data.x, step.rows)), gather(data.y, step.rows))) }),
    optimiser: { clipNorm: 5, ema: 0.99 },
  }, { data: { x, y }, seed: 7 });
  const batches = new KeyStream(1, 'batches');
  let last = NaN;
  for (let from = 0; from < 600; from += 100) {
    const r = await trainer.run({ rows: epochBatches(batches, n, 64, from, 100) }, Float32Array.from({ length: 100 }, (_, i) => cosine(from + i, 600, 0.02)));
    expect(r.loss.length).toBe(100);
    last = r.loss[99];
  }
  expect(trainer.step).toBe(600);
  expect(last).toBeLessThan(0.1);
  const spec = { inputs: { x: { shape: [n, 2], dtype: 'float32' as const } }, outputs: (i: Record<string, Expr>) => ({ logits: net(i, i.x) }) };
  const frozen = await device.compile({ ...spec, frozen: trainer.params('ema') });
  const { logits } = await frozen.run({ x });
  let right = 0;
  for (let i = 0; i < n; i++) right += Number((logits[2 * i + 1] > logits[2 * i]) === (y[i] === 1));
  expect(right / n).toBeGreaterThan(0.97);
  // The same function with the weights passed in, and the result written into a given array.
  const weights = trainer.params('ema');
  const open = await device.compile({ inputs: { ...spec.inputs, ...Object.fromEntries(Object.entries(weights).map(([k, w]) => [k, { shape: w.shape, dtype: 'float32' as const }])) }, outputs: spec.outputs });
  const into = new Float32Array(2 * n);
  const r = await open.run({ x, ...Object.fromEntries(Object.entries(weights).map(([k, w]) => [k, w.values])) }, { logits: into });
  expect(r.logits).toBe(into);
  expect(into.every((v, i) => Math.abs(v - logits[i]) < 1e-4)).toBe(true);
  await Promise.all([frozen.release(), open.release(), trainer.release()]);
});

/** A regression with everything on: noise from bits, decay, clipping, average, packed and single parameters. */
const full = (batch = 8): TrainSpec => ({
  params: { w1: { shape: [3, 150], init: glorot() }, b1: { shape: [150] }, big: { shape: [150, 150], init: { normal: 0.1 } }, w2: { shape: [150, 2], init: { uniform: 0.2 }, lrScale: 0.5 }, b2: { shape: [2], init: 'ones' } },
  data: { x: { shape: [40, 3], dtype: 'float32' } },
  step: { rows: { shape: [batch], dtype: 'int32' }, bits: { shape: [2, batch * 3 / 2], dtype: 'int32' } },
  loss({ params: p, data, step }) {
    const x = gather(data.x, step.rows), noisy = add(x, mul(reshape(normal(step.bits), [batch, 3]), 0.1));
    const h = matmul(relu(add(matmul(noisy, p.w1), p.b1)), p.big);
    const error = square(sub(add(matmul(relu(h), p.w2), p.b2), mul(sum(x, { axes: 1, keepDims: true }), 3)));
    return { loss: mean(error), metrics: { worst: sum(mean(error, { axes: 0 })) } };
  },
  optimiser: { clipNorm: 0.7, ema: 0.99, emaWarmup: true, weightDecay: 0.1, beta2: 0.99 },
});
const stream = new KeyStream(9, 'full');
const data = { x: Float32Array.from(stream.normals(0, 120)) };
const inputs = (from: number, steps: number) => ({ rows: epochBatches(stream, 40, 8, from, steps), bits: stream.child('bits').bits(from * 24, steps * 24) });
const rates = (from: number, steps: number) => Array.from({ length: steps }, (_, i) => cosine(from + i, 30, 0.01, { warmup: 5 }));
const bytes = (a: ArrayBufferView) => Buffer.from(a.buffer, a.byteOffset, a.byteLength);

describe('same plan, seed and device: same bytes', () => {
  async function trained(chunks: number[], options: { resumeEach?: boolean; threads?: number } = {}) {
    const device = await openDevice('cpu', { threads: options.threads });
    let trainer = await device.train(full(), { data, seed: 1 });
    const losses: number[] = [];
    for (const k of chunks) {
      const from = trainer.step, r = await trainer.run(inputs(from, k), rates(from, k));
      losses.push(...r.loss);
      expect(r.metrics.worst.length).toBe(k);
      expect(r.metrics.gradientNorm.every((v) => v > 0)).toBe(true);
      if (options.resumeEach) { const saved = trainer.save(); await trainer.release(); trainer = await device.train(full(), { data, seed: 999, resume: saved }); expect(trainer.step).toBe(from + k); }
    }
    const state = trainer.save();
    await trainer.release();
    return { losses, state };
  }
  test('for any split into chunks, through save and resume, and for one thread or two', async () => {
    const whole = await trained([30]);
    expect(whole.losses[29]).toBeLessThan(whole.losses[0]);
    for (const other of [await trained([7, 1, 22]), await trained([13, 17], { resumeEach: true }), await trained([30], { threads: 1 })]) {
      expect(other.losses).toEqual(whole.losses);
      expect(bytes(other.state).equals(bytes(whole.state))).toBe(true);
    }
  });
  test('a damaged or foreign state is refused', async () => {
    const device = await cpu, { state } = await trained([1]);
    const flipped = Uint8Array.from(state); flipped[state.length >> 1] ^= 1;
    await expect(device.train(full(), { data, seed: 1, resume: flipped })).rejects.toMatchObject({ code: 'engine', message: expect.stringContaining('checksum') });
    await expect(device.train(full(), { data, seed: 1, resume: state.slice(0, 100) })).rejects.toMatchObject({ code: 'engine' });
    const other = full(); other.params.b2.shape = [1];
    await expect(device.train({ ...other, loss: ({ params: p }) => ({ loss: add(sum(p.b2), sum(p.big)) }) }, { data, seed: 1, resume: state })).rejects.toThrow('another network');
  });
});

test('the update is AdamW with clipping and averaging, as a float64 reference computes it', async () => {
  const spec = full(), trainer = await (await cpu).train(spec, { data, seed: 1 });
  const start = trainer.params();
  const steps = 6, lr = rates(0, steps), fed = inputs(0, steps);
  await trainer.run(fed, lr);
  const got = trainer.params(), average = trainer.params('ema');
  await trainer.release();
  // The reference: the interpreter's gradients, textbook moments with bias correction.
  const names = Object.keys(spec.params), p = Object.fromEntries(names.map((n) => [n, input(n, spec.params[n].shape)]));
  const { loss } = spec.loss({ params: p, data: { x: input('x', [40, 3]) }, step: { rows: input('rows', [8], 'int32'), bits: input('bits', [2, 12], 'int32') } });
  const gradients = grad(loss, names.map((n) => p[n]));
  const w = Object.fromEntries(names.map((n) => [n, Float64Array.from(start[n].values)])), e = Object.fromEntries(names.map((n) => [n, Float64Array.from(start[n].values)]));
  const m = Object.fromEntries(names.map((n) => [n, new Float64Array(w[n].length)])), v = Object.fromEntries(names.map((n) => [n, new Float64Array(w[n].length)]));
  for (let t = 0; t < steps; t++) {
    const g = interpret(gradients, { ...w, x: data.x, rows: fed.rows.slice(t * 8, t * 8 + 8), bits: fed.bits.slice(t * 24, t * 24 + 24) });
    const norm = Math.sqrt(g.reduce((s, a) => s + a.reduce((q, z) => q + z * z, 0), 0)), scale = Math.min(1, 0.7 / norm);
    expect(norm).toBeGreaterThan(0.7);
    const decay = Math.min(0.99, (1 + t) / (10 + t));
    names.forEach((n, k) => {
      const rate = lr[t] * (spec.params[n].lrScale ?? 1), shrink = spec.params[n].shape.length >= 2 ? 1 - rate * 0.1 : 1;
      for (let i = 0; i < w[n].length; i++) {
        const gi = g[k][i] * scale;
        m[n][i] = 0.9 * m[n][i] + 0.1 * gi; v[n][i] = 0.99 * v[n][i] + 0.01 * gi * gi;
        w[n][i] = w[n][i] * shrink - rate * (m[n][i] / (1 - 0.9 ** (t + 1))) / (Math.sqrt(v[n][i] / (1 - 0.99 ** (t + 1))) + 1e-8);
        e[n][i] = decay * e[n][i] + (1 - decay) * w[n][i];
      }
    });
  }
  // Where a gradient is nearly zero Adam's ratio is ill-conditioned, so compare in the mean, relative to the distance moved.
  for (const n of names) {
    let off = 0, moved = 0, offAverage = 0;
    for (let i = 0; i < w[n].length; i++) { off += Math.abs(got[n].values[i] - w[n][i]); offAverage += Math.abs(average[n].values[i] - e[n][i]); moved += Math.abs(w[n][i] - start[n].values[i]); }
    expect(moved).toBeGreaterThan(0);
    expect(off / moved, n).toBeLessThan(1e-3);
    expect(offAverage / moved, n).toBeLessThan(1e-3);
  }
});

test('a parameter that is reshaped before anything else is done with it learns as any other', async () => {
  // Small parameters share one array; the way from it to each must not be shortened past the parameter.
  const trainer = await (await cpu).train({
    params: { first: { shape: [2] }, w: { shape: [2, 3] }, tall: { shape: [6, 1] } },
    loss: ({ params: p }) => ({ loss: add(mean(square(sub(reshape(p.w, [3, 2]), 1))), add(mean(square(sub(reshape(p.tall, [2, 3]), 2))), mean(square(sub(reshape(p.first, [1, 2]), 3))))) }),
  }, { seed: 1 });
  await trainer.run({}, Float32Array.from({ length: 300 }, (_, i) => cosine(i, 300, 0.1)));
  for (const [name, aim] of [['w', 1], ['tall', 2], ['first', 3]] as const) for (const v of trainer.params()[name].values) expect(v, name).toBeCloseTo(aim, 1);
  await trainer.release();
});

test('a training model is one Loop without random operators, and what does not change stays outside it', () => {
  const spec: TrainSpec = {
    params: { w: { shape: [3, 2], init: glorot() } }, data: { x: { shape: [40, 3], dtype: 'float32' } }, step: { rows: { shape: [4], dtype: 'int32' } },
    loss: ({ params, data: d, step }) => ({ loss: mean(square(matmul(gather(relu(square(d.x)), step.rows), params.w))) }),
  };
  const nodes = decodeNodes(lowerLoop(buildStep(spec), 'cpu'));
  expect(nodes.filter((n) => n.opType === 'Loop').length).toBe(1);
  expect(nodes.filter((n) => /Random|Bernoulli|Multinomial|Dropout/.test(n.opType))).toEqual([]);
  const loop = nodes.findIndex((n) => n.opType === 'Loop');
  expect(nodes.slice(0, loop).map((n) => n.opType)).toEqual(['Mul', 'Relu']);
  expect(nodes.slice(loop).map((n) => n.opType)).not.toContain('Relu');
});

test('mistakes are named before anything runs', async () => {
  const device = await cpu;
  const spec: TrainSpec = { params: { w: { shape: [2] } }, step: { x: { shape: [2], dtype: 'float32' } }, loss: ({ params, step }) => ({ loss: sum(square(sub(params.w, step.x))) }) };
  const trainer = await device.train(spec, { seed: 1 });
  await expect(trainer.run({ x: new Float32Array(3) }, [0.1])).rejects.toThrow('"x" takes 2 values [1,2], not 3');
  await expect(trainer.run({ x: new Int32Array(2) }, [0.1])).rejects.toThrow('"x" takes float32');
  await expect(trainer.run({}, [0.1])).rejects.toThrow('no value for "x"');
  expect(trainer.step).toBe(0);
  expect(() => trainer.params('ema')).toThrow('no moving average');
  await trainer.release();
  await expect(trainer.run({ x: new Float32Array(2) }, [0.1])).rejects.toThrow('released');
  await expect(device.train({ ...spec, loss: ({ params }) => ({ loss: params.w }) }, { seed: 1 })).rejects.toThrow('scalar');
});

test('schedule: warm-up, peak, floor', () => {
  const at = (t: number) => cosine(t, 110, 2, { warmup: 10, floor: 0.1 });
  expect(at(0)).toBeCloseTo(0.2);
  expect(at(10)).toBeCloseTo(2);
  expect(at(60)).toBeCloseTo(1.1);
  expect(at(110)).toBeCloseTo(0.2);
  expect(at(500)).toBeCloseTo(0.2);
});

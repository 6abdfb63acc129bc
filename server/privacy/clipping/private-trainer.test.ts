import { describe, expect, test } from 'vitest';
import { add, crossEntropy, log, matmul, mul, openDevice, relu, square, sum, type Expr } from '../../engine';
import { KeyStream } from '../../random';
import { addGaussian } from '../mechanisms/vector';
import { NoiseSource } from '../mechanisms/source';
import { planNoise } from './noise-plan';
import { physicalSizes, PrivateTrainer, type PrivateData, type PrivateSpec } from './private-trainer';

const device = await openDevice('cpu');
const source = (k: number): NoiseSource => new NoiseSource(new Uint8Array(32).fill(k));
const N = 300, x = Float32Array.from(new KeyStream(1, 'x').normals(0, N * 4)), y = Int32Array.from({ length: N }, (_, i) => Number(x[4 * i]! + x[4 * i + 1]! > 0));
const spec: PrivateSpec = {
  params: { w: { shape: [4, 8], init: { glorot: true } }, b: { shape: [8] }, v: { shape: [8, 2], init: { glorot: true } } },
  rows: { x: { shape: [4], dtype: 'float32' }, y: { shape: [], dtype: 'int32' } },
  losses: ({ params: p, rows }: { params: Record<string, Expr>; rows: Record<string, Expr> }) => crossEntropy(matmul(relu(add(matmul(rows.x!, p.w!), p.b!)), p.v!), rows.y!),
  clip: 0.5,
};
const data = (more: Partial<PrivateData> = {}): PrivateData => ({ data: { x, y }, noise: source(1), expectedBatch: 60, publicRows: N, ...more });
const all = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);
const norm = (g: Record<string, ArrayLike<number>>): number => Math.sqrt(Object.values(g).reduce((s, a) => s + Array.from(a).reduce((t, v) => t + v * v, 0), 0));

describe('a blank row without a finite gradient', () => {
  const odd = (floor: number): PrivateSpec => ({
    params: { p: { shape: [4], init: 'ones' }, floor: { shape: [1], init: Float32Array.of(floor), range: [0, 1] } }, rows: { x: { shape: [4], dtype: 'float32' } },
    losses: ({ params: p, rows, ones }) => log(sum(add(square(mul(rows.x!, p.p!)), mul(ones, p.floor!)), { axes: 1 })), clip: 0.5,
  });
  test('is refused at the start: padding would undo all that is learnt of those weights, unnoticed', async () => {
    await expect(PrivateTrainer.open(device, odd(0), data({ data: { x } }))).rejects.toThrow(/blank row.*"p"/);
  });
  test('later, by the weights, lets no row speak, whether a batch has room for a blank one or not', async () => {
    const trainer = await PrivateTrainer.open(device, odd(1), data({ data: { x }, expectedBatch: N, mostRows: 32 }));
    expect(norm(await trainer.clippedSum(all(31)))).toBeGreaterThan(0);
    trainer.apply({ p: new Float32Array(4), floor: Float32Array.of(1) }, 2);
    // One row less must not undo a batch of 32.
    for (const n of [30, 31, 32, 33, 64]) expect(norm(await trainer.clippedSum(all(n))), `${n} rows`).toBe(0);
    // The same where what overflows goes through a batch of few rows: 323 and 36.
    const large = await PrivateTrainer.open(device, odd(1), data({ data: { x }, expectedBatch: N })), many = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i % N);
    expect(norm(await large.clippedSum(many(330)))).toBeGreaterThan(0);
    large.apply({ p: new Float32Array(4), floor: Float32Array.of(1) }, 2);
    for (const n of [321, 322, 323, 357, 358, 359, 700]) expect(norm(await large.clippedSum(many(n))), `${n} rows`).toBe(0);
  });
});

test('physical batches of any size give one sum', async () => {
  const one = await PrivateTrainer.open(device, spec, data({ expectedBatch: N })), many = await PrivateTrainer.open(device, spec, data({ expectedBatch: N, mostRows: 32 }));
  expect(many.physical).toBe(32);
  const a = await one.clippedSum(all(N)), b = await many.clippedSum(all(N));
  for (const n of Object.keys(a)) a[n]!.forEach((v, i) => expect(b[n]![i]! - v).toBeCloseTo(0, 4));
  expect(norm(a)).toBeGreaterThan(1);
  expect(norm(await one.clippedSum(all(0)))).toBe(0);
});

test('physical batches have few blank places, room for nearly every sample, and no more rows than they may', () => {
  for (const expected of [256, 300, 1024, 2000, 2048, 2049, 4096, 8192, 50_000]) {
    const { rows, rest } = physicalSizes(expected), k = Math.ceil(expected / 2048), room = k * (rows - 1);
    expect(room - expected).toBeGreaterThanOrEqual(1.25 * Math.sqrt(expected));
    expect(room - expected).toBeLessThan(1.25 * Math.sqrt(expected) + 1 + k);
    expect(room + rest! - 1 - expected).toBeGreaterThanOrEqual(3.25 * Math.sqrt(expected));
    expect(rows).toBeLessThanOrEqual(2048 + 1.25 * Math.sqrt(2048) + 2);
  }
  expect(physicalSizes(100)).toEqual({ rows: 130 });
  expect(physicalSizes(5000, 512)).toEqual({ rows: 512 });
  expect(physicalSizes(400, 512)).toEqual({ rows: 460 });
});

test('what overflows a batch is added, in a batch of few rows or of many', async () => {
  const trainer = await PrivateTrainer.open(device, spec, data({ expectedBatch: N })), { rows, rest } = physicalSizes(N);
  expect(trainer.physical).toBe(rows);
  const sum = (members: number[]): Promise<Record<string, Float64Array>> => trainer.clippedSum(Uint32Array.from(members));
  for (const more of [1, rest! - 1, rest!, rows + 5]) {
    const first = Array.from({ length: rows - 1 }, (_, i) => i % N), then = Array.from({ length: more }, (_, i) => (7 * i) % N);
    const whole = await sum([...first, ...then]), a = await sum(first), b = await sum(then);
    expect(norm(b)).toBeGreaterThan(0.1);
    for (const n of Object.keys(whole)) whole[n]!.forEach((v, i) => expect(v - a[n]![i]! - b[n]![i]!).toBeCloseTo(0, 4));
  }
  // One sum does not lie in another's array.
  const once = await sum([1]), kept = structuredClone(once), noisy = await trainer.noisySum(all(N), trainer.plan(1)), same = structuredClone(noisy);
  await sum([2]); await trainer.noisySum(all(5), trainer.plan(1)); await trainer.step(trainer.plan(1), 0.01);
  expect(once).toEqual(kept);
  expect(noisy).toEqual(same);
  await trainer.release();
});

test('no example adds more than the clip, however far out it lies, and one without a number adds nothing', async () => {
  const far = x.slice(), labels = y.slice();
  // The same far row with either label: one of them is predicted wrongly.
  far.fill(1e4, 12, 16); labels[0] = 0; labels[3] = 1;
  far.fill(1e4, 0, 4); far.fill(Number.NaN, 4, 8); far.fill(3e38, 8, 12);
  const trainer = await PrivateTrainer.open(device, spec, data({ data: { x: far, y: labels } }));
  const single = async (i: number): Promise<number> => norm(await trainer.clippedSum(Uint32Array.of(i)));
  expect(Math.max(await single(0), await single(3))).toBeLessThanOrEqual(0.5);
  expect(Math.max(await single(0), await single(3))).toBeGreaterThan(0.49);
  expect(await single(1)).toBe(0);
  expect(await single(2)).toBe(0);
  const rest = all(N).subarray(3), sums = await trainer.clippedSum(Uint32Array.of(1, 2, ...rest)), alone = await trainer.clippedSum(rest);
  expect(norm(Object.fromEntries(Object.keys(sums).map((n) => [n, sums[n]!.map((v, i) => v - alone[n]![i]!)])))).toBeLessThan(1e-5);
  for (let i = 3; i < 40; i++) expect(await single(i)).toBeLessThanOrEqual(0.5);
});

test('with zeroed gradients an update\'s variance is the noise that is charged', async () => {
  const wide: PrivateSpec = { ...spec, params: { ...spec.params, w: { shape: [4, 2000] }, b: { shape: [2000] }, v: { shape: [2000, 2] } }, losses: ({ params: p, rows }) => mul(sum(square(add(matmul(relu(add(matmul(rows.x!, p.w!), p.b!)), p.v!), 0)), { axes: 1 }), 0) };
  const trainer = await PrivateTrainer.open(device, wide, data()), plan = trainer.plan(1.7), sums = await trainer.noisySum(all(60), plan), values = Object.values(sums).flatMap((s) => [...s]);
  const variance = values.reduce((s, v) => s + v * v, 0) / values.length, claimed = ((plan.multiplier * 0.5) / 60) ** 2;
  // 14,000 normals: a relative standard error of 1.2%. What rounding costs makes the noise a little larger than claimed, never smaller.
  expect(variance / claimed).toBeGreaterThan(0.95);
  expect(variance / claimed).toBeLessThan(1.06);
  expect(values.reduce((s, v) => s + v, 0) / values.length / Math.sqrt(claimed / values.length)).toBeLessThan(4);
});

test('the multiplier that is charged is the one that the noise is worth', () => {
  for (const [clip, size, sigma, physical] of [[1, 50, 0.8, 256], [0.1, 100_000, 3, 2048], [2, 1, 10, 64]] as const) {
    const { sds, errors, multiplier } = planNoise([{ clip, size }], sigma, { physical, batches: 2 });
    expect(multiplier).toBeGreaterThanOrEqual(sigma);
    expect(multiplier / sigma).toBeLessThan(1.001);
    expect(addGaussian(new Float64Array(size), { clip, sigma: sds[0]! / clip, error: errors[0]! }, source(2)).sigma / multiplier).toBeCloseTo(1, 9);
  }
  const groups = [{ clip: 1, size: 10 }, { clip: 0.2, size: 5000 }], { sds, multiplier } = planNoise(groups, 1.3, { physical: 512, batches: 1 });
  expect(multiplier).toBeGreaterThanOrEqual(1.3);
  expect(1 / Math.sqrt(groups.reduce((s, g, i) => s + (g.clip / sds[i]!) ** 2, 0))).toBeGreaterThan(multiplier);
});

test('learns, the same again under the same key and something else under another; resumes where it was', async () => {
  const train = async (key: number, steps: number, from?: Uint8Array): Promise<{ trainer: PrivateTrainer; right: number }> => {
    const trainer = await PrivateTrainer.open(device, { ...spec, optimiser: { ema: 0.9 } }, data({ noise: source(key) })), plan = trainer.plan(0.8);
    if (from) trainer.restore(from);
    while (trainer.steps < steps) await trainer.step(plan, 0.03);
    const { w, b, v } = trainer.weights('ema'), at = (a: Float32Array, i: number): number => a[i]!;
    let right = 0;
    for (let i = 0; i < N; i++) {
      const h = Array.from({ length: 8 }, (_, k) => Math.max(0, at(b!.values, k) + [0, 1, 2, 3].reduce((s, j) => s + x[4 * i + j]! * at(w!.values, j * 8 + k), 0)));
      const logit = (c: number): number => h.reduce((s, u, k) => s + u * at(v!.values, 2 * k + c), 0);
      right += Number(Number(logit(1) > logit(0)) === y[i]);
    }
    return { trainer, right: right / N };
  };
  const [one, again, other] = [await train(5, 60), await train(5, 60), await train(6, 60)];
  expect(one.right).toBeGreaterThan(0.85);
  expect(again.trainer.weights()).toEqual(one.trainer.weights());
  expect(other.trainer.weights()).not.toEqual(one.trainer.weights());
  const later = await train(7, 61, one.trainer.save());
  expect(later.trainer.steps).toBe(61);
  expect(norm({ d: later.trainer.weights().w!.values.map((v, i) => v - one.trainer.weights().w!.values[i]!) })).toBeLessThan(0.5);
});

describe('an inserted row', () => {
  test('changes no rate, no shape and no count of batches that is public', async () => {
    const grown = { x: Float32Array.of(...x, 1e9, 0, 0, 0), y: Int32Array.of(...y, 1) };
    const [a, b] = [await PrivateTrainer.open(device, spec, data()), await PrivateTrainer.open(device, spec, data({ data: grown }))];
    expect([b.q, b.physical, b.parameters, b.plan(1)]).toEqual([a.q, a.physical, a.parameters, a.plan(1)]);
    expect(b.weights()).toEqual(a.weights());
  });
  test('is divided by the expected batch, not by the one drawn', async () => {
    const trainer = await PrivateTrainer.open(device, spec, data()), plan = { ...trainer.plan(1e-3) };
    const few = await trainer.noisySum(all(10), plan), sum10 = await trainer.clippedSum(all(10));
    for (const n of Object.keys(few)) few[n]!.forEach((v, i) => expect(v - sum10[n]![i]! / 60).toBeCloseTo(0, 3));
  });
});

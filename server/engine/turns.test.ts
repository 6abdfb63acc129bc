/** Several updates within one step: adversarial training as one program. */
import { expect, test } from 'vitest';
import { add, matmul, mean, mul, openDevice, square, sub, sum, tanh, type Expr, type TrainSpec } from './index';

const params = { d1: { shape: [2, 3], init: { normal: 0.7 } }, d2: { shape: [3, 1], init: { normal: 0.7 } }, g: { shape: [2, 2], init: { normal: 0.5 } }, s: { shape: [2], init: 'ones', range: [0.999, 1.001] } } as const;
const step = { z: { shape: [5, 2], dtype: 'float32' }, x: { shape: [5, 2], dtype: 'float32' } } as const;
const judge = (p: Record<string, Expr>, x: Expr): Expr => mean(matmul(tanh(matmul(x, p.d1!)), p.d2!));
const make = (p: Record<string, Expr>, z: Expr): Expr => mul(matmul(z, p.g!), p.s!);
const criticLoss = (p: Record<string, Expr>, s: Record<string, Expr>): Expr => add(sub(judge(p, make(p, s.z!)), judge(p, s.x!)), mul(sum(square(p.d2!)), 0.1));
const generatorLoss = (p: Record<string, Expr>, s: Record<string, Expr>): Expr => mul(judge(p, make(p, s.z!)), -1);
const critic = { beta1: 0.5, beta2: 0.9, l2: 0.3 }, generator = { beta1: 0.6, beta2: 0.95 };
const pick = (o: Record<string, unknown>, names: string[]) => Object.fromEntries(names.map((n) => [n, o[n]])) as never;
const noise = (k: number, n: number): Float32Array => Float32Array.from({ length: k * n }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.3);

for (const repeats of [1, 2]) test(`critic ${repeats} times, then generator: as two trainers that hand each other their weights`, async () => {
  const device = await openDevice('cpu', { threads: 1 }), steps = 4;
  const turns = Array.from({ length: repeats }, () => ({ name: 'critic', params: ['d1', 'd2'], optimiser: critic, loss: (p: { params: Record<string, Expr>; step: Record<string, Expr> }) => ({ loss: criticLoss(p.params, p.step) }) }));
  const spec: TrainSpec = { params, step, turns, loss: (p) => ({ loss: generatorLoss(p.params, p.step) }), optimiser: generator };
  const both = await device.train(spec, { seed: 3 });
  const start = both.params(), z = noise(steps, 10), x = noise(steps + 1, 10).subarray(10);
  const r = await both.run({ z, x }, new Float32Array(steps).fill(0.05));
  expect(r.metrics.criticLoss!.length).toBe(steps);

  const held = (names: string[]) => Object.fromEntries(names.map((n) => [n, { shape: (params as Record<string, { shape: readonly number[] }>)[n]!.shape, dtype: 'float32' as const }]));
  const from = (names: string[]) => Object.fromEntries(names.map((n) => [n, { ...(params as Record<string, object>)[n], init: start[n]!.values }])) as never;
  const D = ['d1', 'd2'], G = ['g', 's'];
  const values = (t: typeof both) => Object.fromEntries(Object.entries(t.params()).map(([n, w]) => [n, w.values]));
  const a = await device.train({ params: from(D), data: held(G), step, loss: (p) => ({ loss: criticLoss({ ...p.params, ...p.data }, p.step) }), optimiser: critic }, { seed: 0, data: pick(values(both), G) });
  const b = await device.train({ params: from(G), data: held(D), step, loss: (p) => ({ loss: generatorLoss({ ...p.params, ...p.data }, p.step) }), optimiser: generator }, { seed: 0, data: pick(values(both), D) });
  const losses: number[] = [];
  for (let k = 0; k < steps; k++) {
    const batch = { z: z.slice(10 * k, 10 * k + 10), x: x.slice(10 * k, 10 * k + 10) };
    a.setData(values(b));
    for (let i = 0; i < repeats; i++) await a.run(batch, [0.05]);
    b.setData(values(a));
    losses.push((await b.run(batch, [0.05])).loss[0]!);
  }
  const got = values(both), want = { ...values(a), ...values(b) };
  for (const n of Object.keys(params)) want[n]!.forEach((v, i) => expect(got[n]![i], `${n}[${i}]`).toBeCloseTo(v, 5));
  losses.forEach((v, k) => expect(r.loss[k]).toBeCloseTo(v, 5));
  for (const v of got.s!) expect(Math.abs(v - 1)).toBeLessThan(0.0011);

  // Split and resumed: the same bytes.
  const first = await device.train(spec, { seed: 3 });
  await first.run({ z: z.slice(0, 20), x: x.slice(0, 20) }, [0.05, 0.05]);
  const second = await device.train(spec, { seed: 9, resume: first.save() });
  await second.run({ z: z.slice(20), x: x.slice(20) }, new Float32Array(2).fill(0.05));
  expect(Buffer.from(second.save()).equals(Buffer.from(both.save()))).toBe(true);
  await Promise.all([both, a, b, first, second].map((t) => t.release()));
});

test('a parameter belongs to one set of turns', async () => {
  const device = await openDevice('cpu');
  const loss = (p: { params: Record<string, Expr> }) => ({ loss: sum(square(p.params.g!)) });
  await expect(device.train({ params, step, turns: [{ name: 'a', params: ['g'], loss }, { name: 'b', params: ['g', 's'], loss }], loss }, { seed: 1 })).rejects.toThrow('two different turns');
});

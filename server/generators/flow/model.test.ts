import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { add, constant, exp, grad, KeyStream, mean, neg, openDevice, reshape, size, sum, type Expr } from '../../engine';
import { categoryLoss, drawCategories, flowParams, fromBase, numberLoss, toBase, type FlowShape } from './model';

interface Case { structure: FlowShape['structure']; transform: FlowShape['transform']; z: number[]; codes: number[]; loss: number; params: Record<string, number[]>; grads: Record<string, number[]> }
const golden = JSON.parse(readFileSync(new URL('../../../test/golden/flow/flow.json', import.meta.url), 'utf8')) as { rows: number; shape: Omit<FlowShape, 'structure' | 'transform' | 'shares'>; cases: Case[] };
const cpu = openDevice('cpu', { threads: 1 });
/** Weights far from the start, where every layer is the identity. */
const weights = (s: FlowShape, scale: number) => Object.fromEntries(Object.entries(flowParams(s)).map(([n, p]) => [n, { shape: p.shape, values: Float32Array.from(new KeyStream(7, n).normals(0, size(p.shape)), (v) => scale * v) }]));

test.each(golden.cases)('one training step of a $structure flow of $transform maps: loss and gradients are PyTorch\'s', async (c) => {
  const s: FlowShape = { ...golden.shape, structure: c.structure, transform: c.transform, shares: golden.shape.sizes.map((k) => new Array<number>(k).fill(1 / k)) };
  const specs = flowParams(s), names = Object.keys(specs), B = golden.rows;
  expect(names.sort()).toEqual(Object.keys(c.params).sort());
  const program = await (await cpu).compile({
    inputs: { z: { shape: [B, s.numbers], dtype: 'float32' }, codes: { shape: [B, s.sizes.length], dtype: 'int32' } },
    frozen: Object.fromEntries(names.map((n) => [n, { shape: specs[n]!.shape, values: Float32Array.from(c.params[n]!) }])),
    outputs(i: Record<string, Expr>) {
      const loss = mean(add(sum(categoryLoss(i, s, i.codes!), { axes: 1 }), numberLoss(i, s, i.z!, i.codes!)));
      const g = grad(loss, names.map((n) => i[n]!));
      return { loss, ...Object.fromEntries(names.map((n, k) => [`grad ${n}`, g[k]!])) } as Record<string, Expr>;
    },
  });
  const got = await program.run({ z: Float32Array.from(c.z), codes: Int32Array.from(c.codes) });
  await program.release();
  expect(Math.abs(got.loss![0]! - c.loss)).toBeLessThan(1e-5);
  for (const n of names) c.grads[n]!.forEach((want, i) => expect(Math.abs(got[`grad ${n}`]![i]! - want), `gradient of ${n}[${i}]`).toBeLessThan(1e-5 * Math.max(1, Math.abs(want))));
});

describe.each([['autoregressive', 'spline'], ['coupling', 'spline'], ['coupling', 'affine']] as const)('a %s flow of %s maps', (structure, transform) => {
  const s: FlowShape = { sizes: [3], shares: [[0.5, 0.3, 0.2]], numbers: 2, structure, transform, layers: 4, bins: 6, bound: 4, hidden: 8, depth: 2, embedding: 4 };
  test('the density of two numbers integrates to 1 over the plane, for every category', async () => {
    const side = 320, reach = 8, h = (2 * reach) / side, rows = side * side, z = new Float32Array(2 * rows);
    for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) { z[2 * (i * side + j)] = -reach + (i + 0.5) * h; z[2 * (i * side + j) + 1] = -reach + (j + 0.5) * h; }
    const program = await (await cpu).compile({
      inputs: { z: { shape: [rows, 2], dtype: 'float32' }, code: { shape: [rows, 1], dtype: 'int32' } }, frozen: weights(s, 0.2),
      outputs: (i: Record<string, Expr>) => { const loss = numberLoss(i, s, i.z!, i.code!); return { mass: sum(exp(neg(loss))), first: exp(neg(loss)) }; },
    });
    const seen: number[] = [];
    for (const code of [0, 1, 2]) {
      const { mass, first } = await program.run({ z, code: new Int32Array(rows).fill(code) });
      expect(Math.abs(mass[0]! * h * h - 1)).toBeLessThan(5e-3);
      seen.push(first[(side * side) / 2 + side / 2]!);
    }
    await program.release();
    // The categories change the density.
    expect(new Set(seen.map((v) => v.toFixed(4))).size).toBe(3);
  });
  test('the inverse of the map undoes it, for every number of columns', async () => {
    for (const numbers of [1, 2, 5]) {
      const own = { ...s, numbers, layers: 2 }, rows = 400, stream = new KeyStream(numbers, 'round trip');
      const program = await (await cpu).compile({
        inputs: { z: { shape: [rows, numbers], dtype: 'float32' }, code: { shape: [rows, 1], dtype: 'int32' } }, frozen: weights(own, 0.2),
        outputs: (i: Record<string, Expr>) => { const { base } = toBase(i, own, i.z!, i.code!); return { base, back: fromBase(i, own, base, i.code!) }; },
      });
      const z = Float32Array.from(stream.normals(0, rows * numbers)), r = await program.run({ z, code: stream.integers(0, rows, 3) });
      await program.release();
      expect(Math.max(...r.back.map((v, i) => Math.abs(v - z[i]!)))).toBeLessThan(2e-3);
      expect(Math.max(...r.base.map((v, i) => Math.abs(v - z[i]!)))).toBeGreaterThan(0.1);
    }
  });
});

test('categories are drawn with the probabilities that the loss states, and a given code is kept', async () => {
  const s: FlowShape = { sizes: [3, 1, 2], shares: [[0.5, 0.3, 0.2], [1], [0.5, 0.5]], numbers: 0, structure: 'coupling', transform: 'spline', layers: 2, bins: 4, bound: 3, hidden: 6, depth: 2, embedding: 4 };
  const rows = 20_000, all = [0, 1, 2].flatMap((a) => [0, 1].map((b) => [a, 0, b])), own = weights(s, 0.8);
  const losses = await (await cpu).compile({ inputs: {}, frozen: own, outputs: (i: Record<string, Expr>) => ({ loss: sum(categoryLoss(i, s, constant(Int32Array.from(all.flat()), [6, 3])), { axes: 1 }) }) });
  const p = Array.from((await losses.run({})).loss, (v) => Math.exp(-v));
  expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  const draw = await (await cpu).compile({
    inputs: { bits: { shape: [3, rows], dtype: 'int32' }, given: { shape: [3, rows], dtype: 'int32' } }, frozen: own,
    outputs: (i: Record<string, Expr>) => ({ codes: reshape(drawCategories(i, s, i.bits!, i.given!), [-1]) }),
  });
  const bits = new KeyStream(1, 'draw').bits(0, 3 * rows), none = new Int32Array(3 * rows).fill(-1);
  const count = (codes: ArrayLike<number>): number[] => { const n = new Array<number>(6).fill(0); for (let i = 0; i < rows; i++) n[codes[3 * i]! * 2 + codes[3 * i + 2]!]!++; return n; };
  const chi = (n: number[], q: number[]): number => n.reduce((a, v, i) => (q[i]! > 0 ? a + (v - rows * q[i]!) ** 2 / (rows * q[i]!) : a + v), 0);
  expect(chi(count((await draw.run({ bits, given: none })).codes), p)).toBeLessThan(25.7);   // 0.01% point with 5 degrees of freedom
  // Given the first column, the last is drawn from its conditional.
  const given = none.slice().fill(1, 0, rows), c = p[2]! + p[3]!;
  expect(chi(count((await draw.run({ bits, given })).codes), [0, 0, p[2]! / c, p[3]! / c, 0, 0])).toBeLessThan(15.2);
  await losses.release(); await draw.release();
});

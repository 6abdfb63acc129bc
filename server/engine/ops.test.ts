/** Every primitive and block: ONNX Runtime's values against the float64 interpreter, gradients against finite differences. */
import { afterAll, describe, expect, test } from 'vitest';
import * as e from './index';
import type { Expr } from './index';
import { topological, type Primitive } from './expr';
import { differentiable } from './grad';
import { compileProgram } from './program';
import { interpret, type Reference } from './interpret';

const stream = new e.KeyStream(11, 'ops.test');
let draws = 0;
interface Case { name: string; ops: Primitive[]; inputs: Record<string, { shape: number[]; dtype?: 'float32' | 'int32'; values?: number[]; positive?: boolean; below?: number }>; f(i: Record<string, Expr>): Expr; smooth?: boolean }
const v = (...shape: number[]) => ({ shape });
const positive = (...shape: number[]) => ({ shape, positive: true });
const index = (below: number, ...shape: number[]) => ({ shape, dtype: 'int32' as const, below });
const spans = [{ start: 0, size: 3 }, { start: 3, size: 1 }, { start: 4, size: 5 }];
const local = { shape: [4, 3], dtype: 'int32' as const, values: [0, 0, 4, 2, 0, 1, 1, 0, 0, 2, 0, 3] };

const cases: Case[] = [
  { name: 'add broadcasts', ops: ['add'], inputs: { a: v(3, 1, 4), b: v(2, 1) }, f: ({ a, b }) => e.add(a, b) },
  { name: 'sub with a number', ops: ['sub'], inputs: { a: v(3) }, f: ({ a }) => e.mul(e.sub(2, a), e.sub(a, 1)) },
  { name: 'mul broadcasts', ops: ['mul'], inputs: { a: v(3, 4), b: v(4) }, f: ({ a, b }) => e.mul(a, b) },
  { name: 'div', ops: ['div'], inputs: { a: v(3, 4), b: positive(3, 1) }, f: ({ a, b }) => e.div(a, b) },
  { name: 'pow', ops: ['pow'], inputs: { a: positive(5), b: v(5) }, f: ({ a, b }) => e.pow(a, b) },
  { name: 'pow cube of negatives', ops: ['pow'], inputs: { a: v(5) }, f: ({ a }) => e.pow(a, 3) },
  { name: 'maximum, minimum', ops: ['maximum', 'minimum'], inputs: { a: v(4, 5), b: v(5) }, f: ({ a, b }) => e.add(e.maximum(a, b), e.minimum(e.mul(a, 2), b)) },
  ...(['neg', 'exp', 'abs', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'relu', 'square', 'silu', 'gelu', 'softplus', 'leakyRelu'] as const)
    .map((name): Case => ({ name, ops: name in e && ['square', 'gelu', 'softplus', 'leakyRelu'].includes(name) ? [] : [name as Primitive], inputs: { x: v(17) }, f: ({ x }) => (e[name] as (x: Expr) => Expr)(x) })),
  ...(['log', 'sqrt'] as const).map((name): Case => ({ name, ops: [name], inputs: { x: positive(7) }, f: ({ x }) => e[name](x) })),
  { name: 'sign and floor', ops: ['sign', 'floor'], inputs: { x: v(9) }, f: ({ x }) => e.mul(x, e.add(e.sign(x), e.floor(e.mul(x, 3)))) },
  { name: 'clip', ops: [], inputs: { x: v(20) }, f: ({ x }) => e.clip(x, -0.5, 0.7) },
  { name: 'where and comparisons', ops: ['where', 'less', 'lessEqual', 'equal', 'and', 'or', 'not'], inputs: { a: v(4, 3), b: v(3), i: index(3, 4, 1) },
    f: ({ a, b, i }) => e.where(e.logicalOr(e.logicalAnd(e.greater(a, 0), e.lessEqual(a, b)), e.logicalNot(e.equal(i, 1))), e.mul(a, b), e.exp(b)) },
  { name: 'cast', ops: ['cast'], inputs: { x: v(8), i: index(5, 8) }, f: ({ x, i }) => e.add(e.mul(x, e.cast(i, 'float32')), e.cast(e.cast(e.mul(x, 10), 'int32'), 'float32')) },
  { name: 'int32 arithmetic', ops: [], inputs: { i: index(100, 8), x: v(8) }, f: ({ i, x }) => e.mul(x, e.cast(e.sub(e.mul(e.div(e.sub(i, 50), 7), 3), e.maximum(i, 20)), 'float32')) },
  { name: 'reshape, transpose', ops: ['reshape', 'transpose'], inputs: { x: v(2, 3, 4) }, f: ({ x }) => e.mul(e.reshape(e.transpose(x, [2, 0, 1]), [6, -1]), e.reshape(x, [6, 4])) },
  { name: 'broadcastTo', ops: ['broadcastTo'], inputs: { x: v(3, 1), y: v(2, 3, 4) }, f: ({ x, y }) => e.concat([e.broadcastTo(e.exp(x), [2, 3, 4]), y], 0) },
  { name: 'concat', ops: ['concat'], inputs: { a: v(2, 3), b: v(2, 1), c: v(2, 4) }, f: ({ a, b, c }) => e.square(e.concat([a, b, c], 1)) },
  { name: 'stack and at', ops: [], inputs: { a: v(2, 3), b: v(2, 3) }, f: ({ a, b }) => e.at(e.mul(e.stack([a, b], 1), e.stack([b, b], 1)), 0, 1) },
  { name: 'slice', ops: ['slice'], inputs: { x: v(4, 6) }, f: ({ x }) => e.square(e.slice(x, [1, -3], [3, -1])) },
  { name: 'pad', ops: ['pad'], inputs: { x: v(2, 3) }, f: ({ x }) => e.square(e.pad(x, [1, 0], [0, 2], 3)) },
  { name: 'sum', ops: ['sum'], inputs: { x: v(2, 3, 4) }, f: ({ x }) => e.mul(e.sum(x, { axes: [0, -1] }), e.sum(x, { axes: 1 }).shape[0]) },
  { name: 'sum keeps dims', ops: ['sum'], inputs: { x: v(2, 3, 4) }, f: ({ x }) => e.mul(x, e.sum(x, { axes: 1, keepDims: true })) },
  { name: 'mean, min', ops: [], inputs: { x: v(3, 5) }, f: ({ x }) => e.add(e.square(e.mean(x, { axes: 0 })), e.min(x)) },
  { name: 'max', ops: ['max'], inputs: { x: v(3, 5, 2) }, f: ({ x }) => e.square(e.max(x, { axes: [1] })) },
  { name: 'logSumExp', ops: [], inputs: { x: v(3, 5) }, f: ({ x }) => e.logSumExp(e.mul(x, 10), { axes: 1 }) },
  { name: 'argmax', ops: ['argmax'], inputs: { x: v(4, 5) }, f: ({ x }) => e.mul(e.max(x, { axes: 1 }), e.cast(e.argmax(x), 'float32')) },
  ...[[false, false], [true, false], [false, true], [true, true]].map(([exclusive, reverse]): Case => ({ name: `cumsum ${exclusive} ${reverse}`, ops: ['cumsum'], inputs: { x: v(3, 4, 2) }, f: ({ x }) => e.square(e.cumsum(x, 1, { exclusive, reverse })) })),
  ...[[false, false], [true, false], [false, true], [true, true]].flatMap(([transA, transB]) => [[], [3]].map((g): Case => ({
    name: `matmul ${g.length ? 'batched ' : ''}${transA} ${transB}`, ops: ['matmul'],
    inputs: { a: v(...g, ...(transA ? [5, 4] : [4, 5])), b: v(...g, ...(transB ? [6, 5] : [5, 6])) }, f: ({ a, b }) => e.square(e.matmul(a, b, { transA, transB })),
  }))),
  { name: 'matmul one matrix for all', ops: [], inputs: { a: v(3, 4, 5), b: v(5, 2) }, f: ({ a, b }) => e.add(e.matmul(a, b), e.matmul(e.transpose(a), b, { transA: true }).shape[0]) },
  { name: 'matmul of transposes', ops: [], inputs: { a: v(5, 4), b: v(6, 5) }, f: ({ a, b }) => e.matmul(e.transpose(a), e.transpose(b)) },
  { name: 'matmul with bias', ops: [], inputs: { a: v(4, 5), b: v(5, 6), c: v(6), d: v(4, 6) }, f: ({ a, b, c, d }) => e.tanh(e.add(e.add(e.matmul(a, b), c), e.add(d, e.matmul(e.neg(a), b)))) },
  { name: 'gather', ops: ['gather', 'scatterAdd'], inputs: { t: v(5, 3), i: index(5, 2, 4) }, f: ({ t, i }) => e.square(e.gather(t, i)) },
  { name: 'gather from many rows', ops: ['gather'], inputs: { t: v(2100, 2), i: index(2100, 2000) }, f: ({ t, i }) => e.square(e.gather(t, i)), smooth: false },
  { name: 'gather of vector', ops: ['gather'], inputs: { t: v(5), i: index(5, 7) }, f: ({ t, i }) => e.square(e.gather(t, i)) },
  { name: 'scatterAdd', ops: ['scatterAdd'], inputs: { u: v(6, 2), i: index(4, 6) }, f: ({ u, i }) => e.square(e.scatterAdd(i, u, 4)) },
  { name: 'takeAlongAxis', ops: ['takeAlongAxis', 'scatterAlongAxis'], inputs: { x: v(3, 5), i: index(5, 3, 4) }, f: ({ x, i }) => e.square(e.takeAlongAxis(x, i, 1)) },
  { name: 'takeAlongAxis one', ops: ['takeAlongAxis'], inputs: { x: v(3, 5, 2), i: index(5, 3, 1, 2) }, f: ({ x, i }) => e.square(e.takeAlongAxis(x, i, 1)) },
  { name: 'scatterAlongAxis', ops: ['scatterAlongAxis'], inputs: { u: v(3, 4), i: index(5, 3, 4) }, f: ({ u, i }) => e.square(e.scatterAlongAxis(i, u, 5, 1)) },
  { name: 'oneHot', ops: ['oneHot'], inputs: { i: { shape: [4], dtype: 'int32', values: [2, -1, 0, 7] }, x: v(4, 1) }, f: ({ i, x }) => e.mul(e.oneHot(i, 3), x) },
  { name: 'softmax', ops: ['softmax'], inputs: { x: v(3, 5), y: v(3, 5) }, f: ({ x, y }) => e.mul(e.softmax(x), y) },
  { name: 'logSoftmax', ops: ['logSoftmax'], inputs: { x: v(2, 3, 5), y: v(5) }, f: ({ x, y }) => e.mul(e.logSoftmax(e.mul(x, 20)), y) },
  { name: 'layerNorm', ops: [], inputs: { x: v(3, 8), y: v(8) }, f: ({ x, y }) => e.mul(e.layerNorm(x), y) },
  { name: 'rmsNorm', ops: [], inputs: { x: v(3, 8), y: v(8) }, f: ({ x, y }) => e.mul(e.rmsNorm(x), y) },
  { name: 'crossEntropy', ops: [], inputs: { x: v(4, 6), t: index(6, 4) }, f: ({ x, t }) => e.crossEntropy(x, t) },
  { name: 'crossEntropy padded', ops: [], inputs: { x: v(3, 4, 6), t: index(2, 3, 4) }, f: ({ x, t }) => e.crossEntropy(x, t, e.less(e.reshape(e.iota(6), [1, 1, 6]), e.constant(Int32Array.of(2, 4, 6), [3, 1, 1]))) },
  { name: 'spanCrossEntropy', ops: [], inputs: { x: v(4, 9), t: local }, f: ({ x, t }) => e.spanCrossEntropy(e.mul(x, 5), t, spans) },
  { name: 'spanOneHot and spanSpread', ops: [], inputs: { x: v(4, 3), t: local }, f: ({ x, t }) => e.mul(e.spanOneHot(t, spans), e.spanSpread(x, spans)) },
  { name: 'stopGradient', ops: ['stopGradient'], inputs: { x: v(4) }, f: ({ x }) => e.add(e.mul(0, x), e.stopGradient(e.exp(x))), smooth: false },
];

function feedsOf(c: Case): Record<string, Float32Array | Int32Array> {
  return Object.fromEntries(Object.entries(c.inputs).map(([name, s]) => {
    const n = s.shape.reduce((a, b) => a * b, 1);
    if (s.dtype === 'int32') return [name, s.values ? Int32Array.from(s.values) : stream.child(String(draws++)).integers(0, n, s.below!)];
    const z = stream.child(String(draws++)).normals(0, n);
    return [name, Float32Array.from(z, (x) => (s.positive ? 0.3 + Math.abs(x) : x))];
  }));
}
const closeTo = (got: ArrayLike<number>, want: Reference, tolerance: number): void => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) if (!(Math.abs(got[i] - want[i]) <= tolerance * (1 + Math.abs(want[i])))) expect.fail(`[${i}]: ${got[i]} against ${want[i]}`);
};
// The same suite on another provider: `webgpu.test.ts` runs it over a software Vulkan driver.
const target = (process.env.UNDERSTUDY_TEST_DEVICE ?? 'cpu') as 'cpu' | 'webgpu';
const slack = target === 'cpu' ? 1 : 10; // GPUs approximate transcendental functions
const profile = process.env.UNDERSTUDY_TEST_PROFILE;
const device = { compile: <O extends string>(spec: e.ProgramSpec<O>) => compileProgram(spec, { target, threads: 1, ...(profile ? { profile: `${profile}${draws}` } : {}) }) };
const used = new Set<Primitive>();
afterAll(() => {
  const untested = differentiable().filter((op) => !used.has(op));
  expect(untested, 'primitives with a gradient rule that no case reaches').toEqual([]);
});

describe.each(cases)('$name', (c) => {
  const inputs = Object.fromEntries(Object.entries(c.inputs).map(([n, s]) => [n, e.input(n, s.shape, s.dtype)]));
  const feeds = feedsOf(c), out = c.f(inputs);
  for (const x of topological([out])) used.add(x.op);
  // A weighted sum, so that no symmetry hides a wrong gradient.
  const weights = e.constant(Float32Array.from(stream.child(`w${draws++}`).normals(0, out.shape.reduce((a, b) => a * b, 1))), out.shape);
  const scalar = e.sum(e.mul(out, weights));
  const names = Object.keys(c.inputs).filter((n) => inputs[n].dtype === 'float32');
  const gradients = e.grad(scalar, names.map((n) => inputs[n]));

  test('value and gradient agree with the interpreter', async () => {
    for (const op of c.ops) expect(topological([out, ...gradients]).map((x) => x.op)).toContain(op);
    const program = await device.compile({
      inputs: Object.fromEntries(Object.entries(c.inputs).map(([n, s]) => [n, { shape: s.shape, dtype: s.dtype ?? 'float32' }])),
      outputs: (i) => { const y = c.f(i); return { y, ...Object.fromEntries(e.grad(e.sum(e.mul(y, weights)), names.map((n) => i[n])).map((g, k) => [`g${k}`, g])) } as Record<string, Expr>; },
    });
    const got = await program.run(feeds);
    const want = interpret([out, ...gradients], feeds);
    closeTo(got.y, want[0], slack * 2e-5);
    names.forEach((_, k) => closeTo(got[`g${k}`], want[k + 1], slack * 1e-4));
    await program.release();
  });
  if (c.smooth !== false) test('gradient agrees with finite differences', () => {
    const analytic = interpret(gradients, feeds), h = 1e-5;
    const wide = Object.fromEntries(Object.entries(feeds).map(([n, a]) => [n, Float64Array.from(a)]));
    names.forEach((n, k) => {
      for (let i = 0; i < wide[n].length; i++) {
        const x = wide[n][i];
        wide[n][i] = x + h; const up = interpret([scalar], wide)[0][0];
        wide[n][i] = x - h; const down = interpret([scalar], wide)[0][0];
        wide[n][i] = x;
        expect(analytic[k][i], `d/d${n}[${i}]`).toBeCloseTo((up - down) / (2 * h), 5);
      }
    });
  });
});

test('a gradient of a gradient: WGAN-GP penalty against finite differences', () => {
  const names = ['w1', 'b1', 'w2'], shapes: Record<string, number[]> = { w1: [3, 4], b1: [4], w2: [4, 1], x: [5, 3] };
  const i = Object.fromEntries(Object.entries(shapes).map(([n, s]) => [n, e.input(n, s)]));
  const critic = (x: Expr) => e.matmul(e.silu(e.add(e.matmul(x, i.w1), i.b1)), i.w2);
  const [gx] = e.grad(e.sum(critic(i.x)), [i.x]);
  const penalty = e.mean(e.square(e.sub(e.sqrt(e.sum(e.square(gx), { axes: 1 })), 1)));
  const gradients = e.grad(penalty, names.map((n) => i[n]));
  const feeds = Object.fromEntries(Object.entries(shapes).map(([n, s]) => [n, stream.child(`gp ${n}`).normals(0, s.reduce((a, b) => a * b, 1))]));
  const got = interpret(gradients, feeds), h = 1e-5;
  names.forEach((n, k) => feeds[n].forEach((x, j) => {
    feeds[n][j] = x + h; const up = interpret([penalty], feeds)[0][0];
    feeds[n][j] = x - h; const down = interpret([penalty], feeds)[0][0];
    feeds[n][j] = x;
    expect(got[k][j]).toBeCloseTo((up - down) / (2 * h), 6);
  }));
});

test('stopGradient stops, and a missing dependence is zero', () => {
  const x = e.input('x', [3]), y = e.input('y', [2]);
  const [gx, gy] = e.grad(e.sum(e.mul(x, e.stopGradient(e.exp(x)))), [x, y]);
  const [a, b] = interpret([gx, gy], { x: [0, 1, 2], y: [1, 1] });
  expect([...a]).toEqual([1, Math.E, Math.exp(2)]);
  expect([...b]).toEqual([0, 0]);
});

test('mistakes are named', () => {
  expect(() => e.add(e.input('a', [2, 3]), e.input('b', [4]))).toThrow('add: shapes [2,3] and [4] do not broadcast');
  expect(() => e.matmul(e.input('a', [2, 3]), e.input('b', [4, 2]))).toThrow('matmul: float32[2,3] x float32[4,2]');
  expect(() => e.add(e.input('a', [2]), e.input('b', [2], 'int32'))).toThrow('cast one of them');
  expect(() => e.grad(e.input('a', [2]), [])).toThrow('scalar');
  expect(() => e.gather(e.input('a', [2]), e.input('b', [2]))).toThrow('int32');
});

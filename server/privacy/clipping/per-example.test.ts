import { describe, expect, test } from 'vitest';
import { add, at, broadcastTo, concat, constant, crossEntropy, div, gather, grad, input, layerNorm, leakyRelu, less, matmul, mean, mul, relu, reshape, sigmoid, silu, size, slice, softmax, spanCrossEntropy, spanOneHot, sqrt, square, sub, sum, tanh, transpose, where, type Expr } from '../../engine';
import { interpret } from '../../engine/interpret';
import { KeyStream } from '../../random';
import { clippedSums, type ClipGroup } from './per-example';

interface Case {
  params: Record<string, number[]>;
  /** shape and which axis counts the examples; `codes`: integers below */
  inputs: Record<string, { shape: number[]; axis?: number; codes?: number }>;
  losses(p: Record<string, Expr>, i: Record<string, Expr>): Expr;
}
const B = 5;
const one = { shape: [B, 1], axis: 0 };

const cases: Record<string, Case> = {
  'linear layers with biases': {
    params: { w: [4, 3], b: [3], v: [3, 2], c: [2] }, inputs: { x: { shape: [B, 4], axis: 0 }, y: { shape: [B, 2], axis: 0 } },
    losses: (p, i) => sum(square(sub(add(matmul(silu(add(matmul(i.x, p.w), p.b)), p.v), p.c), i.y)), { axes: 1 }),
  },
  'a norm layer with scale and shift': {
    params: { w: [4, 6], s: [6], t: [6], v: [6, 1] }, inputs: { x: { shape: [B, 4], axis: 0 } },
    losses: (p, i) => reshape(matmul(tanh(add(mul(layerNorm(matmul(i.x, p.w)), p.s), p.t)), p.v), [B]),
  },
  'codes looked up, several of them in one table': {
    params: { table: [7, 3], v: [3, 4] }, inputs: { code: { shape: [B, 3], axis: 0, codes: 7 }, y: { shape: [B], axis: 0, codes: 4 } },
    losses: (p, i) => crossEntropy(matmul(tanh(sum(gather(p.table, i.code), { axes: 1 })), p.v), i.y),
  },
  'a token axis (an attention layer)': {
    params: { q: [4, 4], k: [4, 4], o: [4, 2], b: [2] }, inputs: { x: { shape: [B, 3, 4], axis: 0 } },
    losses: (p, i) => {
      const q = matmul(i.x, p.q), k = matmul(i.x, p.k), a = softmax(matmul(q, k, { transB: true }));
      return sum(square(add(matmul(matmul(a, i.x), p.o), p.b)), { axes: [1, 2] });
    },
  },
  'many tokens, small matrices': {
    params: { w: [2, 3], b: [3], v: [3, 2] }, inputs: { x: { shape: [B, 6, 2], axis: 0 } },
    losses: (p, i) => sum(square(matmul(tanh(add(matmul(i.x, p.w), p.b)), p.v)), { axes: [1, 2] }),
  },
  'one network for each column': {
    params: { w: [3, 4, 5], b: [3, 1, 5], v: [3, 5, 2] }, inputs: { x: { shape: [B, 12], axis: 0 }, y: { shape: [3, B], axis: 1, codes: 2 } },
    losses: (p, i) => sum(crossEntropy(matmul(silu(add(matmul(transpose(reshape(i.x, [B, 3, 4]), [1, 0, 2]), p.w), p.b)), p.v), i.y), { axes: 0 }),
  },
  'spans of codes': {
    params: { w: [5, 5], b: [5] }, inputs: { code: { shape: [B, 2], axis: 0, codes: 2 } },
    losses: (p, i) => sum(spanCrossEntropy(add(matmul(spanOneHot(i.code, [{ start: 0, size: 2 }, { start: 2, size: 3 }]), p.w), p.b), i.code, [{ start: 0, size: 2 }, { start: 2, size: 3 }]), { axes: 1 }),
  },
  'the same weights twice, once transposed': {
    params: { w: [4, 3], b: [3] }, inputs: { x: { shape: [B, 4], axis: 0 } },
    losses: (p, i) => sum(square(sub(matmul(sigmoid(add(matmul(i.x, p.w), p.b)), p.w, { transB: true }), i.x)), { axes: 1 }),
  },
  'parts of one parameter, and a reshaped one': {
    params: { w: [4, 4], flat: [8] }, inputs: { x: { shape: [B, 4], axis: 0 } },
    losses: (p, i) => {
      const h = add(tanh(matmul(i.x, slice(p.w, [0], [2], [1]))), sigmoid(matmul(i.x, slice(p.w, [2], [4], [1]))));
      return sum(square(matmul(h, reshape(p.flat, [2, 4]))), { axes: 1 });
    },
  },
  'a learnt width that divides, met by the example first': {
    params: { w: [4, 2], sigma: [2], none: [1, 2] }, inputs: { x: { shape: [B, 4], axis: 0 }, keep: one, ones: one },
    losses: (p, i) => {
      const sigma = mul(i.ones, p.sigma), h = where(less(0, i.keep), matmul(i.x, p.w), p.none);
      return add(sum(square(div(h, sigma)), { axes: 1 }), sum(square(sigma), { axes: 1 }));
    },
  },
  'real and made rows, and a gradient penalty between them': {
    params: { w: [3, 6], b: [6], v: [6, 6], c: [6], u: [6, 1], d: [1] }, inputs: { x: { shape: [B, 3], axis: 0 }, made: { shape: [B, 3], axis: 0 }, mix: one, ones: one },
    losses: (p, i) => {
      // relu and a smooth unit: the second derivative of the one is nothing, of the other something.
      const judge = (x: Expr): Expr => add(matmul(tanh(add(matmul(leakyRelu(add(matmul(x, p.w), p.b), 0.2), p.v), p.c)), p.u), p.d);
      const between = add(mul(i.x, i.mix), mul(i.made, sub(1, i.mix))), [slope] = grad(sum(mul(judge(between), i.ones)), [between]);
      const penalty = square(sub(sqrt(add(sum(square(slope!), { axes: 1 }), 1e-6)), 1));
      return add(reshape(sub(judge(i.made), judge(i.x)), [B]), mul(penalty, 10));
    },
  },
  'stacked passes through one network': {
    params: { w: [3, 4], b: [4], v: [4, 1] }, inputs: { x: { shape: [B, 3], axis: 0 }, made: { shape: [B, 3], axis: 0 } },
    losses: (p, i) => {
      const y = matmul(tanh(add(matmul(concat([i.x, i.made], 0), p.w), p.b)), p.v);
      return reshape(mul(sub(slice(y, [0], [B]), slice(y, [B], [2 * B])), slice(y, [0], [B])), [B]);
    },
  },
};

function prepare(c: Case): { params: Record<string, Expr>; inputs: Record<string, Expr>; examples: Map<Expr, number>; feeds: Record<string, number[]> } {
  const feeds: Record<string, number[]> = {}, normals = (n: string, k: number): number[] => [...new KeyStream(3, n).normals(0, k)];
  const params = Object.fromEntries(Object.entries(c.params).map(([n, s]) => { feeds[`p:${n}`] = normals(n, size(s)).map((v) => (n === 'sigma' ? 1 + Math.abs(v) : v)); return [n, input(`p:${n}`, s)]; }));
  const inputs = Object.fromEntries(Object.entries(c.inputs).map(([n, s]) => {
    feeds[n] = s.codes ? [...new KeyStream(4, n).integers(0, size(s.shape), s.codes)] : n === 'ones' ? new Array<number>(size(s.shape)).fill(1) : normals(`in/${n}`, size(s.shape));
    return [n, input(n, s.shape, s.codes ? 'int32' : 'float32')];
  }));
  return { params, inputs, examples: new Map(Object.entries(c.inputs).flatMap(([n, s]) => (s.axis === undefined ? [] : [[inputs[n]!, s.axis] as const]))), feeds };
}

describe.each(Object.entries(cases))('%s', (_, c) => {
  const { params, inputs, examples, feeds } = prepare(c), names = Object.keys(params), losses = c.losses(params, inputs);
  /** The looped gradients: [example][parameter]. */
  const looped = Array.from({ length: B }, (_v, i) => interpret(grad(at(losses, i), names.map((n) => params[n]!)), feeds));
  const normOf = (i: number, of: readonly string[]): number => Math.sqrt(names.reduce((s, n, k) => (of.includes(n) ? s + looped[i]![k]!.reduce((a, v) => a + v * v, 0) : s), 0));
  const half = Math.ceil(names.length / 2), median = (xs: number[]): number => [...xs].sort((a, b) => a - b)[2]!;

  test.each(['one clip', 'two groups'] as const)('%s: norms and clipped sums are those of looped gradients', (how) => {
    const lists = how === 'one clip' ? [names] : [names.slice(0, half), names.slice(half)].filter((l) => l.length);
    // A clip that some examples exceed and others do not.
    const groups: ClipGroup[] = lists.map((own, k) => ({ name: `g${k}`, params: own, clip: median(Array.from({ length: B }, (_v, i) => normOf(i, own))) || 1 }));
    const mask = constant([1, 1, 0, 1, 1]), { sums, squared, finite } = clippedSums(losses, params, examples, groups, mask);
    const values = interpret([...names.map((n) => sums[n]!), ...groups.map((g) => squared[g.name]!), finite], feeds);
    groups.forEach((g, k) => values[names.length + k]!.forEach((v, i) => expect((Math.sqrt(v) + 1e-9) / (normOf(i, g.params) + 1e-9)).toBeCloseTo(1, 4)));
    expect([...values.at(-1)!]).toEqual(new Array(B).fill(1));
    names.forEach((n, k) => {
      const g = groups.find((x) => x.params.includes(n))!, want = new Float64Array(size(c.params[n]!));
      for (const i of [0, 1, 3, 4]) { const f = Math.min(1, (g.clip * (1 - 2 ** -10)) / Math.max(1e-15, Math.sqrt(values[names.length + groups.indexOf(g)]![i]!))); looped[i]![k]!.forEach((v, j) => { want[j]! += f * v; }); }
      const scale = Math.max(...want.map(Math.abs), 1e-9);
      values[k]!.forEach((v, j) => expect((v - want[j]!) / scale).toBeCloseTo(0, 5));
    });
  });
});

describe('what cannot be private is refused', () => {
  const x = input('x', [B, 4]), w = input('w', [4, 3]), b = input('b', [3]), examples = new Map([[x, 0]]), mask = constant(new Float32Array(B).fill(1));
  const clip = (losses: Expr, params: Record<string, Expr> = { w }): unknown => clippedSums(losses, params, examples, [{ name: 'all', params: Object.keys(params), clip: 1 }], mask);
  const y = matmul(x, w), perRow = (h: Expr): Expr => sum(h, { axes: 1 });
  test.each([
    ['batch normalisation', () => perRow(sub(y, mean(y, { axes: 0, keepDims: true })))],
    ['packs of rows', () => broadcastTo(sum(reshape(slice(concat([y, y], 0), [0], [B - 1]), [2, 6]), { axes: [0, 1] }), [B])],
    ['minibatch discrimination', () => perRow(matmul(y, y, { transB: true }))],
    ['a covariance over the batch', () => broadcastTo(sum(square(matmul(y, y, { transA: true }))), [B])],
    ['a running sum', () => at(transpose(gather(y, constant(Int32Array.of(1, 0, 2, 3, 4)))), 0)],
  ])('%s', (_, losses) => { expect(() => clip(losses())).toThrow(/not private: ".*" .*one example's gradient would depend on others/); });
  test('a parameter changed before it meets an example', () => {
    expect(() => clip(perRow(matmul(x, relu(w))))).toThrow('a parameter is changed before "matmul"');
    expect(() => clip(add(perRow(y), reshape(matmul(x, slice(w, [0], [1], [1])), [B])))).toThrow('in two shapes');
  });
  test('groups that leave a parameter out, or clip to nothing', () => {
    expect(() => clippedSums(perRow(add(y, b)), { w, b }, examples, [{ name: 'a', params: ['w'], clip: 1 }], mask)).toThrow('"b" is in 0 groups');
    expect(() => clippedSums(perRow(y), { w }, examples, [{ name: 'a', params: ['w'], clip: 0 }], mask)).toThrow('clipped to 0');
  });
  test('an example whose gradient is no number is told, and weighs nothing', () => {
    const { finite, squared } = clippedSums(perRow(y), { w }, examples, [{ name: 'all', params: ['w'], clip: 1 }], mask), feeds = { x: new Array<number>(20).fill(1), w: new Array<number>(12).fill(1) };
    feeds.x[4] = Number.NaN; feeds.x[8] = 1e30;
    const [f, s] = interpret([finite, squared.all!], feeds);
    expect([...f!]).toEqual([1, 0, 0, 1, 1]);
    expect(s![0]).toBeGreaterThan(0);
  });
});

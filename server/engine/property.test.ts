/** Random small programs: ONNX Runtime agrees with the float64 interpreter on value and gradient, whatever is composed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as e from './index';
import type { Expr } from './index';
import { topological } from './expr';
import { interpret } from './interpret';
import { compileProgram } from './program';

/** Each grows a pool of [4, 3] expressions by one; all keep values moderate, so that float32 can be compared. */
const grow: Array<(a: Expr, b: Expr, i: Expr) => Expr> = [
  (a, b) => e.add(a, b), (a, b) => e.sub(a, e.mul(b, 0.5)), (a, b) => e.mul(e.tanh(a), b), (a, b) => e.div(a, e.add(e.square(b), 1)),
  (a) => e.sigmoid(a), (a) => e.gelu(a), (a) => e.silu(a), (a) => e.softplus(a), (a) => e.layerNorm(e.add(a, e.constant([0.1, -0.2, 0.4])), 0.1), (a) => e.softmax(a), (a) => e.logSoftmax(a),
  (a, b) => e.maximum(a, b), (a, b) => e.where(e.less(a, b), a, e.neg(b)),
  (a) => e.broadcastTo(e.sum(a, { axes: 1, keepDims: true }), [4, 3]), (a) => e.sub(a, e.mean(a, { axes: 0, keepDims: true })), (a) => e.sub(a, e.max(a, { axes: 1, keepDims: true })),
  (a, b) => e.matmul(a, e.tanh(e.matmul(a, b, { transA: true }))),
  (a, b) => e.tanh(e.matmul(e.matmul(a, b, { transB: true }), b)), (a) => e.transpose(e.reshape(e.transpose(a), [3, 4])),
  (a, b) => e.slice(e.concat([a, b], 0), [2], [6]), (a) => e.slice(e.pad(a, [1, 0], [0, 1]), [0, 1], [4, 4]), (a) => e.mul(e.cumsum(a, 0), 0.5),
  (a, _, i) => e.gather(a, i), (a, _, i) => e.scatterAdd(i, a, 4), (a, _, i) => e.sub(a, e.oneHot(e.sub(i, 1), 3)),
  (a, b) => e.mul(a, e.spanSpread(e.spanLogSumExp(b, [{ start: 0, size: 1 }, { start: 1, size: 2 }]), [{ start: 0, size: 2 }, { start: 2, size: 1 }])),
  (a) => e.concat([e.reshape(e.matmul(e.reshape(a, [2, 2, 3]), e.reshape(e.softmax(a), [2, 3, 2])), [4, 2]), e.slice(a, [0], [1], [1])], 1),
];

test('random programs', async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.record({ rule: fc.nat(grow.length - 1), a: fc.nat(30), b: fc.nat(30) }), { minLength: 1, maxLength: 12 }), fc.nat(1e6),
    async (recipe, seed) => {
      const s = new e.KeyStream(seed, 'property'), shapes = { x: [4, 3], y: [4, 3] };
      const feeds = { x: Float32Array.from(s.normals(0, 12)), y: Float32Array.from(s.normals(12, 12)), i: s.integers(100, 4, 4) };
      const weights = e.constant(Float32Array.from(s.normals(50, 12)), [4, 3]);
      const build = (x: Expr, y: Expr, i: Expr): Record<string, Expr> => {
        const pool = [x, y];
        for (const { rule, a, b } of recipe) pool.push(grow[rule](pool[a % pool.length], pool[b % pool.length], i));
        const value = pool[pool.length - 1], [gx, gy] = e.grad(e.sum(e.mul(value, weights)), [x, y]);
        return { value, gx, gy };
      };
      const want = build(e.input('x', shapes.x), e.input('y', shapes.y), e.input('i', [4], 'int32'));
      const reference = interpret(Object.values(want), feeds);
      const program = await compileProgram({ inputs: { x: { shape: [4, 3], dtype: 'float32' }, y: { shape: [4, 3], dtype: 'float32' }, i: { shape: [4], dtype: 'int32' } }, outputs: ({ x, y, i }) => build(x, y, i) }, { target: 'cpu', threads: 1 });
      try {
        const got = await program.run(feeds);
        Object.keys(want).forEach((k, n) => {
          const scale = 1 + reference[n].reduce((m, v) => Math.max(m, Math.abs(v)), 0);
          reference[n].forEach((v, j) => { if (!(Math.abs(got[k][j] - v) <= 2e-3 * scale)) expect.fail(`${k}[${j}]: ${got[k][j]} against ${v}, ${topological(Object.values(want)).map((t) => t.op).join(' ')}`); });
        });
      } finally { await program.release(); }
    }), { numRuns: 60, seed: 20 });
});

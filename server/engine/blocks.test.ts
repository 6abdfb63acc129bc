import { describe, expect, test } from 'vitest';
import * as e from './index';
import type { Expr } from './index';
import { interpret } from './interpret';

const cpu = e.openDevice('cpu', { threads: 1 });
const stream = new e.KeyStream(21, 'blocks.test');
/** Runs a function of named arrays on the CPU. */
async function run<O extends string>(inputs: Record<string, { shape: number[]; values: e.Values }>, f: (i: Record<string, Expr>) => Record<O, Expr>): Promise<Record<O, e.Values>> {
  const p = await (await cpu).compile({ inputs: Object.fromEntries(Object.entries(inputs).map(([n, x]) => [n, { shape: x.shape, dtype: x.values instanceof Float32Array ? 'float32' as const : 'int32' as const }])), outputs: f });
  try { return await p.run(Object.fromEntries(Object.entries(inputs).map(([n, x]) => [n, x.values]))); } finally { await p.release(); }
}

describe('randomness from bits', () => {
  test('uniforms stay inside (0, 1), and are monotone in the bits', async () => {
    const bits = Int32Array.of(-(2 ** 31), -(2 ** 31) + 1, -1, 0, 1, 2 ** 31 - 1000, 2 ** 31 - 1);
    const { u } = await run({ bits: { shape: [7], values: bits } }, (i) => ({ u: e.uniform(i.bits) }));
    expect(u[0]).toBe(2 ** -25);
    expect(u[6]).toBe(Math.fround(1 - 2 ** -24));
    expect(u[3]).toBe(0.5);
    for (let i = 1; i < 7; i++) expect(u[i]).toBeGreaterThanOrEqual(u[i - 1]);
  });
  test('normals: finite at the extremes, right moments, uncorrelated branches', async () => {
    const n = 100_000, bits = stream.bits(0, 2 * n);
    bits[0] = -(2 ** 31); bits[1] = 2 ** 31 - 1; bits[n] = 2 ** 31 - 1;
    const { z } = await run({ bits: { shape: [2, n], values: bits } }, (i) => ({ z: e.normal(i.bits) }));
    expect(Math.max(...z.slice(0, 10).map(Math.abs))).toBeLessThan(6);
    const m = [1, 2, 3, 4].map((p) => (z as Float32Array).reduce((t, v) => t + v ** p, 0) / (2 * n));
    [0, 1, 0, 3].forEach((want, i) => expect(Math.abs(m[i] - want)).toBeLessThan(4.5 * Math.sqrt([1, 2, 15, 96][i] / (2 * n))));
    let cross = 0;
    for (let i = 0; i < n; i++) cross += z[i] * z[n + i];
    expect(Math.abs(cross / n)).toBeLessThan(4.5 / Math.sqrt(n));
  });
  test('categorical and Gumbel-max draw the softmax, and never a class of probability zero', async () => {
    const n = 60_000, logits = [1, -1e30, 0, 2, -1, -1e30], p = interpret([e.softmax(e.constant(logits))])[0];
    const bits = stream.child('draws').bits(0, n), many = stream.child('gumbel').bits(0, n * 6);
    bits[0] = 2 ** 31 - 1; bits[1] = -(2 ** 31);
    const r = await run({ bits: { shape: [n], values: bits }, many: { shape: [n, 6], values: many } }, (i) => {
      const l = e.broadcastTo(e.constant(logits), [n, 6]);
      return { inverse: e.categorical(l, e.uniform(i.bits)), gumbel: e.gumbelMax(l, e.uniform(i.many)) };
    });
    for (const codes of [r.inverse, r.gumbel]) {
      const counts = new Array<number>(6).fill(0);
      for (const c of codes) counts[c]++;
      expect(counts[1] + counts[5]).toBe(0);
      const chi2 = counts.reduce((t, c, k) => (p[k] ? t + (c - n * p[k]) ** 2 / (n * p[k]) : t), 0);
      expect(chi2).toBeLessThan(16.27);   // 0.1% point with 3 degrees of freedom
    }
    expect(r.inverse[0]).toBe(4);
    expect(r.inverse[1]).toBe(0);
  });
});

describe('spans', () => {
  const spans = [{ start: 0, size: 2 }, { start: 2, size: 3 }];
  test('cross-entropy equals a log-softmax per span', async () => {
    const logits = Float32Array.of(1, 2, 3, 4, 5, -40, 0, 20, 21, -50), codes = Int32Array.of(0, 2, 1, 0);
    const { nll } = await run({ x: { shape: [2, 5], values: logits }, c: { shape: [2, 2], values: codes } }, ({ x, c }) => ({ nll: e.spanCrossEntropy(x, c, spans) }));
    const want: number[] = [];
    for (let b = 0; b < 2; b++) spans.forEach((s, j) => {
      const row = [...logits.slice(b * 5 + s.start, b * 5 + s.start + s.size)], m = Math.max(...row);
      want.push(m + Math.log(row.reduce((t, v) => t + Math.exp(v - m), 0)) - row[codes[b * 2 + j]]);
    });
    want.forEach((w, i) => expect(nll[i]).toBeCloseTo(w, 4));
  });
  test('a span far below the others stays finite, and its target is still pushed up', async () => {
    const { nll, g } = await run({ x: { shape: [1, 5], values: Float32Array.of(200, 0, 1, 2, 3) } }, ({ x }) => {
      const l = e.spanCrossEntropy(x, e.constant(Int32Array.of(0, 1), [1, 2]), spans);
      return { nll: l, g: e.grad(e.sum(l), [x])[0] };
    });
    expect([...nll].every(Number.isFinite)).toBe(true);
    expect(g[3]).toBeLessThan(-0.5);
  });
  test('spans must tile', () => { expect(() => e.spanOneHot(e.input('c', [2, 2], 'int32'), [{ start: 0, size: 2 }, { start: 3, size: 1 }])).toThrow('starts at 3, not at 2'); });
});

test('a padded class gets no probability and no gradient', async () => {
  const { l, g } = await run({ x: { shape: [2, 3], values: Float32Array.of(1, 2, 50, 0, 1, 2) } }, ({ x }) => {
    const ce = e.crossEntropy(x, e.constant(Int32Array.of(0, 2)), e.constant(Uint8Array.of(1, 1, 0, 1, 1, 1), [2, 3]));
    return { l: ce, g: e.grad(e.sum(ce), [x])[0] };
  });
  expect(l[0]).toBeCloseTo(Math.log(1 + Math.E), 5);
  expect(g[2]).toBe(0);
});

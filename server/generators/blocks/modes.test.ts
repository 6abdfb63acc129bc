import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KeyStream, openDevice, softmax, slice, concat } from '../../engine';
import { Conditions, drawConditions, running } from './conditional-vector';
import { digamma, fitMixture } from './mixture';
import { decodeMode, encodeMode, fitModes, modeCount, modeShares, type Modes } from './modes';
import { layoutOf, readRows, spanLse, spanSoftmax } from './spans';

interface Golden {
  fits: Record<string, { x: number[]; logLikelihood: number[] }>;
  transform: { weights: number[]; means: number[]; sds: number[]; bias: number[]; x: number[]; uniforms: number[]; alpha: number[]; mode: number[]; back: number[] };
  probabilities: { codes: number[][]; log: number[][] };
}
const golden = JSON.parse(readFileSync('test/golden/gan/modes.json', 'utf8')) as Golden;

function logLikelihood(x: readonly number[], modes: Modes): number {
  const { weights, means, sds } = modes.mixture, total = modes.kept.reduce((s, k) => s + weights[k]!, 0);
  return x.reduce((s, v) => s + Math.log(modes.kept.reduce((p, k) => p + (weights[k]! / total / sds[k]! / Math.sqrt(2 * Math.PI)) * Math.exp(-0.5 * ((v - means[k]!) / sds[k]!) ** 2), 0)), 0) / x.length;
}

describe('mixture', () => {
  for (const [name, { x, logLikelihood: theirs }] of Object.entries(golden.fits)) test(`fits ${name} as well as scikit-learn from any of its starts`, () => {
    const modes = fitModes(Float64Array.from(x), { components: 10, seed: 1 });
    expect(logLikelihood(x, modes)).toBeGreaterThan(Math.min(...theirs) - 0.01);
  });
  test('finds three separate modes, and unused components lose their weight', () => {
    const { kept, mixture } = fitModes(Float64Array.from(golden.fits.three!.x), { components: 10, seed: 2 });
    expect(kept.length).toBeLessThan(10);
    for (const [mean, sd, share] of [[-3, 0.5, 0.4], [6, 0.3, 160 / 600]] as const) {
      const near = kept.filter((k) => Math.abs(mixture.means[k]! - mean) < 2 * sd);
      expect(near.reduce((s, k) => s + mixture.weights[k]!, 0)).toBeCloseTo(share, 1);
    }
  });
  test('does not depend on scale or place, and takes constants, two values and large columns', () => {
    const x = Float64Array.from(golden.fits.skewed!.x), a = fitMixture(x, { components: 10, seed: 1 }), b = fitMixture(x.map((v) => 1e-5 * v + 3), { components: 10, seed: 1 });
    a.means.forEach((m, k) => expect((b.means[k]! - 3) * 1e5).toBeCloseTo(m, 3));
    expect(fitMixture(new Float64Array(50).fill(7), { components: 10, seed: 1 }).means).toEqual([7]);
    expect(fitMixture(Float64Array.of(1, 2), { components: 10, seed: 1 }).means.length).toBe(2);
    const wide = new KeyStream(1, 'wide').normals(0, 20_000), m = fitMixture(wide, { components: 10, seed: 1 });
    expect(m.weights.reduce((s, w, k) => s + w * m.means[k]!, 0)).toBeCloseTo(0, 1);
    expect(m.weights.reduce((s, w, k) => s + w * (m.means[k]! ** 2 + m.sds[k]! ** 2), 0)).toBeCloseTo(1, 1);
  });
  test('digamma', () => {
    for (const [x, y] of [[1, -0.5772156649015329], [0.5, -1.9635100260214235], [0.001, -1000.5755719318103], [10, 2.251752589066721], [1234.5, 7.1180162318279985]] as const) expect(Math.abs(digamma(x) - y) / Math.abs(y)).toBeLessThan(1e-11);
  });
});

describe('mode-specific normalisation', () => {
  test('is that of rdt\'s ClusterBasedNormalizer, given its mixture and its random numbers', () => {
    const { weights, means, sds, bias, x, uniforms, alpha, mode, back } = golden.transform;
    const modes: Modes = { atoms: [], mixture: { weights, means, sds, bias }, kept: weights.map((_, k) => k).filter((k) => weights[k]! > 0.005) };
    x.forEach((v, i) => {
      const own = encodeMode(modes, v, uniforms[i]!);
      expect(own.mode).toBe(mode[i]);
      expect(Math.abs(own.alpha - alpha[i]!)).toBeLessThan(1e-5);
      expect(Math.abs(decodeMode(modes, own.mode, own.alpha) - back[i]!)).toBeLessThan(1e-5);
    });
    expect(modeShares(modes, -3).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
  test('values that many rows share are atoms, and come back exactly', () => {
    const u = new KeyStream(1, 'atoms').uniforms(0, 4000), x = u.map((v, i) => (i % 3 === 0 ? 0 : i % 10 === 1 ? 0.1 + 0.2 : Math.exp(8 * v)));
    const modes = fitModes(x, { components: 10, seed: 1, atoms: true, leastRows: 5 });
    expect(modes.atoms).toEqual([0, 0.1 + 0.2]);
    for (let i = 0; i < 20; i++) { const { mode, alpha } = encodeMode(modes, x[i]!, 0.5), y = decodeMode(modes, mode, alpha); if (mode < 2) expect(y).toBe(x[i]); else if (Math.abs(alpha) < 0.99) expect(y).toBeCloseTo(x[i]!, 8); }
    expect(fitModes(x, { components: 10, seed: 1 }).atoms).toEqual([]);
    expect(modeCount(fitModes(Float64Array.of(1, 1, 1, 2, 2, 2), { components: 10, seed: 1, atoms: true }))).toBeGreaterThan(0);
  });
});

describe('conditional vector', () => {
  const { codes, log } = golden.probabilities, c = new Conditions(Int32Array.from(codes.flat()), [3, 4], codes.length);
  test('chances of training are the reference\'s', () => {
    log.forEach((own, k) => c.probabilities(k).forEach((p, i) => expect(Math.abs(p - own[i]!)).toBeLessThan(1e-8)));
  });
  test('draws have those chances, rows meet them, and any split gives the same', () => {
    const stream = new KeyStream(1, 'conditions'), n = 20_000, d = c.draw(stream, 0, n), rows = c.rows(d, new KeyStream(2, 'rows').uniforms(0, n));
    const counts = new Float64Array(7);
    for (let i = 0; i < n; i++) { counts[d.index[i]!]!++; expect(codes[rows[i]!]![d.column[i]!]).toBe(d.code[i]); }
    [...log[0]!.slice(0, 3), ...log[1]!].forEach((p, i) => expect(Math.abs(counts[i]! / n - p / 2)).toBeLessThan(0.012));
    expect(c.draw(stream, 300, 100).index).toEqual(d.index.slice(300, 400));
    const plain = drawConditions([running(Float64Array.of(0.9, 0.1)), running(Float64Array.of(1, 0, 3))], stream, 0, n);
    [0.45, 0.05, 0.125, 0, 0.375].forEach((p, i) => expect(Math.abs(plain.index.filter((k) => k === i).length / n - p)).toBeLessThan(0.012));
  });
});

test('softmax within spans equals a softmax each, also for logits hundreds apart', async () => {
  const l = layoutOf([2, 1], [5, 60]), rows = 40, B = [rows, l.hot];
  const x = new KeyStream(3, 'logits').normals(0, rows * l.hot).map((v, i) => v * [1, 20, 150, 300][Math.floor(i / l.hot) % 4]!);
  const device = await openDevice('cpu');
  const program = await device.compile({
    inputs: { x: { shape: B, dtype: 'float32' } },
    outputs: (i) => ({ own: spanSoftmax(i.x!, l.spans), lse: spanLse(i.x!, l.spans), each: concat(l.spans.map((s) => softmax(slice(i.x!, [s.start], [s.start + s.size], [1]))), 1) }),
  });
  const { own, each, lse } = await program.run({ x: Float32Array.from(x) });
  each.forEach((v, i) => expect(Math.abs(own[i]! - v), `${i}`).toBeLessThan(2e-5 + 1e-4 * v));
  expect(lse.every(Number.isFinite)).toBe(true);
  expect([...readRows(Float32Array.of(0.5, -1, 1, 2, 9, 0, 0, 0, 3, 0), layoutOf([2, 1], [5]), 1).codes]).toEqual([1, 0, 3]);
  await program.release();
});

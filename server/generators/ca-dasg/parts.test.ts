/** The parts of CA-DASG outside the graph: contexts, clusters, the cache, the two balancings. */
import { describe, expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { category, mixed, table as tableOf } from '../../../test/conformance/generator-cases';
import { UserError } from '../../errors';
import { fitFeatures } from '../blocks/features';
import { adapt, shift } from './balance';
import { edgesOf, periodsOf } from './bins';
import { Cache, type BatchSums } from './cache';
import { kMeans } from './clusters';
import { Contexts, namedColumns } from './contexts';
import { nextRefresh, recordEvery } from './host';
import { closerShare } from './lags';
import { layoutOf } from '../blocks/spans';

const table = mixed(400), features = fitFeatures(table, { numbers: 'standard', seed: 1, valuesAsCategories: 5 });

describe('contexts', () => {
  test('columns are named between commas; one that is not there is an error that names it', () => {
    expect(namedColumns('city, bought', table)).toEqual(['city', 'bought']);
    expect(namedColumns('', table)).toEqual([]);
    expect(namedColumns('a, b', tableOf(category('a, b', [0], ['x'])))).toEqual(['a, b']);
    expect(() => namedColumns('city,town', table)).toThrow(UserError);
  });
  test('every row has a context; shares are the rows\'; rare combinations share one without a trace of which they were', () => {
    const contexts = Contexts.fit(table, features, ['city', 'age'], { bins: 3, least: 20, most: 64 }), { contexts: own, parts } = contexts.assign(table, features), counts = new Array<number>(contexts.list.length).fill(0);
    for (const c of own) counts[c]!++;
    contexts.list.forEach((c, i) => expect(c.share).toBeCloseTo(counts[i]! / 400, 12));
    expect(contexts.list.reduce((s, c) => s + c.share, 0)).toBeCloseTo(1, 12);
    for (const c of contexts.list) expect(c.codes === undefined || c.share >= 20 / 400).toBe(true);
    expect(contexts.list.at(-1)!.label).toBe('all rarer combinations');
    expect(parts.length).toBe(800);
  });
  test('drawn by their shares, whatever the chunking; given a part, only contexts that have it', () => {
    const contexts = Contexts.fit(table, features, ['city', 'bought'], { bins: 3, least: 5, most: 64 }), stream = new KeyStream(1, 'draw'), drawn = contexts.draw(stream, 0, 4000);
    contexts.list.forEach((c, i) => expect(Math.abs(drawn.contexts.filter((v) => v === i).length / 4000 - c.share)).toBeLessThan(4 * Math.sqrt(0.25 / 4000)));
    expect(Array.from(contexts.draw(stream, 10, 20).parts)).toEqual(Array.from(drawn.parts.subarray(20, 60)));
    const given = Int32Array.from({ length: 200 }, (_, i) => (i % 2 ? -1 : 1));   // city is its second category, bought is free
    for (let i = 0; i < 100; i++) expect(contexts.draw(stream, 0, 100, given).parts[2 * i]).toBe(1);
    expect(contexts.exact).toEqual(['city', 'bought']);
  });
  test('numbers in bins of equal mass, dates in the finest calendar periods that are at most twelve', () => {
    expect(edgesOf(Float64Array.from({ length: 100 }, (_, i) => i), 4).edges).toEqual([25, 50, 75]);
    expect(edgesOf(new Float64Array(50).fill(3), 4)).toEqual({ edges: [], labels: ['any'] });
    expect(periodsOf(table.column('day')).labels).toEqual(['2022 Q1', '2022 Q2', '2022 Q3', '2022 Q4', '2023 Q1', '2023 Q2', '2023 Q3', '2023 Q4']);
  });
});

test('k-means finds three separate heaps, the largest first', () => {
  const z = new KeyStream(2, 'heaps').normals(0, 600), x = Float32Array.from({ length: 600 }, (_, i) => { const row = i >> 1, heap = row < 150 ? 0 : row < 250 ? 1 : 2; return 10 * heap * (i % 2 ? 1 : -1) + z[i]!; });
  const { codes, sizes } = kMeans(x, 300, 2, 3, new KeyStream(2, 'k'));
  expect(sizes).toEqual([150, 100, 50]);
  expect(new Set(codes.subarray(0, 150)).size).toBe(1);
});

describe('the cache', () => {
  const shape = { contexts: 2, width: 2, sketch: 2, embedding: 2 };
  /** Sums of a batch, from rows and their contexts; latents are the rows. */
  const sums = (rows: number[][], contexts: number[]): BatchSums => {
    const n = new Float32Array(2), x = new Float32Array(4), xx = new Float32Array(8);
    rows.forEach((r, i) => { const c = contexts[i]!; n[c]!++; r.forEach((v, j) => { x[c * 2 + j]! += v; r.forEach((w, k) => { xx[c * 4 + j * 2 + k]! += v * w; }); }); });
    return { n, x, s: x, ss: xx, z: x, zz: xx };
  };
  const drawn = (step: number): { rows: number[][]; contexts: number[] } => {
    const z = new KeyStream(step, 'cache').normals(0, 40);
    // Context 1 has a row in every second batch, of 20.
    return { rows: Array.from({ length: 20 }, (_, i) => (i === 0 && step % 2 ? [5 + z[0]!, -5 + z[1]! + 0.8 * z[0]!] : [z[2 * i]!, 2 * z[2 * i + 1]!])), contexts: Array.from({ length: 20 }, (_, i) => Number(i === 0 && step % 2 === 1)) };
  };
  test('finds the mean and covariance of a context with one row in every second batch, where the averages of batches find none', () => {
    const on = new Cache(shape, 'on', 0.99), paper = new Cache(shape, 'paper', 0.99);
    for (let k = 0; k < 1500; k++) { const b = drawn(k), s = sums(b.rows, b.contexts); on.update(s, k); paper.update(s, k); }
    const got = on.publish(), written = paper.publish();
    expect(got.mean[2]).toBeCloseTo(5, 0);
    expect(got.mean[3]).toBeCloseTo(-5, 0);
    expect(got.covariance[4]).toBeGreaterThan(0.5);
    expect(got.covariance[3]).toBeCloseTo(4, 0);
    // A single row is its own mean: the pseudo-code's covariance of such a context is nothing.
    expect(written.mean[2]).toBeCloseTo(5, 0);
    expect(Math.abs(written.covariance[4]!)).toBeLessThan(1e-6);
  });
  test('a context begins with what its first batch holds; one never seen leans on all', () => {
    for (const kind of ['on', 'paper'] as const) { const c = new Cache(shape, kind, 0.9); c.update(sums([[1, 2], [3, 4]], [0, 0]), 0); expect(Array.from(c.publish().mean.subarray(0, 2)).map((v) => +v.toFixed(5))).toEqual([2, 3]); }
    const c = new Cache(shape, 'on', 0.9);
    c.update(sums([[1, 2], [3, 4]], [0, 0]), 0);
    expect(c.has(1)).toBe(false);
    // The pooled mean is context 0's, itself leaning on it.
    expect(c.publish().priorMean[2]).toBeCloseTo(2, 4);
  });
  test('holds as many numbers whatever the number of rows, and none of theirs; saved and restored it is the same', () => {
    const a = new Cache(shape, 'on', 0.95), b = new Cache(shape, 'on', 0.95);
    for (let k = 0; k < 50; k++) { const d = drawn(k); a.update(sums(d.rows, d.contexts), k); }
    expect(a.save().length).toBe(2 * (1 + 2 + 2 + 4 + 2 + 4));
    b.restore(a.save());
    expect(b.publish()).toEqual(a.publish());
    const { factor } = a.factors();
    for (let c = 0; c < 2; c++) { expect(factor[c * 4]).toBeGreaterThan(0); expect(factor[c * 4 + 1]).toBe(0); }
  });
  test('the paper\'s noise gathers in the average: its variance is s^2 / (1 - alpha^2), however many rows there were', () => {
    const wide = { contexts: 1, width: 500, sketch: 1, embedding: 1 }, c = new Cache(wide, 'paper', 0.9, 1, new KeyStream(1, 'noise')), zero: BatchSums = { n: Float32Array.of(1e6), x: new Float32Array(500), s: new Float32Array(1), ss: new Float32Array(1) };
    for (let k = 0; k < 200; k++) c.update(zero, k);
    const sd = Math.sqrt(c.publish().mean.reduce((s, v) => s + v * v, 0) / 500);
    expect(sd).toBeCloseTo(Math.sqrt(1 / (1 - 0.81)), 0);
  });
});

describe('balancing', () => {
  test('gradient norms: at rest where the weighted pull is `base` times the reference; without the weight in it, it ends at its clamp', () => {
    let w = 1;
    for (let i = 0; i < 60; i++) w = adapt(w, 0.1, 4, 20, { rate: 0.3, reach: 100 });
    expect(w * 4).toBeCloseTo(0.1 * 20, 6);
    let literal = 1;
    for (let i = 0; i < 60; i++) literal = Math.min(100, Math.max(0.01, literal * (20 / 4)));
    expect(literal).toBe(100);
    expect(adapt(1, 0.1, 0, 20, { rate: 0.3, reach: 10 })).toBe(1);
    expect(adapt(1, 1, 1e9, 1, { rate: 1, reach: 10 })).toBeCloseTo(0.1, 12);
  });
  test('validation figures: what lags gains, what leads loses, equal lags change nothing', () => {
    const even = { fidelity: 1, utility: 1, privacy: 1 }, o = { rate: 0.5, reach: 3 };
    expect(shift(even, { fidelity: 2, utility: 2, privacy: 2 }, o)).toEqual(even);
    let m = even;
    for (let i = 0; i < 20; i++) m = shift(m, { fidelity: 8, utility: 0, privacy: 0.2 }, o);
    expect(m.fidelity).toBeGreaterThan(1.5);
    expect(m.utility).toBeLessThan(0.7);
    expect(m.fidelity).toBeLessThanOrEqual(3);
  });
  test('happens at steps that depend on the number of steps alone', () => {
    for (const of of [6, 100, 4000]) expect(recordEvery(of) % 8).toBe(0);
    expect([0, 1, 2, 3, 4, 7, 8].map(nextRefresh)).toEqual([1, 2, 4, 4, 8, 8, 16]);
  });
  test('rows that copy fitting rows are nearer to them; fresh ones are not', () => {
    const layout = layoutOf([], [50, 50]), rows = (k: number) => ({ rows: 200, alphas: new Float32Array(0), codes: Int32Array.from(new KeyStream(k, 'closer').uniforms(0, 400), (v) => Math.floor(50 * v)) });
    expect(closerShare(rows(1), rows(1), rows(2), layout)).toBeGreaterThan(0.9);
    expect(Math.abs(closerShare(rows(3), rows(1), rows(2), layout) - 0.5)).toBeLessThan(0.12);
  });
});

import { describe, expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { gammaP, normalCdf } from '../../learners/distributions';
import { cholesky } from '../../learners/linear/cholesky';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Column, Table } from '../../table/table';
import type { FitContext } from '../generator';
import { fitFamily } from './fitted-marginal';
import { condition, eigen, repairCorrelation } from './gaussian';
import { gaussianCopula } from './gaussian-copula';

const number = (name: string, v: ArrayLike<number>): Column => numberColumn(columnSchema({ name, kind: 'real', storage: 'number' }), Float64Array.from(v));
const code = (name: string, v: ArrayLike<number>, categories: string[]): Column => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(v), categories);
const context = (fit: Table): FitContext => ({ fit, validation: fit.take([]), seed: 1, device: 'cpu', budgetSeconds: 10, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined });

const names = ['normal', 'skewed', 'few', 'flag', 'size'], d = 5;
const truth = [[1, 0.8, -0.5, 0.6, 0.3], [0.8, 1, -0.3, 0.5, 0.4], [-0.5, -0.3, 1, -0.2, -0.6], [0.6, 0.5, -0.2, 1, 0.5], [0.3, 0.4, -0.6, 0.5, 1]];
/** Scores of the copula, and the table they make: a normal, a log-normal, a number of four values, a flag (30%), three sizes of falling frequency. */
function simulate(n: number, seed = 5): { scores: Float64Array[]; table: Table } {
  const { factor } = cholesky(Float64Array.from(truth.flat()), d), e = Array.from({ length: d }, (_, k) => new KeyStream(seed, `copula/${k}`).normals(0, n));
  const scores = Array.from({ length: d }, (_, i) => Float64Array.from({ length: n }, (_, r) => e.reduce((s, v, k) => s + factor[i * d + k]! * v[r]!, 0)));
  const [a, b, c, f, g] = scores as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  return { scores, table: makeTable(plainDialect, [
    number('normal', a), number('skewed', b.map((v) => Math.exp(1.5 * v))), number('few', c.map((v) => (v < -1 ? 0 : v < 0 ? 1 : v < 1.5 ? 2 : 10))),
    code('flag', f.map((v) => (normalCdf(v) < 0.7 ? 0 : 1)), ['no', 'yes']), code('size', g.map((v) => { const u = normalCdf(v); return u < 0.5 ? 0 : u < 0.85 ? 1 : 2; }), ['S', 'M', 'L']),
  ]) };
}
const modelOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as { correlation: number[]; families: Record<string, string> };

test('recovers the correlations of a simulated copula to sampling error, of intervals and atoms as well as of numbers', async () => {
  const n = 20_000, g = await gaussianCopula.fit(context(simulate(n).table), {}), { correlation } = modelOf(g.save());
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) {
    // Asymptotic error (1 - rho^2) / sqrt(n) for two numbers; grouping loses information: about twice that for two-way columns.
    const error = ((1 - truth[i]![j]! ** 2) / Math.sqrt(n)) * (i >= 2 ? 2.2 : 1);
    expect(Math.abs(correlation[i * d + j]! - truth[i]![j]!), `${names[i]}, ${names[j]}`).toBeLessThan(3.5 * error);
  }
});

test('draws what it has learnt: marginals and dependence of a second sample of the copula', async () => {
  const n = 20_000, g = await gaussianCopula.fit(context(simulate(n).table), {}), made = await g.sample(n, { seed: 3 }), fresh = simulate(n, 6).table;
  const share = (t: Table, of: (r: number) => boolean): number => { let k = 0; for (let r = 0; r < t.rows; r++) if (of(r)) k++; return k / t.rows; };
  const both = (t: Table): number[] => [
    share(t, (r) => t.column('flag').codes()[r] === 1 && t.column('size').codes()[r] === 2), share(t, (r) => t.column('skewed').numbers()[r]! > 4.5 && t.column('normal').numbers()[r]! > 1),
    share(t, (r) => t.column('few').numbers()[r] === 10 && t.column('normal').numbers()[r]! < 0), share(t, (r) => t.column('few').numbers()[r] === 0),
  ];
  const own = both(made), other = both(fresh);
  own.forEach((p, i) => expect(Math.abs(p - other[i]!), String(i)).toBeLessThan(4 * Math.sqrt((2 * p * (1 - p)) / n) + 0.003));
});

describe('given some columns', () => {
  test('numbers: the conditional normal of the scores in closed form', async () => {
    const n = 20_000, { table } = simulate(n), g = await gaussianCopula.fit(context(table.select(['normal', 'skewed'])), {}), rho = modelOf(g.save()).correlation[1]!;
    const made = await g.sample(8000, { seed: 2, given: makeTable(plainDialect, [number('normal', new Float64Array(8000).fill(1.2))]) });
    expect(made.column('normal').numbers().every((v) => v === 1.2)).toBe(true);
    const z = made.column('skewed').numbers().map((v) => Math.log(v) / 1.5), mean = z.reduce((a, b) => a + b, 0) / z.length, variance = z.reduce((a, b) => a + (b - mean) ** 2, 0) / z.length;
    expect(mean).toBeCloseTo(rho * 1.2, 1);
    expect(variance).toBeCloseTo(1 - rho * rho, 1);
  });
  test('intervals, one or several: as the rows that meet the condition among free draws', async () => {
    const g = await gaussianCopula.fit(context(simulate(20_000).table), {}), free = await g.sample(120_000, { seed: 2 }), rows = 12_000;
    for (const [flag, size, few] of [[1, undefined, undefined], [1, 2, undefined], [0, 2, 2]] as const) {
      const kept = Array.from({ length: free.rows }, (_, r) => r).filter((r) => free.column('flag').codes()[r] === flag && (size === undefined || free.column('size').codes()[r] === size) && (few === undefined || free.column('few').numbers()[r] === few));
      const given = makeTable(plainDialect, [code('flag', new Int32Array(rows).fill(flag), ['no', 'yes']), ...(size === undefined ? [] : [code('size', new Int32Array(rows).fill(size), ['S', 'M', 'L'])]), ...(few === undefined ? [] : [number('few', new Float64Array(rows).fill(few))])]);
      const made = await g.sample(rows, { seed: 9, given }), wanted = free.take(kept);
      for (const name of ['normal', 'skewed']) for (const cut of name === 'normal' ? [-0.5, 0, 0.7] : [0.5, 1.5, 4]) {
        const share = (t: Table): number => t.column(name).numbers().filter((v) => v <= cut).length / t.rows, p = share(wanted);
        expect(Math.abs(share(made) - p), `${flag} ${size} ${few}: ${name} <= ${cut}`).toBeLessThan(4 * Math.sqrt(p * (1 - p) * (1 / kept.length + 1 / rows)) + 0.002);
      }
    }
  });
  test('missing numbers are a condition like any other', async () => {
    const n = 4000, z = new KeyStream(1, 'gap').normals(0, n), gap = table2(z);
    const g = await gaussianCopula.fit(context(gap), {}), given = makeTable(plainDialect, [number('x', new Float64Array(3000).fill(NaN))]), made = await g.sample(3000, { seed: 1, given });
    expect(made.column('x').missingCount).toBe(3000);
    // Missing where the flag is up, in fitting: so it is where missing is given.
    expect(made.column('flag').codes().filter((c) => c === 1).length / 3000).toBeGreaterThan(0.85);
  });
});
function table2(z: Float64Array): Table {
  return makeTable(plainDialect, [number('x', z.map((v, i) => (i % 4 === 0 ? NaN : v))), code('flag', Int32Array.from(z, (_, i) => (i % 4 === 0 ? 1 : 0)), ['no', 'yes'])]);
}

test('a family is found by its distance, and what is drawn stays within the fitted range', async () => {
  const u = new KeyStream(2, 'family').uniforms(0, 6000), z = new KeyStream(2, 'family/z').normals(0, 6000);
  expect(fitFamily(z).family).toBe('normal');
  expect(fitFamily(u.map((v) => 3 + 2 * v)).family).toMatch(/uniform|beta/);
  expect(fitFamily(z.map((v) => Math.exp(v))).family).toBe('lognormal');
  const gamma = fitFamily(u.map((v, i) => -Math.log(v) - Math.log(u[(i + 3000) % 6000]!)));
  expect(gamma.family).toBe('gamma');
  // The median of a gamma of shape 2 is 1.678: the place at which its distribution function is one half.
  expect(gammaP(2, gamma.marginal.low[256]!)).toBeCloseTo(0.5, 1);
  const t = makeTable(plainDialect, [number('x', z.map((v) => Math.exp(v)))]), made = await (await gaussianCopula.fit(context(t), { marginals: 'fitted' })).sample(5000, { seed: 4 }), v = made.column('x').numbers();
  expect(Math.max(...v)).toBeLessThanOrEqual(Math.max(...t.column('x').numbers()));
  expect(v.slice().sort()[2500]!).toBeCloseTo(1, 0);
});

test('linear algebra: eigenvectors rebuild, a matrix that is no correlation becomes the nearest kind, conditioning agrees with the two-variable formula', () => {
  const bad = Float64Array.from([1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1]), { values, vectors } = eigen(bad, 3);
  expect(Math.min(...values)).toBeLessThan(0);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect([0, 1, 2].reduce((s, k) => s + values[k]! * vectors[i * 3 + k]! * vectors[j * 3 + k]!, 0)).toBeCloseTo(bad[i * 3 + j]!, 10);
  const good = repairCorrelation(bad, 3);
  expect(Math.min(...eigen(good, 3).values)).toBeGreaterThan(0);
  expect([good[0], good[4], good[8]].every((v) => Math.abs(v! - 1) < 1e-12)).toBe(true);
  const c = condition(Float64Array.from([1, 0.6, 0.6, 1]), 2, [0]);
  expect([c.gain[0], c.factor[0]]).toEqual([0.6, 0.8]);
});

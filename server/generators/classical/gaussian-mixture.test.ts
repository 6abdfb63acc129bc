import { describe, expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Column, Table } from '../../table/table';
import type { FitContext } from '../generator';
import { gaussianMixture } from './gaussian-mixture';
import { emStep, groupByMissing, startComponents, type MixtureData } from './mixture-em';

const number = (name: string, v: ArrayLike<number>): Column => numberColumn(columnSchema({ name, kind: 'real', storage: 'number' }), Float64Array.from(v));
const code = (name: string, v: ArrayLike<number>, categories: string[]): Column => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(v), categories);
const context = (fit: Table, extra: Partial<FitContext> = {}): FitContext => ({ fit, validation: fit.take([]), seed: 1, device: 'cpu', budgetSeconds: 20, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra });

/** Three components: weights .5 .3 .2, means, one shared shape each, and a table of two categories. */
const weights = [0.5, 0.3, 0.2], means = [[0, 0], [6, 1], [-2, 7]], factors = [[1, 0.8, 0.6], [0.5, 0, 1.5], [1, -0.5, 0.5]], flag = [0.9, 0.2, 0.5];
function simulate(n: number, seed = 3): { owner: Int32Array; x: Float64Array; y: Float64Array; f: Int32Array } {
  const u = new KeyStream(seed, 'mixture/u').uniforms(0, n), v = new KeyStream(seed, 'mixture/v').uniforms(0, n), a = new KeyStream(seed, 'mixture/a').normals(0, n), b = new KeyStream(seed, 'mixture/b').normals(0, n);
  const owner = Int32Array.from(u, (w) => (w < 0.5 ? 0 : w < 0.8 ? 1 : 2));
  return { owner, x: a.map((e, i) => means[owner[i]!]![0]! + factors[owner[i]!]![0]! * e), y: b.map((e, i) => means[owner[i]!]![1]! + factors[owner[i]!]![1]! * a[i]! + factors[owner[i]!]![2]! * e), f: Int32Array.from(v, (w, i) => Number(w < flag[owner[i]!]!)) };
}
const tableOf = (n: number, seed?: number): Table => { const { x, y, f } = simulate(n, seed); return makeTable(plainDialect, [number('x', x), number('y', y), code('f', f, ['no', 'yes'])]); };

describe('EM', () => {
  const { x, y, f } = simulate(2000), numbers = new Float64Array(4000);
  x.forEach((v, i) => { numbers[2 * i] = i % 7 === 0 ? NaN : v; numbers[2 * i + 1] = i % 11 === 3 ? NaN : y[i]!; });
  const data: MixtureData = { rows: 2000, d: 2, numbers, sizes: [2], codes: f }, shares = [Float64Array.of(0.4, 0.6)];

  test.each([[0, 'the log-likelihood'], [1, 'the penalised log-likelihood']])('with %i pseudo-rows %s rises at every step, missing numbers included', (rows) => {
    const prior = { rows, variance: 0.01, shares }, groups = groupByMissing(data);
    for (const k of [1, 3, 6]) {
      let components = startComponents(data, k, prior, new KeyStream(2, `start/${k}`)), before = -Infinity, first = NaN;
      for (let t = 0; t < 40; t++) {
        const step = emStep(data, groups, components, prior), value = rows === 0 ? step.logLikelihood : step.objective;
        expect(value).toBeGreaterThanOrEqual(before - 1e-8 * Math.abs(value));
        if (t === 0) first = value;
        before = value; components = step.components;
      }
      if (k > 1) expect(before).toBeGreaterThan(first + 50);
      expect(components.reduce((s, c) => s + c.weight, 0)).toBeCloseTo(1, 10);
    }
  });
  test('one component: mean and covariance in closed form', () => {
    const whole: MixtureData = { rows: 2000, d: 2, numbers: numbers.map((v, i) => (v === v ? v : i % 2 ? y[i >> 1]! : x[i >> 1]!)), sizes: [], codes: new Int32Array(0) }, prior = { rows: 0, variance: 1, shares: [] };
    const { components: [c] } = emStep(whole, groupByMissing(whole), startComponents(whole, 1, prior, new KeyStream(1, 's')), prior), mx = x.reduce((a, b) => a + b, 0) / 2000, my = y.reduce((a, b) => a + b, 0) / 2000;
    expect(c!.mean[0]).toBeCloseTo(mx, 10);
    expect(c!.covariance[1]).toBeCloseTo(x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0) / 2000, 8);
  });
});

test('finds the number of components of a known mixture, and recovers weights, means and tables', async () => {
  const n = 6000, g = await gaussianMixture.fit(context(tableOf(n)), { numbers: 'standard', prior: 0.5 });
  // Doubling from 1: three components are first covered by four.
  expect([2, 4]).toContain(g.resolved.components);
  const three = await gaussianMixture.fit(context(tableOf(n)), { numbers: 'standard', components: 3, prior: 0.01, tolerance: 1e-6 });
  const model = JSON.parse(new TextDecoder().decode(three.save())) as { features: string; components: Array<{ weight: number; mean: number[]; covariance: number[]; tables: number[][] }> };
  const scale = (JSON.parse(model.features) as { numbers: Array<{ centre: number; scale: number }> }).numbers, own = [...model.components].sort((a, b) => b.weight - a.weight);
  own.forEach((c, k) => {
    expect(c.weight).toBeCloseTo(weights[k]!, 1);
    c.mean.forEach((m, j) => expect(Math.abs(scale[j]!.centre + scale[j]!.scale * m - means[k]![j]!), `mean ${k} ${j}`).toBeLessThan(0.12));
    expect(Math.abs(scale[0]!.scale ** 2 * c.covariance[0]! - factors[k]![0]! ** 2)).toBeLessThan(0.15);
    expect(Math.abs(Math.exp(c.tables[0]![1]!) - flag[k]!)).toBeLessThan(0.05);
  });
});

test('rows given columns follow the mixture\'s own conditional: as free rows that meet the condition, and Bayes\' rule on the components', async () => {
  const g = await gaussianMixture.fit(context(tableOf(6000)), { numbers: 'standard', components: 3, prior: 0.01 }), rows = 8000, density = (z: number): number => Math.exp(-0.5 * z * z);
  const at = 1.5, post = weights.map((w, k) => (w * density((at - means[k]![0]!) / factors[k]![0]!)) / factors[k]![0]!), total = post.reduce((a, b) => a + b, 0);
  const made = await g.sample(rows, { seed: 3, given: makeTable(plainDialect, [number('x', new Float64Array(rows).fill(at))]) });
  expect(made.column('f').codes().filter((c) => c === 1).length / rows).toBeCloseTo(post.reduce((s, p, k) => s + (p / total) * flag[k]!, 0), 1);
  const mean = post.reduce((s, p, k) => s + (p / total) * (means[k]![1]! + (factors[k]![1]! / factors[k]![0]!) * (at - means[k]![0]!)), 0);
  expect(Math.abs(made.column('y').numbers().reduce((a, b) => a + b, 0) / rows - mean)).toBeLessThan(0.12);
  const free = await g.sample(40_000, { seed: 4 }), kept = Array.from({ length: 40_000 }, (_, r) => r).filter((r) => free.column('f').codes()[r] === 0), given = await g.sample(rows, { seed: 5, given: makeTable(plainDialect, [code('f', new Int32Array(rows), ['no', 'yes'])]) });
  for (const cut of [-1, 1, 4]) {
    const share = (t: Table): number => t.column('x').numbers().filter((v) => v <= cut).length / t.rows, p = share(free.take(kept));
    expect(Math.abs(share(given) - p)).toBeLessThan(4 * Math.sqrt(p * (1 - p) * (1 / kept.length + 1 / rows)));
  }
});

/** Whether pooled intervals of completed tables hold the truth at their nominal rate, by simulation under values missing at random: the run's own way (`completion`), around a generator whose conditional means lie half-way to the middle, as those of a network that stops early do. */
import { describe, expect, test } from 'vitest';
import type { FittedGenerator } from '../../generators/generator';
import { combineImputations } from '../../inference/combine';
import type { Plan } from '../../protocol';
import { Stream } from '../../random';
import { makeTable, numberColumn } from '../../table/columns';
import type { Table } from '../../table/table';
import { category, empirical, modelOf, normals, real, tableOf } from '../fixture';
import type { Before } from '../purpose';
import { completion } from './completion';

/** y = 1 + .8 x + .5 [g = b] + noise; x normal given a third column; both with gaps where `w`, which is always there, is large. E y = 1.25, its coefficients on x and g .8 and .5. */
function simulate(n: number, seed: number): Table {
  const normal = normals(seed, 'rows'), s = new Stream(seed, 'gaps'), w = Float64Array.from({ length: n }, normal), x = w.map((v) => 0.6 * v + 0.8 * normal()), g = Int32Array.from({ length: n }, () => s.below(2)), y = x.map((v, i) => 1 + 0.8 * v + 0.5 * g[i]! + 0.6 * normal());
  const lack = (i: number): boolean => s.uniform() < (w[i]! > 0 ? 0.5 : 0.1);
  return tableOf(real('w', w), category('g', g, ['a', 'b']), real('x', x.map((v, i) => (lack(i) ? NaN : v))), real('y', y.map((v, i) => (lack(i) ? NaN : v))));
}
const truth = [1.25, 0.8, 0.5];

/** Fills x and y by halves of the true slopes. */
function halved(fit: Table): FittedGenerator {
  return { ...empirical(fit, false), async impute(table, { seed }) {
    const normal = normals(seed, 'halved'), w = table.column('w').numbers(), x = table.column('x').numbers().map((v, i) => (Number.isNaN(v) ? 0.3 * w[i]! + 0.95 * normal() : v)), y = table.column('y').numbers().map((v, i) => (Number.isNaN(v) ? 1.25 + 0.4 * x[i]! + 0.8 * normal() : v));
    return makeTable(table.schema, table.columns.map((c) => (c.schema.name === 'x' ? numberColumn(c.schema, x) : c.schema.name === 'y' ? numberColumn(c.schema, y) : c)), table.rows);
  } };
}

/** Mean of y, and least squares of y on x and g. */
function analysed(t: Table): Array<{ q: number; u: number }> {
  const n = t.rows, x = t.column('x').numbers(), y = t.column('y').numbers(), g = t.column('g').codes(), mean = (v: ArrayLike<number>): number => { let s = 0; for (let i = 0; i < n; i++) s += v[i]!; return s / n; }, [mx, my, mg] = [mean(x), mean(y), mean(g)];
  const sum = (a: (i: number) => number): number => { let s = 0; for (let i = 0; i < n; i++) s += a(i); return s; }, sxx = sum((i) => (x[i]! - mx) ** 2), sgg = sum((i) => (g[i]! - mg) ** 2), sxg = sum((i) => (x[i]! - mx) * (g[i]! - mg)), sxy = sum((i) => (x[i]! - mx) * (y[i]! - my)), sgy = sum((i) => (g[i]! - mg) * (y[i]! - my)), d = sxx * sgg - sxg ** 2;
  const b = (sgg * sxy - sxg * sgy) / d, c = (sxx * sgy - sxg * sxy) / d, s2 = sum((i) => (y[i]! - my - b * (x[i]! - mx) - c * (g[i]! - mg)) ** 2) / (n - 3);
  return [{ q: my, u: sum((i) => (y[i]! - my) ** 2) / (n - 1) / n }, { q: b, u: (s2 * sgg) / d }, { q: c, u: (s2 * sxx) / d }];
}

describe.each([[300, 400], [1000, 300], [3000, 200]])('%i rows, %i tables', (n, runs) => {
  test('95% intervals of a mean and two coefficients hold the truth at their rate; those of the generator\'s own draws do not', async () => {
    const m = 5, cover = { chained: [0, 0, 0], generator: [0, 0, 0] }, bias = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const source = simulate(n, 1000 + run), before = { plan: { seed: run } as Plan, source, parts: { fits: [], training: source, trainingRows: new Int32Array(0), how: '' }, rules: [], read: async () => source, log: () => undefined, progress: async () => undefined } satisfies Before;
      const ready = await completion.prepare({ purpose: 'completion', task: 'impute', columns: [], releases: m, proper: true }, before), fitted = halved(source), each = { chained: [] as Array<ReturnType<typeof analysed>>, generator: [] as Array<ReturnType<typeof analysed>> };
      for (let r = 0; r < m; r++) {
        each.chained.push(analysed((await ready.draw(modelOf(fitted, source), { fold: 0, folds: 1, release: r }, { seed: run * 100 + r, progress: async () => undefined, breathe: async () => undefined })).table));
        each.generator.push(analysed(await fitted.impute!(source, { seed: run * 100 + r })));
      }
      truth.forEach((t, k) => { for (const way of ['chained', 'generator'] as const) { const c = combineImputations({ estimates: each[way].map((e) => e[k]!.q), variances: each[way].map((e) => e[k]!.u) }, { complete: n - (k === 0 ? 1 : 3) }); if (c.low <= t && t <= c.high) cover[way][k]!++; if (way === 'chained') bias[k]! += (c.estimate - t) / runs; } });
    }
    const rates = cover.chained.map((c) => c / runs), slack = 3 * Math.sqrt((0.95 * 0.05) / runs);
    console.log(`${n} rows: mean, coefficients covered ${rates.map((r) => r.toFixed(3)).join(', ')} (bias ${bias.map((b) => b.toFixed(4)).join(', ')}); by the generator alone ${cover.generator.map((c) => (c / runs).toFixed(3)).join(', ')}`);
    for (const r of rates) { expect(r).toBeGreaterThan(0.95 - slack); expect(r).toBeLessThanOrEqual(0.995); }
    expect(cover.generator[1]! / runs).toBeLessThan(0.5);
  });
});

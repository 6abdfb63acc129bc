import { describe, expect, test } from 'vitest';
import { combineImputations } from '../../inference/combine';
import type { FittedGenerator } from '../../generators/generator';
import type { Plan, TargetRequest } from '../../protocol';
import { Stream } from '../../random';
import { columnSchema, makeTable, numberColumn } from '../../table/columns';
import type { Table } from '../../table/table';
import { category, empirical, integer, modelOf, normals, real, tableOf } from '../fixture';
import type { Before, Ready } from '../purpose';
import { completion } from './completion';
import { filledIn } from './fill';
import { lagged, lagName, period, seriesOf } from './lags';

type Impute = Extract<TargetRequest, { purpose: 'completion'; task: 'impute' }>;
const before = (source: Table): Before => ({ plan: { seed: 7 } as Plan, source, parts: { fits: [], training: source, trainingRows: new Int32Array(0), how: '' }, rules: [], read: async () => source, log: () => undefined, progress: async () => undefined });
const options = { seed: 3, progress: async () => undefined, breathe: async () => undefined };
const share = { fold: 0, folds: 1, release: 0 };

/** A generator whose law is by hand: y is normal given x (least squares over the rows where y was seen); what the default would learn of these two columns. */
function regression(fit: Table): FittedGenerator {
  const x = fit.column('x').numbers(), y = fit.column('y').numbers(), seen = [...y.keys()].filter((i) => !Number.isNaN(y[i]!)), n = seen.length;
  const mx = seen.reduce((s, i) => s + x[i]!, 0) / n, my = seen.reduce((s, i) => s + y[i]!, 0) / n, slope = seen.reduce((s, i) => s + (x[i]! - mx) * (y[i]! - my), 0) / seen.reduce((s, i) => s + (x[i]! - mx) ** 2, 0);
  const sd = Math.sqrt(seen.reduce((s, i) => s + (y[i]! - my - slope * (x[i]! - mx)) ** 2, 0) / (n - 2)), normalOf = (seed: number) => normals(seed, 'draw');
  const at = (v: number, normal: () => number): number => my + slope * (v - mx) + sd * normal();
  return {
    ...empirical(fit, false),
    async sample(rows, { seed }) { const normal = normalOf(seed), s = new Stream(seed, 'x'), xs = Float64Array.from({ length: rows }, () => s.pick(x)); return tableOf(real('x', xs), real('y', xs.map((v) => at(v, normal)))); },
    async impute(table, { seed }) { const normal = normalOf(seed), xs = table.column('x').numbers(); return makeTable(table.schema, [table.column('x'), numberColumn(table.column('y').schema, table.column('y').numbers().map((v, i) => (Number.isNaN(v) ? at(xs[i]!, normal) : v)))]); },
  };
}

describe('multiple imputation', () => {
  /** y missing for large x: at random given x. The mean of y is 1, its slope on x .8; complete rows alone say otherwise. */
  const simulate = (n: number, seed: number): Table => { const normal = normals(seed, 'xy'), s = new Stream(seed, 'missing'), x = Float64Array.from({ length: n }, normal), y = x.map((v) => 1 + 0.8 * v + 0.6 * normal()); return tableOf(real('x', x), real('y', y.map((v, i) => (s.uniform() < (x[i]! > 0 ? 0.7 : 0.1) ? NaN : v)))); };
  const bootstrap = (t: Table, stream: Stream): Table => t.take(Int32Array.from({ length: t.rows }, () => stream.below(t.rows)));

  test('pooled intervals of a mean and a slope cover at their nominal rate when every table is a refit on a bootstrap sample; without refits they do not; complete rows miss', async () => {
    const runs = 160, m = 8, n = 150, cover = { proper: [0, 0], plugin: [0, 0], complete: [0, 0] };
    const truth = [1, 0.8];
    for (let run = 0; run < runs; run++) {
      const source = simulate(n, 100 + run), once = regression(source);
      const analysed = (x: Float64Array, y: Float64Array): Array<{ q: number; u: number }> => {
        const k = x.length, mx = x.reduce((a, b) => a + b, 0) / k, my = y.reduce((a, b) => a + b, 0) / k, sxx = x.reduce((s, v) => s + (v - mx) ** 2, 0), slope = x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0) / sxx;
        const rss = y.reduce((s, v, i) => s + (v - my - slope * (x[i]! - mx)) ** 2, 0);
        return [{ q: my, u: y.reduce((s, v) => s + (v - my) ** 2, 0) / (k - 1) / k }, { q: slope, u: rss / (k - 2) / sxx }];
      };
      for (const how of ['proper', 'plugin'] as const) {
        const each: Array<ReturnType<typeof analysed>> = [];
        for (let j = 0; j < m; j++) {
          const g = how === 'proper' ? regression(bootstrap(source, new Stream(run, `boot ${j}`))) : once, made = await g.impute!(source, { seed: 1000 * run + j });
          each.push(analysed(made.column('x').numbers(), made.column('y').numbers()));
        }
        truth.forEach((t, k) => { const c = combineImputations({ estimates: each.map((e) => e[k]!.q), variances: each.map((e) => e[k]!.u) }, { complete: n - 1 - k }); if (c.low <= t && t <= c.high) cover[how][k]!++; });
      }
      const y = source.column('y').numbers(), rows = [...y.keys()].filter((i) => !Number.isNaN(y[i]!)), [mean] = analysed(Float64Array.from(rows, (i) => source.column('x').numbers()[i]!), Float64Array.from(rows, (i) => y[i]!));
      if (Math.abs(mean!.q - 1) < 1.96 * Math.sqrt(mean!.u)) cover.complete[0]!++;
    }
    const rate = (k: number): number => k / runs;
    // 160 runs: a rate of .95 shows as .90 to .99.
    for (const k of [0, 1]) { expect(rate(cover.proper[k]!)).toBeGreaterThan(0.9); expect(rate(cover.proper[k]!)).toBeLessThanOrEqual(0.995); }
    expect(rate(cover.plugin[1]!)).toBeLessThan(rate(cover.proper[1]!));
    expect(rate(cover.complete[0]!)).toBeLessThan(0.3);
  });
  test('the run: observed cells stand as they did, pooled means are told, plugin is marked', async () => {
    const source = simulate(300, 1), request: Impute = { purpose: 'completion', task: 'impute', columns: [], releases: 5, proper: false }, ready = await completion.prepare(request, before(source));
    expect(ready).toMatchObject({ releases: 5, proper: false, missing: 'unobserved', protection: false });
    const tables: Table[] = [];
    for (let r = 0; r < 5; r++) tables.push((await ready.draw(modelOf(regression(source), source), { ...share, release: r }, { ...options, seed: r })).table);
    const whole = await ready.compose!(tables[0]!, 0), y = source.column('y');
    for (let i = 0; i < source.rows; i++) if (!y.isMissing(i)) expect(whole.column('y').lexeme(i)).toBe(y.lexeme(i));
    expect(whole.column('y').missingCount).toBe(0);
    const { figures, notes } = await ready.conclude!({ whole, synthetic: tables[0]!, tables, facts: [] });
    expect(figures.find((f) => f.metric === 'target.observed')!.value).toBe(1);
    expect(figures.find((f) => f.metric === 'target.missing-information')!.value!).toBeGreaterThan(0.05);
    expect(notes.join(' ')).toMatch(/Mean of y, pooled over 5 tables.*plugin/);
  });
  test('what cannot be completed is refused', async () => {
    const full = tableOf(real('x', [1, 2, 3]), category('c', [0, 1, 0], ['a', 'b'])), ask = (columns: string[]) => completion.prepare({ purpose: 'completion', task: 'impute', columns, releases: 2, proper: true }, before(full));
    await expect(ask([])).rejects.toThrow('Nothing is missing');
    await expect(ask(['q'])).rejects.toThrow('no column of this name');
    const source = simulate(60, 2), ready = await completion.prepare({ purpose: 'completion', task: 'impute', columns: ['y'], releases: 1, proper: true }, before(source));
    await expect(ready.draw(modelOf(empirical(source, true), source), share, options)).rejects.toThrow('cannot fill cells');
  });
  test('categories that only an imputation has join the dictionary; rows keep their order', () => {
    const source = tableOf(category('c', [0, -1, 1, -1], ['a', 'b'])), made = tableOf(category('c', [1, 1, 0, 0], ['z', 'a']));
    expect(Array.from({ length: 4 }, (_, i) => filledIn(source, made, ['c']).column('c').lexeme(i))).toEqual(['a', 'a', 'b', 'z']);
  });
});

describe('continuation', () => {
  test('pasts are those of the same entity, in order', () => {
    const t = tableOf(category('who', [0, 1, 0, 1, 0, 0], ['p', 'q']), integer('t', [3, 1, 1, 2, 2, 4]), integer('v', [30, 1, 10, 2, 20, 40])), series = seriesOf(t, 't', 'who'), made = lagged(t, series, ['v'], [1, 2]);
    expect(series.map((s) => [s.entity, [...s.rows]])).toEqual([['p', [2, 4, 0, 5]], ['q', [1, 3]]]);
    expect([...made.column('v').numbers()]).toEqual([20, 30, 40, 2]);
    expect([...made.column(lagName('v', 1)).numbers()]).toEqual([10, 20, 30, 1]);
    expect([...made.column(lagName('v', 2)).numbers()]).toEqual([NaN, 10, 20, NaN]);
  });
  test('a period is found where there is one', () => {
    const normal = normals(1, 'noise');
    expect(period(Float64Array.from({ length: 600 }, (_, i) => Math.sin((2 * Math.PI * i) / 24) + 0.2 * normal()))).toBe(24);
    expect(period(Float64Array.from({ length: 600 }, normal))).toBeUndefined();
  });
  test('each step follows from the one before it, for every entity, and what is given holds in each', async () => {
    // v counts up by one modulo 5, from another place in each entity.
    const n = 40, who = Array.from({ length: 2 * n }, (_, i) => i % 2), time = who.map((_, i) => Math.floor(i / 2)), v = who.map((w, i) => (time[i]! + 2 * w) % 5);
    const source = makeTable(tableOf(integer('v', v)).schema.dialect, [category('who', who, ['p', 'q']), numberColumn(columnSchema({ name: 'day', kind: 'date', storage: 'number', temporal: { pattern: '%Y-%m-%d' } }), Float64Array.from(time)), category('v', v, ['0', '1', '2', '3', '4']), category('dose', who.map((_, i) => i % 3 === 0 ? 1 : 0), ['low', 'high'])]);
    const ready: Ready = await completion.prepare({ purpose: 'completion', task: 'forecast', steps: 6, by: 'who', order: 'day', given: { dose: 'high' } }, before(source));
    const all = ready.parts!.fits[0]!.fit;
    // The empirical law of pasts and presents, without the dose's own past: it matters to nothing.
    const names = all.schema.columns.map((c) => c.name), fitted = empirical(all, true), only: FittedGenerator = { ...fitted, sample: (rows, o) => fitted.sample(rows, { ...o, ...(o.given && { given: o.given.select(['v (1 before)']) }) }).then((t) => (o.given ? makeTable(t.schema, t.columns.map((c) => (o.given!.schema.columns.some((s) => s.name === c.schema.name) ? o.given!.column(c.schema.name) : c)), rows) : t)) };
    const { table } = await ready.draw(modelOf(only, all), share, options), whole = await ready.compose!(table, 0), cell = (c: string) => Array.from({ length: whole.rows }, (_, i) => whole.column(c).lexeme(i));
    expect(names).toContain('v (1 before)');
    expect(whole.rows).toBe(12);
    expect(cell('who')).toEqual([...Array<string>(6).fill('p'), ...Array<string>(6).fill('q')]);
    expect(cell('day').slice(0, 2)).toEqual(['1970-02-10', '1970-02-11']);
    expect(cell('v').slice(0, 6)).toEqual(['0', '1', '2', '3', '4', '0']);
    expect(cell('v').slice(6)).toEqual(['2', '3', '4', '0', '1', '2']);
    expect(new Set(cell('dose'))).toEqual(new Set(['high']));
  });
});

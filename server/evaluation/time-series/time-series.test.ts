import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { tableOf } from '../fixture';
import { randomOf } from '../population';
import { autocorrelation, crossCorrelation, spectrum } from './core';
import { timeSeries } from './registry';

const golden = JSON.parse(readFileSync('test/golden/time-series/series.json', 'utf8')) as Record<'x' | 'y' | 'acf' | 'ccf' | 'spectrum', number[]>;
const close = (a: Float64Array, b: number[]) => b.forEach((v, i) => expect(a[i]).toBeCloseTo(v, 10));

describe('against statsmodels 0.15 and SciPy 1.17', () => {
  const series = [{ values: [Float64Array.from(golden.x), Float64Array.from(golden.y)] }];
  it('autocorrelation', () => close(autocorrelation(series, 0, 10), golden.acf));
  it('cross-correlation', () => close(crossCorrelation(series, 0, 1, 0, 5), golden.ccf));
  it('spectrum', () => close(spectrum(series, 0, 128), golden.spectrum));
});

describe('the metrics', () => {
  /** Twenty-five to forty-five rows of each of `entities`, two columns of which the second follows the first. */
  const made = (entities: number, seed: number, shuffle = false) => {
    const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()), rows: Array<[string, number, number, number]> = [];
    for (let e = 0; e < entities; e++) { let x = normal(), before = x; const n = shuffle ? 60 : 25 + Math.floor(21 * random()); for (let t = 0; t < n; t++) { before = x; x = 0.85 * x + 0.5 * normal(); rows.push([`e${e}`, t, x, before + 0.2 * normal()]); } }
    if (shuffle) { const order = rows.map(() => random()), by = rows.map((_, i) => i).sort((a, b) => order[a] - order[b]); return rows.map((r, i): typeof r => [r[0], r[1], rows[by[i]][2], rows[by[i]][3]]); }
    return rows;
  };
  const tables = (rows: ReturnType<typeof made>) => ({
    values: tableOf({ t: { kind: 'integer', cells: rows.map(r => r[1]) }, x: { kind: 'real', cells: rows.map(r => r[2]) }, y: { kind: 'real', cells: rows.map(r => r[3]) } }),
    keys: tableOf({ who: { kind: 'category', cells: rows.map(r => r[0]) }, t: { kind: 'integer', cells: rows.map(r => r[1]) } }),
  });
  const figures = async (rows: ReturnType<typeof made>, order: string | undefined = 't') => {
    const [real, control, synthetic] = [tables(made(120, 1)), tables(made(80, 2)), tables(rows)];
    const found = await evaluate({ training: real.values, control: control.values, synthetic: synthetic.values, ...(order && { order, entity: 'who', keys: { training: real.keys, control: control.keys, synthetic: synthetic.keys } }), seed: 1, device: 'cpu', metrics: timeSeries });
    return Object.fromEntries(found.figures.map(f => [f.metric, f]));
  };
  it('call a fresh sample good', async () => {
    const found = await figures(made(120, 3));
    for (const f of Object.values(found)) { expect(f.value, `${f.metric} ${f.note}`).not.toBeNull(); expect(['good', 'undecided'], JSON.stringify(f)).toContain(f.verdict); }
  });
  it('have intervals over series, and none where there are few', async () => {
    const [many, few] = [await figures(made(120, 3)), await figures(made(12, 3))];
    for (const id of ['autocorrelation', 'spectra', 'cross-correlation']) {
      const { value, interval } = many[`time-series.${id}`];
      expect([id, interval!.low < value! && value! < interval!.high && interval!.high > 0.99 && interval!.low > 0.8]).toEqual([id, true]);
      expect([id, few[`time-series.${id}`].interval]).toEqual([id, undefined]);
    }
  });
  it('find rows drawn one by one, without their past', async () => {
    const found = await figures(made(120, 4, true));
    for (const id of ['autocorrelation', 'spectra', 'discriminative', 'predictive', 'lengths']) expect(['fair', 'poor'], `${id} ${JSON.stringify(found[`time-series.${id}`])}`).toContain(found[`time-series.${id}`].verdict);
  });
  it('say nothing where no order was declared', async () => {
    for (const f of Object.values(await figures(made(20, 5), ''))) expect(f.value).toBeNull();
  });
});

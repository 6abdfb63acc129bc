import { beforeAll, describe, expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { evaluate } from '../../evaluation/evaluate';
import { metrics } from '../../evaluation/registry';
import type { Figure } from '../../protocol';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext } from '../generator';
import { cart } from './cart';
import { donorMarginal, drawNumber, gapWeights, smoothings, type DonorColumn } from './donors';

/** A group, five measurements of four decimals that hang together, and a flag. */
function simulate(n: number, name: string): Table {
  const z = Array.from({ length: 7 }, (_, k) => new KeyStream(4, `${name}/${k}`).normals(0, n)) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const number = (label: string, v: Float64Array) => numberColumn(columnSchema({ name: label, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 4 } }), v.map((x) => Math.round(x * 1e4) / 1e4));
  const code = (label: string, v: ArrayLike<number>, categories: string[]) => codeColumn(columnSchema({ name: label, kind: 'category', storage: 'code' }), Int32Array.from(v), categories);
  const group = z[0].map((v) => (v < -0.6 ? 0 : v < 0.5 ? 1 : 2)), a = z[1].map((v, i) => group[i]! + v), b = z[2].map((v, i) => 0.7 * a[i]! + 0.5 * v), c = z[3].map((v, i) => Math.exp(0.4 * b[i]! + 0.3 * v));
  const d = z[4].map((v, i) => Math.sin(a[i]!) + 0.3 * v), e = z[5].map((v, i) => c[i]! - d[i]! + 0.4 * v);
  return makeTable(plainDialect, [code('group', group, ['x', 'y', 'z']), number('a', a), number('b', b), number('c', c), number('d', d), number('e', e), code('flag', z[6].map((v, i) => Number(v + e[i]! > 0.5)), ['no', 'yes'])]);
}
const context = (fit: Table, extra: Partial<FitContext> = {}): FitContext => ({ fit, validation: fit.take([]), seed: 1, device: 'cpu', budgetSeconds: 10, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra });

describe('the leak of donors', () => {
  const n = 1500, fit = simulate(n, 'fit'), control = simulate(n, 'control');
  const figures: Record<string, Map<string, Figure>> = {};
  beforeAll(async () => {
    const privacy = metrics.filter((m) => ['privacy.near-copies', 'privacy.exact-copies', 'privacy.membership-auc'].includes(m.info.id));
    const judge = async (synthetic: Table) => new Map((await evaluate({ training: fit, synthetic, control, seed: 1, device: 'cpu', metrics: privacy })).figures.map((f) => [f.metric.replace('privacy.', ''), f]));
    const made = async (parameters: Record<string, unknown>) => judge(await (await cart.fit(context(fit), parameters)).sample(n, { seed: 2 }));
    figures.fresh = await judge(simulate(n, 'fresh'));
    figures.plain = await made({ smoothing: 'none' });
    figures.single = await made({ smoothing: 'none', minLeaf: 1 });
    figures.smoothed = await made({});
  }, 120_000);
  const verdict = (of: string, metric: string) => figures[of]!.get(metric)!.verdict, value = (of: string, metric: string) => figures[of]!.get(metric)!.value!;

  test('a fresh table of the same population is not accused', () => {
    for (const f of figures.fresh!.values()) expect(f.verdict, f.metric).not.toBe('poor');
  });
  test('copied donors are: membership of the fitting rows shows, and rows that equal one but for a column occur', () => {
    expect(verdict('plain', 'membership-auc')).toBe('poor');
    expect(value('plain', 'near-copies')).toBeGreaterThan(figures.plain!.get('near-copies')!.reference!.value);
    expect(verdict('plain', 'near-copies')).not.toBe('good');
  });
  test('leaves of one donor copy whole rows, which every figure calls poor', () => {
    for (const metric of ['exact-copies', 'near-copies', 'membership-auc']) expect(verdict('single', metric), metric).toBe('poor');
  });
  test('smoothed donors leave no copies and tell less of who was fitted', () => {
    expect(value('smoothed', 'near-copies') + value('smoothed', 'exact-copies')).toBe(0);
    expect(value('smoothed', 'membership-auc')).toBeLessThan(value('plain', 'membership-auc') - 0.02);
  });
});

test('no smoothing but "none" repeats a value of one row', async () => {
  const fit = simulate(600, 'verbatim');
  for (const smoothing of smoothings) {
    const made = await (await cart.fit(context(fit), { smoothing })).sample(1500, { seed: 3 });
    let repeated = 0;
    for (const name of ['a', 'b', 'c', 'd', 'e']) { const real = new Set(fit.column(name).numbers()); repeated += made.column(name).numbers().filter((v) => real.has(v)).length; }
    // Four decimals over a range of about five: one draw in some eighty hits a real value by chance.
    if (smoothing === 'none') expect(repeated).toBe(7500); else expect(repeated).toBeLessThan(7500 / 20);
  }
});

test('relations are kept: means within a group, a number that a sine decides, a flag that a number decides', async () => {
  const fit = simulate(4000, 'relations'), made = await (await cart.fit(context(fit), {})).sample(4000, { seed: 2 });
  const mean = (t: Table, of: (i: number) => number, when: (i: number) => boolean): number => { let s = 0, k = 0; for (let i = 0; i < t.rows; i++) if (when(i)) { s += of(i); k++; } return s / k; };
  for (const g of [0, 1, 2]) expect(Math.abs(mean(made, (i) => made.column('a').numbers()[i]!, (i) => made.column('group').codes()[i] === g) - g)).toBeLessThan(0.12);
  const off = (t: Table): number => mean(t, (i) => (t.column('d').numbers()[i]! - Math.sin(t.column('a').numbers()[i]!)) ** 2, () => true);
  expect(off(made)).toBeLessThan(2 * off(fit));
  const flagged = (t: Table): number => mean(t, (i) => t.column('flag').codes()[i]!, (i) => t.column('e').numbers()[i]! > 1.5);
  expect(Math.abs(flagged(made) - flagged(fit))).toBeLessThan(0.05);
});

test('given the columns that are drawn first, the rest follows them; other sets are refused; the order can be chosen', async () => {
  const fit = simulate(2000, 'given'), g = await cart.fit(context(fit), {}), given = makeTable(plainDialect, [codeColumn(fit.column('group').schema, new Int32Array(1000).fill(2), ['x', 'y', 'z'])]);
  const made = await g.sample(1000, { seed: 5, given });
  expect(made.column('group').codes().every((c) => c === 2)).toBe(true);
  expect(Math.abs(made.column('a').numbers().reduce((a, b) => a + b, 0) / 1000 - 2)).toBeLessThan(0.15);
  expect([g.canCondition!(['group', 'a']), g.canCondition!(['a']), g.canCondition!(['flag'])]).toEqual([true, false, false]);
  await expect(g.sample(5, { seed: 1, given: fit.select(['flag']).take([0, 1, 2, 3, 4]) })).rejects.toThrow('cannot draw rows given exactly "flag"');
  const other = await cart.fit(context(fit), { visit: 'flag, e' });
  expect([other.canCondition!(['flag']), other.canCondition!(['e', 'flag']), other.canCondition!(['group'])]).toEqual([true, true, false]);
  await expect(cart.fit(context(fit), { visit: 'nobody' })).rejects.toThrow('no column of this name');
});

test('drawing from donors: shared values stand for themselves, others move within their bin, gaps are weighed', () => {
  const values = Float64Array.from({ length: 300 }, (_, i) => (i < 100 ? 0 : 1 + i / 100 + (i % 7) / 1000)), column: DonorColumn = { marginal: donorMarginal(values, { step: null }), grid: { step: null }, low: 0, high: 4.01 };
  const u: [number, number] = [0.5, 0.3];
  for (const s of smoothings) expect(drawNumber(column, Float64Array.of(0, 0, 0, 0, 0), s, u, 0.7, gapWeights(new Float64Array(4).fill(0.5)))).toBe(0);
  const donors = values.slice(150, 155);
  expect(drawNumber(column, donors, 'none', u, 0)).toBe(donors[2]);
  expect(Math.abs(drawNumber(column, donors, 'bin', u, 0) - donors[2]!)).toBeLessThan(0.2);
  const between = drawNumber(column, donors, 'bayesian', u, 0, gapWeights(new Float64Array(4).fill(0.5)));
  expect(between).toBeGreaterThanOrEqual(donors[0]!);
  expect(between).toBeLessThanOrEqual(donors[4]!);
  expect([...gapWeights(Float64Array.of(Math.exp(-1), Math.exp(-3)))]).toEqual([0.25, 1]);
  // A column of few values, each one row's: none of them stands for itself.
  const few = donorMarginal(Float64Array.from({ length: 12 }, (_, i) => Math.sqrt(i + 2)), { step: null });
  expect(few.low.every((v, i) => v < few.high[i]!)).toBe(true);
});

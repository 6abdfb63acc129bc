/**
 * Small tables are where a generator memorises: on tables of 300 to 2,000 rows, exact and near copies of fitting rows must not
 * be more frequent in the synthetic table than in an equally large fresh sample of the same population, over ten seeds.
 */
import { describe, expect, test } from 'vitest';
import { KeyStream } from '../../server/engine';
import { autoregressive } from '../../server/generators/autoregressive/autoregressive';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../server/table/columns';
import { protectTable } from '../../server/table/protect';
import type { Table } from '../../server/table/table';

/** A population with strong relations between categories, a count, and two measurements. */
function simulate(n: number, name: string): Table {
  const u = Array.from({ length: 8 }, (_, k) => new KeyStream(77, `${name}/${k}`).uniforms(0, n)), z = new KeyStream(77, `${name}/z`).normals(0, n);
  const site = Int32Array.from(u[0]!, (v) => Math.floor(4 * v * v)), sex = Int32Array.from(u[1]!, (v) => +(v < 0.5));
  const sick = Int32Array.from(u[2]!, (v, i) => +(v < 0.15 + 0.15 * site[i]! + 0.1 * sex[i]!)), drug = Int32Array.from(u[3]!, (v, i) => (sick[i] ? (v < 0.8 ? 1 + Math.floor(3 * u[4]![i]!) : 0) : v < 0.9 ? 0 : 1));
  const age = Float64Array.from(u[5]!, (v, i) => 30 + Math.floor(40 * v ** (sick[i] ? 0.6 : 1.2))), visits = Float64Array.from(u[6]!, (v, i) => Math.floor(-Math.log(v) * (1 + 2 * sick[i]!)));
  const pressure = Float64Array.from(z, (v, i) => Math.round(10 * (110 + 0.4 * age[i]! + 8 * sick[i]! + 9 * v)) / 10);
  const code = (label: string, codes: Int32Array, k: number) => codeColumn(columnSchema({ name: label, kind: 'category', storage: 'code' }), codes, Array.from({ length: k }, (_, i) => `${label}${i}`));
  const number = (label: string, values: Float64Array, decimals: number) => numberColumn(columnSchema({ name: label, kind: decimals ? 'real' : 'integer', storage: 'number', number: { style: 'fixed', decimals } }), values);
  return makeTable(plainDialect, [code('site', site, 4), code('sex', sex, 2), code('sick', sick, 2), code('drug', drug, 4), number('age', age, 0), number('visits', visits, 0), number('pressure', pressure, 1)]);
}
const rowsOf = (t: Table): string[][] => Array.from({ length: t.rows }, (_, r) => t.columns.map((c) => c.lexeme(r)));
/** How many rows equal a fitting row in all columns, and in all but at most one. */
function copies(rows: string[][], fitted: string[][]): { exact: number; near: number } {
  const width = fitted[0]!.length, whole = new Set(fitted.map((r) => r.join('\0'))), without = Array.from({ length: width }, (_, j) => new Set(fitted.map((r) => r.filter((_, i) => i !== j).join('\0'))));
  return { exact: rows.filter((r) => whole.has(r.join('\0'))).length, near: rows.filter((r) => without.some((s, j) => s.has(r.filter((_, i) => i !== j).join('\0')))).length };
}

describe.each([300, 1000, 2000])('%i rows', (n) => {
  test('copies are no more frequent than in a fresh sample, over ten seeds', async () => {
    const sum = { exact: 0, near: 0 }, fresh = { exact: 0, near: 0 };
    for (let seed = 1; seed <= 10; seed++) {
      const all = simulate(n, `fit/${seed}`), cut = Math.floor(0.9 * n), range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
      const fit = all.take(range(0, cut)), validation = all.take(range(cut, n)), protection = protectTable(fit, { k: 5, enabled: true, seed });
      const g = await autoregressive.fit({
        fit: protection.apply(fit), validation: protection.apply(validation), seed, device: 'cpu', budgetSeconds: 45, protection: { enabled: true, k: 5 },
        progress: async () => undefined, checkpoint: async () => undefined,
      }, {});
      const made = protection.concealTable(await g.sample(n, { seed }), seed);
      await g.dispose();
      const fitted = rowsOf(fit), own = copies(rowsOf(made), fitted), control = copies(rowsOf(simulate(n, `fresh/${seed}`)), fitted);
      for (const k of ['exact', 'near'] as const) { sum[k] += own[k]; fresh[k] += control[k]; }
    }
    console.log(`${n} rows: exact ${sum.exact} (fresh ${fresh.exact}), near ${sum.near} (fresh ${fresh.near}) of ${10 * n}`);
    // Three standard errors of a difference of two counts.
    for (const k of ['exact', 'near'] as const) expect(sum[k]).toBeLessThanOrEqual(fresh[k] + 3 * Math.sqrt(sum[k] + fresh[k]));
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext, FittedGenerator } from '../generator';
import { flow } from './flow';

const category = (name: string, codes: Int32Array, categories: string[]) => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), codes, categories);
const number = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 3 } }), values);
/** x in two modes by the group, y a wave over x, some missing, few: five values; other: little. */
function simulate(rows: number): Table {
  const u = [0, 1, 2, 3].map((k) => new KeyStream(3, `flow.test/${k}`).uniforms(0, rows)), z = new KeyStream(3, 'flow.test/z').normals(0, rows);
  const group = Int32Array.from(u[0]!, (v) => (v < 0.4 ? 0 : 1)), x = Float64Array.from(z, (v, i) => (group[i] === 0 ? -3 : 3) + v);
  const y = Float64Array.from(x, (v, i) => (u[2]![i]! < 0.1 ? NaN : Math.sin(v) + 0.1 * (u[1]![i]! - 0.5)));
  return makeTable(plainDialect, [
    number('x', x), category('other', Int32Array.from(u[1]!, (v) => (v < 0.2 ? -1 : Math.floor(4 * v))), ['a', 'b', 'c', 'd']), number('y', y),
    category('group', group, ['low', 'high']), number('few', Float64Array.from(u[3]!, (v, i) => Math.floor(3 * v) + 2 * group[i]!)),
  ], rows);
}
const context = (fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext => ({
  fit, validation, outcome: 'group', seed: 5, device: 'cpu', budgetSeconds: 60, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra,
});
const lexemes = (t: Table): string[] => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join(','));
const share = (t: Table, name: string, of: (row: number) => boolean): number => { let n = 0; for (let i = 0; i < t.column(name).length; i++) if (of(i)) n++; return n / t.rows; };

describe('flow', () => {
  const table = simulate(1500), fit = table.take(Int32Array.from({ length: 1300 }, (_, i) => i)), validation = table.take(Int32Array.from({ length: 200 }, (_, i) => 1300 + i));
  const small = { hidden: 24, batch: 128, epochs: 40, depth: 2, learningRate: 5e-3 };
  let fitted: FittedGenerator;
  beforeAll(async () => { fitted = await flow.fit(context(fit, validation), { ...small, epochs: 60 }); });
  afterAll(() => fitted.dispose());

  test('it learns modes, a wave, categories and what is missing', async () => {
    const drawn = await fitted.sample(3000, { seed: 1 });
    expect(drawn.schema.columns).toEqual(table.schema.columns);
    const x = drawn.column('x').numbers(), y = drawn.column('y').numbers(), g = drawn.column('group').codes();
    expect(share(drawn, 'x', (i) => Math.abs(x[i]!) < 0.6)).toBeLessThan(0.03);
    expect(share(drawn, 'group', (i) => g[i] === 0)).toBeCloseTo(0.4, 1);
    // The group and the sign of x go together, as in the table.
    expect(share(drawn, 'x', (i) => (x[i]! > 0) === (g[i] === 1))).toBeGreaterThan(0.98);
    expect(share(drawn, 'y', (i) => Number.isNaN(y[i]!))).toBeCloseTo(0.1, 1);
    let error = 0, spread = 0, n = 0;
    for (let i = 0; i < x.length; i++) if (!Number.isNaN(y[i]!) && Math.abs(Math.abs(x[i]!) - 3) < 2) { error += (y[i]! - Math.sin(x[i]!)) ** 2; spread += y[i]! ** 2; n++; }
    // Unrelated numbers of the same shapes would give a ratio of about two.
    expect(error / spread).toBeLessThan(0.12);
    expect(n).toBeGreaterThan(2000);
  });

  test('given its first categories, rows are drawn from the conditional and repeat the given cells', async () => {
    expect(fitted.canCondition!(['group'])).toBe(true);
    expect(fitted.canCondition!(['x'])).toBe(false);
    const given = makeTable(plainDialect, [category('group', Int32Array.from({ length: 600 }, (_, i) => i % 2), ['high', 'low'])]);
    const drawn = await fitted.sample(600, { seed: 2, given });
    expect(Array.from({ length: 600 }, (_, i) => drawn.column('group').lexeme(i))).toEqual(Array.from({ length: 600 }, (_, i) => ['high', 'low'][i % 2]));
    const x = drawn.column('x').numbers();
    expect(share(drawn, 'x', (i) => (x[i]! > 0) === (i % 2 === 0))).toBeGreaterThan(0.97);
    await expect(fitted.sample(600, { seed: 2, given: given.select([]) })).resolves.toBeDefined();
    await expect(fitted.sample(5, { seed: 2, given: fit.select(['x']).take([0, 1, 2, 3, 4]) })).rejects.toMatchObject({ code: 'usage' });
  });

  test('same seed, same rows; more rows begin with the same; loaded is as saved', async () => {
    const a = lexemes(await fitted.sample(100, { seed: 7 })), b = lexemes(await fitted.sample(3000, { seed: 7 }));
    expect(b.slice(0, 100)).toEqual(a);
    const loaded = await flow.load(fitted.save(), 'cpu');
    expect(lexemes(await loaded.sample(100, { seed: 7 }))).toEqual(a);
    expect(lexemes(await loaded.sample(100, { seed: 8 }))).not.toEqual(a);
    await loaded.dispose();
  });

  test('a fit that was killed and resumed is the fit that was not', async () => {
    const states: Uint8Array[] = [], clock = performance.now.bind(performance);
    let ahead = 0, chunks = 0;
    const resolved = { decisions: { steps: 60, chunk: 7, evaluateEvery: 20 } };
    const whole = await flow.fit(context(fit, validation, { resolved }), small);
    performance.now = () => clock() + (ahead += 3000);   // checkpoints fall due at once
    try {
      await expect(flow.fit(context(fit, validation, { resolved, checkpoint: async (s) => { states.push(s); }, progress: async ({ step }) => { if ((step ?? 0) > 0 && ++chunks > 5) throw new Error('killed'); } }), small)).rejects.toThrow('killed');
    } finally { performance.now = clock; }
    const resumed = await flow.fit(context(fit, validation, { resolved, resume: states.at(-1)! }), small);
    expect(Buffer.from(resumed.save()).equals(Buffer.from(whole.save()))).toBe(true);
    await whole.dispose(); await resumed.dispose();
  });

  test.each([['one column of numbers', ['x']], ['one of categories', ['other']], ['two of numbers, some missing', ['x', 'y']]])('%s; affine couplings; five rows', async (_, names) => {
    for (const rows of [5, 300]) {
      const own = table.select(names).take(Int32Array.from({ length: rows }, (_, i) => i));
      const f = await flow.fit(context(own, own.take([]), { outcome: undefined }), { ...small, epochs: 3, transform: 'affine', structure: 'coupling' });
      const drawn = await f.sample(50, { seed: 1 });
      expect(drawn.rows).toBe(50);
      expect(drawn.schema.columns.map((c) => c.name)).toEqual(names);
      await f.dispose();
    }
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTable, plainDialect } from '../../table/columns';
import type { FittedGenerator } from '../generator';
import { category, fitContext, killed, mistakes, mixedTable, rowsOf } from '../blocks/mixed-fixture';
import { flow } from './flow';

describe('flow', () => {
  const table = mixedTable(1500), fit = table.take(Int32Array.from({ length: 1300 }, (_, i) => i)), validation = table.take(Int32Array.from({ length: 200 }, (_, i) => 1300 + i));
  const small = { hidden: 24, batch: 128, epochs: 40, depth: 2, learningRate: 5e-3 };
  let fitted: FittedGenerator;
  beforeAll(async () => { fitted = await flow.fit(fitContext(fit, validation, { budgetSeconds: 1e4 }), { ...small, epochs: 60 }); }, 300_000);
  afterAll(() => fitted.dispose());

  test('it learns modes, a wave, categories and what is missing', async () => {
    const drawn = await fitted.sample(3000, { seed: 1 }), m = mistakes(drawn);
    expect(drawn.schema.columns).toEqual(table.schema.columns);
    expect(m.between).toBeLessThan(0.03);
    expect(m.share).toBeLessThan(0.05);
    expect(m.apart).toBeLessThan(0.02);
    expect(m.missing).toBeLessThan(0.04);
    expect(m.wave).toBeLessThan(0.06);
  });

  test('given its first categories, rows are drawn from the conditional and repeat the given cells', async () => {
    expect(fitted.canCondition!(['group'])).toBe(true);
    expect(fitted.canCondition!(['x'])).toBe(false);
    const given = makeTable(plainDialect, [category('group', Int32Array.from({ length: 600 }, (_, i) => i % 2), ['high', 'low'])]);
    const drawn = await fitted.sample(600, { seed: 2, given }), x = drawn.column('x').numbers();
    expect(Array.from({ length: 600 }, (_, i) => drawn.column('group').lexeme(i))).toEqual(Array.from({ length: 600 }, (_, i) => ['high', 'low'][i % 2]));
    expect(Array.from(x).filter((v, i) => (v > 0) === (i % 2 === 0)).length).toBeGreaterThan(0.97 * 600);
    await expect(fitted.sample(600, { seed: 2, given: given.select([]) })).resolves.toBeDefined();
    await expect(fitted.sample(5, { seed: 2, given: fit.select(['x']).take([0, 1, 2, 3, 4]) })).rejects.toMatchObject({ code: 'usage' });
  });

  test('same seed, same rows; more rows begin with the same; loaded is as saved', async () => {
    const a = rowsOf(await fitted.sample(100, { seed: 7 })), b = rowsOf(await fitted.sample(3000, { seed: 7 }));
    expect(b.slice(0, 100)).toEqual(a);
    const loaded = await flow.load(fitted.save(), 'cpu');
    expect(rowsOf(await loaded.sample(100, { seed: 7 }))).toEqual(a);
    expect(rowsOf(await loaded.sample(100, { seed: 8 }))).not.toEqual(a);
    await loaded.dispose();
  });

  test('a fit that was killed and resumed is the fit that was not', async () => {
    const resolved = { decisions: { steps: 60, chunk: 7, evaluateEvery: 20 } }, run = (extra: object) => flow.fit(fitContext(fit, validation, { resolved, ...extra }), small);
    const whole = await run({}), resumed = await run({ resume: await killed(run, 5) });
    expect(Buffer.from(resumed.save()).equals(Buffer.from(whole.save()))).toBe(true);
    await whole.dispose(); await resumed.dispose();
  });

  test.each([['one column of numbers', ['x']], ['one of categories', ['other']], ['two of numbers, some missing', ['x', 'y']]])('%s; affine couplings; five rows', async (_, names) => {
    for (const rows of [5, 300]) {
      const own = table.select(names).take(Int32Array.from({ length: rows }, (_, i) => i));
      const f = await flow.fit(fitContext(own, own.take([]), { outcome: undefined }), { ...small, epochs: 3, transform: 'affine', structure: 'coupling' });
      const drawn = await f.sample(50, { seed: 1 });
      expect(drawn.rows).toBe(50);
      expect(drawn.schema.columns.map((c) => c.name)).toEqual(names);
      await f.dispose();
    }
  });
});

import { describe, expect, test } from 'vitest';
import { UserError } from '../../errors';
import { NoiseSource } from '../../privacy/mechanisms/source';
import { mistakes, mixedTable, rowsOf } from '../blocks/mixed-fixture';
import { BudgetExhausted } from '../../privacy/ledger/budget';
import { privateContext } from '../blocks/private/fixture';
import { autoregressive } from './autoregressive';
import { privateCodes, featuresOf } from '../blocks/private/features';

const table = mixedTable(4000), settings = { steps: 40, batch: 1000 };

describe('the default generator under a privacy budget', () => {
  test('learns relations, spends what was asked and no more, and is the same under the same key', async () => {
    const { context, charged, total } = privateContext(table, { epsilon: 8 }), fitted = await autoregressive.fit(context, settings);
    const drawn = await fitted.sample(3000, { seed: 2 }), m = mistakes(drawn);
    expect(m.apart).toBeLessThan(0.12);            // alone: .5
    expect(m.share).toBeLessThan(0.05);
    expect(m.missing).toBeLessThan(0.05);
    expect(drawn.column('x').numbers().every((v) => v >= -8 && v <= 8)).toBe(true);
    expect(charged.reduce((n, c) => n + c.count, 0)).toBe(40);
    expect(total()).toBeLessThanOrEqual(8);
    expect(total()).toBeGreaterThan(7.5);
    // What is said of sensitivity and noise is what the mechanism says of both.
    for (const c of charged) expect(c.noise / c.sensitivity / (c.mechanism as { sigma: number }).sigma).toBeCloseTo(1, 1);
    const again = await autoregressive.fit(privateContext(table, { epsilon: 8 }).context, settings), other = await autoregressive.fit(privateContext(table, { epsilon: 8, key: 2 }).context, settings);
    expect(rowsOf(await again.sample(50, { seed: 2 }))).toEqual(rowsOf(await fitted.sample(50, { seed: 2 })));
    expect(rowsOf(await other.sample(50, { seed: 2 }))).not.toEqual(rowsOf(await fitted.sample(50, { seed: 2 })));
    const loaded = await autoregressive.load(fitted.save(), 'cpu');
    expect(rowsOf(await loaded.sample(50, { seed: 2 }))).toEqual(rowsOf(await fitted.sample(50, { seed: 2 })));
    // One order is learnt: given its first columns, not others.
    expect(fitted.canCondition!(['other'])).toBe(true);
    expect(fitted.canCondition!(['group'])).toBe(false);
    await expect(fitted.sample(50, { seed: 2, given: table.select(['group']).take(Int32Array.from({ length: 50 }, (_, i) => i)) })).rejects.toThrow('cannot draw rows given exactly "group"');
    for (const f of [fitted, again, other, loaded]) await f.dispose();
  });

  test('an exhausted budget ends training with the model so far; before the first step it is an error', async () => {
    // Another run's releases come between: what was charged so far is set aside, the rest of the plan no longer.
    const { context, charged } = privateContext(table, { epsilon: 8 }), { charge } = context.privacy, most = 13;
    const spending = { ...context.privacy, charge: async (what: Parameters<typeof charge>[0]) => { if (charged.reduce((n, c) => n + c.count, 0) + what.count > most) throw new BudgetExhausted({ epsilon: 8, delta: 1e-5 }, 9, 7); await charge(what); } };
    const fitted = await autoregressive.fit({ ...context, privacy: spending }, settings);
    expect(charged.reduce((n, c) => n + c.count, 0)).toBe(most);
    expect(new Set(charged.map((c) => c.of))).toEqual(new Set([40]));
    expect((await fitted.sample(10, { seed: 1 })).rows).toBe(10);
    await fitted.dispose();
    await expect(autoregressive.fit(privateContext(table, { epsilon: 8, limit: 0.01 }).context, settings)).rejects.toThrow('budget of this table is exhausted');
  });

  test('a resume charges its own steps, goes on from where it was, and ends when all that were planned have been charged', async () => {
    const stop = new Error('killed'), first = privateContext(table, { epsilon: 8 });
    let last: Uint8Array | undefined;
    await expect(autoregressive.fit({ ...first.context, checkpoint: async (state) => { last = state; }, progress: async ({ step }) => { if (step === 17) throw stop; } }, settings)).rejects.toBe(stop);
    expect(first.charged.reduce((n, c) => n + c.count, 0)).toBe(20);   // charged in fives: three of the last five are lost
    // Its released columns are kept; its noise is new.
    const fitted = await autoregressive.fit({ ...first.context, privacy: { ...first.context.privacy, noise: new NoiseSource(new Uint8Array(32).fill(7)) }, resume: last! }, settings);
    expect(first.charged.reduce((n, c) => n + c.count, 0)).toBe(40);   // as planned, three of them lost
    expect((fitted.resolved as { decisions: { steps: number } }).decisions.steps).toBe(40);
    expect(first.charged.at(-1)!.mechanism).toEqual(first.charged[0]!.mechanism);
    expect(mistakes(await fitted.sample(2000, { seed: 1 })).apart).toBeLessThan(0.15);
    await fitted.dispose();
  });

  test('a condition on the first columns of its order is met and exact; any other is refused, with the order, and so are proposals', async () => {
    const { context } = privateContext(table, { epsilon: 8 }), fitted = await autoregressive.fit(context, settings), names = table.columns.map((c) => c.schema.name), last = names.find((n) => !fitted.canCondition!([n]))!;
    const refusal = await fitted.propose!([last], 10, { seed: 1 }).catch((e: UserError) => e), order = [...(refusal as UserError).hint!.matchAll(/"([^"]+)"/g)].map((m) => m[1]!);
    expect([...order].sort()).toEqual([...names].sort());
    const of = (names: readonly string[]) => table.select([...names]).take(Int32Array.from({ length: 200 }, (_, i) => i)), first = of(order.slice(0, 2)), made = await fitted.sample(200, { seed: 1, given: first });
    for (const column of first.columns) for (let i = 0; i < 200; i++) expect(made.column(column.schema.name).lexeme(i)).toBe(column.lexeme(i));
    expect(fitted.canCondition!(order.slice(0, 2))).toBe(true);
    expect(fitted.canCondition!([order.at(-1)!])).toBe(false);
    for (const refused of [fitted.sample(200, { seed: 1, given: of([order.at(-1)!]) }), fitted.propose!([order.at(-1)!], 10, { seed: 1 }), fitted.propose!([order[1]!, order[0]!], 10, { seed: 1 })]) {
      const error = await refused.catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).hint).toContain(`"${order[0]!}", "${order[1]!}"`);
    }
    expect((await fitted.propose!(order.slice(0, 1), 10, { seed: 1 })).logWeight.length).toBe(10);
    await fitted.dispose();
  });

  test('one column is its noised marginal, at no cost', async () => {
    const { context, charged } = privateContext(table.select(['group'])), fitted = await autoregressive.fit({ ...context, outcome: 'group' }, {});
    expect(charged).toEqual([]);
    expect((await fitted.sample(100, { seed: 1 })).rows).toBe(100);
    await fitted.dispose();
  });
});

test('features have mean zero under the shares, and of numbers unit length on average', () => {
  const { context } = privateContext(table);
  for (const column of table.columns) {
    const codes = privateCodes(column, context.privacy.columns[column.schema.name]!, column.schema.storage === 'code' ? column.categories() : undefined), { width, values } = featuresOf(codes, { numbers: 5, categories: 24 });
    for (let j = 0; j < width; j++) expect(codes.share.reduce((s, p, k) => s + p * values[k * width + j]!, 0)).toBeCloseTo(0, 9);
    if (column.schema.storage === 'number') expect(codes.share.reduce((s, p, k) => s + p * values.subarray(k * width, (k + 1) * width).reduce((t, v) => t + v * v, 0), 0)).toBeCloseTo(1, 6);
  }
});

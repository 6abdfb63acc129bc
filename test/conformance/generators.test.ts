/**
 * What every registered generator owes, whatever it is: the shape of what it makes, repeatability, resumption, conditions kept to the letter, and tables that
 * are hardly tables. Fits are tiny; what a full training owes is in generators.slow.ts. A generator added to the registry is tried without a line here.
 */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { generators } from '../../server/generators/registry';
import { UserError } from '../../server/errors';
import { codeColumn, makeTable } from '../../server/table/columns';
import type { FittedGenerator, Generator } from '../../server/generators/generator';
import type { Table } from '../../server/table/table';
import { awkward, conditions, context, faults, leaping, lexemes, mixed, range, smallParameters } from './generator-cases';

const all = mixed(260), fit = all.take(range(0, 220)), validation = all.take(range(220, 260)), outcome = 'bought', rows = 150;
/** Families whose fits take long enough that a run must be able to go on from a checkpoint. */
const long = ['autoregressive', 'vae', 'gan', 'hybrid', 'diffusion', 'flow'];
/** Digests of what each generator made of the same table under the same seeds. */
const digests = new Map<string, string>();
const only = process.env.GENERATORS?.split(',');

describe.each(generators.filter((g) => !only || only.includes(g.id)).map((g) => [g.id, g] as const))('%s', (id, entry) => {
  let generator: Generator, parameters: Record<string, unknown>, whole: FittedGenerator, made: Table;
  const states: Array<{ state: Uint8Array; resolved: Record<string, unknown> }> = [];
  afterAll(() => whole?.dispose());

  test('says what it is; its settings have defaults, ranges and words', async () => {
    generator = await entry.load();
    parameters = smallParameters(generator);
    expect(generator.parameters.safeParse({}).success).toBe(true);
    expect(generator.parameters.safeParse({ noSuchSetting: 1 }).success).toBe(false);
    for (const [name, setting] of Object.entries(generator.parameters.shape)) expect((setting as { description?: string }).description, name).toBeTruthy();
    expect(entry.summary.length).toBeGreaterThan(20);
    expect(entry.paper).toMatch(/\d{4}/);
  });

  test('the table it makes has the fitted schema, ranges, grids and categories; same seed, same bytes, whatever the number of rows', async () => {
    whole = await leaping(() => generator.fit(context(fit, validation, { outcome, budgetSeconds: 1e6, checkpoint: async (state, resolved) => void states.push({ state: state.slice(), resolved: JSON.parse(JSON.stringify(resolved)) as Record<string, unknown> }) }), parameters));
    made = await whole.sample(rows, { seed: 8 });
    expect(faults(made, fit, rows)).toEqual([]);
    const expected = lexemes(made);
    digests.set(id, createHash('sha256').update(expected.join('\n')).digest('hex'));
    expect(lexemes(await whole.sample(rows, { seed: 8 }))).toEqual(expected);
    expect(lexemes(await whole.sample(37, { seed: 8 }))).toEqual(expected.slice(0, 37));
    expect(lexemes(await whole.sample(rows, { seed: 9 }))).not.toEqual(expected);
  });

  test('saved and loaded, or resumed from a checkpoint, it makes the same rows', async () => {
    const expected = lexemes(made), loaded = await generator.load(whole.save(), 'cpu');
    expect(lexemes(await loaded.sample(rows, { seed: 8 }))).toEqual(expected);
    await loaded.dispose();
    expect(() => JSON.stringify(whole.resolved)).not.toThrow();
    if (long.includes(entry.family)) expect(states.length).toBeGreaterThan(0);
    // From the first and from the middle, as a run does: with the decisions that were recorded at the time.
    for (const at of new Set(states.length ? [0, Math.floor(states.length / 2)] : [])) {
      const { state, resolved } = states[at]!;
      const resumed = await generator.fit(context(fit, validation, { outcome, budgetSeconds: 1e6, resume: state, resolved }), parameters);
      expect(lexemes(await resumed.sample(rows, { seed: 8 }))).toEqual(expected);
      await resumed.dispose();
    }
  });

  test('repeated from its recorded decisions, it makes the same rows', async () => {
    const repeated = await generator.fit(context(fit, validation, { outcome, resolved: JSON.parse(JSON.stringify(whole.resolved)) as Record<string, unknown> }), parameters);
    expect(lexemes(await repeated.sample(rows, { seed: 8 }))).toEqual(lexemes(made));
    await repeated.dispose();
  });

  test('keeps conditions to the letter, where it conditions', async () => {
    if (!entry.capabilities.conditional) {
      // A flag that is down stays down: nothing is silently ignored either.
      for (const name of ['city', 'age']) await expect(whole.sample(5, { seed: 4, given: fit.select([name]).take(range(0, 5)) }), name).rejects.toBeInstanceOf(UserError);
      return;
    }
    const names = fit.columns.map((c) => c.schema.name), sets = conditions(whole, names);
    expect(sets.length).toBeGreaterThan(0);
    for (const set of sets) {
      // Rows of the table itself, in another order: cells that occur together, missing ones included.
      const given = fit.select(set).take(range(0, 60).map((i) => (i * 37) % fit.rows)), drawn = await whole.sample(60, { seed: 4, given });
      expect(faults(drawn, fit, 60), set.join()).toEqual([]);
      expect(lexemes(drawn.select(set)), set.join()).toEqual(lexemes(given));
      expect(lexemes(await whole.sample(20, { seed: 4, given: given.take(range(0, 20)) })), `${set.join()}: the first rows`).toEqual(lexemes(drawn).slice(0, 20));
    }
    const single = sets.find((s) => s.length === 1 && fit.column(s[0]!).schema.storage === 'code');
    if (single) {
      const strange = makeTable(fit.schema.dialect, [codeColumn(fit.column(single[0]!).schema, Int32Array.of(0), ['Atlantis'])]);
      const error = await whole.sample(1, { seed: 4, given: strange }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).place.column).toBe(single[0]);
    }
  });

  test('fitted for one column that will be given, it repeats that to the letter, guided or not; other columns are refused', async () => {
    const guided = 'condition' in generator.parameters.shape;
    // Diffusion and flow matching are conditioned by a network that is told the column; whatever can be told can be guided (Ho & Salimans 2022).
    expect(guided).toBe('guidance' in generator.parameters.shape);
    expect(guided).toBe(entry.family === 'diffusion' || id === 'flow-matching');
    if (!guided) return;
    for (const [condition, guidance] of [['city', 2], ['kids', 0], ['pay', 1]] as const) {
      const g = await generator.fit(context(fit, validation, { outcome, budgetSeconds: 1 }), { ...parameters, condition, guidance });
      const given = fit.select([condition]).take(range(0, 60).map((i) => (i * 37) % fit.rows)), drawn = await g.sample(60, { seed: 4, given });
      expect(g.canCondition!([condition])).toBe(true);
      expect(faults(drawn, fit, 60), condition).toEqual([]);
      expect(lexemes(drawn.select([condition])), condition).toEqual(lexemes(given));
      expect(lexemes(await g.sample(20, { seed: 4, given: given.take(range(0, 20)) })), condition).toEqual(lexemes(drawn).slice(0, 20));
      expect(faults(await g.sample(20, { seed: 4 }), fit, 20), `${condition}, drawn too`).toEqual([]);
      await expect(g.sample(5, { seed: 4, given: fit.select(['age']).take(range(0, 5)) })).rejects.toBeInstanceOf(UserError);
      await g.dispose();
    }
  });

  test.each(Object.entries(awkward))('%s', async (_, make) => {
    const whole = make(), own = whole.take(range(0, whole.rows)), g = await generator.fit(context(own, own.take([]), { budgetSeconds: 1 }), parameters);
    try {
      expect(faults(await g.sample(25, { seed: 3 }), own, 25)).toEqual([]);
      const loaded = await generator.load(g.save(), 'cpu');
      expect(lexemes(await loaded.sample(25, { seed: 3 }))).toEqual(lexemes(await g.sample(25, { seed: 3 })));
      await loaded.dispose();
    } finally { await g.dispose(); }
  });

  test('a cancelled fit ends with the error that progress threw', async () => {
    let calls = 0;
    await expect(generator.fit(context(fit, validation, { outcome, progress: async () => { if (++calls > 1) throw new Error('stop'); } }), parameters).then((g) => g.dispose())).rejects.toThrow('stop');
  });
});

test('no two generators make the same of one table and seed', () => {
  const seen = new Map<string, string>();
  for (const [id, digest] of digests) { expect(seen.get(digest), `${id} equals ${seen.get(digest)}`).toBeUndefined(); seen.set(digest, id); }
  expect(seen.size).toBe(only?.length ?? generators.length);
});

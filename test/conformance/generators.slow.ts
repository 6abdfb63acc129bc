/**
 * What a full training owes: every registered generator, on a table whose law is known. Trainings are counted in steps (`needs`), never in seconds, so that a busy
 * machine tests the same as an idle one. Where a model cannot hold a relation by its nature, `cannot` says so and why, and the test asserts that it is so no longer
 * than it is. GENERATORS=id,id: only these.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeyStream } from '../../server/engine';
import { generators } from '../../server/generators/registry';
import type { FittedGenerator, Generator } from '../../server/generators/generator';
import type { Table } from '../../server/table/table';
import { category, context, number, range, shapes, smallParameters, table } from './generator-cases';

const n = 5000, rows = 4000;
/**
 * What a generator needs to learn this table, where its defaults would train longer than a test can wait (they stop at a budget of seconds, which a test must not
 * read): smaller networks and batches, so that more steps fit a minute.
 */
const needs: Record<string, { settings: Record<string, unknown>; why: string }> = {
  ctgan: {
    settings: { batch: 100, hidden: 128, pac: 1, dropout: 0, learningRate: 1e-3, ema: 0.998, epochs: 150 },
    why: '6,700 steps; the sine comes last. At the paper\'s rate of .0002 there was none after 6,000. Of five modes a number, as on any table of so few rows, it leaves .15 of the variance; of ten .31',
  },
  'ctab-gan': {
    settings: { batch: 100, hidden: 128, classifierLayers: 2, learningRate: 1e-3, ema: 0.998, epochs: 150 },
    why: 'as CTGAN',
  },
  tvae: { settings: { batch: 100, epochs: 130 }, why: '5,900 steps: relations are learnt one after another as the widths of the alphas fall, the sine last' },
  medgan: { settings: { batch: 200, pretraining: 60, epochs: 250 }, why: '1,300 steps of the autoencoder, 5,500 of the adversary' },
  'ca-dasg': { settings: { batch: 100, hidden: 128, epochs: 130, components: 5 }, why: '5,900 steps, as TVAE; of five modes a number the sine leaves .22 of the variance, of ten .57' },
  tabddpm: { settings: { steps: 2500, samplingSteps: 50 }, why: '2,500 steps' },
  'score-sde': { settings: { width: 128, batch: 256, steps: 4000 }, why: '4,000 steps' },
  'latent-diffusion': {
    settings: { vaeSteps: 2500, batch: 256, steps: 5000, samplingSteps: 25 },
    why: 'the autoencoder must be sharp (2,500 steps) before codes are worth learning; a denoiser of width 96 leaves rows between the clusters of codes, where the decoder guesses',
  },
  'flow-matching': { settings: { width: 128, batch: 256, steps: 3000 }, why: '3,000 steps' },
  flow: { settings: { hidden: 48, batch: 256, epochs: 60 }, why: '1,000 steps' },
  transformer: { settings: { width: 32, batch: 128, epochs: 40 }, why: '1,400 steps' },
};
/** Relations that a model cannot hold by its nature, not for want of training. */
const cannot: Record<string, { relations: string[]; why: string }> = {
  independent: { relations: ['dependent', 'sine'], why: 'columns are drawn each by itself' },
  'gaussian-copula': { relations: ['dependent', 'sine'], why: 'one correlation a pair: neither a relation that rises and falls nor one between unordered categories' },
  mixup: { relations: ['mixture'], why: 'a weighted average of two rows of a class lies between them, also where no row does' },
};
/** Relations that no training tried here has brought to what is asked; what was reached is kept, and must not get worse. */
const shortOf: Record<string, { sine: number; why: string }> = {
  medgan: { sine: 1.2, why: 'after the 5,500 steps above the sine leaves .87 of the variance (2: no relation): the plain adversary of 2017, made for bits, without packs, conditions or penalty' },
};
const only = process.env.GENERATORS?.split(',');
const mean = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;

describe.each(generators.filter((g) => !only || only.includes(g.id)).map((g) => [g.id, g] as const))('%s', (id, entry) => {
  let generator: Generator, g: FittedGenerator, made: Table;
  const real = shapes(n), limits = cannot[id]?.relations ?? [];
  beforeAll(async () => {
    generator = await entry.load();
    g = await generator.fit(context(real.take(range(0, 4500)), real.take(range(4500, n)), { outcome: 'effect', budgetSeconds: 1e6 }), generator.parameters.parse(needs[id]?.settings ?? {}));
    made = await g.sample(rows, { seed: 2 });
  }, 3_600_000);
  afterAll(() => g?.dispose());

  test('missing cells keep their share', () => {
    for (const name of ['part', 'note']) expect(Math.abs(made.column(name).missingCount / rows - real.column(name).missingCount / n), name).toBeLessThan(0.05);
  });
  test('a mixture keeps both modes, and what lies between stays empty', () => {
    const two = made.column('two').numbers();
    expect(Math.abs(two.filter((v) => v < -2).length / rows - 0.35)).toBeLessThan(0.08);
    const between = two.filter((v) => Math.abs(v) <= 2).length / rows;
    if (limits.includes('mixture')) expect(between).toBeGreaterThan(0.02);
    else expect(between).toBeLessThan(0.06);
  });
  test('a category decided by another stays so', () => {
    const effect = Array.from(made.column('effect').codes(), (c) => made.column('effect').categories()[c]), cause = Array.from(made.column('cause').codes(), (c) => made.column('cause').categories()[c]);
    const kept = cause.filter((c, i) => ({ a: 'r', b: 'p', c: 'q', d: 'p' })[c!] === effect[i]).length / rows;
    // By chance alone: .375.
    if (limits.includes('dependent')) expect(kept).toBeLessThan(0.9);
    else expect(kept).toBeGreaterThan(0.9);
  });
  test('a sine-shaped joint is learnt', () => {
    const x = made.column('x').numbers(), y = made.column('y').numbers(), off = mean(Array.from(y, (v, i) => (v - Math.sin(x[i]!)) ** 2)) / mean(Array.from(y, (v) => v * v));
    // Share of y's variance that the sine leaves: real rows .02, without any relation about 2, with a straight line's relation .6 at best.
    if (limits.includes('sine')) expect(off).toBeGreaterThan(0.3);
    else expect(off).toBeLessThan(shortOf[id]?.sine ?? 0.3);
  });
  test('a column of 50,000 categories neither fails nor fills the memory', async () => {
    const m = 60_000, u = new KeyStream(3, 'many').uniforms(0, m), many = table(category('many', u.map((v, i) => (i < 50_000 ? i : Math.floor(50_000 * v))), range(0, 50_000).map((i) => `v${i}`)), number('x', u), category('c', u.map((v) => +(v < 0.5)), ['a', 'b']));
    const before = process.memoryUsage().rss;
    let most = before;
    const look = (): void => { most = Math.max(most, process.memoryUsage().rss); };
    const own = await generator.fit(context(many.take(range(0, 55_000)), many.take(range(55_000, m)), { outcome: 'c', budgetSeconds: 5, progress: async () => look() }), smallParameters(generator));
    look();
    const drawn = await own.sample(2000, { seed: 1, progress: async () => look() });
    look();
    await own.dispose();
    expect(drawn.column('many').missingCount).toBe(0);
    expect(new Set(drawn.column('many').codes()).size).toBeGreaterThan(100);
    expect((most - before) / 1e6).toBeLessThan(1500);
  }, 600_000);
});

/** CA-DASG under a privacy budget: what it charges, that the total holds, how the cache's query composes, and that nothing else is learnt. */
import { describe, expect, test } from 'vitest';
import { epsilonFor } from '../../privacy/accountant/accountant';
import { gaussianEpsilon } from '../../privacy/accountant/gaussian';
import { allot, even, multiplier, totalNoise } from '../../privacy/clipping/groups';
import { BudgetExhausted } from '../../privacy/ledger/budget';
import { NoiseSource } from '../../privacy/mechanisms/source';
import { category, number, table as tableOf } from '../../../test/conformance/generator-cases';
import { KeyStream } from '../../engine';
import { UserError } from '../../errors';
import { privateContext } from '../blocks/private/fixture';
import { caDasg } from './ca-dasg';
import { clippedSums, noisySums, project, promised, selectContexts, selectionOf, sensitivityOf, type Block } from './private-cache';
import { PrivateEncoding } from '../blocks/private/encoding';

const n = 600, u = (k: number) => new KeyStream(3, `private/${k}`).uniforms(0, n), group = u(0).map((v) => (v < 0.6 ? 0 : v < 0.9 ? 1 : 2)), x = new KeyStream(3, 'private/x').normals(0, n).map((v, i) => group[i]! * 2 - 2 + v), sick = u(1).map((v, i) => Number(v < 1 / (1 + Math.exp(-2 * x[i]!))));
const table = tableOf(category('group', group, ['a', 'b', 'c']), category('sick', sick, ['no', 'yes']), number('x', x));
const small = { contexts: 'group', hidden: 16, embedding: 4, epochs: 2 };
const keyed = (k: number) => new NoiseSource(new Uint8Array(32).fill(k));

describe('the cache\'s query', () => {
  // Two contexts, four rows, a count and a clipped pair of numbers.
  const rows = [[0.3, 0.4], [3, 4], [0, 1], [-6, 8]], contexts = Int32Array.of(0, 0, 1, 1);
  const blocks: Block[] = [{ width: 1, clip: 1, fill: (_, into) => { into[0] = 1; } }, { width: 2, clip: 5, fill: (i, into) => into.set(rows[i]!) }];
  test('sums are of clipped rows, in units of their clip', () => {
    // Row 3 has length 10 and is clipped to 5: (-3, 4); by hand, over 5.
    const sums = clippedSums({ blocks, contexts, count: 2 });
    [2, 3.3 / 5, 4.4 / 5, 2, -3 / 5, 5 / 5].forEach((v, i) => expect(sums[i]).toBeCloseTo(v, 12));
  });
  test('one row moves all contexts together by at most the root of the number of blocks', () => {
    const whole = clippedSums({ blocks, contexts, count: 2 });
    for (let out = 0; out < 4; out++) {
      const left = [0, 1, 2, 3].filter((i) => i !== out), less = clippedSums({ blocks: blocks.map((b) => ({ ...b, fill: (i: number, into: Float64Array) => b.fill(left[i]!, into) })), contexts: contexts.filter((_, i) => i !== out), count: 2 });
      const moved = Math.sqrt(whole.reduce((s, v, i) => s + (v - less[i]!) ** 2, 0));
      expect(moved).toBeLessThanOrEqual(sensitivityOf(blocks) + 1e-12);
      if (out === 3) expect(moved).toBeCloseTo(Math.SQRT2, 12);   // clipped to its bound, and counted
    }
  });
  test('three readings at multiplier 6 cost one Gaussian of multiplier 6 / sqrt 3, whatever the number of contexts', () => {
    // By hand: mu^2 adds up, 3 / 36 = 1 / 12.
    const events = [{ mechanism: { kind: 'gaussian', sigma: 6 } as const, count: 3 }];
    expect(epsilonFor(events, 1e-5).epsilon).toBeCloseTo(gaussianEpsilon(Math.sqrt(12), 1e-5), 9);
    const two = noisySums({ blocks, contexts, count: 2 }, 6, keyed(1)), many = noisySums({ blocks, contexts, count: 50 }, 6, keyed(1));
    for (const { mechanism } of [two, many]) { expect(mechanism).toMatchObject({ kind: 'gaussian' }); expect((mechanism as { sigma: number }).sigma).toBeGreaterThanOrEqual(promised(6)); }
  });
  test('the noise is as wide as charged', () => {
    const empty: Block[] = [{ width: 4000, clip: 3, fill: (_, into) => into.fill(0) }], { sums } = noisySums({ blocks: empty, contexts: Int32Array.of(0), count: 1 }, 2, keyed(2));
    // sigma 2 times sensitivity 1, in units of the clip of 3.
    expect(Math.sqrt(sums.reduce((s, v) => s + v * v, 0) / 4000) / 6).toBeCloseTo(1, 1);
  });
  test('a context of one row is not found; common ones are', () => {
    const { keys, mechanisms } = selectContexts([...new Array<string>(400).fill('1,0'), ...new Array<string>(300).fill('0,1'), '7,7'], { sigma: 5, delta: 1e-6 }, keyed(3));
    expect(keys).toEqual(['1,0', '0,1']);
    expect(mechanisms).toEqual(selectionOf(5, 1e-6));
  });
  test('a noisy covariance becomes the nearest one that can be', () => {
    const p = project(Float64Array.of(1, 2, 2, 1), 2);   // eigenvalues 3 and -1
    for (const v of p) expect(v).toBeCloseTo(1.5, 9);
    const fine = project(Float64Array.of(2, 0.5, 0.5, 1), 2);
    [2, 0.5, 0.5, 1].forEach((v, i) => expect(fine[i]).toBeCloseTo(v, 9));
  });
});

describe('adaptive noise', () => {
  test('allotted over groups, noise costs what even noise costs, and is less in all', () => {
    const groups = [{ clip: 0.6, size: 4000 }, { clip: 0.6, size: 200 }, { clip: 0.6, size: 9000 }], m = 1.7, adaptive = allot(groups, m), uniform = even(groups, m);
    expect(multiplier(groups, adaptive)).toBeCloseTo(multiplier(groups, uniform), 12);
    const cost = (sds: number[]) => epsilonFor([{ mechanism: { kind: 'subsampled-gaussian', q: 0.01, sigma: multiplier(groups, sds) }, count: 200 }], 1e-5).epsilon;
    expect(cost(adaptive)).toBeCloseTo(cost(uniform), 6);
    expect(totalNoise(groups, adaptive)).toBeLessThan(totalNoise(groups, uniform));
    // sigma_g proportional to sqrt(C_g) d_g^(-1/4).
    expect(adaptive[0]! / adaptive[1]!).toBeCloseTo((4000 / 200) ** -0.25, 12);
  });
});

describe('a fit', () => {
  test('charges contexts, latents and training within the budget; the model saves, loads and draws given contexts', async () => {
    const { context, charged, total } = privateContext(table, { epsilon: 3 }), fitted = await caDasg.fit(context, small);
    expect(charged.map((c) => c.purpose)).toEqual(expect.arrayContaining(['contexts: counts and moments', 'contexts: latent priors', 'training']));
    expect(charged.filter((c) => c.purpose === 'contexts: latent priors').length).toBe(2);
    expect(total()).toBeLessThanOrEqual(3);
    expect(total()).toBeGreaterThan(2.7);
    // Of two readings of the latents the second could not have been foreseen by training had it not been planned for.
    expect(fitted.curve).toBeUndefined();
    expect((fitted.resolved as { off: string[] }).off.join('\n')).toContain('featureMatching: it compares means over a batch of real rows');
    const made = await fitted.sample(300, { seed: 1 }), loaded = await caDasg.load(fitted.save(), 'cpu'), again = await loaded.sample(300, { seed: 1 });
    expect(made.rows).toBe(300);
    made.columns.forEach((c, j) => { for (let i = 0; i < 300; i++) expect(again.columns[j]!.lexeme(i)).toBe(c.lexeme(i)); });
    for (const v of made.column('x').numbers()) { expect(v).toBeGreaterThanOrEqual(-8); expect(v).toBeLessThanOrEqual(8); }
    const given = table.select(['group']).take(Array.from({ length: 50 }, () => 0));
    expect(new Set((await fitted.sample(50, { seed: 2, given })).column('group').codes())).toEqual(new Set(given.column('group').codes()));
    await loaded.dispose(); await fitted.dispose();
  });
  test('a resume goes on with the contexts and moments that were charged for, and charges no other', async () => {
    const first = privateContext(table, { epsilon: 3 }), stop = new Error('killed');
    let last: Uint8Array | undefined;
    await expect(caDasg.fit({ ...first.context, checkpoint: async (state) => { last = state; }, progress: async ({ step }) => { if (step === 9) throw stop; } }, { ...small, epochs: 6 })).rejects.toBe(stop);
    const before = first.charged.length, fitted = await caDasg.fit({ ...first.context, privacy: { ...first.context.privacy, noise: keyed(9) }, resume: last! }, { ...small, epochs: 6 });
    expect(new Set(first.charged.slice(before).map((c) => c.purpose))).toEqual(new Set(['training', 'contexts: latent priors']));
    expect((await fitted.sample(20, { seed: 1 })).rows).toBe(20);
    await fitted.dispose();
    // However little is left, all that was planned being set aside: the readings keep the noise that was planned, and one that is no longer paid for is left out.
    const planned = first.charged.find((c) => c.purpose === 'contexts: latent priors')!.mechanism, again = privateContext(table), { privacy } = again.context;
    const going = await caDasg.fit({ ...again.context, privacy: { ...privacy, noise: keyed(9), left: { ...privacy.left, precision: 0.01 } }, resume: last! }, { ...small, epochs: 6 });
    expect(again.charged.filter((c) => c.purpose === 'contexts: latent priors').map((c) => c.mechanism)).toContainEqual(planned);
    await going.dispose();
    const poor = privateContext(table), unpaid = await caDasg.fit({ ...poor.context, privacy: { ...poor.context.privacy, async charge(what) { if (what.purpose !== 'training') throw new BudgetExhausted({ epsilon: 1, delta: 1e-6 }, 2, 1); } }, resume: last! }, { ...small, epochs: 6 });
    expect((await unpaid.sample(20, { seed: 1 })).rows).toBe(20);
    await unpaid.dispose();
  });
  test('a critic is off unless asked for by a weight of its own; then one mechanism holds its steps and the autoencoder\'s, at the same total, through a stop too', async () => {
    const plain = privateContext(table, { epsilon: 3 }), without = await caDasg.fit(plain.context, { ...small, epochs: 4 });
    expect((without.resolved as { off: string[] }).off.join('\n')).toContain('adversarial: a critic takes its share');
    // Refused beyond, as a ledger does: a reading that a stop lost is not paid for twice.
    const first = privateContext(table, { epsilon: 3, limit: 3 }), stop = new Error('killed');
    let last: Uint8Array | undefined;
    await expect(caDasg.fit({ ...first.context, checkpoint: async (state) => { last = state; }, progress: async ({ step }) => { if (step === 5) throw stop; } }, { ...small, epochs: 4, adversarial: 0.3 })).rejects.toBe(stop);
    const fitted = await caDasg.fit({ ...first.context, privacy: { ...first.context.privacy, noise: keyed(9) }, resume: last! }, { ...small, epochs: 4, adversarial: 0.3 });
    expect((fitted.resolved as { off: string[] }).off.join('\n')).not.toContain('adversarial');
    const steps = (of: typeof first) => of.charged.filter((c) => c.purpose === 'training').reduce((n, c) => n + c.count, 0);
    expect(steps(first)).toBe(steps(plain));
    expect(first.total()).toBeLessThanOrEqual(3);
    expect((await fitted.sample(50, { seed: 1 })).rows).toBe(50);
    await without.dispose(); await fitted.dispose();
  });
  test('a budget that cannot pay for the cache ends before anything is learnt', async () => {
    await expect(caDasg.fit(privateContext(table, { epsilon: 3, limit: 0.01 }).context, small)).rejects.toThrow('budget');
  });
  test.each([['featureMatching', 1, 'means over a batch'], ['minibatchDiscrimination', true, 'other rows of the batch'], ['dynamicBalancing', true, 'validation rows'], ['cache', 'paper', 'not noised at all'], ['contextLearning', 'clusters', 'codes of real rows'], ['utility', 1, 'trained on real rows']])('%s is refused, with the reason', async (name, value, why) => {
    const error = await caDasg.fit(privateContext(table).context, { ...small, [name]: value }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(why);
  });
  test('many combinations are selected, not listed', async () => {
    const { context, charged, total } = privateContext(table, { epsilon: 8, limit: 8 }), fitted = await caDasg.fit(context, { ...small, contexts: 'group,sick,x', contextBins: 12 });
    expect(charged.slice(0, 2)).toMatchObject([{ purpose: 'contexts: which there are', mechanism: { kind: 'discrete-gaussian' } }, { mechanism: { kind: 'approximate', epsilon: 0 } }]);
    expect(charged.filter((c) => c.purpose === 'training').reduce((n, c) => n + c.count, 0)).toBe(charged.find((c) => c.of)!.of);
    expect(total()).toBeGreaterThan(7.8);
    await fitted.dispose();
  });
});

test('the private encoding knows columns by their noised marginals alone', () => {
  const { context } = privateContext(table), encoding = PrivateEncoding.from(table, context.privacy.columns), blank = PrivateEncoding.from(table.take([]), context.privacy.columns);
  expect(blank.save()).toBe(encoding.save());
  const rows = encoding.encode(table), back = PrivateEncoding.load(encoding.save()).decode(rows, { seed: 1 });
  expect(Array.from(back.column('group').codes())).toEqual(Array.from(group));
  const width = 16 / 32;   // the fixture's bins
  back.column('x').numbers().forEach((v, i) => { if (Math.abs(x[i]!) < 8) expect(Math.abs(v - x[i]!)).toBeLessThanOrEqual(width); });
});

/** Settings that mean nothing under a privacy budget are refused with the reason, before anything is charged for (release.test.ts), and none is left aside in silence. */
import { describe, expect, test } from 'vitest';
import { UserError } from '../errors';
import { findGenerator } from './registry';

const refused: Array<[generator: string, given: Record<string, unknown>, why: string]> = [
  ['ca-dasg', { utility: 0.05 }, 'trained on real rows'], ['ca-dasg', { featureMatching: 1 }, 'means over a batch'], ['ca-dasg', { minibatchDiscrimination: true }, 'other rows of the batch'], ['ca-dasg', { dynamicBalancing: true }, 'validation rows'],
  ['ca-dasg', { adaptiveBalancing: true }, 'queries of their own'], ['ca-dasg', { contextLearning: 'clusters' }, 'codes of real rows'], ['ca-dasg', { cache: 'paper' }, 'not noised at all'], ['ca-dasg', { warmStart: 'model.bin' }, 'without a charge'],
  ['ca-dasg', { variational: false }, 'variational update'], ['ca-dasg', { historicalAveraging: 1 }, 'average over the steps'], ['ca-dasg', { batch: 500 }, 'number of rows'], ['ca-dasg', { components: 5 }, 'noised marginals'], ['ca-dasg', { contexts: 'nosuch' }, 'no column "nosuch"'],
  ['ctgan', { pac: 10 }, 'depends on the others'], ['ctgan', { batch: 500 }, 'number of rows'], ['ctgan', { dropout: 0.5 }, 'go without it'], ['tvae', { components: 5 }, 'noised marginals'], ['tvae', { batch: 500 }, 'number of rows'],
  ['tvae', { hidden: 128 }, 'at most 48, not 128'], ['ctgan', { hidden: 256 }, 'at most 128'], ['tabddpm', { layers: 3 }, 'at most 1'], ['flow-matching', { blocks: 3 }, 'at most 2'],
  ['tabddpm', { dropout: 0.1 }, 'go without it'], ['tabddpm', { condition: 'nosuch' }, 'no column "nosuch"'], ['flow-matching', { weightDecay: 0.1 }, 'shrunk'], ['flow-matching', { variant: 'rectified' }, 'not offered'], ['flow-matching', { condition: 'nosuch' }, 'no column'],
  ['autoregressive', { hidden: 64 }, 'without hidden layers'], ['autoregressive', { anyOrder: 0.5 }, 'one order'],
];
describe('refused under a privacy budget, with the reason', () => {
  test.each(refused)('%s %o', async (id, given, why) => {
    const generator = await findGenerator(id)!.load();
    // A setting it has.
    generator.parameters.parse(given);
    let error: unknown;
    try { generator.assertPrivately!(given, ['a', 'b']); } catch (e) { error = e; }
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: 'usage' });
    expect((error as UserError).message).toContain(why);
  });
});

test.each(['ca-dasg', 'ctgan', 'tvae', 'tabddpm', 'flow-matching', 'autoregressive'])('%s: what is not named, or asks for nothing, is not refused', async (id) => {
  const generator = await findGenerator(id)!.load(), off: Record<string, Record<string, unknown>> = { 'ca-dasg': { utility: 0, featureMatching: 0, cache: 'off', contexts: 'a,b', variational: true }, ctgan: { pac: 1, dropout: 0 }, tvae: { hidden: 48, layers: 1 }, tabddpm: { dropout: 0, condition: 'a' }, 'flow-matching': { condition: 'b' } };
  expect(() => generator.assertPrivately!({}, ['a', 'b'])).not.toThrow();
  expect(() => generator.assertPrivately!(off[id] ?? {}, ['a', 'b'])).not.toThrow();
});

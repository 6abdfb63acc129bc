/** Every generator that trains by DP-SGD keeps the same promises; what each does beside stands in its own folder. */
import { describe, expect, test } from 'vitest';
import { openDevice } from '../engine';
import { mixedTable, rowsOf } from './blocks/mixed-fixture';
import { marginalTable, privateModal } from './blocks/private/marginal-table';
import { describeColumns, listening, narrowed } from './blocks/private/described';
import { PrivateEncoding } from './blocks/private/encoding';
import { privateContext } from './blocks/private/fixture';
import { several } from './blocks/private/several';
import { allParams, type Sizes } from './ca-dasg/networks';
import { privateCriticParams } from './ca-dasg/private-critic';
import { privateSpec as caDasgSpec } from './ca-dasg/private-fit';
import { privateView } from './diffusion/private';
import { privateSpec as tabddpmSpec } from './diffusion/tabddpm-model';
import { privateSpec as matchingSpec } from './flow/matching-train';
import { criticSpec } from './gan/private';
import { privateGenerators } from './private';
import { findGenerator } from './registry';
import { PrivateTrainer, type PrivateSpec } from '../privacy/clipping/private-trainer';
import { NoiseSource } from '../privacy/mechanisms/source';
import { privateSpec as tvaeSpec } from './vae/tvae';

const table = mixedTable(1500);
const quick: Record<string, Record<string, unknown>> = {
  tvae: { epochs: 2, hidden: 16 }, tabddpm: { steps: 12, width: 16, layers: 1, samplingSteps: 5, timesteps: 50 }, 'flow-matching': { steps: 12, width: 16, blocks: 1, samplingSteps: 3 }, ctgan: { epochs: 2, hidden: 16, embedding: 8 },
};

describe.each(Object.keys(quick))('%s under a privacy budget', (id) => {
  test('spends what it charges, within what was asked; the same under the same key, whatever the plan\'s seed, which is stored; draws within the released domains', async () => {
    const generator = await findGenerator(id)!.load(), { context, charged, total } = privateContext(table, { epsilon: 4 });
    expect(findGenerator(id)!.capabilities.differentialPrivacy).toBe(true);
    const fitted = await generator.fit(context, quick[id]!), { decisions } = fitted.resolved as { decisions: { steps: number; q: number; sigma: number } };
    expect(charged.reduce((n, c) => n + c.count, 0)).toBe(decisions.steps);
    for (const c of charged) {
      expect(c.mechanism).toMatchObject({ kind: 'subsampled-gaussian', q: decisions.q });
      expect((c.mechanism as { sigma: number }).sigma).toBeGreaterThanOrEqual(decisions.sigma);
    }
    expect(total()).toBeLessThanOrEqual(4);
    expect(total()).toBeGreaterThan(3.8);
    const drawn = await fitted.sample(120, { seed: 3 });
    for (const name of ['x', 'y', 'few']) expect(drawn.column(name).numbers().every((v) => Number.isNaN(v) || (v >= -8 && v <= 8))).toBe(true);
    const again = await generator.fit(privateContext(table, { epsilon: 4, extra: { seed: 77 } }).context, quick[id]!), loaded = await generator.load(fitted.save(), 'cpu');
    expect(Buffer.from(again.save()).equals(Buffer.from(fitted.save()))).toBe(true);
    expect(rowsOf(await again.sample(40, { seed: 3 }))).toEqual(rowsOf(drawn).slice(0, 40));
    expect(rowsOf(await loaded.sample(40, { seed: 3 }))).toEqual(rowsOf(drawn).slice(0, 40));
    // No losses of real rows are shown.
    expect(fitted.curve).toBeUndefined();
    for (const f of [fitted, again, loaded]) await f.dispose();
  });
});

// Those of `quick` are held to it above.
test.each(privateGenerators().filter((g) => !quick[g.id]).map((g) => g.id))('%s: of the plan\'s seed, which is stored, nothing of a fit follows', async (id) => {
  const generator = await findGenerator(id)!.load(), few = table.take(Int32Array.from({ length: 400 }, (_, i) => i)), settings: Record<string, Record<string, unknown>> = { autoregressive: { steps: 12, batch: 200 }, 'ca-dasg': { epochs: 1, hidden: 8 } };
  const bytes = async (seed: number): Promise<Buffer> => {
    const fitted = await generator.fit(privateContext(few, { epsilon: 4, extra: { seed } }).context, settings[id] ?? {});
    try { return Buffer.from(fitted.save()); } finally { await fitted.dispose(); }
  };
  expect((await bytes(2)).equals(await bytes(1))).toBe(true);
});

test('what an encoder draws for a real row comes from a key of 256 bits that is in nothing that is saved', async () => {
  const { context } = privateContext(table), { kept, encoder } = await privateModal(table, context.privacy, { components: 5, atoms: true, valuesAsCategories: 20, maxCategories: 50 });
  expect(encoder.save()).toBe(kept.save());
  expect(encoder.encode(table)).not.toEqual(kept.encode(table));
  const view = privateView(context, '', { valuesAsCategories: 2, maxCategories: 50 }), keyed = view.keyed(new Uint8Array(32).fill(3));
  expect(keyed.save()).toBe(view.save());
  expect(keyed.encode(table)).not.toEqual(view.encode(table));
});

test('encoders see the marginals alone: any rows with the same schema give the same ones', async () => {
  const { context } = privateContext(table), other = table.take(Int32Array.from({ length: 10 }, () => 3)), made = marginalTable(other, context.privacy.columns);
  expect(rowsOf(made)).toEqual(rowsOf(marginalTable(table, context.privacy.columns)));
  // Every released category occurs, and the shares are the released ones.
  const own = context.privacy.columns.other!, codes = made.column('other').codes();
  if (own.type === 'category') own.shares.forEach((s, c) => expect(codes.filter((v) => v === (c === own.shares.length - 1 ? -1 : c)).length / made.rows).toBeCloseTo(s, 2));
  expect(new Set(codes).size).toBe(5);
});

/** The programs that are trained: each example's clipped gradient alone, summed, is the batch's, so that none depends on the others. */
describe('an example\'s share of the sum is its own', () => {
  const cases: Record<string, () => Promise<{ spec: PrivateSpec; data: Record<string, Float32Array | Int32Array> }>> = {
    async tvae() {
      const { context } = privateContext(table), encoding = PrivateEncoding.from(table, context.privacy.columns), described = describeColumns(table, context.privacy.columns, encoding.layout);
      return { spec: tvaeSpec(encoding.layout, described, { embedding: 4, hidden: 8, layers: 1 }, { lossFactor: 2, clip: 1, l2: 0 }), data: { codes: encoding.encode(table).codes } };
    },
    async ctgan() {
      const { context } = privateContext(table), { kept, encoder } = await privateModal(table, context.privacy, { components: 5, atoms: true, valuesAsCategories: 20, maxCategories: 50 }), { alphas, codes } = encoder.encode(table);
      return { spec: criticSpec(kept.layout, { embedding: 4, hidden: 8, layers: 2, batch: 10, pac: 1, criticSteps: 1, dropout: 0 }, { penalty: 10, clip: 1, l2: 0 }), data: { alphas, codes } };
    },
    async 'ca-dasg with a critic'() {
      const { context } = privateContext(table), encoding = PrivateEncoding.from(table, context.privacy.columns), { layout } = encoding, described = describeColumns(table, context.privacy.columns, layout), E = 4;
      const sizes: Sizes = { embedding: E, hidden: 8, layers: 1, batch: 0, criticSteps: 1, contexts: 0, parts: [], sketch: layout.width, variational: true, adversarial: false, minibatch: false }, model = { layout, described, sizes }, { encoder, decoder } = allParams(narrowed(described), sizes);
      const prior = { priorMean: new Float32Array(table.rows * E), priorLog: new Float32Array(table.rows * E) };
      return { spec: caDasgSpec(model, { ...listening({ ...encoder, ...decoder }, described, 1), ...privateCriticParams(model) }, 1, 0.5, 10), data: { codes: encoding.encode(table).codes, ...prior } };
    },
    async tabddpm() {
      const { context } = privateContext(table), view = privateView(context, '', { valuesAsCategories: 2, maxCategories: 50 }), { rows } = view.encode(table);
      return { spec: several(tabddpmSpec({ layout: view.layout, sizes: { width: 8, layers: 1, time: 8, timesteps: 20, schedule: 'cosine', prediction: 'noise', batch: 32, dropout: 0, dropCondition: 0 } }, 1, 0.9), 3), data: { ...rows } };
    },
    async 'flow-matching'() {
      const { context } = privateContext(table), view = privateView(context, '', { valuesAsCategories: 2, maxCategories: 50 }), { rows } = view.encode(table);
      return { spec: matchingSpec({ variant: 'variational', layout: view.layout, width: 8, blocks: 1, time: 8, sigma: 0 }, { batch: 32, dropout: 0, dropCondition: 0, weightDecay: 0, ema: 0.9 }, 1), data: { ...rows } };
    },
  };
  test.each(Object.entries(cases))('%s', async (_, make) => {
    const { spec, data } = await make(), device = await openDevice('cpu');
    // Public randomness fixed by place: example i of the batch has the same in every run.
    const still = (n: number, seed: number): Int32Array => Int32Array.from({ length: n }, (_v, i) => Math.imul(i + 1, 2654435761) ^ (seed * 40503));
    const fixed: PrivateSpec = { ...spec, rows: { ...spec.rows, ...Object.fromEntries(Object.entries(spec.noise ?? {}).map(([n, s]) => { const shape = s.shape(2).filter((_d, a) => a !== s.axis); return [`words/${n}`, { shape, dtype: 'int32' as const }]; })), ...Object.fromEntries(Object.entries(spec.made ?? {}).map(([n, s]) => [`made/${n}`, s])) }, noise: {}, made: {} };
    const N = 6, more: Record<string, Float32Array | Int32Array> = {};
    for (const [n, r] of Object.entries(fixed.rows)) {
      const width = r.shape.reduce((a, b) => a * b, 1);
      more[n] = n.startsWith('words/') ? still(N * width, n.length) : n.startsWith('made/') ? Float32Array.from(still(N * width, n.length), (v) => (v >>> 16) / 65536) : data[n]!.slice(0, N * width);
    }
    const { transpose } = await import('../engine');
    const losses: PrivateSpec['losses'] = (p) => spec.losses({
      ...p, noise: Object.fromEntries(Object.entries(spec.noise ?? {}).map(([n, s]) => { const x = p.rows[`words/${n}`]!; return [n, s.axis === 0 ? x : transpose(x, x.shape.map((_d, a) => (a === s.axis ? 0 : a < s.axis ? a + 1 : a)))]; })),
      made: Object.fromEntries(Object.keys(spec.made ?? {}).map((n) => [n, p.rows[`made/${n}`]!])),
    });
    const trainer = await PrivateTrainer.open(device, { ...fixed, losses }, { data: more, noise: new NoiseSource(new Uint8Array(32).fill(2)), expectedBatch: N, publicRows: N });
    const whole = await trainer.clippedSum(Uint32Array.from({ length: N }, (_v, i) => i)), total = Object.fromEntries(Object.entries(whole).map(([n, w]) => [n, new Float64Array(w.length)]));
    for (let i = 0; i < N; i++) {
      const one = await trainer.clippedSum(Uint32Array.of(i));
      let square = 0;
      for (const [n, g] of Object.entries(one)) g.forEach((v, k) => { total[n]![k]! += v; square += v * v; });
      expect(Math.sqrt(square)).toBeLessThanOrEqual(1);
      expect(square).toBeGreaterThan(1e-6);
    }
    for (const [n, w] of Object.entries(whole)) w.forEach((v, k) => expect(v - total[n]![k]!).toBeCloseTo(0, 4));
    await trainer.release();
  });
});

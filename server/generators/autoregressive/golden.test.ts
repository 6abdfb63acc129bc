/** One whole training step of the default generator equals PyTorch's: test/golden/autoregressive/step.py. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { constant, grad, mul, openDevice, type Expr } from '../../engine';
import { goldenLayout, near, nearUnpadded, padded, type GoldenColumns } from './golden-fixture';
import type { Sizes } from './layout';
import { columnLosses, meanLoss, parameters } from './model';
import { poolRows, trainSpec } from './train';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/autoregressive/step.json', import.meta.url), 'utf8')) as GoldenColumns & {
  rows: number; embedding: number; hidden: number; layers: number; fineHidden: number; smoothing: number; lr: number; weightDecay: number; dropout: number; visible: number[];
  leaves: number[]; masks: number[]; loss: number; norm: number; params: Record<string, number[]>; grads: Record<string, number[]>; after: Record<string, number[]>;
};
const { rows: B, hidden: H, layers: L, embedding, fineHidden, smoothing, weightDecay, dropout } = golden, C = golden.first.length;
const sizes: Sizes = { embedding, hidden: H, layers: L, fineHidden, dropout, weightDecay, batch: B, anyOrder: 0, learningRate: golden.lr, smoothing };
const layout = goldenLayout(golden, [0, 1, 2]), leaves = Int32Array.from(golden.leaves), specs = parameters(layout, sizes), names = Object.keys(specs);
const start = Object.fromEntries(names.map((n) => [n, { ...specs[n]!, init: padded(golden.params, layout, specs, n) }]));

/** A dropout mask of every cell as a row of the pool that training draws masks from. */
const pool = new Float32Array(poolRows * H);
pool.set(golden.masks);
const drop = Int32Array.from({ length: L * C * B }, (_, i) => i);

test('loss and gradients', async () => {
  const program = await (await openDevice('cpu', { threads: 1 })).compile({
    inputs: Object.fromEntries(names.map((n) => [n, { shape: specs[n]!.shape, dtype: 'float32' as const }])),
    outputs(i: Record<string, Expr>) {
      const each = C * B * H, masked = (h: Expr, layer: number): Expr => mul(h, constant(golden.masks.slice(layer * each, (layer + 1) * each), [C, B, H]));
      const loss = meanLoss(columnLosses(layout, sizes, i, constant(leaves, [B, C]), constant(golden.visible, [C, C]), masked, smoothing)), g = grad(loss, names.map((n) => i[n]!));
      return { loss, ...Object.fromEntries(names.map((n, k) => [`g:${n}`, g[k]!])) } as Record<string, Expr>;
    },
  });
  const got = await program.run(Object.fromEntries(names.map((n) => [n, start[n]!.init])));
  await program.release();
  near(got.loss as Float32Array, [golden.loss], 'loss');
  for (const n of names) nearUnpadded(got[`g:${n}`] as Float32Array, golden.grads, layout, specs, n, 'gradient');
});

test('weights after a step as training takes it: masks from the pool, clipped gradients, decay of layers alone', async () => {
  // Were they not clipped, the step would be another.
  expect(golden.norm).toBeGreaterThan(5);
  const trainer = await (await openDevice('cpu', { threads: 1 })).train({ ...trainSpec({ layout, sizes, fitLeaves: leaves }), params: start }, { data: { leaves, pool }, seed: 1 });
  const { loss } = await trainer.run({ rows: Int32Array.from({ length: B }, (_, i) => i), visible: Float32Array.from(golden.visible), drop }, [golden.lr]), now = trainer.params();
  await trainer.release();
  near(loss, [golden.loss], 'loss');
  for (const n of names) nearUnpadded(now[n]!.values, golden.after, layout, specs, n, 'weights after');
});

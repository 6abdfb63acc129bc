import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { grad, openDevice, type Expr } from '../../engine';
import { matchingLoss, matchingParams, output, rowState, stateWidth, velocityOf, type MatchingModel, type Variant } from './matching-model';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/flow/matching.json', import.meta.url), 'utf8')) as {
  rows: number; sizes: number[]; numbers: number; width: number; blocks: number; time: number; z: number[]; codes: number[]; x0: number[]; t: number[]; params: Record<string, number[]>;
  cases: Array<{ variant: Variant; sigma: number; loss: number; velocity: number[]; x: number[]; grads: Record<string, number[]> }>;
};

test.each(golden.cases)('$variant: loss, gradients and velocity of one training step are PyTorch\'s', async (c) => {
  const m: MatchingModel = { variant: c.variant, layout: { numbers: golden.numbers, sizes: golden.sizes }, width: golden.width, blocks: golden.blocks, time: golden.time, sigma: c.sigma };
  const specs = matchingParams(m), names = Object.keys(specs), B = golden.rows, D = stateWidth(m.layout);
  expect([...names].sort()).toEqual(Object.keys(golden.params).sort());
  const program = await (await openDevice('cpu', { threads: 1 })).compile({
    inputs: { z: { shape: [B, m.layout.numbers], dtype: 'float32' }, codes: { shape: [B, m.layout.sizes.length], dtype: 'int32' }, x0: { shape: [B, D], dtype: 'float32' }, t: { shape: [B, 1], dtype: 'float32' }, x: { shape: [B, D], dtype: 'float32' } },
    frozen: Object.fromEntries(names.map((n) => [n, { shape: specs[n]!.shape, values: Float32Array.from(golden.params[n]!) }])),
    outputs(i: Record<string, Expr>) {
      const loss = matchingLoss(i, m, { x0: i.x0!, x1: rowState(m, { numbers: i.z!, codes: i.codes! }), t: i.t!, codes: i.codes! }), g = grad(loss, names.map((n) => i[n]!));
      return { loss, velocity: velocityOf(m, output(i, m, i.x!, i.t!), i.x!, i.t!), ...Object.fromEntries(names.map((n, k) => [`grad ${n}`, g[k]!])) } as Record<string, Expr>;
    },
  });
  const got = await program.run({ z: Float32Array.from(golden.z), codes: Int32Array.from(golden.codes), x0: Float32Array.from(golden.x0), t: Float32Array.from(golden.t), x: Float32Array.from(c.x) });
  await program.release();
  const near = (a: ArrayLike<number>, b: readonly number[], what: string): void => b.forEach((v, i) => expect(Math.abs(a[i]! - v), `${what}[${i}]: ${a[i]} for ${v}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))));
  near(got.loss!, [c.loss], 'loss');
  near(got.velocity!, c.velocity, 'velocity');
  for (const n of names) near(got[`grad ${n}`]!, c.grads[n]!, `gradient of ${n}`);
});

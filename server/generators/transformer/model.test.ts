import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { constant, grad, KeyStream, mean, openDevice, size, sum, type Device, type Expr } from '../../engine';
import { goldenLayout, near, nearUnpadded, padded } from '../autoregressive/golden-fixture';
import type { Weights } from '../blocks/loop';
import { columnLosses, transformerParams, type Sizes } from './model';
import { TransformerSampler } from './sample';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/transformer/columns.json', import.meta.url), 'utf8')) as {
  rows: number; width: number; heads: number; hidden: number; layers: number; fineHidden: number; order: number[]; first: number[][]; rank: (number[] | null)[]; share: number[][];
  leaves: number[]; loss: number; losses: number[]; params: Record<string, number[]>; grads: Record<string, number[]>;
};
const sizes: Sizes = { width: golden.width, heads: golden.heads, hidden: golden.hidden, layers: golden.layers, fineHidden: golden.fineHidden, smoothing: 0 };
const layout = goldenLayout(golden, golden.order);
const specs = transformerParams(layout, sizes), names = Object.keys(specs);
let device: Device;
beforeAll(async () => { device = await openDevice('cpu', { threads: 1 }); });

test('one teacher-forced step: losses and gradients are PyTorch\'s', async () => {
  const program = await device.compile({
    inputs: { leaves: { shape: [golden.rows, 3], dtype: 'int32' } }, frozen: Object.fromEntries(names.map((n) => [n, { shape: specs[n]!.shape, values: padded(golden.params, layout, specs, n) }])),
    outputs(i: Record<string, Expr>) {
      const losses = columnLosses(i, layout, sizes, i.leaves!), loss = mean(sum(losses, { axes: 0 })), g = grad(loss, names.map((n) => i[n]!));
      return { losses, loss, ...Object.fromEntries(names.map((n, k) => [`grad ${n}`, g[k]!])) } as Record<string, Expr>;
    },
  });
  const got = await program.run({ leaves: Int32Array.from(golden.leaves) });
  await program.release();
  near(got.loss!, [golden.loss], 'loss');
  near(got.losses!, golden.losses, 'losses');
  for (const n of names) nearUnpadded(got[`grad ${n}`] as Float32Array, golden.grads, layout, specs, n, 'gradient');
});

test('rows are drawn with the probabilities that the losses state (chi-squared), given columns kept', async () => {
  const weights: Weights = Object.fromEntries(names.map((n) => {
    const { shape, init } = specs[n]!, start = init instanceof Float32Array ? init : undefined;
    return [n, { shape, values: Float32Array.from(new KeyStream(2, n).normals(0, size(shape)), (v, i) => (start ? start[i]! : 0) + 0.6 * v * (start && start[i]! < -20 ? 0 : 1)) }];
  }));
  const all = [0, 1, 2].flatMap((a) => [0, 1, 2, 3].flatMap((b) => [0, 1].map((c) => [a, b, c])));
  const program = await device.compile({ inputs: {}, frozen: weights, outputs: (i: Record<string, Expr>) => ({ loss: sum(columnLosses(i, layout, sizes, constant(Int32Array.from(all.flat()), [all.length, 3])), { axes: 0 }) }) });
  const p = Array.from((await program.run({})).loss, (v) => Math.exp(-v));
  await program.release();
  expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  const sampler = await TransformerSampler.open(device, layout, sizes, weights), rows = 20_000;
  const chi = async (given: Int32Array | undefined, q: number[]): Promise<void> => {
    const cells = await sampler.rows(rows, new KeyStream(4, 'chi'), given), n = new Array<number>(24).fill(0);
    for (let i = 0; i < rows; i++) n[cells[0]![i]! * 8 + cells[1]![i]! * 2 + cells[2]![i]!]!++;
    let x = 0, degrees = -1;
    q.forEach((v, i) => { if (v * rows >= 5) { x += (n[i]! - v * rows) ** 2 / (v * rows); degrees++; } else expect(n[i]!).toBeLessThan(25); });
    expect(degrees).toBeGreaterThan(3);
    expect(x).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
  };
  await chi(undefined, p);
  // Given the first of the order, column 1: the others are drawn from the conditional.
  const given = new Int32Array(3 * rows).fill(-1).fill(2, rows, 2 * rows), known = (i: number): boolean => (i >> 1) % 4 === 2, mass = p.reduce((a, v, i) => a + (known(i) ? v : 0), 0);
  await chi(given, p.map((v, i) => (known(i) ? v / mass : 0)));
  await sampler.release();
});

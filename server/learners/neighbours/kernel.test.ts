import { beforeAll, expect, it } from 'vitest';
import { type Device, openDevice } from '../../engine';
import { KeyStream } from '../../engine/random';
import type { Points } from './nearest';
import { logKernelSums } from './kernel';

let device: Device;
beforeAll(async () => { device = await openDevice('cpu', { threads: 1 }); });

const points = (rows: number, width: number, name: string): Points => ({ rows, width, values: Float32Array.from(new KeyStream(4, name).normals(0, rows * width)) });

it('by hand: two rows, one and two away', async () => {
  const [sum] = await logKernelSums({ rows: 1, width: 1, values: Float32Array.of(0) }, { rows: 2, width: 1, values: Float32Array.of(1, -2) }, { device });
  expect(sum).toBeCloseTo(Math.log(Math.exp(-0.5) + Math.exp(-2)), 12);
});

it('blocks on the device agree with float64, padding and the row itself left out', async () => {
  const r = points(300, 7, 'r'), q = points(90, 7, 'q');
  for (const [a, self] of [[q, undefined], [r, Int32Array.from({ length: 300 }, (_, i) => i)]] as const) {
    const exact = await logKernelSums(a, r, { device, ...(self && { self }) }), blocked = await logKernelSums(a, r, { device, ...(self && { self }), blocks: { queries: 64, reference: 128 } });
    for (let i = 0; i < a.rows; i++) expect(Math.abs(blocked[i] - exact[i])).toBeLessThan(2e-5);
  }
});

it('a row far from all others is lost to no rounding when it is left out', async () => {
  const r = points(200, 3, 'r');
  r.values.set([40, 40, 40], 0);
  const self = Int32Array.from({ length: 200 }, (_, i) => i), blocked = await logKernelSums(r, r, { device, self, blocks: { queries: 64, reference: 64 } }), exact = await logKernelSums(r, r, { device, self });
  expect(exact[0]).toBeLessThan(-1500);
  expect(Math.abs(blocked[0] / exact[0] - 1)).toBeLessThan(1e-5);
});

it('no other row: minus infinity', async () => {
  const one: Points = { rows: 1, width: 2, values: Float32Array.of(1, 2) };
  expect((await logKernelSums(one, one, { device, self: Int32Array.of(0) }))[0]).toBe(-Infinity);
});

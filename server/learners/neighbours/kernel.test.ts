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

it('a tree agrees with float64, the row itself left out, narrow kernels and wide, categories as slots', async () => {
  for (const scale of [0.3, 2, 12]) {
    const narrow = (p: Points): Points => ({ ...p, values: p.values.map(v => v * scale) }), coded = (p: Points): Points => ({
      ...p, width: 9, values: Float32Array.from({ length: p.rows * 9 }, (_, i) => { const r = Math.floor(i / 9), k = i % 9; return k < 6 ? p.values[r * 7 + k] : k - 6 === Math.abs(Math.round(p.values[r * 7 + 6])) % 3 ? scale : 0; }),
      spans: [{ at: 0, size: 6, type: 'number' }, { at: 6, size: 3, type: 'code' }],
    });
    for (const as of [(p: Points) => p, coded]) {
      const r = as(narrow(points(400, 7, 'r'))), q = as(narrow(points(90, 7, 'q'))), self = Int32Array.from({ length: 400 }, (_, i) => i);
      for (const [a, own] of [[q, undefined], [r, self]] as const) {
        const exact = await logKernelSums(a, r, { device, ...(own && { self: own }) }), found = await logKernelSums(a, r, { device, ...(own && { self: own }), tree: true });
        for (let i = 0; i < a.rows; i++) expect(Math.abs(found[i] - exact[i])).toBeLessThan(2e-7);
      }
    }
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

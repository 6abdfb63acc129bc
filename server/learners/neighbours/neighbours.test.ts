import { beforeAll, describe, expect, it } from 'vitest';
import { type Device, openDevice } from '../../engine';
import { KeyStream } from '../../engine/random';
import type { DeviceChoice } from '../../protocol';
import { type Blocks, errorFactor, unitRoundoff } from './bounds';
import { type Points, nearest, squaredDistance, uniqueRows } from './index';

let device: Device;
beforeAll(async () => { device = await openDevice((process.env.UNDERSTUDY_TEST_DEVICE ?? 'cpu') as DeviceChoice, { threads: 1 }); });
const small: Blocks = { queries: 64, reference: 128, group: 16 };

/** Every pair in float64, sorted by distance and then index: what `nearest` must equal to the bit. */
function bruteForce(q: Points, r: Points, k: number, self = false) {
  const indices: number[] = [], distances: number[] = [];
  for (let i = 0; i < q.rows; i++) {
    const all = Array.from({ length: r.rows }, (_, j) => ({ j, s: squaredDistance(q.values, i * q.width, r.values, j * r.width, q.width) })).filter(e => !self || e.j !== i).sort((a, b) => a.s - b.s || a.j - b.j);
    for (let c = 0; c < k; c++) { indices.push(all[c]?.j ?? -1); distances.push(all[c] ? Math.sqrt(all[c].s) : Infinity); }
  }
  return { indices, distances };
}
function points(rows: number, width: number, name: string, make: (u: Float64Array, j: number) => number): Points {
  const values = new Float32Array(rows * width), stream = new KeyStream(3, name);
  for (let i = 0; i < rows; i++) { const u = stream.normals(i * width, width); for (let j = 0; j < width; j++) values[i * width + j] = make(u, j); }
  return { values, rows, width };
}
async function same(q: Points, r: Points, k: number, options: { excludeSelf?: boolean; blocks?: Blocks } = {}) {
  const expected = bruteForce(q, r, k, options.excludeSelf);
  for (const how of [{ blocks: small }, { tree: true }]) {
    const found = await nearest(q, r, { k, device, ...how, ...options });
    expect([...found.indices]).toEqual(expected.indices);
    expect([...found.distances]).toEqual(expected.distances);
  }
  // what searches keep of rows serves the next one, either way round
  const a: Points = { ...q, kept: {} }, b: Points = q === r ? a : { ...r, kept: {} };
  for (const [from, to, e] of [[a, b, expected], [b, a, bruteForce(r, q, k, options.excludeSelf)], [a, b, expected]] as const) {
    const found = await nearest(from, to, { k, device, tree: true, ...options });
    expect([[...found.indices], [...found.distances]]).toEqual([e.indices, e.distances]);
  }
}

describe('nearest equals brute force in float64, to the bit', () => {
  it('by hand: 0, 3, 4 on a line', async () => {
    const r: Points = { values: Float32Array.of(0, 3, 4), rows: 3, width: 1 };
    const found = await nearest({ values: Float32Array.of(1, 3.5), rows: 2, width: 1 }, r, { k: 2, device, blocks: small });
    expect([...found.indices]).toEqual([0, 1, 1, 2]); // 3.5 is half-way: the lower index first
    expect([...found.distances]).toEqual([1, 2, 0.5, 0.5]);
    const own = await nearest(r, r, { k: 3, excludeSelf: true, device, blocks: small });
    expect([...own.indices]).toEqual([1, 2, -1, 2, 0, -1, 1, 0, -1]);
    expect(own.distances[2]).toBe(Infinity);
  });
  it.each([1, 2, 7])('continuous columns, k = %i', k => same(points(150, 9, 'a', (u, j) => u[j]), points(500, 9, 'b', (u, j) => u[j]), k));
  it('columns of very unequal scale, far from the origin', () => same(points(100, 4, 'a', (u, j) => 1e5 + u[j] * 10 ** (j - 2)), points(400, 4, 'b', (u, j) => 1e5 + u[j] * 10 ** (j - 2)), 3));
  it('one row a million times farther out than all others', async () => {
    const r = points(300, 5, 'b', (u, j) => u[j]);
    r.values.fill(1e6, 0, 5);
    await same(points(80, 5, 'a', (u, j) => u[j]), r, 2);
  });
  it('whole numbers: ties and copies everywhere', async () => {
    const q = points(200, 4, 'a', (u, j) => Math.round(u[j] * 1.2)), r = points(600, 4, 'b', (u, j) => Math.round(u[j] * 1.2));
    expect(uniqueRows(r.values, r.rows, 4).count).toBeLessThan(500);
    await same(q, r, 1); await same(q, r, 5); await same(r, r, 4, { excludeSelf: true });
  });
  it('near-ties below float32: queries differing from rows in the last bit', async () => {
    const r = points(400, 12, 'b', (u, j) => u[j]), q: Points = { ...r, values: r.values.map((v, i) => (i % 5 === 0 ? Math.fround(v * (1 + 2 ** -23)) : v)) };
    await same(q, r, 2);
  });
  it('every row the same', async () => {
    const r: Points = { values: new Float32Array(100 * 3).fill(2), rows: 100, width: 3 };
    await same(r, r, 3, { excludeSelf: true });
  });
  it('one-hot rows: all distances among a few values', () => {
    const hot = (name: string, rows: number) => points(rows, 12, name, (u, j) => (j % 4 === Math.abs(Math.floor(u[j - (j % 4)] * 2)) % 4 ? Math.SQRT1_2 : 0));
    return same(hot('a', 150), hot('b', 400), 3);
  });
  it('numbers, a missing one on an axis of its own, and categories, one of them of forty', async () => {
    const spans = [{ at: 0, size: 1, type: 'number' }, { at: 1, size: 40, type: 'code' }, { at: 41, size: 2, type: 'number' }, { at: 43, size: 3, type: 'code' }] as const;
    const mixed = (name: string, rows: number): Points => {
      const p = points(rows, 46, name, () => 0), u = new KeyStream(5, name).uniforms(0, 5 * rows);
      for (let i = 0; i < rows; i++) {
        p.values[i * 46] = Math.round(20 * u[5 * i]) / 20;
        p.values[i * 46 + 1 + Math.floor(40 * u[5 * i + 1] ** 3)] = Math.SQRT1_2;
        if (u[5 * i + 2] < 0.2) p.values.set([0.5, Math.sqrt(0.75)], i * 46 + 41); else p.values[i * 46 + 41] = u[5 * i + 2];
        p.values[i * 46 + 43 + Math.floor(3 * u[5 * i + 3])] = Math.SQRT1_2;
      }
      return { ...p, spans };
    };
    const q = mixed('a', 150), r = mixed('b', 700);
    await same(q, r, 1); await same(q, r, 6); await same(r, r, 3, { excludeSelf: true });
    // a code that is not one-hot is searched for what it is
    r.values[1] = 0.3; r.values[2] = 0.4;
    await same(q, r, 2);
  });
  it('minus zero is zero', async () => {
    const found = await nearest({ values: Float32Array.of(-0), rows: 1, width: 1 }, { values: Float32Array.of(5, 0, -0), rows: 3, width: 1 }, { k: 2, device });
    expect([...found.indices]).toEqual([1, 2]);
  });
  it('the path for small tables agrees with the device', async () => {
    const q = points(120, 6, 'a', (u, j) => u[j]), r = points(300, 6, 'b', (u, j) => u[j]);
    expect(await nearest(q, r, { k: 3, device })).toEqual(await nearest(q, r, { k: 3, device, blocks: small }));
  });
  it('default blocks, more rows than one of them', async () => {
    const q = points(60, 20, 'a', (u, j) => u[j]), r = points(3000, 20, 'b', (u, j) => u[j]);
    await same(q, r, 2, { blocks: { queries: 1024, reference: 1024, group: 64 } });
  });
});

it('the bound holds: no float32 score on the device is farther off than it says', async () => {
  const { compileBounds, writeQuery } = await import('./bounds'), width = 40, blocks = { queries: 32, reference: 64, group: 1 };
  const q = points(32, width, 'q', (u, j) => u[j] * 3 ** (j % 5)), r = points(64, width, 'r', (u, j) => u[j] * 3 ** (j % 5)), zero = new Float32Array(width);
  const program = await compileBounds(device, width, blocks), fq = new Float32Array(32 * 41), fr = new Float32Array(64 * 41);
  const norm = (p: Points, i: number) => Math.sqrt(squaredDistance(p.values, i * width, zero, 0, width));
  for (let i = 0; i < 32; i++) writeQuery(fq, i * 41, q.values, i * width, width, zero);
  for (let i = 0; i < 64; i++) { fr.set(r.values.subarray(i * width, (i + 1) * width), i * 41); fr[i * 41 + width] = -(norm(r, i) ** 2); }
  const { closest } = await program.run({ q: fq, r: fr });
  let worst = 0;
  for (let i = 0; i < 32; i++) for (let j = 0; j < 64; j++) {
    const exact = squaredDistance(q.values, i * width, r.values, j * width, width), s = norm(q, i) + norm(r, j);
    worst = Math.max(worst, Math.abs(norm(q, i) ** 2 - closest[i * 64 + j] - exact) / (s * s));
  }
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(errorFactor(width, unitRoundoff(device.info)));
  await program.release();
});

describe('behaviour', () => {
  const r = points(200, 3, 'r', (u, j) => u[j]);
  it('reports progress up to 1, and stops when told to', async () => {
    const seen: number[] = [];
    await nearest(r, r, { device, blocks: small, progress: async f => { seen.push(f); } });
    expect(seen.length).toBeGreaterThan(4);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen.at(-1)).toBe(1);
    let calls = 0;
    await expect(nearest(r, r, { device, blocks: small, progress: async () => { if (++calls === 2) throw new Error('stop'); } })).rejects.toThrow('stop');
  });
  it('refuses unusable input by row and column', async () => {
    const bad = { ...r, values: r.values.slice() };
    bad.values[7] = Number.NaN;
    await expect(nearest(r, bad, { device })).rejects.toThrow('reference row 2, column 1: NaN');
    await expect(nearest({ ...r, width: 2, rows: 300 }, r, { device })).rejects.toThrow('2 wide');
    await expect(nearest({ ...r, values: r.values.slice() }, r, { device, excludeSelf: true })).rejects.toThrow('excludeSelf');
    await expect(nearest(r, r, { device, k: 0 })).rejects.toThrow('k is 0');
  });
  it('no queries, or no reference', async () => {
    const none: Points = { values: new Float32Array(0), rows: 0, width: 3 };
    expect((await nearest(none, r, { device })).indices).toHaveLength(0);
    expect([...(await nearest(r, none, { device })).indices].every(i => i === -1)).toBe(true);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { epochBatches, KeyStream } from './random';

const golden = JSON.parse(readFileSync(new URL('../../test/golden/engine/keystream.json', import.meta.url), 'utf8')) as Record<string, number[]>;
const unsigned = (a: Int32Array): number[] => [...new Uint32Array(a.buffer, a.byteOffset, a.length)];

describe('the keystream equals an independent implementation', () => {
  const s = new KeyStream(42, 'golden');
  test('words: from zero, unaligned, beyond 2^36 bytes', () => {
    expect(unsigned(s.bits(0, 8))).toEqual(golden.words);
    expect(unsigned(s.bits(7, 5))).toEqual(golden.unaligned);
    expect(unsigned(s.bits(2 ** 34 + 3, 4))).toEqual(golden.far);
  });
  test('keys: children, negative and 256-bit seeds', () => {
    expect(unsigned(s.child('noise').bits(0, 4))).toEqual(golden.child);
    expect(unsigned(new KeyStream(-1, 'golden').bits(0, 4))).toEqual(golden.negative);
    expect(unsigned(new KeyStream(Uint8Array.from({ length: 32 }, (_, i) => i), 'k').bits(0, 4))).toEqual(golden.key);
  });
  test('uniforms, normals, integers, permutations', () => {
    expect([...s.uniforms(3, 4)]).toEqual(golden.uniforms);
    s.normals(5, 4).forEach((z, i) => expect(z).toBeCloseTo(golden.normals[i], 14));
    expect([...s.integers(10, 8, 1000)]).toEqual(golden.integers);
    expect([...s.integers(0, 40, 2 ** 30 + 1)]).toEqual(golden.rejecting);
    expect([...s.permutation(2, 12)]).toEqual(golden.permutation);
  });
});

test('any range can be drawn again', () => {
  const s = new KeyStream(7, 'range'), all = s.bits(0, 1000);
  for (const [from, n] of [[0, 1], [3, 17], [500, 500], [999, 1]]) expect(s.bits(from, n)).toEqual(all.slice(from, from + n));
  const z = s.normals(0, 100), k = s.integers(0, 100, 3_000_000_000 / 2);
  expect(s.normals(40, 20)).toEqual(z.slice(40, 60));
  expect(s.integers(40, 20, 1_500_000_000)).toEqual(k.slice(40, 60));
});
test('integers are uniform and in range', () => {
  const counts = new Array<number>(7).fill(0), n = 70_000;
  for (const i of new KeyStream(1, 'dice').integers(0, n, 7)) counts[i]++;
  const chi2 = counts.reduce((t, c) => t + (c - n / 7) ** 2 / (n / 7), 0);
  expect(chi2).toBeLessThan(22.46);   // 0.1% point with 6 degrees of freedom
  expect(counts.length).toBe(7);
});
test('normals have the right moments', () => {
  const n = 100_000, z = new KeyStream(1, 'z').normals(0, n);
  const m = [1, 2, 3, 4].map((p) => z.reduce((t, v) => t + v ** p, 0) / n);
  [0, 1, 0, 3].forEach((want, i) => expect(Math.abs(m[i] - want)).toBeLessThan(4 * Math.sqrt([1, 2, 15, 96][i] / n)));
});
test('epochs use every row once, whatever the split', () => {
  const s = new KeyStream(3, 'rows'), all = epochBatches(s, 50, 8, 0, 25);   // 200 draws: four epochs
  for (let e = 0; e < 4; e++) expect([...all.slice(50 * e, 50 * e + 50)].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
  const other = new KeyStream(3, 'rows');
  expect(epochBatches(other, 50, 8, 13, 5)).toEqual(all.slice(13 * 8, 18 * 8));
  expect(all.slice(0, 50)).not.toEqual(all.slice(50, 100));
});

import { describe, expect, test } from 'vitest';
import { chiSquaredTail, gammaQ, normalCdf } from '../../learners/distributions';
import { NoiseSource } from './source';
import { edges, heights, normals, tail } from './ziggurat';

const keyed = (k: number): NoiseSource => new NoiseSource(new Uint8Array(32).fill(k));
const draw = (n: number, source: NoiseSource): Float64Array => { const z = new Float64Array(n); normals(z, source); return z; };
const n = 2_000_000, z = draw(n, keyed(21));
/** P(|Z| > t) */
const beyond = (t: number): number => gammaQ(0.5, (t * t) / 2);
const mean = (f: (v: number, i: number) => number, of: Float64Array = z): number => { let s = 0; for (let i = 0; i < of.length; i++) s += f(of[i]!, i); return s / of.length; };

test('the layers are of one area: no density is off by more than a factor of 1 + 2^-44', () => {
  const area = edges[0]! * heights[1]!;
  let below = heights[1]!; // what one layer in 256, spread over its width, gives with those below it, against their height
  for (let i = 1; i < 256; i++) {
    below += area / edges[i]!;
    expect(Math.abs(below / heights[i + 1]! - 1)).toBeLessThan(2 ** -44);
    expect(Math.abs(Math.exp(-(edges[i + 1]! ** 2) / 2) / heights[i + 1]! - 1)).toBeLessThan(2 ** -49);
  }
  // The base holds the tail: r f(r) + sqrt(pi / 2) P(|Z| > r).
  expect(edges[1]! * heights[1]! + Math.sqrt(Math.PI / 2) * beyond(edges[1]!)).toBeCloseTo(area, 15);
});

describe('two million draws', () => {
  test('moments to the fourth, signs, and no trace of the draw before', () => {
    for (const [of, is, variance] of [[mean((v) => v), 0, 1], [mean((v) => v * v), 1, 2], [mean((v) => v ** 3), 0, 15], [mean((v) => v ** 4), 3, 96], [mean((v) => Number(v > 0)), 0.5, 0.25],
      [mean((v, i) => (i ? v * z[i - 1]! : 0)), 0, 1], [mean((v, i) => (i ? v * v * z[i - 1]! ** 2 : 1)), 1, 8]] as const) expect(Math.abs(of - is) / Math.sqrt(variance / n)).toBeLessThan(3.5);
  });
  test('Kolmogorov and Smirnov\'s distance', () => {
    const sorted = z.slice().sort(), distance = (scale: number): number => {
      // At every 16th: between them it is at most 16 / n more.
      let most = 0;
      for (let i = 0; i < n; i += 16) most = Math.max(most, Math.abs(normalCdf(sorted[i]! * scale) - i / n));
      return (most + 16 / n) * Math.sqrt(n);
    };
    expect(distance(1)).toBeLessThan(1.95); // exceeded once in a thousand (Kolmogorov's law)
    expect(distance(1.01)).toBeGreaterThan(1.95);
  });
  test.each([3, 3.5, 4, 4.5])('as many beyond %d standard deviations as there must be', (t) => {
    const expected = n * beyond(t);
    expect(Math.abs(n * mean((v) => Number(Math.abs(v) > t)) - expected)).toBeLessThan(3.5 * Math.sqrt(expected));
  });
  test('no seam where layers meet: cells that lie across every edge, and those between', () => {
    // Half of every gap belongs to the cell of the edge in it.
    const ends = [...edges].slice(1, 256).sort((a, b) => a - b).flatMap((x, i, all) => { const h = Math.min(x - (all[i - 1] ?? 0), (all[i + 1] ?? 5) - x) / 4; return [x - h, x + h]; });
    const p = (scale: number): number => {
      const seen = new Float64Array(ends.length + 1);
      for (const v of z) { const x = Math.abs(v) * scale; let low = 0, high = ends.length; while (low < high) { const m = (low + high) >> 1; if (x < ends[m]!) high = m; else low = m + 1; } seen[low]!++; }
      const to = [...ends.map(beyond), 0], expected = to.map((b, i) => n * ((i ? to[i - 1]! : 1) - b));
      expect(Math.min(...expected)).toBeGreaterThan(20);
      return chiSquaredTail(seen.reduce((s, c, i) => s + (c - expected[i]!) ** 2 / expected[i]!, 0), ends.length);
    };
    expect(p(1)).toBeGreaterThan(0.001);
    expect(p(1.01)).toBeLessThan(0.001);
  });
});

test('the tail follows its law: P(Z > x) / P(Z > r) is uniform', () => {
  const r = edges[1]!, source = keyed(22), draws = 200_000, cells = new Array<number>(50).fill(0);
  let far = 0;
  for (let i = 0; i < draws; i++) {
    const x = tail(source), u = beyond(x) / beyond(r);
    if (!(x > r)) throw new Error(`${x} is no tail`);
    cells[Math.min(49, Math.floor(50 * u))]!++;
    far += Number(u < 1e-4);
  }
  expect(chiSquaredTail(cells.reduce((s, c) => s + (c - draws / 50) ** 2 / (draws / 50), 0), 49)).toBeGreaterThan(0.001);
  // Beyond 5.4 of these.
  expect(Math.abs(far - 20)).toBeLessThan(3.5 * Math.sqrt(20));
});

describe('bits', () => {
  /** A source whose many words are given, and whose other bits are real ones. */
  const given = (a: number, b: number): NoiseSource => Object.assign(keyed(23), { fill: (words: Uint32Array) => { for (let i = 0; i < words.length; i += 2) { words[i] = a; words[i + 1] = b; } } });
  const one = (a: number, b: number): number => draw(1, given(a, b))[0]!;
  test('layer, sign and place are of separate bits, and the place has 52', () => {
    for (const layer of [1, 7, 128, 254]) {
      for (const [high, low] of [[0, 0], [3, 77], [0x80000, 0], [0x3ffff, 0xffffffff]] as const) {
        const x = ((high * 2 ** 32 + low + 0.5) * 2 ** -52) * edges[layer]!;
        expect(x).toBeLessThan(edges[layer + 1]!);
        for (const unused of [0, 7]) {
          expect(one(high * 4096 + unused * 512 + layer, low)).toBe(x);
          expect(one(high * 4096 + unused * 512 + 256 + layer, low)).toBe(-x);
        }
      }
    }
  });
  test('the base goes over into the tail of its sign', () => {
    for (let i = 0; i < 20; i++) {
      expect(draw(3, given(0xfffff000, i)).every((x) => x > edges[1]!)).toBe(true);
      expect(draw(3, given(0xfffff100, i)).every((x) => x < -edges[1]!)).toBe(true);
    }
  });
  test('between two edges a point is kept as often as the density says', () => {
    // Layer 20, in the middle of what lies beyond its core.
    const at = (edges[20]! + edges[21]!) / 2, place = Math.floor((at / edges[20]!) * 2 ** 20), x = ((place * 2 ** 32 + 0.5) * 2 ** -52) * edges[20]!, draws = draw(40_000, given(place * 4096 + 20, 0));
    const p = (Math.exp(-x * x / 2) - heights[20]!) / (heights[21]! - heights[20]!);
    expect(p).toBeGreaterThan(0.3);
    expect(p).toBeLessThan(0.7);
    expect(Math.abs(mean((v) => Number(v === x), draws) - p)).toBeLessThan(3.5 * Math.sqrt(p * (1 - p) / draws.length));
  });
  test('repeat under a key, and without one do not', () => {
    expect(draw(20_000, keyed(24))).toEqual(draw(20_000, keyed(24)));
    expect(draw(20_000, keyed(24))).not.toEqual(draw(20_000, keyed(25)));
    expect(draw(9, new NoiseSource())).not.toEqual(draw(9, new NoiseSource()));
  });
  test('many words are the same ones as one by one', () => {
    const many = new Uint32Array(50), source = keyed(26), words = keyed(26);
    source.fill(many);
    expect([...many]).toEqual(Array.from({ length: 50 }, () => words.uint32()));
    // What is read after them is fresh, and so is the next filling.
    const next = new Uint32Array(50);
    source.fill(next);
    expect(next).not.toEqual(many);
    expect(many).not.toContain(source.uint32());
  });
});

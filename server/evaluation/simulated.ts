import { betaQuantile } from '../learners/distributions';
import { tableOf } from './fixture';
import { randomOf } from './population';

/** Two numbers and a category that depend on each other, for simulations of coverage. @param shift how far the population is from the one at 0 */
export function draw(count: number, seed: number, shift: number) {
  const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = Array.from({ length: count }, () => {
    const z = normal(), u = random();
    return { x: z + shift, y: random() < 0.1 + shift / 5 ? null : (1 - shift) * z + normal(), c: u < 0.45 - shift / 4 ? 'a' : u < 0.992 - shift / 50 ? (z > 0 ? 'b' : 'c') : 'rare' };
  });
  return tableOf({ x: { kind: 'real', cells: rows.map(r => r.x) }, y: { kind: 'real', cells: rows.map(r => r.y) }, c: { kind: 'category', cells: rows.map(r => r.c) } });
}

/** P(X <= k) of n draws that each succeed with probability p, from the beta distribution: the level at which p is the one-sided upper bound of k. */
export function atMost(k: number, of: number, p: number): number {
  if (k >= of) return 1;
  let low = 0, high = 1;
  for (let i = 0; i < 50; i++) { const level = (low + high) / 2; if (betaQuantile(1 - level, k + 1, of - k) > p) low = level; else high = level; }
  return low;
}

/** P(X >= k) of the same. */
export const atLeast = (k: number, of: number, p: number): number => (k <= 0 ? 1 : 1 - atMost(k - 1, of, p));

/** So many of so many times, and how wide the intervals were. */
export interface Tally { what: string; k: number; of: number; width: number }

/** What a binomial test, Holm's over all, refuses: that at least 95% of the times are right. Each is printed. */
export function refusedOf(tallies: readonly Tally[]): string[] {
  const tests = tallies.filter(t => t.of > 0).map(t => ({ ...t, p: atMost(t.k, t.of, 0.95) })).sort((a, b) => a.p - b.p);
  for (const t of tests) console.log(`${t.what}: ${(t.k / t.of).toFixed(4)} of ${t.of}${t.width === t.width ? `, mean width ${t.width.toFixed(3)}` : ''}, p = ${t.p.toPrecision(3)}`);
  const first = tests.findIndex((t, i) => t.p >= 0.05 / (tests.length - i));
  return (first < 0 ? tests : tests.slice(0, first)).map(t => t.what);
}

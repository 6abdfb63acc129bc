import { expect, it } from 'vitest';
import { tableOf } from '../evaluation/fixture';
import { makeView } from '../evaluation/view';
import { findings } from './findings';

/** What is said of a column of 20,000 numbers, 0 to 1 evenly, of which the stand-in's above .999 are others. */
function said(above: (v: number) => number): string[] {
  const n = 20_000, real = Array.from({ length: n }, (_, i) => (i + 0.5) / n), made = real.map((v) => (v > 0.999 ? above(v) : v)), of = (cells: number[]) => tableOf({ x: { kind: 'real', cells } });
  return findings(makeView({ training: of(real), synthetic: of(made) }).columns[0]);
}

it('a tail that ends early is short; one that hardly any row is in, but one beyond the real end, is thin', () => {
  expect(said((v) => v - 0.002).join(' ')).toMatch(/The upper tail is short: synthetic values end at 0\.99\d*, real ones at (1|0\.99\d*)/);
  const thin = said((v) => (v > 0.9999 ? 7 : v - 0.002)).join(' ');
  expect(thin).toMatch(/The upper tail is thin: 0\.0\d+% of the synthetic values lie above 0\.999\d*, 0\.10% of the real ones\./);
  expect(thin).not.toContain('short');
  expect(said((v) => v).join(' ')).not.toContain('tail');
});

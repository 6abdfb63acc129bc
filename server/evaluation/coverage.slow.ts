/**
 * Coverage of intervals and size of tests, by simulation. Populations whose distances are known (from a very large sample) are sampled again and again: away from zero the interval must hold
 * the true value in at least 95% of draws; where both tables come from one population the test must accuse in at most 5%. A metric fails if a binomial test, Holm's over all metrics and
 * both populations, refuses that. COVERAGE_RUNS sets the draws (default 2,000). What it found, and what was mended for it: bench/coverage.md. It can fail: a percentile bootstrap of a distance covers zero in
 * none of the draws, bands of resamples alone covered the spectra of 40 series in 89%, and either is refused.
 */
import { expect, it } from 'vitest';
import { evaluate } from './evaluate';
import { metrics } from './registry';
import { draw, refusedOf } from './simulated';

const runs = Number(process.env.COVERAGE_RUNS ?? 2000), n = 300, m = 200, large = 60_000;
const ids = ['shapes', 'wasserstein', 'jensen-shannon', 'missing-rates', 'tail-width', 'rare-mass', 'pearson', 'spearman', 'correlation-ratio', 'mutual-information', 'three-way'].map(k => `fidelity.${k}`);
const chosen = metrics.filter(x => ids.includes(x.info.id));

const figures = async (a: number, b: number, seed: number, shift: number) => (await evaluate({ training: draw(a, 2 * seed + 1, 0), synthetic: draw(b, 2 * seed + 2, shift), seed, device: 'cpu', metrics: chosen })).figures;

it('intervals cover, and tests accuse, at their nominal levels', async () => {
  const truth = new Map((await figures(large, large, 999_983, 0.4)).map(f => [f.metric, f.value!]));
  const tally = new Map(ids.map(id => [id, { held: 0, width: 0, far: 0, spared: 0, near: 0 }]));
  for (let r = 0; r < runs; r++) {
    for (const f of await figures(n, m, r, 0.4)) {
      const t = tally.get(f.metric)!, want = truth.get(f.metric)!;
      if (!f.interval) continue;
      t.far++; t.width += f.interval.high - f.interval.low;
      if (f.interval.low <= want && want <= f.interval.high) t.held++;
    }
    for (const f of await figures(n, m, r + 1_000_003, 0)) {
      const t = tally.get(f.metric)!, p = Number(f.detail?.pEqual);
      if (p !== p) continue;
      t.near++;
      if (p > 0.05) t.spared++;
    }
  }
  expect(refusedOf([...tally].flatMap(([id, t]) => [
    { what: `${id}, coverage away from zero`, k: t.held, of: t.far, width: t.width / t.far }, { what: `${id}, spared at zero`, k: t.spared, of: t.near, width: Number.NaN },
  ]))).toEqual([]);
}, 6 * 3600_000);

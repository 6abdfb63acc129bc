import { expect, it } from 'vitest';
import type { Figure } from '../../protocol';
import { upperBound } from '../../learners/metrics';
import { evaluate } from '../evaluate';
import { jitterAll, jitterOne, people, randomOf, tableOfPeople } from '../population';
import { privacy } from './registry';

/** How often attacks accuse a table without a leak, and find one with: 200 draws, and 100 with 2% of the rows leaked and jittered. */
const attacks = ['privacy.domias', 'privacy.exposure', 'privacy.identifiability', 'privacy.singling-out-univariate', 'privacy.singling-out-multivariate', 'privacy.linkability', 'privacy.inference', 'privacy.attribute-inference'];
const accused = (f: Figure) => f.verdict === 'poor' || f.verdict === 'fair';

async function judge(n: number, seed: number, leak: number, change: typeof jitterOne, ids: readonly string[]): Promise<Figure[]> {
  const real = people(n, 7 * seed + 1), made = people(n, 7 * seed + 3), random = randomOf(seed);
  for (let i = 0; i < leak * n; i++) made[i] = change(real[i], random);
  const { figures } = await evaluate({ training: tableOfPeople(real), control: tableOfPeople(people(n, 7 * seed + 2)), synthetic: tableOfPeople(made), outcome: { column: 'buys', task: 'classification' }, seed, device: 'cpu', metrics: privacy.filter(m => ids.includes(m.info.id)) });
  return figures;
}

it('no leak: each attack accuses at most at its level, all together at most 5% of the tables', async () => {
  const draws = 200, alarms = new Map(attacks.map(id => [id, 0]));
  let any = 0;
  for (let seed = 1; seed <= draws; seed++) {
    const figures = await judge(300, seed, 0, jitterOne, attacks);
    for (const f of figures) if (accused(f)) alarms.set(f.metric, alarms.get(f.metric)! + 1);
    any += Number(figures.some(accused));
  }
  // what would be too many at the nominal rate, one time in a thousand
  for (const [id, k] of alarms) expect([id, k <= 5]).toEqual([id, true]);
  expect(any).toBeLessThanOrEqual(20);
  expect(upperBound(any, draws)).toBeLessThan(0.15);
}, 7_200_000);

it.each([['all numbers moved', jitterAll], ['one cell changed', jitterOne]] as const)('2%% of the rows leaked, %s: linkability or near copies find them in 95 trials of 100', async (_, change) => {
  let found = 0;
  for (let seed = 1; seed <= 100; seed++) found += Number((await judge(2000, 1000 + seed, 0.02, change, ['privacy.linkability', 'privacy.near-copies'])).some(accused));
  expect(found).toBeGreaterThanOrEqual(95);
}, 7_200_000);

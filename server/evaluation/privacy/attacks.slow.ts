import { expect, it } from 'vitest';
import type { Figure } from '../../protocol';
import { evaluate } from '../evaluate';
import { jitterAll, jitterOne, people, randomOf, tableOfPeople } from '../population';
import { atLeast } from '../simulated';
import { privacy } from './registry';

/** How often a small, disguised leak is found. */
const accused = (f: Figure) => f.verdict === 'poor' || f.verdict === 'fair';

async function judge(n: number, seed: number, leak: number, change: typeof jitterOne, ids: readonly string[]): Promise<Figure[]> {
  const real = people(n, 7 * seed + 1), made = people(n, 7 * seed + 3), random = randomOf(seed);
  for (let i = 0; i < leak * n; i++) made[i] = change(real[i], random);
  const { figures } = await evaluate({ training: tableOfPeople(real), control: tableOfPeople(people(n, 7 * seed + 2)), synthetic: tableOfPeople(made), outcome: { column: 'buys', task: 'classification' }, seed, device: 'cpu', metrics: privacy.filter(m => ids.includes(m.info.id)) });
  return figures;
}

const trials = Number(process.env.TRIALS ?? 200), finders = ['privacy.linkability', 'privacy.near-copies'];

/**
 * For tables of 2,000 rows (as many synthetic, as many unseen), 40 of them leaked: every number of a leaked row moved (ages by a year, incomes by up to .2%, dates by one to three days), or one of its cells
 * changed (a category, a missing number, or a number by up to 4%). False alarms are counted on the same tables without the leak; other attacks' and the report's own stand in report/false-alarms.slow.ts.
 */
it.each([['all numbers moved', jitterAll], ['one cell changed', jitterOne]] as const)('one row in fifty leaked, %s: linkability or near copies find it in 95 trials of 100, with false alarms in 5', async (what, change) => {
  let found = 0, alarms = 0;
  const by = new Map<string, number>();
  for (let seed = 1; seed <= trials; seed++) {
    const told = (await judge(2000, 1000 + seed, 0.02, change, finders)).filter(accused);
    for (const f of told) by.set(f.metric, (by.get(f.metric) ?? 0) + 1);
    found += Number(told.length > 0);
    if (change === jitterAll) alarms += Number((await judge(2000, 5000 + seed, 0, change, finders)).some(accused));
  }
  console.log(`${what}: found in ${found} of ${trials} (${[...by].map(([k, n]) => `${k} ${n}`).join(', ')}); false alarms ${change === jitterAll ? `${alarms} of ${trials}` : 'as above'}`);
  expect(found).toBeGreaterThanOrEqual(0.95 * trials);
  // more alarms than this would be too many at 5% one time in a thousand
  expect(atLeast(alarms, trials, 0.05)).toBeGreaterThan(0.001);
}, 7_200_000);

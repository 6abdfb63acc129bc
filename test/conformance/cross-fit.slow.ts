/**
 * Small tables are judged over folds. Over many tables of one population: synthetic tables fresh from it must hardly ever be accused, by any of the privacy
 * figures, and a planted share of changed training rows must be caught.
 */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../server/evaluation/evaluate';
import { foldsOfPeople, jitterAll, jitterOne } from '../../server/evaluation/population';
import { metrics } from '../../server/evaluation/registry';
import type { Figure } from '../../server/protocol';

const judges = metrics.filter((m) => m.info.family === 'privacy' && m.info.id !== 'privacy.dcr' && m.info.id !== 'privacy.closer-share');
async function judged(n: number, seed: number, leak = 0, change = jitterOne): Promise<Map<string, Figure>> {
  const { real, folds } = foldsOfPeople(n, seed, leak, change);
  const { figures } = await evaluate({ training: real, synthetic: folds[0]!.synthetic, folds, seed, device: 'cpu', metrics: judges });
  return new Map(figures.map((f) => [f.metric, f]));
}
const accused = (f: Figure) => f.verdict === 'poor' || f.verdict === 'fair';

describe.each([[100, 200], [300, 120], [1000, 40], [1999, 20]])('%i rows, %i tables fresh from the population', (n, times) => {
  test('are accused in at most one of twenty, and the AUC\'s interval covers a half', async () => {
    let accusedTables = 0, covered = 0;
    const verdicts: Record<string, number> = {};
    for (let seed = 1; seed <= times; seed++) {
      const figures = await judged(n, 1000 + seed), { low, high } = figures.get('privacy.membership-auc')!.interval!;
      if ([...figures.values()].some(accused)) accusedTables++;
      if (low <= 0.5 && high >= 0.5) covered++;
      for (const f of figures.values()) verdicts[`${f.metric} ${f.verdict}`] = (verdicts[`${f.metric} ${f.verdict}`] ?? 0) + 1;
    }
    console.log(`${n} rows: ${accusedTables} of ${times} accused, half covered ${covered}`, JSON.stringify(verdicts));
    // Three standard errors above the promised rates.
    expect(accusedTables).toBeLessThanOrEqual(0.05 * times + 3 * Math.sqrt(0.05 * 0.95 * times));
    expect(covered).toBeGreaterThanOrEqual(0.95 * times - 3 * Math.sqrt(0.05 * 0.95 * times));
  });
});

describe('planted training rows', () => {
  test.each([[300, 0.02, 40], [300, 0.05, 20], [1000, 0.01, 20], [1999, 0.01, 10]])('%i rows, %d of them copies with one cell changed: caught', async (n, leak, times) => {
    let poor = 0;
    for (let seed = 1; seed <= times; seed++) if ((await judged(n, 5000 + seed, leak)).get('privacy.near-copies')!.verdict === 'poor') poor++;
    console.log(`${n} rows, ${leak}: near copies poor in ${poor} of ${times}`);
    expect(poor).toBeGreaterThanOrEqual(0.8 * times);
  });

  test('1,000 rows, 2% of them with every number changed a little, which are no near copies: caught by the attack at 1%', async () => {
    let caught = 0;
    for (let seed = 1; seed <= 10; seed++) if (accused((await judged(1000, 7000 + seed, 0.02, jitterAll)).get('privacy.membership-tpr-1')!)) caught++;
    expect(caught).toBeGreaterThanOrEqual(8);
  });
});

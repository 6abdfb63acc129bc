/**
 * False alarms of everything that has a verdict, over 200 draws (DRAWS): real rows, as many unseen ones, and a "synthetic" table that is a fresh sample of the same population. A verdict of fair or poor is
 * then wrong. Fidelity, utility, structure and fairness may be wrong once in twenty; privacy figures at the level that leak.ts and excess.ts state for them; and so may each of the report's own sentences
 * (fidelity, utility, privacy), once in twenty. Refused is what a binomial test finds too often, Holm's over all.
 */
import { expect, it } from 'vitest';
import { attackLevel } from '../evaluation/privacy/excess';
import { accusationLevel } from '../evaluation/privacy/leak';
import { people, tableOfPeople } from '../evaluation/population';
import { metrics } from '../evaluation/registry';
import { evaluate } from '../evaluation/evaluate';
import { atLeast } from '../evaluation/simulated';
import { verdicts } from './verdicts';

const draws = Number(process.env.DRAWS ?? 200), n = 300;
const chosen = metrics.filter(m => m.info.family !== 'time-series' && m.info.family !== 'collapse' && !m.info.needs.includes('model'));
const strict = /^privacy\.(near-copies|exact-copies|membership|domias)/, levelOf = (id: string): number => (strict.test(id) ? 1 - accusationLevel : id.startsWith('privacy.') ? 1 - attackLevel : 0.05);

it('a fresh sample of the population is accused at the nominal level at most', async () => {
  const accused = new Map<string, number>(), judged = new Map<string, number>(), count = (m: Map<string, number>, k: string) => void m.set(k, (m.get(k) ?? 0) + 1);
  for (let r = 0; r < draws; r++) {
    const [training, control, synthetic] = [1, 2, 3].map(k => tableOfPeople(people(n, 1000 * r + k)));
    const { figures } = await evaluate({ training, control, synthetic, outcome: { column: 'buys', task: 'classification' }, positive: 'yes', sensitive: ['sex'], seed: r, device: 'cpu', metrics: chosen });
    const sentences = verdicts(figures).filter(s => ['fidelity', 'utility', 'privacy'].includes(s.family)).map(s => ({ metric: `the verdict on ${s.family}`, verdict: s.verdict }));
    for (const { metric, verdict } of [...figures, ...sentences]) {
      if (verdict !== 'not-assessable') count(judged, metric);
      if (verdict === 'fair' || verdict === 'poor') count(accused, metric);
    }
    if (r % 20 === 19) console.log(`${r + 1} draws: ${[...accused].map(([k, v]) => `${k} ${v}`).join(', ')}`);
  }
  const tests = [...judged].map(([id, of]) => ({ id, of, k: accused.get(id) ?? 0, level: levelOf(id) })).map(t => ({ ...t, p: atLeast(t.k, t.of, t.level) })).sort((a, b) => a.p - b.p || b.k / b.of - a.k / a.of);
  for (const t of tests) console.log(`| ${t.id} | ${t.k} of ${t.of} | ${(100 * t.level).toPrecision(2)}% | ${t.p.toPrecision(2)} |`);
  const first = tests.findIndex((t, i) => t.p >= 0.05 / (tests.length - i));
  expect(tests.slice(0, first < 0 ? undefined : first).map(t => `${t.id}: ${t.k} of ${t.of}`)).toEqual([]);
  // every one of them has been judged: a verdict that is never given cannot be wrong
  expect(judged.size).toBeGreaterThan(55);
}, 6 * 3600_000);

import { expect, it } from 'vitest';
import type { Figure } from '../../protocol';
import { evaluate } from '../evaluate';
import { foldsOfPeople, jitterAll, people, randomOf, tableOfPeople } from '../population';
import { privacy } from './registry';

/** What every attack must say where the truth is known. Diagnostics without a verdict are left out of the accusations. */
const attacks = ['privacy.domias', 'privacy.exposure', 'privacy.identifiability', 'privacy.singling-out-univariate', 'privacy.singling-out-multivariate', 'privacy.linkability', 'privacy.inference', 'privacy.attribute-inference'];
const chosen = (ids: readonly string[]) => privacy.filter(m => ids.includes(m.info.id));
const n = 500, real = people(n, 11), others = people(n, 12);

async function judge(made: ReturnType<typeof people>, ids: readonly string[] = attacks, seed = 1): Promise<Map<string, Figure>> {
  const { figures } = await evaluate({ training: tableOfPeople(real), control: tableOfPeople(others), synthetic: tableOfPeople(made), outcome: { column: 'buys', task: 'classification' }, seed, device: 'cpu', metrics: chosen(ids) });
  return new Map(figures.map(f => [f.metric, f]));
}
const accused = (f: Figure) => f.verdict === 'poor' || f.verdict === 'fair';

it('a copy of the training table fails every attack', async () => {
  const figures = await judge(real);
  for (const id of attacks) expect([id, figures.get(id)!.verdict]).toEqual([id, 'poor']);
  // the control's row beside each says what unseen people give away
  for (const id of attacks.filter(a => a !== 'privacy.domias' && a !== 'privacy.exposure')) {
    const f = figures.get(id)!;
    expect(f.reference!.label).toBe('control');
    expect(f.value!).toBeGreaterThan(f.reference!.value);
    expect(f.detail!.risk === undefined || (f.detail!.risk as number) > 0.1).toBe(true);
  }
});

it('members of a copy are found at rare false positives, though the control rows are too few to say how rare exactly', async () => {
  const rates = ['privacy.membership-tpr-1', 'privacy.membership-tpr-0.1'], copied = await judge(real, rates), fresh = await judge(people(n, 13), rates);
  for (const id of rates) expect([id, copied.get(id)!.verdict, accused(fresh.get(id)!)]).toEqual([id, 'poor', false]);
  expect(copied.get(rates[1])!.note).toContain('may really be up to');
});

it('a fresh table of the same population is accused by none of them, and a table that knows nothing of the real one scores .5', async () => {
  const fresh = await judge(people(n, 13));
  for (const id of attacks) expect([id, fresh.get(id)!.verdict, accused(fresh.get(id)!)]).toEqual([id, expect.any(String), false]);
  // noise from elsewhere: whatever it is, it knows neither side
  const random = randomOf(3), noise = people(n, 14).map(p => ({ ...p, age: 18 + Math.floor(70 * random()), income: 1e6 * random(), since: 15_000 + Math.floor(5000 * random()) })), blind = await judge(noise);
  const { value, interval } = blind.get('privacy.domias')!;
  expect(interval!.low).toBeLessThan(0.5);
  expect(interval!.high).toBeGreaterThan(0.5);
  expect(Math.abs(value! - 0.5)).toBeLessThan(0.06);
  for (const id of attacks) expect([id, accused(blind.get(id)!)]).toEqual([id, false]);
});

it('a cross-fitted copy is poor, a cross-fitted fresh table is not accused', async () => {
  const judged = async (leak: number) => {
    const { real: whole, folds } = foldsOfPeople(200, 5, leak, jitterAll);
    const { figures } = await evaluate({ training: whole, synthetic: folds[0].synthetic, folds, outcome: { column: 'buys', task: 'classification' }, seed: 1, device: 'cpu', metrics: chosen(attacks) });
    return new Map(figures.map(f => [f.metric, f]));
  };
  const leaky = await judged(0.9), fresh = await judged(0);
  for (const id of ['privacy.domias', 'privacy.exposure', 'privacy.linkability', 'privacy.inference']) expect([id, leaky.get(id)!.verdict]).toEqual([id, 'poor']);
  for (const id of attacks) expect([id, accused(fresh.get(id)!)]).toEqual([id, false]);
});

it('DOMIAS: the reference shares no row with members or non-members', async () => {
  const figures = await judge(people(n, 15), ['privacy.domias']), { samples, interval } = figures.get('privacy.domias')!;
  expect(samples.reference * 2).toBeLessThanOrEqual(samples.control);
  expect(interval!.low).toBeLessThan(0.5);
});

it('without real rows that were never learnt nothing is assessable', async () => {
  const { figures } = await evaluate({ training: tableOfPeople(real), synthetic: tableOfPeople(others), seed: 1, device: 'cpu', metrics: chosen([...attacks, 'privacy.nndr']) });
  for (const f of figures) expect([f.metric, f.value, f.verdict]).toEqual([f.metric, null, 'not-assessable']);
});

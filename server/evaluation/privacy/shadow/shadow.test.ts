import { expect, it } from 'vitest';
import { people, tableOfPeople } from '../../population';
import { fewestFits } from './fits';
import { shadowAttack, type ShadowOptions } from './shadow';

const real = people(500, 21), table = tableOfPeople(real);
// two people as there are no others, and two like many
const odd = [3, 77];
for (const r of odd) real[r] = { ...real[r], age: 90, income: 9e6, hours: 1, since: 40_000, region: 'centre', job: 'j', education: 'level 7' };
const strange = tableOfPeople(real), targets = Int32Array.from([...odd, 120, 300]);
const attack = (refit: ShadowOptions['refit'], fits = fewestFits) => shadowAttack({ real: strange, targets, fits, rows: 120, seed: 4, device: 'cpu', refit, progress: async () => undefined });

it('a generator that repeats its table is seen through; at unusual people first', async () => {
  const r = await attack(async training => training);
  expect(r.quoted).toBe(true);
  expect(r.attacks.nearness.accuracy).toBeGreaterThan(0.95);
  expect(r.attacks.nearness.low).toBeGreaterThan(0.9);
  for (const t of r.attacks.density.targets.filter(x => odd.includes(x.row))) expect([t.row, t.accuracy > 0.9, t.auc > 0.95]).toEqual([t.row, true, true]);
});

it('a generator that never looks at its table is guessed about like a coin, by every attack', async () => {
  let call = 0;
  const r = await attack(async () => tableOfPeople(people(120, 1000 + call++)));
  // 256 guesses: .11 is three and a half standard errors
  for (const [name, a] of Object.entries(r.attacks)) expect([name, Math.abs(a.accuracy - 0.5) < 0.11, a.low < 0.56 && a.high > 0.44]).toEqual([name, true, true]);
});

it('few fits are run but not quoted; too many rows are refused', async () => {
  const r = await attack(async training => training, 8);
  expect(r.quoted).toBe(false);
  await expect(shadowAttack({ real: table, targets, fits: 8, rows: 499, seed: 1, device: 'cpu', refit: async t => t, progress: async () => undefined })).rejects.toThrow('no targets');
  await expect(attack(async t => t, 7)).rejects.toThrow('even');
});

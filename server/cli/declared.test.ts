import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Language } from '../language/language';
import { profileFile } from '../targets/release/read';
import { makeEvaluatePlan } from '../plan/plan';
import { declaredIn } from './declared';

const folder = mkdtempSync(join(tmpdir(), 'understudy-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => { const path = join(folder, name); writeFileSync(path, text); return path; };
write('orders.csv', `price,paid,city\n${Array.from({ length: 60 }, (_, i) => `${i % 7},${(i % 7) + 1},${'ab'[i % 2]}`).join('\n')}\n`);

it('a .synth file says what must hold of a table that another tool made, and what its columns are', async () => {
  const file = write('orders.synth', 'source orders = "orders.csv" {\n  city: category sensitive\n  rule dearer: paid >= price\n}\nrelease t from orders { rows 30 }\n');
  const said = await declaredIn(file, (work) => work(new Language({ inspect: (path) => profileFile(path) })));
  expect(said).toMatchObject({ sensitive: ['city'], columns: { city: { kind: 'category' } } });
  const plan = await makeEvaluatePlan({ real: join(folder, 'orders.csv'), synthetic: join(folder, 'orders.csv'), ...said }, { cwd: folder, isOurs: async () => true });
  expect(plan.rules?.map((r) => [r.name, r.type])).toEqual([['dearer', 'row']]);
  expect(plan.sensitive).toEqual(['city']);
});

it('JSON does too, and what is no rule is refused by name', async () => {
  expect(await declaredIn(write('rules.json', '{"rules":[{"name":"place","type":"determines","from":["city"],"to":["price"]}]}'))).toEqual({ rules: [{ name: 'place', type: 'determines', from: ['city'], to: ['price'] }] });
  const wrong = await declaredIn(write('wrong.json', '{"rules":[{"type":"sometimes"}]}'));
  await expect(makeEvaluatePlan({ real: join(folder, 'orders.csv'), synthetic: join(folder, 'orders.csv'), ...wrong }, { cwd: folder, isOurs: async () => true })).rejects.toThrow(/rules/i);
});

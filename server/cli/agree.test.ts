import { expect, test } from 'vitest';
import { UserError } from '../errors';
import type { TableProfile } from '../protocol';
import { agree, open, type Asked } from './agree';

const profile = (rows: number) => ({ rows, columns: [{ name: 'age', kind: 'integer', missing: 0 }, { name: 'mail', kind: 'personal', personal: 'email', missing: 3 }] }) as unknown as TableProfile;
function scene(typed: string[], changes: Partial<Asked> = {}, rows = 32_561) {
  const said: string[] = [], asked: string[] = [];
  let looked = 0;
  return { said, asked, looked: () => looked, table: { file: 'adult.csv', profile: async () => { looked++; return profile(rows); }, ...changes }, terminal: { say: (t: string) => void said.push(t), ask: async (q: string) => { asked.push(q); return typed.shift(); } } };
}
const code = async (work: Promise<unknown>) => work.then(() => 'none', (e: UserError) => e.code);

test('an epsilon alone: the number of rows and the columns are asked for, and what would have said it is told', async () => {
  const s = scene(['y', 'yes']);
  expect(await agree({ epsilon: 3 }, s.table, s.terminal)).toEqual({ epsilon: 3, publicRows: 32_561, declareSchema: true });
  expect(s.asked[0]).toMatch(/32,561 rows\? Yes: delta is 0.000001\. No: delta is 0.000001,/);
  expect(s.said.join('\n')).toContain('age (integer), mail (email, with missing cells)');
  expect(s.said.at(-1)).toBe('Next time, without questions: --public-rows 32561 --declare-schema');
});

test('a number of rows that is not public is charged, and delta follows it no further than it must', async () => {
  for (const [rows, delta] of [[300, 1e-6], [32_561, 1e-6], [2_000_000, 1e-8]] as const) {
    const s = scene(['n', 'y'], {}, rows);
    expect(await agree({ epsilon: 3 }, s.table, s.terminal)).toEqual({ epsilon: 3, delta, declareSchema: true });
  }
});

test('only what is open is asked, and anything but yes or no is asked again', async () => {
  const s = scene(['', 'maybe', 'Y']);
  expect(await agree({ epsilon: 3, delta: 1e-7 }, s.table, s.terminal)).toEqual({ epsilon: 3, delta: 1e-7, declareSchema: true });
  expect(s.asked).toHaveLength(3);
  const rows = scene(['y']);
  expect(await agree({ epsilon: 3, publicSchema: 's.json' }, rows.table, rows.terminal)).toEqual({ epsilon: 3, publicSchema: 's.json', publicRows: 32_561 });
  const none = scene([]);
  for (const flags of [{}, { epsilon: 3, delta: 1e-6, declareSchema: true }, { epsilon: 3, publicRows: 9, publicSchema: 's.json' }]) expect(await agree(flags, none.table, none.terminal)).toBe(flags);
  expect([none.looked(), none.asked.length, open({}), open({ epsilon: 1, delta: 1e-6 })]).toEqual([0, 0, false, true]);
});

test('earlier releases\' delta is taken without a question', async () => {
  const s = scene(['y'], { delta: 1e-5 });
  expect(await agree({ epsilon: 3 }, s.table, s.terminal)).toEqual({ epsilon: 3, delta: 1e-5, declareSchema: true });
});

test('who declares nothing, or leaves, runs nothing; what no answer could mend is refused before a question', async () => {
  for (const typed of [['y', 'n'], ['y'], []]) { const s = scene(typed); expect(await code(agree({ epsilon: 3 }, s.table, s.terminal))).toBe('cancelled'); }
  for (const [flags, changes] of [[{ epsilon: 0 }, {}], [{ epsilon: 3, delta: 2 }, {}], [{ epsilon: 3 }, { generator: 'smote' }]] as const) {
    const s = scene(['y', 'y'], changes);
    expect(await code(agree(flags, s.table, s.terminal))).toBe('usage');
    expect([s.looked(), s.asked.length]).toEqual([0, 0]);
  }
});

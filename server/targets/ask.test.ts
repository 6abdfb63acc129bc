import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test, vi } from 'vitest';
import type * as reading from '../table/read';
import type { Table } from '../table/table';
import { askRows } from './ask';

/** Every table that was read, as far as anybody still holds it. */
const made = vi.hoisted(() => [] as WeakRef<Table>[]);
vi.mock('../table/read', async (original) => { const real = await original<typeof reading>(); return { ...real, readTable: async (path: string) => { const table = await real.readTable(path); made.push(new WeakRef(table)); return table; } }; });
setFlagsFromString('--expose-gc');
const collect = async () => { for (let i = 0; i < 5; i++) { await new Promise((r) => setTimeout(r, 10)); (runInNewContext('gc') as () => void)(); } };

const folder = mkdtempSync(join(tmpdir(), 'understudy ask ')), path = join(folder, 'loans.csv');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let state = 7;
const random = () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32);
const rows = Array.from({ length: 3000 }, (_, i) => {
  const score = random(), age = 20 + Math.floor(random() * 50), good = age > 40 ? random() < 0.8 : random() < 0.3;
  return { id: `c${i}`, age, score, decision: score > 0.6 ? 'yes' : 'no', code: score > 0.6 ? 'A' : 'B', weight: 40 + 60 * random(), sex: i % 2 ? 'f' : 'm', good: good ? 1 : 0 };
});
writeFileSync(path, `id,age,score,decision,code,kg,lb,sex,good\n${rows.map((r) => [r.id, r.age, r.score.toFixed(6), r.decision, random() < 0.003 ? 'C' : r.code, r.weight.toFixed(2), (r.weight * 2.20462 + random()).toFixed(2), r.sex, r.good].join(',')).join('\n')}\n`);

test('rows that meet a condition are counted, column by column together', async () => {
  const condition = { type: 'and' as const, of: [{ type: 'compare' as const, op: '=' as const, left: { type: 'column' as const, column: 'sex' }, right: { type: 'value' as const, value: 'f' } }, { type: 'range' as const, column: 'age', min: '30', max: '35' }] };
  expect(await askRows(path, {}, { condition })).toEqual({ rows: 3000, count: rows.filter((r) => r.sex === 'f' && r.age >= 30 && r.age <= 35).length });
  // What a column cannot hold has no count, and is no failure.
  expect(await askRows(path, {}, { condition: { type: 'compare', op: '<', left: { type: 'column', column: 'age' }, right: { type: 'value', value: 'old' } } })).toEqual({ rows: 3000 });
});

test('a threshold of a number, a nearly exact code, another unit give an outcome away; predictors and identifiers do not', async () => {
  const told = async (outcome: string) => (await askRows(path, {}, { outcome })).tells!.map((t) => t.column);
  // The score is cut into 64 pieces: one of them lies across the threshold.
  expect((await told('decision')).sort()).toEqual(['code', 'score']);
  expect(await told('kg')).toEqual(['lb']);
  expect(await told('good')).toEqual([]);
  expect(await told('sex')).toEqual([]);
});

test('a column declared missing from the table, and one that is dropped', async () => {
  expect((await askRows(path, { score: { drop: true }, code: { drop: true } }, { outcome: 'decision' })).tells).toEqual([]);
  expect((await askRows(path, {}, { outcome: 'nothing' })).tells).toEqual([]);
});

test('one table is kept: while it is asked about again, until its file changes or another is asked about', async () => {
  const a = join(folder, 'a.csv'), b = join(folder, 'b.csv'), rowsOf = async (file: string) => (await askRows(file, {}, {})).rows;
  copyFileSync(path, a);
  copyFileSync(path, b);
  const before = made.length;
  expect([await rowsOf(a), await rowsOf(a)]).toEqual([3000, 3000]);
  expect(made.length - before).toBe(1);
  writeFileSync(a, `${readFileSync(a, 'utf8')}c3000,30,0.5,no,B,70,154,f,1\n`);
  expect(await rowsOf(a)).toBe(3001);
  // As long as before: the time tells.
  writeFileSync(a, readFileSync(a, 'utf8').replaceAll(',f,', ',m,'));
  utimesSync(a, new Date(), new Date(Date.now() + 5000));
  const condition = { type: 'compare' as const, op: '=' as const, left: { type: 'column' as const, column: 'sex' }, right: { type: 'value' as const, value: 'm' } };
  expect(await askRows(a, {}, { condition })).toEqual({ rows: 3001, count: 3001 });
  expect(await rowsOf(b)).toBe(3000);
  expect(made.length - before).toBe(4);
  await collect();
  expect(made.slice(before).map((t) => t.deref() !== undefined)).toEqual([false, false, false, true]);
  expect(await rowsOf(a)).toBe(3001);
  expect(made.length - before).toBe(5);
  // What cannot be read leaves nothing behind, and is read when it can be.
  writeFileSync(b, '');
  await expect(rowsOf(b)).rejects.toThrow('empty');
  copyFileSync(path, b);
  expect(await rowsOf(b)).toBe(3000);
});

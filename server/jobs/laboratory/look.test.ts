import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { cancelled } from '../../errors';
import type { RunRecord } from '../../protocol';
import * as reading from '../../table/read';
import { inspectJob } from '../inspect';
import { RunStore } from '../store';
import { townsfolk } from './fixture';
import { standInNote } from './known';
import { Look } from './look';

vi.mock('../../table/read', async (original) => { const real = await original<typeof reading>(); return { ...real, readTable: vi.fn(real.readTable), readTableWithReport: vi.fn(real.readTableWithReport) }; });
const read = (): string[] => [...vi.mocked(reading.readTable).mock.calls, ...vi.mocked(reading.readTableWithReport).mock.calls].map(([path]) => path.split(/[\\/]/).pop()!).sort();
beforeEach(() => { vi.mocked(reading.readTable).mockClear(); vi.mocked(reading.readTableWithReport).mockClear(); });

const root = mkdtempSync(join(tmpdir(), 'understudy-look-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
/** A folder with finished runs of tables. */
async function folderOf(name: string, sources: Record<string, { text: string; columns?: string[] }>): Promise<(file: string) => string> {
  const at = (file: string) => join(root, name, file), store = new RunStore(join(root, name));
  mkdirSync(join(root, name));
  for (const [file, { text, columns }] of Object.entries(sources)) {
    writeFileSync(at(file), text);
    await store.create({} as never, { kind: 'synthesize', source: at(file), out: at(`made of ${file}`), outSha256: '0'.repeat(64), versions: {}, state: 'finished', ...(columns && { columns }) } as Partial<RunRecord> as never);
  }
  return at;
}
const other = (names: string, seed: number) => `${names}\n${Array.from({ length: 200 }, (_, i) => `${(i * seed) % 17},${(i * 7) % 11},${i % 3}`).join('\n')}\n`;

it('tables of other columns are not read, by what runs noted; nor twice, where they noted nothing', async () => {
  const folk = townsfolk(300, 1), at = await folderOf('columns', {
    'folk.csv': { text: folk, columns: folk.split('\n')[0]!.split(',') }, 'noted.csv': { text: other('a,b,age', 3), columns: ['a', 'b', 'age'] }, 'old.csv': { text: other('x,y,z', 5) },
  });
  writeFileSync(at('asked.csv'), townsfolk(300, 2));
  expect(await standInNote(at('asked.csv'))).toBeUndefined();
  expect(read()).toEqual(['asked.csv', 'folk.csv', 'old.csv']);
  writeFileSync(at('asked too.csv'), townsfolk(300, 3));
  expect(await standInNote(at('asked too.csv'))).toBeUndefined();
  expect(read()).toEqual(['asked too.csv', 'asked.csv', 'folk.csv', 'old.csv']);
});

it('an unchanged table is read once for its profile and for what is known of it, and then for the profile alone', async () => {
  const at = await folderOf('once', { 'folk.csv': { text: townsfolk(300, 1) } });
  writeFileSync(at('asked.csv'), townsfolk(300, 4));
  await inspectJob(at('asked.csv'));
  expect(read()).toEqual(['asked.csv', 'folk.csv']);
  await inspectJob(at('asked.csv'));
  expect(read()).toEqual(['asked.csv', 'asked.csv', 'folk.csv']);
});

it('an answer holds until the table, a run\'s real table, its output or the runs change', async () => {
  const at = await folderOf('changes', { 'folk.csv': { text: townsfolk(300, 1) } }), times = async () => { vi.mocked(reading.readTable).mockClear(); await standInNote(at('asked.csv')); return read(); };
  writeFileSync(at('asked.csv'), townsfolk(300, 5));
  expect(await times()).toEqual(['asked.csv', 'folk.csv']);
  expect(await times()).toEqual([]);
  utimesSync(at('asked.csv'), new Date(), new Date(Date.now() + 5000));
  expect(await times()).toEqual(['asked.csv']);
  writeFileSync(at('folk.csv'), townsfolk(310, 1));
  expect(await times()).toEqual(['asked.csv', 'folk.csv']);
  // The output that was gone is there: another program's copy of its rows is known by them.
  writeFileSync(at('made of folk.csv'), townsfolk(300, 5).replace(/\n$/, '\n40,,,secondary,x,y,north,no\n'));
  expect(await standInNote(at('asked.csv'))).toContain('holds rows that run');
  expect(await times()).toEqual([]);
  const store = new RunStore(join(root, 'changes'));
  await store.remove((await store.list())[0]!);
  expect(await standInNote(at('asked.csv'))).toBeUndefined();
});

it('stops between two tables when it is told to, and does not take that for an answer', async () => {
  const at = await folderOf('cancelled', { 'folk.csv': { text: townsfolk(300, 1) } });
  writeFileSync(at('asked.csv'), townsfolk(300, 6));
  await expect(standInNote(at('asked.csv'), { look: new Look(async () => { throw cancelled(); }) })).rejects.toThrow('Cancelled');
  expect(read()).toEqual(['asked.csv']);
  expect(await standInNote(at('asked.csv'))).toBeUndefined();
  expect(read()).toContain('folk.csv');
});

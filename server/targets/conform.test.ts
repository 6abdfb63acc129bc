import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refineKinds } from '../table/kinds';
import { readTable } from '../table/read';
import { conform } from './conform';
import { respelt } from './spelling';

const folder = mkdtempSync(join(tmpdir(), 'understudy conform '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = async (name: string, lines: string[]) => { const path = join(folder, name); writeFileSync(path, `${lines.join('\n')}\n`); return readTable(path); };
const cells = (column: { length: number; isMissing(i: number): boolean; lexeme(i: number): string }) => Array.from({ length: column.length }, (_, i) => (column.isMissing(i) ? null : column.lexeme(i)));

describe('another program\'s table as the source is', () => {
  it('has its values in the source\'s spelling: 4.0 is 4, True is true, and what is new stays', async () => {
    const source = refineKinds(await read('a.csv', ['cp,yes,who', '4,true, Bob', '2,false, Ann', '1,true, Bob']), { cp: { kind: 'category' }, who: { kind: 'category' } });
    const other = await read('b.csv', ['who,cp,yes', 'Ann,4.0,True', 'bob,1.0,False', 'Eve,,True', 'Ann,3.0,True']), said: string[] = [];
    const table = conform(other, source, ['cp', 'yes', 'who'], 'b.csv', (column, there, here) => said.push(`${column}: ${there} is ${here}`));
    expect(cells(table.column('cp'))).toEqual(['4', '1', null, '3.0']);
    expect(cells(table.column('yes'))).toEqual(['true', 'false', 'true', 'true']);
    expect(cells(table.column('who'))).toEqual([' Ann', ' Bob', 'Eve', ' Ann']);
    expect(said.sort()).toEqual(['cp: 1.0 is 1', 'who: Ann is  Ann', 'yes: False is false']);
  });
  it('does not choose between two values of the source', () => {
    expect(respelt(['A '], ['a', 'A'])).toBeUndefined();
    expect(respelt(['a', '1.00', '1'], ['a', '1'])).toMatchObject({ categories: ['a', '1'], example: { there: '1.00', source: '1' } });
    expect(respelt(['a'], ['a', 'b'])).toBeUndefined();
  });
  it('has dates where the other program wrote midnights, and midnights where it wrote dates', async () => {
    const source = await read('c.csv', ['day,at', '2012-01-31,2012-01-31 10:00:00', '2012-02-01,2012-02-01 11:30:00']), other = await read('d.csv', ['day,at', '2012-02-02 00:00:00,2012-02-02', '2012-02-03 00:00:00,2012-02-03']);
    const table = conform(other, source, ['day', 'at'], 'd.csv');
    expect(cells(table.column('day'))).toEqual(['2012-02-02', '2012-02-03']);
    expect(cells(table.column('at'))).toEqual(['2012-02-02 00:00:00', '2012-02-03 00:00:00']);
    const late = await read('e.csv', ['day', '2012-02-02 10:00:00']);
    expect(cells(conform(late, source, ['day'], 'e.csv').column('day'))).toEqual(['2012-02-02']);
  });
});

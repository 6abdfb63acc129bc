/** The parts of the client that need no editor: names, words, what the steps offer, the pages. */
import { describe, expect, it } from 'vitest';
import type { ColumnProfile, TableProfile } from '../server/protocol';
import manifest from '../package.json';
import { markdown, plain } from './inspect/document';
import { embedded, page } from './report/html';
import { line } from './runs/progress';
import { howLong, howManyRows, whatIsModelled } from './synthesize/steps';
import { endingOf, endings, homeOf, sourceNameOf } from './tables';
import { bytes, duration } from './words';

const column = (name: string, index: number, more: Partial<ColumnProfile> = {}): ColumnProfile => ({ name, index, kind: 'category', modelledAs: '3 categories', rows: 100, missing: 0, distinct: 3, warnings: [], ...more });
const profile: TableProfile = {
  path: '/data/orders.csv', format: 'csv', bytes: 4096, rows: 100, notes: ['a is never above b.'], estimate: { seconds: 75, memoryBytes: 3e8, why: 'two cores' },
  columns: [column('plain', 0), column('mail', 1, { kind: 'personal', personal: 'email', warnings: [{ code: 'personal', severity: 'warning', message: 'E-mail addresses.', suggestion: 'They are made anew.' }] })],
};

describe('tables', () => {
  it('knows a table by its ending, whatever its case', () => {
    expect(endingOf('/a/B.CSV.GZ')).toBe('.csv.gz');
    expect(endingOf('notes.txt')).toBeUndefined();
    expect(endingOf('archive.gz')).toBeUndefined();
  });
  it('offers its menu on just those endings', () => {
    const when = manifest.contributes.menus['explorer/context'][0].when;
    const pattern = new RegExp(/=~ \/(.*?)\/i/.exec(when)![1], 'i');
    for (const ending of endings) expect(pattern.test(`a b${ending}`), ending).toBe(true);
    for (const name of ['a.txt', 'a.gz', 'csv', 'a.csv.bak', 'a.json']) expect(pattern.test(name), name).toBe(false);
  });
  it('finds the real table of a stand-in by name', () => {
    expect(sourceNameOf('/x/my orders.synthetic.csv')).toBe('my orders.csv');
    expect(sourceNameOf('/x/orders.synthetic-12.csv.gz')).toBe('orders.csv.gz');
    expect(sourceNameOf('/x/orders.csv')).toBeUndefined();
  });
  it('finds the folder that keeps a run', () => expect(homeOf('/w/.understudy/runs/r1')).toBe('/w'));
});

describe('words', () => {
  it.each([[0, '0 s'], [59.4, '59 s'], [60, '1 min'], [80, '1 min 20 s'], [7500, '2 h 5 min']])('%d seconds are %s', (s, text) => expect(duration(s)).toBe(text));
  it.each([[812, '812 B'], [4100, '4.1 kB'], [450e6, '450 MB'], [9.96e6, '10 MB']])('%d bytes are %s', (n, text) => expect(bytes(n)).toBe(text));
  it('says phase, loss, time and device on one line', () => {
    expect(line({ phase: 'training', fraction: 0.4, loss: 1.2344, secondsLeft: 34, device: { name: 'webgpu', description: '' } })).toBe('Training · loss 1.234 · 34 s left · WebGPU');
    expect(line({ phase: 'sampling', fraction: 0.9, loss: 1 })).toBe('Sampling');
    expect(line(undefined)).toBe('Waiting for its turn');
  });
});

describe('the steps of Synthesize', () => {
  it('take the defaults on Enter', () => {
    for (const items of [whatIsModelled(profile), howManyRows(profile), howLong(profile)]) expect(items[0].choice).toEqual({});
  });
  it('put columns with warnings first and say what to do', () => {
    const columns = whatIsModelled(profile).filter((i) => /mail|plain/.test(i.label));
    expect(columns.map((i) => i.label)).toEqual(['$(warning) mail', '$(symbol-field) plain']);
    expect(columns[0].detail).toBe('E-mail addresses. They are made anew.');
  });
  it('make a typed number the first item', () => {
    expect(howManyRows(profile, '2,500')[0]).toMatchObject({ label: '2,500 rows', choice: { rows: 2500 } });
    for (const typed of ['none', '0', '-5', '1e3', '100']) expect(howManyRows(profile, typed)[0].choice).toEqual({});
  });
});

describe('pages', () => {
  it('let nothing of a table become markup', () => {
    expect(plain('<b>|[x](y)\n`')).toBe('\\<b\\>\\|\\[x\\]\\(y\\) \\`');
    const text = markdown({ ...profile, columns: [column('a|b\n# c', 0)] });
    expect(text).toContain('| a\\|b \\# c | category |');
  });
  it('let no folder name end the script', () => expect(embedded('</script>\u2028')).toBe('"\\u003c/script\\u003e\\u2028"'));
  it('allow scripts by nonce only', () => {
    const html = page({ script: 's.js', cspSource: 'vscode:', nonce: 'N', folder: '/r' });
    expect(html).toContain("default-src 'none'; script-src 'nonce-N';");
    expect(html.match(/<script/g)).toHaveLength(html.match(/<script nonce="N"/g)!.length);
  });
});

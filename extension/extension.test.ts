/** The parts of the client that need no editor: names, words, what the steps offer, the pages. */
import { describe, expect, it } from 'vitest';
import type { ColumnProfile, TableProfile } from '../server/protocol';
import manifest from '../package.json';
import { markdown, plain } from './inspect/document';
import { embedded, page } from './report/html';
import { line } from './runs/progress';
import { budgetRow, declaration, offered, rowsChoices, typedEpsilon } from './synthesize/privacy';
import { byContexts, contextColumns, howAndHowLong, howManyRows, typedDuration, whatIsModelled } from './synthesize/steps';
import { endingOf, endings, homeOf, sourceNameOf, standInName } from './tables';
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
    expect([standInName('/x/orders.CSV.gz'), standInName('/x/notes.txt')]).toEqual(['/x/orders.synthetic.CSV.gz', undefined]);
  });
  it('finds the folder that keeps a run', () => expect(homeOf('/w/.understudy/runs/r1')).toBe('/w'));
});

describe('words', () => {
  it.each([[0, '0 s'], [59.4, '59 s'], [60, '1 min'], [80, '1 min 20 s'], [7500, '2 h 5 min']])('%d seconds are %s', (s, text) => expect(duration(s)).toBe(text));
  it.each([[812, '812 B'], [4100, '4.1 kB'], [450e6, '450 MB'], [9.96e6, '10 MB']])('%d bytes are %s', (n, text) => expect(bytes(n)).toBe(text));
  it('says phase, loss, time and device on one line', () => {
    expect(line({ phase: 'training', fraction: 0.4, loss: 1.2344, secondsLeft: 34, device: { name: 'webgpu', description: '' } })).toBe('Training · loss 1.234 · 34 s left · WebGPU');
    expect(line({ phase: 'training', fraction: 0.4, loss: 1.2 }, '▇▁')).toBe('Training · loss 1.200 ▇▁');
    expect(line({ phase: 'sampling', fraction: 0.9, loss: 1 })).toBe('Sampling');
    expect(line(undefined)).toBe('Waiting for its turn');
  });
});

const generators = [
  { id: 'main', name: 'Main', family: 'a', summary: 'The usual one.', isDefault: true },
  { id: 'other', name: 'Other', family: 'b', summary: 'Another one.', isDefault: false },
  { id: 'auto', name: 'Automatic', family: 'auto', summary: 'Looks first.', isDefault: false },
];

describe('the steps of Synthesize', () => {
  it('take the defaults on Enter', () => {
    for (const items of [whatIsModelled(profile), howManyRows(profile), howAndHowLong(profile, generators)]) expect(items[0].choice).toEqual({});
  });
  it('put columns with warnings first and say what to do', () => {
    const columns = whatIsModelled(profile).filter((i) => /mail|plain/.test(i.label));
    expect(columns.map((i) => i.label)).toEqual(['$(warning) mail', '$(symbol-field) plain']);
    expect(columns[0].detail).toBe('E-mail addresses.');
  });
  it('contexts: categories before what is cut into bins, none that was dropped or cannot be told between commas', () => {
    const column = (name: string, kind: string, index: number) => ({ ...profile.columns[0], name, kind, index }) as typeof profile.columns[0];
    const wide = { ...profile, columns: [column('age', 'integer', 0), column('sex', 'category', 1), column('note', 'text', 2), column('a,b', 'category', 3), column('gone', 'category', 4), column('vip', 'boolean', 5)] };
    expect(contextColumns(wide, new Set(['gone']))).toEqual([{ name: 'sex', kind: 'category', inBins: false }, { name: 'vip', kind: 'boolean', inBins: false }, { name: 'age', kind: 'integer', inBins: true }]);
    expect([byContexts('ca-dasg'), byContexts('tvae'), byContexts(undefined)]).toEqual([true, false, false]);
  });
  it('make a typed number the first item', () => {
    expect(howManyRows(profile, '2,500')[0]).toMatchObject({ label: '2,500 rows', choice: { rows: 2500 } });
    for (const typed of ['none', '0', '-5', '1e3', '100']) expect(howManyRows(profile, typed)[0].choice).toEqual({});
  });
  it('offer four one-click fixes on a column, but not the kind it has', () => {
    const [mail, plainColumn] = whatIsModelled(profile).filter((i) => /mail|plain/.test(i.label));
    expect(mail.actions!.map((a) => a.id)).toEqual(['identifier', 'category', 'drop']);
    expect(plainColumn.actions!.map((a) => a.id)).toEqual(['identifier', 'personal', 'drop']);
    expect(mail.enter).toBe('choose');
  });
  it('show what was decided, with a way back, and dropped columns that the profile no longer has', () => {
    const items = whatIsModelled({ ...profile, columns: [profile.columns[1]] }, { mail: { kind: 'category' }, gone: { drop: true } });
    expect(items[0].label).toContain('Model 1 column of');
    expect(items[0].detail).toContain('2 columns as you decided');
    const [mail, gone] = items.filter((i) => /mail|gone/.test(i.label));
    expect(mail).toMatchObject({ label: '$(check) mail', actions: [{ id: 'undo' }, {}, {}, {}] });
    expect(mail.description).toContain('category, as you decided');
    expect(gone).toMatchObject({ label: '$(trash) gone', enter: 'undo', actions: [{ id: 'undo' }] });
  });
  it('tell of rows left out, with a way back', () => {
    expect(whatIsModelled(profile, {}, 0).some((i) => i.id === '*rows')).toBe(false);
    expect(whatIsModelled(profile, {}, 2).find((i) => i.id === '*rows')).toMatchObject({ label: '$(trash) 2 rows left out', enter: 'undo', actions: [{ id: 'undo' }] });
  });
  it('know a column called constructor from what an object brings along', () => expect(whatIsModelled({ ...profile, columns: [column('constructor', 0)] }, {}).at(-1)!.label).toBe('$(symbol-field) constructor'));
  it('offer every other generator, the automatic choice first', () => {
    const items = howAndHowLong(profile, generators);
    expect(items[0].detail).toBe('Main: recommended. Stops by itself when there is no more to gain.');
    expect(howAndHowLong(profile, [generators[0], { ...generators[1], summary: 'Short. And much more.' }], { generator: 'other' })[0].detail).toBe('Other. Short.');
    expect(items.slice(-2).map((i) => i.choice)).toEqual([{ generator: 'auto' }, { generator: 'other' }]);
    expect(howAndHowLong(profile, generators, {}, 'oth').map((i) => i.label)).toEqual(['Other generators', '$(circuit-board) Other']);
  });
  it('take the generator and time of the settings on Enter', () => {
    const items = howAndHowLong(profile, generators, { generator: 'other', budgetSeconds: 120 });
    expect(items[0]).toMatchObject({ choice: { generator: 'other', budgetSeconds: 120 }, description: 'fits for up to 2 min, as set' });
    expect(items.some((i) => i.label === '$(circuit-board) Main')).toBe(true);
    expect(howAndHowLong(profile, generators, { generator: 'unheard-of' })[0].choice).toEqual({});
  });
  it.each([['90', 90], ['2 min', 120], ['1.5h', 5400], ['45s', 45], ['0', undefined], ['ten', undefined], ['48h', undefined]])('a typed time "%s" is %s seconds', (typed, seconds) => {
    expect(typedDuration(typed)).toBe(seconds);
    if (seconds) expect(howAndHowLong(profile, generators, {}, typed)[0].choice).toEqual({ budgetSeconds: seconds });
  });
});

describe('pages', () => {
  it('let nothing of a table become markup', () => {
    expect(plain('<b>|[x](y)\n`')).toBe('\\<b\\>\\|\\[x\\]\\(y\\) \\`');
    const text = markdown({ ...profile, columns: [column('a|b\n# c', 0)] });
    expect(text).toContain('| a\\|b \\# c | category |');
  });
  it('name what was found between columns', () => {
    const ruled: TableProfile = { ...profile, notes: ['a is never above b.', 'Read as Latin-1.'], relations: [{ type: 'at-most', columns: ['a', 'b'], sentence: 'a is never above b.' }], dialect: { delimiter: ';', quote: '"', encoding: 'utf-8', bom: false, newline: '\n', header: true } };
    expect(markdown(ruled)).toContain('- Rule found: a is never above b.\n- Read as Latin\\-1.');
    expect(markdown(ruled)).toContain('- Separated by semicolons, UTF-8');
    expect(whatIsModelled(ruled)[1].label).toBe('$(info) Rule found: a is never above b.');
  });
  it('let no folder name end the script', () => expect(embedded('</script>\u2028')).toBe('"\\u003c/script\\u003e\\u2028"'));
  it('allow scripts by nonce only, and no inline style', () => {
    const html = page({ script: 's.js', cspSource: 'vscode:', nonce: 'N', state: { folder: '/r' } });
    expect(html).toContain("default-src 'none'; script-src 'nonce-N';");
    expect(html).not.toContain('unsafe');
    expect(html.match(/<script/g)).toHaveLength(html.match(/<script nonce="N"/g)!.length);
  });
});

describe('a privacy budget in the wizard', () => {
  it('is told by a row of the last step, which does not stand in the way of three Enters', () => {
    expect(budgetRow(undefined)).toMatchObject({ label: '$(shield) Privacy budget: none', enter: 'privacy' });
    expect(budgetRow(undefined).choice).toBeUndefined();
    expect(budgetRow({ epsilon: 3, publicRows: 500, declareSchema: true }).label).toBe('$(shield) Privacy budget: epsilon 3');
  });
  it('says what is declared public, column by column, and that a repeat is charged', () => {
    const { detail } = declaration(profile);
    for (const c of profile.columns) expect(detail).toContain(c.name);
    expect(detail).toContain('a repeat is charged anew');
    expect(detail).not.toContain('left out');
    expect(declaration(profile, 2).detail).toContain('2 rows that you left out will be part of the table again');
  });
  it('offers deltas below one over the rows, and generators that can', () => {
    expect(rowsChoices({ ...profile, rows: 5_000_000 }).map((o) => o.value)).toEqual([{ publicRows: 5_000_000 }, { delta: 1e-9 }]);
    expect(rowsChoices({ ...profile, rows: 100 }).length).toBe(3);
    const some = [{ id: 'a', name: 'A', family: 'f', summary: '', isDefault: true, keepsBudget: true, underBudget: 'Mostly noise there.' }, { id: 'b', name: 'B', family: 'f', summary: '', isDefault: false }];
    expect(offered(some, { epsilon: 1 }).map((g) => g.id)).toEqual(['a']);
    expect(offered(some, { epsilon: 1 })[0]!.summary).toBe('Mostly noise there.');
    expect(offered(some, undefined).map((g) => g.summary)).toEqual(['', '']);
  });
  it.each([['2', 2], [' 0.5 ', 0.5], ['0', undefined], ['-1', undefined], ['x', undefined], ['', undefined], ['1e9', undefined]])('a typed epsilon "%s" is %s', (text, n) => {
    if (n === undefined) expect(typeof typedEpsilon(text)).toBe('string'); else expect(typedEpsilon(text)).toBe(n);
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rareCells } from '../../evaluation/collapse/marks';
import { resaved } from '../../evaluation/collapse/resaved';
import { tableOf } from '../../evaluation/fixture';
import { people, randomOf, tableOfPeople } from '../../evaluation/population';
import { makeView } from '../../evaluation/view';
import { upperBound } from '../../learners/metrics';
import { readTable } from '../../table/read';
import { writeTable } from '../../table/write';
import { divisions, marked, markedAlike, readVega, recordRun, resave, standIn, townsfolk } from './fixture';
import { standInNote } from './known';

const root = mkdtempSync(join(tmpdir(), 'understudy-lineage-')), at = (name: string) => join(root, name);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the output of a known run that another program saved', () => {
  let copula = '', trees = '';
  beforeAll(async () => {
    mkdirSync(at('a'));
    writeFileSync(at('a/folk.csv'), townsfolk(1500, 1));
    const real = await readTable(at('a/folk.csv'));
    copula = await recordRun(root, at('a/folk.csv'), await standIn(real, 'gaussian-copula', 3), at('a/one.csv'));
    trees = await recordRun(root, at('a/folk.csv'), await standIn(real, 'cart', 4), at('a/two.csv'));
  });

  it('is known by its rows: shuffled, a fifth cut, numbers spelt otherwise', async () => {
    for (const [from, id] of [['one', copula], ['two', trees]] as const) {
      resave(at(`a/${from}.csv`), at('a/resaved.csv'), 0.8, 5);
      expect(await standInNote(at('a/resaved.csv'))).toMatch(new RegExp(`holds rows that run ${id} made of folk.csv: 1,2\\d\\d of 1,2\\d\\d,`));
    }
  });
  it('also where a quarter of its cells\' rows were edited, a whole column was changed, or one was taken out', async () => {
    const random = randomOf(6);
    resave(at('a/two.csv'), at('a/edited.csv'), 0.5, 7, (cell, column, row) => (column === 0 && row % 4 === 0 ? String(20 + Math.floor(60 * random())) : cell));
    expect(await standInNote(at('a/edited.csv'))).toContain(`run ${trees} made`);
    resave(at('a/two.csv'), at('a/changed.csv'), 0.5, 8, (cell, column) => (column === 1 && cell ? String(Math.round(Number(cell) / 1000)) : cell));
    expect(await standInNote(at('a/changed.csv'))).toContain('but for "income", which was changed');
    writeFileSync(at('a/less.csv'), readFileSync(at('a/two.csv'), 'utf8').split('\n').map(l => l.split(',').slice(0, -1).join(',')).join('\n'));
    expect(await standInNote(at('a/less.csv'))).toContain(`run ${trees} made`);
  });
  it('does not accuse the real table, its extracts or fresh real rows; nor fail where files are gone or no tables', async () => {
    expect(await standInNote(at('a/folk.csv'))).toBeUndefined();
    const lines = readFileSync(at('a/folk.csv'), 'utf8').trimEnd().split('\n');
    const extracts = { third: lines.filter((_, i) => i % 3 === 0), north: lines.filter((l, i) => i === 0 || l.includes(',north,')), frequent: lines.filter((l, i) => i === 0 || l.includes('bar')), twice: [...lines, ...lines.slice(1)] };
    for (const [name, rows] of Object.entries(extracts)) { writeFileSync(at(`a/${name}.csv`), `${rows.join('\n')}\n`); expect(await standInNote(at(`a/${name}.csv`)), name).toBeUndefined(); }
    writeFileSync(at('a/fresh.csv'), townsfolk(1200, 9));
    expect(await standInNote(at('a/fresh.csv'))).toBeUndefined();
    writeFileSync(at('a/other.csv'), 'x,y\n1,2\n3,4\n');
    expect(await standInNote(at('a/other.csv'))).toBeUndefined();
    expect(await standInNote(at('a/absent.csv'))).toBeUndefined();
    writeFileSync(at('a/words.csv'), `${lines[0]}\n${lines.slice(1).map(l => l.split(',').map(() => 'what').join(',')).join('\n')}\n`);
    expect(await standInNote(at('a/words.csv'))).toBeUndefined();
  });
  it('is not seen in tables whose rows coincide by chance, where real rows do as well', () => {
    const coins = (n: number, seed: number, p = 0.7) => { const random = randomOf(seed); return tableOf(Object.fromEntries(Array.from({ length: 6 }, (_, j) => [`c${j}`, { kind: 'category' as const, cells: Array.from({ length: n }, () => 'abc'[(random() < p ? 0 : 1) + (random() < 0.1 ? 1 : 0)]!) }]))); };
    let flagged = 0;
    for (let k = 0; k < 300; k++) if (resaved(makeView({ training: coins(300, 3 * k), synthetic: coins(k % 2 ? 3000 : 300, 3 * k + 1, 0.72), control: coins(k % 3 ? 300 : 100, 3 * k + 2) }))) flagged++;
    expect(upperBound(flagged, 300)).toBeLessThan(0.01);
    const output = coins(600, 7001, 0.5), found = resaved(makeView({ training: coins(300, 7000), synthetic: output, control: output.take(Array.from({ length: 500 }, (_, i) => i)) }));
    expect(found).toMatchObject({ rows: expect.any(Number), p: expect.any(Number) });
    expect(found!.inOutput).toBe(found!.rows);
  });
});

describe('a table that lacks what is rare beside a known real one', () => {
  it('is flagged: a stand-in whose run and file are gone, and one that was learnt from it', async () => {
    const home = at('b');
    mkdirSync(home);
    writeFileSync(join(home, 'folk.csv'), townsfolk(1500, 11));
    const real = await readTable(join(home, 'folk.csv'));
    await recordRun(home, join(home, 'folk.csv'), await standIn(real, 'cart', 12), join(home, 'known.csv'));
    const first = await standIn(real, 'cart', 13), second = await standIn(first, 'gaussian-copula', 14);
    for (const [name, table] of [['first', first], ['second', second]] as const) {
      await writeTable(table, join(home, `${name}.csv`));
      expect(await standInNote(join(home, `${name}.csv`)), name).toMatch(/lacks what is rare: of \d+ rare values and extremes in 1,500 rows of folk.csv and as many of it, it holds \d+ \("(town|job)" 0 of/);
    }
    writeFileSync(join(home, 'fresh.csv'), townsfolk(1500, 15));
    expect(await standInNote(join(home, 'fresh.csv'))).toBeUndefined();
  });
  it('counts alike in both, whichever is called real, and needs enough of them', () => {
    const a = tableOfPeople(people(600, 1)), b = tableOfPeople(people(600, 2)), there = rareCells(makeView({ training: a, synthetic: b })), back = rareCells(makeView({ training: b, synthetic: a }));
    expect(there.cells).toBe(back.cells);
    expect(there.held + back.held).toBe(there.cells);
    const one = tableOf({ x: { kind: 'integer', cells: Array.from({ length: 100 }, (_, i) => (i < 4 ? 1000 + i : i % 9)) } }), other = tableOf({ x: { kind: 'integer', cells: Array.from({ length: 100 }, (_, i) => i % 9) } });
    // ties that are too many are no extremes: only the four large ones are rare
    expect(rareCells(makeView({ training: one, synthetic: other }))).toMatchObject({ cells: 4, held: 0, p: 1 });
  });
  it('its p-value is exact under exchangeability', () => {
    // 40 of 400 rows hold one rare cell each: how many fall into a half of 200 is hypergeometric. scipy.stats.hypergeom.cdf(12, 400, 40, 200) = 0.00581, cdf(8, ...) = 0.0000416
    const names = (from: number, to: number) => Array.from({ length: 200 }, (_, i) => (i >= from && i < to ? `rare ${i} ${from}` : 'common'));
    const found = rareCells(makeView({ training: tableOf({ c: { kind: 'category', cells: names(0, 28) } }), synthetic: tableOf({ c: { kind: 'category', cells: names(100, 112) } }) }));
    expect(found).toMatchObject({ cells: 40, held: 12 });
    // cut short once p < .001 is out of reach, so known roughly
    expect(found.p).toBeGreaterThan(0.002); expect(found.p).toBeLessThan(0.02);
    expect(rareCells(makeView({ training: tableOf({ c: { kind: 'category', cells: names(0, 32) } }), synthetic: tableOf({ c: { kind: 'category', cells: names(100, 108) } }) })).p).toBeLessThan(0.001);
  });
  it('is a real table at most once in a hundred times: parts of public tables, at random and in their order, and fresh samples of a population', async () => {
    const flagged: string[] = [];
    let tables = 0;
    for (const name of ['birdstrikes.csv', 'seattle-weather.csv', 'weather.csv', 'flights-airport.csv', 'airports.csv', 'windvectors.csv', 'stocks.csv']) {
      for (const { how, real, other } of divisions(await readVega(name), 18, 21)) { const f = marked(real, other); if (f !== undefined) { tables++; if (f) flagged.push(`${name} ${how}`); } }
    }
    for (let k = 0; k < 130; k++) { tables++; if (markedAlike(tableOfPeople(people(300 + 3 * k, 2 * k + 100)), tableOfPeople(people(400, 2 * k + 101)))) flagged.push(`people ${k}`); }
    expect(tables).toBeGreaterThan(299);
    expect(upperBound(flagged.length, tables), flagged.join('; ')).toBeLessThan(0.01);
  }, 120_000);
});

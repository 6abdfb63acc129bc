import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { upperBound } from '../../learners/metrics';
import { readTable } from '../../table/read';
import type { Table } from '../../table/table';
import { writeTable } from '../../table/write';
import { divisions, publicTables, readVega, recordRun, resave, standIn, townsfolk } from './fixture';
import { standInNote } from './known';

const root = mkdtempSync(join(tmpdir(), 'understudy-lineage-slow-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let homes = 0;
/** A folder with a known run of a real table, and another real table beside it. @returns what is said of the other */
async function saidOf(real: Table, other: Table): Promise<string | undefined> {
  const home = join(root, `home-${homes++}`), at = (name: string) => join(home, name);
  mkdirSync(home);
  try {
    await writeTable(real, at('source.csv'));
    await writeTable(other, at('other.csv'));
    await recordRun(home, at('source.csv'), await standIn(await readTable(at('source.csv')), 'independent', homes), at('made.csv'));
    return await standInNote(at('other.csv'));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

it('real tables are flagged beside a known run of another part of theirs at most once in a hundred times', async () => {
  const flagged: string[] = [];
  let tables = 0;
  for (const name of publicTables) {
    for (const { how, real, other } of divisions(await readVega(name), 18, 31)) {
      const said = await saidOf(real, other).catch((e: Error) => { console.log(`${name}: ${e.message}`); return null; });
      if (said === null) break;
      tables++;
      if (said) flagged.push(`${name}, ${how}: ${said.slice(0, 260)}`);
    }
    console.log(`${name}: ${flagged.length} of ${tables} so far`);
  }
  for (let k = 0; k < 200; k++) {
    const path = (i: number) => { const p = join(root, `folk-${i}.csv`); writeFileSync(p, townsfolk(200 + 10 * k, 2 * k + i)); return p; };
    tables++;
    const said = await saidOf(await readTable(path(500)), await readTable(path(501)));
    if (said) flagged.push(`townsfolk ${k}: ${said.slice(0, 260)}`);
  }
  console.log(`${flagged.length} of ${tables} real tables flagged; at most ${(100 * upperBound(flagged.length, tables)).toFixed(2)}% (one-sided 95%)\n${flagged.join('\n')}`);
  expect(tables).toBeGreaterThan(600);
  expect(upperBound(flagged.length, tables)).toBeLessThan(0.01);
}, 3_600_000);

it('stand-ins of the default generator, of trees and of a copula are flagged', async () => {
  const home = join(root, 'found'), at = (name: string) => join(home, name);
  mkdirSync(home);
  await writeTable(await readVega('birdstrikes.csv'), at('birdstrikes.csv'));
  const real = await readTable(at('birdstrikes.csv'));
  for (const id of ['autoregressive', 'cart', 'gaussian-copula']) {
    const run = await recordRun(home, at('birdstrikes.csv'), await standIn(real, id, 41, { budgetSeconds: 10 }), at(`${id}.csv`));
    resave(at(`${id}.csv`), at(`${id}-resaved.csv`), 0.8, 42);
    expect(await standInNote(at(`${id}-resaved.csv`)), id).toContain(run);
    await writeTable(await standIn(real, id, 43, { budgetSeconds: 10 }), at(`${id}-gone.csv`));
    expect(await standInNote(at(`${id}-gone.csv`)), id).toContain('lacks what is rare');
  }
}, 3_600_000);

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { randomOf } from '../../evaluation/population';
import { upperBound } from '../../learners/metrics';
import { RunStore } from '../store';
import { standInNote } from './known';

const home = mkdtempSync(join(tmpdir(), 'understudy-known-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('real tables are taken for stand-ins at most once in a hundred: public ones under their own names, and bootstraps and parts of one whose stand-in is known', async () => {
  const store = new RunStore(home), data = join('node_modules', 'vega-datasets', 'data');
  const lines = readFileSync(join(data, 'seattle-weather.csv'), 'utf8').trim().split('\n'), random = randomOf(4), at = (name: string, rows: readonly string[]) => { const path = join(home, name); writeFileSync(path, `${[lines[0], ...rows].join('\n')}\n`); return path; };
  const source = at('weather.csv', lines.slice(1)), drawn = (n = 200) => Array.from({ length: n }, () => lines[1 + Math.floor(random() * (lines.length - 1))]), made = at('made.csv', drawn(lines.length - 1));
  await store.create({} as never, { kind: 'synthesize', source, out: made, outSha256: createHash('sha256').update(readFileSync(made)).digest('hex'), versions: {}, state: 'finished' });
  const real = [source, ...readdirSync(data).filter(f => /\.(csv|tsv|json|arrow|parquet)$/.test(f)).map(f => join(data, f))];
  for (let k = 0; k < 300; k++) real.push(k % 3 ? at(`bootstrap-${k}.csv`, drawn()) : at(`part-${k}.csv`, lines.slice(1 + 4 * k, 201 + 4 * k)));
  // names that real files have
  for (const name of ['synthetic.csv', 'synthetic-fibres.csv', 'nonsynthetic.csv', 'photosynthetic.2024.csv', 'Synthetic Turf.csv', 'real.csv']) real.push(at(name, drawn()));
  let flagged = 0;
  for (const path of real) if (await standInNote(path)) flagged++;
  expect(real.length).toBeGreaterThan(340);
  expect(upperBound(flagged, real.length)).toBeLessThan(0.01);
  // and the stand-in itself is flagged, whatever it is called
  expect(await standInNote(made)).toContain('is what run');
}, 180_000);

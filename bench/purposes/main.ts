/**
 * Whether the five purposes hit their targets on real tables, from a `.synth` file through the command line to the written table; with faults planted, which must be seen. Bundled and called by bench/purposes.mjs:
 * node main.cjs DATA CLI [--only release,augmentation,...] [--samples 24] [--seed 1] [--whole] [--rows 4000] [--direct]. Prints a table; exit code 1 where a target was not reached, or a planted fault not seen.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { permutation } from '../../server/learners/random';
import { augmentation } from './augmentation';
import { Bench, right, rowOf } from './bench';
import { completion } from './completion';
import { fairness } from './fairness';
import { release } from './release';
import { read, some, take, write } from './rows';
import { transfer } from './transfer';

const purposes = ['release', 'augmentation', 'fairness', 'transfer', 'completion'];

async function main(): Promise<void> {
  const { values, positionals: [data, cli] } = parseArgs({ allowPositionals: true, options: { only: { type: 'string', default: purposes.join() }, samples: { type: 'string', default: '24' }, seed: { type: 'string', default: '1' }, whole: { type: 'boolean', default: false }, rows: { type: 'string', default: '4000' }, keep: { type: 'boolean', default: false }, direct: { type: 'boolean', default: false } } });
  const only = values.only.split(','), folder = mkdtempSync(join(tmpdir(), 'understudy-purposes-')), bench = new Bench(data!, folder, values.direct ? undefined : cli!, Number(values.samples), Number(values.seed), values.whole);
  mkdirSync(folder, { recursive: true });
  try {
    write(bench.path('adult.csv'), some(read(join(data!, 'adult/train.csv')), Number(values.rows), 1));
    const unseen = read(join(data!, 'adult/holdout.csv')), order = permutation(1, 'control', unseen.cells.length);
    write(bench.path('adult.control.csv'), take(unseen, order.subarray(0, 3000)));
    write(bench.path('adult.holdout.csv'), take(unseen, order.subarray(3000)));
    // A part of a purpose by itself: --only transfer:none.
    const parts = (purpose: string): ((part: string) => boolean) => (part) => only.includes(purpose) || only.includes(`${purpose}:${part}`);
    // Augmentation is held against the release.
    if (only.some((o) => o === 'release' || o.startsWith('augmentation'))) await augmentation(bench, await release(bench), parts('augmentation'));
    await fairness(bench, parts('fairness'));
    await transfer(bench, parts('transfer'));
    await completion(bench, parts('completion'));
  } finally {
    if (!values.keep) rmSync(folder, { recursive: true, force: true });
  }
  console.log(`| purpose | what | declared | reached | interval | verdict |\n|---|---|---|---|---|---|\n${bench.lines.map(rowOf).join('\n')}\n`);
  const wrong = bench.lines.filter((l) => !right(l));
  console.log(`${bench.lines.filter((l) => !l.control && l.held).length} of ${bench.lines.filter((l) => !l.control).length} targets reached, ${bench.lines.filter((l) => l.control && !l.held).length} of ${bench.lines.filter((l) => l.control).length} planted faults seen.`);
  if (wrong.length > 0 || bench.lines.length === 0) process.exitCode = 1;
}

main().catch((error: unknown) => { console.error(error instanceof Error ? error.stack : error); process.exitCode = 1; });

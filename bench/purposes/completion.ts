/** Completion: cells filled several times over. Intervals pooled over the tables must hold the truth as often as they say, under values missing at random; and on a table with really missing cells what was there must stay. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fixed, span, type Bench } from './bench';
import { coverage } from './coverage';
import { forecast } from './forecast';
import { read, write, type Rows } from './rows';
import { simulation } from './simulation';

export async function completion(bench: Bench, wanted: (part: string) => boolean): Promise<void> {
  if (wanted('coverage')) await intervals(bench);
  if (wanted('simulation')) await simulation(bench);
  if (wanted('heart')) await heart(bench);
  if (wanted('forecast')) await forecast(bench);
}

async function intervals(bench: Bench): Promise<void> {
  const folder = bench.path('samples'), N = bench.samples;
  mkdirSync(folder);
  const c = await coverage(join(bench.data, 'adult/train.csv'), folder, { samples: N, said: (done) => { if (done % 5 === 0) process.stderr.write(`  coverage: ${done} of ${N} samples\n`); } });
  for (const [k, q] of c.kinds.imputed.entries())
    bench.say({ purpose: 'completion', what: `Adult as the population, ${N} samples of 400, 4 imputations each (60 steps of a 32-wide network): 95% intervals that hold its ${q.name}`, declared: '95%', reached: `${q.covered} of ${N} (complete tables: ${c.kinds['complete table'][k]!.covered})`, interval: span(q.interval.low, q.interval.high, 2), held: q.interval.high >= 0.95 });
  const pooled = (kind: keyof typeof c.kinds): number => c.kinds[kind].reduce((s, q) => s + q.covered, 0) / (N * c.kinds[kind].length);
  for (const [what, kind, control] of [['all five together', 'imputed', false], ['rows with a gap left out', 'complete rows', true], ['gaps filled with the mean', 'means filled in', true]] as const)
    bench.say({ purpose: 'completion', what, declared: '>= 90% of intervals', reached: `${fixed(100 * pooled(kind), 1)}%`, interval: c.kinds[kind].map((q) => q.covered).join(', '), held: pooled(kind) >= 0.9, ...(control && { control: true }) });

}

/** Real gaps, from a file through the command line. */
async function heart(bench: Bench): Promise<void> {
  const heart = read(join(bench.data, 'heart_4_hospitals.csv'));
  write(bench.path('heart.csv'), heart);
  const made = (await bench.run('heart', `source heart = "${bench.path('heart.csv')}" { num: integer outcome }\ncompletion filled from heart { impute all  releases 2  generator autoregressive { steps 200  hidden 64 }  budget 60m  seed 1  device cpu }\nexpect filled { target.observed >= 100% }\n`, 'filled')).tables;
  const changed = (t: Rows): number => heart.cells.reduce((n, r, i) => n + r.filter((v, k) => v !== '' && v !== t.cells[i]![k]).length, 0), empty = (t: Rows): number => t.cells.reduce((n, r) => n + r.filter((v) => v === '').length, 0), gaps = empty(heart);
  bench.say({ purpose: 'completion', what: `heart, ${gaps} really missing cells: cells that were there and changed, cells still empty, in each of ${made.length} tables`, declared: '0, 0', reached: made.map((t) => `${changed(t)}, ${empty(t)}`).join('; '), interval: 'counted', held: made.length === 2 && made.every((t) => t.cells.length === heart.cells.length && changed(t) === 0 && empty(t) === 0) });
  const differ = heart.cells.reduce((n, r, i) => n + r.filter((v, k) => v === '' && made[0]!.cells[i]![k] !== made[1]!.cells[i]![k]).length, 0);
  bench.say({ purpose: 'completion', what: 'heart: filled cells that differ between the two tables', declared: 'more than a fifth: they are draws', reached: `${differ} of ${gaps}`, interval: 'counted', held: differ > gaps / 5 });
}

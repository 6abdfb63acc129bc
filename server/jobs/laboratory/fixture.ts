/** For tests of what is known about a table: real tables, stand-ins of them, runs that made them, and other programs that save them again. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lacksRare, rareCells } from '../../evaluation/collapse/marks';
import { isExtract } from '../../evaluation/collapse/resaved';
import { people, randomOf } from '../../evaluation/population';
import { makeView } from '../../evaluation/view';
import { findGenerator } from '../../generators/registry';
import { shuffledRows, Stream } from '../../random';
import { refineKinds } from '../../table/kinds';
import { protectTable } from '../../table/protect';
import { readTable } from '../../table/read';
import type { Table } from '../../table/table';
import { writeTable } from '../../table/write';
import { conform } from '../../targets/conform';
import { modelledNames } from '../../targets/release/parts';
import { RunStore } from '../store';

export const vega = (name: string) => join('node_modules', 'vega-datasets', 'data', name);
/** Public tables of some hundred rows and more, with at least two columns that are modelled. */
export const publicTables = ['airports.csv', 'birdstrikes.csv', 'co2-concentration.csv', 'disasters.csv', 'flights-airport.csv', 'github.csv', 'seattle-weather-hourly-normals.csv', 'seattle-weather.csv', 'sp500-2000.csv', 'species.csv', 'stocks.csv', 'us-employment.csv', 'weather.csv', 'windvectors.csv', 'zipcodes.csv', 'flights-200k.arrow', 'flights-3m.parquet'];

/** A table with long tails: towns and jobs of few people, extremes of income. */
export function townsfolk(n: number, seed: number): string {
  const random = randomOf(seed), word = (k: number) => 'bcdfghklmn'[k % 10]! + 'aeiou'[Math.floor(k / 10) % 5]! + 'rstvz'[Math.floor(k / 50) % 5]! + 'ao'[k % 2]!;
  const rows = people(n, seed).map(p => [p.age, p.income ?? '', p.hours, p.education, `${word(Math.floor(250 * random() ** 4))}ton`, `${word(Math.floor(200 * random() ** 3))}er`, p.region, p.buys].join(','));
  return `age,income,hours,education,town,job,region,buys\n${rows.join('\n')}\n`;
}

/** The modelled columns of a table as a run without a control would release them: learnt under value protection (or not), drawn, concealed. */
export async function standIn(table: Table, id: string, seed: number, of: { protect?: boolean; rows?: number; budgetSeconds?: number } = {}): Promise<Table> {
  const real = refineKinds(table), learnt = real.select(modelledNames(real)), order = shuffledRows(seed, 'validation', learnt.rows), cut = Math.ceil(learnt.rows / 10);
  const k = 5, enabled = of.protect ?? true, protection = protectTable(learnt.take(order.slice(cut)), { k, enabled, seed, ends: learnt }), generator = await findGenerator(id)!.load();
  const fitted = await generator.fit({
    fit: protection.apply(learnt.take(order.slice(cut))), validation: protection.apply(learnt.take(order.slice(0, cut))), seed, device: 'cpu', budgetSeconds: of.budgetSeconds ?? 2, protection: { enabled, k },
    progress: async () => undefined, checkpoint: async () => undefined,
  }, generator.parameters.parse({}) as Record<string, unknown>);
  try {
    return protection.concealTable(await fitted.sample(of.rows ?? learnt.rows, { seed: seed + 1 }), seed);
  } finally {
    await fitted.dispose();
  }
}

/** Writes a finished run of `source` that made `made` into the folder's store. */
export async function recordRun(home: string, source: string, made: Table, out: string): Promise<string> {
  await writeTable(made, out);
  return (await new RunStore(home).create({} as never, { kind: 'synthesize', source, out, outSha256: createHash('sha256').update(readFileSync(out)).digest('hex'), versions: {}, state: 'finished' })).id;
}

/** What another program makes of a CSV without quotes: rows shuffled, a share of them cut, decimals written out, another delimiter; `change` edits a cell. */
export function resave(from: string, to: string, share: number, seed: number, change = (cell: string, _column: number, _row: number): string => cell): void {
  const [head, ...lines] = readFileSync(from, 'utf8').trimEnd().split(/\r?\n/), order = shuffledRows(seed, 'resave', lines.length).slice(0, Math.round(share * lines.length));
  const respelt = (cell: string) => (/^-?\d+\.\d+$/.test(cell) ? `${cell}000` : /^-?[1-9]\d*$/.test(cell) ? `${cell}.0` : cell);
  writeFileSync(to, `${head!.split(',').join(';')}\r\n${Array.from(order, (i, row) => lines[i]!.split(',').map((cell, c) => change(respelt(cell), c, row)).join(';')).join('\r\n')}\r\n`);
}

/** Pairs of disjoint parts of a real table, at most 12,000 rows of it: random halves and a third against two, then halves and thirds in the order of the file, either way round. */
export function* divisions(table: Table, random: number, seed: number): Generator<{ how: string; real: Table; other: Table }> {
  const stream = new Stream(seed, 'divisions'), n = Math.min(table.rows, 12_000), all = Int32Array.from({ length: n }, (_, i) => Math.floor((i * table.rows) / n)), half = n >> 1, third = Math.floor(n / 3);
  const pair = (how: string, a: Int32Array, b: Int32Array) => ({ how, real: table.take(a), other: table.take(b) });
  for (let r = 0; r < random; r++) { const order = stream.shuffle(all.slice()), at = [half, third, n - third][r % 3]!; yield pair('random', order.slice(0, at), order.slice(at)); }
  const parts = [all.slice(0, third), all.slice(third, 2 * third), all.slice(2 * third)];
  for (const [a, b] of [[all.slice(0, half), all.slice(half)], [parts[0]!, parts[1]!], [parts[1]!, parts[2]!], [parts[0]!, parts[2]!]] as const) { yield pair('in order', a, b); yield pair('in order', b, a); }
}

/** Whether a table would be flagged for what it lacks beside a real one; undefined where they cannot be compared. As lineage.ts does it, but in memory. */
export function marked(real: Table, other: Table): boolean | undefined {
  const source = refineKinds(real), names = modelledNames(source);
  if (names.length < 2) return undefined;
  return markedAlike(source.select(names), conform(other, source, names, 'other'));
}

/** The same of tables that hold the same columns alike. */
export function markedAlike(real: Table, other: Table): boolean {
  const view = makeView({ training: real, synthetic: other });
  return lacksRare(rareCells(view)) && !isExtract(view, 'synthetic');
}

export const readVega = (name: string): Promise<Table> => readTable(vega(name));

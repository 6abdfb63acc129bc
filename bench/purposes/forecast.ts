/** Forecasts: the next day of a transformer's load and oil temperature, for stretches of ten days of hours, drawn from their own past (ETT, where DATA has it). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { permutation } from '../../server/learners/random';
import { fixed, span, type Bench } from './bench';
import { column, read, write, type Rows } from './rows';

const past = 216, steps = 24, stretches = 30;

export async function forecast(bench: Bench): Promise<void> {
  const file = join(bench.data, 'ett_h1.csv');
  if (!existsSync(file)) return;
  const raw = read(file), names = ['stretch', 'date', 'HUFL', 'LUFL', 'OT'], row = (i: number, k: number): string[] => [`s${k}`, ...names.slice(1).map((n) => { const v = raw.cells[i]![raw.names.indexOf(n)]!; return n === 'date' ? v : Number(v).toFixed(2); })];
  const part = (from: number, count: number): Rows => ({ names, cells: Array.from({ length: stretches }, (_, k) => Array.from({ length: count }, (_, i) => row(k * (past + steps) * 2 + from + i, k))).flat() }), source = part(0, past), truth = part(past, steps);
  write(bench.path('stretches.csv'), source);
  const made = (await bench.run('forecast', `source load = "${bench.path('stretches.csv')}" { stretch: category }\ncompletion day from load { forecast ${steps} by stretch order by date  generator autoregressive { steps 300  hidden 64 }  budget 60m  seed 1  device cpu }\n`, 'day')).tables[0]!;
  const inOrder = made.cells.length === truth.cells.length && column(made, 'date').every((d, i) => Date.parse(`${d}Z`) === Date.parse(`${truth.cells[i]![1]!}Z`)) && column(made, 'stretch').every((v, i) => v === truth.cells[i]![0]);
  bench.say({ purpose: 'completion', what: `the next ${steps} hours of ${stretches} stretches: rows at the hour and of the stretch that they should be`, declared: '100% of rows', reached: `${inOrder ? truth.cells.length : 'not all'} of ${truth.cells.length}`, interval: 'counted', held: inOrder });
  // Error by stretch, in spreads of each column: of one drawn path, so that half of it is the draw's own.
  const values = ['HUFL', 'LUFL', 'OT'], spread = values.map((n) => { const v = column(source, n).map(Number), m = v.reduce((a, b) => a + b, 0) / v.length; return Math.sqrt(v.reduce((s, x) => s + (x - m) ** 2, 0) / v.length); });
  const errors = (t: Rows): number[] => Array.from({ length: stretches }, (_, k) => { let s = 0; for (let i = k * steps; i < (k + 1) * steps; i++) values.forEach((n, j) => { s += Math.abs(Number(t.cells[i]![t.names.indexOf(n)]!) - Number(truth.cells[i]![names.indexOf(n)]!)) / spread[j]! / steps / values.length; }); return s; });
  const dealt = permutation(1, 'stretches', stretches), others: Rows = { names: made.names, cells: Array.from({ length: stretches }, (_, k) => made.cells.slice(((dealt[k]! === k ? (k + 1) % stretches : dealt[k]!)) * steps, ((dealt[k]! === k ? (k + 1) % stretches : dealt[k]!) + 1) * steps)).flat() };
  // What knows nothing of the stretch's own past: rows of all stretches at the same hour.
  const hours = new Map<string, string[][]>();
  for (const r of source.cells) { const h = r[1]!.slice(11, 13); hours.set(h, [...(hours.get(h) ?? []), r]); }
  const pick = permutation(2, 'hours', truth.cells.length), usual: Rows = { names, cells: truth.cells.map((r, i) => { const own = hours.get(r[1]!.slice(11, 13))!; return own[pick[i]! % own.length]!; }) }, base = errors(usual);
  for (const [what, t, control] of [['mean error of a drawn path, less than of real rows of other days at the same hours by', made, false], ['paths dealt to other stretches', others, true]] as const) {
    const d = errors(t).map((e, k) => base[k]! - e), m = d.reduce((a, b) => a + b, 0) / d.length, half = 1.96 * Math.sqrt(d.reduce((s, v) => s + (v - m) ** 2, 0) / (d.length - 1) / d.length);
    bench.say({ purpose: 'completion', what, declared: '> 0', reached: `${fixed(m)} of ${fixed(base.reduce((a, b) => a + b, 0) / base.length)} spreads`, interval: span(m - half, m + half), held: m - half > 0, ...(control && { control: true }) });
  }
}

/** Numbers in bins of about equally many rows, dates in calendar periods: what a context is made of where a column holds no categories. */
import type { Column } from '../../table/table';

/** Edges between bins (a value equal to an edge lies above it), and a label for every bin. */
export interface Bins { edges: number[]; labels: string[] }
/** Most periods that a date is divided into. */
const mostPeriods = 12;

/** @param values NaN is left out */
export function edgesOf(values: Float64Array, bins: number): Bins {
  const sorted = values.filter((v) => v === v).sort(), edges: number[] = [];
  for (let k = 1; k < bins && sorted.length; k++) {
    const e = sorted[Math.floor((k * sorted.length) / bins)]!;
    if (e > (edges.at(-1) ?? sorted[0]!)) edges.push(e);
  }
  return { edges, labels: labelled(edges, (e) => String(+e.toPrecision(4))) };
}
function labelled(edges: readonly number[], text: (edge: number) => string): string[] {
  if (edges.length === 0) return ['any'];
  return [`below ${text(edges[0]!)}`, ...edges.slice(1).map((e, i) => `${text(edges[i]!)} to ${text(e)}`), `from ${text(edges.at(-1)!)}`];
}

type Unit = { name: (d: Date) => string; start: (d: Date) => Date; next: (d: Date) => Date };
const utc = (y: number, m = 0, day = 1): Date => new Date(Date.UTC(y, m, day));
const pad = (n: number): string => String(n).padStart(2, '0');
const year = (d: Date): number => d.getUTCFullYear(), month = (d: Date): number => d.getUTCMonth();
/** From the finest. */
const units: Unit[] = [
  { name: (d) => d.toISOString().slice(0, 10), start: (d) => utc(year(d), month(d), d.getUTCDate()), next: (d) => utc(year(d), month(d), d.getUTCDate() + 1) },
  { name: (d) => `${year(d)}-${pad(month(d) + 1)}`, start: (d) => utc(year(d), month(d)), next: (d) => utc(year(d), month(d) + 1) },
  { name: (d) => `${year(d)} Q${Math.floor(month(d) / 3) + 1}`, start: (d) => utc(year(d), 3 * Math.floor(month(d) / 3)), next: (d) => utc(year(d), 3 * Math.floor(month(d) / 3) + 3) },
  { name: (d) => String(year(d)), start: (d) => utc(year(d)), next: (d) => utc(year(d) + 1) },
];

/** The finest of days, months, quarters and years that gives at most twelve periods; beyond twelve years, bins of about equally many rows. */
export function periodsOf(column: Column): Bins {
  const values = column.numbers().filter((v) => v === v), inMilliseconds = column.schema.kind === 'date' ? 86_400_000 : 1;
  if (values.length === 0) return { edges: [], labels: ['any'] };
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  const first = new Date(low * inMilliseconds), last = new Date(high * inMilliseconds);
  if (!Number.isNaN(first.getTime()) && !Number.isNaN(last.getTime())) for (const unit of units) {
    const starts = [unit.start(first)];
    while (starts.length <= mostPeriods) { const next = unit.next(starts.at(-1)!); if (next > last) break; starts.push(next); }
    if (starts.length <= mostPeriods) return { edges: starts.slice(1).map((d) => d.getTime() / inMilliseconds), labels: starts.map(unit.name) };
  }
  return edgesOf(column.numbers(), mostPeriods);
}

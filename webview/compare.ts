/** Two reports set against each other: which figures differ by more than chance, and which columns. Pure functions, no DOM. */
import type { ColumnReport, Figure, MetricInfo, ReportData } from '../server/protocol';

export type Better = 'first' | 'second' | 'same';
export interface FigurePair {
  metric: string; info?: MetricInfo; first?: Figure; second?: Figure;
  /** Second minus first; null where either is not assessable. */
  difference: number | null;
  /** Whether the two intervals overlap; undefined where one has none. Apart means more than chance; overlapping means that these rows do not tell. */
  overlap?: boolean;
  better: Better;
}

/** Every figure of either report, in the first one's order. */
export function pairFigures(a: ReportData, b: ReportData): FigurePair[] {
  const second = new Map(b.figures.map((f) => [f.metric, f])), ids = [...new Set([...a.figures, ...b.figures].map((f) => f.metric))];
  return ids.map((metric) => {
    const x = a.figures.find((f) => f.metric === metric), y = second.get(metric), info = a.metrics[metric] ?? b.metrics[metric];
    const known = x?.value != null && y?.value != null, difference = known ? y.value! - x.value! : null;
    const overlap = x?.interval && y?.interval && known ? Math.max(x.interval.low, y.interval.low) <= Math.min(x.interval.high, y.interval.high) : undefined;
    return { metric, ...(info && { info }), ...(x && { first: x }), ...(y && { second: y }), difference, ...(overlap !== undefined && { overlap }), better: known ? betterOf(x.value!, y.value!, info) : 'same' };
  });
}

function betterOf(x: number, y: number, info: MetricInfo | undefined): Better {
  if (x === y || !info) return 'same';
  const cost = (v: number) => (info.better === 'higher' ? -v : info.better === 'lower' ? v : Math.abs(v - (info.target ?? 0)));
  return cost(y) < cost(x) ? 'second' : cost(x) < cost(y) ? 'first' : 'same';
}

export interface ColumnPair { name: string; kind: string; first: number | null; second: number | null; difference: number | null; columns: [ColumnReport | undefined, ColumnReport | undefined] }
/** Columns of either report, those that differ most first. */
export function pairColumns(a: ReportData, b: ReportData): ColumnPair[] {
  const names = [...new Set([...a.columns, ...b.columns].map((c) => c.name))];
  return names.map((name): ColumnPair => {
    const x = a.columns.find((c) => c.name === name), y = b.columns.find((c) => c.name === name), first = x?.score ?? null, second = y?.score ?? null;
    return { name, kind: (x ?? y)!.kind, first, second, difference: first === null || second === null ? null : second - first, columns: [x, y] };
  }).sort((p, q) => size(q) - size(p));
}

const size = ({ difference }: ColumnPair) => (difference === null ? -1 : Math.abs(difference));

/** The comparison in a sentence: only what the intervals can tell counts as better. */
export function summary(figures: FigurePair[], names: [string, string]): string {
  const apart = figures.filter((f) => f.overlap === false && f.better !== 'same'), of = (b: Better) => apart.filter((f) => f.better === b).length;
  const unclear = figures.filter((f) => f.overlap === true).length, first = of('first'), second = of('second');
  const figure = (n: number) => `${n} figure${n === 1 ? '' : 's'}`;
  const rest = unclear ? ` On ${figure(unclear)} the intervals overlap: these rows cannot tell the two apart there.` : '';
  if (!first && !second) return `Neither is better than the other beyond chance.${rest}`;
  if (first && second) return `${names[0]} is better on ${figure(first)}, ${names[1]} on ${second}.${rest}`;
  return `${names[first ? 0 : 1]} is better on ${figure(first || second)}, and worse on none.${rest}`;
}

/** What makes the two hard to compare, in words; empty when nothing does. */
export function caveats(a: ReportData, b: ReportData): string[] {
  const out: string[] = [];
  if (a.source.path !== b.source.path) out.push('The two were made from different tables: figures are comparable only as far as the tables are.');
  else if (a.source.rows !== b.source.rows || a.source.columns !== b.source.columns) out.push('The source changed between the two runs.');
  if (!a.control !== !b.control) out.push('Only one of them was judged against a control.');
  else if (a.control && b.control && (a.control.rows !== b.control.rows || a.control.how !== b.control.how || (a.run && b.run && a.run.seed !== b.run.seed && !a.control.path))) out.push('They were judged against different control rows, drawn by different seeds or rules: small differences may come from that.');
  if (a.outcome?.column !== b.outcome?.column) out.push('Their utility is for different outcomes.');
  return out;
}

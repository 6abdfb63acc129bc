/** Pictures of two runs side by side: the first a filled blue dot, the second a hollow violet diamond, so that shape tells them apart too. */
import * as Plot from '@observablehq/plot';
import type { ColumnPair, FigurePair } from '../compare';
import { clip, score, unitFormat } from '../format';
import { colour, plot, tipStyle } from './base';

export const other = 'var(--u-other)';

/** Both values with their intervals over one axis; the references are left to the table. */
export function drawTwo(p: FigurePair, width: number): SVGSVGElement {
  const both = [p.first, p.second], seen = both.flatMap((f) => [f?.value, f?.interval?.low, f?.interval?.high]).filter((x): x is number => typeof x === 'number');
  let low = Math.min(...seen), high = Math.max(...seen);
  const room = (high - low || Math.abs(high) * 0.1 || 0.01) * 0.15;
  low -= room; high += room;
  const rows = both.map((f, y) => ({ y, v: f?.value ?? null, low: f?.interval?.low, high: f?.interval?.high })).filter((r) => r.v !== null);
  const say = unitFormat(p.info);
  return plot({ width, height: 52, marginLeft: 18, marginRight: 18, marginTop: 4, marginBottom: 18, x: { domain: [low, high], axis: null }, y: { domain: [1.6, -0.6], axis: null }, marks: [
    Plot.axisX({ ticks: Math.max(2, Math.floor(width / 90)), tickFormat: (x: number) => say(x), tickSize: 3, fill: colour.muted, stroke: colour.muted, fontSize: 10 }),
    Plot.ruleY(rows.filter((r) => r.low !== undefined), { y: 'y', x1: 'low', x2: 'high', stroke: (r: { y: number }) => (r.y ? other : colour.synthetic), strokeWidth: 2 }),
    Plot.dot(rows.filter((r) => r.y === 0), { x: 'v', y: 'y', r: 4.5, fill: colour.synthetic }),
    Plot.dot(rows.filter((r) => r.y === 1), { x: 'v', y: 'y', r: 4.5, symbol: 'diamond', fill: colour.surface, stroke: other, strokeWidth: 2 }),
  ] });
}

export interface Dumbbells { columns: ColumnPair[]; names: [string, string] }
/** Column scores of both runs on one line each. */
export function drawDumbbells({ columns, names }: Dumbbells, width: number): SVGSVGElement {
  const rows = columns.filter((c) => c.first !== null && c.second !== null).map((c, y) => ({ ...c, y, text: `${clip(c.name, 40)}\n${clip(names[0], 24)} ${score(c.first)}\n${clip(names[1], 24)} ${score(c.second)}` }));
  const left = Math.min(width * 0.4, 14 + 6.2 * Math.max(4, ...rows.map((r) => clip(r.name, 26).length)));
  const low = Math.min(0.99, ...rows.map((r) => Math.min(r.first!, r.second!)));
  return plot({ width, height: 46 + 19 * rows.length, marginLeft: left, marginRight: 14, marginTop: 6, marginBottom: 40, x: { domain: [low - (1 - low) * 0.05, 1], axis: null }, y: { domain: [rows.length - 0.4, -0.6], axis: null }, marks: [
    Plot.gridX({ ticks: Math.max(3, Math.floor(width / 140)), stroke: colour.grid, strokeOpacity: 1 }),
    Plot.axisX({ ticks: Math.max(3, Math.floor(width / 140)), tickFormat: (x: number) => score(x), fill: colour.muted, stroke: colour.muted, fontSize: 10.5, label: 'column score, 1 is best', labelAnchor: 'right', labelArrow: 'none' }),
    Plot.ruleY(rows, { y: 'y', x1: 'first', x2: 'second', stroke: colour.realLine, strokeWidth: 1.5 }),
    Plot.dot(rows, { x: 'first', y: 'y', r: 4, fill: colour.synthetic }),
    Plot.dot(rows, { x: 'second', y: 'y', r: 4.2, symbol: 'diamond', fill: colour.surface, stroke: other, strokeWidth: 1.8 }),
    Plot.text(rows, { y: 'y', text: (r: ColumnPair) => clip(r.name || '(no name)', 26), frameAnchor: 'left', dx: -8, textAnchor: 'end', fill: colour.text, fontSize: 11 }),
    Plot.tip(rows, Plot.pointerY({ x: 'second', y: 'y', title: 'text', ...tipStyle })),
  ] });
}

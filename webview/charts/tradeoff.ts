/** Two figures of a sweep against each other: a mark for each point with its intervals, those on the Pareto front filled and joined. */
import * as Plot from '@observablehq/plot';
import type { ExploreAxis, ExplorePoint } from '../../server/protocol';
import { csv } from '../csv';
import { clip, number } from '../format';
import { colour, plot, tipStyle } from './base';

export interface TradeoffData { x: ExploreAxis; y: ExploreAxis; points: ExplorePoint[]; knob: string }

interface Mark { label: string; front: boolean; x: number; y: number; xl?: number; xh?: number; yl?: number; yh?: number; text: string }

function marksOf({ x, y, points }: TradeoffData): Mark[] {
  return points.flatMap((p) => {
    const a = p.values[x.metric], b = p.values[y.metric];
    if (!a || !b) return [];
    const say = (name: string, v: typeof a) => `${name} ${number(v.value)}${v.low === undefined ? '' : ` (${number(v.low)} to ${number(v.high!)})`}`;
    return [{ label: p.label, front: p.front, x: a.value, y: b.value, xl: a.low, xh: a.high, yl: b.low, yh: b.high, text: `${clip(p.label, 40)}${p.front ? ', on the front' : ''}\n${say(x.name, a)}\n${say(y.name, b)}` }];
  });
}

const domainOf = (values: Array<number | undefined>): [number, number] => {
  const seen = values.filter((v): v is number => v !== undefined && Number.isFinite(v)), low = Math.min(...seen), high = Math.max(...seen), room = (high - low || Math.abs(high) * 0.1 || 0.05) * 0.12;
  return [low - room, high + room];
};

/** The better end of either axis is always right or up. */
export function drawTradeoff(data: TradeoffData, width: number): SVGSVGElement {
  const { x, y } = data, marks = marksOf(data), front = marks.filter((m) => m.front).sort((a, b) => a.x - b.x);
  const better = (a: ExploreAxis) => `${a.name}, better \u2192`;
  return plot({
    width, height: 300, marginLeft: 52, marginRight: 18, marginTop: 26, marginBottom: 42,
    x: { domain: domainOf(marks.flatMap((m) => [m.x, m.xl, m.xh])), axis: null, reverse: x.better === 'lower' }, y: { domain: domainOf(marks.flatMap((m) => [m.y, m.yl, m.yh])), axis: null, reverse: y.better === 'lower' },
    marks: [
      Plot.gridX({ ticks: 5, stroke: colour.grid, strokeOpacity: 1 }), Plot.gridY({ ticks: 5, stroke: colour.grid, strokeOpacity: 1 }),
      Plot.axisX({ ticks: Math.max(3, Math.floor(width / 90)), tickFormat: (v: number) => number(v), fill: colour.muted, stroke: colour.muted, label: better(x), labelAnchor: 'right', labelArrow: 'none', fontSize: 10.5 }),
      Plot.axisY({ ticks: 5, tickFormat: (v: number) => number(v), tickSize: 0, fill: colour.muted, label: `${y.name}, better \u2191`, labelAnchor: 'top', labelArrow: 'none', fontSize: 10.5 }),
      Plot.line(front, { x: 'x', y: 'y', stroke: colour.synthetic, strokeOpacity: 0.5, strokeWidth: 1.5, strokeDasharray: '4 3' }),
      Plot.ruleY(marks.filter((m) => m.xl !== undefined), { y: 'y', x1: 'xl', x2: 'xh', stroke: colour.realLine, strokeWidth: 1.25, clip: true }),
      Plot.ruleX(marks.filter((m) => m.yl !== undefined), { x: 'x', y1: 'yl', y2: 'yh', stroke: colour.realLine, strokeWidth: 1.25, clip: true }),
      Plot.dot(marks.filter((m) => !m.front), { x: 'x', y: 'y', r: 5, symbol: 'circle', fill: colour.surface, stroke: colour.realLine, strokeWidth: 2 }),
      Plot.dot(front, { x: 'x', y: 'y', r: 6, symbol: 'diamond', fill: colour.synthetic, stroke: colour.surface, strokeWidth: 1 }),
      Plot.text(marks, { x: 'x', y: 'y', text: (m: Mark) => clip(m.label, 22), dy: -12, fill: colour.text, stroke: colour.surface, strokeWidth: 3, fontSize: 11 }),
      Plot.tip(marks, Plot.pointer({ x: 'x', y: 'y', title: 'text', ...tipStyle, lineWidth: 36 })),
    ],
  });
}

export const sayTradeoff = (d: TradeoffData): string => `${d.x.name} against ${d.y.name}, by ${d.knob}. ${marksOf(d).map((m) => m.text.replace(/\n/g, '; ')).join('. ')}.`;
export const tradeoffCsv = ({ x, y, points, knob }: TradeoffData): string => csv([knob, 'front', x.metric, 'low', 'high', y.metric, 'low', 'high'],
  points.map((p) => [p.label, String(p.front), p.values[x.metric]?.value, p.values[x.metric]?.low, p.values[x.metric]?.high, p.values[y.metric]?.value, p.values[y.metric]?.low, p.values[y.metric]?.high]));

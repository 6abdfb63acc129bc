/** Two figures of a sweep against each other: a mark for each point with its intervals, those on the Pareto front filled and joined. */
import * as Plot from '@observablehq/plot';
import type { ExploreAxis, ExplorePoint } from '../../server/protocol';
import { csv } from '../csv';
import { clip } from '../format';
import { axisFormat } from '../laboratory';
import { colour, plot, tipStyle } from './base';

export interface TradeoffData { x: ExploreAxis; y: ExploreAxis; points: ExplorePoint[]; knob: string }

interface Mark { label: string; front: boolean; x: number; y: number; xl?: number; xh?: number; yl?: number; yh?: number; text: string }

function marksOf({ x, y, points }: TradeoffData): Mark[] {
  return points.flatMap((p) => {
    const a = p.values[x.metric], b = p.values[y.metric];
    if (!a || !b) return [];
    const say = (axis: ExploreAxis, v: typeof a) => { const f = axisFormat(axis); return `${axis.name} ${f(v.value)}${v.low === undefined ? '' : ` (${f(v.low)} to ${f(v.high)})`}`; };
    return [{ label: p.label, front: p.front, x: a.value, y: b.value, xl: a.low, xh: a.high, yl: b.low, yh: b.high, text: `${clip(p.label, 40)}${p.front ? ', beaten by none' : ''}\n${say(x, a)}\n${say(y, b)}` }];
  });
}

const domainOf = (values: Array<number | undefined>): [number, number] => {
  const seen = values.filter((v): v is number => v !== undefined && Number.isFinite(v)), low = Math.min(...seen), high = Math.max(...seen), room = (high - low || Math.abs(high) * 0.1 || 0.05) * 0.12;
  return [low - room, high + room];
};

interface Label { x: number; y: number; shown: string; dx: number; dy: number; anchor: 'start' | 'end' }
interface Frame { width: number; height: number; left: number; right: number; top: number; bottom: number }

/** A name in one of the four corners beside its mark, off its intervals: the first that meets no other name or mark, and stays inside. */
export function labelled(marks: readonly Mark[], axes: [ExploreAxis, ExploreAxis], [xs, ys]: [[number, number], [number, number]], f: Frame): Label[] {
  const along = (v: number, [low, high]: [number, number], back: boolean) => { const t = (v - low) / (high - low); return back ? 1 - t : t; };
  const placed = marks.map((m) => ({ m, px: f.left + along(m.x, xs, axes[0].better === 'lower') * (f.width - f.left - f.right), py: f.height - f.bottom - along(m.y, ys, axes[1].better === 'lower') * (f.height - f.top - f.bottom) }));
  const taken = placed.map(({ px, py }) => ({ x1: px - 7, x2: px + 7, y1: py - 7, y2: py + 7 }));
  return placed.map(({ m, px, py }) => {
    const shown = clip(m.label, 22), wide = 6.2 * shown.length;
    const corners = [10, 22, 34].flatMap((away) => [1, -1].flatMap((up) => [1, -1].map((side) => ({ up: -up * away, side })))).map(({ up, side }) => ({ dx: 9 * side, dy: up, anchor: side > 0 ? 'start' as const : 'end' as const, box: { x1: side > 0 ? px + 9 : px - 9 - wide, x2: side > 0 ? px + 9 + wide : px - 9, y1: py + up - 7, y2: py + up + 7 } }));
    const free = ({ box: b }: (typeof corners)[number]) => b.x1 >= f.left && b.x2 <= f.width && b.y1 >= 0 && b.y2 <= f.height - f.bottom && !taken.some((o) => b.x1 < o.x2 && o.x1 < b.x2 && b.y1 < o.y2 && o.y1 < b.y2);
    const { box, ...where } = corners.find(free) ?? corners[0]!;
    taken.push(box);
    return { x: m.x, y: m.y, shown, ...where };
  });
}

/** The better end of either axis is always right or up. */
export function drawTradeoff(data: TradeoffData, width: number): SVGSVGElement {
  const { x, y } = data, marks = marksOf(data), front = marks.filter((m) => m.front), frame = { width, height: 300, left: 52, right: 18, top: 26, bottom: 42 };
  const xs = domainOf(marks.flatMap((m) => [m.x, m.xl, m.xh])), ys = domainOf(marks.flatMap((m) => [m.y, m.yl, m.yh])), labels = labelled(marks, [x, y], [xs, ys], frame);
  const tick = (a: ExploreAxis) => (v: number) => (a.unit === 'share' ? `${+(100 * v).toFixed(1)}%` : String(+v.toPrecision(3)));
  const better = (a: ExploreAxis) => `${a.name}, better \u2192`;
  return plot({
    width, height: frame.height, marginLeft: frame.left, marginRight: frame.right, marginTop: frame.top, marginBottom: frame.bottom,
    x: { domain: xs, axis: null, reverse: x.better === 'lower' }, y: { domain: ys, axis: null, reverse: y.better === 'lower' },
    marks: [
      Plot.gridX({ ticks: 5, stroke: colour.grid, strokeOpacity: 1 }), Plot.gridY({ ticks: 5, stroke: colour.grid, strokeOpacity: 1 }),
      Plot.axisX({ ticks: Math.max(4, Math.floor(width / 60)), tickFormat: tick(x), fill: colour.muted, stroke: colour.muted, label: better(x), labelAnchor: 'right', labelArrow: 'none', fontSize: 10.5 }),
      Plot.axisY({ ticks: 5, tickFormat: tick(y), tickSize: 0, fill: colour.muted, label: `${y.name}, better \u2191`, labelAnchor: 'top', labelArrow: 'none', fontSize: 10.5 }),
      Plot.ruleY(marks.filter((m) => m.xl !== undefined), { y: 'y', x1: 'xl', x2: 'xh', stroke: colour.realLine, strokeWidth: 1.25, clip: true }),
      Plot.ruleX(marks.filter((m) => m.yl !== undefined), { x: 'x', y1: 'yl', y2: 'yh', stroke: colour.realLine, strokeWidth: 1.25, clip: true }),
      Plot.dot(marks.filter((m) => !m.front), { x: 'x', y: 'y', r: 5, symbol: 'circle', fill: colour.surface, stroke: colour.realLine, strokeWidth: 2 }),
      Plot.dot(front, { x: 'x', y: 'y', r: 6, symbol: 'diamond', fill: colour.synthetic, stroke: colour.surface, strokeWidth: 1 }),
      ...labels.map((l) => Plot.text([l], { x: 'x', y: 'y', text: 'shown', dx: l.dx, dy: l.dy, textAnchor: l.anchor, fill: colour.text, stroke: colour.surface, strokeWidth: 3, fontSize: 11 })),
      Plot.tip(marks, Plot.pointer({ x: 'x', y: 'y', title: 'text', ...tipStyle, lineWidth: 36 })),
    ],
  });
}

export const sayTradeoff = (d: TradeoffData): string => `${d.x.name} against ${d.y.name}, by ${d.knob}. ${marksOf(d).map((m) => m.text.replace(/\n/g, '; ')).join('. ')}.`;
export const tradeoffCsv = ({ x, y, points, knob }: TradeoffData): string => csv([knob, 'front', x.metric, 'low', 'high', y.metric, 'low', 'high'],
  points.map((p) => [p.label, String(p.front), p.values[x.metric]?.value, p.values[x.metric]?.low, p.values[x.metric]?.high, p.values[y.metric]?.value, p.values[y.metric]?.low, p.values[y.metric]?.high]));

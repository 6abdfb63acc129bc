/** Figures of one kind on one axis: the synthetic table's dot and interval above the control's diamond and interval. */
import * as Plot from '@observablehq/plot';
import type { Figure, MetricInfo } from '../../server/protocol';
import { clip, share, unitFormat } from '../format';
import { colour, plot, tipStyle } from './base';

export interface PairedData { figures: Figure[]; metrics: Record<string, MetricInfo>; axis: string }

interface Mark { key: number; v: number; low: number; high: number; who: string; text: string }

export function drawPaired({ figures, metrics, axis }: PairedData, width: number): SVGSVGElement {
  const synthetic: Mark[] = [], reference: Mark[] = [], names: Array<{ key: number; name: string }> = [];
  const narrow = width < 460, marginLeft = narrow ? 8 : Math.min(250, width * 0.4);
  figures.forEach((f, key) => {
    const info = metrics[f.metric], say = unitFormat(info), name = info?.name ?? f.metric;
    names.push({ key, name: narrow ? clip(name, 60) : name });
    const text = (v: number, i?: [number, number]) => `${say(v)}${i ? ` (${say(i[0])} to ${say(i[1])})` : ''}`;
    if (f.value !== null) synthetic.push({ key, v: f.value, low: f.interval?.low ?? f.value, high: f.interval?.high ?? f.value, who: 'synthetic', text: `${name}\nsynthetic ${text(f.value, f.interval && [f.interval.low, f.interval.high])}` });
    const r = f.reference;
    if (r) reference.push({ key, v: r.value, low: r.interval?.[0] ?? r.value, high: r.interval?.[1] ?? r.value, who: r.label, text: `${name}\n${r.label} ${text(r.value, r.interval)}` });
  });
  const most = Math.max(1e-12, ...[...synthetic, ...reference].map((m) => m.high)) * 1.06;
  const all = figures.every((f) => metrics[f.metric]?.unit === 'share');
  const row = narrow ? 52 : 40;
  return plot({
    width, height: figures.length * row + 42, marginLeft, marginRight: 16, marginTop: 4, marginBottom: 38,
    x: { domain: [0, most], axis: null }, y: { type: 'band', domain: names.map((n) => n.key), axis: null },
    marks: [
      Plot.gridX({ ticks: Math.max(3, Math.floor((width - marginLeft) / 90)), stroke: colour.grid, strokeOpacity: 1 }),
      Plot.axisX({ ticks: Math.max(3, Math.floor((width - marginLeft) / 90)), tickFormat: all ? (x: number) => (x === 0 ? '0' : share(x)) : undefined, label: `${axis} \u2192`, labelAnchor: 'center', fill: colour.muted, stroke: colour.muted, fontSize: 10.5 }),
      Plot.text(names, narrow ? { x: 0, y: 'key', text: 'name', textAnchor: 'start', dy: -18, fill: colour.text, fontSize: 11.5 } : { x: 0, y: 'key', text: 'name', textAnchor: 'end', dx: -10, lineWidth: (marginLeft - 14) / 12, lineHeight: 1.15, fill: colour.text, fontSize: 12 }),
      Plot.ruleY(reference, { x1: 'low', x2: 'high', y: 'key', stroke: colour.holdout, strokeWidth: 2, strokeDasharray: '4 2', dy: narrow ? 10 : 7 }),
      Plot.dot(reference, { x: 'v', y: 'key', symbol: 'diamond', r: 5, fill: colour.surface, stroke: colour.holdout, strokeWidth: 2, dy: narrow ? 10 : 7 }),
      Plot.ruleY(synthetic, { x1: 'low', x2: 'high', y: 'key', stroke: colour.synthetic, strokeWidth: 2.5, dy: narrow ? -3 : -6 }),
      Plot.dot(synthetic, { x: 'v', y: 'key', r: 5, fill: colour.synthetic, stroke: colour.surface, strokeWidth: 1.25, dy: narrow ? -3 : -6 }),
      Plot.ruleX([0], { stroke: colour.muted }),
      Plot.tip([...synthetic, ...reference], Plot.pointer({ x: 'v', y: 'key', title: 'text', ...tipStyle })),
    ],
  });
}

export function sayPaired({ figures, metrics }: PairedData): string {
  return figures.map((f) => { const say = unitFormat(metrics[f.metric]); return `${metrics[f.metric]?.name ?? f.metric}: synthetic ${say(f.value)}${f.reference ? `, ${f.reference.label} ${say(f.reference.value)}` : ''}`; }).join('; ') + '.';
}

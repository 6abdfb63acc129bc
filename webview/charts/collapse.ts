/** One measure over generations: a line for each mode, with the band of its interval over chains; generation 0 is the real table. */
import * as Plot from '@observablehq/plot';
import type { CollapseMeasure, CollapseMode, CollapsePoint } from '../../server/protocol';
import { csv } from '../csv';
import { number } from '../format';
import { colour, plot, tipStyle } from './base';

export interface CollapseData { measure: CollapseMeasure; series: Array<{ mode: CollapseMode; points: CollapsePoint[] }> }

/** Modes are told apart by dashes and marks too, never by colour alone. */
export const modeStyle: Record<CollapseMode, { stroke: string; dashes: string; symbol: 'circle' | 'diamond' | 'square'; words: string }> = {
  replace: { stroke: 'var(--u-hold)', dashes: 'none', symbol: 'circle', words: 'replace: each learns the last one' },
  accumulate: { stroke: 'var(--u-syn)', dashes: '7 3', symbol: 'diamond', words: 'accumulate: each learns all so far' },
  anchor: { stroke: 'var(--u-other)', dashes: '2.5 2.5', symbol: 'square', words: 'anchor: the last one and real rows' },
};

export function drawCollapse({ measure, series }: CollapseData, width: number): SVGSVGElement {
  const all = series.flatMap((s) => s.points), last = Math.max(...all.map((p) => p.generation));
  const seen = [...all.flatMap((p) => [p.low, p.high]), measure.ideal].filter(Number.isFinite);
  const room = (Math.max(...seen) - Math.min(...seen) || 0.1) * 0.06;
  const tips = series.flatMap((s) => s.points.map((p) => ({ ...p, text: `${s.mode}, ${p.generation === 0 ? 'real table' : `generation ${p.generation}`}\n${number(p.mean)} (${number(p.low)} to ${number(p.high)})` })));
  return plot({
    width, height: 190, marginLeft: 44, marginRight: 12, marginTop: 10, marginBottom: 34,
    x: { domain: [0, last], axis: null }, y: { domain: [Math.min(...seen) - room, Math.max(...seen) + room], axis: null },
    marks: [
      Plot.gridY({ ticks: 4, stroke: colour.grid, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 4, tickFormat: (x: number) => number(x), tickSize: 0, fill: colour.muted, label: null, fontSize: 10.5 }),
      Plot.axisX({ ticks: Math.min(last, Math.max(2, Math.floor(width / 60))), tickFormat: (x: number) => (Number.isInteger(x) ? String(x) : ''), fill: colour.muted, stroke: colour.muted, label: 'generation', labelArrow: 'none', fontSize: 10.5 }),
      Plot.ruleY([measure.ideal], { stroke: colour.muted, strokeWidth: 1 }),
      ...series.map((s) => Plot.areaY(s.points, { x: 'generation', y1: 'low', y2: 'high', fill: modeStyle[s.mode].stroke, fillOpacity: 0.13, clip: true })),
      ...series.map((s) => Plot.line(s.points, { x: 'generation', y: 'mean', stroke: modeStyle[s.mode].stroke, strokeWidth: 2, ...(modeStyle[s.mode].dashes !== 'none' && { strokeDasharray: modeStyle[s.mode].dashes }) })),
      ...series.map((s) => Plot.dot(s.points, { x: 'generation', y: 'mean', r: 3, symbol: modeStyle[s.mode].symbol, fill: modeStyle[s.mode].stroke })),
      Plot.tip(tips, Plot.pointer({ x: 'generation', y: 'mean', title: 'text', ...tipStyle })),
    ],
  });
}

export function sayCollapse({ measure, series }: CollapseData): string {
  return `${measure.name}. ${series.map((s) => { const end = s.points[s.points.length - 1]!; return `${s.mode}: from ${number(s.points[0]!.mean)} (real) to ${number(end.mean)} (${number(end.low)} to ${number(end.high)}) at generation ${end.generation}`; }).join('; ')}.`;
}

export const collapseCsv = ({ measure, series }: CollapseData): string => csv(['measure', 'mode', 'generation', 'mean', 'low', 'high', 'chains'],
  series.flatMap((s) => s.points.map((p) => [measure.id, s.mode, p.generation, p.mean, p.low, p.high, p.chains.join(' ')])));

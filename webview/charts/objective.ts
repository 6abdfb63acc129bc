/** The terms of a composite objective and their weights over time, as small multiples: every term has units of its own. */
import * as Plot from '@observablehq/plot';
import type { ObjectiveParts } from '../../server/protocol';
import { csv } from '../csv';
import { count, number } from '../format';
import { colour, plot, tipStyle } from './base';

/** One picture of several panels, each a series over the steps. `scale`: weights are compared by their ratios. */
export interface Series { name: string; steps: number[]; values: Array<number | null> }
export interface SeriesData { kind: 'terms' | 'weights' | 'lags'; series: Series[] }

const names: Record<string, string> = {
  reconstruction: 'reconstruction', divergence: 'divergence from the prior (KL)', distance: 'Wasserstein distance, by the critic', covariance: 'covariance', utility: 'utility', features: 'feature matching', adversarial: 'adversarial',
  fidelity: 'fidelity', privacy: 'privacy',
};
export const nameOf = (term: string): string => names[term] ?? term;
export function seriesOf(o: ObjectiveParts, kind: SeriesData['kind']): SeriesData {
  const from = kind === 'lags' ? o.lags ?? {} : o[kind];
  return { kind, series: Object.entries(from).map(([name, values]) => ({ name, steps: o.steps.slice(0, values.length), values })) };
}

const height = 96, gap = 26;
export const seriesHeight = (d: SeriesData, width: number): number => Math.ceil(d.series.length / across(width)) * (height + gap);
const across = (width: number): number => Math.max(1, Math.min(3, Math.floor(width / 260)));

/** Panels side by side in one SVG, each with an axis of its own. */
export function drawSeries(d: SeriesData, width: number): SVGSVGElement {
  const columns = across(width), w = Math.floor(width / columns), whole = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const total = seriesHeight(d, width);
  for (const [k, v] of Object.entries({ class: 'u-plot', width: String(width), height: String(total), viewBox: `0 0 ${width} ${total}`, 'aria-hidden': 'true', focusable: 'false' })) whole.setAttribute(k, v);
  d.series.forEach((s, i) => {
    const panel = plotOne(s, w - 12), at = { x: (i % columns) * w, y: Math.floor(i / columns) * (height + gap) };
    panel.setAttribute('x', String(at.x)); panel.setAttribute('y', String(at.y));
    whole.append(panel);
  });
  return whole;
}
function plotOne(s: Series, width: number): SVGSVGElement {
  const points = s.steps.flatMap((step, i) => { const y = s.values[i]; return y === null || y === undefined || !Number.isFinite(y) ? [] : [{ step, y, text: `step ${count(step)}\n${number(y)}` }]; });
  return plot({
    width, height: height + gap - 4, marginLeft: 44, marginRight: 8, marginTop: 22, marginBottom: 22, x: { axis: null }, y: { axis: null, nice: true },
    marks: [
      Plot.gridY({ ticks: 3, stroke: colour.grid, strokeOpacity: 1 }), Plot.axisY({ ticks: 3, tickFormat: (x: number) => number(x), tickSize: 0, fill: colour.muted, label: null, fontSize: 10 }),
      Plot.axisX({ ticks: 3, tickFormat: (x: number) => count(x), fill: colour.muted, stroke: colour.muted, label: null, fontSize: 10 }),
      Plot.line(points, { x: 'step', y: 'y', stroke: colour.synthetic, strokeWidth: 1.75 }), Plot.text([nameOf(s.name)], { frameAnchor: 'top-left', dy: -16, dx: -38, text: (t: string) => t, fill: colour.text, fontSize: 11 }),
      Plot.tip(points, Plot.pointerX({ x: 'step', y: 'y', title: 'text', ...tipStyle })),
    ],
  });
}
/** What the picture shows, in words: first and last value of every series. */
export function saySeries(d: SeriesData): string {
  return d.series.map((s) => { const own = s.values.filter((v): v is number => v !== null && Number.isFinite(v)); return own.length ? `${nameOf(s.name)}: from ${number(own[0])} to ${number(own[own.length - 1])}.` : `${nameOf(s.name)}: no value.`; }).join(' ');
}
/** Steps down, series across. */
export function seriesCsv(d: SeriesData): string {
  const steps = [...new Set(d.series.flatMap((s) => s.steps))].sort((a, b) => a - b);
  return csv(['step', ...d.series.map((s) => s.name)], steps.map((step) => [step, ...d.series.map((s) => s.values[s.steps.indexOf(step)] ?? '')]));
}

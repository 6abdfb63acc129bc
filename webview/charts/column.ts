/** One column: real as grey mass, synthetic as a blue outline, control as orange dashes; missing values as bars of their own. */
import * as Plot from '@observablehq/plot';
import type { ColumnPicture, ColumnReport } from '../../server/protocol';
import { clip, count, edgeLabel, share } from '../format';
import { colour, dashes, heights, outline, plot, tipStyle } from './base';

type Histogram = Extract<ColumnPicture, { type: 'histogram' }>;
type Bars = Extract<ColumnPicture, { type: 'bars' }>;

export const pictureHeight = 150;
const svgNamespace = 'http://www.w3.org/2000/svg';

export function drawColumn(column: ColumnReport, width: number): SVGSVGElement {
  const p = column.picture;
  if (p.type === 'histogram') return drawHistogram(column, p, width);
  if (p.type === 'bars') return drawBars(p, width);
  throw new Error('a column without a picture is told in words');
}

const anyMissing = (m: Histogram['missing']) => Math.max(m.real, m.synthetic, m.holdout ?? 0) > 0;
const line = (name: string, x: number | undefined) => (x === undefined ? '' : `\n${name.padEnd(10)}${share(x)}`);
const tipText = (head: string, r: number, s: number, h?: number) => `${clip(head, 40)}${line('real', r)}${line('synthetic', s)}${line('control', h)}`;

function drawHistogram(column: ColumnReport, p: Histogram, width: number): SVGSVGElement {
  const edges = widened(p.edges);
  const real = heights(edges, p.real), synthetic = heights(edges, p.synthetic), holdout = p.holdout && heights(edges, p.holdout);
  const span = edges[edges.length - 1] - edges[0];
  const label = (i: number) => p.edgeLabels?.[i] ?? edgeLabel(edges[i], column.kind, span);
  const missing = anyMissing(p.missing), height = pictureHeight - (missing ? 38 : 0);
  const bins = real.map((h, i) => ({
    x1: edges[i], x2: edges[i + 1], mid: (edges[i] + edges[i + 1]) / 2, real: h, top: Math.max(h, synthetic[i], holdout?.[i] ?? 0),
    text: tipText(`${label(i)} to ${label(i + 1)}`, p.real[i], p.synthetic[i], p.holdout?.[i]),
  }));
  const n = edges.length - 1, ticks = [...new Set(width < 220 ? [0, n] : [0, Math.round(n / 2), n])];
  const svg = plot({
    width, height, marginLeft: 2, marginRight: 2, marginTop: 8, marginBottom: 18,
    x: { domain: [edges[0], edges[n]], axis: null }, y: { domain: [0, Math.max(1e-12, ...bins.map((b) => b.top))], axis: null },
    marks: [
      Plot.rectY(bins, { x1: 'x1', x2: 'x2', y: 'real', fill: colour.real, insetLeft: 0, insetRight: 0 }),
      ...(holdout ? [Plot.line(outline(edges, holdout), { stroke: colour.holdout, strokeWidth: 1.25, strokeDasharray: dashes })] : []),
      Plot.line(outline(edges, synthetic), { stroke: colour.synthetic, strokeWidth: 1.75, strokeLinejoin: 'round' }),
      Plot.ruleY([0], { stroke: colour.muted, strokeWidth: 1 }),
      ...ticks.map((i) => Plot.text([edges[i]], { x: (d: number) => d, text: () => clip(label(i), 18), frameAnchor: 'bottom', dy: 14, textAnchor: i === 0 ? 'start' : i === n ? 'end' : 'middle', fill: colour.muted, fontSize: 10.5 })),
      Plot.ruleX(bins, Plot.pointerX({ x: 'mid', stroke: colour.text, strokeOpacity: 0.5 })),
      Plot.tip(bins, Plot.pointerX({ x: 'mid', y: 'top', title: 'text', ...tipStyle })),
    ],
  });
  if (missing) appendMissing(svg, p.missing, width, height);
  return svg;
}

/** Three thin bars on one scale under the histogram, with the three shares in words. */
function appendMissing(svg: SVGSVGElement, m: Histogram['missing'], width: number, top: number): void {
  const doc = svg.ownerDocument, scale = (width - 60) / Math.max(m.real, m.synthetic, m.holdout ?? 0);
  const add = (name: string, attributes: Record<string, string | number>, text?: string) => {
    const e = doc.createElementNS(svgNamespace, name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, String(v));
    if (text !== undefined) e.textContent = text;
    svg.appendChild(e);
  };
  const words = `${share(m.real)} \u2192 ${share(m.synthetic)}${m.holdout === undefined ? '' : `, control ${share(m.holdout)}`}`;
  add('text', { x: 2, y: top + 15, 'text-anchor': 'start', 'font-size': 10.5, fill: colour.text }, 'Missing');
  add('text', { x: width - 2, y: top + 15, 'text-anchor': 'end', 'font-size': 10.5, fill: colour.muted }, words);
  const y = top + 21;
  add('rect', { x: 2, y, width: Math.max(0.5, m.real * scale), height: 12, fill: colour.real });
  add('rect', { x: 2, y: y + 3, width: Math.max(0.5, m.synthetic * scale), height: 6, fill: colour.syntheticFill, stroke: colour.synthetic, 'stroke-width': 1.5 });
  if (m.holdout !== undefined) { const x = 2 + m.holdout * scale; add('line', { x1: x, x2: x, y1: y - 1, y2: y + 13, stroke: colour.holdout, 'stroke-width': 2, 'stroke-dasharray': '3 2' }); }
  svg.setAttribute('height', String(pictureHeight));
  svg.setAttribute('viewBox', `0 0 ${width} ${pictureHeight}`);
}

/** How many values a report's own last label ("1,204 others") already gathers; 0 for any other label. */
const others = (label: string) => Number(/^([\d,]+) others$/.exec(label)?.[1].replace(/,/g, '') ?? 0);

export interface BarRow { label: string; kind: 'value' | 'rest' | 'missing'; real: number; synthetic: number; holdout?: number }

/** The most frequent labels by the real share, the rest gathered, missing last. At most eight rows, so that every card is as high as its neighbours. */
export function barRows(p: Bars, limit = 8): BarRow[] {
  const missing = anyMissing(p.missing), room = limit - (missing ? 1 : 0);
  const all = p.labels.map((label, i): BarRow => ({ label, kind: others(label) && i === p.labels.length - 1 ? 'rest' : 'value', real: p.real[i], synthetic: p.synthetic[i], holdout: p.holdout?.[i] }));
  // An ordinal or boolean column that fits keeps the report's order; a long one shows its commonest values.
  let rows = all;
  if (all.length > room) {
    const ranked = all.filter((r) => r.kind === 'value').sort((a, b) => b.real - a.real), rest = [...ranked.slice(room - 1), ...all.filter((r) => r.kind === 'rest')];
    const total = (f: (r: BarRow) => number) => rest.reduce((s, r) => s + f(r), 0);
    rows = [...ranked.slice(0, room - 1), { label: `${count(rest.reduce((n, r) => n + (r.kind === 'rest' ? others(r.label) : 1), 0))} more`, kind: 'rest', real: total((r) => r.real), synthetic: total((r) => r.synthetic), holdout: p.holdout && total((r) => r.holdout ?? 0) }];
  }
  if (missing) rows = [...rows, { label: 'missing', kind: 'missing', ...p.missing }];
  return rows;
}

function drawBars(p: Bars, width: number): SVGSVGElement {
  const letters = Math.max(8, Math.floor(width / 17));
  const rows = barRows(p).map((r, i) => ({ ...r, key: i, shown: clip(r.label, letters), text: tipText(r.label || '(empty text)', r.real, r.synthetic, r.holdout) }));
  const marginLeft = Math.min(width * 0.42, 12 + 5.9 * Math.max(...rows.map((r) => r.shown.length)));
  const most = Math.max(1e-12, ...rows.map((r) => Math.max(r.real, r.synthetic, r.holdout ?? 0)));
  return plot({
    width, height: pictureHeight, marginLeft, marginRight: 8, marginTop: 4, marginBottom: rows.length > 6 ? 4 : 4 + (6 - rows.length) * 4,
    x: { domain: [0, most], axis: null }, y: { type: 'band', domain: rows.map((r) => r.key), axis: null, padding: 0.22 },
    marks: [
      Plot.barX(rows, { x1: 0, x2: 'real', y: 'key', fill: colour.real }),
      Plot.barX(rows, { x1: 0, x2: 'synthetic', y: 'key', fill: colour.syntheticFill, stroke: colour.synthetic, strokeWidth: 1.5, insetTop: rows.length > 5 ? 3 : 5, insetBottom: rows.length > 5 ? 3 : 5 }),
      ...(rows.some((r) => r.holdout !== undefined) ? [Plot.tickX(rows, { x: 'holdout', y: 'key', stroke: colour.holdout, strokeWidth: 2, strokeDasharray: '3 2' })] : []),
      Plot.ruleX([0], { stroke: colour.muted, strokeWidth: 1 }),
      Plot.text(rows.filter((r) => r.kind === 'value'), { x: 0, y: 'key', text: 'shown', textAnchor: 'end', dx: -6, fill: colour.text, fontSize: 11 }),
      Plot.text(rows.filter((r) => r.kind !== 'value'), { x: 0, y: 'key', text: 'shown', textAnchor: 'end', dx: -6, fill: colour.muted, fontStyle: 'italic', fontSize: 11 }),
      Plot.tip(rows, Plot.pointerY({ x: (r: { real: number; synthetic: number }) => Math.max(r.real, r.synthetic) / 2, y: 'key', title: 'text', ...tipStyle })),
    ],
  });
}

/** A histogram of a single value has no width; give it one so that it can be seen. */
function widened(edges: number[]): number[] {
  const first = edges[0], last = edges[edges.length - 1];
  if (last > first) return edges;
  const pad = Math.abs(first) * 0.01 || 0.5;
  return edges.map((_, i) => first - pad + (2 * pad * i) / Math.max(1, edges.length - 1));
}

/** The picture in words, for those who do not see it. */
export function sayColumn(c: ColumnReport): string {
  const p = c.picture;
  if (p.type === 'none') return `${c.name}: no picture. ${p.why}`;
  const gaps = p.real.map((r, i) => ({ i, d: p.synthetic[i] - r })).sort((a, b) => Math.abs(b.d) - Math.abs(a.d));
  const g = gaps[0];
  const span = p.type === 'histogram' ? p.edges[p.edges.length - 1] - p.edges[0] : 0;
  const where = g && (p.type === 'bars' ? `"${clip(p.labels[g.i], 40)}"`
    : `${p.edgeLabels?.[g.i] ?? edgeLabel(p.edges[g.i], c.kind, span)} to ${p.edgeLabels?.[g.i + 1] ?? edgeLabel(p.edges[g.i + 1], c.kind, span)}`);
  return `${c.name}, ${c.kind}: ${p.type === 'bars' ? `shares of ${p.labels.length} values` : `histogram of ${p.real.length} bins`}, real, synthetic${p.holdout ? ' and control' : ''}. `
    + (g ? `Largest gap at ${where}: real ${share(p.real[g.i])}, synthetic ${share(p.synthetic[g.i])}. ` : '')
    + (anyMissing(p.missing) ? `Missing: real ${share(p.missing.real)}, synthetic ${share(p.missing.synthetic)}.` : 'No missing values.');
}

/** Two columns together: real, synthetic and control side by side on one scale, and what differs. */
import * as Plot from '@observablehq/plot';
import type { PairAxis, PairCounts, PairPicture } from '../../server/protocol';
import { clip, number as sayNumber, share } from '../format';
import { colour, dashes, plot, tipStyle } from './base';

type Part = 'real' | 'synthetic' | 'holdout';
const size = (axis: PairAxis) => (axis.type === 'bins' ? axis.labels.length - 1 : axis.labels.length);
const ink: Record<Part, string> = { real: colour.realLine, synthetic: colour.synthetic, holdout: colour.holdout };
const titles: Record<Part, string> = { real: 'Real', synthetic: 'Synthetic', holdout: 'Control' };
const ns = 'http://www.w3.org/2000/svg';

export const partsOf = (p: PairPicture): Part[] => ['real', 'synthetic', ...(p.holdout ? ['holdout' as const] : [])];
/** Shares of the rows in which both columns have a value. */
export function shares(c: PairCounts): number[] {
  const n = Math.max(1, c.rows - c.missing);
  return c.cells.map((x) => x / n);
}
/** "20 to 30" or a value. */
export const place = (axis: PairAxis, k: number) => (axis.type === 'bins' ? `${axis.labels[k]} to ${axis.labels[k + 1]}` : axis.labels[k] || '(empty text)');

export interface Gap { x: number; y: number; real: number; synthetic: number }
/** The cells whose shares differ most, largest first. */
export function gaps(p: PairPicture, limit = 3): Gap[] {
  const r = shares(p.real), s = shares(p.synthetic), w = size(p.x);
  return r.map((real, k) => ({ x: k % w, y: Math.floor(k / w), real, synthetic: s[k] })).filter((g) => g.real !== g.synthetic)
    .sort((a, b) => Math.abs(b.synthetic - b.real) - Math.abs(a.synthetic - a.real)).slice(0, limit);
}

/** Panels beside each other, as many in a row as are wide enough to be read. */
export function drawPair(p: PairPicture, width: number): SVGSVGElement {
  const ridges = p.x.type === 'bins' && p.y.type === 'values';
  const labels = Math.min(120, 14 + 6 * Math.max(...p.y.labels.map((t) => clip(number(t), 16).length)));
  const panels: Array<{ title: string; draw: (w: number, h: number, left: number) => SVGSVGElement }> = ridges
    ? partsOf(p).map((part) => ({ title: titles[part], draw: (w, h, left) => ridgePanel(p, part, w, h, left) }))
    : [...partsOf(p).map((part) => ({ title: titles[part], draw: (w: number, h: number, left: number) => gridPanel(p, part, w, h, left) })),
      { title: 'Synthetic \u2212 real', draw: (w, h, left) => differencePanel(p, w, h, left) }];
  const room = width - labels, perRow = Math.max(1, Math.min(panels.length, Math.floor((room + 14) / (ridges ? 200 : 170)))), gap = 14;
  const each = Math.floor((room - (perRow - 1) * gap) / perRow), tall = ridges ? Math.min(420, 60 + 34 * size(p.y)) : Math.min(320, Math.max(190, each * 0.85)) + 28;
  const rows = Math.ceil(panels.length / perRow), page = document;
  const svg = page.createElementNS(ns, 'svg');
  const height = rows * (tall + 20);
  for (const [k, v] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, class: 'u-plot', 'aria-hidden': 'true', focusable: 'false', 'font-size': 11, fill: 'currentColor' })) svg.setAttribute(k, String(v));
  panels.forEach(({ title, draw }, i) => {
    const column = i % perRow, row = Math.floor(i / perRow), first = column === 0, left = first ? labels : 4;
    const x = first ? 0 : labels + column * (each + gap) - 4, y = row * (tall + 20);
    const text = page.createElementNS(ns, 'text');
    for (const [k, v] of Object.entries({ x: x + left, y: y + 12, 'font-size': 12, 'font-weight': 600, fill: colour.text })) text.setAttribute(k, String(v));
    text.textContent = title;
    const panel = draw(each + left, tall, left);
    panel.setAttribute('x', String(x)); panel.setAttribute('y', String(y + 18)); panel.setAttribute('overflow', 'visible'); panel.removeAttribute('class');
    svg.append(text, panel);
  });
  return svg;
}

/** An edge as a tick: plain numbers with their thousands, anything else as it stands. */
const number = (label: string) => (/^-?\d+(\.\d+)?$/.test(label) ? sayNumber(Number(label)) : label);
/** Edges far enough apart to be read, the first always, the last where it fits. */
function binTicks(axis: PairAxis, room: number): number[] {
  const n = size(axis), longest = Math.max(...axis.labels.map((t) => t.length)), fit = Math.max(2, Math.floor(room / (longest * 6.4 + 12))), step = Math.max(1, Math.ceil(n / (fit - 1 || 1)));
  const ticks = Array.from({ length: Math.floor(n / step) + 1 }, (_, k) => k * step);
  return ticks;
}

function axes(p: PairPicture, w: number, h: number, left: number): { options: Plot.PlotOptions; marks: Plot.Markish[] } {
  const nx = size(p.x), ny = size(p.y), bottom = p.x.type === 'values' ? 44 : 28;
  const xTicks = p.x.type === 'bins' ? binTicks(p.x, w - left) : [], yTicks = p.y.type === 'bins' ? binTicks(p.y, (h - bottom) * 1.6) : [];
  const letters = Math.max(3, Math.floor(((w - left) / nx) * 1.25 / 5.4));
  const marks: Plot.Markish[] = [
    ...(p.x.type === 'bins'
      // The labels at both ends stay within their panel: beside it begins the next.
      ? (['start', 'middle', 'end'] as const).map((textAnchor) => Plot.text(xTicks.filter((k) => (k === 0 ? 'start' : k === nx ? 'end' : 'middle') === textAnchor), { x: (k: number) => k, text: (k: number) => number(p.x.labels[k]), frameAnchor: 'bottom', dy: 14, textAnchor, fill: colour.muted, fontSize: 10 }))
      : [Plot.text(p.x.labels.map((_, k) => k), { x: (k: number) => k + 0.5, text: (k: number) => clip(p.x.labels[k], Math.max(9, letters)), frameAnchor: 'bottom', dy: 7, rotate: letters < 9 ? -28 : 0, textAnchor: letters < 9 ? 'end' : 'middle', lineAnchor: 'top', fill: colour.muted, fontSize: 10 })]),
    ...(left < 12 ? [] : p.y.type === 'bins'
      ? [Plot.text(yTicks, { y: (k: number) => k, text: (k: number) => number(p.y.labels[k]), frameAnchor: 'left', dx: -5, textAnchor: 'end', fill: colour.muted, fontSize: 10 })]
      : [Plot.text(p.y.labels.map((_, k) => k), { y: (k: number) => ny - k - 0.5, text: (k: number) => clip(p.y.labels[k], 16), frameAnchor: 'left', dx: -5, textAnchor: 'end', fill: colour.text, fontSize: 10.5 })]),
  ];
  return { options: { width: w, height: h, marginLeft: left, marginRight: 4, marginTop: 4, marginBottom: bottom, x: { domain: [0, nx], axis: null }, y: { domain: [0, ny], axis: null } }, marks };
}

interface Cell { x1: number; x2: number; y1: number; y2: number; mx: number; my: number; v: number; fill: string; opacity: number; text: string; label: string }
/** A category's first value stands on top, a number's smallest at the bottom. */
function cells(p: PairPicture, value: (k: number) => number, look: (v: number) => { fill: string; opacity: number }, label: (v: number) => string): Cell[] {
  const nx = size(p.x), ny = size(p.y), all = partsOf(p).map((part) => ({ part, s: shares(p[part]!) }));
  return Array.from({ length: nx * ny }, (_, k) => {
    const x = k % nx, y = Math.floor(k / nx), low = p.y.type === 'values' ? ny - 1 - y : y, v = value(k);
    return { x1: x, x2: x + 1, y1: low, y2: low + 1, mx: x + 0.5, my: low + 0.5, v, ...look(v), label: label(v),
      text: `${p.x.name}: ${clip(place(p.x, x), 30)}\n${p.y.name}: ${clip(place(p.y, y), 30)}\n${all.map(({ part, s }) => `${part.padEnd(10)}${share(s[k])}`).join('\n')}` };
  });
}

function grid(p: PairPicture, all: Cell[], w: number, h: number, left: number, labelled: boolean): SVGSVGElement {
  const { options, marks } = axes(p, w, h, left), fits = labelled && (w - left) / size(p.x) >= 38 && (h - 44) / size(p.y) >= 14;
  const inset = p.x.type === 'values' ? 1 : 0;
  return plot({ ...options, marks: [
    Plot.rect(all.filter((c) => c.opacity > 0), { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: (c: Cell) => c.fill, fillOpacity: 'opacity', inset }),
    Plot.frame({ stroke: colour.muted, strokeOpacity: 0.35 }),
    ...(fits ? [Plot.text(all.filter((c) => c.v !== 0), { x: 'mx', y: 'my', text: 'label', fill: colour.text, stroke: colour.surface, strokeWidth: 2.5, fontSize: 10 })] : []),
    ...marks,
    Plot.tip(all, Plot.pointer({ x: 'mx', y: 'my', title: 'text', ...tipStyle })),
  ] });
}

/** Ink by the square root of the share, on one scale in all panels, so that sparse cells are seen too. */
function gridPanel(p: PairPicture, part: Part, w: number, h: number, left: number): SVGSVGElement {
  const most = Math.max(1e-12, ...partsOf(p).flatMap((q) => shares(p[q]!))), own = shares(p[part]!);
  return grid(p, cells(p, (k) => own[k], (v) => ({ fill: ink[part], opacity: v > 0 ? 0.06 + 0.94 * Math.sqrt(v / most) : 0 }), share), w, h, left, p.x.type === 'values');
}

/** What the synthetic table has too much of (its own colour) or too little (the colour of alarm). Differences under a five-hundredth of the rows stay faint. */
function differencePanel(p: PairPicture, w: number, h: number, left: number): SVGSVGElement {
  const r = shares(p.real), s = shares(p.synthetic), most = Math.max(0.01, ...r.map((x, k) => Math.abs(s[k] - x)));
  const all = cells(p, (k) => s[k] - r[k], (v) => ({ fill: v > 0 ? colour.synthetic : 'var(--u-poor)', opacity: Math.min(1, Math.abs(v) / most) }), (v) => `${v > 0 ? '+' : ''}${share(v)}`);
  return grid(p, all, w, h, left, p.x.type === 'values');
}

/** For each value of the category the distribution of the number, each on its own scale; behind the others the real one in grey. */
function ridgePanel(p: PairPicture, part: Part, w: number, h: number, left: number): SVGSVGElement {
  const nx = size(p.x), ny = size(p.y), { options, marks } = axes(p, w, h, left);
  const within = (q: Part, y: number) => { const row = p[q]!.cells.slice(y * nx, (y + 1) * nx), sum = row.reduce((a, b) => a + b, 0); return { row: row.map((c) => (sum ? c / sum : 0)), sum }; };
  const rows = Array.from({ length: ny }, (_, y) => y);
  const most = rows.map((y) => Math.max(1e-12, ...partsOf(p).flatMap((q) => within(q, y).row)));
  const stair = (q: Part, y: number) => { const base = ny - 1 - y, { row } = within(q, y); return [[0, base] as [number, number], ...row.flatMap((v, i): Array<[number, number]> => [[i, base + (0.88 * v) / most[y]], [i + 1, base + (0.88 * v) / most[y]]]), [nx, base] as [number, number]]; };
  const point = { x: (d: [number, number]) => d[0], y: (d: [number, number]) => d[1] };
  const total = Math.max(1, p[part]!.rows - p[part]!.missing);
  const tips = rows.flatMap((y) => Array.from({ length: nx }, (_, i) => ({ x: i + 0.5, y: ny - 1 - y + 0.4, text: `${p.y.name}: ${clip(place(p.y, y), 30)}\n${p.x.name}: ${clip(place(p.x, i), 30)}\n${partsOf(p).map((q) => `${q.padEnd(10)}${share(within(q, y).row[i])}`).join('\n')}` })));
  return plot({ ...options, marks: [
    ...rows.map((y) => Plot.ruleY([ny - 1 - y], { stroke: colour.muted, strokeOpacity: 0.4 })),
    ...rows.map((y) => Plot.areaY(stair('real', y), { x: point.x, y1: ny - 1 - y, y2: point.y, fill: colour.real })),
    ...(part === 'real' ? [] : rows.map((y) => Plot.line(stair(part, y), { ...point, stroke: ink[part], strokeWidth: 1.6, ...(part === 'holdout' && { strokeDasharray: dashes }) }))),
    Plot.text(rows, { x: nx, y: (y: number) => ny - 1 - y + 0.78, text: (y: number) => share(within(part, y).sum / total), textAnchor: 'end', dx: -3, fill: colour.muted, stroke: colour.surface, strokeWidth: 2.5, fontSize: 10 }),
    ...marks,
    Plot.tip(tips, Plot.pointer({ x: 'x', y: 'y', title: 'text', ...tipStyle })),
  ] });
}

/** Where the tables differ most, in a sentence each. */
export const sayGaps = (p: PairPicture): string[] => gaps(p).filter((g) => Math.abs(g.synthetic - g.real) >= 0.002)
  .map((g) => `${g.synthetic < g.real ? 'Too rare' : 'Too frequent'}: ${p.x.name} ${clip(place(p.x, g.x), 40)} with ${p.y.name} ${clip(place(p.y, g.y), 40)}, ${share(g.synthetic)} of the synthetic rows, ${share(g.real)} of the real ones.`);

export function sayPair(p: PairPicture): string {
  const what = p.x.type === 'bins' ? (p.y.type === 'bins' ? 'two-dimensional histograms' : `the distribution of ${p.x.name} for each of ${size(p.y)} values of ${p.y.name}`) : 'shares of each combination of values';
  return `${p.x.name} and ${p.y.name} together: ${what}, ${partsOf(p).map((part) => titles[part].toLowerCase()).join(', ')} side by side. ${sayGaps(p).join(' ') || 'No cell differs by more than a five-hundredth of the rows.'}`;
}

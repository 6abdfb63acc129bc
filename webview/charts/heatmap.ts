/** One heat map of a square matrix: SVG cells for few columns, one canvas pixel a cell for many; labels where there is room. */
import { clip } from '../format';

const ns = 'http://www.w3.org/2000/svg';
/** Beyond this many columns the cells are painted on a canvas: 90,000 SVG rectangles would stop a browser. */
export const svgLimit = 40;

export interface HeatmapLayout { cell: number; left: number; top: number; bottom: number; side: number; width: number; height: number; every: number }

/** Room for labels and the size of a cell, for `n` columns in `width` pixels. Labels thin out until they can be read. */
export function layoutHeatmap(names: readonly string[], width: number, rowLabels: boolean): HeatmapLayout {
  const n = Math.max(1, names.length), longest = Math.max(...names.map((s) => Math.min(16, s.length)), 1);
  const labels = Math.ceil(longest * 5.6) + 8;
  const left = rowLabels ? labels : 2, top = 2;
  const cell = Math.min(34, (width - left - 2) / n);
  const side = cell * n, bottom = Math.ceil(labels * 0.78) + 6;
  return { cell, left, top, bottom, side, width: Math.ceil(left + side + 2), height: Math.ceil(top + side + bottom), every: cell >= 10 ? 1 : Math.ceil(15 / cell) };
}

export interface HeatmapOptions { names: readonly string[]; values: ReadonlyArray<number | null>; colourOf: (v: number) => string; layout: HeatmapLayout; rowLabels: boolean }

/** The drawing: an SVG with labels, and a canvas to put behind it when there are too many cells for SVG. */
export function drawHeatmap({ names, values, colourOf, layout, rowLabels }: HeatmapOptions, page: Document): { svg: SVGSVGElement; canvas?: HTMLCanvasElement } {
  const n = names.length, { cell, left, top, side } = layout;
  const svg = page.createElementNS(ns, 'svg');
  const make = (name: string, attributes: Record<string, string | number>, text?: string) => {
    const e = page.createElementNS(ns, name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, String(v));
    if (text !== undefined) e.textContent = text;
    return e;
  };
  for (const [k, v] of Object.entries({ width: layout.width, height: layout.height, viewBox: `0 0 ${layout.width} ${layout.height}`, class: 'u-plot', 'aria-hidden': 'true', 'font-size': 10, fill: 'currentColor' })) svg.setAttribute(k, String(v));
  let canvas: HTMLCanvasElement | undefined;
  if (n <= svgLimit) {
    const gap = cell > 12 ? 1 : 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      const v = values[i * n + j];
      if (v === null || v === undefined || Number.isNaN(v)) continue;
      svg.append(make('rect', { x: +(left + j * cell).toFixed(2), y: +(top + i * cell).toFixed(2), width: +(cell - gap).toFixed(2), height: +(cell - gap).toFixed(2), fill: colourOf(v) }));
    }
  } else {
    canvas = page.createElement('canvas');
    canvas.width = n; canvas.height = n;
    canvas.setAttribute('aria-hidden', 'true');
    Object.assign(canvas.dataset, { x: String(left), y: String(top), width: String(side), height: String(side) });
    paint(canvas, n, values, colourOf);
  }
  names.forEach((name, i) => {
    if (i % layout.every) return;
    const middle = (i + 0.5) * cell, shown = clip(name, 16);
    if (rowLabels) svg.append(make('text', { x: left - 5, y: +(top + middle).toFixed(1), 'text-anchor': 'end', dy: '0.32em' }, shown));
    const x = +(left + middle).toFixed(1), y = +(top + side + 6).toFixed(1);
    svg.append(make('text', { x, y, 'text-anchor': 'end', dy: '0.5em', transform: `rotate(-52 ${x} ${y})` }, shown));
  });
  return { svg, canvas };
}

function paint(canvas: HTMLCanvasElement, n: number, values: ReadonlyArray<number | null>, colourOf: (v: number) => string): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  // Colours repeat: 256 steps are more than an eye tells apart, and parsing 90,000 colour names is what would take time.
  const palette = new Map<number, string>();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
    const v = values[i * n + j];
    if (v === null || v === undefined || Number.isNaN(v)) continue;
    const key = Math.round(v * 512);
    let c = palette.get(key);
    if (c === undefined) palette.set(key, (c = colourOf(key / 512)));
    context.fillStyle = c;
    context.fillRect(j, i, 1, 1);
  }
}

/** Which cell a point of the drawing lies in. */
export function cellAt(layout: HeatmapLayout, n: number, x: number, y: number): { i: number; j: number } | undefined {
  const j = Math.floor((x - layout.left) / layout.cell), i = Math.floor((y - layout.top) / layout.cell);
  return i >= 0 && j >= 0 && i < n && j < n ? { i, j } : undefined;
}

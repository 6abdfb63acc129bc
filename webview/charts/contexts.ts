/** Contexts as small multiples: for each its share, real and made, and how far its made rows are from its real ones, beside what other real rows would be. */
import type { ContextFigures } from '../../server/protocol';
import { csv } from '../csv';
import { clip, count, number, share } from '../format';

export type ContextRow = ContextFigures['list'][number];
/** Those farthest from their real rows first; without a distance last. */
export const worstContexts = (c: ContextFigures): ContextRow[] => [...c.list].sort((a, b) => (b.distance ?? -1) - (a.distance ?? -1));

const cell = { width: 176, height: 74 }, across = (width: number): number => Math.max(1, Math.floor(width / cell.width));
export const contextsHeight = (c: ContextFigures, width: number): number => Math.ceil(c.list.length / across(width)) * cell.height;

function element(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const e = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, String(v));
  if (text !== undefined) e.textContent = text;
  return e;
}
/** One cell a context: its name, two bars for the shares, a third for the distance with a tick at the reference. All cells share their scales. */
export function drawContexts(c: ContextFigures, width: number): SVGSVGElement {
  const columns = across(width), w = width / columns, total = contextsHeight(c, width), svg = element('svg', { class: 'u-plot', width, height: total, viewBox: `0 0 ${width} ${total}`, 'aria-hidden': 'true', focusable: 'false' }) as SVGSVGElement;
  const most = Math.max(1e-9, ...c.list.flatMap((r) => [r.share, r.made])), farthest = Math.max(1e-9, ...c.list.flatMap((r) => [r.distance ?? 0, r.reference ?? 0])), bar = w - 70;
  worstContexts(c).forEach((r, i) => {
    const x = (i % columns) * w + 4, y = Math.floor(i / columns) * cell.height, line = (at: number, value: number, scale: number, fill: string, label: string): SVGElement[] => [
      element('rect', { x, y: y + at, width: Math.max(1, (bar * value) / scale), height: 9, fill }), element('text', { x: x + Math.max(1, (bar * value) / scale) + 4, y: y + at + 8, 'font-size': 10, fill: 'var(--u-muted)' }, label),
    ];
    const name = element('text', { x, y: y + 14, 'font-size': 11, fill: 'var(--u-text)' }, clip(r.label, Math.max(12, Math.floor(w / 6.4))));
    name.append(element('title', {}, `${r.label}: ${count(r.rows)} rows`));
    svg.append(name, ...line(20, r.share, most, 'var(--u-real)', share(r.share)), ...line(31, r.made, most, 'var(--u-syn)', share(r.made)));
    if (r.distance !== null) svg.append(...line(46, r.distance, farthest, 'var(--u-muted)', number(r.distance)));
    if (r.reference !== null && r.reference !== undefined) svg.append(element('path', { d: `M${x + (bar * r.reference) / farthest} ${y + 43}v15`, stroke: 'var(--u-hold)', 'stroke-width': 2, 'stroke-dasharray': '3 2' }));
  });
  return svg;
}
export function sayContexts(c: ContextFigures): string {
  const [worst] = worstContexts(c), far = c.list.filter((r) => r.distance !== null);
  return `${count(c.list.length)} contexts by ${c.by}.${worst && worst.distance !== null ? ` Farthest from its real rows: ${worst.label}, at ${number(worst.distance)}${worst.reference === null || worst.reference === undefined ? '' : ` (other real rows ${number(worst.reference)})`}.` : ''}${far.length ? ` Mean distance ${number(far.reduce((s, r) => s + r.distance!, 0) / far.length)}.` : ''}`;
}
export const contextsCsv = (c: ContextFigures): string => csv(['context', 'rows', 'share', 'made', 'distance', 'reference'], worstContexts(c).map((r) => [r.label, r.rows, r.share, r.made, r.distance ?? '', r.reference ?? '']));

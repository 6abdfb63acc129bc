import type { ColumnPicture, ColumnProfile, InlineHoverQuery } from '../protocol';
import { clip, count } from './words';

export type Theme = InlineHoverQuery['theme'];
type Histogram = Extract<ColumnPicture, { type: 'histogram' }>;
type Bars = Extract<ColumnPicture, { type: 'bars' }>;

/** The report's colours (webview/styles.ts): real as grey mass, synthetic as a blue outline. An image cannot see the editor's theme, so it is drawn for one. */
const palettes: Record<Theme, { real: string; line: string; synthetic: string; fill: string; text: string; muted: string }> = {
  light: { real: '#c8ced7', line: '#6d7785', synthetic: '#0a60d0', fill: 'rgba(10,96,208,.10)', text: '#18202b', muted: '#566171' },
  dark: { real: '#4c5664', line: '#93a0b1', synthetic: '#6bb1ff', fill: 'rgba(107,177,255,.14)', text: '#e5e9ef', muted: '#9ba6b5' },
  'hc-light': { real: '#9aa2ad', line: '#333', synthetic: '#003c9e', fill: 'none', text: '#000', muted: '#222' },
  'hc-dark': { real: '#7b8593', line: '#ccc', synthetic: '#8cc6ff', fill: 'none', text: '#fff', muted: '#e0e0e0' },
};

const width = 400, mostBars = 8, legendHeight = 22;

/** What a picture shows: one series (a real table's column) or two. Shares of all rows; `at` marks a cell's own value. */
export interface Drawing { picture: ColumnPicture; theme: Theme; single?: boolean; at?: string; /** Half as tall, where much else must be seen with it. */ low?: boolean }

/** The picture as an SVG document of about 400 by 150 pixels, or undefined where there is nothing to draw. */
export function draw({ picture, theme, single = false, at, low = false }: Drawing): string | undefined {
  if (picture.type === 'none') return undefined;
  const p = palettes[theme], out: string[] = [];
  const top = single ? 4 : legendHeight;
  if (!single) out.push(legend(p));
  const height = picture.type === 'histogram' ? histogram(out, picture, p, top, single, at, low ? 44 : 80) : bars(out, picture, p, top, single, at, low ? 4 : mostBars);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui,-apple-system,Segoe UI,Ubuntu,Cantarell,sans-serif" font-size="11">${out.join('')}</svg>`;
}

/** An image for Markdown; base64, so that nothing in it is read as Markdown. */
export const image = (svg: string, words: string): string => `![${words}](data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')})`;

type Palette = (typeof palettes)[Theme];
const n = (x: number) => String(Math.round(x * 100) / 100);
/** XML allows no control characters, however they are written. */
const xml = (text: string) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const text = (x: number, y: number, words: string, fill: string, anchor: 'start' | 'middle' | 'end' = 'start', more = '') => `<text x="${n(x)}" y="${n(y)}" fill="${fill}" text-anchor="${anchor}"${more}>${xml(words)}</text>`;
const rect = (x: number, y: number, w: number, h: number, more: string) => `<rect x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, w))}" height="${n(Math.max(0, h))}" ${more}/>`;
/** A share with two significant digits where it is small. */
const share = (s: number) => { const p = 100 * s; return `${p === 0 ? '0' : p >= 99.95 ? p.toFixed(0) : p >= 10 ? p.toFixed(1) : p >= 0.1 ? p.toPrecision(2) : '<0.1'}%`; };

const legend = (p: Palette) => [
  rect(2, 5, 14, 9, `fill="${p.real}"`), text(21, 13.5, 'real', p.muted),
  rect(60, 5.75, 13, 8, `fill="${p.fill}" stroke="${p.synthetic}" stroke-width="1.5"`), text(79, 13.5, 'synthetic', p.muted),
].join('');

function histogram(out: string[], h: Histogram, p: Palette, top: number, single: boolean, at: string | undefined, plot: number): number {
  const edges = widened(h.edges), real = heights(edges, h.real), synthetic = heights(edges, h.synthetic), most = Math.max(1e-12, ...real, ...(single ? [] : synthetic));
  const left = 2, right = width - 2, x = (v: number) => left + ((right - left) * (v - edges[0])) / (edges[edges.length - 1] - edges[0]), y = (v: number) => top + plot * (1 - v / most);
  real.forEach((v, i) => { if (v > 0) out.push(rect(x(edges[i]), y(v), x(edges[i + 1]) - x(edges[i]) + (single ? -0.75 : 0.25), top + plot - y(v), `fill="${single ? p.line : p.real}"`)); });
  if (!single) {
    const points = [`${n(x(edges[0]))},${n(y(0))}`, ...synthetic.flatMap((v, i) => [`${n(x(edges[i]))},${n(y(v))}`, `${n(x(edges[i + 1]))},${n(y(v))}`]), `${n(x(edges[edges.length - 1]))},${n(y(0))}`];
    out.push(`<polyline points="${points.join(' ')}" fill="none" stroke="${p.synthetic}" stroke-width="1.75" stroke-linejoin="round"/>`);
  }
  out.push(`<line x1="${left}" x2="${right}" y1="${top + plot}" y2="${top + plot}" stroke="${p.muted}"/>`);
  const own = at === undefined || at.trim() === '' ? Number.NaN : Number(at);
  if (own >= edges[0] && own <= edges[edges.length - 1]) {
    const own_x = x(own);
    out.push(`<line x1="${n(own_x)}" x2="${n(own_x)}" y1="${top}" y2="${top + plot}" stroke="${p.text}" stroke-dasharray="2 2"/><path d="M${n(own_x - 4)} ${top + plot + 6}h8l-4 -6z" fill="${p.text}"/>`);
  }
  const last = edges.length - 1, label = (i: number) => clip(h.edgeLabels?.[i] ?? short(edges[i]), 20);
  out.push(text(left, top + plot + 15, label(0), p.muted), text(right, top + plot + 15, label(last), p.muted, 'end'));
  const middle = Math.round(last / 2);
  if (middle > 0 && middle < last && label(middle) !== label(0) && label(middle) !== label(last)) out.push(text(x(edges[middle]), top + plot + 15, label(middle), p.muted, 'middle'));
  return missing(out, h.missing, p, top + plot + 22, single);
}

function bars(out: string[], b: Bars, p: Palette, top: number, single: boolean, at: string | undefined, atMost: number): number {
  const order = b.labels.map((_, i) => i), isRest = (i: number) => i === b.labels.length - 1 && /^[\d,]+ others$/.test(b.labels[i]);
  const shown = order.length <= atMost ? order : order.filter((i) => !isRest(i)).sort((i, j) => b.real[j] - b.real[i] || b.synthetic[j] - b.synthetic[i]).slice(0, atMost - 1);
  // The cell's own value is worth a bar though it be rare.
  const own = at === undefined ? -1 : b.labels.indexOf(at);
  if (own >= 0 && !shown.includes(own)) shown[shown.length - 1] = own;
  const rows = shown.map((i) => ({ label: b.labels[i], real: b.real[i], synthetic: b.synthetic[i], own: i === own, faint: isRest(i) }));
  const rest = order.filter((i) => !shown.includes(i));
  if (rest.length) {
    const others = rest.reduce((s, i) => s + (isRest(i) ? Number(b.labels[i].replace(/\D/g, '')) : 1), 0);
    rows.push({ label: `${count(others)} more`, real: rest.reduce((s, i) => s + b.real[i], 0), synthetic: rest.reduce((s, i) => s + b.synthetic[i], 0), own: false, faint: true });
  }
  const letters = Math.max(...rows.map((r) => Math.min(22, Array.from(r.label || '(empty)').length))), left = Math.min(150, 14 + letters * 6.2), right = width - (single ? 46 : 84);
  const most = Math.max(1e-12, ...rows.map((r) => Math.max(r.real, single ? 0 : r.synthetic))), scale = (s: number) => ((right - left) * s) / most, step = 17;
  rows.forEach((r, k) => {
    const y = top + k * step;
    out.push(text(left - 7, y + 11.5, clip(r.label, 22) || '(empty)', r.faint ? p.muted : p.text, 'end', r.own ? ' font-weight="700"' : ''));
    if (r.own) out.push(`<path d="M1 ${n(y + 3.5)}v8l6 -4z" fill="${p.text}"/>`);
    out.push(rect(left, y + 1.5, Math.max(0.75, scale(r.real)), 13, `fill="${single ? p.line : p.real}"`));
    if (!single) out.push(rect(left, y + 4.25, Math.max(0.75, scale(r.synthetic)), 7.5, `fill="${p.fill}" stroke="${p.synthetic}" stroke-width="1.5"`));
    out.push(text(width - 2, y + 11.5, single ? share(r.real) : `${share(r.real)} → ${share(r.synthetic)}`, p.muted, 'end', ' font-size="10"'));
  });
  out.push(`<line x1="${n(left)}" x2="${n(left)}" y1="${top}" y2="${top + rows.length * step}" stroke="${p.muted}"/>`);
  return missing(out, b.missing, p, top + rows.length * step + 4, single);
}

/** Missing cells in words and as a bar of all rows. @returns the picture's height */
function missing(out: string[], m: { real: number; synthetic: number }, p: Palette, y: number, single: boolean): number {
  if (Math.max(m.real, single ? 0 : m.synthetic) === 0) return y;
  const left = 62, right = width - (single ? 46 : 84), scale = (s: number) => (right - left) * s;
  out.push(text(2, y + 13, 'Missing', p.text), rect(left, y + 3, right - left, 12, `fill="none" stroke="${p.muted}" stroke-opacity=".45"`), rect(left, y + 3, scale(m.real), 12, `fill="${single ? p.line : p.real}"`));
  if (!single) out.push(rect(left, y + 6, scale(m.synthetic), 6, `fill="${p.fill}" stroke="${p.synthetic}" stroke-width="1.5"`));
  out.push(text(width - 2, y + 13, single ? share(m.real) : `${share(m.real)} → ${share(m.synthetic)}`, p.muted, 'end', ' font-size="10"'));
  return y + 19;
}

/** Shares as heights: as they are over equal bins, per unit of width otherwise, so that area stays the share. */
function heights(edges: readonly number[], shares: readonly number[]): number[] {
  const widths = shares.map((_, i) => edges[i + 1] - edges[i]), widest = Math.max(...widths), narrowest = Math.min(...widths);
  return !(narrowest > 0) || widest / narrowest < 1.02 ? [...shares] : shares.map((s, i) => (s * narrowest) / widths[i]);
}

/** A histogram of a single value has no width; give it one so that it can be seen. */
function widened(edges: readonly number[]): readonly number[] {
  const first = edges[0], last = edges[edges.length - 1];
  if (last > first) return edges;
  const pad = Math.abs(first) * 0.01 || 0.5;
  return edges.map((_, i) => first - pad + (2 * pad * i) / Math.max(1, edges.length - 1));
}

const short = (x: number) => (Math.abs(x) >= 1e6 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(2) : String(Number(x.toPrecision(4))));

/** The picture of a real table's column, from its profile; the ends are labelled in the file's own format. */
export function pictureOf(c: ColumnProfile): ColumnPicture {
  const missing = { real: c.rows ? c.missing / c.rows : 0, synthetic: 0 }, rows = c.rows || 1;
  if (c.histogram && c.histogram.counts.length > 1) {
    const { edges, counts } = c.histogram, last = edges.length - 1;
    const temporal = c.kind === 'date' || c.kind === 'time' || c.kind === 'datetime';
    // Days and milliseconds mean nothing to a reader: temporal columns are labelled at their ends only.
    const labels = edges.map((e, i) => (i === 0 && c.min !== undefined ? c.min : i === last && c.max !== undefined ? c.max : temporal ? c.min ?? '' : short(e)));
    return { type: 'histogram', edges, edgeLabels: labels, real: counts.map((k) => k / rows), synthetic: counts.map(() => 0), missing };
  }
  if (c.top?.length) {
    const others = c.distinct - c.top.length, left = c.rows - c.missing - c.top.reduce((s, t) => s + t.count, 0), rest = others > 0 && left > 0;
    return { type: 'bars', labels: [...c.top.map((t) => t.value), ...(rest ? [`${count(others)} others`] : [])], real: [...c.top.map((t) => t.count / rows), ...(rest ? [left / rows] : [])], synthetic: c.top.map(() => 0).concat(rest ? [0] : []), missing };
  }
  return { type: 'none', why: '' };
}

/** What every picture shares: the series' colours and strokes, and how Plot's output is made fit for a strict page. */
import * as Plot from '@observablehq/plot';

/** CSS variables (see styles.ts), so that SVG follows the theme and print without redrawing. */
export const colour = {
  real: 'var(--u-real)', realLine: 'var(--u-real-line)', synthetic: 'var(--u-syn)', syntheticFill: 'var(--u-syn-fill)', holdout: 'var(--u-hold)',
  text: 'var(--u-text)', muted: 'var(--u-muted)', grid: 'var(--u-grid)', surface: 'var(--u-surface)',
  good: 'var(--u-band-good)', fair: 'var(--u-band-fair)', poor: 'var(--u-band-poor)',
};
/** The control is told from the synthetic line by its dashes too, never by colour alone. */
export const dashes = '4 2.5';

export type Draw<T> = (data: T, width: number, choices: PictureChoices) => SVGSVGElement;
export interface PictureChoices { log?: boolean }

/**
 * Plot, without the `<style>` element it puts into each SVG: our own sheet carries those rules, and a strict
 * content security policy would refuse it. The picture's words are on its frame, so the drawing itself is hidden from readers.
 */
export function plot(options: Plot.PlotOptions): SVGSVGElement {
  const svg = Plot.plot({ ...options, figure: false } as Plot.PlotOptions) as unknown as SVGSVGElement;
  svg.querySelectorAll('style').forEach((s) => s.remove());
  svg.setAttribute('class', 'u-plot');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  return svg;
}

/** The outline of a histogram as points of one line: up at the first edge, down at the last. */
export function outline(edges: readonly number[], heights: readonly number[]): Array<[number, number]> {
  const points: Array<[number, number]> = [[edges[0], 0]];
  heights.forEach((h, i) => points.push([edges[i], h], [edges[i + 1], h]));
  points.push([edges[heights.length], 0]);
  return points;
}

/** Shares as heights: as they are over equal bins, per unit of width otherwise, so that area stays the share. */
export function heights(edges: readonly number[], shares: readonly number[]): number[] {
  const widths = shares.map((_, i) => edges[i + 1] - edges[i]);
  const widest = Math.max(...widths), narrowest = Math.min(...widths);
  if (!(narrowest > 0) || widest / narrowest < 1.02) return [...shares];
  return shares.map((s, i) => (s * widest) / widths[i]);
}

/** Tip options that follow the theme; the text is made by us, one line per series. */
export const tipStyle = { fill: 'var(--u-tip)', stroke: 'var(--u-border-strong)', fontSize: 11, lineHeight: 1.25, lineWidth: 26, textPadding: 7, pointerSize: 6, pathFilter: 'none' } as const;

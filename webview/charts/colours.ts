/** Colours of the heat maps: diverging for dependence, sequential for what is lost. Safe for the colour-blind, and dark on dark pages. */
import { interpolateInferno, interpolateOrRd, interpolateRdBu } from 'd3-scale-chromatic';
import type { Theme } from '../theme';

type Rgb = [number, number, number];
const mix = (a: Rgb, b: Rgb, t: number) => `rgb(${a.map((x, i) => Math.round(x + (b[i] - x) * t)).join(', ')})`;
const dark = (theme: Theme) => theme === 'dark' || theme === 'hc-dark';

/** Dependence in [-1, 1]: red below zero, blue above. The middle is the page's own: nothing to see where nothing depends. */
export function dependenceColour(v: number, theme: Theme): string {
  const t = Math.max(-1, Math.min(1, v));
  if (!dark(theme)) return interpolateRdBu(0.5 + t * 0.46);
  const middle: Rgb = [34, 40, 49], end: Rgb = t < 0 ? [255, 138, 110] : [108, 182, 255];
  return mix(middle, end, Math.abs(t) ** 0.8);
}

/** Score in [worst, 1]: a perfect cell fades into the page, the worst stands out. */
export function lossColour(score: number, worst: number, theme: Theme): string {
  const t = Math.max(0, Math.min(1, (1 - score) / Math.max(1e-9, 1 - worst)));
  return dark(theme) ? interpolateInferno(0.12 + 0.76 * t) : interpolateOrRd(0.02 + 0.9 * t);
}

/** The lower end of the score's scale: the worst cell, but never so near 1 that noise looks alarming. */
export const worstScore = (scores: ReadonlyArray<number | null>) => scores.reduce<number>((w, s) => (s === null || Number.isNaN(s) ? w : Math.min(w, s)), 0.8);

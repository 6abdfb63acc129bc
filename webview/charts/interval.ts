/** One figure as a strip: its value with the 95% interval, the real holdout's own value as a tick, the thresholds as bands. */
import * as Plot from '@observablehq/plot';
import type { Figure, MetricInfo } from '../../server/protocol';
import { unitFormat } from '../format';
import { colour, plot } from './base';

export interface IntervalData { figure: Figure; info?: MetricInfo }
export interface Band { from: number; to: number; verdict: 'good' | 'fair' | 'poor' }

/**
 * The axis that shows the value, its interval, the reference and the thresholds with some room, inside the metric's range.
 * Zoomed on purpose: .985 and .995 differ greatly for a shape score and would look alike on [0, 1].
 */
export function figureDomain({ figure, info }: IntervalData): [number, number] {
  const seen = [figure.value, figure.interval?.low, figure.interval?.high, figure.reference?.value, ...(figure.reference?.interval ?? []),
    ...edgesOf(figure, info), info?.better === 'target' ? info.target : undefined].filter((x): x is number => typeof x === 'number' && Number.isFinite(x));
  let low = Math.min(...seen), high = Math.max(...seen);
  const [floor, ceiling] = info?.range ?? [-Infinity, Infinity];
  const room = (high - low || Math.abs(high) * 0.1 || 0.01) * 0.12;
  low = Math.max(floor, low - room); high = Math.min(ceiling, high + room);
  // The ideal end belongs on the axis when it is near: a reader sees at once how much is left.
  if (info?.better === 'higher' && ceiling - high < (high - low)) high = ceiling;
  if (info?.better === 'lower' && low - floor < (high - low)) low = floor;
  return low < high ? [low, high] : [low - 0.01, high + 0.01];
}

/** Where bands meet. For `target` metrics thresholds may be values (.53 for a target of .5) or distances (.03); the wider must be `fair`. */
function edgesOf(figure: Figure, info: MetricInfo | undefined): number[] {
  if (!info?.threshold || judgedElsewhere(figure, info) || judgedOtherwise(figure, info)) return [];
  const { good, fair } = info.threshold;
  if (info.better !== 'target') return [good, fair];
  const [g, f] = targetDistances(info);
  const t = info.target ?? 0;
  return [t - f, t - g, t + g, t + f].filter((x) => x >= info.range[0] && x <= info.range[1]);
}
function targetDistances(info: MetricInfo): [number, number] {
  const { good, fair } = info.threshold!, t = info.target ?? 0;
  const asValues: [number, number] = [Math.abs(good - t), Math.abs(fair - t)];
  return asValues[0] <= asValues[1] ? asValues : [Math.abs(good), Math.abs(fair)];
}

/** Whether the thresholds are about a detail (an excess over the control), so that bands on the value would mislead. */
export const judgedElsewhere = (figure: Figure, info: MetricInfo) => (info.threshold?.on ?? (figure.detail && 'excess' in figure.detail ? 'excess' : 'value')) !== 'value';

/** Where chance, or what real rows score themselves, decided otherwise than the thresholds alone would: bands would say that the verdict is wrong. */
export function judgedOtherwise(figure: Figure, info: MetricInfo): boolean {
  const { value, verdict } = figure;
  if (value === null || !(verdict === 'good' || verdict === 'fair' || verdict === 'poor')) return false;
  return !allBands(info, [-Infinity, Infinity]).some((b) => b.verdict === verdict && value >= b.from - 1e-9 && value <= b.to + 1e-9);
}

/** Bands to see the verdict by; none where it rests on something else than where the value lies. */
export const bands = (figure: Figure, info: MetricInfo | undefined, domain: [number, number]): Band[] => (!info?.threshold || judgedElsewhere(figure, info) || judgedOtherwise(figure, info) ? [] : allBands(info, domain));

function allBands(info: MetricInfo, [low, high]: [number, number]): Band[] {
  if (!info.threshold) return [];
  const { good, fair } = info.threshold;
  const all: Band[] = [];
  if (info.better === 'higher') all.push({ from: low, to: fair, verdict: 'poor' }, { from: fair, to: good, verdict: 'fair' }, { from: good, to: high, verdict: 'good' });
  else if (info.better === 'lower') all.push({ from: low, to: good, verdict: 'good' }, { from: good, to: fair, verdict: 'fair' }, { from: fair, to: high, verdict: 'poor' });
  else {
    const [g, f] = targetDistances(info), t = info.target ?? 0;
    all.push({ from: low, to: t - f, verdict: 'poor' }, { from: t - f, to: t - g, verdict: 'fair' }, { from: t - g, to: t + g, verdict: 'good' },
      { from: t + g, to: t + f, verdict: 'fair' }, { from: t + f, to: high, verdict: 'poor' });
  }
  return all.map((b) => ({ ...b, from: Math.max(low, b.from), to: Math.min(high, b.to) })).filter((b) => b.to > b.from);
}

export function drawInterval(data: IntervalData, width: number): SVGSVGElement {
  const { figure, info } = data;
  const domain = figureDomain(data), format = unitFormat(info);
  const value = figure.value!, { interval, reference } = figure;
  return plot({
    width, height: 48, marginLeft: 16, marginRight: 16, marginTop: 4, marginBottom: 18,
    x: { domain, axis: null, clamp: true }, y: { domain: [0, 1], axis: null },
    marks: [
      Plot.ruleY([0.5], { stroke: colour.grid, strokeOpacity: 1 }),
      Plot.rect(bands(figure, info, domain), { x1: 'from', x2: 'to', y1: 0, y2: 1, fill: (b: Band) => colour[b.verdict], insetLeft: 0.5, insetRight: 0.5 }),

      Plot.axisX({ anchor: 'bottom', ticks: Math.max(2, Math.min(5, Math.floor(width / 80))), tickFormat: tickFormat(format, domain), tickSize: 3, fill: colour.muted, stroke: colour.muted, fontSize: 10 }),
      ...(reference ? [
        ...(reference.interval ? [Plot.ruleY([0.16], { x1: reference.interval[0], x2: reference.interval[1], stroke: colour.holdout, strokeWidth: 2 })] : []),
        Plot.ruleX([reference.value], { stroke: colour.holdout, strokeWidth: 2, strokeDasharray: '3 2', y1: 0, y2: 1 }),
      ] : []),
      ...(!reference && info?.better === 'target' ? [Plot.ruleX([info.target ?? 0], { stroke: colour.muted, strokeWidth: 1.25, y1: 0, y2: 1 })] : []),
      ...(interval ? [
        Plot.ruleY([0.5], { x1: interval.low, x2: interval.high, stroke: colour.synthetic, strokeWidth: 2.5 }),
        Plot.ruleX([interval.low, interval.high], { stroke: colour.synthetic, strokeWidth: 1.5, y1: 0.32, y2: 0.68 }),
      ] : []),
      Plot.dot([value], { x: (d: number) => d, y: 0.5, r: 5, fill: colour.synthetic, stroke: colour.surface, strokeWidth: 1.5 }),
    ],
    color: { type: 'identity' },
  });
}

/** Axis labels short enough to stand side by side, yet different from each other. */
function tickFormat(format: (x: number) => string, [low, high]: [number, number]): (x: number) => string {
  const step = (high - low) / 5;
  return (x) => {
    if (x === 0) return '0';
    if (format(0.5).endsWith('%')) return `${+(x * 100).toFixed(Math.max(0, Math.min(6, Math.ceil(-Math.log10(step * 100)))))}%`;
    return step < 1 && Math.abs(x) <= 1000 ? String(+x.toFixed(Math.min(6, Math.ceil(-Math.log10(step)) + 1))).replace('-', '\u2212') : format(x);
  };
}

/** The strip in words. */
export function sayInterval({ figure, info }: IntervalData): string {
  const f = unitFormat(info);
  const name = info?.name ?? figure.metric;
  if (figure.value === null) return `${name}: not assessable.`;
  return `${name}: ${f(figure.value)}${figure.interval ? `, ${Math.round(figure.interval.level * 100)}% interval ${f(figure.interval.low)} to ${f(figure.interval.high)}` : ''}`
    + `${figure.reference ? `; ${figure.reference.label} ${f(figure.reference.value)}` : ''}. Verdict ${figure.verdict.replace('-', ' ')}.`;
}

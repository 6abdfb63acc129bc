/** The training loss and the validation loss, and where fitting stopped. */
import * as Plot from '@observablehq/plot';
import type { ReportData } from '../../server/protocol';
import { count, number } from '../format';
import { colour, plot, tipStyle } from './base';

export type Training = NonNullable<ReportData['training']>;

/** The first steps lie far above the rest and would flatten the part that matters: the axis begins where a twelfth of the steps are done. */
export function lossDomain(t: Training): [number, number] {
  const finite = (xs: number[]) => xs.filter(Number.isFinite);
  const loss = finite(t.loss), validation = finite(t.validation);
  const low = Math.min(...loss, ...validation);
  // With few points every one of them matters.
  const late = (steps: number[], ys: number[]) => ys.filter((y, i) => Number.isFinite(y) && (ys.length < 10 || steps[i] >= 0.08 * Math.max(...steps)));
  const high = Math.max(...late(t.steps, t.loss), ...late(t.validationSteps, t.validation));
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low - room, high + room];
}

export function drawTraining(t: Training, width: number): SVGSVGElement {
  const domain = lossDomain(t);
  const loss = t.steps.map((step, i) => ({ step, y: t.loss[i] })).filter((p) => Number.isFinite(p.y));
  const validation = t.validationSteps.map((step, i) => ({ step, y: t.validation[i], text: `step ${count(step)}\nvalidation ${number(t.validation[i])}` })).filter((p) => Number.isFinite(p.y));
  const last = Math.max(1, ...t.steps, ...t.validationSteps), first = Math.min(0, ...t.steps);
  const stopped = t.stoppedAt, late = stopped !== undefined && stopped > last * 0.6;
  return plot({
    width, height: 240, marginLeft: 46, marginRight: 16, marginTop: 22, marginBottom: 36,
    x: { domain: [first, last], axis: null }, y: { domain, axis: null },
    marks: [
      Plot.gridY({ ticks: 5, stroke: colour.grid, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 5, tickFormat: (x: number) => number(x), tickSize: 0, fill: colour.muted, label: 'loss', fontSize: 10.5 }),
      Plot.axisX({ ticks: Math.max(3, Math.floor(width / 110)), tickFormat: (x: number) => count(x), fill: colour.muted, stroke: colour.muted, label: 'step', fontSize: 10.5 }),
      Plot.line(loss, { x: 'step', y: 'y', stroke: colour.realLine, strokeWidth: 1.25, clip: true }),
      Plot.line(validation, { x: 'step', y: 'y', stroke: colour.synthetic, strokeWidth: 2, clip: true }),
      ...(validation.length <= 60 ? [Plot.dot(validation, { x: 'step', y: 'y', r: 2.5, fill: colour.synthetic, clip: true })] : []),
      ...(stopped === undefined ? [] : [
        Plot.ruleX([stopped], { stroke: colour.holdout, strokeWidth: 1.75, strokeDasharray: '4 2.5' }),
        Plot.text([stopped], { x: (d: number) => d, frameAnchor: 'top', dy: -13, textAnchor: late ? 'end' : 'start', text: (d: number) => `stopped at step ${count(d)}`, fill: colour.holdout, fontSize: 11 }),
      ]),
      Plot.tip(validation, Plot.pointerX({ x: 'step', y: 'y', title: 'text', ...tipStyle })),
    ],
  });
}

export function sayTraining(t: Training): string {
  const best = t.validation.length ? Math.min(...t.validation) : undefined;
  const at = best === undefined ? undefined : t.validationSteps[t.validation.indexOf(best)];
  return `Training loss from ${number(t.loss[0])} to ${number(t.loss[t.loss.length - 1])} over ${count(Math.max(0, ...t.steps))} steps.`
    + `${best === undefined ? ' There was no validation loss.' : ` Lowest validation loss ${number(best)} at step ${count(at!)}.`}${t.stoppedAt === undefined ? '' : ` Stopped at step ${count(t.stoppedAt)}.`}`;
}

/** Nearest-record distances of the synthetic rows and of the control rows to the training rows, over each other. */
import * as Plot from '@observablehq/plot';
import type { DistanceReport } from '../../server/protocol';
import { number, share } from '../format';
import { colour, dashes, heights, outline, plot, tipStyle, type PictureChoices } from './base';

/** A log scale says something when the distances span decades: the report then has bins by powers, where forty equal ones span no more than forty. */
export function logIsApt(d: DistanceReport): boolean {
  const positive = d.edges.filter((e) => e > 0);
  return positive.length > 2 && positive[positive.length - 1] / positive[0] > 45;
}

export function drawDistances(d: DistanceReport, width: number, { log }: PictureChoices = {}): SVGSVGElement {
  const firstPositive = d.edges.find((e) => e > 0) ?? 1;
  // Zero has no logarithm: the first bin then begins a little below its upper edge, and is labelled with its true bounds in the tip.
  const edges = log ? d.edges.map((e) => (e > 0 ? e : firstPositive / 2)) : d.edges;
  // On a log axis bars show shares as they are: "per unit of distance" would hide the small distances the reader is looking for.
  const asHeights = (s: number[]) => (log ? s : heights(edges, s));
  const synthetic = asHeights(d.syntheticToTraining), control = d.controlToTraining && asHeights(d.controlToTraining);
  const bins = synthetic.map((h, i) => ({
    mid: log ? Math.sqrt(edges[i] * edges[i + 1]) : (edges[i] + edges[i + 1]) / 2, top: Math.max(h, control?.[i] ?? 0),
    text: `${number(d.edges[i])} to ${number(d.edges[i + 1])}\nsynthetic ${share(d.syntheticToTraining[i])}${d.controlToTraining ? `\ncontrol   ${share(d.controlToTraining[i])}` : ''}`,
  }));
  return plot({
    width, height: 240, marginLeft: 8, marginRight: 12, marginTop: 12, marginBottom: 36,
    x: { type: log ? 'log' : 'linear', domain: [edges[0], edges[edges.length - 1]], axis: null },
    y: { domain: [0, Math.max(1e-12, ...bins.map((b) => b.top)) * 1.05], axis: null },
    marks: [
      Plot.axisX({ ticks: Math.max(3, Math.floor(width / 90)), tickFormat: (x: number) => number(x), fill: colour.muted, stroke: colour.muted, label: 'distance to the nearest training row \u2192', fontSize: 10.5, labelAnchor: 'center' }),
      Plot.areaY(outline(edges, synthetic), { x: (p: [number, number]) => p[0], y1: 0, y2: (p: [number, number]) => p[1], fill: colour.syntheticFill }),
      ...(control ? [Plot.line(outline(edges, control), { stroke: colour.holdout, strokeWidth: 1.75, strokeDasharray: dashes })] : []),
      Plot.line(outline(edges, synthetic), { stroke: colour.synthetic, strokeWidth: 2 }),
      Plot.ruleY([0], { stroke: colour.muted }),
      Plot.ruleX(bins, Plot.pointerX({ x: 'mid', stroke: colour.text, strokeOpacity: 0.5 })),
      Plot.tip(bins, Plot.pointerX({ x: 'mid', y: 'top', title: 'text', ...tipStyle })),
    ],
  });
}

export function sayDistances(d: DistanceReport): string {
  const at = (q: number) => d.quantiles.find((x) => Math.abs(x.q - q) < 1e-9);
  const say = (q: number, name: string) => { const x = at(q); return x ? `${name} ${number(x.synthetic)}${x.control === undefined ? '' : ` against the control's ${number(x.control)}`}. ` : ''; };
  return `Distances from each synthetic row${d.controlToTraining ? ', and from each control row,' : ''} to its nearest training row. ${say(0.5, 'Median')}${say(0.05, 'Nearest 5%')}${d.controlToTraining ? '' : 'There is no control to compare with.'}`;
}

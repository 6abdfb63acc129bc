import { logKernelSums, type Points } from '../../../learners/neighbours';
import { squaredDistance } from '../../../learners/neighbours';
import type { Device } from '../../../engine';
import type { Encoded } from '../encode';

/**
 * What an attacker reads off a synthetic table about one target. `local`: how dense the table is at the target, and how near its nearest row comes; larger is more like a
 * member. `marginal`: means and spreads of the columns, as in Stadler et al. 2022 ("naive" features), for a classifier.
 */
export interface Seen { density: Float64Array; nearness: Float64Array; marginal: Float64Array }

/**
 * @param made synthetic rows as points in one encoding for all tables
 * @param targets the targets' points; `scale` brings points to unit kernel width
 */
export async function seen(made: Points, targets: Points, scale: (p: Points) => Points, device: Device): Promise<Seen> {
  const density = await logKernelSums(scale(targets), scale(made), { device }), nearness = new Float64Array(targets.rows), { width } = made, marginal = new Float64Array(2 * width);
  for (let t = 0; t < targets.rows; t++) {
    let best = Infinity;
    for (let r = 0; r < made.rows; r++) best = Math.min(best, squaredDistance(targets.values, t * width, made.values, r * width, width));
    nearness[t] = -Math.sqrt(best);
  }
  for (let k = 0; k < width; k++) {
    let m = 0, s = 0;
    for (let r = 0; r < made.rows; r++) { const v = made.values[r * width + k], d = v - m; m += d / (r + 1); s += d * (v - m); }
    marginal[k] = m; marginal[width + k] = Math.sqrt(s / Math.max(1, made.rows - 1));
  }
  return { density: density.map(d => d - Math.log(made.rows)), nearness, marginal };
}

/** Points of unit kernel width, by the encoding's spans: a twentieth of the ranks for numbers, a tenth of the weight for another category. */
export const unitKernel = (e: Encoded) => (p: Points): Points => {
  const values = p.values.slice();
  for (const { at, size, type } of e.spans) for (let i = 0; i < values.length; i += e.width) for (let k = at; k < at + size; k++) values[i + k] *= type === 'number' ? 20 : Math.sqrt(-2 * Math.log(0.1));
  return { ...p, values };
};

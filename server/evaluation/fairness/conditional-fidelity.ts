import type { Metric } from '../metric';
import { KeyStream } from '../../engine/random';
import { notAssessable } from '../privacy/leak';
import { sampleRows } from '../features';
import * as thresholds from '../thresholds';
import { viewOf, type ColumnView } from '../view';
import { normalQuantile } from '../../learners/distributions';
import { fewestInGroup, groupingsOf, rowsByGroup } from './groups';

const id = 'fairness.conditional-fidelity', mostEach = 2000, resplits = 40;

/**
 * Fidelity by group: mean column shape (one minus Kolmogorov-Smirnov or total variation) of a group's synthetic rows against its training rows, below what chance gives groups of these
 * sizes. Chance: the group's rows of both tables together, divided anew 40 times into as many and as many (a permutation null). The figure is the worst group's shortfall; beside it that of all
 * rows together. Undecided where it lies within the null's simultaneous 95% limit.
 */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), groupings = await groupingsOf(context);
    if (groupings.length === 0) return notAssessable(id, 'None of the sensitive columns is compared.');
    const groups = groupings.flatMap(g => {
      const synthetic = rowsByGroup(g, 'synthetic'), training = rowsByGroup(g, 'training'), own = new Set(g.name.split(' and '));
      return g.names.flatMap((name, k) => (synthetic[k].length >= fewestInGroup && training[k].length >= fewestInGroup ? [{ name: `${g.name} ${name}`, columns: view.columns.filter(c => !own.has(c.name)), synthetic: synthetic[k], training: training[k] }] : []));
    });
    if (groups.length === 0) return notAssessable(id, `No group has ${fewestInGroup} rows in both tables.`, {}, 'undecided');
    const all = (n: number) => Array.from({ length: n }, (_, i) => i), whole = shortfall(view.columns, all(view.rows.training), all(view.rows.synthetic), context.seed, 'all');
    const found: Array<{ name: string; value: number; spread: number; rows: [number, number] }> = [];
    for (const [k, g] of groups.entries()) {
      await context.progress(k / groups.length, 'fidelity by group');
      found.push({ name: g.name, ...shortfall(g.columns, g.training, g.synthetic, context.seed, g.name), rows: [g.training.length, g.synthetic.length] });
    }
    const scored = found.filter(f => !Number.isNaN(f.value)).sort((a, b) => b.value - a.value), [worst] = scored;
    if (!worst) return notAssessable(id, 'No column has values in both tables.');
    const { good, fair } = thresholds.conditional, chance = normalQuantile(1 - 0.05 / scored.length) * worst.spread;
    const verdict = worst.value <= good ? 'good' as const : worst.value <= chance ? 'undecided' as const : worst.value <= fair ? 'fair' as const : 'poor' as const;
    return {
      metric: id, value: worst.value, reference: { label: 'all rows together', value: whole.value }, samples: { synthetic: Math.min(mostEach, worst.rows[1]), training: Math.min(mostEach, worst.rows[0]), groups: scored.length }, verdict,
      detail: { group: worst.name, chanceLimit: chance, groupTraining: worst.rows[0], groupSynthetic: worst.rows[1] }, columns: Object.fromEntries(scored.slice(0, 100).map(f => [f.name, f.value])),
    };
  },
};

/** Mean shape under chance less mean shape, and the spread of the mean shape under chance. */
function shortfall(columns: readonly ColumnView[], training: readonly number[], synthetic: readonly number[], seed: number, name: string): { value: number; spread: number } {
  const take = (rows: readonly number[], part: string) => Array.from(sampleRows(rows.length, mostEach, seed, `${name} ${part}`), i => rows[i]);
  const a = take(training, 'training'), b = take(synthetic, 'synthetic'), n = a.length + b.length, prepared = columns.map(c => prepare(c, a, b));
  const stream = new KeyStream(seed, `conditional ${name}`), flags = new Uint8Array(n), means: number[] = [];
  for (let r = -1; r < resplits; r++) {
    if (r < 0) flags.fill(1, a.length); else { flags.fill(0); stream.permutation(r, n).subarray(0, b.length).forEach(i => { flags[i] = 1; }); }
    const scores = prepared.map(distance => 1 - distance(flags)).filter(s => !Number.isNaN(s));
    means.push(scores.reduce((s, v) => s + v, 0) / scores.length);
  }
  const [seen, ...null_] = means, m = null_.reduce((s, v) => s + v, 0) / resplits;
  return { value: m - seen, spread: Math.sqrt(null_.reduce((s, v) => s + (v - m) ** 2, 0) / (resplits - 1)) };
}

/** The distance of a column's two samples by which rows (first those of a, then of b) are flagged; missing cells left out. */
function prepare(c: ColumnView, a: readonly number[], b: readonly number[]): (flags: Uint8Array) => number {
  if (c.type === 'code') {
    const t = c.values('training'), s = c.values('synthetic'), codes = Int32Array.from([...a.map(i => t[i]), ...b.map(i => s[i])]), counts = [new Float64Array(c.categories.length), new Float64Array(c.categories.length)];
    return flags => {
      const total = [0, 0];
      counts[0].fill(0); counts[1].fill(0);
      codes.forEach((k, i) => { if (k >= 0) { counts[flags[i]][k]++; total[flags[i]]++; } });
      let d = 0;
      for (let k = 0; k < counts[0].length; k++) d += Math.abs(counts[0][k] / total[0] - counts[1][k] / total[1]) / 2;
      return d;
    };
  }
  const t = c.values('training'), s = c.values('synthetic'), values = Float64Array.from([...a.map(i => t[i]), ...b.map(i => s[i])]);
  const order = Array.from(values.keys()).filter(i => values[i] === values[i]).sort((x, y) => values[x] - values[y]);
  return flags => {
    let m = 0, best = 0, u = 0, v = 0;
    for (const i of order) m += flags[i];
    const n = order.length - m;
    if (m === 0 || n === 0) return Number.NaN;
    order.forEach((i, k) => {
      if (flags[i]) v++; else u++;
      if (k + 1 === order.length || values[order[k + 1]] !== values[i]) best = Math.max(best, Math.abs(u / n - v / m));
    });
    return best;
  };
}

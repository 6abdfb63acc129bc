import { ksStatistic } from '../evaluation/fidelity/shape-scores';
import { quantile, rank } from '../evaluation/statistics';
import type { CodeView, ColumnView, NumberView, Part } from '../evaluation/view';
import { percent } from './words';
import { writerOf } from './pictures';

/** One thing that falls short in a column, and how much of the table it touches. */
interface Finding { weight: number; text: string }
const most = 4, quoted = (s: string) => `"${s.length > 40 ? s.slice(0, 39) + '…' : s}"`;

/**
 * What falls short in a column, in plain words, worst first; at most four. Only differences larger than chance explains are named: more than three standard errors of the
 * shares' difference, and at least half a percent of the rows.
 */
export function findings(column: ColumnView): string[] {
  const found = [...missingCells(column), ...(column.type === 'number' ? numbers(column) : categories(column))];
  return found.sort((a, b) => b.weight - a.weight).slice(0, most).map(f => f.text);
}

/** Whether shares p of n and q of m rows differ by more than chance and by something worth a sentence. */
function differs(p: number, n: number, q: number, m: number): boolean {
  const pooled = (p * n + q * m) / (n + m);
  return Math.abs(p - q) >= 0.005 && Math.abs(p - q) > 3 * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
}

const presentShare = (c: ColumnView, part: Part) => {
  const n = c.values(part).length;
  return n === 0 ? 0 : c.type === 'number' ? c.sorted(part).length / n : c.counts(part).reduce((s, k) => s + k, 0) / n;
};

function missingCells(c: ColumnView): Finding[] {
  const p = 1 - presentShare(c, 'training'), q = 1 - presentShare(c, 'synthetic');
  if (!differs(p, c.values('training').length, q, c.values('synthetic').length)) return [];
  return [{ weight: Math.abs(p - q), text: `Missing in ${percent(q)} of the synthetic rows, in ${percent(p)} of the real ones.` }];
}

function categories(c: CodeView): Finding[] {
  const a = c.counts('training'), b = c.counts('synthetic'), n = c.values('training').length, m = c.values('synthetic').length, out: Finding[] = [];
  const lost: number[] = [], invented: number[] = [];
  for (let k = 0; k < a.length; k++) {
    const p = a[k] / n, q = b[k] / m;
    // at its real share it would be absent from a fresh table once in a thousand times or less
    if (b[k] === 0 && a[k] > 0 && p * m > 7) lost.push(k);
    else if (a[k] === 0 && b[k] >= 3) invented.push(k);
    else if (differs(p, n, q, m)) out.push({ weight: Math.abs(p - q), text: `${quoted(c.categories[k])} is ${q > p ? 'too frequent' : 'too rare'}: ${percent(q)} of the synthetic rows, ${percent(p)} of the real ones.` });
  }
  const list = (ks: number[], counts: Float64Array) => {
    ks.sort((x, y) => counts[y] - counts[x]);
    return ks.slice(0, 3).map(k => quoted(c.categories[k])).join(', ') + (ks.length > 3 ? ` and ${ks.length - 3} more` : '');
  };
  if (lost.length) out.push({ weight: 0.01 + lost.reduce((s, k) => s + a[k] / n, 0), text: `Real categories that never appear: ${list(lost, a)}.` });
  if (invented.length) out.push({ weight: 0.01 + invented.reduce((s, k) => s + b[k] / m, 0), text: `Synthetic categories that no training row has: ${list(invented, b)}.` });
  const small = Array.from(a.keys()).filter(k => a[k] > 0 && b[k] === 0 && !lost.includes(k));
  if (small.length > 0 && small.reduce((s, k) => s + a[k] / n, 0) * m > 7)
    out.push({ weight: small.reduce((s, k) => s + a[k] / n, 0), text: `${small.length.toLocaleString('en')} rare categories never appear, together ${percent(small.reduce((s, k) => s + a[k] / n, 0))} of the real rows.` });
  return out;
}

function numbers(c: NumberView): Finding[] {
  const a = c.sorted('training'), b = c.sorted('synthetic'), n = a.length, m = b.length, out: Finding[] = [];
  if (n === 0 || m === 0) return out;
  const spread = (quantile(a, 0.95) - quantile(a, 0.05)) / 100, write = writerOf(c.schema, spread);
  const { statistic, at, sign } = ksStatistic(a, b);
  // the point of the greatest difference was chosen for it: Kolmogorov's bound at one in a thousand
  if (statistic >= 0.005 && statistic > 1.95 * Math.sqrt(1 / n + 1 / m)) {
    const p = rank(a, at, true) / n, q = rank(b, at, true) / m;
    out.push({ weight: statistic, text: `${sign < 0 ? 'Too many low values' : 'Too few low values'}: ${percent(q)} of the synthetic values are at most ${write(at)}, ${percent(p)} of the real ones.` });
  }
  // single values that stand out in the real table: zeros, codes, round numbers
  for (const { value, share } of spikes(a)) {
    const q = (rank(b, value, true) - rank(b, value, false)) / m;
    if (differs(share, n, q, m)) out.push({ weight: Math.abs(share - q), text: `The value ${write(value)} is ${q < share ? 'too rare' : 'too frequent'}: ${percent(q)} of the synthetic values, ${percent(share)} of the real ones.` });
  }
  // tails: the real 99.9% and 0.1% quantiles are passed by one row in a thousand
  for (const [q, side] of [[0.999, 'upper'], [0.001, 'lower']] as const) {
    const edge = quantile(a, q), beyond = (s: Float64Array) => (side === 'upper' ? s.length - rank(s, edge, true) : rank(s, edge, false));
    const real = beyond(a) / n, made = beyond(b);
    if (real * m < 7 || made > 0.3 * real * m) continue;
    const end = side === 'upper' ? [a[n - 1], b[m - 1]] : [a[0], b[0]];
    if (side === 'upper' ? end[1] >= end[0] : end[1] <= end[0]) out.push({ weight: 0.01, text: `The ${side} tail is thin: ${percent(made / m)} of the synthetic values lie ${side === 'upper' ? 'above' : 'below'} ${write(edge)}, ${percent(real)} of the real ones.` });
    else out.push({ weight: 0.01, text: `The ${side} tail is short: synthetic values ${side === 'upper' ? 'end' : 'begin'} at ${write(end[1])}, real ones at ${write(end[0])}.` });
  }
  if (n > 20 && (b[0] < a[0] || b[m - 1] > a[n - 1])) {
    const outside = (rank(b, a[0], false) + m - rank(b, a[n - 1], true)) / m;
    if (outside > 0.001) out.push({ weight: outside, text: `${percent(outside)} of the synthetic values lie outside the real range, ${write(a[0])} to ${write(a[n - 1])}.` });
  }
  return out;
}

/** Up to three values that at least 2% of the rows share and that are three times as frequent as a value would be if frequent ones were spread evenly. */
function spikes(sorted: Float64Array): Array<{ value: number; share: number }> {
  const n = sorted.length, found: Array<{ value: number; share: number }> = [];
  let distinct = 0;
  for (let i = 0; i < n;) {
    let j = i + 1;
    while (j < n && sorted[j] === sorted[i]) j++;
    distinct++;
    if ((j - i) / n >= 0.02) found.push({ value: sorted[i], share: (j - i) / n });
    i = j;
  }
  return found.filter(f => f.share > 3 / distinct).sort((x, y) => y.share - x.share).slice(0, 3);
}

import type { Figure } from '../../protocol';
import { twoProportions, wilson } from '../../learners/metrics';
import type { CopyFlags, Copies } from './copies';
import { accusationTwoSided, boundTwoSided, detectZ, leakVerdict, type Bounds } from './leak';
import * as thresholds from '../thresholds';

const share = (flags: Uint8Array) => { let s = 0; for (const f of flags) s += f; return { count: s, n: flags.length, share: s / flags.length }; };


/**
 * The figure of a kind of copies: the share of synthetic rows with a copy among the training rows, beside the same share for control rows.
 *
 * The verdict does not rest on that comparison, because a table that is denser than reality has more copies of everybody. It rests on
 * the real rows: the share of training rows with a copy in the synthetic table minus the share of control rows with one, all rows of both. Without
 * a leak the two are equal whatever the generator (the synthetic table is independent of which of two fresh rows is called control), so this is a
 * membership test with a valid null. The excess is given per synthetic row where the synthetic table is the smaller: twenty copied people in
 * a thousand rows are 2%, however large the training table. Identical real rows count as one piece of evidence (design effect; Kish 1965).
 */
export function copyFigure(metric: string, kind: string, flags: CopyFlags, twins: Copies['twins']): Figure {
  const shown = share(flags.syntheticInTraining), reference = share(flags.controlInTraining), never = share(flags.syntheticInControl);
  const a = share(flags.trainingInSynthetic), b = share(flags.controlInSynthetic);
  const na = a.n / designEffect(flags.trainingInSynthetic, twins.training, twins.groups, a.share), nb = b.n / designEffect(flags.controlInSynthetic, twins.control, twins.groups, b.share);
  const perRow = Math.min(1, shown.n / a.n);
  const at = (level: number) => twoProportions(a.share * na, na, b.share * nb, nb, level).interval;
  const rate = (a.share * na + b.share * nb + 1) / (na + nb + 2);
  const bounds: Bounds = {
    estimate: (a.share - b.share) / perRow, upper: at(boundTwoSided).high / perRow, lower: at(accusationTwoSided).low / perRow,
    detectable: (detectZ * Math.sqrt(rate * (1 - rate) * (1 / na + 1 / nb))) / perRow,
  };
  const verdict = leakVerdict(bounds, thresholds.copies), w = wilson(shown.count, shown.n), r = wilson(reference.count, reference.n);
  const comparison = twoProportions(shown.count, shown.n, reference.count, reference.n, accusationTwoSided).interval;
  const notes: string[] = [];
  if (comparison.low > 0 && (verdict === 'good' || verdict === 'undecided'))
    notes.push(`Synthetic rows are ${kind} of training rows more often than control rows are, but of control rows just as often: the synthetic table is denser than reality, not a copy of its training rows.`);
  if (comparison.high < 0) notes.push(`Fewer ${kind} than among real rows: the synthetic table is sparser than reality there, or was filtered.`);
  if (verdict === 'undecided') notes.push(`These tables are too small to tell: only an excess above ${(100 * bounds.detectable).toPrecision(2)}% would have been seen.`);
  return {
    metric, value: shown.share, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' },
    reference: { label: 'control', value: reference.share, interval: [r.low, r.high] },
    samples: { synthetic: shown.n, training: a.n, control: b.n }, verdict, ...(notes.length ? { note: notes.join(' ') } : {}),
    detail: {
      excess: bounds.estimate, excessUpper95: bounds.upper, excessLower995: bounds.lower, smallestDetectable: bounds.detectable,
      trainingRowsCopied: a.share, controlRowsCopied: b.share, syntheticInEqualControl: never.share,
    },
  };
}

/** Variance of a share with identical rows as clusters, over its variance with independent rows; at least 1. */
function designEffect(flags: Uint8Array, twins: Int32Array, groups: number, p: number): number {
  if (p <= 0 || p >= 1) return 1;
  const sums = new Float64Array(groups);
  for (let i = 0; i < flags.length; i++) sums[twins[i]] += flags[i] - p;
  let s = 0;
  for (const x of sums) s += x * x;
  return Math.max(1, s / (flags.length * p * (1 - p)));
}

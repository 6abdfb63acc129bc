import type { Figure } from '../../protocol';
import { twoProportions, wilson } from '../../learners/metrics';
import type { CopyFlags, RealFlags } from './copies';
import { accusationTwoSided, boundTwoSided, detectZ, leakVerdict, type Bounds } from './leak';
import * as thresholds from '../thresholds';

const share = (flags: Uint8Array) => { let s = 0; for (const f of flags) s += f; return { count: s, n: flags.length, share: s / flags.length }; };


/**
 * The figure of a kind of copies: the share of synthetic rows with a copy among the training rows, beside the same share for control rows.
 *
 * The verdict does not rest on that comparison, because a table that is denser than reality has more copies of everybody, and a control from which
 * duplicates were kept away has none. It rests on the real rows: the share of training rows with a copy in the synthetic table minus the share of control
 * rows with one, all rows of both. Without a leak the two are equal whatever the generator (the synthetic table is independent of which of two fresh
 * rows is called control), so this is a membership test with a valid null. Real rows that are such a copy of another real row do not count in it:
 * what several people have in common exposes none of them, and such groups are not independent evidence. The excess is given as a share of the synthetic rows where these are
 * fewer than the training rows (twenty copied people in a thousand rows are 2%, however large the training table), else of the training rows.
 */
export function copyFigure(metric: string, kind: string, flags: CopyFlags, common: RealFlags): Figure {
  const shown = share(flags.syntheticInTraining), reference = share(flags.controlInTraining), never = share(flags.syntheticInControl);
  const single = (all: Uint8Array, several: Uint8Array) => share(all.filter((_, i) => !several[i]));
  const a = single(flags.trainingInSynthetic, common.training), b = single(flags.controlInSynthetic, common.control), training = flags.trainingInSynthetic.length;
  const samples = { synthetic: shown.n, training, control: reference.n, uniqueTraining: a.n, uniqueControl: b.n };
  const w = wilson(shown.count, shown.n), r = wilson(reference.count, reference.n);
  const figure = {
    metric, value: shown.share, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' },
    reference: { label: 'control', value: reference.share, interval: [r.low, r.high] as [number, number] }, samples,
  };
  if (a.n < 2 || b.n < 2) return { ...figure, verdict: 'undecided', note: 'Nearly every real row has a twin among the real rows: a copy of one exposes nobody in particular, and a leak could not be seen.' };
  const perRow = (a.n / training) / Math.min(1, shown.n / training), at = (level: number) => twoProportions(a.count, a.n, b.count, b.n, level).interval;
  const rate = (a.count + b.count + 1) / (a.n + b.n + 2);
  const bounds: Bounds = {
    estimate: (a.share - b.share) * perRow, upper: at(boundTwoSided).high * perRow, lower: at(accusationTwoSided).low * perRow,
    detectable: detectZ * Math.sqrt(rate * (1 - rate) * (1 / a.n + 1 / b.n)) * perRow,
  };
  const verdict = leakVerdict(bounds, thresholds.copies), comparison = twoProportions(shown.count, shown.n, reference.count, reference.n, accusationTwoSided).interval;
  const notes: string[] = [];
  if (comparison.low > 0 && verdict !== 'poor' && verdict !== 'fair')
    notes.push(`More synthetic than control rows are ${kind} of training rows, but the synthetic rows resemble people they were not made from just as often: the synthetic table is denser than the control, not a copy of its training rows.`);
  if (comparison.high < 0) notes.push(`Fewer ${kind} than among real rows: the synthetic table is sparser than reality there, or was filtered.`);
  if (verdict === 'undecided') notes.push(`These tables are too small to tell: only an excess above ${(100 * bounds.detectable).toPrecision(2)}% would have been seen.`);
  return {
    ...figure, verdict, ...(notes.length ? { note: notes.join(' ') } : {}),
    detail: {
      excess: bounds.estimate, excessUpper95: bounds.upper, excessLower995: bounds.lower, smallestDetectable: bounds.detectable,
      trainingRowsCopied: a.share, controlRowsCopied: b.share, syntheticInControl: never.share,
    },
  };
}

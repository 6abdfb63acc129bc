import type { Figure } from '../../protocol';
import { twoProportions, wilson } from '../../learners/metrics';
import type { Fold } from '../metric';
import { clustersAt, effective, type Clusters } from './clusters';
import { copiesOf, type CopyFlags, type RealFlags } from './copies';
import { cross, crossedCopies, restrict } from './cross';
import { designOf } from './excess';
import { accusationTwoSided, boundTwoSided, cannotTell, detectZ, leakVerdict, type Bounds } from './leak';
import * as thresholds from '../thresholds';

/** Of 0/1 flags. */
const share = (flags: ArrayLike<number> & Iterable<number>) => { let s = 0; for (const f of flags) s += f; return { count: s, n: flags.length, share: s / flags.length }; };

/**
 * The figure of a kind of copies: the share of synthetic rows with a copy among the training rows, beside the same share for control rows.
 *
 * The verdict does not rest on that comparison, because a table that is denser than reality has more copies of everybody, and a control from which
 * duplicates were kept away has none. It rests on the real rows: the share of training rows with a copy in the synthetic table minus the share of control
 * rows with one, all rows of both. Without a leak the two are equal whatever the generator (the synthetic table is independent of which of two fresh
 * rows is called control), so this is a membership test with a valid null. Real rows that are such a copy of another real row do not count in it:
 * what several people have in common exposes none of them, and such groups are not independent evidence. The excess is given as a share of the synthetic rows where these are
 * fewer than the training rows (twenty copied people in a thousand rows are 2%, however large the training table), else of the training rows.
 * @param clusters of real rows, and @param synthetic of synthetic ones, where they come in clusters: they then count for as many as they tell
 */
export function copyFigure(metric: string, kind: string, flags: CopyFlags, common: RealFlags, clusters?: Clusters, synthetic?: Int32Array): Figure {
  const shown = share(flags.syntheticInTraining), reference = share(flags.controlInTraining), never = share(flags.syntheticInControl);
  const rows = (several: Uint8Array) => Int32Array.from(several.keys()).filter(i => !several[i]), single = { training: rows(common.training), control: rows(common.control) };
  const own = single.training.map(i => flags.trainingInSynthetic[i]), others = single.control.map(i => flags.controlInSynthetic[i]), a = share(own), b = share(others), training = flags.trainingInSynthetic.length;
  const samples = { synthetic: shown.n, training, control: reference.n, uniqueTraining: a.n, uniqueControl: b.n };
  const s = effective(flags.syntheticInTraining, synthetic), c = effective(flags.controlInTraining, clusters?.control), w = wilson(s.successes, s.rows), r = wilson(c.successes, c.rows);
  const figure = {
    metric, value: shown.share, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' },
    reference: { label: 'control', value: reference.share, interval: [r.low, r.high] as [number, number] }, samples,
  };
  if (a.n < 2 || b.n < 2) return { ...figure, verdict: 'undecided', note: noTwins };
  const perRow = (a.n / training) / Math.min(1, shown.n / training), design = designOf(own, others, clustersAt(clusters, single)), [k, n, l, m] = [a.count, a.n, b.count, b.n].map(x => x / design);
  const at = (level: number) => twoProportions(k, n, l, m, level).interval, rate = (k + l + 1) / (n + m + 2);
  const bounds: Bounds = {
    estimate: (a.share - b.share) * perRow, upper: at(boundTwoSided).high * perRow, lower: at(accusationTwoSided).low * perRow,
    detectable: detectZ * Math.sqrt(rate * (1 - rate) * (1 / n + 1 / m)) * perRow,
  };
  const detail = { trainingRowsCopied: a.share, controlRowsCopied: b.share, syntheticInControl: never.share };
  return judged(figure, kind, bounds, shown, reference, detail);
}

const noTwins = 'Nearly every real row has a twin among the real rows: a copy of one exposes nobody in particular, and a leak could not be seen.';

interface Share { count: number; n: number; share: number }

function judged(figure: Omit<Figure, 'verdict'>, kind: string, bounds: Bounds, shown: Share, reference: Share, detail: Record<string, number>): Figure {
  const verdict = leakVerdict(bounds, thresholds.copies), comparison = twoProportions(shown.count, shown.n, reference.count, reference.n, accusationTwoSided).interval;
  const notes: string[] = [];
  if (comparison.low > 0 && verdict !== 'poor' && verdict !== 'fair')
    notes.push(`More synthetic than control rows are ${kind} of training rows, but the synthetic rows resemble people they were not made from just as often: the synthetic table is denser than the control, not a copy of its training rows.`);
  if (comparison.high < 0) notes.push(`Fewer ${kind} than among real rows: the synthetic table is sparser than reality there, or was filtered.`);
  if (verdict === 'undecided') notes.push(cannotTell(figure.samples, bounds.detectable < 0.995 ? `an excess above ${(100 * bounds.detectable).toPrecision(2)}%` : undefined));
  return {
    ...figure, verdict, ...(notes.length ? { note: notes.join(' ') } : {}),
    detail: {
      excess: bounds.estimate, excessUpper95: bounds.upper, excessLower995: bounds.lower, smallestDetectable: bounds.detectable, ...detail,
    },
  };
}

/**
 * The same for a cross-fitted release: shares are of the rows of all folds together; the excess compares each real row where it was fitted with
 * itself where it was not (cross.ts).
 */
export async function crossedCopyFigure(metric: string, kind: string, which: 'exact' | 'near', folds: readonly Fold[]): Promise<Figure> {
  const found: Array<{ flags: CopyFlags; common: RealFlags }> = [];
  for (const f of folds) found.push({ flags: (await copiesOf(f.context))[which], common: (await copiesOf(f.context)).common[which] });
  const all = (key: keyof CopyFlags) => share(found.flatMap(f => Array.from(f.flags[key])));
  const shown = all('syntheticInTraining'), reference = all('controlInTraining'), never = all('syntheticInControl');
  const flags = await cross(folds, async f => { const at = found[folds.indexOf(f)].flags; return { training: at.trainingInSynthetic, control: at.controlInSynthetic }; });
  const twins = await cross(folds, async f => found[folds.indexOf(f)].common), n = twins.fold.length;
  const single = Int32Array.from(twins.scores[0].keys()).filter(i => twins.scores.every(s => s[i] === 0));
  const w = wilson(shown.count, shown.n), r = wilson(reference.count, reference.n);
  const figure = {
    metric, value: shown.share, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson, all folds' },
    reference: { label: 'control', value: reference.share, interval: [r.low, r.high] as [number, number] }, samples: { synthetic: shown.n, control: reference.n, folds: folds.length, uniqueControl: single.length },
  };
  if (single.length < 2) return { ...figure, verdict: 'undecided', note: noTwins };
  const c = crossedCopies(restrict(flags, single)), training = (n * (folds.length - 1)) / folds.length, perRow = (single.length / n) / Math.min(1, shown.n / folds.length / training);
  const bounds: Bounds = { estimate: c.estimate * perRow, upper: c.upper * perRow, lower: c.lower * perRow, detectable: c.detectable * perRow };
  return judged(figure, kind, bounds, shown, reference, { trainingRowsCopied: c.memberShare, controlRowsCopied: c.controlShare, syntheticInControl: never.share });
}

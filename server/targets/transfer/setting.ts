/** How rows are to be moved, by what it is for: target labels kept aside are predicted from moved rows (and the labelled target rows that were not). */
import { concatRows as joinFeatures, encodeFeatures, takeRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { Stream } from '../../random';
import { concatRows, makeTable, sampleTable } from '../../table/columns';
import type { Table } from '../../table/table';
import { learn } from './ratio';
import { transport, type Setting } from './transport';

/** Settings that are tried. Labels that cost nothing leave the classes to the columns: with few labelled rows, moving by class learns the rows' own chance as if it were the class's. */
export const settings: readonly Setting[] = [{ labels: 0, spread: 8 }, { labels: 0, spread: 24 }, { labels: 1, spread: 8 }, { labels: 1, spread: 24 }];
/** What a labelled target row counts beside a moved one, where outcomes are learnt. */
const weightings = [1, 4] as const;
/** Rows of each side in a trial, and folds. */
const mostTried = 250, folds = 3, iterations = 100;
/** Labels, and labels of the rarer class, that a choice needs. */
export const fewestLabels = 40, fewestOfClass = 8;

export interface Chosen {
  setting: Setting; weight: number;
  /** Log loss on labels kept aside, of logistic regression: trained on the source as it is, and on what would be learnt; their paired difference (positive: moving helps) with its 95% interval. */
  source: number; moved: number; gain: { value: number; low: number; high: number }; labels: number;
}

/** Rows of a table by a code that is not negative. */
export const labelledRows = (code: Int8Array): Int32Array => Int32Array.from(code.keys()).filter((i) => code[i]! >= 0);

/** Rows of the source, as many as there are, in which the outcome is as frequent as among the labelled target rows; all rows where these are too few to say. Transport would else force mass of one class onto the other. */
export function likeLabels(source: Int8Array, target: Int8Array, stream: Stream): Int32Array {
  const count = (y: Int8Array, v: number): number => y.reduce((n, x) => n + (x === v ? 1 : 0), 0), labels = count(target, 0) + count(target, 1), all = stream.shuffle(Int32Array.from({ length: source.length }, (_, i) => i));
  if (labels < 20) return all.sort();
  const q = (count(target, 1) + 0.5) / (labels + 1), whole = Math.min(count(source, 1) / q, count(source, 0) / (1 - q)), left = [Math.round(whole * (1 - q)), Math.round(whole * q)];
  return all.filter((i) => source[i]! >= 0 && left[source[i]!]!-- > 0).sort();
}

/** What a generator learns of a transfer with labels: moved rows, and the labelled target rows as they are. */
export const withLabelled = (moved: Table, target: Table, rows: Int32Array): Table => concatRows([moved, makeTable(moved.schema, moved.schema.columns.map((c) => target.take(rows).column(c.name)), rows.length)]);

/**
 * The setting with the least log loss, over folds of the labelled target rows; undefined with too few labels to choose by.
 * @param code class of every row of either table, -1 unknown
 */
export async function chooseSetting(source: Table, target: Table, columns: readonly string[], code: (t: Table) => Int8Array, seed: number, progress: (fraction: number) => Promise<void>): Promise<Chosen | undefined> {
  const to = sampleTable(target, mostTried, seed, 'trial targets'), y = code(to), labelled = labelledRows(y), ones = labelled.filter((i) => y[i] === 1).length;
  if (labelled.length < fewestLabels || Math.min(ones, labelled.length - ones) < fewestOfClass) return undefined;
  const losses = settings.flatMap(() => weightings.map(() => new Float64Array(labelled.length))), plain = new Float64Array(labelled.length), truth = Float64Array.from(labelled, (i) => y[i]!);
  const loss = async (train: Table, aside: Table, answers: Float64Array, own = 0, weight = 1): Promise<Float64Array> => {
    const c = code(train), rows = labelledRows(c), [x, z] = encodeFeatures([train, aside], columns) as [FeatureMatrix, FeatureMatrix], all = joinFeatures([x, z]);
    // Encoded over both, fitted to one.
    const score = await learn('logistic', takeRows(all, rows), Float64Array.from(rows, (i) => c[i]!), seed, Float64Array.from(rows, (i) => (i >= train.rows - own ? weight : 1)));
    return score(takeRows(all, Int32Array.from({ length: z.rows }, (_, i) => x.rows + i))).map((p, i) => -Math.log(Math.min(1 - 1e-9, Math.max(1e-9, answers[i] === 1 ? p : 1 - p))));
  };
  const epsilons: Array<number | undefined> = [];
  let done = 0;
  for (const { test } of stratifiedFolds(truth, folds, seed)) {
    const out = new Set(Array.from(test, (k) => labelled[k]!)), own = to.take(Int32Array.from({ length: to.rows }, (_, i) => i).filter((i) => !out.has(i))), aside = to.take(Int32Array.from(test, (k) => labelled[k]!)), answers = Float64Array.from(test, (k) => truth[k]!);
    (await loss(source, aside, answers)).forEach((v, k) => { plain[test[k]!] = v; });
    const from = sampleTable(source.take(likeLabels(code(source), code(own), new Stream(seed, 'classes'))), mostTried, seed, 'trial sources'), labels = { source: code(from), target: code(own) };
    for (const [s, setting] of settings.entries()) {
      const moved = await transport(from, own, columns, { seed, labels, setting, iterations, ...(epsilons[s] !== undefined && { epsilon: epsilons[s] }) });
      epsilons[s] = moved.epsilon;
      const known = labelledRows(labels.target), learnt = withLabelled(moved.table, own, known);
      for (const [w, weight] of weightings.entries()) (await loss(learnt, aside, answers, known.length, weight)).forEach((v, k) => { losses[s * weightings.length + w]![test[k]!] = v; });
      await progress(++done / (folds * settings.length));
    }
  }
  const mean = (v: Float64Array): number => v.reduce((a, b) => a + b, 0) / v.length, best = losses.map(mean).reduce((b, v, s, all) => (v < all[b]! ? s : b), 0), d = plain.map((v, i) => v - losses[best]![i]!), value = mean(d), half = 1.96 * Math.sqrt(d.reduce((s, v) => s + (v - value) ** 2, 0) / (d.length - 1) / d.length);
  return { setting: settings[Math.floor(best / weightings.length)]!, weight: weightings[best % weightings.length]!, source: mean(plain), moved: mean(losses[best]!), gain: { value, low: value - half, high: value + half }, labels: labelled.length };
}

/**
 * Importance weighting presumes covariate shift: the outcome given the columns is the same in both tables. Label shift (the columns given the outcome are the same, and outcomes have
 * other frequencies) breaks that, and weights then mislead. With some target labels the assumption is tested; with none, a shift that label shift alone explains is refused.
 */
import { fitDense } from '../../learners/dense';
import { concatRows, encodeFeatures, encodeTarget, type FeatureMatrix } from '../../learners/features';
import { chiSquaredTail } from '../../learners/distributions';
import { fitLogistic } from '../../learners/linear';
import { logLoss } from '../../learners/metrics';
import type { Table } from '../../table/table';
import { learn, outOfFold, toldApart } from './ratio';

/** Classes of the outcome that are told apart: "is it the most frequent class of the source" is asked of more than two. */
export function favourableCode(source: Table, outcome: string): ((t: Table) => Int8Array) | undefined {
  const column = source.column(outcome), { labels, targets } = encodeTarget([source], outcome, 'classification');
  if (labels.length < 2 || (column.schema.storage === 'number' && labels.length > 20)) return undefined;
  const counts = new Float64Array(labels.length);
  for (const v of targets[0]!) if (!Number.isNaN(v)) counts[v]!++;
  const usual = labels[counts.indexOf(Math.max(...counts))]!;
  return (t) => {
    const c = t.column(outcome);
    if (c.schema.storage === 'number') return Int8Array.from(c.numbers(), (v) => (Number.isNaN(v) ? -1 : v === Number(usual) ? 1 : 0));
    const k = c.categories().indexOf(usual);
    return Int8Array.from(c.codes(), (v) => (v < 0 ? -1 : v === k ? 1 : 0));
  };
}

export interface Verdict { holds: boolean; why: string }

/** Fewer labels than this settle nothing. */
const fewestLabels = 20;

/** With labels in both tables: does knowing the table help to predict the outcome beyond its score from the columns (likelihood ratio, two degrees of freedom)? */
export async function testWithLabels(source: Table, target: Table, columns: readonly string[], outcome: string, seed: number): Promise<Verdict | undefined> {
  const code = favourableCode(source, outcome);
  if (!code) return undefined;
  const labelled = (t: Table): { table: Table; y: Float64Array } => { const y = code(t), rows = Int32Array.from(y.keys()).filter((i) => y[i]! >= 0); return { table: t.take(rows), y: Float64Array.from(rows, (i) => y[i]!) }; };
  const s = labelled(source), t = labelled(target);
  if (t.y.length < fewestLabels) return undefined;
  const [xs, xt] = encodeFeatures([s.table, t.table], columns) as [FeatureMatrix, FeatureMatrix], { p, kind } = await outOfFold(xs, s.y, { seed });
  const all = (await learn(kind, xs, s.y, seed))(xt), logit = (q: number): number => Math.log(Math.min(1 - 1e-6, Math.max(1e-6, q)) / (1 - Math.min(1 - 1e-6, Math.max(1e-6, q))));
  const z = Float64Array.from([...p, ...all], logit), y = Float64Array.from([...s.y, ...t.y]), n = z.length, d = Float64Array.from({ length: n }, (_, i) => (i < s.y.length ? 0 : 1));
  const fit = async (width: number, cell: (i: number, k: number) => number): Promise<number> => {
    const x = { rows: n, width, names: Array.from({ length: width }, (_, k) => `x${k}`), values: Float64Array.from({ length: n * width }, (_, at) => cell(Math.floor(at / width), at % width)) };
    return 2 * n * logLoss(y, (await fitLogistic(x, y, 2, { c: 1e6 })).probabilities(x));
  };
  const statistic = Math.max(0, (await fit(1, (i) => z[i]!)) - (await fit(3, (i, k) => (k === 0 ? z[i]! : k === 1 ? d[i]! : d[i]! * z[i]!)))), pValue = chiSquaredTail(statistic, 2);
  // Significant, and not small: a score that is a little off where the target lies is no broken assumption.
  return pValue < 0.001 && statistic / t.y.length > 0.03
    ? { holds: false, why: `Rows with the same columns have other outcomes in the target table (likelihood ratio ${statistic.toFixed(1)} on 2 degrees of freedom, p = ${pValue.toPrecision(2)}, ${t.y.length} labelled target rows)` }
    : { holds: true, why: `On ${t.y.length} labelled target rows, outcomes given the columns do not differ from the source's by more than chance (p = ${pValue.toFixed(2)}).` };
}

/**
 * Without labels: target outcome frequencies are estimated under label shift (EM, Saerens, Latinne & Decaestecker 2002). Where source rows weighted to them cannot be told from the target's, a
 * change of outcome frequencies alone explains the shift, and nothing in these tables says that the outcome given the columns stayed the same.
 */
export async function testWithoutLabels(source: Table, target: Table, columns: readonly string[], outcome: string, shift: { low: number }, seed: number): Promise<Verdict> {
  const code = favourableCode(source, outcome);
  if (!code) return { holds: true, why: 'The outcome is a number: whether its distribution given the columns stayed the same was not tested.' };
  if (shift.low <= 0.5) return { holds: true, why: 'The tables cannot be told apart by their columns: there is no shift to speak of.' };
  const y = code(source), rows = Int32Array.from(y.keys()).filter((i) => y[i]! >= 0), own = source.take(rows), label = Float64Array.from(rows, (i) => y[i]!), prior = label.reduce((a, b) => a + b, 0) / label.length;
  const [xs, xt] = encodeFeatures([own, target], columns) as [FeatureMatrix, FeatureMatrix], dense = fitDense(concatRows([xs, xt])), p = (await fitLogistic(dense.encode(xs), label, 2)).probabilities(dense.encode(xt));
  let q = prior;
  for (let k = 0; k < 500; k++) {
    let sum = 0;
    for (const v of p) { const one = (v * q) / prior, zero = ((1 - v) * (1 - q)) / (1 - prior); sum += one / (one + zero); }
    const next = Math.min(1 - 1e-4, Math.max(1e-4, sum / p.length));
    if (Math.abs(next - q) < 1e-7) break;
    q = next;
  }
  if (Math.abs(q - prior) < 0.05) return { holds: true, why: 'A change of the outcome\'s frequency does not explain the shift.' };
  // Source rows drawn so that the outcome has the estimated frequency; as many as that leaves.
  const keep = Math.min(label.length * prior / q, label.length * (1 - prior) / (1 - q)), ones = Math.floor(keep * q), zeros = Math.floor(keep * (1 - q)), left = { 1: ones, 0: zeros }, chosen: number[] = [];
  label.forEach((v, i) => { const k = v === 1 ? 1 : 0; if (left[k] > 0) { left[k]--; chosen.push(i); } });
  if (chosen.length < 40) return { holds: true, why: 'Too few rows to tell a change of outcome frequencies from another.' };
  const apart = await toldApart(own.take(chosen), target, columns, seed);
  return apart.low <= 0.5 || apart.auc < 0.53
    ? { holds: false, why: `A change of the outcome's frequency alone (from ${Math.round(100 * prior)}% to an estimated ${Math.round(100 * q)}%) explains the shift: source rows with that frequency cannot be told from the target's (AUC ${apart.auc.toFixed(2)})` }
    : { holds: true, why: `A change of the outcome's frequency alone does not explain the shift (source rows with the best one are still told from the target's, AUC ${apart.auc.toFixed(2)}).` };
}

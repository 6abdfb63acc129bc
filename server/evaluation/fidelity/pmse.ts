import { fitDense } from '../../learners/dense';
import { gammaQ } from '../../learners/distributions';
import { concatRows, type FeatureMatrix } from '../../learners/features';
import { fitLogistic } from '../../learners/linear';
import { featuresOf, sampleRows, takeRows } from '../features';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { fidelityVerdict } from './verdict';
import * as thresholds from './thresholds';

const mostRows = 10_000, mostCells = 2e7;

/**
 * Propensity mean squared error (Woo, Reiter, Oganian & Karr 2009; Snoke, Raab, Nowok, Dibben & Slavkovic 2018): rows of both tables pooled, a logistic regression with main
 * effects predicts which are synthetic, and pMSE is the mean squared distance of its predictions from the synthetic share c. For two independent samples of one distribution N pMSE / (c (1 - c)) is the
 * score test's chi-square of k - 1 degrees of freedom, k the model's parameters with the intercept: expectation (k - 1) c (1 - c) / N, standard deviation sqrt(2 (k - 1)) c (1 - c) / N. The value is
 * the ratio to that expectation. (Snoke et al., section 3, have (k - 1)(1 - c)^2 c / N for rows drawn from a model fitted to the very rows they are compared with, which are then no sample of their
 * own: half as much at equal sizes. `ratioSnoke` is the ratio to theirs, as synthpop prints it.)
 */
export const metric: Metric = {
  async compute(context) {
    const f = await featuresOf(context), against = f.control ?? f.training, name = f.control ? 'control' : 'training';
    const width = against.features.reduce((s, x) => s + (x.kind === 'number' ? 1 : x.categories + 1), 1), n = Math.min(f.synthetic.rows, against.rows, mostRows, Math.max(200, Math.floor(mostCells / width)));
    if (n < 5 * width) return notAssessable('fidelity.pmse', `${n} rows of each table are too few for a model of ${width} parameters.`, { rows: n }, 'undecided');
    const t = await propensity(context, against, f.synthetic, n, 'pmse'), r = f.control && (await propensity(context, f.control, f.training, Math.min(n, f.training.rows), 'pmse reference'));
    return {
      metric: 'fidelity.pmse', value: t.ratio, samples: { synthetic: n, [name]: n },
      verdict: t.p > 0.05 ? 'good' : fidelityVerdict(t.ratio, thresholds.pmse), detail: { pmse: t.pmse, expected: t.expected, ratioSnoke: t.ratioSnoke, standardised: t.z, pEqual: t.p, parameters: t.k },
      ...(r ? { reference: { label: 'training rows against control', value: r.ratio } } : { note: 'Judged against the training rows, for want of a control.' }),
    };
  },
};

async function propensity(context: EvaluationContext, real: FeatureMatrix, synthetic: FeatureMatrix, n: number, purpose: string) {
  const m = Math.min(n, synthetic.rows), x = concatRows([takeRows(real, sampleRows(real.rows, n, context.seed, `${purpose} real`)), takeRows(synthetic, sampleRows(synthetic.rows, m, context.seed, `${purpose} made`))]);
  const N = n + m, dense = fitDense(x).encode(x), y = Float64Array.from({ length: N }, (_, i) => (i < n ? 0 : 1));
  // hardly penalised: the null's expectation is that of maximum likelihood
  const model = await fitLogistic(dense, y, 2, { c: 1e4, tolerance: 1e-6, progress: p => context.progress(p, 'propensity score') });
  return pmseOf(model.probabilities(dense), m, parametersOf(x));
}

/** Free coefficients of main effects: one a number, one less than its occupied levels a category; columns that do not vary have none. */
function parametersOf(x: FeatureMatrix): number {
  return x.features.reduce((s, f) => {
    const distinct = new Set<number | string>();
    for (const v of f.values) { distinct.add(v === v ? v : 'missing'); if (f.kind === 'number' && distinct.size > 2) break; }
    // missing numbers are filled with the mean, which costs no parameter
    return s + (f.kind === 'number' ? (distinct.size - (distinct.has('missing') ? 1 : 0) > 1 ? 1 : 0) : Math.max(0, distinct.size - 1));
  }, 1);
}

/** @param p predicted shares; @param synthetic how many rows are; @param k parameters with the intercept */
export function pmseOf(p: Float64Array, synthetic: number, k: number): { pmse: number; expected: number; ratio: number; ratioSnoke: number; z: number; p: number; k: number } {
  const N = p.length, c = synthetic / N, pmse = p.reduce((s, v) => s + (v - c) ** 2, 0) / N, unit = ((1 - c) * c) / N, expected = (k - 1) * unit;
  const z = (pmse - expected) / (Math.sqrt(2 * (k - 1)) * unit);
  return { pmse, expected, ratio: pmse / expected, ratioSnoke: pmse / (expected * (1 - c)), z, p: gammaQ((k - 1) / 2, pmse / (2 * unit)), k };
}

import { encodeFeatures, learnableColumns, takeRows, type FeatureMatrix } from '../learners/features';
import { permutation } from '../learners/random';
import type { EvaluationContext } from './metric';
import { controlTables, type Part } from './view';

/** The tables as learners see them, over one encoding; made once. Learners compare with the control where there is one, so its `controlWithout` is left out. */
export type Features = Partial<Record<Part, FeatureMatrix>> & { training: FeatureMatrix; synthetic: FeatureMatrix };

export const featuresOf = (context: EvaluationContext): Promise<Features> => context.shared('features', async () => {
  const compared = controlTables(context), tables = [compared.training, compared.synthetic, ...(compared.control ? [compared.control] : [])];
  const [training, synthetic, control] = encodeFeatures(tables, learnableColumns(tables));
  return control ? { training, synthetic, control } : { training, synthetic };
});

/** The matrix without one column, e.g. the outcome. */
export const without = (m: FeatureMatrix, column: string): FeatureMatrix => ({ rows: m.rows, features: m.features.filter(f => f.name !== column) });

/** `count` rows drawn without repetition in random order; all of them, shuffled, when there are no more. */
export const sampleRows = (rows: number, count: number, seed: number, purpose: string): Int32Array => permutation(seed, purpose, rows).subarray(0, Math.min(rows, count));

export { takeRows };

/** At most this many rows a table enter a test that trains a classifier; the figure says how many did. */
export const classifierRows = 25_000;

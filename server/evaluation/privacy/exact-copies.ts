import { wilson } from '../../learners/metrics';
import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { clustersOf, effective, syntheticEntities } from './clusters';
import { copiesOf } from './copies';
import { copyFigure, crossedCopyFigure } from './copy-figure';

/**
 * Exact copies: share of synthetic rows for which a training row exists with all columns equal, missing cells included.
 * All synthetic, training and control rows. The reference is the control rows' share; the verdict compares training with control rows (see copy-figure.ts).
 * 0 is not the aim: unrelated people share rows too. After the distance-free criterion of Giomi et al. 2023 (Anonymeter, singling out) and
 * the identical-match share of Platzer & Reutterer 2021.
 */
export const metric: Metric = {
  async compute(context) {
    const copies = await copiesOf(context);
    if (!context.control) return uncontrolled(copies.exact.syntheticInTraining, context.training.rows, syntheticEntities(context));
    return copyFigure('privacy.exact-copies', 'exact copies', copies.exact, copies.common.exact, await clustersOf(context), syntheticEntities(context));
  },
  cross: (_, folds) => crossedCopyFigure('privacy.exact-copies', 'exact copies', 'exact', folds),
};

/** Without a control the copies are counted, and nobody can say how many of them are chance. */
function uncontrolled(flags: Uint8Array, training: number, entities?: Int32Array): Figure {
  const count = flags.reduce((s, f) => s + f, 0), n = flags.length, e = effective(flags, entities), { low, high } = wilson(e.successes, e.rows);
  return {
    metric: 'privacy.exact-copies', value: count / n, interval: { low, high, level: 0.95, method: 'Wilson' }, samples: { synthetic: n, training }, verdict: 'not-assessable',
    note: 'Counted, not judged: only real rows that the generator never saw can tell how many people share a row by chance.',
  };
}

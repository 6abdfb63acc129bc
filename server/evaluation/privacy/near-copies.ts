import type { Metric } from '../metric';
import { clustersOf, syntheticEntities } from './clusters';
import { copiesOf } from './copies';
import { copyFigure, crossedCopyFigure } from './copy-figure';
import { noControl } from './leak';

/**
 * Near copies: share of synthetic rows for which a training row exists with all columns equal but at most one, and that one within 5% of the real value or another category.
 * All synthetic, training and control rows. The reference is the control rows' share; the verdict compares training with control rows (see copy-figure.ts).
 * 0 is not the aim: unrelated people share rows too. After the distance-free criterion of Giomi et al. 2023 (Anonymeter, singling out) and
 * the identical-match share of Platzer & Reutterer 2021.
 */
export const metric: Metric = {
  async compute(context) {
    if (!context.control) return noControl('privacy.near-copies');
    const copies = await copiesOf(context);
    return copyFigure('privacy.near-copies', 'near copies', copies.near, copies.common.near, await clustersOf(context), syntheticEntities(context));
  },
  cross: (_, folds) => crossedCopyFigure('privacy.near-copies', 'near copies', 'near', folds),
};

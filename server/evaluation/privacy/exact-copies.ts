import type { Metric } from '../metric';
import { copiesOf } from './copies';
import { copyFigure, crossedCopyFigure } from './copy-figure';
import { noControl } from './leak';

/**
 * Exact copies: share of synthetic rows for which a training row exists with all columns equal, missing cells included.
 * All synthetic, training and control rows. The reference is the control rows' share; the verdict compares training with control rows (see copy-figure.ts).
 * 0 is not the aim: unrelated people share rows too. After the distance-free criterion of Giomi et al. 2023 (Anonymeter, singling out) and
 * the identical-match share of Platzer & Reutterer 2021.
 */
export const metric: Metric = {
  async compute(context) {
    if (!context.control) return noControl('privacy.exact-copies');
    const copies = await copiesOf(context);
    return copyFigure('privacy.exact-copies', 'exact copies', copies.exact, copies.common.exact);
  },
  cross: (_, folds) => crossedCopyFigure('privacy.exact-copies', 'exact copies', 'exact', folds),
};

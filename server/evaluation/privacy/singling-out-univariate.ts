import type { Metric } from '../metric';
import { singlingOut } from './singling-out';

/** Singling out by one column; see singling-out.ts. */
export const metric: Metric = singlingOut('privacy.singling-out-univariate', 'univariate');

import type { Metric } from '../metric';
import { singlingOut } from './singling-out';

/** Singling out by three columns together; see singling-out.ts. */
export const metric: Metric = singlingOut('privacy.singling-out-multivariate', 'multivariate');

import type { Figure, ReportData } from '../protocol';

/** Numbers and names as the report's sentences write them. */

/** A share as a percentage with as many digits as it deserves: 0.03%, 1.4%, 23%. */
export function percent(share: number): string {
  const p = 100 * share, size = Math.abs(p);
  if (size === 0) return '0%';
  if (size < 0.01) return 'under 0.01%';
  // what is not all of it is not rounded to all of it
  if (p >= 99.5 && p < 100) return p > 99.99 ? 'over 99.99%' : `${Math.floor(share * 1e4 + 1e-6) / 100}%`;
  return `${size >= 10 ? p.toFixed(0) : size >= 1 ? p.toFixed(1) : p.toPrecision(1 + Number(size >= 0.1))}%`;
}

/** A score or AUC with its leading zero and three decimals, and more only where they tell it from 1, as the report's tables have it: 0.523, 0.9997. */
export const decimal = (x: number, digits = 3): string =>
  (x >= 0.9995 && x < 1 ? Math.min(x, 0.999999).toFixed(Math.max(digits, Math.min(6, Math.ceil(-Math.log10(1 - x)) + 1))) : x.toFixed(digits)).replace(/^-(0(\.0*)?)$/, '$1');

export const range = (low: number, high: number, digits = 3): string => `${decimal(low, digits)} to ${decimal(high, digits)}`;
export const count = (n: number): string => n.toLocaleString('en');

/** A figure's name where it stands in a list of all: one that speaks of the model in other hands, and not of the rows, says so. */
export const figureName = ({ metrics }: Pick<ReportData, 'metrics'>, { metric }: Figure): string =>
  `${metrics[metric]?.name ?? metric}${metrics[metric]?.estimand === 'model-held' ? ' (of the model itself, were it given away; does not count for the rows)' : ''}`;

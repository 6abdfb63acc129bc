/** Numbers as the report's sentences write them. */

/** A share as a percentage with as many digits as it deserves: 0.03%, 1.4%, 23%. */
export function percent(share: number): string {
  const p = 100 * share, size = Math.abs(p);
  if (size === 0) return '0%';
  if (size < 0.01) return 'under 0.01%';
  return `${size >= 10 ? p.toFixed(0) : size >= 1 ? p.toFixed(1) : p.toPrecision(1 + Number(size >= 0.1))}%`;
}

/** A score or AUC without its leading zero, three digits: .523; 1.00 and more as they are. */
export function decimal(x: number, digits = 3): string {
  const text = x.toFixed(digits);
  return text.startsWith('0.') ? text.slice(1) : text.startsWith('-0.') ? '-' + text.slice(2) : text;
}

export const range = (low: number, high: number, digits = 3): string => `${decimal(low, digits)}-${decimal(high, digits)}`;
export const count = (n: number): string => n.toLocaleString('en');

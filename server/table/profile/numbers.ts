import type { ColumnProfile } from '../../protocol';
import type { Facts } from '../kinds/facts';
import type { Column } from '../table';

/** Mean and standard deviation (n - 1) of the present numbers; undefined where there are too few. One pass about the first value, so large offsets (times) lose nothing. */
export function moments(numbers: Float64Array): { mean?: number; sd?: number } {
  let n = 0, origin = NaN, sum = 0, squares = 0;
  for (let i = 0; i < numbers.length; i++) {
    const v = numbers[i];
    if (v !== v) continue;
    if (n === 0) origin = v;
    const d = v - origin;
    n++; sum += d; squares += d * d;
  }
  if (n === 0) return {};
  const mean = origin + sum / n, sd = Math.sqrt(Math.max(0, (squares - (sum * sum) / n) / (n - 1)));
  // Sums near the largest double overflow; a figure that cannot be had is left out.
  return { ...(Number.isFinite(mean) ? { mean } : {}), ...(n >= 2 && Number.isFinite(sd) ? { sd } : {}) };
}

/** Most bars a histogram has. */
const bars = 30;

/** Equal-width histogram over the whole range (no -0 among the edges: JSON knows none); whole numbers get bars of whole width, so that none is empty by construction. */
export function histogramOf({ numbers }: Facts): ColumnProfile['histogram'] {
  // Bars as wide as nothing, or as everything, show nothing.
  if (!numbers || !((numbers.max - numbers.min) / bars > 0) || !(numbers.max - numbers.min < 1e300)) return undefined;
  const { distinct, min, max, whole } = numbers;
  const width = whole ? Math.ceil((max - min + 1) / bars) : (max - min) / bars;
  const count = whole ? Math.ceil((max - min + 1) / width) : bars;
  const start = whole ? min - 0.5 : min;
  const counts = new Array<number>(count).fill(0);
  for (let i = 0; i < distinct.values.length; i++) counts[Math.min(count - 1, Math.floor((distinct.values[i] - start) / width))] += distinct.counts[i];
  return { edges: Array.from({ length: count + 1 }, (_, i) => (i === count && !whole ? max : start + i * width) + 0), counts };
}

/** The smallest and largest value as the file writes them. */
export function rangeOf(column: Column, { numbers }: Facts): { min?: string; max?: string } {
  if (!numbers || numbers.distinct.values.length === 0) return {};
  const values = column.numbers();
  let low = -1, high = -1;
  for (let i = 0; i < values.length && (low < 0 || high < 0); i++) {
    if (low < 0 && values[i] === numbers.min) low = i;
    if (high < 0 && values[i] === numbers.max) high = i;
  }
  return { min: column.lexeme(low), max: column.lexeme(high) };
}

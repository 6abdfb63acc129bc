import type { Column } from '../table';
import { categoryCounts, distinctNumbers, type Distinct } from './distinct';

/** What a column's cells say about it; everything is over all rows except `sample`. */
export interface Facts {
  rows: number; present: number; distinct: number;
  /** Rows of the most frequent value. */
  mostFrequent: number;
  /** Up to 1,000 distinct present values, spread evenly over the column: what the format and language tests look at. */
  sample: string[];
  /** Storage `number`. */
  numbers?: { distinct: Distinct; whole: boolean; min: number; max: number; /** constant difference between neighbouring rows, if there is one */ step?: number };
  /** Storage `code`: rows per category. Storage `string`: rows per distinct value, in order of appearance. */
  counts?: Int32Array;
}

const sampleSize = 1000;

const known = new WeakMap<Column, Facts>();

/** Counted once per column; `forgetFacts` frees them, which for numbers are as large as the column. */
export function factsOf(column: Column): Facts {
  let facts = known.get(column);
  if (!facts) known.set(column, (facts = count(column)));
  return facts;
}
export const forgetFacts = (column: Column): void => { known.delete(column); };

function count(column: Column): Facts {
  const rows = column.length, present = rows - column.missingCount;
  switch (column.schema.storage) {
    case 'number': return numberFacts(column, rows, present);
    case 'code': return codeFacts(column, rows, present);
    case 'string': return stringFacts(column, rows, present);
  }
}

function numberFacts(column: Column, rows: number, present: number): Facts {
  const numbers = column.numbers(), distinct = distinctNumbers(numbers);
  const n = distinct.values.length;
  let whole = true, mostFrequent = 0;
  for (let i = 0; i < n && whole; i++) whole = Number.isInteger(distinct.values[i]);
  for (let i = 0; i < n; i++) if (distinct.counts[i] > mostFrequent) mostFrequent = distinct.counts[i];
  let step: number | undefined;
  if (rows >= 2 && present === rows && n === rows) {
    step = numbers[1] - numbers[0];
    // Whole steps are exact; a step of milliseconds likewise. Fractions would need a tolerance, and no sequence of ids has them.
    for (let i = 2; i < rows; i++) if (numbers[i] - numbers[i - 1] !== step) { step = undefined; break; }
  }
  let sample: string[] | undefined;
  return {
    rows, present, distinct: n, mostFrequent,
    // Only whole numbers may be anything but numbers by the look of them: of 300 columns of measurements, writing samples took most of the time.
    get sample() { return (sample ??= sampleOf(column)); },
    numbers: { distinct, whole, min: n > 0 ? distinct.values[0] : NaN, max: n > 0 ? distinct.values[n - 1] : NaN, step },
  };
}

function codeFacts(column: Column, rows: number, present: number): Facts {
  const counts = categoryCounts(column.codes(), column.categories().length);
  let distinct = 0, mostFrequent = 0;
  for (const c of counts) { if (c > 0) distinct++; if (c > mostFrequent) mostFrequent = c; }
  const categories = column.categories(), sample: string[] = [];
  const stride = Math.max(1, Math.floor(counts.length / sampleSize));
  for (let i = 0; i < counts.length && sample.length < sampleSize; i += stride) if (counts[i] > 0) sample.push(categories[i]);
  return { rows, present, distinct, mostFrequent, sample, counts };
}

function stringFacts(column: Column, rows: number, present: number): Facts {
  const seen = new Map<string, number>();
  let mostFrequent = 0;
  for (let i = 0; i < rows; i++) {
    const text = column.text(i);
    if (text === null) continue;
    const n = (seen.get(text) ?? 0) + 1;
    seen.set(text, n);
    if (n > mostFrequent) mostFrequent = n;
  }
  return { rows, present, distinct: seen.size, mostFrequent, sample: sampleOf(column), counts: Int32Array.from(seen.values()) };
}

/** Distinct cells as written, from rows spread evenly over the column: neighbours in a file are often alike. */
export function sampleOf(column: Column, size = sampleSize): string[] {
  const found = new Set<string>(), rows = column.length;
  // A stride that shares no factor with the row count visits every row once, in an order that ignores local runs.
  let stride = Math.max(1, Math.floor(rows * 0.618));
  while (gcd(stride, rows) !== 1) stride++;
  for (let i = 0, row = 0, tries = Math.min(rows, size * 20); i < tries && found.size < size; i++, row = (row + stride) % rows) if (!column.isMissing(row)) found.add(column.lexeme(row));
  return [...found];
}
function gcd(a: number, b: number): number { return b === 0 ? a : gcd(b, a % b); }

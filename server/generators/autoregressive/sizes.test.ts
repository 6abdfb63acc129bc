import { expect, test } from 'vitest';
import { columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { KeyStream } from '../../random';
import { chooseSizes, effectiveRows } from './sizes';

const n = 4000, hour = 3_600_000;
/** A first-order autoregression of each correlation, hour by hour, in a shuffled order of rows. */
function hourly(correlations: readonly number[], missing = 0): ReturnType<typeof makeTable> {
  const s = new KeyStream(5, 'series'), order = s.permutation(0, n), columns = [numberColumn(columnSchema({ name: 'when', kind: 'datetime', storage: 'number' }), Float64Array.from(order, (t) => t * hour))];
  correlations.forEach((r, c) => {
    const e = s.normals(n + c * n, n), x = new Float64Array(n);
    x[0] = e[0]!;
    for (let t = 1; t < n; t++) x[t] = r * x[t - 1]! + Math.sqrt(1 - r * r) * e[t]!;
    columns.push(numberColumn(columnSchema({ name: `x${c}`, kind: 'real', storage: 'number' }), Float64Array.from(order, (t) => (t % 10 < missing ? NaN : x[t]!))));
  });
  return makeTable(plainDialect, columns, n);
}

test('rows that repeat their neighbours in time are worth n (1 - r) / (1 + r), r the median column\'s', () => {
  // .9: 4000 / 19 = 211; the standard error of r is about sqrt((1 - r^2) / n) = .007, so 6% to 7% of (1 - r) each way.
  expect(effectiveRows(hourly([0.1, 0.9, 0.99]))).toBeGreaterThan(211 * 0.75);
  expect(effectiveRows(hourly([0.1, 0.9, 0.99]))).toBeLessThan(211 * 1.3);
  expect(effectiveRows(hourly([0.9], 3))).toBeLessThan(211 * 1.4);
});
test('independent rows are worth themselves, with a time or without', () => {
  expect(effectiveRows(hourly([0, 0, 0]))).toBeGreaterThan(n * 0.93);
  const x = numberColumn(columnSchema({ name: 'x', kind: 'real', storage: 'number' }), Float64Array.from({ length: n }, (_, i) => i));
  expect(effectiveRows(makeTable(plainDialect, [x], n))).toBe(n);
});
test('rows that are alike get a narrow network, and as many to a batch as ever', () => {
  expect(chooseSizes(14_000, 8)).toMatchObject({ hidden: 128, batch: 512 });
  expect(chooseSizes(14_000, 8, 350)).toMatchObject({ hidden: 32, fineHidden: 32, batch: 512, dropout: 0.35 });
});
test('targets are smoothed for few rows, or as many as few are worth, alone', () => {
  expect([chooseSizes(1999, 8), chooseSizes(14_000, 8, 350), chooseSizes(2000, 8), chooseSizes(14_000, 8)].map((s) => s.smoothing)).toEqual([0.15, 0.15, 0, 0]);
});

import { expect, test } from 'vitest';
import { tableOf } from '../../evaluation/fixture';
import type { Plan } from '../../protocol';
import { divide } from './parts';

const days = (from: number, count: number) => tableOf({
  date: { kind: 'date', cells: Array.from({ length: count }, (_, i) => from + i) }, level: { kind: 'real', cells: Array.from({ length: count }, (_, i) => Math.sin((from + i) / 9)) },
});
const plan = { seed: 1, source: { path: 'series.csv' }, holdout: { path: 'later.csv' } } as Plan;

test('the time is left out of comparisons with a control of other times, not with one of the same times', () => {
  const divided = divide(days(0, 400), plan, undefined, undefined);
  expect(divided.controlWithout).toEqual({ columns: ['date'], why: `The control consists of ${divided.control!.rows / 8} blocks of time` });
  expect(divide(days(0, 400), plan, undefined, days(400, 100)).controlWithout).toEqual({ columns: ['date'], why: 'The control holds other times than the table' });
  expect(divide(days(0, 400), plan, undefined, days(300, 100)).controlWithout).toBeUndefined();
});

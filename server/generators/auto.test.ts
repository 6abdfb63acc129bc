import { expect, test } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../table/columns';
import { chooseGenerator, factsOf } from './auto';
import { findGenerator } from './registry';

test('tells continuous columns from numbers of few values and categories', () => {
  const n = 5000, number = (name: string, of: (i: number) => number) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number' }), Float64Array.from({ length: n }, (_, i) => of(i)));
  const table = makeTable(plainDialect, [number('x', (i) => Math.sqrt(i)), number('few', (i) => i % 7), number('gone', () => NaN), codeColumn(columnSchema({ name: 'c', kind: 'category', storage: 'code' }), new Int32Array(n), ['a'])]);
  expect(factsOf(table, 30)).toEqual({ rows: n, columns: 4, continuous: 0.25, budgetSeconds: 30 });
});

test.each([
  [{ rows: 30_000, columns: 15, continuous: 0.3, budgetSeconds: 45 }, 'autoregressive'], [{ rows: 300, columns: 10, continuous: 0.9, budgetSeconds: 45 }, 'autoregressive'],
  [{ rows: 30_000, columns: 15, continuous: 0.3, budgetSeconds: 1 }, 'gaussian-copula'], [{ rows: 30_000, columns: 9, continuous: 1, budgetSeconds: 1 }, 'gaussian-mixture'],
  [{ rows: 500, columns: 1200, continuous: 1, budgetSeconds: 60 }, 'gaussian-copula'], [{ rows: 500, columns: 5000, continuous: 1, budgetSeconds: 60 }, 'independent'], [{ rows: 500, columns: 1, continuous: 1, budgetSeconds: 60 }, 'independent'],
])('%j: %s, which is registered, with a reason that names the table', (facts, id) => {
  const choice = chooseGenerator(facts);
  expect(choice.id).toBe(id);
  expect(findGenerator(choice.id)).toBeDefined();
  expect(choice.why).toContain(facts.rows.toLocaleString('en'));
});

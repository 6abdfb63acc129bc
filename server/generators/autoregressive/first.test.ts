import { expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { autoregressive } from './autoregressive';
import { makeLayout } from './layout';

// A husband is a man and a wife a woman; in the table the role stands before the sex, so that the fitted order asks for the sex given the role, and never for the role given the sex.
const n = 3000, u = new KeyStream(5, 'people').uniforms(0, 3 * n), sex = Int32Array.from({ length: n }, (_, i) => (u[i]! < 0.35 ? 0 : 1)), role = sex.map((s, i) => (u[n + i]! < 0.45 ? 2 : s));
const word = (name: string, cells: Int32Array, words: string[]) => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), cells, words);
const table = makeTable(plainDialect, [word('role', role, ['wife', 'husband', 'single']), word('sex', sex, ['f', 'm']), numberColumn(columnSchema({ name: 'age', kind: 'integer', storage: 'number' }), Float64Array.from({ length: n }, (_, i) => 20 + Math.floor(40 * u[2 * n + i]!) + 5 * role[i]!))]);

test('columns named first are first in the order', () => {
  const names = (first?: string[]): string[] => { const l = makeLayout(table, undefined, first); return [...l.order].map((c) => l.columns[c]!.name); };
  expect(names()).toEqual(['role', 'sex', 'age']);
  expect(names(['age', 'sex'])).toEqual(['age', 'sex', 'role']);
});

test('rows given what was learnt first follow the fitted order: after few steps that is right where other orders are not yet', async () => {
  const men = async (first: string[]): Promise<number> => {
    const g = await autoregressive.fit({ fit: table, validation: table.take([]), first, seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: false, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined }, { steps: 120, hidden: 16, embedding: 8, batch: 128, anyOrder: 0.1 });
    const rows = 4000, made = await g.sample(rows, { seed: 4, given: makeTable(plainDialect, [word('sex', new Int32Array(rows), ['f', 'm'])], rows) });
    await g.dispose();
    return made.column('role').codes().reduce((k, c) => k + (c === 1 ? 1 : 0), 0) / rows;
  };
  const [plain, leading] = [await men([]), await men(['sex'])];
  expect(leading).toBeLessThan(0.05);
  expect(plain).toBeGreaterThan(2 * leading);
});

import { expect, test } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../table/columns';
import { Stream } from '../random';
import type { Table } from '../table/table';
import type { FitContext, FittedGenerator } from './generator';
import { generators } from './registry';

/** Two categories and a number of four values, all dependent. */
function tableOf(n: number, seed: number): Table {
  const s = new Stream(seed, 'likelihood'), a = new Int32Array(n), b = new Int32Array(n), x = new Float64Array(n);
  for (let i = 0; i < n; i++) { a[i] = s.below(3); b[i] = s.uniform() < 0.85 ? Number(a[i] > 0) : s.below(2); x[i] = b[i] * 2 + Number(s.uniform() < 0.3); }
  return rowsOf(a, b, x);
}
const rowsOf = (a: Int32Array, b: Int32Array, x: Float64Array): Table => makeTable(plainDialect, [
  codeColumn(columnSchema({ name: 'a', kind: 'category', storage: 'code' }), a, ['p', 'q', 'r']), codeColumn(columnSchema({ name: 'b', kind: 'category', storage: 'code' }), b, ['no', 'yes']),
  numberColumn(columnSchema({ name: 'x', kind: 'integer', storage: 'number', number: { style: 'fixed', decimals: 0 } }), x),
]);
const context = (fit: Table, validation: Table): FitContext => ({ fit, validation, seed: 2, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined });
const few: Record<string, Record<string, unknown>> = { autoregressive: { steps: 120 }, transformer: { epochs: 12, width: 16 }, flow: { epochs: 12 }, 'score-sde': { steps: 200, width: 32, blocks: 1 } };
const fit = tableOf(600, 1), cells = Array.from({ length: 24 }, (_, i) => i), every = rowsOf(Int32Array.from(cells, i => i % 3), Int32Array.from(cells, i => Math.floor(i / 3) % 2), Float64Array.from(cells, i => Math.floor(i / 6)));

const having = generators.filter(g => g.capabilities.exactLikelihood);
test('there are such generators', () => { expect(having.map(g => g.id).sort()).toEqual(['autoregressive', 'flow', 'gaussian-mixture', 'independent', 'score-sde', 'transformer']); });

test.each(having.map(g => [g.id, g] as const))('%s: what a fitted model says of rows is the law it draws from', async (id, entry) => {
  const generator = await entry.load(), fitted = await generator.fit(context(fit, tableOf(200, 2)), generator.parameters.parse(few[id] ?? {})), again = await generator.load(fitted.save(), 'cpu');
  const says = async (g: FittedGenerator, t: Table) => g.likelihood!.of(t, { seed: 1 });
  const p = Array.from(await says(again, every), Math.exp);
  // the saved model and the fitted one are one model
  (await says(fitted, every)).forEach((v, i) => expect(v).toBeCloseTo(Math.log(p[i]), 3));
  if (id === 'score-sde') {
    // a density of vectors about every row: rows that occur are likelier than rows that do not
    const shuffled = rowsOf(fit.column('a').codes(), fit.column('b').codes().slice().reverse(), fit.column('x').numbers()), mean = (x: Float64Array) => x.reduce((s, v) => s + v, 0) / x.length;
    expect(mean(await says(again, fit.take(Int32Array.from(cells))))).toBeGreaterThan(mean(await says(again, shuffled.take(Int32Array.from(cells)))) + 0.5);
  } else {
    expect(p.reduce((s, v) => s + v, 0)).toBeCloseTo(1, 2);
    const n = 4000, drawn = await again.sample(n, { seed: 5 }), count = new Float64Array(24), [a, b] = ['a', 'b'].map(k => drawn.column(k)), x = drawn.column('x').numbers();
    for (let i = 0; i < n; i++) count[['p', 'q', 'r'].indexOf(a.lexeme(i)) + 3 * ['no', 'yes'].indexOf(b.lexeme(i)) + 6 * x[i]]++;
    // within four and a half standard errors, and what a small model's sampler rounds
    p.forEach((v, i) => expect(Math.abs(count[i] / n - v)).toBeLessThan(4.5 * Math.sqrt((v + 1e-3) / n) + 0.004));
  }
  await fitted.dispose(); await again.dispose();
}, 120_000);

test('generators without the capability have none', async () => {
  for (const id of ['cart', 'smote', 'gaussian-copula']) {
    const generator = await generators.find(g => g.id === id)!.load(), fitted = await generator.fit(context(fit, tableOf(100, 2)), generator.parameters.parse({}));
    expect(fitted.likelihood).toBeUndefined();
    await fitted.dispose();
  }
});

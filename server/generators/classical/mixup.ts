import { z } from 'zod';
import { KeyStream } from '../../engine';
import { betaQuantile } from '../../learners/distributions';
import { checkGiven, withGiven } from '../blocks/given';
import type { FittedGenerator, Generator } from '../generator';
import { packRecord, unpackRecord } from '../trees/pack';
import { classAt, classOf, conditionable, storeRows, tableOfRows, type RowStore } from './rows';
import { interpolate } from './smote-core';

const parameters = z.strictObject({
  alpha: z.number().min(0.01).max(100).default(0.2).describe('The share of the second row follows a Beta(alpha, alpha): small values stay near one of the two rows.'),
  least: z.number().min(0).max(0.5).default(0.1).describe('Both rows have at least this share, so that no new row is nearly a real one; 0 as published.'),
  mostRows: z.int().min(10).max(10_000_000).default(100_000).describe('New rows are made from at most this many fitting rows, evenly spread over the table.'),
});
interface Model { version: 1; store: RowStore; alpha: number; least: number }

const chunk = 8192, quantiles = 4096;

/**
 * mixup (Zhang, Cisse, Dauphin & Lopez-Paz, ICLR 2018, section 2) within each class: numbers are lambda x_i + (1 - lambda) x_j, a category is x_i's with
 * probability lambda (a draw from the mixed one-hot vector). It keeps means within classes, and blurs everything else between its two rows.
 */
export const mixup: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given);
    await context.progress({ phase: 'training', fraction: 0 });
    const store = storeRows(context.fit, context.outcome, p.mostRows);
    await context.progress({ phase: 'training', fraction: 1 });
    return fitted({ version: 1, store, alpha: p.alpha, least: p.least });
  },
  async load(bytes) { return fitted(unpackRecord<Model>(bytes)); },
};

/** Inverse of the Beta(alpha, alpha) distribution function between `quantiles` exact places. */
export function betaDraws(alpha: number): (u: number) => number {
  const table = Float64Array.from({ length: quantiles + 1 }, (_, i) => betaQuantile(i / quantiles, alpha, alpha));
  return (u) => { const x = u * quantiles, i = Math.min(quantiles - 1, Math.floor(x)); return table[i]! + (x - i) * (table[i + 1]! - table[i]!); };
}

function fitted(model: Model): FittedGenerator {
  const { store, alpha, least } = model, d = store.numberColumns.length, C = store.codeColumns.length, { columns, canCondition } = conditionable(store), perRow = 4 + C;
  let beta: ((u: number) => number) | undefined;
  return {
    device: { name: 'cpu', description: 'CPU', whyNotBetter: 'averages need no accelerator' },
    resolved: {},
    canCondition,
    async sample(rows, { seed, given: asked, progress }) {
      beta ??= betaDraws(alpha);
      const given = checkGiven(columns, asked, rows, canCondition), label = given?.columns[0]!.codes(), stream = new KeyStream(seed, 'mixup/sample'), numbers = new Float64Array(rows * d), codes = new Int32Array(rows * C);
      for (let from = 0; from < rows; from += chunk) {
        const count = Math.min(chunk, rows - from), u = stream.uniforms(from * perRow, count * perRow);
        for (let r = 0; r < count; r++) {
          const at = r * perRow, row = from + r, own = label ? classOf(store, label[row]!) : classAt(store, u[at]!), n = own.rows.length;
          const a = Math.floor(u[at + 1]! * n), i = own.rows[a]!;
          // Another row than the first: one row mixed with itself would be that row. A class of one row mixes with the whole table.
          const j = n > 1 ? own.rows[(a + 1 + Math.floor(u[at + 2]! * (n - 1))) % n]! : Math.floor(u[at + 2]! * store.rows), lambda = Math.min(1 - least, Math.max(least, beta(u[at + 3]!)));
          interpolate(store.numbers, j, i, lambda, d, numbers, row * d);
          store.codeColumns.forEach(({ column }, f) => { codes[row * C + f] = column === store.outcome ? own.code : store.codes[(u[at + 4 + f]! < lambda ? i : j) * C + f]!; });
        }
        await progress?.(from + count);
      }
      return withGiven(tableOfRows(store, numbers, codes, rows), given);
    },
    save: () => packRecord(model),
    dispose: async () => undefined,
  };
}

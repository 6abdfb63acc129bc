import { z } from 'zod';
import { KeyStream, openDevice, type Device } from '../../engine';
import { nearest } from '../../learners/neighbours';
import { checkGiven, withGiven } from '../blocks/given';
import type { FitContext, FittedGenerator, Generator } from '../generator';
import { packRecord, unpackRecord } from '../trees/pack';
import { classAt, classOf, conditionable, storeRows, tableOfRows, type RowStore } from './rows';
import { interpolate, medianDeviation, neighbourPoints, vote } from './smote-core';

const parameters = z.strictObject({
  neighbours: z.int().min(1).max(100).default(5).describe('Nearest neighbours within the class, one of which a new row leans towards, and which all vote on its categories.'),
  scale: z.boolean().default(true).describe('Numbers are divided by their standard deviations before distances are taken; off: as they are, as published.'),
  mostRows: z.int().min(10).max(1_000_000).default(30_000).describe('New rows are made from at most this many fitting rows, evenly spread over the table.'),
});
interface Model { version: 1; store: RowStore; k: number; /** [rows, k], as row numbers */ neighbours: Int32Array }

/** Codes of a column that distances tell apart; rarer ones count as one. Votes know them all. */
const mostCodes = 64;
const chunk = 8192;

/**
 * SMOTE for whole tables: every new row lies on the line between a row and one of its nearest neighbours within the same class, its categories are voted by
 * the neighbours (SMOTE-NC). Classes keep their shares. It interpolates real rows, so it stays near them: see the privacy figures.
 */
export const smote: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), store = storeRows(context.fit, context.outcome, p.mostRows), device = await openDevice(context.device), k = Math.max(1, Math.min(p.neighbours, store.rows - 1));
    await context.progress({ phase: 'training', fraction: 0, device: device.info });
    return fitted({ version: 1, store, k, neighbours: await neighboursOf(store, k, p.scale, device, context) });
  },
  async load(bytes) { return fitted(unpackRecord<Model>(bytes)); },
};

async function neighboursOf(store: RowStore, k: number, scale: boolean, device: Device, context: FitContext): Promise<Int32Array> {
  const { rows, numberColumns, codeColumns } = store, d = numberColumns.length, C = codeColumns.length, out = new Int32Array(rows * k), all = Int32Array.from({ length: rows }, (_, r) => r), x = store.numbers.slice();
  for (let j = 0; j < d; j++) {
    const own = scale ? medianDeviation(Float64Array.from(all, (r) => x[r * d + j]!), all, 1) || 1 : 1;
    for (let r = 0; r < rows; r++) x[r * d + j]! /= own;
  }
  // The class column says nothing within a class.
  const { codes, sizes } = distanceCodes(store);
  let done = 0;
  const search = async (queries: Int32Array, among: Int32Array): Promise<void> => {
    const deviation = medianDeviation(x, among, d) || 1, points = neighbourPoints(x, codes, among, d, sizes, deviation), self = queries === among;
    const asked = self ? points.values : neighbourPoints(x, codes, queries, d, sizes, deviation).values;
    const found = await nearest({ values: asked, rows: queries.length, width: points.width }, { values: points.values, rows: among.length, width: points.width }, {
      k: self ? k : Math.min(k + 1, among.length), excludeSelf: self, device,
      progress: async (f) => context.progress({ phase: 'training', fraction: (done + f * queries.length) / rows, message: 'nearest neighbours', device: device.info }),
    });
    queries.forEach((q, i) => {
      // Among the whole table a row finds itself as well.
      const own = [...found.indices.subarray(i * found.k, (i + 1) * found.k)].map((n) => (n < 0 ? -1 : among[n]!)).filter((n) => n >= 0 && n !== q);
      for (let j = 0; j < k; j++) out[q * k + j] = own[j % Math.max(1, own.length)] ?? q;
    });
    done += queries.length;
  };
  if (C + d === 0 || rows < 2) return out.map((_, i) => Math.floor(i / k));
  // A class too small for k neighbours of its own leans towards the whole table: its row alone would only be repeated.
  for (const c of store.classes) await (c.rows.length > k ? search(c.rows, c.rows) : search(c.rows, all));
  return out;
}

/** Codes as distances see them: frequent ones each, the others together, missing included. */
function distanceCodes(store: RowStore): { codes: Int32Array; sizes: number[] } {
  const C = store.codeColumns.length, codes = new Int32Array(store.rows * C), sizes: number[] = [];
  for (let f = 0; f < C; f++) {
    const counts = new Map<number, number>();
    for (let r = 0; r < store.rows; r++) { const c = store.codes[r * C + f]!; counts.set(c, (counts.get(c) ?? 0) + 1); }
    const ranked = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b), place = new Map(ranked.map((c, i) => [c, Math.min(i, mostCodes - 1)]));
    for (let r = 0; r < store.rows; r++) codes[r * C + f] = place.get(store.codes[r * C + f]!)!;
    sizes.push(Math.min(mostCodes, ranked.length));
  }
  return { codes, sizes };
}

function fitted(model: Model): FittedGenerator {
  const { store, k, neighbours } = model, d = store.numberColumns.length, C = store.codeColumns.length, { columns, canCondition } = conditionable(store), perRow = 4 + C;
  return {
    device: { name: 'cpu', description: 'CPU', whyNotBetter: 'a search of neighbours is all there is to it' },
    resolved: {},
    canCondition,
    async sample(rows, { seed, given: asked, progress }) {
      const given = checkGiven(columns, asked, rows, canCondition), label = given?.columns[0]!.codes(), stream = new KeyStream(seed, 'smote/sample'), numbers = new Float64Array(rows * d), codes = new Int32Array(rows * C);
      for (let from = 0; from < rows; from += chunk) {
        const count = Math.min(chunk, rows - from), u = stream.uniforms(from * perRow, count * perRow);
        for (let i = 0; i < count; i++) {
          const at = i * perRow, row = from + i, own = label ? classOf(store, label[row]!) : classAt(store, u[at]!), base = own.rows[Math.floor(u[at + 1]! * own.rows.length)]!, near = neighbours.subarray(base * k, (base + 1) * k);
          interpolate(store.numbers, base, near[Math.floor(u[at + 2]! * k)]!, u[at + 3]!, d, numbers, row * d);
          store.codeColumns.forEach(({ column }, f) => {
            codes[row * C + f] = column === store.outcome ? own.code : vote(store.codes, C, f, near, (ties) => ties[Math.floor(u[at + 4 + f]! * ties.length)]!);
          });
        }
        await progress?.(from + count);
      }
      return withGiven(tableOfRows(store, numbers, codes, rows), given);
    },
    save: () => packRecord(model),
    dispose: async () => undefined,
  };
}

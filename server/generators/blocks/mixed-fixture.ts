/** For tests: a table in which there is a little of everything to learn, and a fit's context. */
import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Column, Table } from '../../table/table';
import type { FitContext } from '../generator';

export const category = (name: string, codes: Int32Array, categories: string[]): Column => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), codes, categories);
export const number = (name: string, values: Float64Array): Column => numberColumn(columnSchema({ name, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 3 } }), values);

/** x in two modes by the group, y a wave over x with a tenth missing, few: five values that the group shifts; other: unrelated, a fifth missing. */
export function mixedTable(rows: number): Table {
  const u = [0, 1, 2, 3].map((k) => new KeyStream(3, `mixed/${k}`).uniforms(0, rows)), z = new KeyStream(3, 'mixed/z').normals(0, rows);
  const group = Int32Array.from(u[0]!, (v) => (v < 0.4 ? 0 : 1)), x = Float64Array.from(z, (v, i) => (group[i] === 0 ? -3 : 3) + v);
  const y = Float64Array.from(x, (v, i) => (u[2]![i]! < 0.1 ? NaN : Math.sin(v) + 0.1 * (u[1]![i]! - 0.5)));
  return makeTable(plainDialect, [
    number('x', x), category('other', Int32Array.from(u[1]!, (v) => (v < 0.2 ? -1 : Math.floor(4 * v))), ['a', 'b', 'c', 'd']), number('y', y),
    category('group', group, ['low', 'high']), number('few', Float64Array.from(u[3]!, (v, i) => Math.floor(3 * v) + 2 * group[i]!)),
  ], rows);
}
export const fitContext = (fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext => ({
  fit, validation, outcome: 'group', seed: 5, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra,
});
export const rowsOf = (t: Table): string[] => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join(','));

/** How far drawn rows of `mixedTable` are from what was to be learnt: each 0 when right, and what the columns alone would give is about 1 for `wave`, .5 for `apart`. */
export function mistakes(t: Table): { between: number; share: number; apart: number; missing: number; wave: number } {
  const x = t.column('x').numbers(), y = t.column('y').numbers(), g = t.column('group').codes(), n = t.rows;
  const share = (of: (i: number) => boolean): number => { let k = 0; for (let i = 0; i < n; i++) if (of(i)) k++; return k / n; };
  let error = 0, spread = 0;
  for (let i = 0; i < n; i++) if (!Number.isNaN(y[i]!) && Math.abs(Math.abs(x[i]!) - 3) < 2) { error += (y[i]! - Math.sin(x[i]!)) ** 2; spread += 2 * y[i]! ** 2; }
  return { between: share((i) => Math.abs(x[i]!) < 0.6), share: Math.abs(share((i) => g[i] === 0) - 0.4), apart: share((i) => (x[i]! > 0) !== (g[i] === 1)), missing: Math.abs(share((i) => Number.isNaN(y[i]!)) - 0.1), wave: error / spread };
}

/** Kills a fit after a few chunks, by its `progress`, with checkpoints falling due at every chunk; gives the last checkpoint. */
export async function killed(fit: (extra: Partial<FitContext>) => Promise<unknown>, chunks: number): Promise<Uint8Array> {
  const clock = performance.now.bind(performance), stop = new Error('killed');
  let ahead = 0, seen = 0, last: Uint8Array | undefined;
  performance.now = () => clock() + (ahead += 3000);
  try {
    await fit({ checkpoint: async (state) => { last = state; }, progress: async ({ step }) => { if ((step ?? 0) > 0 && ++seen > chunks) throw stop; } });
  } catch (e) { if (e !== stop) throw e; } finally { performance.now = clock; }
  if (!last) throw new Error('the fit ended before a checkpoint');
  return last;
}

/** Twenty contexts whose mean, covariance and tails shift from one to the next, some of only 30 rows; and how far made rows of a context are from a large sample of the truth. */
import { KeyStream } from '../../server/random';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../server/table/columns';
import { ksStatistic } from '../../server/evaluation/fidelity/shape-scores';
import type { Table } from '../../server/table/table';

export const contexts = 20, columns = 4;
/** Every fifth context has 30 rows. */
export const rowsOf = (context: number, common: number): number => (context % 5 === 4 ? 30 : common);

/** `n` rows of a context: a common factor whose weight and sign shift, means that shift, and tails from normal to those of three degrees of freedom. */
function draw(context: number, n: number, stream: KeyStream): Float64Array[] {
  const z = stream.child(`${context}`).normals(0, n * (columns + 4)), t = context / (contexts - 1), width = columns + 4;
  return Array.from({ length: columns }, (_, j) => Float64Array.from({ length: n }, (_v, i) => {
    const at = i * width, weight = 0.9 * Math.cos(Math.PI * (t + j / columns)), noise = Math.sqrt(1 - weight * weight) * z[at + 1 + j]!, core = weight * z[at]! + noise;
    const chi = (z[at + columns + 1]! ** 2 + z[at + columns + 2]! ** 2 + z[at + columns + 3]! ** 2) / 3, tail = t < 0.5 ? 1 : 1 / Math.sqrt(Math.max(0.05, chi));
    return 3 * Math.sin(2 * Math.PI * t + j) + (0.5 + t) * core * tail;
  }));
}
export function simulate(common: number, seed: number): Table {
  const parts = Array.from({ length: contexts }, (_, c) => draw(c, rowsOf(c, common), new KeyStream(seed, 'simulated'))), total = parts.reduce((n, p) => n + p[0]!.length, 0), codes = new Int32Array(total), values = Array.from({ length: columns }, () => new Float64Array(total));
  let at = 0;
  parts.forEach((p, c) => { const n = p[0]!.length; codes.fill(c, at, at + n); p.forEach((v, j) => values[j]!.set(v, at)); at += n; });
  const order = new KeyStream(seed, 'simulated/order').permutation(0, total);
  return makeTable(plainDialect, [codeColumn(columnSchema({ name: 'context', kind: 'category', storage: 'code' }), codes, Array.from({ length: contexts }, (_, c) => `c${c}`)), ...values.map((v, j) => numberColumn(columnSchema({ name: `x${j}`, kind: 'real', storage: 'number' }), v))]).take(order);
}
/** Per context: the mean Kolmogorov-Smirnov distance of the columns from the truth, and the mean difference of their rank correlations (tails of three degrees of freedom have no stable other). */
export function distances(made: Table): Array<{ shape: number; correlation: number }> {
  const codes = made.column('context').codes();
  return Array.from({ length: contexts }, (_, c) => {
    const rows = [...codes.keys()].filter((i) => codes[i] === c), own = Array.from({ length: columns }, (_v, j) => Float64Array.from(rows, (i) => made.column(`x${j}`).numbers()[i]!)), truth = draw(c, 4000, new KeyStream(99, 'truth'));
    let shape = 0, correlation = 0, pairs = 0;
    for (let j = 0; j < columns; j++) {
      shape += ksStatistic(own[j]!.slice().sort(), truth[j]!.slice().sort()).statistic / columns;
      for (let k = 0; k < j; k++) { correlation += Math.abs(correlated(own[j]!, own[k]!) - correlated(truth[j]!, truth[k]!)); pairs++; }
    }
    return { shape, correlation: correlation / pairs };
  });
}
function correlated(a: Float64Array, b: Float64Array): number {
  const rank = (x: Float64Array): Float64Array => { const order = [...x.keys()].sort((i, j) => x[i]! - x[j]!), r = new Float64Array(x.length); order.forEach((i, k) => { r[i] = (k + 0.5) / x.length - 0.5; }); return r; };
  const x = rank(a), y = rank(b);
  let xy = 0, xx = 0, yy = 0;
  for (let i = 0; i < x.length; i++) { xy += x[i]! * y[i]!; xx += x[i]! ** 2; yy += y[i]! ** 2; }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}
/** Rows of every context in equal number, as `given`. */
export const everyContext = (table: Table, each: number): Table => {
  const codes = table.column('context').codes(), first = Array.from({ length: contexts }, (_, c) => codes.indexOf(c));
  return table.select(['context']).take(first.flatMap((i) => new Array<number>(each).fill(i)));
};

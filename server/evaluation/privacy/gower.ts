import type { Part, View } from '../view';

/**
 * Nearest synthetic rows by Gower's distance (1971; as in Giomi et al. 2023): numbers by their difference over the range of both tables, categories equal or not, missing
 * equal to missing only; columns added up. For each target, for many choices of columns at once: a pair's column distances are computed once, and each choice of
 * columns is a sum of some of them.
 */
export interface NearestGuess { /** Without column j: [j][target], the nearest synthetic row by all other columns. */ without: Int32Array[]; /** By the first and by the second group of columns. */ groups: [Int32Array, Int32Array] }

/** Two distances closer than this are a tie, which the lower row wins: sums in different orders round differently. */
const tie = 1e-9;

/**
 * @param targets rows of `part`
 * @param first whether a column is in the first of two groups
 * @param over the tables over whose range numbers are scaled; the same for all targets, so that training and control people are measured alike
 * Time: targets x synthetic rows x columns, twice.
 */
export async function nearestGuesses(view: View, part: Part, targets: Int32Array, first: readonly boolean[], breathe: (fraction: number) => Promise<void>, over: readonly Part[] = ['training', 'control', 'synthetic']): Promise<NearestGuess> {
  const J = view.columns.length, n = view.rows.synthetic, T = targets.length;
  // numbers over their range, categories as codes, missing as NaN
  const asked: Float64Array[] = [], made: Float64Array[] = [], number: boolean[] = [];
  for (const c of view.columns) {
    const isNumber = c.type === 'number', a = c.values(part), s = c.values('synthetic');
    let low = Infinity, high = -Infinity;
    if (isNumber) for (const p of over) { const v = c.sorted(p); if (v.length) { low = Math.min(low, v[0]); high = Math.max(high, v[v.length - 1]); } }
    const range = high > low ? high - low : 1, code = (v: number) => (isNumber ? v / range : v < 0 ? Number.NaN : v);
    asked.push(Float64Array.from(targets, r => code(a[r]))); made.push(Float64Array.from(s, code)); number.push(isNumber);
  }
  const without = Array.from({ length: J }, () => new Int32Array(T)), groups: [Int32Array, Int32Array] = [new Int32Array(T), new Int32Array(T)];
  const total = new Float64Array(n), one = new Float64Array(n), columns = Array.from({ length: J }, () => new Float64Array(n));
  for (let t = 0; t < T; t++) {
    total.fill(0); one.fill(0);
    for (let j = 0; j < J; j++) {
      const x = asked[j][t], v = made[j], d = columns[j], group = first[j];
      for (let i = 0; i < n; i++) {
        const y = v[i];
        let here: number;
        if (x !== x || y !== y) here = x !== x && y !== y ? 0 : 1;
        else here = number[j] ? Math.abs(x - y) : x === y ? 0 : 1;
        d[i] = here; total[i] += here;
        if (group) one[i] += here;
      }
    }
    for (let j = 0; j < J; j++) without[j][t] = least(total, columns[j], n);
    groups[0][t] = least(one, undefined, n);
    groups[1][t] = least(total, one, n);
    if (t % 16 === 15) await breathe(t / T);
  }
  return { without, groups };
}

/** Where total - less is smallest. */
function least(total: Float64Array, less: Float64Array | undefined, n: number): number {
  let best = Infinity, at = 0;
  for (let i = 0; i < n; i++) {
    const d = less ? total[i] - less[i] : total[i];
    if (d < best - tie) { best = d; at = i; }
  }
  return at;
}

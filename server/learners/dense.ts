import type { FeatureMatrix } from './features';

/** A row-major matrix [rows * width]. */
export interface Dense { rows: number; width: number; values: Float64Array; names: string[] }

export interface DenseOptions {
  /** none; `standard`: minus mean, over standard deviation (divisor n); `robust`: minus median, over the interquartile range. Zero spreads count as 1. */
  scale?: 'none' | 'standard' | 'robust';
  /** How a missing number is filled. Missing categories are a category of their own where training has them, else a row of zeros. */
  fill?: 'mean' | 'median';
  /** Whether one-hot columns are scaled too (as scikit-learn's pipelines do). Default true. */
  scaleCategories?: boolean;
}

/** From features to the numbers linear models and distances use: categories one-hot, gaps filled, columns scaled; learnt once, applied to any rows. */
export interface DenseEncoder { width: number; names: string[]; encode(matrix: FeatureMatrix): Dense }

/** Learns filling values and scales from `train`. Infinite numbers are treated as missing. */
export function fitDense(train: FeatureMatrix, options: DenseOptions = {}): DenseEncoder {
  const scale = options.scale ?? 'standard', scaleCategories = options.scaleCategories ?? true;
  const names: string[] = [], plans: Array<{ kind: 'number' | 'category'; at: number; size: number; categories: number; fill: number }> = [];
  for (const f of train.features) {
    if (f.kind === 'number') {
      const seen = f.values.filter(Number.isFinite);
      const fill = seen.length === 0 ? 0 : options.fill === 'median' ? middle(((s: Float64Array) => (i: number) => s[i])(seen.sort()), seen.length, 0.5) : seen.reduce((a, b) => a + b, 0) / seen.length;
      plans.push({ kind: 'number', at: names.length, size: 1, categories: 0, fill });
      names.push(f.name);
    } else {
      const size = f.categories + (f.values.some(Number.isNaN) ? 1 : 0);
      plans.push({ kind: 'category', at: names.length, size, categories: f.categories, fill: 0 });
      for (let c = 0; c < size; c++) names.push(`${f.name}=${c < f.categories ? c : 'missing'}`);
    }
  }
  const width = names.length, centre = new Float64Array(width), spread = new Float64Array(width).fill(1);
  const place = (m: FeatureMatrix): Float64Array => {
    const out = new Float64Array(m.rows * width);
    plans.forEach((p, j) => {
      const v = m.features[j].values;
      for (let i = 0; i < m.rows; i++) {
        if (p.kind === 'number') out[i * width + p.at] = Number.isFinite(v[i]) ? v[i] : p.fill;
        else {
          const code = Number.isNaN(v[i]) ? p.categories : v[i];
          if (code < p.size) out[i * width + p.at + code] = 1;
        }
      }
    });
    return out;
  };
  /** A column's centre and spread, from its sorted values or, for `standard`, from its rows. */
  const learn = (k: number, n: number, sorted: ((i: number) => number) | undefined, row: (i: number) => number): void => {
    if (sorted) {
      centre[k] = middle(sorted, n, 0.5);
      spread[k] = middle(sorted, n, 0.75) - middle(sorted, n, 0.25);
    } else {
      let sum = 0, squares = 0;
      for (let i = 0; i < n; i++) sum += row(i);
      const mean = sum / n;
      for (let i = 0; i < n; i++) squares += (row(i) - mean) ** 2;
      centre[k] = mean;
      spread[k] = Math.sqrt(squares / n);
      if (spread[k] <= 10 * Number.EPSILON * Math.abs(mean)) spread[k] = 0;
    }
    if (!(spread[k] > 0)) spread[k] = 1;
  };
  if (scale !== 'none') plans.forEach((p, j) => {
    if (p.kind === 'category' && !scaleCategories) return;
    const v = train.features[j].values, n = train.rows;
    if (p.kind === 'number') {
      const column = Float64Array.from(v, x => (Number.isFinite(x) ? x : p.fill));
      if (scale === 'robust') column.sort();
      learn(p.at, n, scale === 'robust' ? i => column[i] : undefined, i => column[i]);
      return;
    }
    const rows = new Int32Array(p.size);
    for (let i = 0; i < n; i++) { const code = Number.isNaN(v[i]) ? p.categories : v[i]; if (code < p.size) rows[code]++; }
    // sorted, a one-hot column is zeros and then ones
    for (let c = 0; c < p.size; c++) learn(p.at + c, n, scale === 'robust' ? i => (i < n - rows[c] ? 0 : 1) : undefined, i => ((Number.isNaN(v[i]) ? p.categories : v[i]) === c ? 1 : 0));
  });
  return {
    width, names,
    encode(m) {
      if (m.features.length !== plans.length) throw new RangeError(`matrix has ${m.features.length} features, the encoder was fitted on ${plans.length}`);
      const values = place(m);
      if (scale !== 'none') for (let i = 0, at = 0; i < m.rows; i++) for (let k = 0; k < width; k++, at++) values[at] = (values[at] - centre[k]) / spread[k];
      return { rows: m.rows, width, values, names };
    },
  };
}

function middle(sorted: (i: number) => number, n: number, q: number): number {
  const at = q * (n - 1), i = Math.floor(at);
  return sorted(i) + (at - i) * (sorted(Math.min(n - 1, i + 1)) - sorted(i));
}

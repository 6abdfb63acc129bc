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
      const fill = seen.length === 0 ? 0 : options.fill === 'median' ? middle(seen.sort(), 0.5) : seen.reduce((a, b) => a + b, 0) / seen.length;
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
  if (scale !== 'none') {
    const raw = place(train), column = new Float64Array(train.rows);
    for (const p of plans) {
      if (p.kind === 'category' && !scaleCategories) continue;
      for (let k = p.at; k < p.at + p.size; k++) {
        for (let i = 0; i < train.rows; i++) column[i] = raw[i * width + k];
        if (scale === 'standard') {
          const mean = column.reduce((a, b) => a + b, 0) / column.length;
          centre[k] = mean;
          spread[k] = Math.sqrt(column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length);
          if (spread[k] <= 10 * Number.EPSILON * Math.abs(mean)) spread[k] = 0;
        } else {
          column.sort();
          centre[k] = middle(column, 0.5);
          spread[k] = middle(column, 0.75) - middle(column, 0.25);
        }
        if (!(spread[k] > 0)) spread[k] = 1;
      }
    }
  }
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

function middle(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1), i = Math.floor(at);
  return sorted[i] + (at - i) * (sorted[Math.min(sorted.length - 1, i + 1)] - sorted[i]);
}

import type { Feature, FeatureMatrix } from '../features';

/** Columns cut into at most 255 bins, and a bin for missing values after the last of them. */
export interface BinnedMatrix {
  rows: number;
  /** One Uint8Array of bin numbers per feature, of length `rows`. */
  columns: Uint8Array[];
}

/** How each feature's values become bins; learnt from the training rows, applied to any. */
export interface BinMap {
  /** Increasing upper bounds: value v falls in bin i when bounds[i-1] < v <= bounds[i]. Empty for categories. */
  bounds: Float64Array[];
  categorical: boolean[];
  /** The bin of each category code, -1 for codes that no training row has; empty for numbers. */
  codeBins: Int32Array[];
  /** Bins for values, per feature. The missing bin's number is the same figure. */
  bins: Int32Array;
}

const almostInfinite = 1e300;

/**
 * Quantile bins as in LightGBM (Ke et al. 2017) and scikit-learn: a feature with no more distinct values than `maxBins` gets one bin a
 * value, cut half-way between neighbours; another gets bounds at the k/maxBins quantiles (averaged inverted CDF; weighted when weights are given).
 * Above 200,000 rows the quantiles are taken from every m-th row of `sample`, a random order of the rows.
 *
 * A category column gets one bin a category that occurs.
 *
 * @param matrix training rows
 * @param maxBins at most 255
 * @param weights one per row; rows of weight 0 do not count
 * @param known rows whose categories count as known; the training rows when absent
 * @param sample indices of the rows that quantiles are taken from; all rows when absent
 */
export function fitBins(matrix: FeatureMatrix, maxBins: number, weights?: Float64Array, sample?: Int32Array, known: FeatureMatrix = matrix): BinMap {
  if (!(maxBins >= 2 && maxBins <= 255)) throw new RangeError(`maxBins is ${maxBins}; it must lie in [2, 255]`);
  const bins = new Int32Array(matrix.features.length), codeBins: Int32Array[] = [];
  const bounds = matrix.features.map((f, j) => {
    codeBins[j] = f.kind === 'category' ? categoryBins(known.features[j]) : new Int32Array(0);
    if (f.kind === 'category') {
      const present = codeBins[j].reduce((n, b) => Math.max(n, b + 1), 0);
      if (present > 255) throw new RangeError(`feature "${f.name}" has ${present} categories; at most 255 can be binned (encodeFeatures caps them)`);
      bins[j] = Math.max(1, present);
      return new Float64Array(0);
    }
    const b = quantileBounds(f.values, maxBins, weights, sample);
    bins[j] = b.length + 1;
    return b;
  });
  return { bounds, bins, codeBins, categorical: matrix.features.map(f => f.kind === 'category') };
}

/** Cut the rows of a matrix with the same features. A category unknown when the bins were learnt counts as missing, as in scikit-learn. */
export function applyBins(map: BinMap, matrix: FeatureMatrix): BinnedMatrix {
  if (matrix.features.length !== map.bounds.length) throw new RangeError(`matrix has ${matrix.features.length} features, the learner was fitted on ${map.bounds.length}`);
  const columns = matrix.features.map((f, j) => {
    const out = new Uint8Array(matrix.rows), v = f.values, missing = map.bins[j];
    if (map.categorical[j]) {
      const codes = map.codeBins[j];
      for (let i = 0; i < v.length; i++) { const b = v[i] >= 0 && v[i] < codes.length ? codes[v[i]] : -1; out[i] = b < 0 ? missing : b; }
      return out;
    }
    const b = map.bounds[j];
    for (let i = 0; i < v.length; i++) {
      const x = v[i];
      if (x !== x) { out[i] = missing; continue; }
      let low = 0, high = b.length;
      while (low < high) { const mid = (low + high) >> 1; if (b[mid] < x) low = mid + 1; else high = mid; }
      out[i] = low;
    }
    return out;
  });
  return { rows: matrix.rows, columns };
}

function categoryBins(f: Feature): Int32Array {
  const bins = new Int32Array(f.categories).fill(-1);
  for (const v of f.values) {
    if (v !== v) continue;
    if (!(Number.isInteger(v) && v >= 0 && v < f.categories)) throw new RangeError(`feature "${f.name}": ${v} is not a code in [0, ${f.categories})`);
    bins[v] = 0;
  }
  let next = 0;
  for (let c = 0; c < bins.length; c++) if (bins[c] === 0) bins[c] = next++;
  return bins;
}

function quantileBounds(values: Float64Array, maxBins: number, weights?: Float64Array, sample?: Int32Array): Float64Array {
  const n = sample ? sample.length : values.length;
  let count = 0, x = new Float64Array(n), cumulative: Float64Array | undefined;
  if (weights) {
    const rows: number[] = [];
    for (let i = 0; i < n; i++) { const r = sample ? sample[i] : i; if (values[r] === values[r] && weights[r] > 0) rows.push(r); }
    rows.sort((a, b) => values[a] - values[b]);
    x = Float64Array.from(rows, r => values[r]);
    let total = 0;
    cumulative = Float64Array.from(rows, r => total += weights[r]);
    count = rows.length;
  } else {
    for (let i = 0; i < n; i++) { const v = values[sample ? sample[i] : i]; if (v === v) x[count++] = v; }
    x = x.subarray(0, count).sort();
  }
  if (count === 0) return new Float64Array(0);
  const distinct: number[] = [x[0]];
  for (let i = 1; i < count && distinct.length <= maxBins; i++) if (x[i] !== x[i - 1]) distinct.push(x[i]);
  const cuts: number[] = [];
  if (distinct.length <= maxBins) {
    for (let i = 1; i < distinct.length; i++) cuts.push(distinct[i - 1] + (distinct[i] - distinct[i - 1]) / 2);
  } else {
    const step = 100 / maxBins;
    for (let k = 1; k < maxBins; k++) cuts.push(cumulative ? weightedQuantile(x, cumulative, (k * step) / 100) : averagedQuantile(x, (k * step) / 100));
  }
  const out: number[] = [];
  for (const c of cuts) { const v = Math.min(c, almostInfinite); if (out.length === 0 || v > out[out.length - 1]) out.push(v); }
  return Float64Array.from(out);
}

/** Averaged inverted CDF (Hyndman & Fan 1996, definition 2) of sorted values. */
function averagedQuantile(sorted: Float64Array, q: number): number {
  const virtual = sorted.length * q - 1, i = Math.floor(virtual);
  const a = sorted[Math.max(0, i)], b = sorted[Math.min(sorted.length - 1, i + 1)];
  return virtual > i ? b : a + (b - a) * 0.5;
}

/** The same with weights, of which `cumulative` is the running sum: the first value at which it reaches q of the total, averaged with the next where it is met exactly. */
function weightedQuantile(sorted: Float64Array, cumulative: Float64Array, q: number): number {
  const target = q * cumulative[cumulative.length - 1];
  let low = 0, high = cumulative.length - 1;
  while (low < high) { const mid = (low + high) >> 1; if (cumulative[mid] < target) low = mid + 1; else high = mid; }
  return cumulative[low] === target && low + 1 < sorted.length ? (sorted[low] + sorted[low + 1]) / 2 : sorted[low];
}

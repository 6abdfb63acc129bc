/**
 * Entropic optimal transport: the plan P with row sums a and column sums b that minimises <P, C> - epsilon H(P), by Sinkhorn's iterations (Cuturi 2013) on the logarithms of
 * the scalings (Peyre & Cuturi 2019, section 4.4), which neither overflow nor vanish however small epsilon is.
 */
export interface Plan {
  /** Row-major [n * m]. */
  plan: Float64Array;
  /** <P, C>. */
  cost: number;
  iterations: number;
  /** Largest error of a row's sum when it ended (columns are exact). */
  error: number;
}

/**
 * @param cost row-major [n * m], n = a.length, m = b.length; a and b non-negative with equal sums
 * @param epsilon in the units of the cost; smaller is nearer to unregularised transport, and slower
 * @throws RangeError for shapes or weights that do not fit
 */
export async function sinkhorn(cost: Float64Array, a: ArrayLike<number>, b: ArrayLike<number>, options: { epsilon: number; tolerance?: number; iterations?: number; progress?: () => Promise<void> }): Promise<Plan> {
  const n = a.length, m = b.length, { epsilon, tolerance = 1e-9, iterations = 1000 } = options;
  if (cost.length !== n * m || !(epsilon > 0)) throw new RangeError(`sinkhorn: ${cost.length} costs for ${n} x ${m}, epsilon ${epsilon}`);
  const logA = Float64Array.from(a, Math.log), logB = Float64Array.from(b, Math.log), f = new Float64Array(n), g = new Float64Array(m), scaled = cost.map((c) => -c / epsilon);
  let error = Infinity, k = 0;
  for (; k < iterations && error > tolerance; k++) {
    // f, g in units of epsilon: log P = f_i + g_j - C_ij / epsilon.
    error = 0;
    for (let i = 0; i < n; i++) {
      let top = -Infinity, sum = 0;
      for (let j = 0, at = i * m; j < m; j++, at++) top = Math.max(top, scaled[at]! + g[j]!);
      for (let j = 0, at = i * m; j < m; j++, at++) sum += Math.exp(scaled[at]! + g[j]! - top);
      const next = logA[i]! - (top + Math.log(sum));
      if (k > 0) error = Math.max(error, Math.abs(Math.exp(f[i]! - next + logA[i]!) - a[i]!));
      f[i] = next;
    }
    if (k === 0) error = Infinity;
    const top = new Float64Array(m).fill(-Infinity), sum = new Float64Array(m);
    for (let i = 0; i < n; i++) for (let j = 0, at = i * m; j < m; j++, at++) { const v = scaled[at]! + f[i]!; if (v > top[j]!) top[j] = v; }
    for (let i = 0; i < n; i++) for (let j = 0, at = i * m; j < m; j++, at++) sum[j]! += Math.exp(scaled[at]! + f[i]! - top[j]!);
    for (let j = 0; j < m; j++) g[j] = logB[j]! - (top[j]! + Math.log(sum[j]!));
    if (k % 20 === 19) await options.progress?.();
  }
  const plan = new Float64Array(n * m);
  let total = 0;
  for (let i = 0; i < n; i++) for (let j = 0, at = i * m; j < m; j++, at++) { plan[at] = Math.exp(scaled[at]! + f[i]! + g[j]!); total += plan[at]! * cost[at]!; }
  return { plan, cost: total, iterations: k, error };
}

/** Squared Euclidean distances of rows: x [n * width], y [m * width] -> [n * m]. */
export function squaredDistances(x: Float64Array, y: Float64Array, width: number): Float64Array {
  const n = x.length / width, m = y.length / width, out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) {
    let s = 0;
    for (let k = 0; k < width; k++) { const d = x[i * width + k]! - y[j * width + k]!; s += d * d; }
    out[i * m + j] = s;
  }
  return out;
}

/** How many targets each row's mass is spread over: the exponential of its entropy. */
export function spreads(plan: Float64Array, n: number): Float64Array {
  const m = plan.length / n;
  return Float64Array.from({ length: n }, (_, i) => {
    let sum = 0, h = 0;
    for (let j = 0; j < m; j++) sum += plan[i * m + j]!;
    for (let j = 0; j < m; j++) { const p = plan[i * m + j]! / sum; if (p > 0) h -= p * Math.log(p); }
    return Math.exp(h);
  });
}

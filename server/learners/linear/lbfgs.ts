/** Value and gradient at x; the gradient is written into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsResult { x: Float64Array; value: number; iterations: number; converged: boolean }

/**
 * Minimises a smooth function by limited-memory BFGS (Nocedal & Wright 2006, algorithms 7.4 and 7.5) with a line search for the strong Wolfe
 * conditions (3.5, 3.6; c1 = 1e-4, c2 = 0.9). Stops when the gradient's largest entry is at most `tolerance`, or nothing more can be gained
 * in float64. Deterministic.
 */
export async function lbfgs(f: Objective, start: Float64Array, options: { tolerance?: number; iterations?: number; memory?: number; progress?(iteration: number): Promise<void> } = {}): Promise<LbfgsResult> {
  const { tolerance = 1e-6, iterations = 1000, memory = 10 } = options, n = start.length;
  let x: Float64Array = start.slice(), g: Float64Array = new Float64Array(n), value = f(x, g);
  const steps: Float64Array[] = [], changes: Float64Array[] = [];
  for (let k = 0; k < iterations; k++) {
    if (largest(g) <= tolerance) return { x, value, iterations: k, converged: true };
    let p = direction(g, steps, changes), slope = dot(p, g);
    if (!(slope < 0)) { steps.length = changes.length = 0; p = g.map(v => -v); slope = -dot(g, g); }
    const first = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const next = search(f, x, value, p, slope, first);
    // No further descent can be seen at this precision: as near the minimum as float64 gets.
    if (!next) return { x, value, iterations: k, converged: largest(g) <= tolerance * 1e3 };
    const s = new Float64Array(n), y = new Float64Array(n);
    for (let i = 0; i < n; i++) { s[i] = next.x[i] - x[i]; y[i] = next.g[i] - g[i]; }
    if (dot(s, y) > 1e-14 * dot(y, y)) { steps.push(s); changes.push(y); if (steps.length > memory) { steps.shift(); changes.shift(); } }
    ({ x, value, g } = next);
    await options.progress?.(k + 1);
  }
  return { x, value, iterations, converged: largest(g) <= tolerance };
}

const dot = (a: Float64Array, b: Float64Array): number => { let s = 0; for (let i = 0; i < a.length; i++) s += a[i] * b[i]; return s; };
const largest = (a: Float64Array): number => { let m = 0; for (const v of a) m = Math.max(m, Math.abs(v)); return m; };

function direction(g: Float64Array, steps: Float64Array[], changes: Float64Array[]): Float64Array {
  const q = g.map(v => -v), m = steps.length, a = new Float64Array(m);
  for (let i = m - 1; i >= 0; i--) {
    a[i] = dot(steps[i], q) / dot(changes[i], steps[i]);
    for (let j = 0; j < q.length; j++) q[j] -= a[i] * changes[i][j];
  }
  if (m > 0) {
    const scale = dot(steps[m - 1], changes[m - 1]) / dot(changes[m - 1], changes[m - 1]);
    for (let j = 0; j < q.length; j++) q[j] *= scale;
  }
  for (let i = 0; i < m; i++) {
    const b = dot(changes[i], q) / dot(changes[i], steps[i]);
    for (let j = 0; j < q.length; j++) q[j] += (a[i] - b) * steps[i][j];
  }
  return q;
}

function search(f: Objective, x: Float64Array, f0: number, p: Float64Array, slope0: number, first: number): { x: Float64Array; g: Float64Array; value: number } | null {
  const at = (t: number) => {
    const y = x.map((v, i) => v + t * p[i]), g = new Float64Array(x.length), value = f(y, g);
    return { t, x: y, g, value, slope: dot(g, p) };
  };
  // Near the minimum differences of f drown in rounding; there a smaller slope counts as descent (Hager & Zhang 2005, approximate Wolfe).
  const noise = 1e-14 * Math.max(1, Math.abs(f0));
  const decreases = (e: { t: number; value: number; slope: number }) => e.value <= f0 + 1e-4 * e.t * slope0 || (e.value <= f0 + noise && e.slope <= -0.5 * slope0);
  const done = (e: { slope: number }) => Math.abs(e.slope) <= -0.9 * slope0;
  let low = { t: 0, value: f0, slope: slope0 } as ReturnType<typeof at>, high: ReturnType<typeof at> | null = null, e = at(first);
  for (let i = 0; i < 60; i++) {
    if (!Number.isFinite(e.value) || !decreases(e) || (low.t > 0 && e.value > low.value + noise)) high = e;
    else if (done(e)) return e;
    else if (e.slope > 0) high = e;
    else low = e;
    const t = high ? between(low, high) : 2 * low.t;
    if (high && Math.abs(high.t - low.t) <= 1e-16 * Math.max(low.t, high.t)) break;
    e = at(t);
  }
  return low.t > 0 && low.value < f0 ? low : null;
}

/** Where the cubic through both ends is least, kept off the ends; the middle where that is no use. */
function between(a: { t: number; value: number; slope: number }, b: { t: number; value: number; slope: number }): number {
  const d = b.t - a.t, d1 = a.slope + b.slope - (3 * (b.value - a.value)) / d, root = d1 * d1 - a.slope * b.slope;
  const d2 = root > 0 ? Math.sign(d) * Math.sqrt(root) : Number.NaN;
  const t = b.t - (d * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
  return t > a.t + 0.1 * d && t < b.t - 0.1 * d ? t : a.t + d / 2;
}

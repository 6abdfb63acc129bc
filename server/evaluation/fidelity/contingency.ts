/** A contingency table of two coded columns: dense where small, else only its occupied cells in ascending order of `a * levelsB + b`. */
export interface Table2 { n: number; Ka: number; Kb: number; dense?: Int32Array; keys?: Float64Array; counts?: Int32Array }

const denseLimit = 1 << 20;

/** Counts of (a, b). Codes lie in [0, Ka) and [0, Kb). */
export function contingency(a: Int32Array, b: Int32Array, Ka: number, Kb: number): Table2 {
  const n = a.length;
  if (Ka * Kb <= denseLimit) {
    const dense = new Int32Array(Ka * Kb);
    for (let i = 0; i < n; i++) dense[a[i] * Kb + b[i]]++;
    return { n, Ka, Kb, dense };
  }
  const all = new Float64Array(n);
  for (let i = 0; i < n; i++) all[i] = a[i] * Kb + b[i];
  all.sort();
  const keys = new Float64Array(n), counts = new Int32Array(n);
  let m = 0;
  for (let i = 0; i < n; i++) {
    if (m > 0 && keys[m - 1] === all[i]) counts[m - 1]++;
    else { keys[m] = all[i]; counts[m++] = 1; }
  }
  return { n, Ka, Kb, keys: keys.subarray(0, m), counts: counts.subarray(0, m) };
}

function forEachCell(t: Table2, visit: (a: number, b: number, count: number) => void): void {
  if (t.dense) {
    for (let a = 0, k = 0; a < t.Ka; a++) for (let b = 0; b < t.Kb; b++, k++) if (t.dense[k] > 0) visit(a, b, t.dense[k]);
  } else for (let k = 0; k < t.keys!.length; k++) visit(Math.floor(t.keys![k] / t.Kb), t.keys![k] % t.Kb, t.counts![k]);
}

/**
 * Cramer's V without bias correction, over occupied rows and columns (scipy.stats.contingency.association, method "cramer").
 * NaN when fewer than two rows or two columns are occupied.
 */
export function cramersV(t: Table2): number {
  const rows = new Float64Array(t.Ka), columns = new Float64Array(t.Kb);
  forEachCell(t, (a, b, c) => { rows[a] += c; columns[b] += c; });
  let r = 0, k = 0;
  for (const x of rows) if (x > 0) r++;
  for (const x of columns) if (x > 0) k++;
  if (Math.min(r, k) < 2) return Number.NaN;
  // chi-square / n = sum of o^2 / (row total * column total) - 1
  let phi = -1;
  forEachCell(t, (a, b, c) => { phi += (c / rows[a]) * (c / columns[b]); });
  return Math.sqrt(Math.max(0, phi) / (Math.min(r, k) - 1));
}

/** One minus half the summed absolute differences of the cells' shares, and for each cell the sign of the first table's share minus the second's. */
export function totalVariation(p: Table2, q: Table2): { score: number; signOf(a: number, b: number): number } {
  if (p.n === 0 || q.n === 0) return { score: Number.NaN, signOf: () => 0 };
  if (p.dense && q.dense) {
    const x = p.dense, y = q.dense, n = p.n, m = q.n;
    let total = 0;
    for (let k = 0; k < x.length; k++) total += Math.abs(x[k] / n - y[k] / m);
    return { score: 1 - total / 2, signOf: (a, b) => Math.sign(x[a * p.Kb + b] / n - y[a * p.Kb + b] / m) };
  }
  const signs = new Map<number, number>();
  let total = 0, i = 0, j = 0;
  const P = p.keys!, Q = q.keys!;
  while (i < P.length || j < Q.length) {
    const key = j >= Q.length || (i < P.length && P[i] <= Q[j]) ? P[i] : Q[j];
    let d = 0;
    if (i < P.length && P[i] === key) d += p.counts![i++] / p.n;
    if (j < Q.length && Q[j] === key) d -= q.counts![j++] / q.n;
    total += Math.abs(d);
    signs.set(key, Math.sign(d));
  }
  return { score: 1 - total / 2, signOf: (a, b) => signs.get(a * p.Kb + b) ?? 0 };
}

/**
 * Lower Cholesky factor of a symmetric positive semi-definite matrix [d * d] of which the lower triangle is given. A column whose pivot vanishes
 * (below 1e-12 of its diagonal) depends on earlier ones and is dropped.
 */
export function cholesky(a: Float64Array, d: number): { factor: Float64Array; dropped: Uint8Array } {
  const l = new Float64Array(d * d), dropped = new Uint8Array(d);
  for (let j = 0; j < d; j++) {
    let pivot = a[j * d + j];
    for (let k = 0; k < j; k++) pivot -= l[j * d + k] ** 2;
    if (!(pivot > 1e-12 * a[j * d + j])) { dropped[j] = 1; continue; }
    const root = Math.sqrt(pivot);
    l[j * d + j] = root;
    for (let i = j + 1; i < d; i++) {
      let s = a[i * d + j];
      for (let k = 0; k < j; k++) s -= l[i * d + k] * l[j * d + k];
      l[i * d + j] = s / root;
    }
  }
  return { factor: l, dropped };
}

/** Solves (L L') x = b; entries of dropped columns are 0. */
export function solveCholesky(l: Float64Array, d: number, b: Float64Array, dropped: Uint8Array): Float64Array {
  const x = b.slice();
  for (let i = 0; i < d; i++) {
    if (dropped[i]) { x[i] = 0; continue; }
    for (let k = 0; k < i; k++) x[i] -= l[i * d + k] * x[k];
    x[i] /= l[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    if (dropped[i]) continue;
    for (let k = i + 1; k < d; k++) x[i] -= l[k * d + i] * x[k];
    x[i] /= l[i * d + i];
  }
  return x;
}

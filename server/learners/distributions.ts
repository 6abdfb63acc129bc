/** Distribution functions that intervals and tests need. */

/** log Gamma(x), x > 0. Lanczos with g = 7 and nine terms; relative error about 1e-15. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const c = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
  let sum = c[0];
  for (let i = 1; i < 9; i++) sum += c[i] / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Regularised lower incomplete gamma P(a, x): series below a + 1, Lentz's continued fraction above (Numerical Recipes 6.2). */
export function gammaP(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a, sum = term;
    for (let k = 1; k < 10_000 && Math.abs(term) > Math.abs(sum) * 1e-17; k++) { term *= x / (a + k); sum += term; }
    return sum * front;
  }
  return 1 - front * gammaFraction(a, x);
}
/** Upper tail 1 - P(a, x), without cancellation. */
export function gammaQ(a: number, x: number): number {
  return x < a + 1 ? 1 - gammaP(a, x) : Math.exp(a * Math.log(x) - x - logGamma(a)) * gammaFraction(a, x);
}
function gammaFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = an * d + b; if (Math.abs(d) < tiny) d = tiny;
    c = b + an / c; if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-16) break;
  }
  return h;
}

/** P(Z <= z), accurate in both tails. */
export const normalCdf = (z: number): number => (z < 0 ? 0.5 * gammaQ(0.5, (z * z) / 2) : 1 - 0.5 * gammaQ(0.5, (z * z) / 2));

/** Inverse of `normalCdf`: Acklam's approximation, polished by Halley steps to full precision. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  if (p === 0.5) return 0;
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
  const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const poly = (k: number[], t: number) => k.reduce((s, v) => s * t + v, 0);
  const tail = Math.min(p, 1 - p);
  let x: number;
  if (tail < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(tail));
    x = poly(c, q) / (poly(d, q) * q + 1);
    if (p > 0.5) x = -x;
  } else {
    const q = p - 0.5, r = q * q;
    x = (poly(a, r) * q) / (poly(b, r) * r + 1);
  }
  for (let i = 0; i < 2; i++) {
    const e = (x <= 0 ? normalCdf(x) - p : 1 - p - normalCdf(-x)) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
    x -= e / (1 + (x * e) / 2);
  }
  return x;
}

/** Regularised incomplete beta I_x(a, b): Lentz's continued fraction (Numerical Recipes 6.4). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300, guard = (v: number) => (Math.abs(v) < tiny ? tiny : v);
  let c = 1, d = 1 / guard(1 - ((a + b) * x) / (a + 1)), h = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d); c = guard(1 + even / c); h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d); c = guard(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return h;
}

/** Inverse of `betaCdf` in x, by bisection to the last bit that matters. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let low = 0, high = 1;
  for (let i = 0; i < 200 && high - low > 1e-17 + 1e-15 * low; i++) {
    const mid = (low + high) / 2;
    if (mid === low || mid === high) break;
    if (betaCdf(mid, a, b) < p) low = mid; else high = mid;
  }
  return (low + high) / 2;
}

/** P(X > x) of a chi-squared variable. */
export const chiSquaredTail = (x: number, degrees: number): number => gammaQ(degrees / 2, x / 2);

/** Quantile of Student's t with `df` degrees of freedom (Infinity: the normal's), by the incomplete beta function. */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (!(df < 1e7)) return normalQuantile(p);
  const x = betaQuantile(2 * Math.min(p, 1 - p), df / 2, 0.5);
  return Math.sign(p - 0.5) * Math.sqrt(df * (1 / x - 1));
}

/** Correlations of a Gaussian copula's scores, pair by pair, consistent for points, intervals and mixtures of both. */
import { hermite, meanScore, type Known, type Latent } from './latent';

/** Rows and orders that keep the work bounded for wide tables. */
const mostProducts = 4e8;
const ordersFor = (d: number): number => (d <= 60 ? 120 : d <= 250 ? 40 : 20);
/** A perfect correlation would make the matrix singular. */
const most = 0.9999;

/**
 * Mean scores are correlated over the rows where both are known, and the score correlation is the rho at which Mehler's expansion gives what was seen
 * (for two two-way columns this is the tetrachoric correlation, with one number the biserial; Olsson, Drasgow & Dorans 1982).
 * @param known what row i says of each score; undefined: nothing
 * @returns symmetric [d, d], ones on the diagonal; not necessarily positive definite
 */
export async function correlations(latents: readonly Latent[], known: ReadonlyArray<(row: number) => Known | undefined>, rows: number, progress: (fraction: number) => Promise<void>): Promise<Float64Array> {
  const d = latents.length, out = new Float64Array(d * d), orders = ordersFor(d), n = Math.min(rows, Math.max(2000, Math.floor(mostProducts / Math.max(1, d * d))));
  const scores = known.map((k) => Float64Array.from({ length: n }, (_, i) => { const own = k(Math.floor((i * rows) / n)); return own ? meanScore(own) : NaN; }));
  const series = latents.map((l) => hermite(l, orders)), variance = series.map((a) => a.reduce((s, v, k) => (k > 0 ? s + v * v : s), 0));
  for (let i = 0; i < d; i++) {
    out[i * d + i] = 1;
    for (let j = 0; j < i; j++) out[i * d + j] = out[j * d + i] = solve(series[i]!, series[j]!, moment(scores[i]!, scores[j]!, variance[i]!, variance[j]!));
    await progress((i + 1) ** 2 / (d * d));
  }
  return out;
}

/** Covariance that the scores would have with the variances their laws give them, from the rows where both are there; 0 where nothing can be told. */
function moment(a: Float64Array, b: Float64Array, va: number, vb: number): number {
  let n = 0, ma = 0, mb = 0, saa = 0, sbb = 0, sab = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!, y = b[i]!;
    if (x !== x || y !== y) continue;
    n++;
    const dx = x - ma, dy = y - mb;
    ma += dx / n; mb += dy / n;
    saa += dx * (x - ma); sbb += dy * (y - mb); sab += dx * (y - mb);
  }
  return n > 2 && saa > 0 && sbb > 0 ? (sab / Math.sqrt(saa * sbb)) * Math.sqrt(va * vb) : 0;
}

/** rho with sum over k >= 1 of a_k b_k rho^k = seen, by bisection: the sum rises with rho where both mean scores rise with their scores. */
function solve(a: Float64Array, b: Float64Array, seen: number): number {
  const c = a.map((v, k) => v * b[k]!), at = (rho: number): number => { let s = 0; for (let k = c.length - 1; k >= 1; k--) s = (s + c[k]!) * rho; return s; };
  if (seen === 0) return 0;
  let low = -most, high = most;
  if (at(high) <= seen) return high;
  if (at(low) >= seen) return low;
  for (let i = 0; i < 40; i++) { const mid = (low + high) / 2; if (at(mid) < seen) low = mid; else high = mid; }
  return (low + high) / 2;
}

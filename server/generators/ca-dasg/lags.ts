/** The validation figures that dynamic balancing goes by (section 4): how far made rows lag behind other real rows in fidelity, in utility and in privacy. */
import type { EncodedRows, Layout } from '../blocks/spans';
import type { Lags } from './balance';

/**
 * @param made rows of the generator @param fit as many fitting rows @param validation as many others
 * @param losses the predictor's loss on made rows, and on validation rows
 */
export function lagsOf(made: EncodedRows, fit: EncodedRows, validation: EncodedRows, l: Layout, losses?: { made: number; real: number }): Lags {
  const floor = apart(validation, fit, l), closer = closerShare(made, fit, validation, l);
  return {
    fidelity: Math.max(0, apart(made, fit, l) / Math.max(1e-3, floor) - 1),
    utility: losses ? Math.abs(losses.made - losses.real) / Math.max(1e-3, losses.real) : 0,
    // A twentieth more rows nearer to fitted ones than to others counts as much as twice the distance in fidelity.
    privacy: Math.max(0, (closer - 0.5) / 0.05),
  };
}
/** Mean total variation distance over the one-hots, and the distance of the alphas' means and standard deviations. */
export function apart(a: EncodedRows, b: EncodedRows, l: Layout): number {
  let sum = 0;
  const S = l.spans.length, A = l.alphas;
  for (let s = 0; s < S; s++) {
    const d = new Float64Array(l.spans[s]!.size);
    for (let i = 0; i < a.rows; i++) d[a.codes[i * S + s]!]! += 1 / a.rows;
    for (let i = 0; i < b.rows; i++) d[b.codes[i * S + s]!]! -= 1 / b.rows;
    sum += d.reduce((t, v) => t + Math.abs(v), 0) / 2;
  }
  for (let j = 0; j < A; j++) { const x = momentsOf(a.alphas, a.rows, A, j), y = momentsOf(b.alphas, b.rows, A, j); sum += Math.abs(x.mean - y.mean) + Math.abs(x.sd - y.sd); }
  return sum / Math.max(1, S + A);
}
function momentsOf(x: Float32Array, rows: number, width: number, j: number): { mean: number; sd: number } {
  let sum = 0, squares = 0;
  for (let i = 0; i < rows; i++) { const v = x[i * width + j]!; sum += v; squares += v * v; }
  const mean = sum / rows;
  return { mean, sd: Math.sqrt(Math.max(0, squares / rows - mean * mean)) };
}
/** Share of rows whose nearest fitting row is nearer than their nearest validation row; ties count half. */
export function closerShare(made: EncodedRows, fit: EncodedRows, validation: EncodedRows, l: Layout): number {
  let share = 0;
  for (let i = 0; i < made.rows; i++) { const a = nearest(made, i, fit, l), b = nearest(made, i, validation, l); share += a < b ? 1 : a === b ? 0.5 : 0; }
  return share / Math.max(1, made.rows);
}
/** Codes that differ, and how far the alphas of equal modes are apart. */
function nearest(a: EncodedRows, i: number, b: EncodedRows, l: Layout): number {
  const S = l.spans.length, A = l.alphas;
  let least = Infinity;
  for (let k = 0; k < b.rows; k++) {
    let d = 0;
    for (let s = 0; s < S && d < least; s++) d += a.codes[i * S + s] !== b.codes[k * S + s] ? 1 : s < A ? Math.abs(a.alphas[i * A + s]! - b.alphas[k * A + s]!) / 2 : 0;
    if (d < least) least = d;
  }
  return least;
}

import { cholesky, solveCholesky } from './cholesky';
import type { LbfgsResult, Objective } from './lbfgs';

/**
 * Minimises a convex function with a known Hessian by Newton's method, steps halved until the value falls (Armijo). A handful of iterations where
 * L-BFGS needs hundreds, as on columns of unlike scale; each costs rows x width^2 / 2 for the Hessian and width^3 / 6 to solve.
 * @param hessian fills the lower triangle of h [n * n] at x
 */
export async function newton(f: Objective, hessian: (x: Float64Array, h: Float64Array) => void, start: Float64Array, options: { tolerance: number; iterations: number; progress?(iteration: number): Promise<void> }): Promise<LbfgsResult> {
  const n = start.length, h = new Float64Array(n * n), g: Float64Array = new Float64Array(n);
  let x: Float64Array = start.slice(), value = f(x, g);
  for (let k = 0; k < options.iterations; k++) {
    if (g.every(v => Math.abs(v) <= options.tolerance)) return { x, value, iterations: k, converged: true };
    h.fill(0);
    hessian(x, h);
    const { factor, dropped } = cholesky(h, n), step = solveCholesky(factor, n, g, dropped);
    const slope = g.reduce((s, v, i) => s + v * step[i], 0), next = new Float64Array(n), gNext = new Float64Array(n);
    let t = 1, moved = false;
    for (let half = 0; half < 40; half++, t /= 2) {
      for (let i = 0; i < n; i++) next[i] = x[i] - t * step[i];
      const tried = f(next, gNext);
      // Within rounding of the minimum the value cannot fall visibly; the full Newton step is then right.
      if (tried <= value - 1e-4 * t * slope || (half === 0 && slope < 1e-14 * Math.max(1, Math.abs(value)))) { value = tried; moved = true; break; }
    }
    if (!moved) return { x, value, iterations: k, converged: false };
    x = next; g.set(gNext);
    await options.progress?.(k + 1);
  }
  return { x, value, iterations: options.iterations, converged: g.every(v => Math.abs(v) <= options.tolerance) };
}

/**
 * Ordinary differential equations dx/dt = v(x, t), by explicit Runge-Kutta methods: what probability-flow and flow-matching
 * samplers, and exact likelihoods, integrate.
 *
 * Sampling uses a fixed schedule of times: an adaptive step would depend on which rows share a batch, and a row must not.
 * `integrateAdaptive` is for likelihoods and checks.
 */
import { add, mul, type Expr } from '../../engine';

export type OdeMethod = 'euler' | 'heun' | 'rk4' | 'dopri5';

/** A Butcher tableau: stage i is v at t + c[i] dt and x + dt sum_j a[i][j] k_j; the step is dt sum b[i] k_i. `error`: b minus the embedded method's. */
export interface Tableau { order: number; c: readonly number[]; a: ReadonlyArray<readonly number[]>; b: readonly number[]; error?: readonly number[] }

/** Euler; Heun's second-order; the classical fourth-order; Dormand & Prince (1980), fifth order with an embedded fourth (its last row serves the error estimate only). */
export const tableaus: Record<OdeMethod, Tableau> = {
  euler: { order: 1, c: [0], a: [[]], b: [1] },
  heun: { order: 2, c: [0, 1], a: [[], [1]], b: [1 / 2, 1 / 2], error: [-1 / 2, 1 / 2] },
  rk4: { order: 4, c: [0, 1 / 2, 1 / 2, 1], a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]], b: [1 / 6, 1 / 3, 1 / 3, 1 / 6] },
  dopri5: {
    order: 5, c: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
    a: [[], [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9], [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
      [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656], [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84]],
    b: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
    error: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
  },
};
/** Stages that a fixed step needs: those with weight, and those that lead to them. */
const needed = ({ b }: Tableau): number => b.reduce((last, w, i) => (w !== 0 ? i + 1 : last), 0);
/** Evaluations of v in one fixed step. */
export const evaluationsPerStep = (method: OdeMethod): number => needed(tableaus[method]);

/** `times` evenly spaced from `from` to `to`, steps + 1 of them. */
export const evenTimes = (from: number, to: number, steps: number): Float64Array => Float64Array.from({ length: steps + 1 }, (_, i) => (i === steps ? to : from + ((to - from) * i) / steps));

/**
 * One step as an expression, for a program that a host loop runs once per step.
 * @param velocity v(x, t): x as given, t a scalar
 * @param t scalar: where the step starts; @param dt scalar: its (signed) length
 */
export function odeStep(method: OdeMethod, velocity: (x: Expr, t: Expr) => Expr, x: Expr, t: Expr, dt: Expr): Expr {
  const { c, a, b } = tableaus[method], k: Expr[] = [], n = needed(tableaus[method]);
  const along = (weights: readonly number[]): Expr => {
    const terms = weights.flatMap((w, j) => (w !== 0 ? [mul(k[j], w)] : []));
    return terms.length ? add(x, mul(terms.reduce((p, q) => add(p, q)), dt)) : x;
  };
  for (let i = 0; i < n; i++) k.push(velocity(along(a[i]), c[i] === 0 ? t : add(t, mul(dt, c[i]))));
  return along(b.slice(0, n));
}

/** v at (x, t) for a whole batch: a fresh array each time, for a step holds several. */
export type Velocity = (x: Float32Array, t: number) => Promise<Float32Array>;

/** x + dt sum_j weights[j] k[j], in float64, rounded once. */
function combine(x: Float32Array, k: readonly Float32Array[], weights: readonly number[], dt: number): Float32Array {
  const out = new Float32Array(x.length), on = weights.flatMap((w, j) => (w !== 0 ? [j] : []));
  for (let i = 0; i < x.length; i++) {
    let s = 0;
    for (const j of on) s += weights[j] * k[j][i];
    out[i] = x[i] + dt * s;
  }
  return out;
}
async function stages(velocity: Velocity, tableau: Tableau, x: Float32Array, t: number, dt: number, n: number): Promise<Float32Array[]> {
  const k: Float32Array[] = [];
  for (let i = 0; i < n; i++) k.push(await velocity(i === 0 ? x : combine(x, k, tableau.a[i], dt), t + tableau.c[i] * dt));
  return k;
}

/** From times[0] to times[last] through every time between, forwards or backwards. @param each called after every step */
export async function integrate(velocity: Velocity, x: Float32Array, times: ArrayLike<number>, method: OdeMethod, each?: (step: number) => Promise<void>): Promise<Float32Array> {
  const tableau = tableaus[method], n = needed(tableau);
  let now = x;
  for (let s = 0; s + 1 < times.length; s++) {
    const dt = times[s + 1] - times[s];
    now = combine(now, await stages(velocity, tableau, now, times[s], dt, n), tableau.b.slice(0, n), dt);
    await each?.(s + 1);
  }
  return now;
}

/**
 * From `from` to `to` with steps chosen so that each one's estimated error, in the root mean square of err / (atol + rtol |x|) over the batch,
 * stays below one (Hairer, Norsett & Wanner 1993, II.4). Dormand-Prince.
 * @throws Error when the step falls below 1e-7 of the interval
 */
export async function integrateAdaptive(velocity: Velocity, x: Float32Array, from: number, to: number, options: { atol?: number; rtol?: number; each?: () => Promise<void> } = {}): Promise<{ x: Float32Array; evaluations: number; steps: number }> {
  const { atol = 1e-5, rtol = 1e-5 } = options, tableau = tableaus.dopri5, whole = to - from;
  let now = x, t = from, dt = whole / 20, evaluations = 0, steps = 0;
  while ((to - t) * Math.sign(whole) > 1e-12 * Math.abs(whole)) {
    if (Math.abs(dt) > Math.abs(to - t)) dt = to - t;
    if (Math.abs(dt) < 1e-7 * Math.abs(whole)) throw new Error(`ode: the step fell below 1e-7 of the interval at t = ${t}; the velocity is too stiff for the tolerance`);
    const k = await stages(velocity, tableau, now, t, dt, 7), next = combine(now, k, tableau.b, dt);
    evaluations += 7;
    let total = 0;
    for (let i = 0; i < now.length; i++) {
      let e = 0;
      for (let j = 0; j < 7; j++) e += tableau.error![j] * k[j][i];
      total += (dt * e / (atol + rtol * Math.max(Math.abs(now[i]), Math.abs(next[i])))) ** 2;
    }
    const error = Math.sqrt(total / Math.max(1, now.length));
    if (error <= 1) { now = next; t += dt; steps++; await options.each?.(); }
    dt *= Math.min(5, Math.max(0.2, 0.9 * (error || 1e-8) ** -0.2));
  }
  return { x: now, evaluations, steps };
}

/**
 * Exact likelihood under the probability-flow equation: Song et al. (ICLR 2021), section 4.3 and appendix D.2; the instantaneous change of variables of
 * Chen et al., "Neural Ordinary Differential Equations" (2018):
 *
 *   log p(x) = log p_1(x(1)) + integral from `least` to 1 of div v(x(t), t) dt
 *
 * The density is that of the encoded vectors (normal scores, scaled one-hots) noised to the least time.
 */
import { add, constant, grad, mul, reshape, slice, sum, type Device, type Expr } from '../../engine';
import { integrate, integrateAdaptive, type OdeMethod } from '../blocks/ode';
import type { Weights } from '../blocks/loop';
import { downTimes, flowVelocity, type Noise, type Sde } from './sde';

export interface LikelihoodOptions {
  dims: number;
  /** Rows of one run. */
  chunk: number;
  least: number;
  /** `exact`: a gradient for every dimension; `hutchinson`: e' (dv/dx) e for the given directions e of entries +-1, unbiased (Grathwohl et al. 2019). */
  divergence: 'exact' | 'hutchinson';
  /** Fixed steps of a method; absent: adaptive, to 1e-4. */
  fixed?: { method: OdeMethod; steps: number };
}

export class Likelihood {
  private constructor(private readonly program: { run(feeds: Record<string, Float32Array>): Promise<Record<'v' | 'div', ArrayLike<number>>>; release(): Promise<void> }, private readonly options: LikelihoodOptions, private readonly priorSd: number) {}
  /** @param noise the noise predicted, from the program's inputs (the weights by name) */
  static async open(device: Device, sde: Sde, noise: (i: Record<string, Expr>) => Noise, weights: Weights, options: LikelihoodOptions): Promise<Likelihood> {
    const { dims: D, chunk: B } = options;
    const program = await device.compile({
      inputs: { x: { shape: [B, D], dtype: 'float32' }, t: { shape: [1, 1], dtype: 'float32' }, ...(options.divergence === 'hutchinson' && { e: { shape: [B, D], dtype: 'float32' as const } }) },
      frozen: weights,
      outputs(i: Record<string, Expr>) {
        const v = flowVelocity(sde, noise(i))(i.x, i.t), column = (x: Expr, j: number): Expr => slice(x, [j], [j + 1], [1]);
        // Rows do not mix, so the gradient of a sum over rows holds every row's own.
        const div = options.divergence === 'hutchinson'
          ? sum(mul(grad(sum(mul(v, i.e)), [i.x])[0], i.e), { axes: 1 })
          : Array.from({ length: D }, (_, j) => column(grad(sum(column(v, j)), [i.x])[0], j)).reduce((a, b) => add(a, b));
        return { v, div: reshape(add(div, constant(0)), [B]) } as Record<'v' | 'div', Expr>;
      },
    });
    return new Likelihood(program as never, options, sde.priorSd);
  }

  /** log density in nats of every row of x [rows, dims]. @param directions for `hutchinson`: entries +-1, [rows, dims] */
  async logDensity(x: Float32Array, directions?: Float32Array): Promise<Float64Array> {
    const { dims: D, chunk: B, least, fixed } = this.options, rows = x.length / D, out = new Float64Array(rows), sd = this.priorSd;
    for (let from = 0; from < rows; from += B) {
      const n = Math.min(B, rows - from), padded = (v: Float32Array): Float32Array => { const p = new Float32Array(B * D).fill(1); p.set(v.subarray(from * D, (from + n) * D)); return p; };
      // The running integral rides along behind the vectors.
      const state = new Float32Array(B * D + B);
      state.set(padded(x));
      const e = directions && padded(directions);
      const velocity = async (s: Float32Array, t: number): Promise<Float32Array> => {
        const r = await this.program.run({ x: s.slice(0, B * D), t: Float32Array.of(t), ...(e && { e }) }), v = new Float32Array(s.length);
        v.set(r.v);
        v.set(r.div, B * D);
        return v;
      };
      const end = fixed ? await integrate(velocity, state, downTimes(fixed.steps, least, 3).reverse(), fixed.method) : (await integrateAdaptive(velocity, state, least, 1, { atol: 1e-4, rtol: 1e-4 })).x;
      for (let i = 0; i < n; i++) {
        let squares = 0;
        for (let d = 0; d < D; d++) squares += (end[i * D + d] / sd) ** 2;
        out[from + i] = -0.5 * squares - D * Math.log(sd * Math.sqrt(2 * Math.PI)) + end[B * D + i];
      }
    }
    return out;
  }
  release(): Promise<void> { return this.program.release(); }
}

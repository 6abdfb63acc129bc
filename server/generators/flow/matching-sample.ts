/** Drawing rows by integrating the learnt velocity from noise (t = 0) to rows (t = 1). */
import { add, argmax, concat, constant, mul, reshape, slice, uniform, type Device, type Expr, type Program, type Values } from '../../engine';
import type { Encoded } from '../blocks/features';
import { conditionVector, guide, conditionSpecs } from '../blocks/guidance';
import type { Weights } from '../blocks/loop';
import { spanCategorical, spanLogSoftmax, spansOf } from '../blocks/multinomial-diffusion';
import { evenTimes, odeStep } from '../blocks/ode';
import type { SampleBits } from '../diffusion/inputs';
import { output, stateWidth, velocityOf, type MatchingModel } from './matching-model';

export interface Sampling { steps: number; method: 'euler' | 'heun'; guidance: number }
type Last = 'x' | 'numbers' | 'codes';

export class MatchingSampler {
  private constructor(private readonly step: Program<'x'>, private readonly last: Program<Last>, private readonly model: MatchingModel, private readonly sampling: Sampling, private readonly chunk: number) {}

  static async open(device: Device, m: MatchingModel, weights: Weights, sampling: Sampling): Promise<MatchingSampler> {
    const D = stateWidth(m.layout), C = m.layout.sizes.length;
    // From the model alone: a row's last bits depend on the block it is drawn in.
    const chunk = Math.max(64, Math.min(2048, 2 ** Math.floor(Math.log2(64e6 / 4 / (8 * D + 4 * m.width)))));
    const inputs = {
      x: { shape: [chunk, D], dtype: 'float32' as const }, t: { shape: [1, 1], dtype: 'float32' as const }, dt: { shape: [1, 1], dtype: 'float32' as const },
      ...conditionSpecs(m.condition, chunk),
    };
    const step = await device.compile({ inputs, frozen: weights, outputs: (i: Record<string, Expr>) => ({ x: odeStep(sampling.method, (x, t) => velocityOf(m, guided(i, m, sampling, x, t), x, t), i.x!, i.t!, i.dt!) }) });
    // A category of the variational model has no velocity at t = 1: it is drawn from its distribution at the last step's start, and only the others take the corrector.
    const last = await device.compile({
      inputs: { ...inputs, ...(C > 0 && { bits: { shape: [chunk, C], dtype: 'int32' as const } }) }, frozen: weights,
      outputs(i: Record<string, Expr>) {
        const out = guided(i, m, sampling, i.x!, i.t!), velocity = velocityOf(m, out, i.x!, i.t!);
        let x = add(i.x!, mul(velocity, i.dt!));
        if (sampling.method === 'heun' && (m.variant !== 'variational' || m.layout.numbers > 0)) {
          const end = guided(i, m, sampling, x, add(i.t!, i.dt!)), half = mul(i.dt!, 0.5), N = m.layout.numbers, number = (y: Expr): Expr => slice(y, [0], [N], [1]);
          x = m.variant !== 'variational' ? add(i.x!, mul(add(velocity, velocityOf(m, end, x, i.t!)), half))
            : C > 0 ? concat([add(number(i.x!), mul(add(number(velocity), end.numbers!), half)), slice(x, [N], [D], [1])], 1) : add(i.x!, mul(add(velocity, end.numbers!), half));
        }
        const result: Partial<Record<Last, Expr>> = { x };
        if (m.layout.numbers > 0) result.numbers = slice(x, [0], [m.layout.numbers], [1]);
        if (C > 0) result.codes = m.variant === 'variational' ? spanCategorical(spanLogSoftmax(out.codes!, m.layout.sizes), uniform(i.bits!), m.layout.sizes) : nearest(m, x);
        return result as Record<Last, Expr>;
      },
    });
    return new MatchingSampler(step, last, m, sampling, chunk);
  }

  /** Rows 0 .. count - 1; with `paths`, also where each began and ended, [count, D]. */
  async rows(count: number, bits: SampleBits, condition: (from: number, count: number) => Encoded | undefined, progress?: (done: number) => Promise<void>, paths?: { x0: Float32Array; x1: Float32Array }): Promise<Encoded> {
    const { layout } = this.model, D = stateWidth(layout), N = layout.numbers, C = layout.sizes.length, { chunk } = this, times = evenTimes(0, 1, this.sampling.steps);
    const out: Encoded = { numbers: new Float32Array(count * N), codes: new Int32Array(count * C) };
    for (let from = 0; from < count; from += chunk) {
      const n = Math.min(chunk, count - from), given = condition(from, chunk), start = standardNormals(bits.normals(0, from, chunk, D), chunk, D);
      const feeds: Record<string, Values> = given ? { conditionNumbers: given.numbers, conditionCodes: given.codes } : {};
      let x = start;
      for (let s = 0; s + 2 < times.length; s++) {
        x = (await this.step.run({ ...feeds, x, t: Float32Array.of(times[s]!), dt: Float32Array.of(times[s + 1]! - times[s]!) })).x as Float32Array<ArrayBuffer>;
        if (s % 8 === 7) await progress?.(Math.min(count, from + Math.floor((chunk * s) / times.length)));
      }
      const t = times[times.length - 2]!;
      const r = await this.last.run({ ...feeds, x, t: Float32Array.of(t), dt: Float32Array.of(1 - t), ...(C > 0 && { bits: bits.uniforms(1, from, chunk, C) }) });
      if (N > 0) out.numbers.set((r.numbers as Float32Array).subarray(0, n * N), from * N);
      if (C > 0) out.codes.set((r.codes as Int32Array).subarray(0, n * C), from * C);
      paths?.x0.set(start.subarray(0, n * D), from * D);
      paths?.x1.set((r.x as Float32Array).subarray(0, n * D), from * D);
      await progress?.(from + n);
    }
    return out;
  }
  async release(): Promise<void> { await this.step.release(); await this.last.release(); }
}

/** The network's output, guided where there is a condition: velocities and logits alike (Ho & Salimans 2022). */
function guided(i: Record<string, Expr>, m: MatchingModel, { guidance }: Sampling, x: Expr, t: Expr): { numbers?: Expr; codes?: Expr } {
  if (!m.condition) return output(i, m, x, t);
  const own = output(i, m, x, t, conditionVector(i, 'condition', m.condition, { numbers: i.conditionNumbers, codes: i.conditionCodes }));
  if (guidance === 0) return own;
  const free = output(i, m, x, t, conditionVector(i, 'condition', m.condition));
  return { ...(own.numbers && { numbers: guide(own.numbers, free.numbers!, guidance) }), ...(own.codes && { codes: guide(own.codes, free.codes!, guidance) }) };
}

/** The code whose one-hot is nearest: the largest entry of every span. */
function nearest(m: MatchingModel, x: Expr): Expr {
  const B = x.shape[0]!, from = m.layout.numbers;
  const codes = spansOf(m.layout.sizes).map((s) => (s.size === 1 ? constant(new Int32Array(B), [B, 1]) : reshape(argmax(slice(x, [from + s.start], [from + s.start + s.size], [1]), 1), [B, 1])));
  return codes.length > 1 ? concat(codes, 1) : codes[0]!;
}

/** Box-Muller in float64 of bits [2, rows, ceil(n / 2)] -> [rows, n]. */
export function standardNormals(bits: Int32Array, rows: number, n: number): Float32Array<ArrayBuffer> {
  const h = Math.ceil(n / 2), out = new Float32Array(rows * n);
  for (let i = 0; i < rows; i++) for (let j = 0; j < h; j++) {
    const u = (bits[i * h + j]! + 2 ** 31 + 0.5) / 2 ** 32, angle = (2 * Math.PI * bits[rows * h + i * h + j]!) / 2 ** 32, radius = Math.sqrt(-2 * Math.log(u));
    out[i * n + j] = radius * Math.cos(angle);
    if (h + j < n) out[i * n + h + j] = radius * Math.sin(angle);
  }
  return out;
}

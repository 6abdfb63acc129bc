/** What is random about a training step of a diffusion model, as a function of the seed and the step alone; and validation under fixed noise. */
import { epochBatches, KeyStream, type Device, type Expr, type InputSpec, type Program, type TrainSpec, type Values } from '../../engine';
import type { Weights } from '../blocks/loop';

export { normalRows } from '../blocks/noise';

/** Random numbers a row needs in one step. */
export interface NoiseWidths { normals: number; uniforms: number }
const half = (n: number): number => Math.ceil(n / 2);

/** The step inputs: rows of the table, a time in (0, 1) each, bits for normals and for uniforms. */
export function noiseSpecs(batch: number, { normals, uniforms }: NoiseWidths): Record<string, InputSpec> {
  return {
    rows: { shape: [batch], dtype: 'int32' }, time: { shape: [batch, 1], dtype: 'float32' },
    ...(normals > 0 && { normals: { shape: [2, batch, half(normals)], dtype: 'int32' as const } }),
    ...(uniforms > 0 && { uniforms: { shape: [batch, uniforms], dtype: 'int32' as const } }),
  };
}
/** Box-Muller of bits laid out as `normalRows` takes them. */
export function hostNormals(bits: Int32Array, rows: number, n: number): Float32Array<ArrayBuffer> {
  const h = Math.ceil(n / 2), out = new Float32Array(rows * n);
  for (let i = 0; i < rows; i++) for (let j = 0; j < h; j++) {
    const radius = Math.sqrt(-2 * Math.log(Math.min(1 - 2 ** -24, Math.max(2 ** -25, bits[i * h + j] / 2 ** 32 + 0.5)))), angle = (2 * Math.PI * bits[rows * h + i * h + j]) / 2 ** 32;
    out[i * n + j] = radius * Math.cos(angle);
    if (h + j < n) out[i * n + h + j] = radius * Math.sin(angle);
  }
  return out;
}

export class StepInputs {
  private readonly streams;
  /** @param label what the numbers are for: other generators, other numbers */
  constructor(seed: number | Uint8Array, label: string, private readonly rows: number, private readonly batch: number, private readonly widths: NoiseWidths) {
    const of = (name: string): KeyStream => new KeyStream(seed, `${label}/${name}`);
    this.streams = { rows: of('rows'), time: of('time'), normals: of('normals'), uniforms: of('uniforms') };
  }
  /** Of steps [from, from + count). Times are spread over a batch: one in each of `batch` equal parts of (0, 1), which lowers the variance of the loss (Kingma et al. 2021, appendix I.1). */
  make(from: number, count: number): Record<string, Values> {
    const { batch: B, widths, streams } = this, u = streams.time.uniforms(from * B, count * B);
    const perStep = 2 * B * half(widths.normals);
    return {
      rows: epochBatches(streams.rows, this.rows, B, from, count),
      time: Float32Array.from(u, (v, i) => Math.min(1 - 2 ** -24, ((i % B) + v) / B)),
      ...(widths.normals > 0 && { normals: streams.normals.bits(from * perStep, count * perStep) }),
      ...(widths.uniforms > 0 && { uniforms: streams.uniforms.bits(from * B * widths.uniforms, count * B * widths.uniforms) }),
    };
  }
}

/** Bits for drawing rows [from, from + count) at one step of a sampler: a row's numbers depend on the seed, the step and the row alone. */
export class SampleBits {
  private readonly stream: KeyStream;
  constructor(seed: number, label: string) { this.stream = new KeyStream(seed, label); }
  /** Two halves end to end, [2, count, ceil(n / 2)]. */
  normals(step: number, from: number, count: number, n: number): Int32Array {
    const h = half(n), out = new Int32Array(2 * count * h);
    for (const b of [0, 1]) out.set(this.stream.child(`normals/${step}/${b}`).bits(from * h, count * h), b * count * h);
    return out;
  }
  /** [count, n]. */
  uniforms(step: number, from: number, count: number, n: number): Int32Array { return this.stream.child(`uniforms/${step}`).bits(from * n, count * n); }
}

/** The training loss over the validation rows with the same noise every time, so that it changes only as the weights do. */
export class FixedValidation {
  private constructor(private readonly program: Program<'loss'>, private readonly data: Record<string, Values>, private readonly steps: Array<Record<string, Values>>) {}
  /** @param spec as trained, but with `data` of the validation rows; @param steps that many batches are averaged */
  static async open(device: Device, spec: TrainSpec, data: Record<string, Values>, inputs: StepInputs, steps: number): Promise<FixedValidation> {
    const prefixed = (p: string, specs: Record<string, InputSpec> = {}): Record<string, InputSpec> => Object.fromEntries(Object.entries(specs).map(([n, s]) => [p + n, s]));
    const weights = Object.fromEntries(Object.entries(spec.params).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
    const cut = (p: string, i: Record<string, Expr>): Record<string, Expr> => Object.fromEntries(Object.entries(i).flatMap(([n, x]) => (n.startsWith(p) ? [[n.slice(p.length), x]] : [])));
    const program = await device.compile({
      inputs: { ...prefixed('p:', weights), ...prefixed('d:', spec.data), ...prefixed('s:', spec.step) },
      outputs: (i: Record<string, Expr>) => ({ loss: spec.loss({ params: cut('p:', i), data: cut('d:', i), step: cut('s:', i) }).loss }),
    });
    return new FixedValidation(program, data, Array.from({ length: steps }, (_, k) => inputs.make(k, 1)));
  }
  async loss(weights: Weights): Promise<number> {
    const own: Record<string, Values> = {};
    for (const [n, w] of Object.entries(weights)) own[`p:${n}`] = w.values;
    for (const [n, v] of Object.entries(this.data)) own[`d:${n}`] = v;
    let total = 0;
    for (const step of this.steps) {
      for (const [n, v] of Object.entries(step)) own[`s:${n}`] = v;
      total += (await this.program.run(own)).loss[0];
    }
    return total / this.steps.length;
  }
  release(): Promise<void> { return this.program.release(); }
}

/** Sampling of real vectors: pure noise carried step by step to data by a program, for score and latent diffusion alike. */
import { reshape, slice, type Device, type Expr, type Program, type Values } from '../../engine';
import type { Encoded } from '../blocks/features';
import type { ConditionLayout } from '../blocks/guidance';
import type { Weights } from '../blocks/loop';
import { conditionSpecs } from '../blocks/guidance';
import type { ConditionRows } from './fitted';
import { hostNormals, normalRows, type SampleBits } from './inputs';

export interface ContinuousSpec<O extends string> {
  /** Length of a row's vector. */
  dims: number;
  condition?: ConditionLayout;
  weights: Weights;
  /** Numbers the host gives every step, each [1, 1] in the graph. */
  scalars: number;
  /** One step; `i` holds the weights and the condition's rows by name; `z` [B, dims] standard normals where `noisy`. */
  step(i: Record<string, Expr>, x: Expr, scalars: Expr[], z?: Expr): Expr;
  noisy: boolean;
  /** What the last vectors stand for, by name, each [B, ...]. */
  finish(i: Record<string, Expr>, x: Expr): Record<O, Expr>;
  /** Floats a row takes in the widest part of the network; bounds the chunk. */
  widest: number;
}

export class ContinuousSampler<O extends string> {
  private constructor(private readonly step: Program<'x'>, private readonly end: Program<O>, private readonly spec: ContinuousSpec<O>, private readonly chunk: number) {}
  static async open<O extends string>(device: Device, spec: ContinuousSpec<O>): Promise<ContinuousSampler<O>> {
    const { dims: D, condition, weights } = spec, chunk = Math.max(64, Math.min(2048, 2 ** Math.floor(Math.log2(16e6 / (4 * D + 4 * spec.widest)))));
    const rows = {
      x: { shape: [chunk, D], dtype: 'float32' as const },
      ...conditionSpecs(condition, chunk),
    };
    const step = await device.compile<'x'>({
      inputs: { ...rows, host: { shape: [spec.scalars], dtype: 'float32' }, ...(spec.noisy && { bits: { shape: [2, chunk, Math.ceil(D / 2)], dtype: 'int32' as const } }) }, frozen: weights,
      outputs: (i: Record<string, Expr>) => ({ x: spec.step(i, i.x, Array.from({ length: spec.scalars }, (_, k) => reshape(slice(i.host, [k], [k + 1]), [1, 1])), spec.noisy ? normalRows(i.bits, D) : undefined) }),
    });
    return new ContinuousSampler(step, await device.compile({ inputs: rows, frozen: weights, outputs: (i: Record<string, Expr>) => spec.finish(i, i.x) }), spec, chunk);
  }
  /** Rows 0 .. count - 1. @param start standard deviation of the first noise; @param path the scalars of every step; @param take what to do with the outcome of rows [from, from + n) */
  async rows(count: number, bits: SampleBits, start: number, path: readonly Float32Array[], condition: ConditionRows, take: (out: Record<O, Values>, from: number, n: number) => void, progress?: (done: number) => Promise<void>): Promise<void> {
    const { chunk } = this, D = this.spec.dims;
    for (let from = 0; from < count; from += chunk) {
      const given = named(condition(from, chunk));
      let x: Float32Array = hostNormals(bits.normals(-1, from, chunk, D), chunk, D).map((v) => v * start);
      for (const [k, host] of path.entries()) {
        x = (await this.step.run({ ...given, x, host, ...(this.spec.noisy && { bits: bits.normals(k, from, chunk, D) }) })).x as Float32Array;
        if (k % 8 === 7) await progress?.(Math.min(count, from + Math.floor((chunk * k) / path.length)));
      }
      const n = Math.min(chunk, count - from);
      take(await this.end.run({ ...given, x }), from, n);
      await progress?.(from + n);
    }
  }
  async release(): Promise<void> { await this.step.release(); await this.end.release(); }
}
const named = (c: Encoded | undefined): Record<string, Values> => (c ? { conditionNumbers: c.numbers, conditionCodes: c.codes } : {});

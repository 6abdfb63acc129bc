/** Drawing rows from a flow: categories one after another, then all numbers by the inverse of the map. */
import { KeyStream, reshape, type Device, type Expr, type Program, type Values } from '../../engine';
import type { Weights } from '../blocks/loop';
import { drawCategories, fromBase, type FlowShape } from './model';

export class FlowSampler {
  private constructor(private readonly program: Program<string>, private readonly shape: FlowShape, private readonly chunk: number) {}

  static async open(device: Device, shape: FlowShape, weights: Weights): Promise<FlowSampler> {
    const N = shape.numbers, C = shape.sizes.length;
    // A row's cells depend on the block's size, so this comes from the shape alone.
    const perRow = 4 * (Math.max(N, C) * shape.hidden * 3 + N * 3 * shape.bins * 12 + (C + N) * shape.embedding * 4 + Math.max(1, ...shape.sizes) * 4);
    const chunk = Math.max(64, Math.min(2048, 2 ** Math.floor(Math.log2(64e6 / perRow))));
    const program = await device.compile({
      inputs: {
        ...(C > 0 && { bits: { shape: [C, chunk], dtype: 'int32' as const }, given: { shape: [C, chunk], dtype: 'int32' as const } }),
        ...(N > 0 && { noise: { shape: [chunk, N], dtype: 'float32' as const } }),
      },
      frozen: weights,
      outputs(i: Record<string, Expr>) {
        const codes = C > 0 ? drawCategories(i, shape, i.bits!, i.given!) : undefined;
        const out: Record<string, Expr> = {};
        if (codes) out.codes = codes;
        if (N > 0) out.numbers = reshape(fromBase(i, shape, i.noise!, codes), [chunk, N]);
        return out;
      },
    });
    return new FlowSampler(program, shape, chunk);
  }

  /** @param given int32 [rows, C], -1 where a code is to be drawn @returns numbers [rows, N] and codes [rows, C], both in the flow's order */
  async rows(rows: number, stream: KeyStream, given?: Int32Array, progress?: (done: number) => Promise<void>): Promise<{ numbers: Float32Array; codes: Int32Array }> {
    const { chunk } = this, N = this.shape.numbers, C = this.shape.sizes.length;
    const numbers = new Float32Array(rows * N), codes = new Int32Array(rows * C), bits = stream.child('bits'), noise = stream.child('noise');
    for (let from = 0; from < rows; from += chunk) {
      const n = Math.min(chunk, rows - from), feeds: Record<string, Values> = {};
      if (C > 0) {
        const fixed = new Int32Array(C * chunk).fill(-1);
        if (given) for (let i = 0; i < n; i++) for (let c = 0; c < C; c++) fixed[c * chunk + i] = given[(from + i) * C + c]!;
        feeds.bits = bits.bits(from * C, C * chunk);
        feeds.given = fixed;
      }
      if (N > 0) feeds.noise = Float32Array.from(noise.normals(from * N, chunk * N));
      const out = await this.program.run(feeds);
      if (C > 0) codes.set((out.codes as Int32Array).subarray(0, n * C), from * C);
      if (N > 0) numbers.set((out.numbers as Float32Array).subarray(0, n * N), from * N);
      await progress?.(from + n);
    }
    return { numbers, codes };
  }
  release(): Promise<void> { return this.program.release(); }
}

/** A loss of rows that a program computes for weights it is given: its mean for validation, each row's where it is a log-likelihood. */
import { mul, sum, type Device, type Expr, type ParamSpec, type Program, type Values } from '../../engine';
import type { Weights } from './loop';

/** Values of all rows, row-major: [rows, ...shape]. */
export interface RowValues { shape: readonly number[]; values: Float32Array | Int32Array }
const most = 1024;

export class RowLoss {
  private constructor(private readonly program: Program<'total' | 'each'>, private readonly inputs: Record<string, RowValues>, private readonly rows: number, private readonly batch: number) {}

  /** @param loss of a block of rows, each input [B, ...shape]: [B] */
  static async open(device: Device, params: Record<string, ParamSpec>, inputs: Record<string, RowValues>, rows: number, loss: (params: Record<string, Expr>, rows: Record<string, Expr>) => Expr): Promise<RowLoss> {
    const batch = Math.max(1, Math.min(most, rows));
    const program = await device.compile({
      inputs: {
        ...Object.fromEntries(Object.entries(params).map(([n, p]) => [`p:${n}`, { shape: p.shape, dtype: 'float32' as const }])),
        ...Object.fromEntries(Object.entries(inputs).map(([n, v]) => [`r:${n}`, { shape: [batch, ...v.shape], dtype: v.values instanceof Int32Array ? 'int32' as const : 'float32' as const }])),
        weight: { shape: [batch], dtype: 'float32' },
      },
      outputs(i: Record<string, Expr>) {
        const own = (prefix: string): Record<string, Expr> => Object.fromEntries(Object.entries(i).flatMap(([n, x]) => (n.startsWith(prefix) ? [[n.slice(2), x]] : [])));
        const each = loss(own('p:'), own('r:'));
        return { total: sum(mul(each, i.weight!)), each };
      },
    });
    return new RowLoss(program, inputs, rows, batch);
  }

  async mean(weights: Weights): Promise<number> {
    let total = 0;
    await this.blocks(weights, (out) => { total += out.total[0]!; });
    return total / Math.max(1, this.rows);
  }
  /** Every row's own. @param progress awaited with the rows done */
  async each(weights: Weights, progress?: (done: number) => Promise<void>): Promise<Float64Array> {
    const all = new Float64Array(this.rows);
    await this.blocks(weights, async (out, at, n) => { all.set(out.each.subarray(0, n), at); await progress?.(at + n); });
    return all;
  }
  private async blocks(weights: Weights, done: (out: Record<'total' | 'each', Float32Array>, at: number, rows: number) => void | Promise<void>): Promise<void> {
    const feeds: Record<string, Values> = Object.fromEntries(Object.entries(weights).map(([n, w]) => [`p:${n}`, w.values]));
    for (let at = 0; at < this.rows; at += this.batch) {
      const n = Math.min(this.batch, this.rows - at), weight = new Float32Array(this.batch).fill(1, 0, n);
      for (const [name, { shape, values }] of Object.entries(this.inputs)) {
        const width = shape.reduce((a, b) => a * b, 1), block = values instanceof Int32Array ? new Int32Array(this.batch * width) : new Float32Array(this.batch * width);
        block.set(values.subarray(at * width, (at + n) * width));
        feeds[`r:${name}`] = block;
      }
      await done(await this.program.run({ ...feeds, weight }) as Record<'total' | 'each', Float32Array>, at, n);
    }
  }
  release(): Promise<void> { return this.program.release(); }
}

/**
 * Conditional vectors and training by sampling (Xu et al. 2019, section 4.3): a category column is chosen with equal chance, one of its
 * categories by the logarithm of its frequency, and a real row among those that have it. Every draw is a function of its number.
 */
import type { KeyStream } from '../../engine';

export interface Draws {
  /** Which category feature, and which of its codes; `index` is the code's place in the conditional vector. */
  column: Int32Array; code: Int32Array; index: Int32Array;
}
export class Conditions {
  /** Categories in all: the conditional vector's width. */
  readonly width: number;
  private readonly logs: Float64Array[];
  /** Per column, rows in order of their code, and where each code's rows begin. */
  private readonly order: Int32Array[] = [];
  private readonly begin: Int32Array[] = [];
  /** @param codes [rows, sizes.length], each below its size */
  constructor(codes: Int32Array, sizes: readonly number[], rows: number) {
    const C = sizes.length;
    this.logs = [];
    for (let c = 0; c < C; c++) {
      const begin = new Int32Array(sizes[c]! + 1), order = new Int32Array(rows);
      for (let i = 0; i < rows; i++) begin[codes[i * C + c]! + 1]!++;
      const counts = Float64Array.from(begin.subarray(1));
      this.logs.push(running(counts.map((n) => Math.log(n + 1))));
      for (let k = 0; k < sizes[c]!; k++) begin[k + 1]! += begin[k]!;
      const next = begin.slice();
      for (let i = 0; i < rows; i++) order[next[codes[i * C + c]!]!++] = i;
      this.order.push(order); this.begin.push(begin);
    }
    this.width = sizes.reduce((a, b) => a + b, 0);
  }
  /** Chances of a column's codes in training: shares of log(count + 1). */
  probabilities(column: number): Float64Array { return differences(this.logs[column]!); }

  /** Draws [from, from + count) for training. */
  draw(stream: KeyStream, from: number, count: number): Draws { return drawConditions(this.logs, stream, from, count); }
  /** For each draw a row that meets it, equally likely among those, by u in (0, 1). A code no row has (none was fitted so) gives any row. */
  rows({ column, code }: Pick<Draws, 'column' | 'code'>, u: Float64Array): Int32Array {
    return Int32Array.from(column, (c, i) => {
      const order = this.order[c]!, begin = this.begin[c]!, low = begin[code[i]!]!, n = begin[code[i]! + 1]! - low;
      return n > 0 ? order[low + Math.floor(u[i]! * n)]! : order[Math.floor(u[i]! * order.length)]!;
    });
  }
}
/**
 * Draws [from, from + count): a column with equal chance, one of its codes by its cumulative chances. In sampling these are the fitted
 * shares, so that rows follow the table's frequencies. (The reference draws by its log-frequencies there too.)
 */
export function drawConditions(cumulative: readonly Float64Array[], stream: KeyStream, from: number, count: number): Draws {
  const C = cumulative.length, start = new Int32Array(C), u = stream.uniforms(2 * from, 2 * count);
  for (let c = 1; c < C; c++) start[c] = start[c - 1]! + cumulative[c - 1]!.length;
  const column = new Int32Array(count), code = new Int32Array(count), index = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const c = Math.min(C - 1, Math.floor(u[2 * i]! * C));
    column[i] = c;
    code[i] = find(cumulative[c]!, u[2 * i + 1]!);
    index[i] = start[c]! + code[i]!;
  }
  return { column, code, index };
}
/** Cumulative shares of weights. */
export function running(weights: Float64Array): Float64Array {
  const total = weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  return weights.map((w) => (sum += w) / total);
}
const differences = (cumulative: Float64Array): Float64Array => cumulative.map((v, i) => v - (i ? cumulative[i - 1]! : 0));
/** First entry above u. */
function find(cumulative: Float64Array, u: number): number {
  let a = 0, b = cumulative.length - 1;
  while (a < b) { const m = (a + b) >> 1; if (cumulative[m]! > u) b = m; else a = m + 1; }
  return a;
}

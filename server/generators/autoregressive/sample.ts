/** Sampling: the columns of a block of rows drawn one after another, in one program without a loop over steps. */
import { add, categorical, concat, constant, gather, KeyStream, matmul, reshape, silu, slice, uniform, type Device, type Expr, type Program } from '../../engine';
import { decodeColumn, type Layout, type Sizes } from './layout';
import { coarseLogits, fineLogitsOf, leafTable } from './model';
import type { Weights } from './train';

/** Three draws a cell: coarse code, fine code, place inside the leaf. */
const drawsPerCell = 3;

/**
 * Draws rows in the layout's order. The first layer of a column's network is a product with only those columns already drawn,
 * and only that column's head is computed.
 */
export class Sampler {
  private constructor(private readonly program: Program<'leaves'>, private readonly layout: Layout, private readonly chunk: number) {}

  static async open(device: Device, layout: Layout, sizes: Sizes, weights: Weights, chunk: number): Promise<Sampler> {
    const C = layout.columns.length, e = sizes.embedding;
    // The embeddings of all leaves, once: sampling only looks them up.
    const tables = await device.compile({ inputs: {}, frozen: pick(weights, ['codes', 'smooth']), outputs: (i: Record<string, Expr>) => ({ table: leafTable(layout, i) }) });
    const table = (await tables.run({})).table as Float32Array;
    await tables.release();
    const frozen: Weights = { ...pick(weights, Object.keys(weights).filter((n) => !['codes', 'smooth', 'w1'].includes(n))), table: { shape: [layout.leafOffset[C]!, e], values: table } };
    // First-layer weights of each column from the columns before it, in drawing order, packed as one matrix.
    layout.order.forEach((i, k) => { if (k > 0) frozen[`first${i}`] = { shape: [k * e, sizes.hidden], values: predecessors(weights.w1!.values, layout, sizes, k) }; });
    const program = await device.compile({
      inputs: { bits: { shape: [C, drawsPerCell - 1, chunk], dtype: 'int32' } }, frozen,
      outputs: (p: Record<string, Expr>) => ({ leaves: drawColumns(layout, sizes, p, p.bits!, chunk) }),
    });
    return new Sampler(program, layout, chunk);
  }

  /** Cells of rows [from, from + rows) column by column: the same for a row whatever range it is asked in. */
  async rows(from: number, rows: number, stream: KeyStream, progress?: (done: number) => Promise<void>): Promise<Array<Float64Array | Int32Array>> {
    const { chunk } = this, C = this.layout.columns.length, words = C * drawsPerCell * chunk;
    const out = this.layout.columns.map((c) => (c.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows)));
    for (let block = Math.floor(from / chunk); block * chunk < from + rows; block++) {
      const all = stream.bits(block * words, words), drawn = C * (drawsPerCell - 1) * chunk;
      const leaves = (await this.program.run({ bits: all.subarray(0, drawn) })).leaves as Int32Array;
      const start = Math.max(from, block * chunk), end = Math.min(from + rows, (block + 1) * chunk);
      this.layout.columns.forEach((codes, c) => {
        const own = leaves.subarray(c * chunk, (c + 1) * chunk), inside = all.subarray(drawn + c * chunk, drawn + (c + 1) * chunk);
        const cells = decodeColumn(codes, own, Float64Array.from(inside, (b) => (b >>> 0) / 2 ** 32));
        out[c]!.set(cells.subarray(start - block * chunk, end - block * chunk), start - from);
      });
      await progress?.(end - from);
    }
    return out;
  }
  release(): Promise<void> { return this.program.release(); }
}

function pick(weights: Weights, names: string[]): Weights {
  return Object.fromEntries(names.filter((n) => weights[n]).map((n) => [n, weights[n]!]));
}

/** The part of w1 [C*e, C*H] that leads from the columns drawn before the k-th to the k-th: [k*e, H]. */
function predecessors(w1: Float32Array, layout: Layout, s: Sizes, k: number): Float32Array {
  const C = layout.columns.length, { embedding: e, hidden: H } = s, target = layout.order[k]!, out = new Float32Array(k * e * H);
  for (let j = 0; j < k; j++) {
    for (let r = 0; r < e; r++) {
      const at = ((layout.order[j]! * e + r) * C + target) * H;
      out.set(w1.subarray(at, at + H), (j * e + r) * H);
    }
  }
  return out;
}

/** Local leaves of every column: bits [C, 2, rows] -> int32 [C, rows], columns as in the layout. */
function drawColumns(layout: Layout, s: Sizes, p: Record<string, Expr>, bits: Expr, rows: number): Expr {
  const C = layout.columns.length, H = s.hidden, leaves: Expr[] = new Array<Expr>(C);
  const vector = (x: Expr, i: number): Expr => reshape(slice(x, [i], [i + 1]), [1, H]);
  const matrix = (x: Expr, i: number): Expr => reshape(slice(x, [i], [i + 1]), [H, H]);
  const draw = (i: number, k: number): Expr => uniform(reshape(slice(bits, [i, k], [i + 1, k + 1]), [rows]));
  let known: Expr | undefined;
  layout.order.forEach((i, k) => {
    const c = layout.columns[i]!, b1 = vector(p.b1!, i);
    let h = k === 0 ? gather(silu(b1), constant(new Int32Array(rows))) : silu(add(matmul(known!, p[`first${i}`]!), b1));
    for (let l = 1; l < s.layers; l++) h = add(h, silu(add(matmul(h, matrix(p[`w${l + 1}`]!, i)), vector(p[`b${l + 1}`]!, i))));
    const coarse = categorical(coarseLogits(p, layout, i, h), draw(i, 0));
    const first = gather(constant(c.first.subarray(0, c.coarse)), coarse);
    leaves[i] = c.maxFine > 1 ? add(first, categorical(fineLogitsOf(p, layout, i, h, coarse), draw(i, 1))) : first;
    if (k < C - 1) {
      const embedded = gather(p.table!, add(leaves[i]!, constant(layout.leafOffset[i]!, [], 'int32')));
      known = known ? concat([known, embedded], 1) : embedded;
    }
  });
  return concat(leaves.map((l) => reshape(l, [1, rows])), 0);
}

/** Drawing rows from the transformer: column after column, each token's keys and values kept. */
import { add, categorical, concat, constant, gather, greaterEqual, KeyStream, mul, reshape, slice, uniform, where, type Device, type Expr, type Program } from '../../engine';
import { decodeColumn, type Layout } from '../autoregressive/layout';
import { coarseLogits, fineLogits, leafTable } from '../autoregressive/model';
import { narrow } from '../autoregressive/sample';
import type { Weights } from '../blocks/loop';
import { blockStep, norm, type Cache } from '../blocks/transformer';
import type { Sizes } from './model';

/** Coarse code, fine code, place inside the leaf. */
const drawsPerCell = 3;

export class TransformerSampler {
  private constructor(private readonly program: Program<'leaves'>, private readonly layout: Layout, private readonly chunk: number) {}

  static async open(device: Device, layout: Layout, s: Sizes, weights: Weights): Promise<TransformerSampler> {
    const C = layout.columns.length;
    // A row's cells depend on the block's size, so this comes from the model alone.
    const perRow = 4 * (2 * s.layers * C * s.width + 4 * s.hidden + layout.coarseOffset[C]!);
    const chunk = Math.max(64, Math.min(2048, 2 ** Math.floor(Math.log2(128e6 / perRow))));
    // Embeddings of all leaves once: drawing only looks them up.
    const { codes, smooth, ...rest } = weights;
    const tables = await device.compile({ inputs: {}, frozen: { codes: codes!, ...(smooth && { smooth }) }, outputs: (i: Record<string, Expr>) => ({ table: leafTable(layout, i) }) });
    const table = { shape: [layout.leafOffset[C]!, s.width], values: (await tables.run({})).table as Float32Array };
    await tables.release();
    const program = await device.compile({
      inputs: { bits: { shape: [C, drawsPerCell - 1, chunk], dtype: 'int32' }, given: { shape: [C, chunk], dtype: 'int32' } }, frozen: { ...rest, table },
      outputs: (i: Record<string, Expr>) => ({ leaves: drawLeaves(i, layout, s, chunk) }),
    });
    return new TransformerSampler(program, layout, chunk);
  }

  /** Cells of rows 0 .. rows - 1 by column of the layout. @param given leaves int32 [C, rows], -1 where one is to be drawn; the given columns must be the first of the order */
  async rows(rows: number, stream: KeyStream, given?: Int32Array, progress?: (done: number) => Promise<void>): Promise<Array<Float64Array | Int32Array>> {
    const { chunk, layout } = this, C = layout.columns.length;
    const out = layout.columns.map((c) => (c.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows)));
    for (let from = 0; from < rows; from += chunk) {
      const n = Math.min(chunk, rows - from), words = C * drawsPerCell * chunk, bits = stream.bits((from / chunk) * words, words), fixed = new Int32Array(C * chunk).fill(-1);
      if (given) for (let c = 0; c < C; c++) fixed.set(given.subarray(c * rows + from, c * rows + from + n), c * chunk);
      const leaves = (await this.program.run({ bits: bits.subarray(0, C * (drawsPerCell - 1) * chunk), given: fixed })).leaves as Int32Array;
      layout.columns.forEach((codes, c) => {
        const at = C * (drawsPerCell - 1) * chunk + c * chunk, inside = Float64Array.from(bits.subarray(at, at + chunk), (b) => ((b >>> 0) + 0.5) / 2 ** 32);
        out[c]!.set(decodeColumn(codes, leaves.subarray(c * chunk, (c + 1) * chunk), inside).subarray(0, n), from);
      });
      await progress?.(from + n);
    }
    return out;
  }
  release(): Promise<void> { return this.program.release(); }
}

/** bits [C, 2, rows] and given [C, rows], both by column of the layout -> leaves int32 [C, rows]. */
function drawLeaves(p: Record<string, Expr>, layout: Layout, s: Sizes, rows: number): Expr {
  const caches: Cache[] = [], drawn = new Map<number, Expr>(), d = s.width;
  const draw = (c: number, level: number): Expr => uniform(reshape(slice(p.bits!, [c, level], [c + 1, level + 1]), [1, rows]));
  let token = mul(p.start!, constant(new Float32Array(rows).fill(1), [rows, 1]));
  layout.order.forEach((c, t) => {
    let h = reshape(add(token, slice(p.place!, [t], [t + 1])), [rows, 1, d]);
    for (let l = 0; l < s.layers; l++) {
      const { y, cache } = blockStep(p, `b${l}.`, h, s, { ...(caches[l] && { cache: caches[l] }) });
      h = y;
      caches[l] = cache;
    }
    const state = reshape(norm(h, p.finalNorm!, p.finalShift!), [1, rows, d]), codes = layout.columns[c]!;
    const own = narrow(layout, p, layout.groups.findIndex((g) => c >= g.start && c < g.start + g.count), c);
    const coarse = categorical(coarseLogits(own.params, 0, state), draw(c, 0));
    let leaf = gather(constant(codes.first.subarray(0, codes.coarse)), reshape(coarse, [rows]));
    if (codes.maxFine > 1) leaf = add(leaf, reshape(categorical(fineLogits(own.params, own.layout, 0, state, coarse), draw(c, 1)), [rows]));
    const known = reshape(slice(p.given!, [c], [c + 1]), [rows]);
    leaf = where(greaterEqual(known, 0), known, leaf);
    drawn.set(c, reshape(leaf, [1, rows]));
    token = gather(p.table!, add(leaf, constant(layout.leafOffset[c]!, [], 'int32')));
  });
  const all = layout.columns.map((_, c) => drawn.get(c)!);
  return all.length > 1 ? concat(all, 0) : all[0]!;
}

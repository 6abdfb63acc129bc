/** Filling missing cells: every row's own columns are known, whichever they are, and one program serves all patterns. */
import { add, categorical, concat, constant, equal, gather, KeyStream, matmul, reshape, silu, slice, uniform, where, type Device, type Expr } from '../../engine';
import { decodeColumn, type Layout, type Sizes } from './layout';
import { coarseLogits, fineLogits } from './model';
import { firstWeights, leafTables, narrow, pick, restriction } from './sample';
import { isShared, versionName, type Weights } from './versions';

const drawsPerCell = 3;

/**
 * Draws the missing cells of rows, column after column in the layout's order; each column's network sees what the row has and what was drawn before, whatever that is: a cell
 * that is not known yet is a row of zeros, as in training under random orders.
 * @param cells leaves of all rows, int32 [rows, C] row-major, the missing leaf where a cell is to be filled
 * @returns for every column with missing cells, the cells of all rows (known ones decoded too; the caller keeps its own)
 */
export async function fillMissing(device: Device, layout: Layout, sizes: Sizes, { weights, versionOf }: { weights: Weights; versionOf: Int32Array }, cells: Int32Array, chunk: number, stream: KeyStream, progress?: (done: number) => Promise<void>): Promise<Map<number, Float64Array | Int32Array>> {
  const C = layout.columns.length, rows = cells.length / C, e = sizes.embedding, H = sizes.hidden;
  const empty = layout.columns.map((c, i) => { if (c.missing < 0) return false; for (let r = 0; r < rows; r++) if (cells[r * C + i] === c.missing) return true; return false; });
  const drawn = layout.order.filter((c) => empty[c]), out = new Map<number, Float64Array | Int32Array>();
  if (drawn.length === 0) return out;
  const seenBy = (i: number): number[] => (layout.sources ? [...new Set(layout.sources.subarray(i * (layout.sources.length / C), (i + 1) * (layout.sources.length / C)))].filter((c) => c !== i) : Array.from({ length: C }, (_, c) => c).filter((c) => c !== i));
  const frozen: Weights = { ...pick(weights, (n) => !isShared(n) && n !== 'w1'), ...(await leafTables(device, layout, sizes, weights, versionOf)) };
  for (const i of drawn) { const seen = seenBy(i); if (seen.length > 0) frozen[`first${i}`] = { shape: [seen.length * e, H], values: firstWeights(weights.w1!.values, layout, sizes, i, seen) }; }
  const program = await device.compile({
    inputs: { bits: { shape: [drawn.length, drawsPerCell - 1, chunk], dtype: 'int32' }, known: { shape: [C, chunk], dtype: 'int32' } }, frozen,
    outputs(p: Record<string, Expr>) {
      const one = (x: Expr, i: number, shape: number[]): Expr => reshape(slice(x, [i], [i + 1]), shape), leafOf = new Map<number, Expr>();
      const leaf = (c: number): Expr => leafOf.get(c) ?? one(p.known!, c, [chunk]);
      const made: Expr[] = [];
      drawn.forEach((i, k) => {
        const c = layout.columns[i]!, b1 = one(p.b1!, i, [1, H]), seen = seenBy(i), v = versionOf[i]!, draw = (level: number): Expr => uniform(reshape(slice(p.bits!, [k, level], [k + 1, level + 1]), [1, chunk]));
        const sources = seen.map((s) => gather(p[versionName('table', v)]!, add(leaf(s), constant(layout.leafOffset[s]!, [], 'int32')))), input = sources.length > 1 ? concat(sources, 1) : sources[0];
        let h = input ? silu(add(matmul(input, p[`first${i}`]!), b1)) : gather(silu(b1), constant(new Int32Array(chunk)));
        for (let l = 1; l < sizes.layers; l++) h = add(h, silu(add(matmul(h, one(p[`w${l + 1}`]!, i, [H, H])), one(p[`b${l + 1}`]!, i, [1, H]))));
        const group = layout.groups.findIndex((g) => i >= g.start && i < g.start + g.count), own = narrow(layout, p, group, i), state = reshape(h, [1, chunk, H]);
        // "Missing" is no value to fill a cell with.
        const limit = restriction(c, Uint8Array.from({ length: c.leaves }, (_, l) => (l === c.missing ? 0 : 1)));
        const coarse = categorical(add(coarseLogits(own.params, 0, state), constant(limit.coarse)), draw(0)), first = gather(constant(c.first.subarray(0, c.coarse)), reshape(coarse, [chunk]));
        const filled = c.maxFine > 1 ? add(first, reshape(categorical(add(fineLogits(own.params, own.layout, 0, state, coarse), gather(constant(limit.fine, [c.coarse, c.maxFine]), coarse)), draw(1)), [chunk])) : first;
        const now = leaf(i), kept = where(equal(now, constant(c.missing, [], 'int32')), filled, now);
        leafOf.set(i, kept);
        made.push(reshape(kept, [1, chunk]));
      });
      return { leaves: made.length === 1 ? made[0]! : concat(made, 0) };
    },
  });
  try {
    for (const i of drawn) out.set(i, layout.columns[i]!.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows));
    const words = drawn.length * drawsPerCell * chunk, own = drawn.length * (drawsPerCell - 1) * chunk;
    for (let from = 0; from < rows; from += chunk) {
      const n = Math.min(chunk, rows - from), known = new Int32Array(C * chunk), bits = stream.bits((from / chunk) * words, words);
      for (let r = 0; r < n; r++) for (let c = 0; c < C; c++) known[c * chunk + r] = cells[(from + r) * C + c]!;
      const leaves = (await program.run({ bits: bits.subarray(0, own), known })).leaves as Int32Array;
      drawn.forEach((i, k) => {
        const u = Float64Array.from(bits.subarray(own + k * chunk, own + (k + 1) * chunk), (b) => ((b >>> 0) + 0.5) / 2 ** 32);
        out.get(i)!.set(decodeColumn(layout.columns[i]!, leaves.subarray(k * chunk, (k + 1) * chunk), u).subarray(0, n), from);
      });
      await progress?.(from + n);
    }
  } finally {
    await program.release();
  }
  return out;
}

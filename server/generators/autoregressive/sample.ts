/** Sampling: the columns of a block of rows drawn one after another, in programs without a loop over steps. */
import { add, categorical, concat, constant, gather, KeyStream, logSumExp, matmul, mean, reshape, silu, slice, softmax, sub, uniform, type Device, type Expr, type Program } from '../../engine';
import type { ColumnCodes } from '../../table/encoders/codes';
import { decodeColumn, observedLeaves, type Layout, type Sizes } from './layout';
import { coarseLogits, fineLogits, leafTable } from './model';
import { penaltiesOf, type Mask } from './together';
import { isShared, versionName, type Weights } from './versions';

/** Three draws a cell: coarse code, fine code, place inside the leaf. */
const drawsPerCell = 3;
/** Columns drawn by one program; a wide table takes several, so that none grows without bound. */
const columnsPerProgram = 64;

interface Part { program: Program<'leaves' | 'marginals' | 'logWeight'>; columns: Int32Array }

/** For a column (by its place in the layout), 1 for every leaf that may be drawn. */
export type Within = ReadonlyMap<number, Uint8Array>;

/**
 * Draws rows in the layout's order. The first layer of a column's network is a product with only the columns it may see
 * among those already drawn, and only that column's head is computed.
 */
export class Sampler {
  private constructor(private readonly parts: Part[], private readonly layout: Layout, private readonly chunk: number, private readonly given: readonly number[]) {}

  /**
   * @param chunk rows a block; a row's cells depend on it, so it must come from the table's size alone
   * @param options.given columns that are not drawn but known: they come first in the order, so that every other column's network sees them
   * @param options.only the columns to draw, in this order, instead of all; `within` restricts their leaves, for `proposals`; `masks` what may not be drawn together
   */
  static async open(device: Device, fitted: Layout, sizes: Sizes, { weights, versionOf }: { weights: Weights; versionOf: Int32Array }, chunk: number, options: { marginals?: boolean; given?: readonly number[]; only?: readonly number[]; within?: Within; masks?(layout: Layout): readonly Mask[] } = {}): Promise<Sampler> {
    const given = options.given ?? [], known = new Set(given), drawn = options.only ? Int32Array.from(options.only) : fitted.order.filter((c) => !known.has(c));
    const layout: Layout = given.length > 0 || options.only ? { ...fitted, order: Int32Array.from([...given, ...drawn]) } : fitted;
    const C = layout.columns.length, e = sizes.embedding;
    const shared: Weights = pick(weights, (n) => !isShared(n) && n !== 'w1' && !(options.marginals && n.startsWith('bias')));
    Object.assign(shared, await leafTables(device, layout, sizes, weights, versionOf));
    const parts: Part[] = [], masks = options.masks?.(layout) ?? [];
    for (let from = 0; from < drawn.length; from += columnsPerProgram) {
      const columns = drawn.subarray(from, from + columnsPerProgram), frozen = { ...shared };
      for (const i of columns) {
        const seen = sourcesOf(layout, i);
        if (seen.length > 0) frozen[`first${i}`] = { shape: [seen.length * e, sizes.hidden], values: firstWeights(weights.w1!.values, layout, sizes, i, seen) };
      }
      parts.push({ columns, program: await device.compile({
        inputs: { bits: { shape: [columns.length, drawsPerCell - 1, chunk], dtype: 'int32' }, ...((from > 0 || given.length > 0) && { known: { shape: [C, chunk], dtype: 'int32' as const } }), ...(options.marginals && biases(layout)) },
        frozen, outputs: (p: Record<string, Expr>) => {
          const { leaves, marginals, logWeight } = drawColumns(layout, sizes, p, versionOf, columns, chunk, options.within, masks);
          return { leaves, ...(options.marginals && { marginals }), ...(options.within && { logWeight }) } as Record<'leaves' | 'marginals' | 'logWeight', Expr>;
        },
      }) });
    }
    return new Sampler(parts, layout, chunk, given);
  }

  /**
   * Opened with `marginals`: the mean over one block of rows of every column's predicted coarse distribution, given the
   * biases that the rows are drawn under. [column][coarse]
   */
  async marginals(block: number, stream: KeyStream, biases: Record<string, Float32Array>): Promise<Float64Array[]> {
    const out: Float64Array[] = new Array<Float64Array>(this.layout.columns.length);
    await this.block(block, stream, biases, (columns, means) => {
      let at = 0;
      for (const c of columns) { out[c] = Float64Array.from(means!.subarray(at, at += this.layout.columns[c]!.coarse)); }
    });
    return out;
  }

  private async block(block: number, stream: KeyStream, biases: Record<string, Float32Array> = {}, each?: (columns: Int32Array, marginals: Float32Array | undefined, logWeight: Float32Array | undefined) => void, conditions?: Int32Array): Promise<{ known: Int32Array; bits: Int32Array; used: number }> {
    const { chunk } = this, C = this.layout.columns.length, words = C * drawsPerCell * chunk;
    const bits = stream.bits(block * words, words), known = conditions ?? new Int32Array(C * chunk);
    let used = 0;
    for (const { program, columns } of this.parts) {
      const own = columns.length * (drawsPerCell - 1) * chunk;
      const { leaves, marginals, logWeight } = await program.run({ bits: bits.subarray(used, used + own), ...((used > 0 || this.given.length > 0) && { known }), ...biases });
      columns.forEach((c, k) => known.set((leaves as Int32Array).subarray(k * chunk, (k + 1) * chunk), c * chunk));
      each?.(columns, marginals as Float32Array | undefined, logWeight as Float32Array | undefined);
      used += own;
    }
    return { known, bits, used };
  }

  /**
   * Cells of rows [from, from + rows) by column: the same for a row whatever range it is asked in.
   * @param conditions leaves of the given columns, one array of `rows` for each of `options.given`; their cells come back decoded like the others
   */
  async rows(from: number, rows: number, stream: KeyStream, progress?: (done: number) => Promise<void>, conditions: readonly Int32Array[] = []): Promise<Array<Float64Array | Int32Array>> {
    if (conditions.length !== this.given.length || conditions.some((c) => c.length !== rows)) throw new RangeError(`conditions on ${conditions.length} columns, ${this.given.length} are given`);
    const { chunk, layout } = this;
    const out = layout.columns.map((c) => (c.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows)));
    for (let block = Math.floor(from / chunk); block * chunk < from + rows; block++) {
      const start = Math.max(from, block * chunk), end = Math.min(from + rows, (block + 1) * chunk);
      const leaves = new Int32Array(layout.columns.length * chunk);
      this.given.forEach((c, k) => leaves.set(conditions[k]!.subarray(start - from, end - from), c * chunk + start - block * chunk));
      const { known, bits, used: at } = await this.block(block, stream, undefined, undefined, leaves);
      layout.columns.forEach((codes, c) => {
        const inside = bits.subarray(at + c * chunk, at + (c + 1) * chunk);
        const cells = decodeColumn(codes, known.subarray(c * chunk, (c + 1) * chunk), Float64Array.from(inside, (b) => ((b >>> 0) + 0.5) / 2 ** 32));
        out[c]!.set(cells.subarray(start - block * chunk, end - block * chunk), start - from);
      });
      await progress?.(end - from);
    }
    return out;
  }
  /** Opened with `only` and `within`: leaves of the columns drawn, by column, and the log of the mass that the restrictions left, of rows [0, rows). */
  async proposals(rows: number, stream: KeyStream, progress?: (done: number) => Promise<void>): Promise<{ leaves: Map<number, Int32Array>; logWeight: Float64Array }> {
    const { chunk } = this, logWeight = new Float64Array(rows), leaves = new Map(this.parts.flatMap(({ columns }) => [...columns].map((c): [number, Int32Array] => [c, new Int32Array(rows)])));
    for (let from = 0; from < rows; from += chunk) {
      const n = Math.min(chunk, rows - from);
      const { known } = await this.block(from / chunk, stream, undefined, (_, __, weight) => { for (let i = 0; i < n; i++) logWeight[from + i]! += weight![i]!; });
      for (const [c, own] of leaves) own.set(known.subarray(c * chunk, c * chunk + n), from);
      await progress?.(from + n);
    }
    return { leaves, logWeight };
  }
  async release(): Promise<void> { for (const p of this.parts) await p.program.release(); }
}

/** The embeddings of all leaves, once for every version: sampling only looks them up. A missing cell that was not seen is a row of zeros. */
export async function leafTables(device: Device, layout: Layout, sizes: Sizes, weights: Weights, versionOf: Int32Array): Promise<Weights> {
  const out: Weights = {}, e = sizes.embedding, leaves = layout.leafOffset[layout.columns.length]!;
  for (let v = 0; v <= Math.max(...versionOf); v++) {
    const own = Object.fromEntries(['codes', 'smooth'].flatMap((n) => (weights[versionName(n, v)] ? [[n, weights[versionName(n, v)]!]] : [])));
    const tables = await device.compile({ inputs: {}, frozen: own, outputs: (i: Record<string, Expr>) => ({ table: leafTable(layout, i) }) });
    const values = (await tables.run({})).table as Float32Array;
    if (sizes.unobserved) observedLeaves(layout).forEach((seen, leaf) => { if (!seen) values.fill(0, leaf * e, (leaf + 1) * e); });
    out[versionName('table', v)] = { shape: [leaves, e], values };
    await tables.release();
  }
  return out;
}

/** The heads' biases as inputs, so that one program serves while they change. */
const biases = (layout: Layout): Record<string, { shape: number[]; dtype: 'float32' }> =>
  Object.fromEntries(layout.groups.map((g, k) => [`bias${k}`, { shape: [g.count, 1, g.coarse], dtype: 'float32' as const }]));

export function pick(weights: Weights, wanted: (name: string) => boolean): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([n]) => wanted(n)));
}

/** The columns that column i's network sees when rows are drawn in the layout's order. */
function sourcesOf(layout: Layout, i: number): number[] {
  const place = layout.order.indexOf(i), before = layout.order.subarray(0, place);
  if (!layout.sources) return [...before];
  const P = layout.sources.length / layout.columns.length, earlier = new Set(before);
  return [...layout.sources.subarray(i * P, (i + 1) * P)].filter((c) => earlier.has(c));
}
/** The first layer's weights from the columns seen to column i: [seen * e, H]. */
export function firstWeights(w1: Float32Array, layout: Layout, s: Sizes, i: number, seen: number[]): Float32Array {
  const C = layout.columns.length, { embedding: e, hidden: H } = s, out = new Float32Array(seen.length * e * H);
  seen.forEach((source, j) => {
    for (let r = 0; r < e; r++) {
      const at = layout.sources
        ? ((i * (layout.sources.length / C) + layout.sources.subarray(i * (layout.sources.length / C)).indexOf(source)) * e + r) * H
        : ((source * e + r) * C + i) * H;
      out.set(w1.subarray(at, at + H), (j * e + r) * H);
    }
  });
  return out;
}

/** What is added to the logit of a code that must not be drawn. */
const forbidden = -1e4;
/** `within` as numbers to add to a column's logits: per coarse code, and per fine code within it. */
export function restriction(c: ColumnCodes, allowed: Uint8Array): { coarse: Float32Array; fine: Float32Array } {
  const coarse = new Float32Array(c.coarse).fill(forbidden), fine = new Float32Array(c.coarse * c.maxFine).fill(forbidden);
  for (let leaf = 0; leaf < c.leaves; leaf++) if (allowed[leaf]) { const k = c.coarseOf[leaf]!; coarse[k] = 0; fine[k * c.maxFine + leaf - c.first[k]!] = 0; }
  return { coarse, fine };
}

/** Local leaves of some columns: bits [columns, 2, rows], known int32 [C, rows] -> int32 [columns, rows]; the mean predicted coarse distributions, side by side; and the log of the mass within [rows]. */
function drawColumns(layout: Layout, s: Sizes, p: Record<string, Expr>, versionOf: Int32Array, columns: Int32Array, rows: number, within?: Within, masks: readonly Mask[] = []): { leaves: Expr; marginals: Expr; logWeight?: Expr } {
  let logWeight: Expr | undefined = within && constant(new Float32Array(rows));
  /** Restricted logits; the mass they keep goes into the weight. */
  const keep = (logits: Expr, penalty: Expr): Expr => {
    const restricted = add(logits, penalty);
    if (logWeight) logWeight = add(logWeight, reshape(sub(logSumExp(restricted, { axes: -1 }), logSumExp(logits, { axes: -1 })), [rows]));
    return restricted;
  };
  const act = (x: Expr): Expr => (s.linear ? x : silu(x));
  const H = s.hidden, drawn: Expr[] = [], marginals: Expr[] = [], embedded = new Map<string, Expr>();
  const one = (x: Expr, i: number, shape: number[]): Expr => reshape(slice(x, [i], [i + 1]), shape);
  const draw = (k: number, level: number): Expr => uniform(reshape(slice(p.bits!, [k, level], [k + 1, level + 1]), [rows]));
  const leafOf = new Map<number, Expr>(), leafAt = (c: number): Expr => leafOf.get(c) ?? one(p.known!, c, [rows]);
  /** Column c's embedding in version v, made when first asked for. */
  const embed = (c: number, v: number): Expr => {
    const key = `${c}@${v}`;
    if (!embedded.has(key)) embedded.set(key, gather(p[versionName('table', v)]!, add(leafAt(c), constant(layout.leafOffset[c]!, [], 'int32'))));
    return embedded.get(key)!;
  };
  columns.forEach((i, k) => {
    const c = layout.columns[i]!, b1 = one(p.b1!, i, [1, H]), seen = sourcesOf(layout, i);
    const sources = seen.map((source) => embed(source, versionOf[i]!)), input = sources.length > 1 ? concat(sources, 1) : sources[0];
    let h = input ? act(add(matmul(input, p[`first${i}`]!), b1)) : gather(act(b1), constant(new Int32Array(rows)));
    for (let l = 1; l < s.layers; l++) h = add(h, silu(add(matmul(h, one(p[`w${l + 1}`]!, i, [H, H])), one(p[`b${l + 1}`]!, i, [1, H]))));
    const group = layout.groups.findIndex((g) => i >= g.start && i < g.start + g.count), own = narrow(layout, p, group, i), limits = within?.get(i), limit = limits && restriction(c, limits);
    const state = reshape(h, [1, rows, H]), penalties = penaltiesOf(masks, layout, i, rows, leafAt);
    const free = coarseLogits(own.params, 0, state), limited = limit ? keep(free, constant(limit.coarse)) : free, logits = penalties.reduce((l, p) => keep(l, reshape(p.coarse, [1, rows, c.coarse])), limited), coarse = categorical(logits, reshape(draw(k, 0), [1, rows]));
    marginals.push(mean(reshape(softmax(logits), [rows, c.coarse]), { axes: 0 }));
    const first = gather(constant(c.first.subarray(0, c.coarse)), reshape(coarse, [rows]));
    const fine = (): Expr => {
      const all = fineLogits(own.params, own.layout, 0, state, coarse);
      return penalties.reduce((l, p) => keep(l, p.fine(coarse)), limit ? keep(all, gather(constant(limit.fine, [c.coarse, c.maxFine]), coarse)) : all);
    };
    const leaf = c.maxFine > 1 ? add(first, reshape(categorical(fine(), reshape(draw(k, 1), [1, rows])), [rows])) : first;
    drawn.push(reshape(leaf, [1, rows]));
    leafOf.set(i, leaf);
  });
  const all = drawn.length === 1 ? { leaves: drawn[0]!, marginals: marginals[0]! } : { leaves: concat(drawn, 0), marginals: concat(marginals, 0) };
  return { ...all, ...(logWeight && { logWeight }) };
}

/** The head of one column as a group of its own, without the padding that its group needs. */
export function narrow(layout: Layout, p: Record<string, Expr>, group: number, i: number): { layout: Layout; params: Record<string, Expr> } {
  const g = layout.groups[group]!, c = layout.columns[i]!, at = i - g.start;
  const cut = (name: string, size: number): Expr => slice(slice(p[`${name}${group}`]!, [at], [at + 1]), [0], [size], [2]);
  const params: Record<string, Expr> = { out0: cut('out', c.coarse), bias0: cut('bias', c.coarse) };
  if (c.maxFine > 1) {
    params.fineIn0 = slice(p[`fineIn${group}`]!, [at], [at + 1]);
    params.fineCode0 = slice(p[`fineCode${group}`]!, [at * g.coarse], [at * g.coarse + c.coarse]);
    params.fineOut0 = cut('fineOut', c.maxFine);
  }
  return { params, layout: { ...layout, columns: [c], groups: [{ start: 0, count: 1, coarse: c.coarse, fine: c.maxFine }] } };
}

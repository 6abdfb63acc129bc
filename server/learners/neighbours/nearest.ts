import type { Device } from '../../engine';
import { type Blocks, blocksFor, centredNorms, centreOf, compileBounds, errorFactor, prepareReference, unitRoundoff, writeQuery } from './bounds';
import { compact, slotsOf, type Slots, type Span } from './compact';
import { Nearest, offerRows, squaredDistance } from './exact';
import { type Sought, Tree } from './tree';
import { type UniqueRows, uniqueRows } from './unique';

/** Row-major float32 rows. Every value must be finite and smaller than 1e15 in size. */
export interface Points {
  values: Float32Array; rows: number; width: number;
  /** What the columns are, left to right and without gaps: where some are the one-hot codes of categories, a search can be much faster. It finds the same. */
  spans?: readonly Span[];
  /** Where searches leave what they find out about these rows alone, for the next one: an empty object, of rows that never change. */
  kept?: Kept;
}

interface Kept { distinct?: UniqueRows; compact?: { slots: Slots; rows: Float32Array }; tree?: Tree }

export interface NearestOptions {
  /** How many neighbours. Default 1. */
  k?: number;
  /** The queries are the reference rows themselves (the same array): row i is no neighbour of row i, but its copies are. */
  excludeSelf?: boolean;
  device: Device;
  /** Awaited between blocks, well under a second apart; may throw to cancel. */
  progress?(fraction: number): Promise<void>;
  /** Sizes of blocks, for tests; they also rule out the tree. */
  blocks?: Blocks;
  /** For tests: the tree, whatever it is expected to cost. */
  tree?: boolean;
}

/** Row-major [queries, k], nearest first, equal distances by lowest index; -1 and Infinity where the reference has too few rows. */
export interface Neighbours { k: number; indices: Int32Array; distances: Float64Array }

/** Below this many multiplications the device is not worth asking. */
const smallWork = 2e7;
/** Queries that try the tree, and the slots that points may have for it: in more than some dozen everything is about equally far, and a tree is only a detour. */
const tried = 48, mostSlots = 64;
/** What each slot that a tree looks at costs, in multiplications of a matrix product on a CPU (measured), of which a pair of rows costs some fifty besides its width: bounds must be chosen from. */
const slotCost = 230, pairCost = 56;

/**
 * Exact k nearest neighbours in Euclidean distance, over all pairs.
 *
 * The device computes 2 q.r - |r|^2 for whole blocks in float32 and returns the greatest of every group of 32 reference rows (64 on a GPU). With a rigorous bound on the
 * rounding error these give, for every query, an upper bound on its k-th distance; groups that cannot reach below it are dropped, and
 * the rows of the others are measured in float64 on the CPU. The result therefore equals a brute-force float64 search over the float32 rows, ties included.
 * Equal rows are merged first. Where some queries find that a k-d tree (tree.ts) looks at few rows, it does all the work on the CPU, and the result is the same.
 *
 * Cost: 2 x queries x reference x width float32 operations on the device (2-core CPU: 32k x 32k x 110 in seconds, 1,000,000 x 200,000 x 50 in some
 * minutes), plus some hundred exact distances a query. Memory: twice the reference, and 1024 queries x reference / 32.
 * Columns of very unequal scale or rows far from all others weaken the bounds: still exact, more distances measured.
 *
 * @throws RangeError for shapes that do not fit or values that are not finite
 */
export async function nearest(queries: Points, reference: Points, options: NearestOptions): Promise<Neighbours> {
  const k = options.k ?? 1, { width } = reference, self = options.excludeSelf ?? false;
  if (queries.width !== width) throw new RangeError(`queries are ${queries.width} wide, the reference ${width}`);
  if (!(Number.isInteger(k) && k >= 1)) throw new RangeError(`k is ${k}; it must be a positive integer`);
  if (self && queries.values !== reference.values) throw new RangeError('excludeSelf needs the queries to be the reference rows');
  if (!reference.kept?.distinct) checkPoints(reference, 'reference');
  if (!self && !queries.kept?.distinct) checkPoints(queries, 'query');
  // A query finds itself too, at distance 0; one more neighbour is sought and the row itself taken out.
  const wanted = k + (self ? 1 : 0);
  const out: Neighbours = { k, indices: new Int32Array(queries.rows * k).fill(-1), distances: new Float64Array(queries.rows * k).fill(Infinity) };
  const distinct = distinctOf(reference), asked = self ? distinct : distinctOf(queries);
  const small = distinct.count * asked.count * width <= smallWork, search = options.tree || (!small && !options.blocks) ? searchTree : small && !options.blocks ? searchAll : searchBlocks;
  await search(queries, reference, asked, distinct, wanted, options, (u, best) => {
    for (let c = asked.start[u]; c < asked.start[u + 1]; c++) {
      const i = asked.copies[c];
      for (let j = 0, to = i * k; j < best.count && to < (i + 1) * k; j++) {
        if (self && best.index[j] === i) continue;
        out.indices[to] = best.index[j];
        out.distances[to++] = Math.sqrt(best.squared[j]);
      }
    }
  });
  return out;
}

type Search = (queries: Points, reference: Points, asked: UniqueRows, distinct: UniqueRows, wanted: number, options: NearestOptions, found: (unique: number, best: Nearest) => void) => Promise<void>;

const distinctOf = (p: Points): UniqueRows => {
  const distinct = p.kept?.distinct ?? uniqueRows(p.values, p.rows, p.width);
  if (p.kept) p.kept.distinct = distinct;
  return distinct;
};

/** The compact rows of points; what was kept is used again where codes are worth the same. */
function compactOf(p: Points, distinct: UniqueRows, slots: Slots): Float32Array | undefined {
  const kept = p.kept?.compact;
  if (kept && kept.slots.count === slots.count && kept.slots.apart.every((v, k) => slots.size[k] === kept.slots.size[k] && (slots.size[k] === 0 || slots.apart[k] !== slots.apart[k] || v === slots.apart[k]))) {
    slots.apart.set(kept.slots.apart);
    return kept.rows;
  }
  const rows = compact(p, distinct.first, slots);
  if (rows && p.kept) p.kept.compact = { slots, rows };
  return rows;
}

const searchAll: Search = async (queries, reference, asked, distinct, wanted, options, found) => {
  const best = new Nearest(wanted), { width } = reference;
  for (let u = 0; u < asked.count; u++) {
    best.reset();
    for (let r = 0; r < distinct.count; r++) {
      const s = squaredDistance(queries.values, asked.first[u] * width, reference.values, distinct.first[r] * width, width);
      for (let c = distinct.start[r]; c < distinct.start[r + 1]; c++) if (!best.offer(s, distinct.copies[c])) break;
    }
    found(u, best);
  }
  await options.progress?.(1);
};

/** By a tree on the CPU where some queries find that it looks at few rows; else by blocks. Both find the same to the bit, so that nothing but time hangs on it. */
const searchTree: Search = async (queries, reference, asked, distinct, wanted, options, found) => {
  const slots = slotsOf(reference), instead = () => searchBlocks(queries, reference, asked, distinct, wanted, options, found);
  if (!options.tree && slots.count > mostSlots) return instead();
  const rows = compactOf(reference, distinct, slots), ask = rows && compactOf(queries, asked, slots);
  if (!ask) return instead();
  const tree = reference.kept?.tree ?? new Tree(rows, slots), best = new Nearest(wanted), S = slots.count, before = tree.looked;
  if (reference.kept) reference.kept.tree = tree;
  const sought: Sought = {
    limit: Infinity,
    offer(squared, row) {
      for (let c = distinct.start[row]; c < distinct.start[row + 1]; c++) if (!best.offer(squared, distinct.copies[c])) break;
      // as near as the worst kept may still win by its number
      sought.limit = best.worst;
    },
  };
  const visit = (u: number) => { best.reset(); sought.limit = best.worst; tree.visit(ask, u * S, sought); };
  await options.progress?.(0.02);
  if (!options.tree) {
    const some = Math.min(tried, asked.count);
    for (let t = 0; t < some; t++) visit(Math.floor((t * asked.count) / some));
    if ((tree.looked - before) * slotCost > some * distinct.count * (reference.width + pairCost)) return instead();
  }
  let breath = tree.looked;
  // in the order of the branches, where it is known: rows that ask one after the other look at the same ones
  const order = queries.kept?.tree?.order;
  for (let i = 0; i < asked.count; i++) {
    const u = order ? order[i] : i;
    visit(u);
    found(u, best);
    if (tree.looked - breath > 2e7) { breath = tree.looked; await options.progress?.((i + 1) / asked.count); }
  }
  await options.progress?.(1);
};

const searchBlocks: Search = async (queries, reference, asked, distinct, wanted, options, found) => {
  const { width } = reference, { device } = options, blocks = options.blocks ?? blocksFor(device.info, asked.count, distinct.count);
  const centre = centreOf(reference.values, reference.rows, width), norms = centredNorms(reference.values, distinct.first, width, centre);
  // By norm, so that a far-off row loosens the bound of its own group only.
  const order = Int32Array.from(norms.keys()).sort((a, b) => norms[a] - norms[b] || a - b);
  const rows = new Float32Array(distinct.count * width), start = new Int32Array(distinct.count + 1), copies = new Int32Array(reference.rows);
  order.forEach((u, i) => {
    rows.set(reference.values.subarray(distinct.first[u] * width, (distinct.first[u] + 1) * width), i * width);
    copies.set(distinct.copies.subarray(distinct.start[u], distinct.start[u + 1]), start[i]);
    start[i + 1] = start[i] + distinct.start[u + 1] - distinct.start[u];
  });
  const prepared = prepareReference(rows, norms.map((_, i) => norms[order[i]]), width, centre, blocks), { groupNorm } = prepared;
  const factor = errorFactor(width, unitRoundoff(device.info)), queryNorms = centredNorms(queries.values, asked.first, width, centre);
  const program = await compileBounds(device, width, blocks);
  try {
    const perBlock = blocks.reference / blocks.group, refBlocks = prepared.values.length / (blocks.reference * (width + 1)), queryBlocks = Math.ceil(asked.count / blocks.queries);
    const feed = new Float32Array(blocks.queries * (width + 1)), stride = blocks.queries * perBlock, closest = new Float32Array(refBlocks * stride);
    const best = new Nearest(wanted), candidates = new Candidates(groupNorm, factor, wanted, perBlock, stride);
    for (let b = 0; b < queryBlocks; b++) {
      const from = b * blocks.queries, to = Math.min(asked.count, from + blocks.queries);
      for (let u = from; u < to; u++) writeQuery(feed, (u - from) * (width + 1), queries.values, asked.first[u] * width, width, centre);
      for (let r = 0; r < refBlocks; r++) {
        const size = blocks.reference * (width + 1);
        await program.run({ q: feed, r: prepared.values.subarray(r * size, (r + 1) * size) }, { closest: closest.subarray(r * stride, (r + 1) * stride) });
        await options.progress?.((b + (r + 1) / (refBlocks + 1)) / queryBlocks);
      }
      for (let u = from; u < to; u++) {
        best.reset();
        const chosen = candidates.choose(closest, u - from, queryNorms[u]);
        for (let c = 0; c < chosen; c++) {
          if (candidates.low[c] > best.worst) break;
          const g = candidates.group[c];
          offerRows(best, queries.values, asked.first[u] * width, rows, g * blocks.group, Math.min(distinct.count, (g + 1) * blocks.group), width, start, copies);
        }
        found(u, best);
      }
      await options.progress?.((b + 1) / queryBlocks);
    }
  } finally { await program.release(); }
};

/** Picks the groups that may hold one of a query's nearest rows. `closest` is [reference blocks, queries, groups of a block]. */
class Candidates {
  /** Lower bounds on squared distance, ascending, and the groups they belong to. */
  readonly low: Float64Array; readonly group: Int32Array;
  private readonly upper: Float64Array;
  constructor(private readonly groupNorm: Float64Array, private readonly factor: number, wanted: number, private readonly perBlock: number, private readonly stride: number) {
    this.low = new Float64Array(groupNorm.length); this.group = new Int32Array(groupNorm.length); this.upper = new Float64Array(wanted);
  }

  /** @returns how many there are */
  choose(closest: Float32Array, query: number, norm: number): number {
    const { groupNorm, factor, upper, perBlock, stride } = this, groups = groupNorm.length, n2 = norm * norm, last = upper.length - 1;
    // Every group holds at least one row within its upper bound: the wanted-th smallest of these bounds is one on the wanted-th distance.
    upper.fill(Infinity);
    for (let g = 0, at = query * perBlock; g < groups; at += stride) {
      for (let p = 0; p < perBlock && g < groups; p++, g++) {
        const s = norm + groupNorm[g], high = n2 - closest[at + p] + factor * s * s;
        if (high >= upper[last]) continue;
        let i = last;
        for (; i > 0 && upper[i - 1] > high; i--) upper[i] = upper[i - 1];
        upper[i] = high;
      }
    }
    let n = 0;
    for (let g = 0, at = query * perBlock; g < groups; at += stride) {
      for (let p = 0; p < perBlock && g < groups; p++, g++) {
        const s = norm + groupNorm[g], low = n2 - closest[at + p] - factor * s * s;
        if (low <= upper[last]) { this.low[n] = low; this.group[n++] = g; }
      }
    }
    if (n > 1) this.sort(n);
    return n;
  }

  private sort(n: number): void {
    if (n <= 32) {
      for (let i = 1; i < n; i++) {
        const low = this.low[i], group = this.group[i];
        let j = i;
        for (; j > 0 && this.low[j - 1] > low; j--) { this.low[j] = this.low[j - 1]; this.group[j] = this.group[j - 1]; }
        this.low[j] = low; this.group[j] = group;
      }
      return;
    }
    const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => this.low[a] - this.low[b]);
    const low = Float64Array.from(order, i => this.low[i]), group = Int32Array.from(order, i => this.group[i]);
    this.low.set(low); this.group.set(group);
  }
}

function checkPoints(p: Points, what: string): void {
  if (p.values.length !== p.rows * p.width) throw new RangeError(`${p.values.length} values for ${p.rows} ${what} rows of ${p.width}`);
  for (let i = 0; i < p.values.length; i++) if (!(Math.abs(p.values[i]) < 1e15)) throw new RangeError(`${what} row ${Math.floor(i / p.width)}, column ${i % p.width}: ${p.values[i]} is not a usable number`);
}

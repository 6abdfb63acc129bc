import type { Slots } from './compact';

/** Rows at the end of a branch, at most (but for equal ones): fewer make more boxes than rows to look at. */
const leafRows = 12;

/** What a visit is for. */
export interface Sought {
  /** The squared distance beyond which rows are of no use, at the moment. */
  limit: number;
  /** Takes a squared distance of at most `limit` and a row's place; may lower the limit. */
  offer(squared: number, row: number): void;
}

/**
 * A k-d tree (Bentley 1975; Friedman, Bentley & Finkel 1977) over numbers and categories: a branch is split along the slot in which two of its rows are expected farthest apart, numbers at their median, categories into
 * the commonest and the rest. Every branch has a box, its least and largest numbers and the set of its categories, from which a lower bound on the distance to any of its rows follows.
 *
 * Bounds are summed categories first, since one that differs is worth more than most numbers together, and so are distances at first: a sum of as many as 64 squares in float64 is off by less than 1e-12 of
 * itself in whatever order (Higham 2002, section 4.2), so what exceeds the limit by more is beyond it. The distance of any row that is left is summed over the slots in their order: it has the bits of
 * `squaredDistance` over the whole points, whose zeros add nothing.
 */
export class Tree {
  /** Places of rows in the order of the branches. */
  readonly order: Int32Array;
  /** Numbers, categories and words of categories looked at so far: what a search costs. */
  looked = 0;
  /** Rows in the order of the branches, each its categories and then its numbers; `place` says where in that a slot is. */
  private readonly rows: Float32Array; private readonly place: Int32Array;
  /** Of each branch its rows [from, to) and its second child, 0 for a leaf; the first child follows its parent. */
  private readonly from: number[] = []; private readonly to: number[] = []; private readonly second: number[] = [];
  /** Of each branch the least and the largest of every number, and a bit for every category that occurs, `words` words of them. */
  private readonly edges: Float32Array; private readonly sets: Int32Array; private readonly words: number;
  /** Of each slot of categories its first bit, and what two different ones add to a squared distance; of each bit the same. */
  private readonly firstBit: Int32Array; private readonly twice: Float64Array; private readonly bitWorth: Float64Array;
  private readonly codes: number; private readonly numbers: number;
  private readonly stack: Int32Array; private readonly bounds: Float64Array;
  private readonly asked: Float32Array; private readonly askedBits: Int32Array;

  /** @param values compact rows (`compact`), row-major; copied in the order of the branches */
  constructor(values: Float32Array, private readonly slots: Slots) {
    const S = slots.count, n = S ? values.length / S : 0, all = Array.from({ length: S }, (_, k) => k), codes = all.filter(k => slots.size[k] > 0), numbers = all.filter(k => slots.size[k] === 0);
    this.order = Int32Array.from({ length: n }, (_, i) => i);
    this.codes = codes.length; this.numbers = numbers.length;
    this.place = new Int32Array(S);
    [...codes, ...numbers].forEach((k, at) => { this.place[k] = at; });
    this.firstBit = new Int32Array(codes.length); this.twice = Float64Array.from(codes, k => 2 * slots.apart[k]);
    let bits = 0;
    codes.forEach((k, c) => { this.firstBit[c] = bits; bits += slots.size[k]; });
    this.words = (bits + 31) >> 5;
    this.bitWorth = new Float64Array(32 * this.words);
    codes.forEach((k, c) => this.bitWorth.fill(this.twice[c], this.firstBit[c], this.firstBit[c] + slots.size[k]));
    const depth = this.grow(values, 0, n, new Float64Array(Math.max(1, ...codes.map(k => slots.size[k]))));
    this.rows = new Float32Array(n * S);
    for (let i = 0; i < n; i++) for (let k = 0, from = this.order[i] * S; k < S; k++) this.rows[i * S + this.place[k]] = values[from + k];
    const B = this.from.length;
    this.edges = new Float32Array(2 * B * this.numbers); this.sets = new Int32Array(B * this.words);
    this.stack = new Int32Array(depth + 2); this.bounds = new Float64Array(depth + 2);
    this.asked = new Float32Array(S); this.askedBits = new Int32Array(this.words);
    for (let b = B - 1; b >= 0; b--) this.box(b);
  }

  /** @returns the deepest branch below */
  private grow(values: Float32Array, from: number, to: number, counts: Float64Array): number {
    const me = this.from.length;
    this.from.push(from); this.to.push(to); this.second.push(0);
    const middle = to - from > leafRows ? this.split(values, from, to, counts) : from;
    if (middle === from) return 1;
    const left = this.grow(values, from, middle, counts);
    this.second[me] = this.from.length;
    return 1 + Math.max(left, this.grow(values, middle, to, counts));
  }

  /** Parts the rows in two. @returns where the second part begins; `from` where all rows are equal */
  private split(values: Float32Array, from: number, to: number, counts: Float64Array): number {
    const { count: S, size, apart } = this.slots, n = to - from, step = Math.max(1, Math.floor(n / 512));
    let best = -1, most = 0;
    for (let k = 0; k < S; k++) {
      // the expected squared distance of two rows along this slot, from some of them
      let spread = 0, m = 0;
      if (size[k] === 0) {
        let mean = 0, s = 0;
        for (let i = from; i < to; i += step) { const v = values[this.order[i] * S + k], d = v - mean; mean += d / ++m; s += d * (v - mean); }
        spread = (2 * s) / m;
      } else {
        counts.fill(0, 0, size[k]);
        for (let i = from; i < to; i += step) { counts[values[this.order[i] * S + k]]++; m++; }
        let same = 0;
        for (let c = 0; c < size[k]; c++) same += (counts[c] / m) ** 2;
        spread = 2 * apart[k] * (1 - same);
      }
      if (spread > most) { most = spread; best = k; }
    }
    if (best < 0) return step > 1 ? this.split1(values, from, to) : from;
    const own = this.order.subarray(from, to);
    if (size[best] === 0) return from + splitNumbers(values, own, S, best);
    counts.fill(0, 0, size[best]);
    for (const r of own) counts[values[r * S + best]]++;
    return from + splitCodes(values, own, S, best, counts.subarray(0, size[best]));
  }

  /** Where the rows looked at are all equal and there are more: along the first slot in which any two differ. */
  private split1(values: Float32Array, from: number, to: number): number {
    const S = this.slots.count, own = this.order.subarray(from, to), first = own[0] * S;
    for (let k = 0; k < S; k++) if (own.some(r => values[r * S + k] !== values[first + k])) {
      const at = values[first + k], one = own.filter(r => values[r * S + k] === at), rest = own.filter(r => values[r * S + k] !== at);
      own.set(one); own.set(rest, one.length);
      return from + one.length;
    }
    return from;
  }

  private box(b: number): void {
    const { edges, sets, words, numbers: N, codes: C, rows, firstBit } = this, S = this.slots.count, at = 2 * b * N, set = b * words;
    for (let j = 0; j < N; j++) { edges[at + 2 * j] = Infinity; edges[at + 2 * j + 1] = -Infinity; }
    if (this.second[b]) {
      for (const child of [b + 1, this.second[b]]) {
        for (let j = 0, from = 2 * child * N; j < 2 * N; j += 2) { edges[at + j] = Math.min(edges[at + j], edges[from + j]); edges[at + j + 1] = Math.max(edges[at + j + 1], edges[from + j + 1]); }
        for (let w = 0; w < words; w++) sets[set + w] |= sets[child * words + w];
      }
      return;
    }
    for (let i = this.from[b]; i < this.to[b]; i++) {
      for (let c = 0; c < C; c++) { const bit = firstBit[c] + rows[i * S + c]; sets[set + (bit >> 5)] |= 1 << (bit & 31); }
      for (let j = 0; j < N; j++) { const v = rows[i * S + C + j]; edges[at + 2 * j] = Math.min(edges[at + 2 * j], v); edges[at + 2 * j + 1] = Math.max(edges[at + 2 * j + 1], v); }
    }
  }

  /** A lower bound on the squared distance of the asked row from any row of a branch; more than `limit` where it exceeds that. */
  private bound(b: number, limit: number): number {
    const { edges, sets, words, numbers: N, codes: C, asked, askedBits, bitWorth } = this, set = b * words;
    let s = 0, w = 0;
    for (; w < words && s <= limit; w++) for (let absent = askedBits[w] & ~sets[set + w]; absent !== 0; absent &= absent - 1) s += bitWorth[32 * w + 31 - Math.clz32(absent & -absent)];
    let j = 0;
    for (let at = 2 * b * N; j < N && s <= limit; j++, at += 2) {
      const v = asked[C + j], below = edges[at] - v;
      if (below > 0) s += below * below;
      else { const above = v - edges[at + 1]; if (above > 0) s += above * above; }
    }
    this.looked += w + j;
    return s;
  }

  /**
   * Offers every row that may be as near as is sought, near branches first.
   * @param query compact rows, of which the one from `q` on asks
   */
  visit(query: Float32Array, q: number, sought: Sought): void {
    const { stack, bounds, rows, asked, askedBits, place, codes: C, twice, firstBit } = this, { count: S, size, apart } = this.slots;
    for (let k = 0; k < S; k++) asked[place[k]] = query[q + k];
    askedBits.fill(0);
    for (let c = 0; c < C; c++) { const bit = firstBit[c] + asked[c]; askedBits[bit >> 5] |= 1 << (bit & 31); }
    let top = 0;
    stack[top] = 0; bounds[top++] = 0;
    while (top > 0) {
      const b = stack[--top], second = this.second[b], most = sought.limit * wider;
      if (bounds[top] > most) continue;
      if (second) {
        const x = this.bound(b + 1, most), y = this.bound(second, most), near = x <= y, last = near ? y : x, first = near ? x : y;
        // the nearer one is looked at first
        if (last <= most) { stack[top] = near ? second : b + 1; bounds[top++] = last; }
        if (first <= most) { stack[top] = near ? b + 1 : second; bounds[top++] = first; }
        continue;
      }
      for (let i = this.from[b]; i < this.to[b]; i++) {
        const at = i * S, far = sought.limit * wider;
        let s = 0, j = 0;
        for (; j < C && s <= far; j++) if (rows[at + j] !== asked[j]) s += twice[j];
        for (; j < S && s <= far; j++) { const t = asked[j] - rows[at + j]; s += t * t; }
        this.looked += j;
        if (s > far) continue;
        s = 0;
        for (let k = 0; k < S; k++) {
          const t = asked[place[k]] - rows[at + place[k]];
          if (size[k] === 0) s += t * t;
          else if (t !== 0) { s += apart[k]; s += apart[k]; }
        }
        if (s <= sought.limit) sought.offer(s, this.order[i]);
      }
    }
  }
}

/** More than the rounding of a sum in another order can make of it. */
const wider = 1 + 1e-12;

/** What rows farther off may be worth in all, of a kernel sum. */
const negligible = 1e-7;

/**
 * The log of the sum over rows of exp(-|q - r|^2 / 2), branches left out that add less than 1e-7 of it together.
 * @param self a row that is left out; -1 for none
 */
export function kernelSum(tree: Tree, query: Float32Array, q: number, self: number): number {
  // summed about the least squared distance so far
  let least = Infinity, sum = 0;
  const slack = 2 * Math.log(tree.order.length / negligible), sought: Sought = {
    limit: Infinity,
    offer(squared, row) {
      if (row === self) return;
      if (squared < least) { sum = 1 + (sum > 0 ? sum * Math.exp((squared - least) / 2) : 0); least = squared; }
      else sum += Math.exp((least - squared) / 2);
      sought.limit = least + slack - 2 * Math.log(sum);
    },
  };
  tree.visit(query, q, sought);
  return sum > 0 ? Math.log(sum) - least / 2 : -Infinity;
}

/** Rows in order of a number, cut at the median or where values next to it change. @returns how many come first; at least one and not all */
function splitNumbers(values: Float32Array, rows: Int32Array, S: number, k: number): number {
  const sorted = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) sorted[i] = values[rows[i] * S + k];
  sorted.sort();
  const median = sorted[sorted.length >> 1];
  // rows below the median come first, unless it is the least
  const cut = median > sorted[0] ? median : sorted.find(v => v > median)!, rest = new Int32Array(rows.length);
  let n = 0, m = 0;
  for (let i = 0; i < rows.length; i++) { const r = rows[i]; if (values[r * S + k] < cut) rows[n++] = r; else rest[m++] = r; }
  rows.set(rest.subarray(0, m), n);
  return n;
}

/** The commonest categories up to half of the rows, or the commonest one, come first. */
function splitCodes(values: Float32Array, rows: Int32Array, S: number, k: number, counts: Float64Array): number {
  const order = Array.from(counts.keys()).filter(c => counts[c] > 0).sort((a, b) => counts[b] - counts[a] || a - b), first = new Uint8Array(counts.length), rest = new Int32Array(rows.length);
  for (let i = 0, sum = 0; i < order.length - 1 && (i === 0 || sum + counts[order[i]] <= rows.length / 2); i++) { first[order[i]] = 1; sum += counts[order[i]]; }
  let n = 0, m = 0;
  for (let i = 0; i < rows.length; i++) { const r = rows[i]; if (first[values[r * S + k]] === 1) rows[n++] = r; else rest[m++] = r; }
  rows.set(rest.subarray(0, m), n);
  return n;
}

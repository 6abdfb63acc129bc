import type { Slots } from './compact';

/** Rows at the end of a branch, at most (but for equal ones): fewer make more boxes than rows to look at. */
const leafRows = 12;

/**
 * A k-d tree (Bentley 1975; Friedman, Bentley & Finkel 1977) over numbers and categories: a branch is split along the slot in which two of its rows are expected farthest apart, numbers at their median, categories into
 * the commonest and the rest. Every branch has a box, its least and largest numbers and the set of its categories, from which a lower bound on the distance to any of its rows follows.
 *
 * Bounds and distances are summed over the slots in their order, in float64, and rounding is monotone: a bound never exceeds the distance computed for a row of the branch, and distances
 * have the bits of `squaredDistance` over the whole points, whose zeros add nothing.
 */
export class Tree {
  /** Places of rows in the order of the branches. */
  readonly order: Int32Array;
  /** Slots looked at so far: what a search costs. */
  looked = 0;
  private readonly rows: Float32Array;
  /** Of each branch its rows [from, to) and its second child, 0 for a leaf; the first child follows its parent. */
  private readonly from: number[] = []; private readonly to: number[] = []; private readonly second: number[] = [];
  private readonly low: Float32Array; private readonly high: Float32Array; private readonly sets: Int32Array;
  private readonly words: number; private readonly codeAt: Int32Array; private readonly codes: number;
  private readonly stack: Int32Array; private readonly bounds: Float64Array;

  /** @param values compact rows (`compact`), row-major; copied in the order of the branches */
  constructor(values: Float32Array, private readonly slots: Slots) {
    const S = slots.count, n = S ? values.length / S : 0, codes = Array.from(slots.size).filter(s => s > 0);
    this.order = Int32Array.from({ length: n }, (_, i) => i);
    this.codes = codes.length; this.words = Math.max(0, ...codes.map(s => Math.ceil(s / 32)));
    this.codeAt = new Int32Array(S).fill(-1);
    for (let k = 0, c = 0; k < S; k++) if (slots.size[k] > 0) this.codeAt[k] = this.words * c++;
    const depth = this.grow(values, 0, n, new Float64Array(Math.max(1, ...codes)));
    this.rows = new Float32Array(n * S);
    this.order.forEach((r, i) => this.rows.set(values.subarray(r * S, (r + 1) * S), i * S));
    const B = this.from.length;
    this.low = new Float32Array(B * S); this.high = new Float32Array(B * S); this.sets = new Int32Array(B * this.words * this.codes);
    this.stack = new Int32Array(depth + 2); this.bounds = new Float64Array(depth + 2);
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
    const { count: S, size } = this.slots, { low, high, sets, words, codeAt } = this, at = b * S, set = b * words * this.codes;
    for (let k = 0; k < S; k++) { low[at + k] = Infinity; high[at + k] = -Infinity; }
    if (this.second[b]) {
      for (const child of [b + 1, this.second[b]]) {
        for (let k = 0; k < S; k++) { low[at + k] = Math.min(low[at + k], low[child * S + k]); high[at + k] = Math.max(high[at + k], high[child * S + k]); }
        for (let w = 0; w < words * this.codes; w++) sets[set + w] |= sets[child * words * this.codes + w];
      }
      return;
    }
    for (let i = this.from[b]; i < this.to[b]; i++) for (let k = 0; k < S; k++) {
      const v = this.rows[i * S + k];
      if (size[k] === 0) { if (v < low[at + k]) low[at + k] = v; if (v > high[at + k]) high[at + k] = v; }
      else sets[set + codeAt[k] + (v >> 5)] |= 1 << (v & 31);
    }
  }

  /** A lower bound on the squared distance of a row from any row of a branch; more than `limit` where it exceeds that. */
  private bound(query: Float32Array, q: number, b: number, limit: number): number {
    const { count: S, size, apart } = this.slots, { low, high, sets, codeAt } = this, at = b * S, set = b * this.words * this.codes;
    let s = 0, k = 0;
    for (; k < S && s <= limit; k++) {
      const v = query[q + k];
      if (size[k] === 0) {
        const below = low[at + k] - v, above = v - high[at + k];
        if (below > 0) s += below * below;
        else if (above > 0) s += above * above;
      } else if ((sets[set + codeAt[k] + (v >> 5)] & (1 << (v & 31))) === 0) { s += apart[k]; s += apart[k]; }
    }
    this.looked += k;
    return s;
  }

  /**
   * Offers every row that may be as near as is asked, near branches first.
   * @param query compact rows, of which the one from `q` on asks
   * @param limit the squared distance beyond which rows are of no use, at the moment; as far as it still is
   * @param offer takes a squared distance and a row's place
   */
  visit(query: Float32Array, q: number, limit: () => number, offer: (squared: number, row: number) => void): void {
    const { count: S, size, apart } = this.slots, { stack, bounds, rows } = this;
    let top = 0;
    stack[top] = 0; bounds[top++] = 0;
    while (top > 0) {
      const b = stack[--top];
      const most = limit(), second = this.second[b];
      if (bounds[top] > most) continue;
      if (second) {
        const x = this.bound(query, q, b + 1, most), y = this.bound(query, q, second, most), near = x <= y;
        // the nearer one is looked at first
        stack[top] = near ? second : b + 1; bounds[top++] = near ? y : x;
        stack[top] = near ? b + 1 : second; bounds[top++] = near ? x : y;
        continue;
      }
      for (let i = this.from[b]; i < this.to[b]; i++) {
        const at = i * S, far = limit();
        let s = 0, k = 0;
        for (; k < S && s <= far; k++) {
          const t = query[q + k] - rows[at + k];
          if (size[k] === 0) s += t * t;
          else if (t !== 0) { s += apart[k]; s += apart[k]; }
        }
        this.looked += k;
        if (s <= far) offer(s, this.order[i]);
      }
    }
  }
}

/** What rows farther off may be worth in all, of a kernel sum. */
const negligible = 1e-7;

/**
 * The log of the sum over rows of exp(-|q - r|^2 / 2), branches left out that add less than 1e-7 of it together.
 * @param self a row that is left out; -1 for none
 */
export function kernelSum(tree: Tree, query: Float32Array, q: number, self: number): number {
  // summed about the least squared distance so far
  let least = Infinity, sum = 0;
  const slack = 2 * Math.log(tree.order.length / negligible);
  tree.visit(query, q, () => least + slack - 2 * Math.log(sum), (squared, row) => {
    if (row === self) return;
    if (squared < least) { sum = 1 + (sum > 0 ? sum * Math.exp((squared - least) / 2) : 0); least = squared; }
    else sum += Math.exp((least - squared) / 2);
  });
  return sum > 0 ? Math.log(sum) - least / 2 : -Infinity;
}

/** Rows in order of a number, cut at the median or where values next to it change. @returns how many come first; at least one and not all */
function splitNumbers(values: Float32Array, rows: Int32Array, S: number, k: number): number {
  const sorted = Float32Array.from(rows, r => values[r * S + k]).sort(), median = sorted[sorted.length >> 1];
  // rows below the median come first, unless it is the least
  const cut = median > sorted[0] ? median : sorted.find(v => v > median)!;
  return partition(rows, r => values[r * S + k] < cut);
}

/** The commonest categories up to half of the rows, or the commonest one, come first. */
function splitCodes(values: Float32Array, rows: Int32Array, S: number, k: number, counts: Float64Array): number {
  const order = Array.from(counts.keys()).filter(c => counts[c] > 0).sort((a, b) => counts[b] - counts[a] || a - b), first = new Uint8Array(counts.length);
  for (let i = 0, sum = 0; i < order.length - 1 && (i === 0 || sum + counts[order[i]] <= rows.length / 2); i++) { first[order[i]] = 1; sum += counts[order[i]]; }
  return partition(rows, r => first[values[r * S + k]] === 1);
}

/** Rows that are meant first, the others after, each in their order. */
function partition(rows: Int32Array, first: (row: number) => boolean): number {
  const rest: number[] = [];
  let n = 0;
  for (let i = 0; i < rows.length; i++) { const r = rows[i]; if (first(r)) rows[n++] = r; else rest.push(r); }
  rows.set(rest, n);
  return n;
}

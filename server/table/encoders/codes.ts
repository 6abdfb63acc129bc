/**
 * Coarse-to-fine codes: every column becomes a categorical code in one or two levels.
 *
 * A *leaf* is the finest thing a generator predicts: a category, a single number, or a narrow interval of numbers.
 * Leaves are grouped under *coarse* codes: leaf = first[coarse] + fine. Columns of few leaves have one level (every coarse
 * code holds one leaf). "Missing" is a coarse code of its own, the last one. Inside an interval leaf a value is drawn
 * uniformly and put on the column's decimal grid; only the two outermost leaves keep their rows' values, to draw between.
 */

import { noGrid, onGrid } from '../number-format';

/** Where a drawn number lies inside its leaf: one value, several weighted values, between the rows of a tail, or anywhere in an interval. */
export type NumberLeaf = { value: number } | { values: Float64Array; cumulative: Float64Array } | { knots: Float64Array } | { low: number; high: number };

export interface ColumnCodes {
  name: string;
  storage: 'number' | 'code';
  /** first[c] is the first leaf of coarse code c; one more entry closes the last. */
  first: Int32Array;
  coarseOf: Int32Array;
  /** Leaves and coarse codes, the missing ones included. */
  leaves: number; coarse: number; maxFine: number;
  /** The missing leaf, or -1 when the fitted column had none missing. */
  missing: number;
  /** Share of fitting rows in each leaf. */
  share: Float64Array;
  /** Mid-rank of each leaf in (0,1) for ordered columns, NaN otherwise and for missing. */
  rank: Float32Array;
  /** storage number: upper end of every non-missing leaf's values, ascending, for looking a value up; and how to draw. */
  upper?: Float64Array; numbers?: NumberLeaf[];
  /** Drawn values are rounded to this many decimals. */
  decimals?: number;
  /** storage code: category index of each leaf, and leaf of each category. */
  category?: Int32Array; leafOf?: Int32Array; categories?: string[];
}

export interface CodeOptions {
  /** Numeric columns with at most this many distinct values (fractional ones: that recur) keep each as a leaf under its own coarse code. */
  fewValues: number;
  /** Coarse codes aimed at for other numeric columns. */
  coarse: number;
  /** Most leaves for a numeric column; also limited to rows / rowsPerLeaf. */
  leaves: number; rowsPerLeaf: number;
  /** Categories beyond this many are put under coarse codes by frequency. */
  flatCategories: number;
}
export const defaultCodeOptions: CodeOptions = { fewValues: 128, coarse: 64, leaves: 1024, rowsPerLeaf: 6, flatCategories: 160 };

/** Fewest decimals (0..9) that print every value exactly; `noGrid` when none does. */
export function decimalsOf(values: ArrayLike<number>): number {
  let d = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (Number.isNaN(v)) continue;
    while (d < 10 && Math.abs(onGrid(v, d) - v) > 1e-12 * Math.max(1, Math.abs(v))) d++;
    if (d === 10) return noGrid;
  }
  return d;
}

/** Fractional values that occur in fewer rows each, on average, are not leaves of their own. */
const recurring = 3;

/** Learns the leaves of a numeric column. `values`: one per row, NaN where missing. */
export function numberCodes(name: string, values: Float64Array, options: CodeOptions = defaultCodeOptions): ColumnCodes {
  const present = values.filter((v) => !Number.isNaN(v)).sort();
  const n = present.length, hasMissing = n < values.length;
  const distinct: number[] = [], count: number[] = [];
  for (let i = 0; i < n;) {
    let j = i + 1;
    while (j < n && present[j] === present[i]) j++;
    distinct.push(present[i]!); count.push(j - i); i = j;
  }
  const decimals = decimalsOf(distinct);
  // Measurements that hardly repeat are few only because the rows are: kept as leaves, every row's own value would be drawn again.
  const flat = distinct.length <= options.fewValues && (decimals === 0 || n >= recurring * distinct.length);
  const bounds = flat ? distinct.map((_, i) => i + 1) : massBins(count, Math.max(16, Math.min(options.leaves, Math.floor(n / options.rowsPerLeaf))), n);
  const leafMass: number[] = [], numbers: NumberLeaf[] = [], upper: number[] = [];
  for (let b = 0, s = 0; b < bounds.length; s = bounds[b]!, b++) {
    const e = bounds[b]!;
    let mass = 0;
    for (let i = s; i < e; i++) mass += count[i]!;
    leafMass.push(mass); upper.push(distinct[e - 1]!);
    if (e - s === 1) numbers.push({ value: distinct[s]! });
    else if (mass >= 5 * (e - s) || (decimals === 0 && distinct[e - 1]! - distinct[s]! + 1 <= 2 * (e - s))) {
      // Values that recur are kept with their weights: heaping on round numbers is part of the distribution.
      const cumulative = new Float64Array(e - s);
      for (let i = s, a = 0; i < e; i++) cumulative[i - s] = a += count[i]! / mass;
      numbers.push({ values: Float64Array.from(distinct.slice(s, e)), cumulative });
    } else if (s === 0 || e === distinct.length) {
      // A tail thins out within its leaf: between one row's value and the next, each as likely.
      const knots = new Float64Array(mass);
      for (let i = s, a = 0; i < e; i++) { knots.fill(distinct[i]!, a, a + count[i]!); a += count[i]!; }
      numbers.push({ knots });
    } else {
      // Half-way to the neighbours, so that gaps between leaves are not left empty; never beyond the fitted range.
      const spacing = (distinct[e - 1]! - distinct[s]!) / (e - s);
      const low = Math.max((distinct[s]! + distinct[s - 1]!) / 2, distinct[s]! - spacing);
      const high = Math.min((distinct[e - 1]! + distinct[e]!) / 2, distinct[e - 1]! + spacing);
      numbers.push({ low, high });
    }
  }
  const total = Math.max(1, values.length);
  const groups = flat ? leafMass.map((_, i) => i + 1) : massBins(leafMass, options.coarse, n);
  const rank: number[] = [];
  for (let i = 0, a = 0; i < leafMass.length; i++) { rank.push((a + leafMass[i]! / 2) / Math.max(1, n)); a += leafMass[i]!; }
  return finish({ name, storage: 'number', upper: Float64Array.from(upper), numbers, decimals }, groups, leafMass.map((m) => m / total), rank, hasMissing ? (values.length - n) / total : -1);
}

/** Learns the leaves of a categorical column: categories never seen get no leaf. `ordered`: the dictionary's order is meaningful. */
export function categoryCodes(name: string, codes: Int32Array, categories: readonly string[], ordered: boolean, options: CodeOptions = defaultCodeOptions): ColumnCodes {
  const counts = new Float64Array(categories.length);
  let missing = 0;
  for (let i = 0; i < codes.length; i++) { if (codes[i]! < 0) missing++; else counts[codes[i]!]!++; }
  let seen = Array.from(counts.keys()).filter((c) => counts[c]! > 0);
  const flat = seen.length <= options.flatCategories;
  if (!flat && !ordered) seen = seen.sort((a, b) => counts[b]! - counts[a]! || a - b);
  const mass = seen.map((c) => counts[c]!);
  const leafOf = new Int32Array(categories.length).fill(-1);
  seen.forEach((c, leaf) => { leafOf[c] = leaf; });
  const n = Math.max(1, codes.length);
  // Under many categories: groups of about the square root of their number keep both levels small.
  const size = Math.ceil(Math.sqrt(seen.length));
  const groups = flat ? mass.map((_, i) => i + 1) : Array.from({ length: Math.ceil(seen.length / size) }, (_, g) => Math.min(seen.length, (g + 1) * size));
  const rank: number[] = [];
  for (let i = 0, a = 0; i < mass.length; i++) { rank.push(ordered ? (a + mass[i]! / 2) / Math.max(1, codes.length - missing) : NaN); a += mass[i]!; }
  return finish({ name, storage: 'code', category: Int32Array.from(seen), leafOf, categories: [...categories] }, groups, mass.map((m) => m / n), rank, missing > 0 ? missing / n : -1);
}

/** Consecutive items into at most about `bins` groups of equal mass; an item as heavy as a group stands alone. Returns exclusive ends. */
export function massBins(mass: ArrayLike<number>, bins: number, total: number): number[] {
  const target = total / bins, ends: number[] = [];
  let acc = 0;
  for (let i = 0; i < mass.length; i++) {
    if (acc > 0 && (mass[i]! >= target || acc + mass[i]! > 1.5 * target)) { ends.push(i); acc = 0; }
    acc += mass[i]!;
    if (acc >= target) { ends.push(i + 1); acc = 0; }
  }
  if (acc > 0) ends.push(mass.length);
  return ends;
}

type Known = Pick<ColumnCodes, 'name' | 'storage'> & Partial<ColumnCodes>;
function finish(known: Known, groupEnds: number[], share: number[], rank: number[], missingShare: number): ColumnCodes {
  const first = [0, ...groupEnds];
  if (missingShare >= 0) { first.push(share.length + 1); share = [...share, missingShare]; rank = [...rank, NaN]; }
  const coarse = first.length - 1, leaves = share.length;
  const coarseOf = new Int32Array(leaves);
  let maxFine = 1;
  for (let c = 0; c < coarse; c++) { coarseOf.fill(c, first[c]!, first[c + 1]!); maxFine = Math.max(maxFine, first[c + 1]! - first[c]!); }
  return { ...known, first: Int32Array.from(first), coarseOf, leaves, coarse, maxFine, missing: missingShare >= 0 ? leaves - 1 : -1, share: Float64Array.from(share), rank: Float32Array.from(rank) };
}

/**
 * Leaf of every row. A number between leaves takes the next leaf up; beyond the last, the last. A category never fitted
 * takes the likeliest leaf, and a missing cell in a column fitted without any does too (neither occurs in fitted rows).
 */
export function encodeColumn(codes: ColumnCodes, cells: Float64Array | Int32Array): Int32Array {
  const out = new Int32Array(cells.length);
  let common = 0;
  for (let l = 1; l < codes.leaves; l++) if (codes.share[l]! > codes.share[common]!) common = l;
  const none = codes.missing >= 0 ? codes.missing : common;
  if (codes.storage === 'code') {
    for (let i = 0; i < cells.length; i++) {
      const c = cells[i]!;
      if (c < 0) out[i] = none;
      else { const leaf = codes.leafOf![c]; out[i] = leaf === undefined || leaf < 0 ? common : leaf; }
    }
    return out;
  }
  const upper = codes.upper!, last = upper.length - 1;
  for (let i = 0; i < cells.length; i++) {
    const v = cells[i]!;
    if (Number.isNaN(v)) { out[i] = none; continue; }
    let lo = 0, hi = last;
    while (lo < hi) { const m = (lo + hi) >> 1; if (upper[m]! < v) lo = m + 1; else hi = m; }
    out[i] = lo;
  }
  return out;
}

/** Numbers drawn inside their leaves: `u` holds one uniform in (0,1) per row. NaN where the leaf is "missing". */
export function decodeNumbers(codes: ColumnCodes, leaves: Int32Array, u: ArrayLike<number>): Float64Array {
  const out = new Float64Array(leaves.length), d = codes.decimals!;
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]!;
    if (leaf === codes.missing) { out[i] = NaN; continue; }
    const n = codes.numbers![leaf]!;
    if ('value' in n) out[i] = n.value;
    else if ('values' in n) {
      let k = 0;
      while (k < n.values.length - 1 && n.cumulative[k]! < u[i]!) k++;
      out[i] = n.values[k]!;
    } else if ('knots' in n) {
      const p = u[i]! * (n.knots.length - 1), k = Math.floor(p), a = n.knots[k]!, b = n.knots[Math.min(k + 1, n.knots.length - 1)]!;
      out[i] = a === b ? a : onGrid(a + (p - k) * (b - a), d);
    } else out[i] = onGrid(n.low + u[i]! * (n.high - n.low), d);
  }
  return out;
}

/** Category index per row, -1 where the leaf is "missing". */
export function decodeCategories(codes: ColumnCodes, leaves: Int32Array): Int32Array {
  const out = new Int32Array(leaves.length);
  for (let i = 0; i < leaves.length; i++) out[i] = leaves[i] === codes.missing ? -1 : codes.category![leaves[i]!]!;
  return out;
}

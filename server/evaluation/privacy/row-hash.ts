import type { ColumnView, Part, View } from '../view';

/**
 * A 64-bit hash of every row that is a *sum* of its cells' hashes, so that the hash of "the row without column c" costs one subtraction.
 * Two lanes of 32 bits. Unequal rows share a hash with probability 2^-64 a pair: about one in a million for all pairs of two
 * tables of a million rows by twenty columns; equal hashes are taken for equal rows.
 */
export interface RowHashes { lo: Uint32Array; hi: Uint32Array }

const bits = new Float64Array(1), words = new Uint32Array(bits.buffer);

/** The two lanes of each cell of a column; `out` is filled. Equal cells give equal lanes, missing is a value like any other. */
export function cellHashes(column: ColumnView, index: number, part: Part, out: RowHashes): void {
  const v = column.values(part), { lo, hi } = out, seedA = Math.imul(index + 1, 0x9e3779b1), seedB = Math.imul(index + 1, 0x85ebca77) ^ 0x5bd1e995;
  for (let i = 0; i < v.length; i++) {
    let a: number, b: number;
    if (column.type === 'code') { a = v[i]; b = 0x2545f491; }
    else { bits[0] = v[i] === v[i] ? v[i] + 0 : Number.NaN; a = words[0]; b = words[1]; }      // + 0 makes -0 and 0 one
    lo[i] = mix(mix(a ^ seedA) + b + seedB);
    hi[i] = mix(mix(b ^ seedB) + Math.imul(a, 0xcc9e2d51) + seedA);
  }
}

function mix(h: number): number {
  h ^= h >>> 16; h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13; h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export const hashSpace = (rows: number): RowHashes => ({ lo: new Uint32Array(rows), hi: new Uint32Array(rows) });

/** Hashes of all rows of a part over all columns of the view. */
export function rowHashes(view: View, part: Part): RowHashes {
  const n = view.rows[part], sum = hashSpace(n), cell = hashSpace(n);
  view.columns.forEach((c, j) => {
    cellHashes(c, j, part, cell);
    for (let i = 0; i < n; i++) { sum.lo[i] += cell.lo[i]; sum.hi[i] += cell.hi[i]; }
  });
  return sum;
}

/** Groups rows by hash: open addressing with linear probing, at most half full. */
export class HashGroups {
  readonly groupOf: Int32Array;
  readonly groups: number;
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly first: Int32Array;
  constructor(private readonly h: RowHashes) {
    const n = h.lo.length;
    let size = 16;
    while (size < 2 * n) size *= 2;
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    this.groupOf = new Int32Array(n);
    this.first = new Int32Array(n);
    let groups = 0;
    for (let i = 0; i < n; i++) {
      let s = h.lo[i] & this.mask;
      for (;;) {
        const g = this.slots[s];
        if (g < 0) { this.slots[s] = groups; this.first[groups] = i; this.groupOf[i] = groups++; break; }
        const f = this.first[g];
        if (h.lo[f] === h.lo[i] && h.hi[f] === h.hi[i]) { this.groupOf[i] = g; break; }
        s = (s + 1) & this.mask;
      }
    }
    this.groups = groups;
  }
  /** The group with this hash, or -1. */
  find(lo: number, hi: number): number {
    let s = lo & this.mask;
    for (;;) {
      const g = this.slots[s];
      if (g < 0) return -1;
      const f = this.first[g];
      if (this.h.lo[f] === lo && this.h.hi[f] === hi) return g;
      s = (s + 1) & this.mask;
    }
  }
}

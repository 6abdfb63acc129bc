/** Sums over a set of rows from which its impurity times its size follows: n - and the sum over outputs of (sum of y)^2. */
export interface Target {
  /** Class codes, or centred values. */
  y: Float64Array;
  /** 0 for regression. */
  classes: number;
}

/** Row sums that are updated one row at a time. `square / n` is what a split wants to be large on both sides. */
export class Side {
  n = 0; sum = 0; square = 0;
  readonly counts: Float64Array;
  constructor(private readonly target: Target) { this.counts = new Float64Array(target.classes); }
  clear(): void { this.n = 0; this.sum = 0; this.square = 0; this.counts.fill(0); }
  add(row: number): void {
    this.n++;
    const v = this.target.y[row];
    if (this.target.classes > 0) this.square += 2 * this.counts[v]++ + 1;
    else { this.sum += v; this.square = this.sum * this.sum; }
  }
  remove(row: number): void {
    this.n--;
    const v = this.target.y[row];
    if (this.target.classes > 0) this.square += 1 - 2 * this.counts[v]--;
    else { this.sum -= v; this.square = this.sum * this.sum; }
  }
  copy(other: Side): void { this.n = other.n; this.sum = other.sum; this.square = other.square; this.counts.set(other.counts); }
  /** Sum over rows minus what is explained: n times the Gini impurity, or (given the sum of squares) the squared error. */
  get explained(): number { return this.n > 0 ? this.square / this.n : 0; }
}

/** Places [from, to) of `order` by rising value, missing ones last from `missing` on; a cut after place `at` sends up to it left. */
export interface Cut { gain: number; at: number; missingLeft: boolean }

/**
 * Best cut of a numeric column. Every boundary between two different values is tried, with the missing rows on the right and, where there are
 * any, on the left too; with missing rows, "all known left, missing right" is a cut as well.
 */
export function cutNumbers(values: Float64Array, order: Int32Array, from: number, missing: number, to: number, node: Side, left: Side, right: Side, minLeaf: number, floor: number): Cut | null {
  let best: Cut | null = null, most = floor;
  const base = node.explained;
  for (const missingLeft of missing < to ? [false, true] : [false]) {
    left.clear(); right.copy(node);
    if (missingLeft) for (let i = missing; i < to; i++) { left.add(order[i]); right.remove(order[i]); }
    for (let i = from; i < missing; i++) {
      left.add(order[i]); right.remove(order[i]);
      if (right.n < minLeaf) break;
      if (left.n < minLeaf || (i + 1 < missing && values[order[i]] === values[order[i + 1]])) continue;
      const gain = left.explained + right.explained - base;
      if (gain > most) { most = gain; best = { gain, at: i, missingLeft }; }
    }
  }
  return best;
}

/**
 * Best division of the categories present. They are put in an order in which the best division is a cut: by mean outcome (exact for
 * regression and two classes, Fisher 1958), with more classes by the first principal component of their class shares (Coppersmith, Hong &
 * Hosking 1999; nearly always the best). Missing is a category. `groups` holds each category's rows as a range of `order`.
 */
export function cutCategories(groups: Array<{ from: number; to: number }>, order: Int32Array, target: Target, node: Side, left: Side, right: Side, minLeaf: number, floor: number): { gain: number; left: number[] } | null {
  const scores = target.classes > 2 ? principalScores(groups, order, target, node) : groups.map(g => {
    let s = 0;
    for (let i = g.from; i < g.to; i++) s += target.y[order[i]];
    return s / (g.to - g.from);
  });
  const ranked = groups.map((_, i) => i).sort((a, b) => scores[a] - scores[b] || a - b), base = node.explained;
  let most = floor, best = 0;
  left.clear(); right.copy(node);
  for (let c = 0; c + 1 < ranked.length; c++) {
    for (let i = groups[ranked[c]].from; i < groups[ranked[c]].to; i++) { left.add(order[i]); right.remove(order[i]); }
    if (right.n < minLeaf) break;
    if (left.n < minLeaf) continue;
    const gain = left.explained + right.explained - base;
    if (gain > most) { most = gain; best = c + 1; }
  }
  return best > 0 ? { gain: most, left: ranked.slice(0, best) } : null;
}

function principalScores(groups: Array<{ from: number; to: number }>, order: Int32Array, target: Target, node: Side): number[] {
  const k = target.classes, shares = groups.map(g => {
    const p = new Float64Array(k), n = g.to - g.from;
    for (let i = g.from; i < g.to; i++) p[target.y[order[i]]] += 1 / n;
    for (let c = 0; c < k; c++) p[c] -= node.counts[c] / node.n;
    return p;
  });
  const dot = (a: Float64Array, b: Float64Array) => { let s = 0; for (let c = 0; c < k; c++) s += a[c] * b[c]; return s; };
  // Power iteration from the most deviating group; a few rounds order the groups well enough.
  let v = shares.reduce((a, b) => (dot(b, b) > dot(a, a) ? b : a)).slice();
  for (let round = 0; round < 12; round++) {
    const next = new Float64Array(k);
    shares.forEach((p, g) => { const a = dot(p, v) * (groups[g].to - groups[g].from); for (let c = 0; c < k; c++) next[c] += a * p[c]; });
    const length = Math.sqrt(dot(next, next));
    if (!(length > 0)) break;
    v = next.map(x => x / length);
  }
  return shares.map(p => dot(p, v));
}

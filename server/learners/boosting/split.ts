import type { BinMap } from './binning';
import type { Histogram, HistogramLayout } from './histogram';

/** The best way found to divide a node. Sums are of gradients and hessians over its rows. */
export interface Split {
  gain: number; feature: number;
  /** Numeric: bins up to this one go left. Unused for categories. */
  bin: number;
  /** Categories: 256 bits, one a bin (the missing bin's too), set where the bin goes left. */
  left?: Uint32Array;
  missingLeft: boolean;
  gradientLeft: number; hessianLeft: number; rowsLeft: number;
}

export interface SplitRules { minSamplesLeaf: number; l2: number; minHessian: number }
export interface NodeSums { gradient: number; hessian: number; rows: number }

/** Newton step of a node: -G / (H + l2). */
export const nodeValue = (gradient: number, hessian: number, l2: number): number => -gradient / (hessian + l2 + 1e-15);

/** Categories with less support than this many rows' worth of hessian never go left on their own account; also LightGBM's cat_smooth. */
const categorySupport = 10;

/**
 * Finds the split with the largest gain G_l^2/(H_l + l2) + G_r^2/(H_r + l2) - G^2/(H + l2) (Chen & Guestrin 2016, eq. 7, without the constant 1/2),
 * or null when none is allowed or gains anything.
 * Numeric features are scanned from the left with missing rows going right and, where training rows lack the value, from the right with them going
 * left (the better one becomes the default direction). Categories are ordered by G / (H + 10) and scanned from both ends up to the middle
 * (Fisher 1958; Ke et al. 2017); missing is one more category.
 */
export function findSplit(
  hist: Histogram, layout: HistogramLayout, map: BinMap, hasMissing: Uint8Array, sums: NodeSums, rules: SplitRules,
): Split | null {
  let best: Split | null = null;
  const parentLoss = sums.gradient * nodeValue(sums.gradient, sums.hessian, rules.l2);
  for (let j = 0; j < map.bins.length; j++) {
    const floor: number = best ? best.gain : 0;
    const found: Split | null = map.categorical[j]
      ? scanCategories(hist, layout.offsets[j], map.bins[j], hasMissing[j] === 1, sums, rules, parentLoss, floor)
      : scanNumbers(hist, layout.offsets[j], map.bins[j], hasMissing[j] === 1, sums, rules, parentLoss, floor);
    if (found) { found.feature = j; best = found; }
  }
  return best;
}

function scanNumbers(
  hist: Histogram, offset: number, bins: number, hasMissing: boolean, sums: NodeSums, rules: SplitRules, parentLoss: number, floor: number,
): Split | null {
  const { gradient: G, hessian: H, rows: N } = sums, { minSamplesLeaf, minHessian, l2 } = rules;
  let bestGain = floor, bestBin = -1, bestG = 0, bestH = 0, bestN = 0, missingLeft = false;
  // With missing rows, the last bin may go left too: then only missing rows are on the right.
  const end = bins - 1 + (hasMissing ? 1 : 0);
  let g = 0, h = 0, n = 0;
  for (let b = 0, at = 3 * offset; b < end; b++, at += 3) {
    g += hist[at]; h += hist[at + 1]; n += hist[at + 2];
    if (n < minSamplesLeaf || h < minHessian) continue;
    const gr = G - g, hr = H - h;
    if (N - n < minSamplesLeaf || hr < minHessian) break;
    const gain = parentLoss - g * nodeValue(g, h, l2) - gr * nodeValue(gr, hr, l2);
    if (gain > bestGain) { bestGain = gain; bestBin = b; bestG = g; bestH = h; bestN = n; }
  }
  if (hasMissing) {
    g = 0; h = 0; n = 0;
    for (let b = bins - 2, at = 3 * (offset + bins - 1); b >= 0; b--, at -= 3) {
      g += hist[at]; h += hist[at + 1]; n += hist[at + 2];
      if (n < minSamplesLeaf || h < minHessian) continue;
      const gl = G - g, hl = H - h;
      if (N - n < minSamplesLeaf || hl < minHessian) break;
      const gain = parentLoss - gl * nodeValue(gl, hl, l2) - g * nodeValue(g, h, l2);
      if (gain > bestGain) { bestGain = gain; bestBin = b; bestG = gl; bestH = hl; bestN = N - n; missingLeft = true; }
    }
  }
  return bestBin < 0 ? null : { gain: bestGain, feature: 0, bin: bestBin, missingLeft, gradientLeft: bestG, hessianLeft: bestH, rowsLeft: bestN };
}

function scanCategories(
  hist: Histogram, offset: number, bins: number, hasMissing: boolean, sums: NodeSums, rules: SplitRules, parentLoss: number, floor: number,
): Split | null {
  const { gradient: G, hessian: H, rows: N } = sums, { l2 } = rules, factor = N / H;
  const used: number[] = [];
  for (let b = 0; b < bins + (hasMissing ? 1 : 0); b++) if (hist[3 * (offset + b) + 1] * factor >= categorySupport) used.push(b);
  const m = used.length;
  if (m <= 1) return null;
  const value = (b: number) => hist[3 * (offset + b)] / (hist[3 * (offset + b) + 1] + categorySupport);
  const order = used.map(b => ({ b, v: value(b) })).sort((x, y) => x.v - y.v || x.b - y.b);
  let bestGain = floor, bestCount = 0, fromRight = false, bestG = 0, bestH = 0, bestN = 0;
  for (const backwards of [false, true]) {
    // Each scan stops at the middle: the right child always holds at least half of the categories, and the rare ones with them.
    const middle = ((m + 1) >> 1) - (backwards ? 1 : 0);
    let g = 0, h = 0, n = 0;
    for (let i = 0; i < middle; i++) {
      const at = 3 * (offset + order[backwards ? m - 1 - i : i].b);
      g += hist[at]; h += hist[at + 1]; n += hist[at + 2];
      if (n < rules.minSamplesLeaf || h < rules.minHessian) continue;
      const gr = G - g, hr = H - h;
      if (N - n < rules.minSamplesLeaf || hr < rules.minHessian) break;
      const gain = parentLoss - g * nodeValue(g, h, l2) - gr * nodeValue(gr, hr, l2);
      if (gain > bestGain) { bestGain = gain; bestCount = i + 1; fromRight = backwards; bestG = g; bestH = h; bestN = n; }
    }
  }
  if (bestCount === 0) return null;
  const left = new Uint32Array(8);
  for (let i = 0; i < bestCount; i++) { const b = order[fromRight ? m - 1 - i : i].b; left[b >> 5] |= 1 << (b & 31); }
  return { gain: bestGain, feature: 0, bin: 0, left, missingLeft: (left[bins >> 5] >>> (bins & 31) & 1) === 1, gradientLeft: bestG, hessianLeft: bestH, rowsLeft: bestN };
}

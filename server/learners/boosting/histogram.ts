import type { BinMap, BinnedMatrix } from './binning';

/** Where each feature's bins lie in a histogram. */
export interface HistogramLayout { offsets: Int32Array; totalBins: number }

/**
 * Sums over a node's rows, three numbers a bin: gradient, hessian, rows (interleaved, [3 * totalBins]). Feature j's bin b is at
 * 3 * (offsets[j] + b); its missing bin comes last. Float64, so that subtraction leaves no visible rounding.
 */
export type Histogram = Float64Array;

export function histogramLayout(map: BinMap): HistogramLayout {
  const offsets = new Int32Array(map.bins.length);
  let total = 0;
  for (let j = 0; j < offsets.length; j++) { offsets[j] = total; total += map.bins[j] + 1; }
  return { offsets, totalBins: total };
}

/**
 * Fills `out` from rows[from, to). The derivatives are first gathered in row order, so that the inner loops read them in sequence, and the
 * features are taken four at a time: updates of four histograms do not wait for one another, which matters where few bins make
 * consecutive rows hit the same one.
 */
export function buildHistogram(
  out: Histogram, layout: HistogramLayout, data: BinnedMatrix, rows: Int32Array, from: number, to: number,
  g: Float32Array, h: Float32Array, start: number, constantHessian: boolean, scratch: { g: Float64Array; h: Float64Array },
): void {
  out.fill(0);
  const n = to - from, og = scratch.g, oh = scratch.h;
  for (let i = 0; i < n; i++) og[i] = g[start + rows[from + i]];
  if (!constantHessian) for (let i = 0; i < n; i++) oh[i] = h[start + rows[from + i]];
  else for (let i = 0; i < n; i++) oh[i] = 1;
  const { columns } = data, { offsets } = layout;
  let j = 0;
  for (; j + 4 <= columns.length; j += 4) add4(out, columns[j], columns[j + 1], columns[j + 2], columns[j + 3],
    3 * offsets[j], 3 * offsets[j + 1], 3 * offsets[j + 2], 3 * offsets[j + 3], rows, from, n, og, oh);
  for (; j < columns.length; j++) add1(out, columns[j], 3 * offsets[j], rows, from, n, og, oh);
}

function add4(
  out: Float64Array, c0: Uint8Array, c1: Uint8Array, c2: Uint8Array, c3: Uint8Array, o0: number, o1: number, o2: number, o3: number,
  rows: Int32Array, from: number, n: number, og: Float64Array, oh: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    const r = rows[from + i], g = og[i], h = oh[i];
    const a = o0 + 3 * c0[r]; out[a] += g; out[a + 1] += h; out[a + 2] += 1;
    const b = o1 + 3 * c1[r]; out[b] += g; out[b + 1] += h; out[b + 2] += 1;
    const c = o2 + 3 * c2[r]; out[c] += g; out[c + 1] += h; out[c + 2] += 1;
    const d = o3 + 3 * c3[r]; out[d] += g; out[d + 1] += h; out[d + 2] += 1;
  }
}

function add1(out: Float64Array, column: Uint8Array, offset: number, rows: Int32Array, from: number, n: number, og: Float64Array, oh: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const a = offset + 3 * column[rows[from + i]];
    out[a] += og[i]; out[a + 1] += oh[i]; out[a + 2] += 1;
  }
}

/** parent - child, into `parent`: the other child's histogram (LightGBM's subtraction). */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  for (let i = 0; i < parent.length; i++) parent[i] -= child[i];
}

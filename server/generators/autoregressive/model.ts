/**
 * The network of the default generator: for every column a small network of its own that predicts the column's code from
 * whichever other columns are visible. All columns are trained in one pass, so a row of C columns gives C conditionals.
 *
 *   e_j = embedding of column j's leaf (a learnt vector of its coarse code + a linear map of smooth functions of its rank)
 *   h_i = silu(sum_j visible[i,j] e_j W1_ij + b1_i),  then residual layers h <- h + silu(h W + b)
 *   p(coarse_i) = softmax(h_i U_i + c_i), c_i starting at the log marginal,  p(fine_i | coarse_i) = softmax(silu(h_i F_i + f_i[coarse]) G_i + log marginal)
 *
 * Sources: order-agnostic training as in Hoogeboom et al., "Autoregressive Diffusion Models" (ICLR 2022), section 3, and
 * Uria et al., "A Deep and Tractable Density Estimator" (ICML 2014); one network per column over embeddings of the others
 * as in Tiwald et al., "TabularARGN" (2025). Differences: every column's conditional is trained at every step (the masks do
 * not cost a forward pass each), smooth inputs stand beside the codes, and numbers have a coarse and a fine level.
 */
import { add, broadcastTo, concat, constant, crossEntropy, gather, logSoftmax, matmul, mean, mul, neg, reshape, silu, slice, sum, transpose, type Expr, type ParamSpec } from '../../engine';
import { normalQuantile } from '../../learners/distributions';
import { observedLeaves, type HeadGroup, type Layout, type Sizes } from './layout';

/** Smooth functions of a leaf's rank: normal score, and sines and cosines of 1/2, 1, 2, ... 16 turns. */
export const smoothWidth = 13;
export function smoothInputs(rank: number, out: Float32Array, at: number): void {
  if (Number.isNaN(rank)) return;                      // missing, or a category: zeros
  out[at] = normalQuantile(Math.min(1 - 1e-4, Math.max(1e-4, rank)));
  for (let k = 0; k < 6; k++) {
    out[at + 1 + 2 * k] = Math.sin(2 * Math.PI * rank * 2 ** k / 2);
    out[at + 2 + 2 * k] = Math.cos(2 * Math.PI * rank * 2 ** k / 2);
  }
}
/** Columns that have a rank, and so smooth inputs. */
export const rankedColumns = (l: Layout): number[] => l.columns.flatMap((c, i) => (c.leaves > 2 && c.rank.some((r) => !Number.isNaN(r)) ? [i] : []));

/** Every parameter's shape and start. C columns, e embedding, H hidden, F fine hidden. */
export function parameters(layout: Layout, s: Sizes): Record<string, ParamSpec> {
  const C = layout.columns.length, { embedding: e, hidden: H, fineHidden: F } = s;
  const p: Record<string, ParamSpec> = {
    codes: { shape: [layout.coarseOffset[C]!, e], init: { normal: 0.3 }, decay: false },
    w1: layout.sources
      ? { shape: [C, (layout.sources.length / C) * e, H], init: { normal: 1.5 / Math.sqrt((layout.sources.length / C) * e) } }
      : { shape: [C * e, C * H], init: { normal: 1.5 / Math.sqrt(C * e / 2) } },
    b1: { shape: [C, 1, H], init: 'zeros', decay: false },
  };
  const ranked = rankedColumns(layout);
  if (ranked.length > 0) p.smooth = { shape: [ranked.length, smoothWidth, e], init: { normal: 0.3 }, decay: false };
  for (let l = 1; l < s.layers; l++) {
    p[`w${l + 1}`] = { shape: [C, H, H], init: { normal: 1.4 / Math.sqrt(H) } };
    p[`b${l + 1}`] = { shape: [C, 1, H], init: 'zeros', decay: false };
  }
  layout.groups.forEach((g, k) => {
    p[`out${k}`] = { shape: [g.count, H, g.coarse], init: 'zeros' };
    p[`bias${k}`] = { shape: [g.count, 1, g.coarse], init: coarseMarginals(layout, g), decay: false };
    if (g.fine > 1) {
      p[`fineIn${k}`] = { shape: [g.count, H, F], init: { normal: 1 / Math.sqrt(H) } };
      p[`fineCode${k}`] = { shape: [g.count * g.coarse, F], init: { normal: 0.5 }, decay: false };
      p[`fineOut${k}`] = { shape: [g.count, F, g.fine], init: 'zeros' };
    }
  });
  return p;
}

/** A logit that no softmax beside real ones turns into a probability. */
const impossible = -30;
/** log share of every coarse code of a group's columns, [count, coarse]; padding is impossible. Where the training starts. */
function coarseMarginals(layout: Layout, g: HeadGroup): Float32Array {
  const out = new Float32Array(g.count * g.coarse).fill(impossible);
  for (let i = 0; i < g.count; i++) {
    const c = layout.columns[g.start + i]!, share = new Float64Array(c.coarse);
    for (let leaf = 0; leaf < c.leaves; leaf++) share[c.coarseOf[leaf]!]! += c.share[leaf]!;
    share.forEach((v, k) => { out[i * g.coarse + k] = Math.log(Math.max(v, 1e-6)); });
  }
  return out;
}
/** log share of every fine code within its coarse code, [count * coarse, fine]; padding is impossible. Not learnt. */
function fineMarginals(layout: Layout, g: HeadGroup): Expr {
  const out = new Float32Array(g.count * g.coarse * g.fine).fill(impossible);
  for (let i = 0; i < g.count; i++) {
    const c = layout.columns[g.start + i]!;
    for (let k = 0; k < c.coarse; k++) {
      let total = 0;
      for (let leaf = c.first[k]!; leaf < c.first[k + 1]!; leaf++) total += c.share[leaf]!;
      for (let leaf = c.first[k]!; leaf < c.first[k + 1]!; leaf++) out[((i * g.coarse) + k) * g.fine + leaf - c.first[k]!] = Math.log(Math.max(c.share[leaf]!, 1e-9) / Math.max(total, 1e-9));
    }
  }
  return constant(out, [g.count * g.coarse, g.fine]);
}

/** Embedding of every leaf of every column: [all leaves, e]. Depends on parameters only. */
export function leafTable(layout: Layout, params: Record<string, Expr>): Expr {
  const C = layout.columns.length, total = layout.leafOffset[C]!;
  const coarse = Int32Array.from({ length: total }), ranked = rankedColumns(layout);
  layout.columns.forEach((c, i) => { for (let l = 0; l < c.leaves; l++) coarse[layout.leafOffset[i]! + l] = layout.coarseOffset[i]! + c.coarseOf[l]!; });
  const code = gather(params.codes!, constant(coarse));
  if (ranked.length === 0 || !params.smooth) return code;
  // One product over all ranked columns, padded to the longest; every leaf then looks its row up (the last row is zeros).
  const e = params.codes!.shape[1]!, R = ranked.length, longest = Math.max(...ranked.map((i) => layout.columns[i]!.leaves));
  const basis = new Float32Array(R * longest * smoothWidth), row = new Int32Array(total).fill(R * longest);
  ranked.forEach((i, k) => {
    const c = layout.columns[i]!;
    for (let l = 0; l < c.leaves; l++) {
      smoothInputs(c.rank[l]!, basis, (k * longest + l) * smoothWidth);
      row[layout.leafOffset[i]! + l] = k * longest + l;
    }
  });
  const smooth = reshape(matmul(constant(basis, [R, longest, smoothWidth]), params.smooth!), [R * longest, e]);
  return add(code, gather(concat([smooth, broadcastTo(constant(0), [1, e])], 0), constant(row)));
}

/** Spreads a dropout mask: multiplies, already scaled by 1/keep. */
export type Drop = (h: Expr, layer: number) => Expr;

/** Hidden state of every column's network: embeddings [B, C, e], visible [C (target), C (source)], or [C, sources] where the layout lists them -> [C, B, H]. */
export function trunk(params: Record<string, Expr>, layout: Layout, s: Sizes, embedded: Expr, visible: Expr, drop?: Drop): Expr {
  let h = silu(add(firstLayer(params.w1!, layout, s, embedded, visible), params.b1!));
  for (let l = 1; l < s.layers; l++) {
    const input = drop ? drop(h, l - 1) : h;
    h = add(input, silu(add(matmul(input, params[`w${l + 1}`]!), params[`b${l + 1}`]!)));
  }
  return drop ? drop(h, s.layers - 1) : h;
}
function firstLayer(weights: Expr, layout: Layout, s: Sizes, embedded: Expr, visible: Expr): Expr {
  const C = layout.columns.length, e = s.embedding, H = s.hidden, B = embedded.shape[0]!;
  if (layout.sources) {
    const P = layout.sources.length / C, sources = constant(layout.sources, [C, P]);
    const w1 = reshape(mul(reshape(weights, [C, P, e, H]), reshape(visible, [C, P, 1, 1])), [C, P * e, H]);
    const seen = reshape(transpose(gather(transpose(embedded, [1, 0, 2]), sources), [0, 2, 1, 3]), [C, B, P * e]);
    return matmul(seen, w1);
  }
  // One product for all columns; the weights from columns that a target must not see are multiplied by zero.
  const mask = reshape(transpose(visible), [C, 1, C, 1]);
  const w1 = reshape(mul(reshape(weights, [C, e, C, H]), mask), [C * e, C * H]);
  return transpose(reshape(matmul(reshape(embedded, [B, C * e]), w1), [B, C, H]), [1, 0, 2]);
}

/** Coarse logits of a group's columns from their hidden states: [count, B, H] -> [count, B, coarse]. */
export const coarseLogits = (params: Record<string, Expr>, k: number, h: Expr): Expr => add(matmul(h, params[`out${k}`]!), params[`bias${k}`]!);
/** Row of (column, coarse code) in a table of all of a group's coarse codes. */
export const groupRow = (g: HeadGroup, coarse: Expr): Expr => add(coarse, constant(Int32Array.from({ length: g.count }, (_, i) => i * g.coarse), [g.count, 1]));

/**
 * Training targets of a group with fine levels: a share `s` of every code's weight goes to each neighbour, where both are
 * intervals of numbers (a kernel of one bin on the rank scale, as in kernel density estimation: less variance for a bias
 * smaller than a bin). Single values and "missing" keep theirs. [count * coarse, coarse]; undefined where nothing changes.
 */
export function softTargets(layout: Layout, g: HeadGroup, s: number): Expr | undefined {
  if (g.fine === 1) return undefined;
  const out = new Float32Array(g.count * g.coarse * g.coarse);
  for (let i = 0; i < g.count; i++) {
    const c = layout.columns[g.start + i]!, interval = (k: number): boolean => k >= 0 && k < c.coarse && c.first[k + 1]! - c.first[k]! > 1 && c.storage === 'number';
    for (let k = 0; k < c.coarse; k++) {
      const row = (i * g.coarse + k) * g.coarse;
      out[row + k] = 1;
      for (const n of [k - 1, k + 1]) if (interval(k) && interval(n)) { out[row + n] = s; out[row + k]! -= s; }
    }
  }
  return constant(out, [g.count * g.coarse, g.coarse]);
}

/** Fine logits of a group's columns given their coarse codes int32 [count, B]: [count, B, fine]. */
export function fineLogits(params: Record<string, Expr>, layout: Layout, k: number, h: Expr, coarse: Expr): Expr {
  const g = layout.groups[k]!;
  const row = groupRow(g, coarse);
  const hidden = silu(add(matmul(h, params[`fineIn${k}`]!), gather(params[`fineCode${k}`]!, row)));
  return add(matmul(hidden, params[`fineOut${k}`]!), gather(fineMarginals(layout, g), row));
}

/**
 * Negative log-likelihood of every column: leaves int32 [B, C] (local), visible [C, C] -> [C, B], in nats.
 * With `visible` strictly lower-triangular under some order, the column sums are -log p(row) under that order (up to the
 * densities inside leaves).
 */
export function columnLosses(layout: Layout, s: Sizes, params: Record<string, Expr>, leaves: Expr, visible: Expr, drop?: Drop, smoothing = 0): Expr {
  const C = layout.columns.length, total = layout.leafOffset[C]!;
  const global = add(leaves, constant(layout.leafOffset.subarray(0, C), [1, C]));
  const observed = s.unobserved ? gather(constant(observedLeaves(layout)), global) : undefined, embedded = gather(leafTable(layout, params), global);
  // What was not seen is a row of zeros to the first layer, as a masked column is.
  const h = trunk(params, layout, s, observed ? mul(embedded, reshape(observed, [...observed.shape, 1])) : embedded, visible, drop);
  const coarseOf = new Int32Array(total), fineOf = new Int32Array(total);
  layout.columns.forEach((c, i) => {
    for (let l = 0; l < c.leaves; l++) { coarseOf[layout.leafOffset[i]! + l] = c.coarseOf[l]!; fineOf[layout.leafOffset[i]! + l] = l - c.first[c.coarseOf[l]!]!; }
  });
  const byColumn = transpose(global), coarse = gather(constant(coarseOf), byColumn), fine = gather(constant(fineOf), byColumn);
  const parts = layout.groups.map((g, k) => {
    const own = (x: Expr): Expr => (layout.groups.length === 1 ? x : slice(x, [g.start], [g.start + g.count]));
    const state = own(h), logits = coarseLogits(params, k, state), soft = smoothing > 0 ? softTargets(layout, g, smoothing) : undefined;
    const loss = soft ? neg(sum(mul(gather(soft, groupRow(g, own(coarse))), logSoftmax(logits)), { axes: 2 })) : crossEntropy(logits, own(coarse));
    return g.fine > 1 ? add(loss, crossEntropy(fineLogits(params, layout, k, state, own(coarse)), own(fine))) : loss;
  });
  const losses = parts.length === 1 ? parts[0]! : concat(parts, 0);
  return observed ? mul(losses, transpose(observed)) : losses;
}

/** Mean over rows of the sum over columns. */
export const meanLoss = (losses: Expr): Expr => mean(sum(losses, { axes: 0 }));

/**
 * A causal transformer over a row's columns: token t stands for the column drawn before the t-th (a learnt start token for the first), and
 * its output predicts the t-th (Vaswani et al. 2017, decoder only, pre-norm; rows as sequences of column tokens as in Padhi et al., TabGPT, 2021, but over
 * codes instead of text).
 *
 * Codes, their embeddings and the heads are the default generator's: a column's embedding is that of its coarse code plus a linear map of smooth
 * functions of its rank, and a head gives the coarse code and, given it, the fine one (autoregressive/model.ts).
 */
import { add, concat, constant, crossEntropy, gather, logSoftmax, mul, neg, reshape, slice, sum, transpose, type Expr, type ParamSpec } from '../../engine';
import { layoutOf, type Layout, type Sizes as HeadSizes } from '../autoregressive/layout';
import { coarseLogits, fineLogits, groupRow, leafTable, parameters, softTargets } from '../autoregressive/model';
import { block, blockParams, norm } from '../blocks/transformer';

export interface Sizes {
  width: number; heads: number; layers: number; hidden: number; fineHidden: number;
  /** Share of a numeric target's weight that goes to each neighbouring bin. */
  smoothing: number;
}
type Params = Record<string, Expr>;
const headSizes = (s: Sizes): HeadSizes => ({ embedding: s.width, hidden: s.width, layers: 1, fineHidden: s.fineHidden, dropout: 0, weightDecay: 0, batch: 1, anyOrder: 0, learningRate: 0, smoothing: s.smoothing });

/** The layout with the outcome drawn first, so that rows can be drawn given it; tokens see all columns before them, so a choice of sources has no use. */
export function causalLayout(layout: Layout, outcome?: string): Layout {
  const first = layout.columns.findIndex((c) => c.name === outcome), order = [...layout.order];
  return layoutOf(layout.columns, Int32Array.from(first < 0 ? order : [first, ...order.filter((c) => c !== first)]));
}

export function transformerParams(layout: Layout, s: Sizes): Record<string, ParamSpec> {
  const { w1: _w1, b1: _b1, ...shared } = parameters(layout, headSizes(s)), d = s.width;
  const params: Record<string, ParamSpec> = {
    ...shared, start: { shape: [1, d], init: { normal: 0.3 }, decay: false }, place: { shape: [layout.columns.length, d], init: { normal: 0.3 }, decay: false },
    finalNorm: { shape: [d], init: 'ones', decay: false }, finalShift: { shape: [d], init: 'zeros', decay: false },
  };
  for (let l = 0; l < s.layers; l++) Object.assign(params, blockParams(`b${l}.`, s, s.layers));
  return params;
}

/** Applied to the tokens and to the last states [B, C, width] while training. */
export type Drop = (h: Expr, layer: number) => Expr;

/** Hidden state that predicts each column: leaves int32 [B, C] (local, columns as in the layout) -> [C, B, width], columns as in the layout. */
export function states(p: Params, layout: Layout, s: Sizes, leaves: Expr, drop?: Drop): Expr {
  const [B, C] = leaves.shape as [number, number], d = s.width, place = new Int32Array(C);
  layout.order.forEach((c, t) => { place[c] = t; });
  const start = mul(reshape(p.start!, [1, 1, d]), constant(new Float32Array(B).fill(1), [B, 1, 1]));
  let tokens = start;
  if (C > 1) {
    const before = layout.order.subarray(0, C - 1), offsets = Int32Array.from(before, (c) => layout.leafOffset[c]!);
    const global = add(transpose(gather(transpose(leaves), constant(Int32Array.from(before)))), constant(offsets, [1, C - 1]));
    tokens = concat([start, gather(leafTable(layout, p), global)], 1);
  }
  let h = add(tokens, p.place!);
  if (drop) h = drop(h, 0);
  for (let l = 0; l < s.layers; l++) h = block(p, `b${l}.`, h, s, { causal: true });
  h = norm(h, p.finalNorm!, p.finalShift!);
  if (drop) h = drop(h, 1);
  return gather(transpose(h, [1, 0, 2]), constant(place));
}

/** Negative log-likelihood of every column given those before it: leaves int32 [B, C] -> [C, B], in nats; their sum over columns is that of the row. */
export function columnLosses(p: Params, layout: Layout, s: Sizes, leaves: Expr, options: { drop?: Drop; smoothing?: number } = {}): Expr {
  const C = layout.columns.length, h = states(p, layout, s, leaves, options.drop), total = layout.leafOffset[C]!;
  const coarseOf = new Int32Array(total), fineOf = new Int32Array(total);
  layout.columns.forEach((c, i) => c.coarseOf.forEach((k, leaf) => { coarseOf[layout.leafOffset[i]! + leaf] = k; fineOf[layout.leafOffset[i]! + leaf] = leaf - c.first[k]!; }));
  const byColumn = transpose(add(leaves, constant(layout.leafOffset.subarray(0, C), [1, C])));
  const coarse = gather(constant(coarseOf), byColumn), fine = gather(constant(fineOf), byColumn);
  const parts = layout.groups.map((g, k) => {
    const own = (x: Expr): Expr => slice(x, [g.start], [g.start + g.count]), state = own(h), logits = coarseLogits(p, k, state);
    const soft = options.smoothing ? softTargets(layout, g, options.smoothing) : undefined;
    const loss = soft ? neg(sum(mul(gather(soft, groupRow(g, own(coarse))), logSoftmax(logits)), { axes: 2 })) : crossEntropy(logits, own(coarse));
    return g.fine > 1 ? add(loss, crossEntropy(fineLogits(p, layout, k, state, own(coarse)), own(fine))) : loss;
  });
  return parts.length > 1 ? concat(parts, 0) : parts[0]!;
}

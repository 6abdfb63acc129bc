/**
 * What CTAB-GAN+ (Zhao, Kunar, Birke & Chen 2022; CTAB-GAN 2021) adds to the conditional adversary: the generator must also match the critic's
 * impressions of real rows in mean and deviation (information loss), and a classifier of the outcome, trained on real rows, must find the
 * made outcome in the made rest of the row (downstream loss).
 *
 * Where we differ: both networks are perceptrons over the row, not convolutions over the row wrapped into a square; the point of the gradient
 * penalty lies on the straight line between real and made, not on the arc; the generator's losses are summed into one update, not two; which
 * values are categories of a mixed column, and which columns have a long tail, is found in the data, not declared.
 */
import { add, argmax, at, constant, leakyRelu, mean, mul, oneHot, slice, sqrt, square, sub, sum, type Expr, type ParamSpec, type TrainSpec } from '../../engine';
import { linear, linearParams, type Params } from '../blocks/mlp';
import { rowVector, spanLse, type EncodedRows, type Layout } from '../blocks/spans';
import { drawnOf, ganSpec, generatorTurn, made, realSeen, type Drawn, type GanRates, type GanSizes } from './ctgan-step';
import { impressions } from './networks';

/** `target`: the span that the classifier predicts; absent: no classifier. */
export interface CtabSizes extends GanSizes { target?: number; classifierLayers: number }
export interface CtabRates extends GanRates { information: number; downstream: number }

export function classifierParams(l: Layout, s: CtabSizes): Record<string, ParamSpec> {
  if (s.target === undefined) return {};
  const params: Record<string, ParamSpec> = {};
  for (let i = 0; i < s.classifierLayers; i++) Object.assign(params, linearParams(`classifier.${i}`, i ? s.hidden : l.width, s.hidden));
  return { ...params, ...linearParams('classifier.out', s.classifierLayers ? s.hidden : l.width, l.spans[s.target]!.size) };
}
/** Cross-entropy of the outcome given the rest of rows x [B, W]; the label carries no gradient. */
export function classifierLoss(p: Params, x: Expr, l: Layout, s: CtabSizes): Expr {
  const { start, size } = l.spans[s.target!]!, from = l.alphas + start, rest = new Float32Array(l.width).fill(1);
  rest.fill(0, from, from + size);
  // A number's place within its mode would tell of the mode.
  if (s.target! < l.alphas) rest[s.target!] = 0;
  let h = mul(x, constant(rest));
  for (let i = 0; i < s.classifierLayers; i++) h = leakyRelu(linear(p, `classifier.${i}`, h), 0.2);
  const logits = linear(p, 'classifier.out', h), label = oneHot(argmax(slice(x, [from], [from + size], [1])), size);
  return mean(sub(spanLse(logits, [{ start: 0, size }]), sum(mul(label, logits), { axes: 1, keepDims: true })));
}
/** |mean f(real) - mean f(made)| + |sd f(real) - sd f(made)|, Euclidean, over the batch. */
export function informationLoss(real: Expr, fake: Expr): Expr {
  const centre = (x: Expr): Expr => mean(x, { axes: 0 }), spread = (x: Expr): Expr => sqrt(add(mean(square(sub(x, mean(x, { axes: 0, keepDims: true }))), { axes: 0 }), 1e-8));
  const length = (x: Expr): Expr => sqrt(add(sum(square(x)), 1e-12));
  return add(length(sub(centre(real), centre(fake))), length(sub(spread(real), spread(fake))));
}

/** The generator's loss: CTGAN's, and what is added to it. @param real real rows as the critic saw them */
export function ctabTurn(p: Params, d: Drawn, real: Expr, l: Layout, s: CtabSizes, rates: Pick<CtabRates, 'information' | 'downstream'>): Expr {
  const { row, seen } = made(p, d, l, s);
  let loss = generatorTurn(p, d, l, s);
  if (rates.information > 0) loss = add(loss, mul(informationLoss(impressions(p, real, s.pac, s), impressions(p, seen, s.pac, s)), rates.information));
  if (s.target !== undefined) loss = add(loss, mul(classifierLoss(p, row, l, s), rates.downstream));
  return loss;
}

export function ctabSpec(l: Layout, s: CtabSizes, fit: EncodedRows, rates: CtabRates): TrainSpec {
  const base = ganSpec(l, s, fit, rates), classifier = classifierParams(l, s), last = s.criticSteps - 1;
  return {
    ...base, params: { ...base.params, ...classifier },
    turns: [...base.turns!, ...(s.target === undefined ? [] : [{ name: 'classifier', params: Object.keys(classifier), optimiser: base.turns![0]!.optimiser!, loss: ({ params, data, step }: Parameters<TrainSpec['loss']>[0]) => ({ loss: classifierLoss(params, rowVector(data, l, at(step.rows!, last)), l, s) }) }])],
    loss: ({ params, data, step }) => ({ loss: ctabTurn(params, drawnOf(l, s, data, step, s.criticSteps), realSeen(drawnOf(l, s, data, step, last), l, s), l, s, rates) }),
  };
}

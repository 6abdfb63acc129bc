/** The terms of the objective (section 3.2) and of stable training (section 3.5), each by itself. Batches are [B, ...]; every loss is a scalar unless it says otherwise. */
import { add, cast, concat, constant, div, exp, grad, greaterEqual, log, matmul, maximum, mean, mul, ones, reshape, slice, softmax, sqrt, square, stopGradient, sub, sum, tanh, type Expr } from '../../engine';
import type { Params } from '../blocks/mlp';
import { alphaPart, hotPart, spanLse, type Layout } from '../blocks/spans';
import { firstOf, impression, judge, outcomeOf, predict, type Sizes, type Target } from './networks';

/** A length that has a gradient at zero too. */
const length = (x: Expr): Expr => sqrt(add(sum(square(x)), 1e-12));

/** Reconstruction of every row, [B]: a Gaussian of learnt width for every alpha, cross-entropy of every one-hot (Xu et al. 2019, section 4.5). */
export function reconstruction(p: Params, raw: Expr, x: Expr, l: Layout): Expr {
  const parts: Expr[] = [];
  if (l.alphas) parts.push(add(sum(mul(square(div(sub(alphaPart(x, l), tanh(alphaPart(raw, l))), p.sigma!)), 0.5), { axes: 1 }), sum(log(p.sigma!))));
  if (l.hot) { const logits = hotPart(raw, l); parts.push(sub(sum(spanLse(logits, l.spans), { axes: 1 }), sum(mul(hotPart(x, l), logits), { axes: 1 }))); }
  return parts.reduce((a, b) => add(a, b));
}
/**
 * L_KL of every row, [B]: from q(z|x) = N(mean, exp(logVariance)) to the prior N(m, s^2) of the row's context; the standard normal where there is none.
 * @param prior m and s, [B, E] each
 */
export function divergence(q: { mean: Expr; logVariance: Expr }, prior?: { mean: Expr; sd: Expr }): Expr {
  if (!prior) return mul(sum(sub(add(q.logVariance, 1), add(square(q.mean), exp(q.logVariance))), { axes: 1 }), -0.5);
  const variance = square(prior.sd), apart = div(add(square(sub(q.mean, prior.mean)), exp(q.logVariance)), variance);
  return mul(sum(sub(add(sub(q.logVariance, log(variance)), 1), apart), { axes: 1 }), -0.5);
}

/**
 * L_WGAN, the critic's side: E c(made) - E c(real) + weight E (|gradient at a random point between the two| - 1)^2 (Gulrajani et al. 2017). Made and real rows share their
 * condition, and the critic's first layer is affine, so at the point between it is the same mixture of what it is at the ends.
 * @param mix uniforms [B, 1]
 */
export function criticLoss(p: Params, real: Expr, made: Expr, condition: Expr | undefined, mix: Expr, l: Layout, s: Sizes, weight: number): { loss: Expr; distance: Expr; penalty: Expr } {
  const a = firstOf(p, real, condition), b = firstOf(p, stopGradient(made), condition), between = add(mul(a, mix), mul(b, sub(1, mix)));
  const [slope] = grad(sum(judge(p, between, s)), [between]), rowWeights = slice(p['critic.0.w']!, [0], [l.width], [0]);
  const norm = sqrt(add(sum(square(matmul(slope!, rowWeights, { transB: true })), { axes: 1 }), 1e-12));
  const penalty = mean(square(sub(norm, 1))), distance = sub(mean(judge(p, a, s)), mean(judge(p, b, s)));
  return { loss: sub(mul(penalty, weight), distance), distance, penalty };
}
/** L_WGAN, the generator's side: -E c(made). */
export const fooling = (p: Params, made: Expr, condition: Expr | undefined, s: Sizes): Expr => mul(mean(judge(p, firstOf(p, made, condition), s)), -1);

/** Rows around their mean, divided so that a product with itself is their covariance. */
const centred = (x: Expr): Expr => mul(sub(x, mean(x, { axes: 0, keepDims: true })), 1 / Math.sqrt(Math.max(1, x.shape[0]! - 1)));
const gram = (a: Expr, b: Expr): Expr => matmul(a, b, { transB: true });
/**
 * L_Cov = |Cov(X) - Cov(X^)|_F over the encoded columns (section 3.2). Where there are more columns than rows the same number is got from the rows' inner products:
 * |A'A - B'B|^2 = |AA'|^2 + |BB'|^2 - 2 |AB'|^2.
 */
export function covarianceLoss(real: Expr, made: Expr): Expr {
  const a = centred(real), b = centred(made), [B, W] = real.shape as [number, number];
  if (W <= B) return length(sub(matmul(a, a, { transA: true }), matmul(b, b, { transA: true })));
  const squared = sub(add(sum(square(gram(a, a))), sum(square(gram(b, b)))), mul(sum(square(gram(a, b))), 2));
  return sqrt(add(mul(add(squared, sqrt(add(square(squared), 1e-12))), 0.5), 1e-12));
}
/** The same against a covariance already known, [W, W]. */
export const knownCovarianceLoss = (known: Expr, made: Expr): Expr => { const b = centred(made); return length(sub(known, matmul(b, b, { transA: true }))); };

/**
 * The part of the covariance objective that belongs to contexts (section 5): how far made rows are from the cached mean and the cached covariance of their context,
 * as the root of the mean square over rows. Contexts of fewer than `least` rows in the batch say nothing of a covariance.
 * @param member [B, C] one-hot contexts; mean [C, W]; covariance [C, D D] of `sketch` (rows times [W, D])
 */
export function contextLoss(made: Expr, member: Expr, cached: { mean: Expr; covariance: Expr; projection?: Expr }, least = 8): Expr {
  const [B, C] = member.shape as [number, number], counts = sum(member, { axes: 0 }), per = div(member, reshape(add(counts, 1e-6), [1, C]));
  const means = matmul(per, made, { transA: true }), share = mul(counts, 1 / B), off = sum(square(sub(means, cached.mean)), { axes: 1 });
  const s = sketchOf(made, cached.projection), D = s.shape[1]!, centre = matmul(member, matmul(per, s, { transA: true })), around = sub(s, centre);
  const outer = reshape(mul(reshape(around, [B, D, 1]), reshape(around, [B, 1, D])), [B, D * D]), covariance = matmul(per, outer, { transA: true });
  // The rows' own mean was taken off: n - 1 of n remain.
  const unbiased = div(counts, maximum(sub(counts, 1), 1)), enough = mul(share, cast(greaterEqual(counts, least), 'float32'));
  const shape = sum(square(sub(mul(covariance, reshape(unbiased, [C, 1])), cached.covariance)), { axes: 1 });
  return add(sqrt(add(sum(mul(share, off)), 1e-12)), sqrt(add(sum(mul(enough, shape)), 1e-12)));
}
/** Rows as the cache's covariance sees them: themselves, or projected. */
export const sketchOf = (x: Expr, projection?: Expr): Expr => (projection ? matmul(x, projection) : x);

/** Loss of the predictor on rows: cross-entropy, or half the squared error. */
export function predictorLoss(p: Params, x: Expr, l: Layout, t: Target): Expr {
  const { output } = predict(p, x, l, t), y = outcomeOf(x, l, t);
  if (t.kind === 'number') return mul(mean(square(sub(output, y))), 0.5);
  return mean(sub(spanLse(output, [{ start: 0, size: output.shape[1]! }]), sum(mul(y, output), { axes: 1, keepDims: true })));
}
/** The predictor's gradient at its last layer, from rows: [hidden + 1, classes or 1]. */
function lessons(p: Params, x: Expr, l: Layout, t: Target): Expr {
  const { hidden, output } = predict(p, x, l, t), error = sub(t.kind === 'span' ? softmax(output) : output, outcomeOf(x, l, t)), B = x.shape[0]!;
  return mul(matmul(concat([hidden, ones([B, 1])], 1), error, { transA: true }), 1 / B);
}
/**
 * L_Utility (section 3.2): made rows should teach a predictor what real rows teach it. The predictor is trained beside, on real rows; the loss is the distance between the gradients
 * that real and made rows give its last layer (gradient matching: Zhao, Mopuri & Bilen, ICLR 2021). A mere small prediction error on made rows would reward outcomes without any noise.
 */
export const utilityLoss = (p: Params, real: Expr, made: Expr, l: Layout, t: Target): Expr => length(sub(lessons(p, made, l, t), stopGradient(lessons(p, real, l, t))));

/** Feature matching (Salimans et al. 2016, section 3.1): |mean f(real) - mean f(made)|^2, f the critic's last hidden layer. */
export function featureLoss(p: Params, real: Expr, made: Expr, condition: Expr | undefined, s: Sizes): Expr {
  const f = (x: Expr): Expr => mean(impression(p, firstOf(p, x, condition), s), { axes: 0 });
  return sum(square(sub(stopGradient(f(real)), f(made))));
}
/** Historical averaging (Salimans et al. 2016, section 3.3): |theta - mean of earlier theta|^2. */
export const historyLoss = (p: Params, history: Record<string, Expr>): Expr => Object.entries(history).map(([n, h]) => sum(square(sub(p[n]!, h)))).reduce((a, b) => add(a, b), constant(0));

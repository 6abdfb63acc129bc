/**
 * Multinomial diffusion of categories, in log space: every column keeps its category with probability alpha a step, and otherwise takes one of its K
 * at random (Hoogeboom et al., "Argmax Flows and Multinomial Diffusion", 2021, equations 11-15; Kotelnikov et al. 2023, section 3).
 *
 * C columns of sizes K_c lie end to end in vectors of width W = sum K_c. What depends on a row's time alone is [B, 1].
 */
import { abs, add, broadcastTo, cast, concat, constant, cumsum, div, exp, floor, less, lessEqual, log, maximum, minimum, mul, neg, slice, spanLogSumExp, spanSpread, sub, sum, matmul, type Expr, type Span } from '../../engine';

export const spansOf = (sizes: readonly number[]): Span[] => { let start = 0; return sizes.map((size) => { const s = { start, size }; start += size; return s; }); };
const widthOf = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
/** log K of the column that every entry belongs to: [1, W]. */
const logSizes = (sizes: readonly number[]): Expr => constant(Float32Array.from(sizes.flatMap((k) => new Array<number>(k).fill(Math.log(k)))), [1, widthOf(sizes)]);
/** As published: the logarithm of 1 - a, kept finite at a = 1. */
export const logOneMinus = (a: number): number => Math.log(1 - a + 1e-40);

/** log(e^a + e^b) without overflow. */
export const logAddExp = (a: Expr, b: Expr): Expr => add(maximum(a, b), log(add(exp(neg(abs(sub(a, b)))), 1)));

/**
 * log of a p + (1 - a) / K, for p given by its logarithm [B, W]: the category after noising with a share `a` of signal left.
 * @param logA log a, [B, 1]; @param log1A log(1 - a), [B, 1]
 */
export const logMix = (logP: Expr, logA: Expr, log1A: Expr, sizes: readonly number[]): Expr => logAddExp(add(logP, logA), sub(log1A, logSizes(sizes)));
/** The same for certain categories, as one-hots [B, W]: two values a column, and no exponential over the width. */
export function logMixCertain(oneHots: Expr, logA: Expr, log1A: Expr, sizes: readonly number[]): Expr {
  const logK = constant(Float32Array.from(sizes, Math.log), [1, sizes.length]), other = sub(log1A, logK);
  const gap = sub(logAddExp(logA, other), other), spans = spansOf(sizes);
  return add(mul(oneHots, spanSpread(gap, spans)), spanSpread(other, spans));
}

/**
 * q(x_t | x_0) drawn: codes kept where `keep` < alphaBar, else uniform over the column's categories.
 * @param codes int32 [B, C]; @param alphaBar [B, 1]; @param keep, which uniforms [B, C]
 * @returns int32 [B, C]
 */
export function noiseCodes(codes: Expr, alphaBar: Expr, keep: Expr, which: Expr, sizes: readonly number[]): Expr {
  const k = constant(Float32Array.from(sizes), [1, sizes.length]);
  const random = minimum(floor(mul(which, k)), sub(k, 1)), kept = cast(less(keep, alphaBar), 'float32'), own = cast(codes, 'float32');
  return cast(add(mul(kept, sub(own, random)), random), 'int32');
}

/** Logarithms of the shares of signal that a posterior needs, each [B, 1]: between the two times, and at the earlier one. */
export interface PosteriorTimes { logAlpha: Expr; log1Alpha: Expr; logBarTo: Expr; log1BarTo: Expr }

/**
 * log q(x_to | x_t, x_0) for x_0 given by its log-probabilities [B, W] (certain or predicted) already mixed to the earlier time by `logMix` or
 * `logMixCertain`: proportional to q(x_t | x_to) q(x_to | x_0), the first being symmetric in its arguments.
 */
export function logPosterior(mixedStart: Expr, oneHotsT: Expr, times: PosteriorTimes, sizes: readonly number[]): Expr {
  const spans = spansOf(sizes), joint = add(mixedStart, logMixCertain(oneHotsT, times.logAlpha, times.log1Alpha, sizes));
  return sub(joint, spanSpread(spanLogSumExp(joint, spans), spans));
}

/** log softmax of every span of logits [B, W]. */
export const spanLogSoftmax = (logits: Expr, sizes: readonly number[]): Expr => { const spans = spansOf(sizes); return sub(logits, spanSpread(spanLogSumExp(logits, spans), spans)); };

/** sum over the width of p (log p - log q), for log-probabilities [B, W]: [B]. */
export const spanKl = (logP: Expr, logQ: Expr): Expr => sum(mul(exp(logP), sub(logP, logQ)), { axes: 1 });

/** KL of q(x_T | x_0) from the uniform, summed over columns: the same for every row, and nothing to learn from. */
export function priorKl(alphaBarLast: number, sizes: readonly number[]): number {
  return sizes.reduce((total, k) => {
    const high = alphaBarLast + (1 - alphaBarLast) / k, low = (1 - alphaBarLast) / k;
    return total + high * Math.log(high * k) + (k - 1) * (low > 0 ? low * Math.log(low * k) : 0);
  }, 0);
}

/** Columns whose running sums share one scan: few, so that their float32 sums stay fine. */
const scanned = 16;
/**
 * One category a column by inverse distribution function: log-probabilities [B, W], uniforms [B, C] -> int32 [B, C].
 * Running sums are taken over 16 columns at a time, every column adding one to them, so a probability is resolved to 1e-6.
 */
export function spanCategorical(logP: Expr, u: Expr, sizes: readonly number[]): Expr {
  const spans = spansOf(sizes), B = logP.shape[0], out: Expr[] = [];
  for (let from = 0; from < sizes.length; from += scanned) {
    const own = spans.slice(from, from + scanned), start = own[0].start, end = own.at(-1)!.start + own.at(-1)!.size, n = own.length;
    const local = own.map((s) => ({ start: s.start - start, size: s.size })), p = exp(slice(logP, [start], [end], [1])), total = spanSums(p, local);
    // Normalised, so that the running sum at a column's start is its place among the sixteen.
    const c = sub(cumsum(div(p, spanSpread(total, local)), 1), spanSpread(broadcastTo(constant(Float32Array.from(own, (_, i) => i), [1, n]), [B, n]), local));
    const below = cast(lessEqual(c, spanSpread(slice(u, [from], [from + n], [1]), local)), 'float32');
    const codes = minimum(spanSums(below, local), constant(Float32Array.from(own, (s) => s.size - 1), [1, n]));
    out.push(cast(codes, 'int32'));
  }
  return concat(out, 1);
}
/** Sum of every span: [B, W] -> [B, C]. */
export function spanSums(x: Expr, spans: readonly Span[]): Expr {
  const width = spans.reduce((a, s) => a + s.size, 0), m = new Float32Array(spans.length * width);
  spans.forEach((s, j) => m.fill(1, j * width + s.start, j * width + s.start + s.size));
  return matmul(x, constant(m, [spans.length, width]), { transB: true });
}

/** What networks are built of, composed of the primitives: activations, norms, losses, spans of codes, sampling from bits. */
import { normalAxis, show, type Expr, type Operand } from './expr';
import * as o from './ops';
import type { Reduce } from './ops';

export const square = (x: Expr): Expr => o.mul(x, x);
/** max(x, slope x). */
export const leakyRelu = (x: Expr, slope = 0.01): Expr => o.add(o.mul(x, slope), o.mul(o.relu(x), 1 - slope));
/** Exact (erf) form: x Phi(x). */
export const gelu = (x: Expr): Expr => o.mul(x, o.add(o.mul(o.erf(o.mul(x, Math.SQRT1_2)), 0.5), 0.5));
/** log(1 + e^x), without overflow. */
export const softplus = (x: Expr): Expr => o.add(o.relu(x), o.log(o.add(o.exp(o.neg(o.abs(x))), 1)));
/** Clamped to [low, high]; the gradient is zero outside. */
export const clip = (x: Expr, low: number, high: number): Expr => o.minimum(o.maximum(x, low), high);

export const expandDims = (x: Expr, axis: number): Expr => { const a = normalAxis(axis, x.shape.length + 1, 'expandDims'); return o.reshape(x, [...x.shape.slice(0, a), 1, ...x.shape.slice(a)]); };
export const squeeze = (x: Expr, axis: number): Expr => {
  const a = normalAxis(axis, x.shape.length, 'squeeze');
  if (x.shape[a] !== 1) throw new Error(`squeeze: axis ${axis} of ${show(x)} is not 1`);
  return o.reshape(x, x.shape.filter((_, i) => i !== a));
};
export const stack = (xs: readonly Expr[], axis = 0): Expr => o.concat(xs.map((x) => expandDims(x, axis)), axis);
/** One entry along an axis, which is dropped. */
export const at = (x: Expr, index: number, axis = 0): Expr => {
  const a = normalAxis(axis, x.shape.length, 'at'), i = index < 0 ? index + x.shape[a] : index;
  return squeeze(o.slice(x, [i], [i + 1], [a]), a);
};

export function mean(x: Expr, r: Reduce = {}): Expr {
  const s = o.sum(x, r);
  const n = x.shape.reduce((a, b) => a * b, 1) / s.shape.reduce((a, b) => a * b, 1);
  return o.mul(s, 1 / n);
}
export const min = (x: Expr, r: Reduce = {}): Expr => o.neg(o.max(o.neg(x), r));
/** Shifted by the maximum, so it neither overflows nor loses the largest term. */
export function logSumExp(x: Expr, r: Reduce = {}): Expr {
  const m = o.stopGradient(o.max(x, { axes: r.axes, keepDims: true }));
  const s = o.log(o.sum(o.exp(o.sub(x, m)), { axes: r.axes, keepDims: true }));
  const kept = o.add(s, m);
  return r.keepDims ? kept : o.reshape(kept, o.sum(x, { axes: r.axes }).shape);
}

/** (x - mean) / sqrt(variance + epsilon) over the last axis, without scale and shift. */
export function layerNorm(x: Expr, epsilon = 1e-5): Expr {
  const centred = o.sub(x, mean(x, { axes: -1, keepDims: true }));
  return o.div(centred, o.sqrt(o.add(mean(square(centred), { axes: -1, keepDims: true }), epsilon)));
}
/** x / sqrt(mean square + epsilon) over the last axis, without scale (Zhang & Sennrich 2019). */
export const rmsNorm = (x: Expr, epsilon = 1e-6): Expr => o.div(x, o.sqrt(o.add(mean(square(x), { axes: -1, keepDims: true }), epsilon)));

/** Adds 0 where valid and -1e30 elsewhere: finite, so that 0 x mask stays a number; the softmax there is exactly 0 and so is its gradient. */
const exclude = (logits: Expr, valid: Expr): Expr => o.add(logits, o.where(valid.dtype === 'bool' ? valid : o.less(0, valid), o.constant(0), o.constant(-1e30)));
/** -log softmax(logits)[target]: logits [..., P], int32 targets [...] -> [...]. `valid` (bool or 0/1 float, broadcastable to logits) excludes padded classes. A target must be in range: clamp masked ones to 0 and weight them 0. */
export function crossEntropy(logits: Expr, targets: Expr, valid?: Expr): Expr {
  const y = o.logSoftmax(valid ? exclude(logits, valid) : logits);
  return o.neg(squeeze(o.takeAlongAxis(y, expandDims(targets, -1), -1), -1));
}

/** Column code-segments inside one wide vector. Together they tile [0, width) in order. */
export interface Span { start: number; size: number }
function spanWidth(spans: readonly Span[]): number {
  let width = 0;
  for (const s of spans) { if (s.start !== width || s.size < 1) throw new Error(`spans: a span of ${s.size} starts at ${s.start}, not at ${width}`); width += s.size; }
  return width;
}
/** 0/1 matrix [W, C]: column c sums the entries of span c. */
function membership(spans: readonly Span[]): Expr {
  const width = spanWidth(spans), c = spans.length, m = new Float32Array(width * c);
  spans.forEach((s, j) => { for (let i = s.start; i < s.start + s.size; i++) m[i * c + j] = 1; });
  return o.constant(m, [width, c]);
}
/** Each span's value for all of its entries: [B, C] -> [B, W]. (Masks, weights.) */
export const spanSpread = (values: Expr, spans: readonly Span[]): Expr => o.matmul(values, membership(spans), { transB: true });
/** Concatenated one-hots: int32 local codes [B, C] -> [B, W]; -1 gives zeros. */
export function spanOneHot(codes: Expr, spans: readonly Span[]): Expr {
  const width = spanWidth(spans);
  if (codes.shape.length !== 2 || codes.shape[1] !== spans.length) throw new Error(`spanOneHot: codes ${show(codes)} for ${spans.length} spans`);
  const column = new Int32Array(width), local = new Int32Array(width);
  spans.forEach((s, j) => { for (let i = 0; i < s.size; i++) { column[s.start + i] = j; local[s.start + i] = i; } });
  // The codes of the column each entry belongs to, as rows of the transposed codes; then one comparison.
  const spread = o.transpose(o.gather(o.transpose(codes), o.constant(column)));
  return o.cast(o.equal(spread, o.constant(local)), 'float32');
}
/**
 * log-sum-exp of every span: [B, W] -> [B, C]. One exponential over the whole width and one product with the
 * membership matrix, instead of a softmax per span. The shift is the row's maximum over all spans, and 1e-35 is added to every
 * span's sum: a span lying more than 80 below the row's maximum keeps a finite value (too high by what it is further below), and
 * its cross-entropy still pushes the target up.
 */
export function spanLogSumExp(logits: Expr, spans: readonly Span[]): Expr {
  const m = o.stopGradient(o.max(logits, { axes: -1, keepDims: true }));
  return o.add(o.log(o.add(o.matmul(o.exp(o.sub(logits, m)), membership(spans)), 1e-35)), m);
}
/** -log softmax of each span at its target: logits [B, W], int32 local codes [B, C] -> [B, C]. */
export function spanCrossEntropy(logits: Expr, targets: Expr, spans: readonly Span[]): Expr {
  const starts = o.constant(Int32Array.from(spans, (s) => s.start));
  return o.sub(spanLogSumExp(logits, spans), pickColumns(logits, o.add(targets, starts)));
}
/** x[b, columns[b, c]]: [B, W], int32 [B, C] -> [B, C]. */
const pickColumns = (x: Expr, columns: Expr): Expr => o.takeAlongAxis(x, columns, 1);

/**
 * int32 bits -> float32 in (0, 1): bits / 2^32 + 1/2, where the conversion of the bits rounds to 24 significant bits
 * and the sum rounds to float32's grid near the result (2^-24 near 1, 2^-25 below 1/2); clamped to [2^-25, 1 - 2^-24].
 */
export const uniform = (bits: Expr): Expr => unit(o.cast(bits, 'float32'));
const unit = (words: Expr): Expr => clip(o.add(o.mul(words, 2 ** -32), 0.5), 2 ** -25, 1 - 2 ** -24);
/** Box-Muller (1958): bits [2, ...] -> standard normals [2, ...] (both branches used). At most 5.9 sigma, by the smallest uniform; never for privacy noise. */
export function normal(bits: Expr): Expr {
  if (bits.shape[0] !== 2) throw new Error(`normal: bits ${show(bits)} must come in pairs along axis 0`);
  // Converted before it is cut: WebGPU cuts only floats.
  const words = o.cast(bits, 'float32');
  const radius = o.sqrt(o.mul(o.log(unit(o.slice(words, [0], [1]))), -2));
  // The angle needs no protection at its ends: any 32 bits will do.
  const angle = o.mul(o.slice(words, [1], [2]), 2 * Math.PI * 2 ** -32);
  return o.concat([o.mul(radius, o.cos(angle)), o.mul(radius, o.sin(angle))], 0);
}
/** Inverse CDF: logits [..., P], uniforms u [...] in (0,1) -> int32 [...]. Compares u times the total with running sums; the threshold stays a rounding step below the total, so no class of zero probability is drawn. */
export function categorical(logits: Expr, u: Expr): Expr {
  const p = o.softmax(logits), c = o.cumsum(p, -1);
  const n = logits.shape[logits.shape.length - 1];
  const total = o.slice(c, [n - 1], [n], [-1]);
  const below = o.lessEqual(c, o.mul(o.minimum(expandDims(u, -1), 1 - 2 ** -23), total));
  return o.sum(o.cast(below, 'int32'), { axes: -1 });
}
/** Gumbel-max: logits [..., P], uniforms of the same shape -> int32 [...]. */
export const gumbelMax = (logits: Expr, u: Expr): Expr => o.argmax(o.sub(logits, o.log(o.neg(o.log(u)))), -1);
export type { Operand };

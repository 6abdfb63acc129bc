/**
 * A reference interpreter: every primitive in float64, written for obviousness, not speed. It is the oracle the
 * gradients and the ONNX lowering are tested against (ONNX Runtime's own float64 support is partial).
 */
import { size, topological, type Expr, type Primitive, type Shape } from './expr';

export type Reference = Float64Array;
type Rule = (x: Expr, inputs: Reference[]) => Reference;

/** For every element of `out`, the flat index in an operand of shape `from` that broadcasts to it. */
function broadcastIndex(from: Shape, out: Shape): Int32Array {
  const n = size(out), index = new Int32Array(n), lead = out.length - from.length;
  const stride = new Array<number>(out.length).fill(0);
  for (let i = from.length - 1, s = 1; i >= 0; i--) { stride[i + lead] = from[i] === 1 ? 0 : s; s *= from[i]; }
  const at = new Array<number>(out.length).fill(0);
  for (let k = 0, f = 0; k < n; k++) {
    index[k] = f;
    for (let d = out.length - 1; d >= 0; d--) {
      f += stride[d];
      if (++at[d] < out[d]) break;
      f -= stride[d] * out[d]; at[d] = 0;
    }
  }
  return index;
}
const strides = (shape: Shape): number[] => { const s = new Array<number>(shape.length); for (let i = shape.length - 1, v = 1; i >= 0; i--) { s[i] = v; v *= shape[i]; } return s; };
/** Calls f(flat index, coordinates) for every element. */
function each(shape: Shape, f: (k: number, at: number[]) => void): void {
  const n = size(shape), at = new Array<number>(shape.length).fill(0);
  for (let k = 0; k < n; k++) {
    f(k, at);
    for (let d = shape.length - 1; d >= 0; d--) { if (++at[d] < shape[d]) break; at[d] = 0; }
  }
}
const map1 = (f: (v: number) => number): Rule => (_, [a]) => a.map(f);
const map2 = (f: (a: number, b: number) => number): Rule => (x, [a, b]) => {
  const i = broadcastIndex(x.inputs[0].shape, x.shape), j = broadcastIndex(x.inputs[1].shape, x.shape);
  return Float64Array.from(i, (_, k) => f(a[i[k]], b[j[k]]));
};
/** Lines along an axis: base offsets, extent and stride. */
function lines(shape: Shape, axis: number): { bases: number[]; extent: number; stride: number } {
  const s = strides(shape), bases: number[] = [];
  each(shape, (k, at) => { if (at[axis] === 0) bases.push(k); });
  return { bases, extent: shape[axis], stride: s[axis] };
}

/** erf by its Taylor series for |x| < 3 and a continued fraction for erfc beyond; about 1e-15 (Abramowitz & Stegun 7.1.5, 7.1.14). */
export function erf64(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = a, total = a;
    for (let n = 1; n < 100 && Math.abs(term / (2 * n + 1)) > 1e-18; n++) { term *= -a * a / n; total += term / (2 * n + 1); }
    return Math.sign(x) * total * 2 / Math.sqrt(Math.PI);
  }
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (a + f);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + f)));
}

const reduction = (start: number, f: (a: number, b: number) => number): Rule => (x, [a]) => {
  const axes = x.attrs.axes as number[], from = x.inputs[0].shape;
  const kept = from.map((d, i) => (axes.includes(i) ? 1 : d));
  const index = broadcastIndex(kept, from), out = new Float64Array(size(kept)).fill(start);
  index.forEach((t, k) => { out[t] = f(out[t], a[k]); });
  return out;
};
const softmaxLine = (x: Expr, a: Reference, f: (v: number, max: number, sum: number) => number): Reference => {
  const out = new Float64Array(a.length), n = x.shape[x.shape.length - 1];
  for (let s = 0; s < a.length; s += n) {
    const row = a.subarray(s, s + n), m = row.reduce((p, q) => Math.max(p, q), -Infinity);
    const total = row.reduce((p, q) => p + Math.exp(q - m), 0);
    for (let i = 0; i < n; i++) out[s + i] = f(row[i], m, total);
  }
  return out;
};

const rules: Record<Primitive, Rule> = {
  input: (x) => { throw new Error(`interpret: no value for input "${String(x.attrs.name)}"`); },
  constant: (x) => Float64Array.from(x.attrs.data as ArrayLike<number>),
  add: map2((a, b) => a + b), sub: map2((a, b) => a - b), mul: map2((a, b) => a * b),
  div: (x, v) => map2(x.dtype === 'int32' ? (a, b) => Math.trunc(a / b) : (a, b) => a / b)(x, v),
  pow: map2(Math.pow), maximum: map2(Math.max), minimum: map2(Math.min),
  neg: map1((v) => -v), exp: map1(Math.exp), log: map1(Math.log), sqrt: map1(Math.sqrt), abs: map1(Math.abs),
  sign: map1(Math.sign), floor: map1(Math.floor), sin: map1(Math.sin), cos: map1(Math.cos), tanh: map1(Math.tanh),
  sigmoid: map1((v) => 1 / (1 + Math.exp(-v))), erf: map1(erf64), relu: map1((v) => Math.max(v, 0)), silu: map2((x, s) => x * s),
  equal: map2((a, b) => Number(a === b)), less: map2((a, b) => Number(a < b)), lessEqual: map2((a, b) => Number(a <= b)),
  and: map2((a, b) => Number(a && b)), or: map2((a, b) => Number(a || b)), not: map1((v) => Number(!v)),
  where: (x, v) => {
    const [c, i, j] = x.inputs.map((y) => broadcastIndex(y.shape, x.shape));
    return Float64Array.from(c, (_, k) => (v[0][c[k]] ? v[1][i[k]] : v[2][j[k]]));
  },
  cast: (x, [a]) => (x.dtype === 'float32' ? a : a.map(x.dtype === 'bool' ? (v) => Number(v !== 0) : Math.trunc)),
  stopGradient: (_, [a]) => a,
  reshape: (_, [a]) => a,
  transpose: (x, [a]) => {
    const p = x.attrs.permutation as number[], s = strides(x.inputs[0].shape), out = new Float64Array(a.length);
    each(x.shape, (k, at) => { out[k] = a[at.reduce((t, v, i) => t + v * s[p[i]], 0)]; });
    return out;
  },
  broadcastTo: (x, [a]) => Float64Array.from(broadcastIndex(x.inputs[0].shape, x.shape), (i) => a[i]),
  concat: (x, vs) => {
    const axis = x.attrs.axis as number, out = new Float64Array(size(x.shape)), s = strides(x.shape);
    let offset = 0;
    x.inputs.forEach((y, i) => {
      each(y.shape, (k, at) => { out[at.reduce((t, v, d) => t + (v + (d === axis ? offset : 0)) * s[d], 0)] = vs[i][k]; });
      offset += y.shape[axis];
    });
    return out;
  },
  slice: (x, [a]) => {
    const from = x.attrs.from as number[], s = strides(x.inputs[0].shape), out = new Float64Array(size(x.shape));
    each(x.shape, (k, at) => { out[k] = a[at.reduce((t, v, d) => t + (v + from[d]) * s[d], 0)]; });
    return out;
  },
  pad: (x, [a]) => {
    const before = x.attrs.before as number[], s = strides(x.shape), out = new Float64Array(size(x.shape)).fill(x.attrs.value as number);
    each(x.inputs[0].shape, (k, at) => { out[at.reduce((t, v, d) => t + (v + before[d]) * s[d], 0)] = a[k]; });
    return out;
  },
  sum: reduction(0, (a, b) => a + b),
  max: reduction(-Infinity, Math.max),
  argmax: (x, [a]) => {
    const { bases, extent, stride } = lines(x.inputs[0].shape, x.attrs.axis as number);
    return Float64Array.from(bases, (b) => { let best = 0; for (let i = 1; i < extent; i++) if (a[b + i * stride] > a[b + best * stride]) best = i; return best; });
  },
  cumsum: (x, [a]) => {
    const { axis, exclusive, reverse } = x.attrs as { axis: number; exclusive: boolean; reverse: boolean };
    const { bases, extent, stride } = lines(x.shape, axis), out = new Float64Array(a.length);
    for (const b of bases) for (let i = 0, t = 0; i < extent; i++) { const k = b + (reverse ? extent - 1 - i : i) * stride; if (exclusive) { out[k] = t; t += a[k]; } else { t += a[k]; out[k] = t; } }
    return out;
  },
  matmul: (x, [a, b]) => {
    const { transA, transB } = x.attrs as { transA: boolean; transB: boolean }, r = x.shape.length;
    const groups = r === 3 ? x.shape[0] : 1, m = x.shape[r - 2], n = x.shape[r - 1], k = x.inputs[0].shape[transA ? r - 2 : r - 1];
    const out = new Float64Array(groups * m * n);
    for (let g = 0; g < groups; g++) for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
      let t = 0;
      for (let l = 0; l < k; l++) t += a[g * m * k + (transA ? l * m + i : i * k + l)] * b[g * k * n + (transB ? j * k + l : l * n + j)];
      out[(g * m + i) * n + j] = t;
    }
    return out;
  },
  gather: (x, [t, i]) => {
    const row = size(x.inputs[0].shape.slice(1)), out = new Float64Array(i.length * row);
    i.forEach((r, k) => { for (let j = 0; j < row; j++) out[k * row + j] = t[r * row + j]; });
    return out;
  },
  scatterAdd: (x, [i, u]) => {
    const row = size(x.shape.slice(1)), out = new Float64Array(size(x.shape));
    i.forEach((r, k) => { for (let j = 0; j < row; j++) out[r * row + j] += u[k * row + j]; });
    return out;
  },
  takeAlongAxis: (x, [a, i]) => {
    const axis = x.attrs.axis as number, s = strides(x.inputs[0].shape), out = new Float64Array(size(x.shape));
    each(x.shape, (k, at) => { out[k] = a[at.reduce((t, v, d) => t + (d === axis ? i[k] : v) * s[d], 0)]; });
    return out;
  },
  scatterAlongAxis: (x, [i, u]) => {
    const axis = x.attrs.axis as number, s = strides(x.shape), out = new Float64Array(size(x.shape));
    each(x.inputs[1].shape, (k, at) => { out[at.reduce((t, v, d) => t + (d === axis ? i[k] : v) * s[d], 0)] += u[k]; });
    return out;
  },
  oneHot: (x, [i]) => {
    const depth = x.shape[x.shape.length - 1], out = new Float64Array(size(x.shape));
    i.forEach((c, k) => { if (c >= 0 && c < depth) out[k * depth + c] = 1; });
    return out;
  },
  softmax: (x, [a]) => softmaxLine(x, a, (v, m, s) => Math.exp(v - m) / s),
  logSoftmax: (x, [a]) => softmaxLine(x, a, (v, m, s) => v - m - Math.log(s)),
};

/** Values of expressions in float64, given the inputs by name. */
export function interpret(outputs: readonly Expr[], feeds: Record<string, ArrayLike<number>> = {}): Reference[] {
  const values = new Map<number, Reference>();
  for (const x of topological(outputs)) {
    const fed = x.op === 'input' ? feeds[x.attrs.name as string] : undefined;
    if (fed && fed.length !== size(x.shape)) throw new Error(`interpret: ${fed.length} values for input "${String(x.attrs.name)}" [${x.shape}]`);
    values.set(x.id, fed ? Float64Array.from(fed) : rules[x.op](x, x.inputs.map((y) => values.get(y.id)!)));
  }
  return outputs.map((x) => values.get(x.id)!);
}

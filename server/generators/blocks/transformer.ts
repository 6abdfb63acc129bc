/**
 * Transformer blocks over column tokens, as parameter specs and pure functions of expressions.
 *
 * The block is pre-norm: x + Attention(LN(x)), then x + MLP(LN(x)) (Vaswani et al. 2017; the norm's place as in Xiong et al.,
 * "On Layer Normalization in the Transformer Architecture", 2020); the MLP has one hidden layer with exact GELU. Without dropout it
 * computes what torch.nn.TransformerEncoderLayer(norm_first=True, activation='gelu') does; weight matrices are [in, out].
 *
 * The tokeniser is that of Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data" (2021), section 3.3: a number times
 * its column's vector plus its column's bias; a category's embedding plus its column's bias. The detokeniser is its mirror
 * (TabSyn, Zhang et al. 2024): a number is its token's inner product with a vector, a category has logits linear in its token.
 */
import {
  add, constant, concat, gather, gelu, layerNorm, matmul, mul, reshape, slice, softmax, sum, transpose, where,
  type Expr, type ParamSpec, type Span,
} from '../../engine';

export interface BlockSizes {
  /** Width of a token; a multiple of `heads`. */
  width: number;
  heads: number;
  /** Hidden width of the MLP. */
  hidden: number;
}
type Params = Record<string, Expr>;
type Specs = Record<string, ParamSpec>;

/** Parameters of one block, named `${prefix}...`. `depth` blocks in a row: the branches' last layers start smaller by sqrt(2 depth) (GPT-2). */
export function blockParams(prefix: string, { width: d, heads, hidden }: BlockSizes, depth = 1): Specs {
  if (d % heads !== 0) throw new Error(`transformer: a width of ${d} does not divide among ${heads} heads`);
  const linear = (fanIn: number, shape: number[], scale = 1): ParamSpec => ({ shape, init: { normal: scale / Math.sqrt(fanIn) } });
  const last = 1 / Math.sqrt(2 * depth);
  return {
    [`${prefix}norm1`]: { shape: [d], init: 'ones', decay: false }, [`${prefix}shift1`]: { shape: [d], init: 'zeros', decay: false },
    [`${prefix}qkv`]: linear(d, [d, 3 * d]), [`${prefix}qkvBias`]: { shape: [3 * d], init: 'zeros' },
    [`${prefix}out`]: linear(d, [d, d], last), [`${prefix}outBias`]: { shape: [d], init: 'zeros' },
    [`${prefix}norm2`]: { shape: [d], init: 'ones', decay: false }, [`${prefix}shift2`]: { shape: [d], init: 'zeros', decay: false },
    [`${prefix}up`]: linear(d, [d, hidden]), [`${prefix}upBias`]: { shape: [hidden], init: 'zeros' },
    [`${prefix}down`]: linear(hidden, [hidden, d], last), [`${prefix}downBias`]: { shape: [d], init: 'zeros' },
  };
}

/** A linear map of the last axis: x [..., in], w [in, out], b [out]. Rows are put end to end, so that it is one product. */
export function linear(x: Expr, w: Expr, b?: Expr): Expr {
  const flat = reshape(x, [-1, x.shape[x.shape.length - 1]!]), y = b ? add(matmul(flat, w), b) : matmul(flat, w);
  return reshape(y, [...x.shape.slice(0, -1), w.shape[1]!]);
}
/** Layer norm with scale and shift. */
export const norm = (x: Expr, scale: Expr, shift: Expr): Expr => add(mul(layerNorm(x), scale), shift);

/** Keys and values of the tokens so far, [B * heads, T, width / heads]. */
export interface Cache { keys: Expr; values: Expr }
export interface AttendOptions {
  /** Token i sees tokens 0..i only. */
  causal?: boolean;
  /** Tokens before x's, which x's see all of; `causal` then orders only x's own. */
  cache?: Cache;
}

/** Multi-head self-attention over x [B, T, width], already normed: the mixed values, and the cache with x's own keys and values behind it. */
export function attention(p: Params, prefix: string, x: Expr, { width: d, heads }: BlockSizes, options: AttendOptions = {}): { y: Expr; cache: Cache } {
  const [b, t] = x.shape as [number, number], h = d / heads;
  const split = transpose(reshape(linear(x, p[`${prefix}qkv`]!, p[`${prefix}qkvBias`]), [b, t, 3, heads, h]), [2, 0, 3, 1, 4]);
  const part = (i: number): Expr => reshape(slice(split, [i], [i + 1]), [b * heads, t, h]);
  const before = options.cache, behind = (old: Expr | undefined, own: Expr): Expr => (old ? concat([old, own], 1) : own);
  const keys = behind(before?.keys, part(1)), values = behind(before?.values, part(2));
  let scores = mul(matmul(part(0), keys, { transB: true }), 1 / Math.sqrt(h));
  if (options.causal && t > 1) scores = add(scores, causalMask(t, keys.shape[1]!));
  const mixed = transpose(reshape(matmul(softmax(scores), values), [b, heads, t, h]), [0, 2, 1, 3]);
  return { y: linear(reshape(mixed, [b, t, d]), p[`${prefix}out`]!, p[`${prefix}outBias`]), cache: { keys, values } };
}
/** 0 where row i may see column j, else -1e30: finite, so that no NaN arises; the softmax there is exactly 0. [t, all], the last t columns being x's own. */
function causalMask(t: number, all: number): Expr {
  const hidden = new Uint8Array(t * all);
  for (let i = 0; i < t; i++) for (let j = all - t + i + 1; j < all; j++) hidden[i * all + j] = 1;
  return where(constant(hidden, [t, all]), constant(-1e30), constant(0));
}

/** One block: x [B, T, width] -> [B, T, width]. */
export const block = (p: Params, prefix: string, x: Expr, s: BlockSizes, options: AttendOptions = {}): Expr => blockStep(p, prefix, x, s, options).y;
/** One block with its cache, for generating token after token. */
export function blockStep(p: Params, prefix: string, x: Expr, s: BlockSizes, options: AttendOptions = {}): { y: Expr; cache: Cache } {
  const own = (n: string): Expr => p[`${prefix}${n}`]!;
  const { y, cache } = attention(p, prefix, norm(x, own('norm1'), own('shift1')), s, options);
  const h = add(x, y);
  const up = gelu(linear(norm(h, own('norm2'), own('shift2')), own('up'), own('upBias')));
  return { y: add(h, linear(up, own('down'), own('downBias'))), cache };
}

/** What a row's tokens stand for: first the numbers, then the categories, in their own orders. */
export interface TokenLayout {
  numbers: number;
  /** Each category column's codes in one table of all embeddings. */
  categories: readonly Span[];
  width: number;
  /** A learnt token before all others. */
  cls?: boolean;
}
const tableRows = (l: TokenLayout): number => l.categories.reduce((a, s) => a + s.size, 0);
/** Tokens of a row. */
export const tokenCount = (l: TokenLayout): number => (l.cls ? 1 : 0) + l.numbers + l.categories.length;

/** Uniform in +-1/sqrt(width), as the published tokeniser starts (Kaiming uniform with a = sqrt 5). */
export function tokeniserParams(prefix: string, l: TokenLayout): Specs {
  const spec = (rows: number): ParamSpec => ({ shape: [rows, l.width], init: { uniform: 1 / Math.sqrt(l.width) }, decay: false });
  return {
    ...(l.numbers > 0 && { [`${prefix}numbers`]: spec(l.numbers) }),
    ...(l.categories.length > 0 && { [`${prefix}codes`]: spec(tableRows(l)) }),
    ...(l.numbers + l.categories.length > 0 && { [`${prefix}bias`]: spec(l.numbers + l.categories.length) }),
    ...(l.cls && { [`${prefix}cls`]: spec(1) }),
  };
}
/** Tokens of rows: numbers float32 [B, N] and int32 local codes [B, C] -> [B, tokens, width]. Either may be absent where the layout has none. */
export function tokenise(p: Params, prefix: string, l: TokenLayout, rows: { numbers?: Expr; codes?: Expr }): Expr {
  const b = (rows.numbers ?? rows.codes)!.shape[0]!, d = l.width, parts: Expr[] = [];
  if (l.numbers > 0) parts.push(mul(reshape(rows.numbers!, [b, l.numbers, 1]), p[`${prefix}numbers`]!));
  if (l.categories.length > 0) parts.push(gather(p[`${prefix}codes`]!, add(rows.codes!, constant(Int32Array.from(l.categories, (s) => s.start)))));
  const tokens = add(parts.length > 1 ? concat(parts, 1) : parts[0]!, p[`${prefix}bias`]!);
  if (!l.cls) return tokens;
  // A product with ones instead of an expansion: its gradient is the same sum, and needs no shape arithmetic.
  return concat([mul(reshape(p[`${prefix}cls`]!, [1, 1, d]), constant(new Float32Array(b).fill(1), [b, 1, 1])), tokens], 1);
}

export function detokeniserParams(prefix: string, l: TokenLayout): Specs {
  const bound = Math.sqrt(6 / (l.width + 1));
  const specs: Specs = l.numbers > 0 ? { [`${prefix}numbers`]: { shape: [l.numbers, l.width], init: { uniform: bound } } } : {};
  l.categories.forEach((s, c) => {
    specs[`${prefix}w${c}`] = { shape: [l.width, s.size], init: { uniform: 1 / Math.sqrt(l.width) } };
    specs[`${prefix}b${c}`] = { shape: [s.size], init: 'zeros' };
  });
  return specs;
}
/** Rows from tokens [B, tokens, width] (a first token of the layout's `cls` is passed over): numbers [B, N], and logits [B, all codes] in the layout's spans. */
export function detokenise(p: Params, prefix: string, l: TokenLayout, tokens: Expr): { numbers?: Expr; logits?: Expr } {
  const b = tokens.shape[0]!, from = l.cls ? 1 : 0, after = from + l.numbers;
  const numbers = l.numbers > 0 ? sum(mul(slice(tokens, [from], [after], [1]), p[`${prefix}numbers`]!), { axes: 2 }) : undefined;
  const logits = l.categories.map((_, c) => linear(reshape(slice(tokens, [after + c], [after + c + 1], [1]), [b, l.width]), p[`${prefix}w${c}`]!, p[`${prefix}b${c}`]));
  return { ...(numbers && { numbers }), ...(logits.length > 0 && { logits: logits.length > 1 ? concat(logits, 1) : logits[0]! }) };
}

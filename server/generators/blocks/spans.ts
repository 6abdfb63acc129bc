/**
 * The encoded row of the GAN and VAE family (Xu et al. 2019, section 4.2) and everything that walks it: A alphas (one per number), then a
 * one-hot of each number's mode, then a one-hot of each category. [B, W], W = A + widths of all one-hots. Encoding, networks, losses and
 * the sampler take the same list of spans.
 */
import * as e from '../../engine';
import type { Expr, InputSpec, Span, Values } from '../../engine';
import { KeyStream } from '../../engine';
import { makeTable, numberColumn } from '../../table/columns';
import type { Table } from '../../table/table';
import { Features, fitFeatures, type FeatureOptions } from './features';
import { decodeMode, encodeMode, fitModes, modeCount, type Modes, type ModesOptions } from './modes';

/** Widths of an encoded row. One-hot spans tile [0, H) of the part after the alphas; the first A are modes, the rest categories. */
export interface Layout { alphas: number; spans: Span[]; width: number; hot: number }
export function layoutOf(modeCounts: readonly number[], categorySizes: readonly number[]): Layout {
  let at = 0;
  const spans = [...modeCounts, ...categorySizes].map((size) => { const s = { start: at, size }; at += size; return s; });
  return { alphas: modeCounts.length, spans, width: modeCounts.length + at, hot: at };
}
/** Category spans, tiled from 0: what a conditional vector is made of. */
export const categorySpans = (l: Layout): Span[] => { const cut = l.spans[l.alphas]?.start ?? l.hot; return l.spans.slice(l.alphas).map((s) => ({ start: s.start - cut, size: s.size })); };

export interface EncodedRows { rows: number; /** [rows, A] */ alphas: Float32Array; /** [rows, spans] */ codes: Int32Array }

/** A table's encoding in the family's form: the shared features, with a mixture for every number. */
export class ModalFeatures {
  readonly layout: Layout;
  /** @param key in the seed's place while encoding; never saved */
  constructor(readonly features: Features, readonly modes: readonly Modes[], private readonly seed: number, private readonly key?: Uint8Array) {
    this.layout = layoutOf(modes.map(modeCount), features.sizes);
  }
  /** `tick` is awaited between columns: a mixture takes up to a tenth of a second. */
  static async fit(table: Table, options: Omit<FeatureOptions, 'numbers'> & Omit<ModesOptions, 'seed' | 'log'> & { logs?: boolean }, tick?: (done: number, of: number) => Promise<void>): Promise<ModalFeatures> {
    const features = fitFeatures(table, { ...options, numbers: 'standard' });
    const modes: Modes[] = [];
    for (const f of features.numbers) {
      await tick?.(modes.length, features.numbers.length);
      modes.push(fitModes(standardised(table, f), { ...options, ...(options.logs && { log: { centre: f.centre, scale: f.scale } }) }));
    }
    return new ModalFeatures(features, modes, options.seed);
  }
  save(): string { return JSON.stringify({ features: this.features.save(), modes: this.modes, seed: this.seed }); }
  /** The same encoding; what it draws while it encodes comes from a key that no `save` holds. */
  keyed(key: Uint8Array): ModalFeatures { return new ModalFeatures(this.features.keyed(key), this.modes, this.seed, key); }
  static load(text: string): ModalFeatures {
    const { features, modes, seed } = JSON.parse(text) as { features: string; modes: Modes[]; seed: number };
    return new ModalFeatures(Features.load(features), modes, seed);
  }

  encode(table: Table): EncodedRows {
    const { rows } = table, A = this.layout.alphas, S = this.layout.spans.length, C = S - A;
    const { numbers, codes: categories } = this.features.encode(table), alphas = new Float32Array(rows * A), codes = new Int32Array(rows * S);
    this.features.numbers.forEach((f, j) => {
      const exact = table.column(f.column).numbers(), u = new KeyStream(this.key ?? this.seed, `modes/encode/${f.column}`).uniforms(0, rows);
      for (let i = 0; i < rows; i++) {
        // Unrounded where it is there, so that it equals its atom; else the stand-in for a missing number.
        const x = exact[i]!, { mode, alpha } = encodeMode(this.modes[j]!, x === x ? (x - f.centre) / f.scale : numbers[i * A + j]!, u[i]!);
        alphas[i * A + j] = alpha;
        codes[i * S + j] = mode;
      }
    });
    for (let i = 0; i < rows; i++) for (let c = 0; c < C; c++) codes[i * S + A + c] = categories[i * C + c]!;
    return { rows, alphas, codes };
  }

  /** The table that encoded rows stand for. `from`: number of the first row, so that any chunking gives the same rows. */
  decode({ rows, alphas, codes }: EncodedRows, options: { seed: number; from?: number }): Table {
    const A = this.layout.alphas, S = this.layout.spans.length, C = S - A, numbers = new Float32Array(rows * A), categories = new Int32Array(rows * C);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < A; j++) numbers[i * A + j] = decodeMode(this.modes[j]!, codes[i * S + j]!, alphas[i * A + j]!);
      for (let c = 0; c < C; c++) categories[i * C + c] = codes[i * S + A + c]!;
    }
    const table = this.features.decode({ numbers, codes: categories }, rows, options);
    // An atom is that very value, also where float32 and the way there and back have moved it.
    const exact = new Map(this.features.numbers.flatMap((f, j) => (this.modes[j]!.atoms.length ? [[f.column, { f, j, atoms: this.modes[j]!.atoms.map((z) => f.centre + f.scale * z) }]] as const : [])));
    return makeTable(table.schema, table.columns.map((column) => {
      const own = exact.get(column.schema.name);
      if (!own) return column;
      return numberColumn(column.schema, column.numbers().map((v, i) => { const mode = codes[i * S + own.j]!; return v === v && mode < own.atoms.length ? tidy(own.atoms[mode]!, v) : v; }));
    }), rows);
  }
}
/** The atom, unless the grid has already put the value on it but for rounding. */
const tidy = (atom: number, v: number): number => (Math.abs(atom - v) <= 1e-9 * Math.max(Math.abs(atom), Math.abs(v)) ? v : atom);
const standardised = (table: Table, f: { column: string; centre: number; scale: number }): Float64Array => table.column(f.column).numbers().filter((v) => v === v).map((v) => (v - f.centre) / f.scale);

/** Encoded rows as inputs named `alphas` (absent where there are no numbers) and `codes`. */
export function rowData(r: EncodedRows, l: Layout): { specs: Record<string, InputSpec>; values: Record<string, Values> } {
  return {
    specs: { ...(l.alphas && { alphas: { shape: [r.rows, l.alphas], dtype: 'float32' as const } }), codes: { shape: [r.rows, l.spans.length], dtype: 'int32' as const } },
    values: { ...(l.alphas && { alphas: r.alphas }), codes: r.codes },
  };
}
/** Those inputs (all rows, or the given int32 [B]) as network inputs [B, W]. */
export function rowVector(data: Record<string, Expr>, l: Layout, rows?: Expr): Expr {
  const take = (x: Expr): Expr => (rows ? e.gather(x, rows) : x), hot = e.spanOneHot(take(data.codes!), l.spans);
  return l.alphas ? e.concat([take(data.alphas!), hot], 1) : hot;
}
export const alphaPart = (x: Expr, l: Layout): Expr => e.slice(x, [0], [l.alphas], [1]);
export const hotPart = (x: Expr, l: Layout): Expr => e.slice(x, [l.alphas], [l.width], [1]);

/**
 * log-sum-exp of every span, [B, H] -> [B, spans], safe for logits hundreds apart, with two products by the membership matrix instead of
 * an operation per span. The shift is a first, blunt log-sum-exp at a temperature T around the span's mean: at most T log(size) = 64 above the
 * span's maximum and, within 80 T (900 and more) of the mean, never below it.
 */
export function spanLse(x: Expr, spans: readonly Span[]): Expr {
  const T = spans.map((s) => 64 / Math.log(Math.max(2, s.size))), inverse = new Float32Array(x.shape[1]!);
  spans.forEach((s, j) => inverse.fill(1 / T[j]!, s.start, s.start + s.size));
  const mean = e.mul(sums(x, spans), e.constant(Float32Array.from(spans, (s) => 1 / s.size)));
  const blunt = e.log(sums(e.exp(e.clip(e.mul(e.sub(x, e.spanSpread(mean, spans)), e.constant(inverse)), -80, 80)), spans));
  const shift = e.stopGradient(e.add(mean, e.mul(blunt, e.constant(Float32Array.from(T)))));
  return e.add(e.log(e.add(sums(e.exp(e.sub(x, e.spanSpread(shift, spans))), spans), 1e-37)), shift);
}
/** Sum of every span's entries: [B, H] -> [B, spans]. */
function sums(x: Expr, spans: readonly Span[]): Expr {
  const width = x.shape[1]!, m = new Float32Array(width * spans.length);
  spans.forEach((s, j) => { for (let i = s.start; i < s.start + s.size; i++) m[i * spans.length + j] = 1; });
  return e.matmul(x, e.constant(m, [width, spans.length]));
}
/** Softmax within every span: [B, H] -> [B, H]. */
export const spanSoftmax = (x: Expr, spans: readonly Span[]): Expr => e.exp(e.sub(x, e.spanSpread(spanLse(x, spans), spans)));

/**
 * What the generator's last layer [B, W] means as a row: tanh on alphas, gumbel-softmax (Jang et al. 2017) on every one-hot.
 * @param u uniforms [B, H]; needed where there are one-hots
 */
export function activate(raw: Expr, u: Expr | undefined, l: Layout, temperature = 0.2): Expr {
  const parts: Expr[] = [];
  if (l.alphas) parts.push(e.tanh(alphaPart(raw, l)));
  if (l.hot) parts.push(spanSoftmax(e.mul(gumbel(hotPart(raw, l), u!), 1 / temperature), l.spans));
  return parts.length === 1 ? parts[0]! : e.concat(parts, 1);
}
/** Logits with standard Gumbel noise added: their maximum is a draw from the softmax. */
export const gumbel = (logits: Expr, u: Expr): Expr => e.sub(logits, e.log(e.neg(e.log(u))));

/** For the sampler: tanh of the alphas, logits with Gumbel noise, whose span maxima (`readRows`) are the row that `activate` at temperature 0 would give. */
export function scores(raw: Expr, u: Expr | undefined, l: Layout): Expr {
  const parts = [...(l.alphas ? [e.tanh(alphaPart(raw, l))] : []), ...(l.hot ? [gumbel(hotPart(raw, l), u!)] : [])];
  return parts.length === 1 ? parts[0]! : e.concat(parts, 1);
}

/**
 * As `activate` and `scores`, where a number has a place of its own in each of its modes: the last layer [B, M + H] holds those M places before the logits, and the mode that is
 * drawn says which of them counts. With one place for all modes, as in CTGAN, a mode drawn by noise that the place knows nothing of puts the number where no row is.
 * @param u uniforms [B, H]
 */
export function placed(out: Expr, u: Expr, l: Layout, temperature = 0.2): { /** alphas and logits */ raw: Expr; row: Expr; scores: Expr } {
  const M = placeCount(l), logits = e.slice(out, [M], [M + l.hot], [1]), noisy = gumbel(logits, u), hot = spanSoftmax(e.mul(noisy, 1 / temperature), l.spans);
  const alphas = sums(e.mul(e.tanh(e.slice(out, [0], [M], [1])), e.slice(hot, [0], [M], [1])), l.spans.slice(0, l.alphas));
  return { raw: e.concat([alphas, logits], 1), row: e.concat([alphas, hot], 1), scores: e.concat([alphas, noisy], 1) };
}
/** Modes of all numbers together: they come before the categories. */
export const placeCount = (l: Layout): number => l.spans[l.alphas]?.start ?? l.hot;

/** The greatest entry of every span, on the host: scores [rows, W] (the first A columns are alphas, copied) -> alphas and codes. */
export function readRows(scores: Float32Array, l: Layout, rows: number): EncodedRows {
  const A = l.alphas, S = l.spans.length, alphas = new Float32Array(rows * A), codes = new Int32Array(rows * S);
  for (let i = 0; i < rows; i++) {
    const at = i * l.width;
    for (let j = 0; j < A; j++) alphas[i * A + j] = scores[at + j]!;
    for (let s = 0; s < S; s++) {
      const { start, size } = l.spans[s]!, from = at + A + start;
      let best = 0;
      for (let k = 1; k < size; k++) if (scores[from + k]! > scores[from + best]!) best = k;
      codes[i * S + s] = best;
    }
  }
  return { rows, alphas, codes };
}

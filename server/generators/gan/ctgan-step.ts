/** One training step of CTGAN as the engine takes it: critic turns, then the generator's. */
import { add, at, concat, KeyStream, mean, mul, oneHot, reshape, slice, sub, takeAlongAxis, type Expr, type InputSpec, type ParamSpec, type Span, type TrainSpec, type Values } from '../../engine';
import type { Conditions } from '../blocks/conditional-vector';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { activate, categorySpans, placeCount, placed, hotPart, rowData, rowVector, spanLse, type EncodedRows, type Layout } from '../blocks/spans';
import { criticLoss, criticParams, generate, generatorParams, judge, masksOf, poolRows, type Tower } from './networks';

export interface GanSizes extends Tower { embedding: number; batch: number; pac: number; criticSteps: number; dropout: number; /** whether a condition may also be a number's mode (CTAB-GAN) */ modesToo?: boolean; /** whether a number has a place of its own in each mode (`placed`); absent: one for all, as in the paper */ places?: boolean }
export interface GanRates { l2: number; penalty: number; /** decay of the moving average of the generator's weights; 0 or absent: none is kept */ ema?: number }
const optimiser = { beta1: 0.5, beta2: 0.9 };

/** What a condition may be one of: the spans, the last ones of the row, tiled from 0. */
export const conditionSpans = (l: Layout, s: Pick<GanSizes, 'modesToo'>): readonly Span[] => (s.modesToo ? l.spans : categorySpans(l));
/** Codes in all: the conditional vector's width; 0 where there is nothing to condition on. */
export const conditionWidth = (l: Layout, s: Pick<GanSizes, 'modesToo'>): number => conditionSpans(l, s).reduce((n, own) => n + own.size, 0);
/** The rows' codes of those spans, [rows, spans]. */
export function conditionCodes(r: EncodedRows, l: Layout, s: Pick<GanSizes, 'modesToo'>): Int32Array {
  const S = l.spans.length, C = conditionSpans(l, s).length, out = new Int32Array(r.rows * C);
  for (let i = 0; i < r.rows; i++) out.set(r.codes.subarray((i + 1) * S - C, (i + 1) * S), i * C);
  return out;
}

/** Inputs of one step. Turns 0 ... criticSteps - 1 are the critic's, the last is the generator's. */
export function stepInputs(l: Layout, s: GanSizes): Record<string, InputSpec> {
  const turns = s.criticSteps + 1, B = s.batch, n = B / s.pac;
  return {
    z: normalBits([turns, B, s.embedding]), ...(l.hot && { u: uniformBits([turns, B, l.hot]) }),
    rows: { shape: [s.criticSteps, B], dtype: 'int32' }, mix: { shape: [s.criticSteps, n], dtype: 'int32' },
    ...(conditionWidth(l, s) && { condition: { shape: [turns, B], dtype: 'int32' }, column: { shape: [B], dtype: 'int32' }, realCondition: { shape: [s.criticSteps, B], dtype: 'int32' } }),
    // Three passes of the critic in each of its turns, one in the generator's.
    ...(s.dropout > 0 && { drop: { shape: [s.layers, (3 * s.criticSteps + 1) * n], dtype: 'int32' } }),
  };
}
/** Parameters of both networks. */
export function ganParams(l: Layout, s: GanSizes): { generator: Record<string, ParamSpec>; critic: Record<string, ParamSpec> } {
  const K = conditionWidth(l, s);
  return { generator: generatorParams(s.embedding + K, s.places ? placeCount(l) + l.hot : l.width, s), critic: criticParams(s.pac * (l.width + K), s) };
}

/** What the losses see of a step: everything already as floats (tests give their own). */
export interface Drawn { z: Expr; u?: Expr; condition?: Expr; /** columns chosen, for the generator's turn */ column?: Expr; real?: Expr; realCondition?: Expr; mix?: Expr; masks: Expr[] }

/** Rows before activation, and as the critic sees them: with their condition beside them. */
export function made(p: Record<string, Expr>, d: Drawn, l: Layout, s: GanSizes): { raw: Expr; row: Expr; seen: Expr } {
  const K = conditionWidth(l, s), c = d.condition && oneHot(d.condition, K);
  const out = generate(p, c ? concat([d.z, c], 1) : d.z, s), { raw, row } = s.places ? placed(out, d.u!, l) : { raw: out, row: activate(out, d.u, l) };
  return { raw, row, seen: c ? concat([row, c], 1) : row };
}
/** Real rows as the critic sees them. */
export const realSeen = (d: Drawn, l: Layout, s: GanSizes): Expr => (d.realCondition ? concat([d.real!, oneHot(d.realCondition, conditionWidth(l, s))], 1) : d.real!);
export function criticTurn(p: Record<string, Expr>, d: Drawn, l: Layout, s: GanSizes, penalty: number): Expr {
  return criticLoss(p, realSeen(d, l, s), made(p, d, l, s).seen, d.mix!, s.pac, s, d.masks, penalty);
}
export function generatorTurn(p: Record<string, Expr>, d: Drawn, l: Layout, s: GanSizes): Expr {
  const { raw, seen } = made(p, d, l, s), fooled = mul(mean(judge(p, seen, s.pac, s, d.masks)), -1);
  if (!d.condition) return fooled;
  // Cross-entropy of the chosen column's logits at the chosen category (Xu et al. 2019, section 4.3).
  const spans = conditionSpans(l, s), K = conditionWidth(l, s), logits = slice(hotPart(raw, l), [l.hot - K], [l.hot], [1]), pick = (x: Expr, i: Expr): Expr => takeAlongAxis(x, reshape(i, [s.batch, 1]), 1);
  return add(fooled, mean(sub(pick(spanLse(logits, spans), d.column!), pick(logits, d.condition))));
}

/** The inputs of turn `turn` of a step. */
export function drawnOf(l: Layout, s: GanSizes, data: Record<string, Expr>, step: Record<string, Expr>, turn: number): Drawn {
  const turns = s.criticSteps + 1, n = s.batch / s.pac, isCritic = turn < s.criticSteps, from = 3 * n * turn;
  return {
    z: at(normals(step.z!, [turns, s.batch, s.embedding]), turn), ...(step.u && { u: uniforms(at(step.u, turn)) }),
    masks: step.drop ? masksOf(data.pool!, slice(step.drop, [from], [from + (isCritic ? 3 : 1) * n], [1])) : [],
    ...(step.condition && { condition: at(step.condition, turn), column: step.column! }),
    ...(isCritic && { real: rowVector(data, l, at(step.rows!, turn)), mix: reshape(uniforms(at(step.mix!, turn)), [n, 1]), ...(step.realCondition && { realCondition: at(step.realCondition, turn) }) }),
  };
}
export function ganSpec(l: Layout, s: GanSizes, fit: EncodedRows, rates: GanRates): TrainSpec {
  const { generator, critic } = ganParams(l, s), own = { ...optimiser, l2: rates.l2 }, draw = (data: Record<string, Expr>, step: Record<string, Expr>, turn: number): Drawn => drawnOf(l, s, data, step, turn);
  return {
    params: { ...generator, ...critic },
    data: { ...rowData(fit, l).specs, ...(s.dropout > 0 && { pool: { shape: [poolRows, s.hidden], dtype: 'float32' as const } }) }, step: stepInputs(l, s),
    turns: Array.from({ length: s.criticSteps }, (_, t) => ({ name: 'critic', params: Object.keys(critic), optimiser: own, loss: ({ params, data, step }) => ({ loss: criticTurn(params, draw(data, step, t), l, s, rates.penalty) }) })),
    loss: ({ params, data, step }) => ({ loss: generatorTurn(params, draw(data, step, s.criticSteps), l, s) }),
    optimiser: { ...own, ...(rates.ema && { ema: rates.ema, emaWarmup: true }) },
  };
}
export function ganData(l: Layout, s: GanSizes, fit: EncodedRows, seed: number): Record<string, Values> {
  const u = new KeyStream(seed, 'gan/pool').uniforms(0, s.dropout > 0 ? poolRows * s.hidden : 0);
  return { ...rowData(fit, l).values, ...(s.dropout > 0 && { pool: Float32Array.from(u, (v) => (v < s.dropout ? 0 : 1 / (1 - s.dropout))) }) };
}

/** Everything random about steps [from, from + count): a function of the seed and the step alone. */
export class StepDraws {
  private readonly specs; private readonly streams = new Map<string, KeyStream>();
  constructor(l: Layout, private readonly s: GanSizes, private readonly rows: number, private readonly conditions: Conditions | undefined, private readonly seed: number, private readonly label: string) { this.specs = stepInputs(l, s); }
  private stream(name: string): KeyStream {
    let own = this.streams.get(name);
    if (!own) this.streams.set(name, (own = new KeyStream(this.seed, `${this.label}/${name}`)));
    return own;
  }
  make(from: number, count: number): Record<string, Values> {
    const { s, specs } = this, B = s.batch, turns = s.criticSteps + 1, out: Record<string, Values> = {};
    for (const name of ['z', 'u', 'mix', 'drop']) if (specs[name]) out[name] = wordsOf(this.stream(name), specs[name], from, count);
    if (out.drop) for (let i = 0; i < out.drop.length; i++) out.drop[i]! &= poolRows - 1;
    const perStep = s.criticSteps * B, u = this.stream('rows').uniforms(from * perStep, count * perStep);
    if (!this.conditions) return { ...out, rows: Int32Array.from(u, (v) => Math.floor(v * this.rows)) };
    const fake = this.conditions.draw(this.stream('condition'), from * turns * B, count * turns * B), column = new Int32Array(count * B);
    const real = { column: new Int32Array(count * perStep), code: new Int32Array(count * perStep) }, realCondition = new Int32Array(count * perStep);
    for (let k = 0; k < count; k++) {
      column.set(fake.column.subarray((k * turns + s.criticSteps) * B, (k + 1) * turns * B), k * B);
      for (let t = 0; t < s.criticSteps; t++) {
        // The same conditions for the real rows as for the made ones, in another order, so that packs differ.
        const order = this.stream('order').permutation((from + k) * s.criticSteps + t, B), base = (k * turns + t) * B, to = (k * s.criticSteps + t) * B;
        for (let i = 0; i < B; i++) { const j = base + order[i]!; real.column[to + i] = fake.column[j]!; real.code[to + i] = fake.code[j]!; realCondition[to + i] = fake.index[j]!; }
      }
    }
    return { ...out, condition: fake.index, column, realCondition, rows: this.conditions.rows(real, u) };
  }
}

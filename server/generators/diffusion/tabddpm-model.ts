/**
 * TabDDPM's network and loss: Kotelnikov et al., "TabDDPM: Modelling Tabular Data with Diffusion Models" (ICML 2023), equations 5 and 9 and section 4;
 * checked against the formulas of the published implementation (github.com/yandex-research/tab-ddpm).
 *
 *   x = Linear(x_t) + Linear(silu(Linear(sinusoidal(t)))) [+ condition],  MLP with ReLU -> noise (numbers), logits of x_0 (categories)
 *   loss = T KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)) / C + mean squared error of the noise
 *
 * Differences from the published code: categories enter as one-hots instead of their logarithms (0 and -69: an affine change of the first layer),
 * and the condition's token may be dropped, for guidance.
 */
import {
  add, at, cast, concat, constant, floor, gather, mean, minimum, mul, neg, reshape, slice, spanOneHot, sub, sum, uniform, where, equal, square,
  type Expr, type ParamSpec, type TrainSpec,
} from '../../engine';
import { conditionParams, conditionSpecs, conditionVector, keepCondition, rowSpecs, type ConditionLayout } from '../blocks/guidance';
import { linear, linearParams, mlp, mlpParams, type Dropped, type Params } from '../blocks/mlp';
import { logMix, logMixCertain, logOneMinus, logPosterior, noiseCodes, priorKl, spanKl, spanLogSoftmax, spansOf, type PosteriorTimes } from '../blocks/multinomial-diffusion';
import { noiseSchedule, strides, type NoiseSchedule, type ScheduleName } from '../blocks/noise-schedule';
import { sinusoidal, timeMlp, timeMlpParams } from '../blocks/time-embedding';
import type { PrivateSpec } from '../../privacy/clipping/private-trainer';
import { noiseSpecs, normalRows, type NoiseWidths } from './inputs';
import { exampleRows, rowWords } from './private';

export interface Sizes { width: number; layers: number; time: number; timesteps: number; schedule: ScheduleName; prediction: 'noise' | 'velocity'; batch: number; dropout: number; dropCondition: number }
export interface Model { layout: ConditionLayout; condition?: ConditionLayout; sizes: Sizes }

export const widthOf = ({ numbers, sizes }: ConditionLayout): number => numbers + sizes.reduce((a, b) => a + b, 0);

export function parameters({ layout, condition, sizes: s }: Model): Record<string, ParamSpec> {
  return {
    ...linearParams('proj', widthOf(layout), s.time), ...timeMlpParams('time', s.time),
    ...(condition && conditionParams('condition', condition, s.time)),
    ...mlpParams('mlp', { input: s.time, hidden: new Array<number>(s.layers).fill(s.width), output: widthOf(layout) }),
  };
}

/**
 * The network's raw output [B, N + W] at noised rows.
 * @param x [B, N + W]: noised numbers, one-hots of noised categories; @param t float [B, 1], 0 .. T - 1
 * @param condition the condition's vector, [B, time] or [1, time]
 */
export function network(params: Params, { sizes: s }: Model, x: Expr, t: Expr, condition?: Expr, drop?: Dropped): Expr {
  let h = add(linear(params, 'proj', x), timeMlp(params, 'time', sinusoidal(t, s.time)));
  if (condition) h = add(h, condition);
  return mlp(params, 'mlp', h, s.layers, { activation: 'relu', ...(drop && { drop }) });
}

/** Rows at one time, noised. */
export interface Noised { numbers?: Expr; codes?: Expr }
export function joined({ layout }: Model, { numbers, codes }: Noised): Expr {
  const parts = [...(layout.numbers > 0 ? [numbers!] : []), ...(layout.sizes.length > 0 ? [spanOneHot(codes!, spansOf(layout.sizes))] : [])];
  return parts.length > 1 ? concat(parts, 1) : parts[0];
}
export const numbersOf = ({ layout }: Model, out: Expr): Expr => slice(out, [0], [layout.numbers], [1]);
export const logitsOf = ({ layout }: Model, out: Expr): Expr => slice(out, [layout.numbers], [widthOf(layout)], [1]);

/** Columns of `timeTable`. */
const [SQRT_BAR, SQRT_REST, BAR, LOG_ALPHA, LOG_1ALPHA, LOG_TO, LOG_1TO] = [0, 1, 2, 3, 4, 5, 6];
/** What the loss needs to know about every time: [T, 7]. */
function timeTable(schedule: NoiseSchedule): Expr {
  const rows = strides(schedule, schedule.steps).reverse().flatMap((s) => [Math.sqrt(s.alphaBar), Math.sqrt(1 - s.alphaBar), s.alphaBar, Math.log(s.alpha), logOneMinus(s.alpha), Math.log(s.alphaBarTo), logOneMinus(s.alphaBarTo)]);
  return constant(Float32Array.from(rows), [schedule.steps, 7]);
}

export interface Batch {
  /** int32 [B] */
  t: Expr;
  /** x_0 and what noises it: numbers [B, N] with noise [B, N]; codes int32 [B, C] with the noised ones. */
  numbers?: Expr; noise?: Expr; codes?: Expr; noised?: Expr;
  condition?: Expr; drop?: Dropped;
}
/** The hybrid loss and its parts, scalars: means over rows of `hybridLosses`. */
export function hybridLoss(params: Params, model: Model, batch: Batch): { loss: Expr; metrics: Record<string, Expr> } {
  const rows = hybridLosses(params, model, batch), metrics = Object.fromEntries(Object.entries(rows).map(([name, x]) => [name, mean(x)]));
  return { loss: Object.values(metrics).reduce((a, b) => add(a, b)), metrics };
}
/** The parts of each row's loss, [B] each; their sum is its loss. */
export function hybridLosses(params: Params, model: Model, batch: Batch): Record<string, Expr> {
  const { layout, sizes: s } = model, schedule = noiseSchedule(s.schedule, s.timesteps), times = gather(timeTable(schedule), batch.t);
  const time = (k: number): Expr => slice(times, [k], [k + 1], [1]);
  const x = batch.numbers && batch.noise && add(mul(batch.numbers, time(SQRT_BAR)), mul(batch.noise, time(SQRT_REST)));
  const out = network(params, model, joined(model, { ...(x && { numbers: x }), ...(batch.noised && { codes: batch.noised }) }), reshape(cast(batch.t, 'float32'), [-1, 1]), batch.condition, batch.drop);
  const parts: Record<string, Expr> = {};
  if (layout.sizes.length > 0) {
    const spans = spansOf(layout.sizes), start = spanOneHot(batch.codes!, spans), now = spanOneHot(batch.noised!, spans);
    const of: PosteriorTimes = { logAlpha: time(LOG_ALPHA), log1Alpha: time(LOG_1ALPHA), logBarTo: time(LOG_TO), log1BarTo: time(LOG_1TO) };
    const truth = logPosterior(logMixCertain(start, of.logBarTo, of.log1BarTo, layout.sizes), now, of, layout.sizes);
    const predicted = logPosterior(logMix(spanLogSoftmax(logitsOf(model, out), layout.sizes), of.logBarTo, of.log1BarTo, layout.sizes), now, of, layout.sizes);
    // At the first time the data themselves are decoded: their negative log-likelihood.
    const kl = where(equal(batch.t, 0), neg(sum(mul(start, predicted), { axes: 1 })), spanKl(truth, predicted));
    const prior = priorKl(schedule.alphaBar[s.timesteps - 1], layout.sizes);
    parts.multinomial = mul(add(mul(kl, s.timesteps), prior), 1 / layout.sizes.length);
  }
  if (layout.numbers > 0) {
    const guess = numbersOf(model, out);
    // Velocity (Salimans & Ho 2022, section 4): sqrt(bar) noise - sqrt(1 - bar) x_0.
    const target = s.prediction === 'noise' ? batch.noise! : sub(mul(batch.noise!, time(SQRT_BAR)), mul(batch.numbers!, time(SQRT_REST)));
    parts.gaussian = mean(square(sub(target, guess)), { axes: 1 });
  }
  return parts;
}

/** Uniforms a row takes: to keep and to replace each category, and to drop the condition. */
export const noiseWidths = ({ layout, condition, sizes }: Model): NoiseWidths => ({ normals: layout.numbers, uniforms: 2 * layout.sizes.length + (condition && sizes.dropCondition > 0 ? 1 : 0) + (sizes.dropout > 0 ? sizes.layers : 0) });

/** Dropout masks are rows of a pool [2048, width], picked by a row's bits: a random number for every unit would cost more than the step. */
export const poolRows = 2048;

/** Training as the engine wants it, over `rows` encoded rows. */
export function trainSpec(model: Model, rows: number, optimiser: TrainSpec['optimiser'], training = true): TrainSpec {
  const { layout, condition, sizes: s } = model, widths = noiseWidths(model), drops = training && s.dropout > 0;
  return {
    params: parameters(model),
    data: {
      ...rowSpecs(layout, rows),
      ...conditionSpecs(condition, rows),
      ...(drops && { pool: { shape: [poolRows, s.width], dtype: 'float32' as const } }),
    },
    step: noiseSpecs(s.batch, widths),
    loss({ params, data, step }) {
      const own = Object.fromEntries(Object.keys(data).filter((name) => name !== 'pool').map((name) => [name, gather(data[name], step.rows)]));
      const { batch, used } = batchOf(model, params, own, step);
      if (drops) batch.drop = (h, layer) => mul(h, gather(data.pool, poolRow(at(slice(step.uniforms, [used], [used + s.layers], [1]), layer, 1))));
      return hybridLoss(params, model, batch);
    },
    ...(optimiser && { optimiser }),
  };
}
/** Rows noised to times of their own, from the step's times [B, 1] in (0, 1) and bits; `used`: bits taken of `uniforms`. */
function batchOf(model: Model, params: Params, own: Record<string, Expr>, step: Record<string, Expr>): { batch: Batch; used: number } {
  const { layout, condition, sizes: s } = model, N = layout.numbers, C = layout.sizes.length, bits = (from: number, to: number): Expr => slice(step.uniforms, [from], [to], [1]);
  const t = cast(minimum(floor(mul(reshape(step.time, [-1]), s.timesteps)), s.timesteps - 1), 'int32'), batch: Batch = { t };
  let used = 0;
  if (N > 0) { batch.numbers = own.numbers; batch.noise = normalRows(step.normals, N); }
  if (C > 0) {
    const bar = gather(timeTable(noiseSchedule(s.schedule, s.timesteps)), t);
    batch.codes = own.codes;
    batch.noised = noiseCodes(batch.codes, slice(bar, [BAR], [BAR + 1], [1]), uniform(bits(0, C)), uniform(bits(C, 2 * C)), layout.sizes);
    used = 2 * C;
  }
  if (condition) {
    const keep = s.dropCondition > 0 ? keepCondition(uniform(bits(used, used + 1)), s.dropCondition) : undefined;
    used += s.dropCondition > 0 ? 1 : 0;
    batch.condition = conditionVector(params, 'condition', condition, { ...(own.conditionNumbers && { numbers: own.conditionNumbers }), ...(own.conditionCodes && { codes: own.conditionCodes }) }, keep);
  }
  return { batch, used };
}
/** The losses of rows already picked, under a privacy budget (without dropout). */
export function privateSpec(model: Model, clip: number, ema: number): PrivateSpec {
  return {
    params: parameters(model), rows: exampleRows(model), noise: rowWords(noiseWidths(model)),
    losses: ({ params, rows, noise }) => Object.values(hybridLosses(params, model, batchOf(model, params, rows, { ...noise, time: uniform(noise.time!) }).batch)).reduce((a, b) => add(a, b)),
    clip, optimiser: { ema },
  };
}
const poolRow = (bits: Expr): Expr => cast(floor(mul(uniform(bits), poolRows)), 'int32');

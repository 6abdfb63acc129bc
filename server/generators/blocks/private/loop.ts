/**
 * The training loop of generators under differential privacy. Against loop.ts: batches are Poisson samples, the number of steps is fixed by a warm-up that reads no row, the noise is
 * calibrated to it, every stretch of steps is charged before its noise is drawn, and nothing is chosen by looking: no validation, no best weights, no losses shown.
 *
 *   const trainer = await PrivateTrainer.open(device, spec, privateData(privacy, data, batch));
 *   const { weights, decisions } = await privateLoop({ context, device, trainer, steps: 2000, rate: (step, of) => cosine(step, of, 2e-3), weights: () => trainer.weights('ema') });
 */
import { packState, unpackState, type Device, type NamedArray } from '../../../engine';
import { UserError } from '../../../errors';
import { noiseWithin } from '../../../privacy/accountant/calibrate';
import type { PrivateData, PrivateTrainer } from '../../../privacy/clipping/private-trainer';
import { BudgetExhausted } from '../../../privacy/ledger/budget';
import type { Event } from '../../../privacy/accountant/mechanism';
import { needsSlack, precisionOf } from '../../../privacy/accountant/worth';
import type { FitContext, PrivateFit } from '../../generator';
import type { Weights } from '../loop';

/** Recorded in the plan: public numbers, none of them learnt from a row. `sigma` is the noise multiplier that is charged. */
export interface PrivateDecisions { steps: number; q: number; sigma: number; piece: number }

export interface PrivateLoopOptions {
  context: FitContext & { privacy: PrivateFit };
  device: Device;
  /** The caller releases it. */
  trainer: PrivateTrainer;
  /** The most steps; the time budget may allow fewer. */
  steps: number;
  rate(step: number, of: number): number;
  /** The weights that sampling needs, as they are now. */
  weights(): Weights;
  /** After every update, for networks that learn from noised ones alone (a GAN's generator): post-processing, given no row. */
  after?(step: number, of: number): Promise<void>;
  /** Seconds `after` takes, measured by the caller before; for the number of steps. */
  afterSeconds?: number;
  /** State of `after`, saved and restored with the trainer's. */
  others?: Record<string, { save(): Uint8Array; restore(bytes: Uint8Array): void }>;
  /** Seconds this loop may take; default: nine tenths of the budget, counted from now. */
  seconds?: number;
  /** Mechanisms that this fit itself has charged before, or will charge beside the training: their precision is not the training's. Nearly Gaussian ones first, in the order of their charges. */
  charged?: readonly Event[];
}
export interface PrivatelyTrained { weights: Weights; decisions: PrivateDecisions; /** steps done: fewer than decided where the budget ended the training */ done: number; exhausted: boolean }

/** Charges to a training: a resume loses the rest of one. */
const pieces = 8;
const checkpointEvery = 5000;

/** The data of a trainer, from a fit's guarantee. */
export const privateData = (privacy: PrivateFit, data: PrivateData['data'], expectedBatch: number, more: Pick<PrivateData, 'mostRows' | 'make'> = {}): PrivateData => ({ data, noise: privacy.noise, publicRows: privacy.rows, expectedBatch: Math.min(expectedBatch, privacy.rows), ...more });
/** @throws Error where no guarantee was asked for */
export function withPrivacy(context: FitContext): FitContext & { privacy: PrivateFit } {
  if (!context.privacy) throw new Error('a private fit without a guarantee to keep');
  return context as FitContext & { privacy: PrivateFit };
}

/**
 * The least noise multiplier for so many steps, whatever rate, steps and events were chosen by: the filter's precisions add up.
 * @throws UserError (usage) where what is left of the budget suffices for none
 */
export function calibrated(privacy: PrivateFit, q: number, steps: number, charged: readonly Event[] = []): number {
  let { precision, slack } = privacy.left;
  for (const e of charged) { precision -= precisionOf(e, slack); if (needsSlack(e.mechanism)) slack /= 2; }
  // A thousandth is kept: the accountant's grid is another one at the multiplier that is charged, a little above.
  const sigma = noiseWithin({ precision: precision * 0.999, slack }, { q, steps });
  if (sigma === undefined) throw new UserError(`What is left of the privacy budget (epsilon ${privacy.epsilon} in all) does not suffice for any training.`, {}, 'Raise epsilon, or let the encoding of the columns spend less.', 'usage');
  return sigma;
}

/**
 * Trains to the end, or until the budget is exhausted, with the last valid weights; from the context's checkpoint where there is one. All steps are set aside with the first piece (that they were planned is what
 * the accountant's figure rests on), and pieces are charged one by one: a resume charges its own steps, with noise from a new key, and ends when as many as were planned have been charged, lost ones too.
 * @throws BudgetExhausted when not even the first steps are allowed
 */
export async function privateLoop(options: PrivateLoopOptions): Promise<PrivatelyTrained> {
  const { context, trainer, device } = options, { privacy } = context, earlier = context.resume && read(context.resume);
  if (earlier) { trainer.restore(earlier.trainer); for (const [n, o] of Object.entries(options.others ?? {})) o.restore(earlier.others[n]!); }
  const recorded = (context.resolved as { decisions?: PrivateDecisions } | undefined)?.decisions ?? earlier?.decisions;
  await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
  const decisions = recorded ?? await decide(options);
  const keep = (): Promise<void> => context.checkpoint(write(options, decisions), { decisions });
  // Before anything is charged: another plan, after a stop, would be another training, and this one's budget is set aside.
  if (!recorded) await keep();
  // The rate that is run is the rate that is charged, whatever an earlier attempt recorded.
  const plan = trainer.plan(decisions.sigma), { steps } = decisions, { q } = trainer, flat = trainer.groups.length === 1;
  let allowed = trainer.steps, exhausted = false, saved = performance.now();
  const started = performance.now(), from = trainer.steps;
  while (trainer.steps < steps) {
    if (trainer.steps === allowed) {
      if (trainer.steps > from) { await keep(); saved = performance.now(); }
      const got = await charge(Math.min(decisions.piece, steps - trainer.steps), (count) => privacy.charge({
        purpose: 'training', mechanism: { kind: 'subsampled-gaussian', q, sigma: plan.multiplier }, count, of: steps,
        // Of groups: in units of each group's own noise, in which the step is one Gaussian mechanism (groups.ts).
        ...(flat ? { sensitivity: trainer.groups[0]!.clip, noise: plan.sds[0]! } : { sensitivity: 1 / plan.multiplier, noise: 1 }),
      }), trainer.steps > 0);
      if (got === 0) { exhausted = true; break; }
      allowed += got;
    }
    await trainer.step(plan, options.rate(trainer.steps, steps));
    await options.after?.(trainer.steps - 1, steps);
    const done = trainer.steps, pace = (performance.now() - started) / (done - from);
    await context.progress({ phase: 'training', fraction: done / steps, step: done, steps, device: device.info, secondsLeft: ((steps - done) * pace) / 1000 });
    if (performance.now() - saved > checkpointEvery) { await keep(); saved = performance.now(); }
  }
  return { weights: options.weights(), decisions, done: trainer.steps, exhausted };
}

/** As many of the steps as the budget allows, by halves: 0 where it allows none. */
async function charge(count: number, write: (count: number) => Promise<void>, trained: boolean): Promise<number> {
  for (let n = count; ; n = Math.floor(n / 2)) {
    if (n === 0) return 0;
    try { await write(n); return n; } catch (error) {
      // Without a step there is no model to keep.
      if (!(error instanceof BudgetExhausted) || (n === 1 && !trained)) throw error;
    }
  }
}

/** The number of steps from the clock, the noise from the number of steps. No row is read. */
async function decide(options: PrivateLoopOptions): Promise<PrivateDecisions> {
  const { context, trainer } = options, began = performance.now();
  const perStep = await trainer.timeStep(trainer.plan(1)) + (options.afterSeconds ?? 0);
  const left = (options.seconds ?? 0.9 * context.budgetSeconds) - (performance.now() - began) / 1000;
  const steps = Math.max(1, Math.min(options.steps, Math.max(20, Math.floor(left / perStep))));
  // The multiplier charged is the plan's, a little above the one asked for.
  const sigma = calibrated(context.privacy, trainer.q, steps, options.charged);
  return { steps, q: trainer.q, sigma, piece: Math.max(1, Math.ceil(steps / pieces)) };
}

/** Bytes travel as float32 words, padded to a multiple of four, their length in the record. */
function write({ trainer, others = {} }: PrivateLoopOptions, decisions: PrivateDecisions): Uint8Array {
  const states: Array<[string, Uint8Array]> = [['trainer', trainer.save()], ...Object.entries(others).map(([n, o]): [string, Uint8Array] => [`other/${n}`, o.save()])];
  return packState({ decisions: JSON.stringify(decisions), lengths: Object.fromEntries(states.map(([n, b]) => [n, b.length])) }, states.map(([name, bytes]): NamedArray => {
    const values = new Float32Array(Math.ceil(bytes.length / 4));
    new Uint8Array(values.buffer).set(bytes);
    return { name, shape: [values.length], values };
  }));
}
function read(bytes: Uint8Array): { decisions: PrivateDecisions; trainer: Uint8Array; others: Record<string, Uint8Array> } {
  const { meta, arrays } = unpackState(bytes), lengths = meta.lengths as Record<string, number>;
  const states = Object.fromEntries(arrays.map((a) => [a.name, new Uint8Array(a.values.buffer, a.values.byteOffset, lengths[a.name]!)]));
  return { decisions: JSON.parse(meta.decisions as string) as PrivateDecisions, trainer: states.trainer!, others: Object.fromEntries(Object.entries(states).flatMap(([n, b]) => (n.startsWith('other/') ? [[n.slice(6), b]] : []))) };
}

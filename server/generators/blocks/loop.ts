/**
 * The training loop that network generators share: a timed warm-up that turns the budget into a number of steps, chunks of steps well under
 * a second, progress and cancel, validation with the best weights kept, checkpoints, and a resume that ends in the same bytes.
 */
import { packState, unpackState, type Device, type NamedArray, type Trainer } from '../../engine';
import type { FitContext, TrainingCurve } from '../generator';

/** What the warm-up decides; recorded in the plan, and read on a repeat instead of the clock. */
export interface Decisions { steps: number; chunk: number; evaluateEvery: number }

export type Weights = Record<string, { shape: readonly number[]; values: Float32Array }>;

export interface LoopOptions {
  context: FitContext;
  device: Device;
  /** Everything with a state of its own, under names that stay the same from version to version. The caller releases them. */
  trainers: Record<string, Trainer>;
  /**
   * Runs steps [from, from + count) and returns their mean loss. Must be a function of the seed, the step numbers and the trainers' state
   * alone, so that any split of the steps gives the same bytes; `of` is the number of steps decided (for schedules).
   */
  run(from: number, count: number, of: number): Promise<number>;
  /** The most steps, from the hyper-parameters (epochs times steps an epoch). The budget may allow fewer. */
  steps: number;
  /** Fewest steps between two validations; default: a 25th of the steps. */
  evaluateEvery?: number;
  /** The weights that sampling needs, as they are now. */
  weights(): Weights;
  /** Mean validation loss of given weights; absent, or without validation rows: the last weights are kept. */
  validate?(weights: Weights): Promise<number>;
  /** Validations without improvement after which training ends. Default: never, only the best weights are kept. */
  patience?: number;
  /** Share of the fit that this loop is (for progress), and where it begins; for generators that train in stages. */
  share?: { from: number; of: number };
  /** Seconds this loop may take; default: what is left of nine tenths of the budget, counted from now. */
  seconds?: number;
  /** Set by a generator of several stages: its own key in `resolved`, and its own bytes of an earlier checkpoint. */
  stage?: { name: string; resolved?: Decisions; resume?: Uint8Array; checkpoint(state: Uint8Array, decisions: Decisions): Promise<void> };
}
export interface Trained { weights: Weights; curve: TrainingCurve; decisions: Decisions }

interface Memory { decisions: Decisions; curve: TrainingCurve; done: number; best: string; bestStep: number; waited: number; ended: boolean }
const millisecondsPerChunk = 250, checkpointEvery = 5000;

/** Trains to the end, from the context's checkpoint where there is one. `context.resolved` and `resolved` hold `{ decisions }`. */
export async function trainLoop(options: LoopOptions): Promise<Trained> {
  const { context, trainers, stage } = options, began = performance.now(), { from: shareFrom, of: shareOf } = options.share ?? { from: 0, of: 1 };
  const bytes = stage ? stage.resume : context.resume, earlier = bytes && readLoop(bytes);
  const recorded = (stage ? stage.resolved : (context.resolved as { decisions?: Decisions } | undefined)?.decisions) ?? earlier?.memory.decisions;
  if (earlier) for (const [name, trainer] of Object.entries(trainers)) trainer.restore(earlier.trainers[name]!);
  const decisions = recorded ?? await warmUp(options, began);
  const memory: Memory = earlier?.memory ?? { decisions, curve: { steps: [], loss: [], validationSteps: [], validation: [] }, done: 0, best: 'Infinity', bestStep: 0, waited: 0, ended: false };
  let best = earlier?.best, saved = performance.now();
  const { curve } = memory, started = performance.now(), startedAt = memory.done;
  const keep = (): Promise<void> => {
    const state = writeLoop(trainers, memory, best);
    return stage ? stage.checkpoint(state, decisions) : context.checkpoint(state, { decisions });
  };
  while (memory.done < decisions.steps && !memory.ended) {
    // Chunks end at validations, so that these fall on the same steps whatever the chunk.
    const count = Math.min(decisions.chunk, decisions.steps - memory.done, decisions.evaluateEvery - (memory.done % decisions.evaluateEvery));
    const loss = await options.run(memory.done, count, decisions.steps);
    memory.done += count;
    curve.steps.push(memory.done);
    curve.loss.push(loss);
    if (!Number.isFinite(loss)) { curve.note = `The loss was no longer a number after step ${memory.done}; ${best ? `the weights of step ${memory.bestStep} are kept` : 'training ended there'}.`; memory.ended = true; break; }
    if (options.validate && context.validation.rows > 0 && (memory.done % decisions.evaluateEvery === 0 || memory.done === decisions.steps)) {
      const weights = options.weights(), value = await options.validate(weights);
      curve.validationSteps.push(memory.done);
      curve.validation.push(value);
      if (value < Number(memory.best)) { memory.best = String(value); memory.bestStep = memory.done; memory.waited = 0; best = weights; }
      else if (++memory.waited >= (options.patience ?? Infinity)) memory.ended = true;
    }
    const pace = (performance.now() - started) / (memory.done - startedAt);
    await context.progress({
      phase: 'training', fraction: shareFrom + shareOf * (memory.ended ? 1 : memory.done / decisions.steps), step: memory.done, steps: decisions.steps, loss, device: options.device.info,
      secondsLeft: ((decisions.steps - memory.done) * pace) / 1000, ...(curve.validation.length > 0 && { validationLoss: curve.validation.at(-1)! }),
    });
    if (performance.now() - saved > checkpointEvery) { await keep(); saved = performance.now(); }
  }
  if (best) {
    curve.stoppedAt = memory.bestStep;
    if (memory.bestStep < memory.done) curve.note ??= `The validation loss was least after step ${memory.bestStep} of ${memory.done}; those weights are kept.`;
  } else curve.stoppedAt = memory.done;
  return { weights: best ?? options.weights(), curve, decisions };
}

/** Times a few steps, decides the numbers of steps and chunks, and puts every trainer back as it was. */
async function warmUp(options: LoopOptions, began: number): Promise<Decisions> {
  const { context, trainers, steps } = options;
  await context.progress({ phase: 'warming-up', fraction: options.share?.from ?? 0 });
  const fresh = Object.entries(trainers).map(([name, t]) => [name, t.save()] as const);
  await options.run(0, 2, steps);
  let seconds = Infinity;
  for (let i = 0; i < 2; i++) {
    const t = performance.now();
    await options.run(2 + 3 * i, 3, steps);
    seconds = Math.min(seconds, (performance.now() - t) / 3000);
  }
  for (const [name, state] of fresh) trainers[name]!.restore(state);
  const allowed = options.seconds ?? 0.9 * context.budgetSeconds, left = allowed - (performance.now() - began) / 1000;
  const decided = Math.max(1, Math.min(steps, Math.max(20, Math.floor(left / seconds))));
  return { steps: decided, chunk: Math.max(1, Math.min(200, Math.round(millisecondsPerChunk / 1000 / seconds))), evaluateEvery: Math.max(1, Math.min(decided, Math.max(options.evaluateEvery ?? 1, Math.ceil(decided / 25)))) };
}

/** Bytes travel as float32 words: padded to a multiple of four, their length in the record. */
function words(name: string, bytes: Uint8Array): NamedArray {
  const values = new Float32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(values.buffer).set(bytes);
  return { name, shape: [values.length], values };
}
function writeLoop(trainers: Record<string, Trainer>, memory: Memory, best: Weights | undefined): Uint8Array {
  const states = Object.entries(trainers).map(([name, t]) => [name, t.save()] as const);
  return packState({ memory: JSON.stringify(memory), lengths: Object.fromEntries(states.map(([name, s]) => [name, s.length])) }, [
    ...states.map(([name, s]) => words(`trainer/${name}`, s)),
    ...Object.entries(best ?? {}).map(([name, w]) => ({ name: `best/${name}`, shape: w.shape, values: w.values })),
  ]);
}
function readLoop(bytes: Uint8Array): { memory: Memory; trainers: Record<string, Uint8Array>; best?: Weights } {
  const { meta, arrays } = unpackState(bytes), lengths = meta.lengths as Record<string, number>;
  const trainers: Record<string, Uint8Array> = {}, best: Weights = {};
  for (const a of arrays) {
    const at = a.name.indexOf('/'), kind = a.name.slice(0, at), name = a.name.slice(at + 1);
    if (kind === 'trainer') trainers[name] = new Uint8Array(a.values.buffer, a.values.byteOffset, lengths[name]);
    else best[name] = { shape: a.shape, values: a.values };
  }
  return { memory: JSON.parse(meta.memory as string) as Memory, trainers, ...(Object.keys(best).length > 0 && { best }) };
}

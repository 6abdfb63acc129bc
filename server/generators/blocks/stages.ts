/** Training in two stages, the second starting from what the first learnt (an autoencoder, then a model of its codes): budget, progress, checkpoints, resume. */
import { packState, unpackState } from '../../engine';
import type { FitContext } from '../generator';
import type { Decisions, LoopOptions, Trained, Weights } from './loop';

type Part = Required<Pick<LoopOptions, 'stage' | 'share' | 'seconds'>>;
export interface Stages {
  /** Names of the stages in `resolved.stages`. */
  names: readonly [string, string];
  /** The first stage's share of the time. */
  share: number;
  /** Seconds for both. */
  seconds: number;
  /** Each trains with `trainLoop` and hands it `part`. */
  first(part: Part): Promise<Trained>;
  second(learnt: Weights, part: Part): Promise<Trained>;
}

/** `context.resolved` and `resolved` hold `{ stages: { <name>: decisions } }`. */
export async function twoStages(context: FitContext, { names, share, seconds, first, second }: Stages): Promise<{ learnt: Weights; trained: Trained; resolved: { stages: Record<string, Decisions> } }> {
  const saved = context.resume && read(context.resume);
  const resolved = { stages: { ...(saved?.resolved ?? {}), ...((context.resolved as { stages?: Record<string, Decisions> } | undefined)?.stages ?? {}) } };
  const part = (at: 0 | 1, learnt: Weights): Part => ({
    stage: {
      name: names[at], ...(resolved.stages[names[at]] && { resolved: resolved.stages[names[at]]! }), ...(saved?.at === at && { resume: saved.state }),
      async checkpoint(state, decisions) {
        resolved.stages[names[at]] = decisions;
        await context.checkpoint(write(at, state, resolved.stages, learnt), resolved);
      },
    },
    share: at ? { from: share, of: 1 - share } : { from: 0, of: share }, seconds: Math.max(1, seconds * (at ? 1 - share : share)),
  });
  let learnt = saved?.learnt ?? {};
  if (saved?.at !== 1) { const done = await first(part(0, {})); learnt = done.weights; resolved.stages[names[0]] = done.decisions; }
  const trained = await second(learnt, part(1, learnt));
  resolved.stages[names[1]] = trained.decisions;
  return { learnt, trained, resolved };
}

/** Bytes travel as float32 words: padded to a multiple of four, their length in the record. */
function write(at: number, state: Uint8Array, resolved: Record<string, Decisions>, learnt: Weights): Uint8Array {
  const values = new Float32Array(Math.ceil(state.length / 4));
  new Uint8Array(values.buffer).set(state);
  return packState({ at, length: state.length, resolved: JSON.stringify(resolved) }, [{ name: 'loop', shape: [values.length], values }, ...Object.entries(learnt).map(([n, w]) => ({ name: `learnt/${n}`, shape: w.shape, values: w.values }))]);
}
function read(bytes: Uint8Array): { at: number; state: Uint8Array; resolved: Record<string, Decisions>; learnt: Weights } {
  const { meta, arrays } = unpackState(bytes), loop = arrays.find((a) => a.name === 'loop')!.values;
  return {
    at: meta.at as number, state: new Uint8Array(loop.buffer, loop.byteOffset, meta.length as number), resolved: JSON.parse(meta.resolved as string) as Record<string, Decisions>,
    learnt: Object.fromEntries(arrays.filter((a) => a.name.startsWith('learnt/')).map((a) => [a.name.slice(7), { shape: a.shape, values: a.values }])),
  };
}

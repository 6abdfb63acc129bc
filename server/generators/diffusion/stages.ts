/** A fit of two trainings, one after the other: what a checkpoint and the recorded decisions hold of each. */
import { packState, unpackState } from '../../engine';
import { trainLoop, type Decisions, type LoopOptions, type Trained, type Weights } from '../blocks/loop';
import type { FitContext } from '../generator';

type Stage = 'first' | 'second';
export interface TwoStages { first?: Decisions; second?: Decisions }
/** What the first stage left for the second. */
interface Saved { stage: Stage; decisions: TwoStages; curve?: Trained['curve'] }

export class Stages {
  private readonly saved?: Saved & { bytes: Uint8Array; weights: Weights };
  private readonly decisions: TwoStages;
  /** The first stage's outcome: from the checkpoint, where it was written in the second. */
  finished?: Trained;
  constructor(private readonly context: FitContext) {
    const recorded = (context.resolved as { decisions?: TwoStages } | undefined)?.decisions;
    if (context.resume) {
      const { meta, arrays } = unpackState(context.resume), record = JSON.parse(meta.record as string) as Saved, state = arrays.find((a) => a.name === 'state')!;
      const weights = Object.fromEntries(arrays.filter((a) => a.name.startsWith('w/')).map((a) => [a.name.slice(2), { shape: a.shape, values: a.values }]));
      this.saved = { ...record, weights, bytes: new Uint8Array(state.values.buffer, state.values.byteOffset, meta.length as number) };
      if (record.stage === 'second') this.finished = { weights, curve: record.curve!, decisions: record.decisions.first! };
    }
    this.decisions = { ...this.saved?.decisions, ...recorded };
  }
  /** Everything decided so far. */
  get resolved(): TwoStages { return this.decisions; }

  /** Runs one stage's loop, with its share of the budget and of the progress bar. */
  async run(stage: Stage, share: { from: number; of: number; seconds: number }, options: Omit<LoopOptions, 'context' | 'share' | 'seconds' | 'stage'>): Promise<Trained> {
    const { context, saved } = this;
    const trained = await trainLoop({
      ...options, context, share: { from: share.from, of: share.of }, seconds: share.seconds,
      stage: {
        name: stage, ...(this.decisions[stage] && { resolved: this.decisions[stage] }), ...(saved?.stage === stage && { resume: saved.bytes }),
        checkpoint: async (bytes, decisions) => {
          this.decisions[stage] = decisions;
          const words = new Float32Array(Math.ceil(bytes.length / 4));
          new Uint8Array(words.buffer).set(bytes);
          const record: Saved = { stage, decisions: this.decisions, ...(this.finished && { curve: this.finished.curve }) };
          await context.checkpoint(packState({ record: JSON.stringify(record), length: bytes.length }, [
            { name: 'state', shape: [words.length], values: words }, ...Object.entries(stage === 'second' ? this.finished!.weights : {}).map(([n, w]) => ({ name: `w/${n}`, shape: w.shape, values: w.values })),
          ]), { decisions: this.decisions });
        },
      },
    });
    this.decisions[stage] = trained.decisions;
    if (stage === 'first') this.finished = trained;
    return trained;
  }
}

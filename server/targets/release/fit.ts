import { promises as fs } from 'node:fs';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../../generators/generator';
import type { DeviceChoice } from '../../protocol';
import { writeWhole } from '../files';
import { systemError } from '../source';

/** One fit of a run: what it learns, where its state lies, what an earlier attempt decided. */
export interface FitJob {
  /** Made only when they are needed. */
  tables(): Pick<FitContext, 'fit' | 'validation' | 'outcome'>;
  seed: number; budgetSeconds: number; device: DeviceChoice; protection: FitContext['protection'];
  /** A guarantee to be kept. */
  privacy?: FitContext['privacy'];
  resolved?: Record<string, unknown>;
  files: { checkpoint: string; model: string; curve: string };
  /** Whether an earlier attempt of the same run may have left something. */
  resume: boolean;
  log(message: string): void;
  progress: FitContext['progress'];
  /** The decisions of the fit's warm-up; awaited before anything rests on them. `device` once it is known. */
  decided(resolved: Record<string, unknown>, device?: FittedGenerator['device']): Promise<void>;
}

export interface Fit { fitted: FittedGenerator; resolved: Record<string, unknown>; curve?: TrainingCurve }

/**
 * The fitted generator: from its model file where an earlier attempt finished fitting, else from its checkpoint, else from nothing. It is always loaded from the
 * saved bytes, so that a resumed run and an uninterrupted one take the same path.
 */
export async function fitOrLoad(generator: Generator, parameters: Record<string, unknown>, job: FitJob): Promise<Fit> {
  const { checkpoint, model, curve } = job.files;
  const saved = job.resume ? await readIf(model) : undefined;
  if (saved) {
    job.log('the fit was finished before; going on with its model');
    const kept = await readIf(curve);
    return { fitted: await generator.load(saved, job.device), resolved: job.resolved ?? {}, ...(kept && { curve: JSON.parse(Buffer.from(kept).toString('utf8')) as TrainingCurve }) };
  }
  const resume = job.resume ? await readIf(checkpoint) : undefined;
  if (resume) job.log(`going on from a checkpoint of ${resume.length} bytes`);
  const fitted = await generator.fit({
    ...job.tables(), seed: job.seed, device: job.device, budgetSeconds: job.budgetSeconds, protection: job.protection, ...(job.privacy && { privacy: job.privacy }),
    ...(job.resolved && { resolved: job.resolved }), ...(resume && { resume }),
    progress: job.progress,
    checkpoint: async (state, resolved) => {
      await job.decided(resolved);
      await writeWhole(checkpoint, state);
    },
  }, parameters);
  const bytes = fitted.save();
  const learnt = fitted.curve;
  const resolved = fitted.resolved;
  await job.decided(resolved, fitted.device);
  if (learnt) await writeWhole(curve, JSON.stringify(learnt));
  // The model comes last: where it is, everything before it is.
  await writeWhole(model, bytes);
  await fitted.dispose();
  return { fitted: await generator.load(bytes, fitted.device.name), resolved, ...(learnt && { curve: learnt }) };
}

const readIf = (path: string): Promise<Uint8Array | undefined> =>
  fs.readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw systemError(error, path, 'read');
  });

/** The fits of a run, one after the other: every one from its own model file or checkpoint where an earlier attempt left one. */
import type { FitContext, Generator } from '../generators/generator';
import type { Plan } from '../protocol';
import { Stream } from '../random';
import { fitOrLoad, type Fit } from './release/fit';
import type { ReleaseJob } from './release/job';

/** One fit. `key` tells its files from the others'; seeds must differ. */
export interface FitTask { key: string; seed: number; missing?: FitContext['missing']; first?: FitContext['first']; tables(): Pick<FitContext, 'fit' | 'validation' | 'outcome'> }

/** Every task has the plan's seed in a stream of its own; the first the plan's itself. */
export const taskSeed = (plan: Plan, name: string): number => (name === '' ? plan.seed : new Stream(plan.seed, name).uint32());

/**
 * Fits all tasks; what one leaves of its share of the budget goes to those after it. The caller disposes of them.
 * @throws what a fit throws; those made before are disposed of
 */
export async function fitAll(tasks: readonly FitTask[], plan: Plan, job: ReleaseJob, generator: Generator, parameters: Record<string, unknown>): Promise<Fit[]> {
  const N = tasks.length, fits: Fit[] = [], earlier = plan.resolved?.fits, resolved = Array.isArray(earlier) ? (earlier as Array<Record<string, unknown>>).slice(0, N) : [];
  const began = Date.now();
  try {
    for (const [k, task] of tasks.entries()) {
      const spent = (Date.now() - began) / 1000, label = N > 1 ? `model ${k + 1} of ${N}` : '';
      const file = (path: string): string => (task.key === '' ? path : `${path}.${task.key}`);
      fits.push(await fitOrLoad(generator, parameters, {
        tables: () => ({ ...task.tables(), ...(task.missing && { missing: task.missing }), ...(task.first && { first: task.first }) }), seed: task.seed, protection: plan.protection, resume: job.resume,
        budgetSeconds: Math.max(plan.budgetSeconds / N / 2, (plan.budgetSeconds - spent) / (N - k)), device: plan.resolvedDevice ?? fits[0]?.fitted.device.name ?? plan.device, ...(resolved[k] && { resolved: resolved[k] }),
        files: { checkpoint: file(job.files.checkpoint), model: file(job.files.model), curve: file(job.files.curve) },
        log: (message) => job.log(label ? `${label}: ${message}` : message),
        progress: async ({ fraction, secondsLeft, message, ...p }) => {
          const took = (Date.now() - began) / 1000, left = secondsLeft === undefined ? undefined : secondsLeft + ((N - 1 - k) * (took + secondsLeft)) / (k + 1), said = [label, message ?? ''].filter(Boolean).join(', ');
          job.meter.report({ ...p, fraction: (k + fraction) / N, ...(left !== undefined && { secondsLeft: left }), ...(said && { message: said }) });
          await job.breathe();
        },
        decided: async (decisions, device) => { resolved[k] = decisions; await job.decided({ fits: [...resolved] }, device); },
      }));
      resolved[k] = fits[k]!.resolved;
      await job.decided({ fits: [...resolved] }, fits[k]!.fitted.device);
    }
    return fits;
  } catch (error) {
    for (const { fitted } of fits) await fitted.dispose();
    throw error;
  }
}

import type { RowLikelihoods } from '../../evaluation/metric';
import type { FittedGenerator, Generator, TrainingCurve } from '../../generators/generator';
import type { DeviceInfo, Plan } from '../../protocol';
import { concatRows } from '../../table/columns';
import { shuffledRows, Stream } from '../../random';
import { protectTable, type Protection } from '../../table/protect';
import type { Table } from '../../table/table';
import { fitOrLoad, type Fit } from './fit';
import type { Part, Parts } from './parts';
import type { ReleaseJob } from './job';

/** The modelled columns of the release, and the tables of the folds that it was drawn from where it is cross-fitted, in the order of the parts. */
export interface Drawn { synthetic: Table; samples?: Table[]; /** what each model says of real rows, where it can and there is a control */ likelihoods: Array<RowLikelihoods | undefined>; curve?: TrainingCurve; device: DeviceInfo }

/** What is judged of a fold's model is a table as large as the release, but no larger than this: a leak grows with the rows, a sample shows it. */
const mostJudged = 20_000;

/**
 * Fits every part, one after the other, and draws the release from them.
 *
 * One part: all rows are its model's. Several: every model draws a whole table, which the evaluation judges on the rows that this model never saw; the release
 * takes an equal number of rows of each at random, and shuffles them. So what is judged are the very models that made the release.
 */
export async function fitAndDraw(parts: Parts, plan: Plan, job: ReleaseJob, generator: Generator, parameters: Record<string, unknown>, outcome: string | undefined, rows: number): Promise<Drawn> {
  const K = parts.fits.length, fits: Fit[] = [];
  try {
    const protections = parts.fits.map((part, k) => protectTable(part.fit, { ...plan.protection, seed: seedOf(plan, k), ends: part.fold ? parts.training.take(part.fold.training) : parts.training }));
    const resolved = resolvedOf(plan, K);
    // What one fit leaves of its share of the budget goes to those after it.
    let took = 0;
    for (const [k, part] of parts.fits.entries()) {
      const began = Date.now();
      fits.push(await fitOrLoad(generator, parameters, {
        ...fitJob(plan, job, part, k, K), budgetSeconds: Math.max(plan.budgetSeconds / K / 2, (plan.budgetSeconds - took) / (K - k)), device: plan.resolvedDevice ?? fits[0]?.fitted.device.name ?? plan.device, ...(resolved[k] && { resolved: resolved[k] }),
        tables: () => ({ fit: protections[k]!.apply(part.fit), validation: protections[k]!.apply(part.validation), ...(outcome !== undefined && { outcome }) }),
        progress: async ({ fraction, secondsLeft, message, ...p }) => {
          // Until this fit knows its pace, those before it tell: fits of equally many rows take about as long.
          const own = secondsLeft ?? (took > 0 ? Math.max(0, took / k - (Date.now() - began) / 1000) : undefined);
          const left = own === undefined ? undefined : own + (K - 1 - k) * ((took + (Date.now() - began) / 1000 + own) / (k + 1));
          const said = [K > 1 ? `model ${k + 1} of ${K}` : '', message ?? ''].filter(Boolean).join(', ');
          job.meter.report({ ...p, fraction: (k + fraction) / K, ...(left !== undefined && { secondsLeft: left }), ...(said && { message: said }) });
          await job.breathe();
        },
        decided: async (decisions, device) => {
          resolved[k] = decisions;
          await job.decided(K === 1 ? decisions : { folds: [...resolved] }, device);
        },
      }));
      took += (Date.now() - began) / 1000;
      resolved[k] = fits[k]!.resolved;
      await job.decided(K === 1 ? resolved[0]! : { folds: [...resolved] }, fits[k]!.fitted.device);
    }
    job.meter.begin('sampling');
    const { device } = fits[0]!.fitted;
    job.meter.report({ fraction: 0, device });
    const share = shares(rows, K), each = K === 1 ? rows : Math.max(share[0]!, Math.min(rows, mostJudged)), samples: Table[] = [], likelihoods: Drawn['likelihoods'] = [];
    for (const [k, { fitted }] of fits.entries()) {
      const drawn = await fitted.sample(each, {
        // A stream of its own: rows must not reuse the draws that the fit made under the plan's seed.
        seed: (seedOf(plan, k) ^ 0x9e3779b9) >>> 0,
        progress: async (done) => {
          job.meter.report({ fraction: (0.9 * (k + done / each)) / K, message: K > 1 ? `${done} of ${each} rows, model ${k + 1} of ${K}` : `${done} of ${each} rows` });
          await job.breathe();
        },
      });
      samples.push(protections[k]!.concealTable(drawn, seedOf(plan, k)));
      const { fold } = parts.fits[k]!, training = fold ? parts.training.take(fold.training) : parts.training, control = fold ? parts.training.take(fold.control) : parts.control;
      likelihoods.push(control && await likelihoodsOf(fitted, protections[k]!, { training, control }, seedOf(plan, k), () => job.breathe()));
      await job.breathe();
    }
    const { curve } = fits[0]!;
    return {
      synthetic: K === 1 ? samples[0]! : mixed(samples, share, plan.seed), ...(K > 1 && { samples }), likelihoods, device,
      ...(curve && { curve: K === 1 ? curve : { ...curve, note: [`The first of ${K} models.`, curve.note].filter(Boolean).join(' ') } }),
    };
  } finally {
    for (const { fitted } of fits) await fitted.dispose();
  }
}

/** log p of as many rows of each table as the model can say it of in a reasonable time, drawn at random by the seed; prepared as the fitted rows were. */
async function likelihoodsOf({ likelihood }: FittedGenerator, protection: Protection, tables: Record<'training' | 'control', Table>, seed: number, breathe: () => Promise<void>): Promise<RowLikelihoods | undefined> {
  if (!likelihood) return undefined;
  const of = async (part: 'training' | 'control') => {
    const rows = shuffledRows(seed, `likelihood ${part}`, tables[part].rows).slice(0, likelihood.rows).sort();
    return { rows, nats: await likelihood.of(protection.apply(tables[part].take(rows)), { seed: new Stream(seed, `likelihood seed ${part}`).uint32(), progress: breathe }) };
  };
  return { training: await of('training'), control: await of('control') };
}

/** The first model has the plan's own seed; every other one its own, so that no two make the same draws. */
const seedOf = (plan: Plan, k: number): number => (k === 0 ? plan.seed : new Stream(plan.seed, `fold ${k}`).uint32());

const fitJob = (plan: Plan, job: ReleaseJob, part: Part, k: number, K: number) => ({
  seed: seedOf(plan, k), protection: plan.protection, resume: job.resume,
  files: part.fold ? { checkpoint: `${job.files.checkpoint}.${k}`, model: `${job.files.model}.${k}`, curve: `${job.files.curve}.${k}` } : job.files,
  log: (message: string) => job.log(K > 1 ? `model ${k + 1} of ${K}: ${message}` : message),
});

/** What earlier attempts decided, fit by fit. */
function resolvedOf(plan: Plan, K: number): Array<Record<string, unknown>> {
  if (K === 1) return plan.resolved ? [plan.resolved] : [];
  const folds = plan.resolved?.folds;
  return Array.isArray(folds) ? (folds as Array<Record<string, unknown>>).slice(0, K) : [];
}

/** `rows` in K nearly equal shares, larger ones first. */
const shares = (rows: number, K: number): number[] => Array.from({ length: K }, (_, k) => Math.floor(rows / K) + (k < rows % K ? 1 : 0));

/** So many rows of each table, drawn without repetition, all shuffled together. */
function mixed(samples: readonly Table[], share: readonly number[], seed: number): Table {
  const chosen = samples.map((t, k) => t.take(shuffledRows(seed, `release ${k}`, t.rows).slice(0, share[k]).sort()));
  const all = concatRows(chosen);
  return all.take(shuffledRows(seed, 'release', all.rows));
}

import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { FittedGenerator, Generator, TrainingCurve } from '../../generators/generator';
import { findGenerator } from '../../generators/registry';
import type { DeviceInfo, Plan, TableProfile } from '../../protocol';
import { writeIpc } from '../../table/columns';
import { withFreshColumns } from '../../table/fresh';
import { protectTable } from '../../table/protect';
import type { Table } from '../../table/table';
import { writeTable } from '../../table/write';
import { place, removeTemporaries, temporaryBeside, writeWhole } from '../files';
import type { ProgressMeter, Stage } from '../progress';
import { assertUnchanged, sha256, systemError } from '../source';
import { divide, modelledNames, type ControlWithout } from './parts';
import { readHoldout, understand } from './read';

/** What the release needs of the job it runs in. */
export interface ReleaseJob {
  /** The run's id: marks its temporary files. */
  id: string;
  meter: ProgressMeter;
  /** Awaited between pieces of work; throws once the user cancelled. */
  breathe(): Promise<void>;
  profiled(profile: TableProfile): void;
  log(message: string): void;
  /** The decisions of the fit's warm-up, to be kept with the plan; called whenever they changed. */
  decided(resolved: Record<string, unknown>, device: DeviceInfo | undefined): Promise<void>;
  /** Whether a file that lies under an output's name may be replaced. */
  mayReplace(path: string): Promise<boolean>;
  /** Files of the run's folder. */
  files: { checkpoint: string; model: string; curve: string; synthetic: string };
  /** Whether an earlier attempt of the same run left something to go on from. */
  resume: boolean;
}

/** What the evaluation takes over, all restricted to the modelled columns. */
export interface Released {
  training: Table; synthetic: Table; control?: Table;
  /** Rows of the source that `training` holds. */
  trainingRows: Int32Array;
  /** Where the control comes from, in words. */
  controlHow: string;
  /** Columns to leave out of comparisons with the control. */
  controlWithout?: ControlWithout;
  source: { rows: number; columns: number };
  profile: TableProfile;
  outcome?: { column: string; guessed: boolean };
  curve?: TrainingCurve; device: DeviceInfo;
  /** Where the synthetic table is, how many rows it has, and the SHA-256 of its bytes. */
  out: string; rows: number; outSha256: string;
  notes: string[];
}

/** The stages before the evaluation, weighted by about what they take for a file of this size. */
export function releaseStages(plan: Plan): Stage[] {
  const mb = plan.source.bytes / 1e6;
  return [
    { phase: 'reading', seconds: 0.3 + mb / 20 }, { phase: 'profiling', seconds: 0.2 + mb / 20 }, { phase: 'preparing', seconds: 0.2 + mb / 20 },
    { phase: 'training', seconds: plan.budgetSeconds }, { phase: 'sampling', seconds: 0.5 + mb / 2 }, { phase: 'writing', seconds: 0.2 + mb / 20 },
  ];
}

/**
 * Purpose *release*: rows from the plug-in distribution. Reads the source, learns its modelled columns, draws as many rows as
 * the plan says, replaces what must not be learnt, and writes a table of the source's own form under its name only when whole.
 * Same plan, seed and device: same bytes, also when killed anywhere and resumed.
 * @throws UserError for anything the user can act on; nothing is left under the output's name then.
 */
export async function release(plan: Plan, job: ReleaseJob): Promise<Released> {
  const { meter } = job;
  const entry = findGenerator(plan.generator.id);
  if (!entry) throw new UserError(`There is no generator "${plan.generator.id}".`, {}, 'See "understudy generators".', 'usage');

  meter.begin('reading', basename(plan.source.path));
  const generator = await entry.load();
  const parameters = checkedParameters(generator, plan);
  await assertUnchanged(plan.source, 'before it could be read');
  const { source, profile } = await understand({
    path: plan.source.path, columns: plan.columns, ...(plan.outcome !== undefined && { outcome: plan.outcome }), k: plan.protection.k,
    plan: { budgetSeconds: plan.budgetSeconds, ...(plan.rows !== undefined && { rows: plan.rows }) },
  }, async () => {
    await assertUnchanged(plan.source, 'while it was being read');
    meter.begin('profiling');
    await job.breathe();
  });
  job.profiled(profile);
  const holdout = plan.holdout && (await readHoldout(plan.holdout.path, source));
  const outcome = profile.outcome && modelledNames(source).includes(profile.outcome.column) ? { column: profile.outcome.column, guessed: profile.outcome.guessed } : undefined;
  await job.breathe();

  meter.begin('preparing');
  const parts = divide(source, plan, outcome?.column, holdout);
  const protection = protectTable(parts.fit, { ...plan.protection, seed: plan.seed });
  job.log(`${parts.fit.rows} rows to fit, ${parts.validation.rows} to validate, ${parts.control?.rows ?? 0} control (${parts.how})`);
  await job.breathe();

  meter.begin('training');
  const tables = () => ({ fit: protection.apply(parts.fit), validation: protection.apply(parts.validation), ...(outcome && { outcome: outcome.column }) });
  const model = await fitOrLoad(plan, job, generator, parameters, tables);
  try {
    await job.decided(model.resolved, model.fitted.device);
    const rows = plan.rows ?? source.rows;
    meter.begin('sampling');
    meter.report({ fraction: 0, device: model.fitted.device });
    const drawn = await model.fitted.sample(rows, {
      // A stream of its own: rows must not reuse the draws that the fit made under the plan's seed.
      seed: (plan.seed ^ 0x9e3779b9) >>> 0,
      progress: async (done) => {
        meter.report({ fraction: (0.9 * done) / rows, message: `${done} of ${rows} rows` });
        await job.breathe();
      },
    });
    const modelled = protection.concealTable(drawn, plan.seed);
    await job.breathe();
    const whole = await withFreshColumns(source, modelled, plan.seed);

    meter.begin('writing', basename(plan.out));
    const out = await write(whole, plan, job);
    const late = await assertUnchanged(plan.source, 'during the run').then(() => [], (error: unknown) => [`${basename(plan.source.path)} ${error instanceof Error ? error.message : ''} The run used it as it was when it began.`]);
    return {
      training: parts.training, trainingRows: parts.trainingRows, synthetic: modelled, ...(parts.control && { control: parts.control }), controlHow: parts.how, ...(parts.controlWithout && { controlWithout: parts.controlWithout }),
      source: { rows: source.rows, columns: source.columns.length }, profile, ...(outcome && { outcome }),
      ...(model.curve && { curve: model.curve }), device: model.fitted.device,
      out, rows, outSha256: await sha256(out), notes: late,
    };
  } finally {
    await model.fitted.dispose();
  }
}

function checkedParameters(generator: Generator, plan: Plan): Record<string, unknown> {
  const result = generator.parameters.safeParse(plan.generator.parameters);
  if (result.success) return result.data as Record<string, unknown>;
  const issue = result.error.issues[0]!;
  const known = Object.keys(generator.parameters.shape).join(', ');
  throw new UserError(`The generator ${plan.generator.id} does not take this: ${issue.path.join('.') || 'parameters'}: ${issue.message}.`, {}, `Its parameters are ${known || 'none'}.`, 'usage');
}

/** The fitted generator, from the run's folder where an earlier attempt finished fitting, else from its checkpoint, else from nothing. */
async function fitOrLoad(
  plan: Plan, job: ReleaseJob, generator: Generator, parameters: Record<string, unknown>, tables: () => { fit: Table; validation: Table; outcome?: string },
): Promise<{ fitted: FittedGenerator; resolved: Record<string, unknown>; curve?: TrainingCurve }> {
  const device = plan.resolvedDevice ?? plan.device;
  const { checkpoint, model, curve } = job.files;
  const saved = job.resume ? await readIf(model) : undefined;
  if (saved) {
    job.log('the fit was finished before; going on with its model');
    const kept = await readIf(curve);
    return { fitted: await generator.load(saved, device), resolved: plan.resolved ?? {}, ...(kept && { curve: JSON.parse(Buffer.from(kept).toString('utf8')) as TrainingCurve }) };
  }
  const resume = job.resume ? await readIf(checkpoint) : undefined;
  if (resume) job.log(`going on from a checkpoint of ${resume.length} bytes`);
  const fitted = await generator.fit({
    ...tables(), seed: plan.seed, device, budgetSeconds: plan.budgetSeconds, protection: plan.protection,
    ...(plan.resolved && { resolved: plan.resolved }), ...(resume && { resume }),
    progress: async (p) => {
      job.meter.report(p);
      await job.breathe();
    },
    checkpoint: async (state, resolved) => {
      await job.decided(resolved, undefined);
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
  // Sampling always starts from the saved bytes, so that a resumed run and an uninterrupted one take the same path.
  return { fitted: await generator.load(bytes, fitted.device.name), resolved, ...(learnt && { curve: learnt }) };
}

async function write(table: Table, plan: Plan, job: ReleaseJob): Promise<string> {
  const beside = temporaryBeside(plan.out, job.id);
  await removeTemporaries(plan.out, job.id);
  try {
    await writeTable(table, beside);
    const kept = temporaryBeside(job.files.synthetic);
    await writeIpc(table, kept);
    await fs.rename(kept, job.files.synthetic);
    await job.breathe();
  } catch (error) {
    await fs.rm(beside, { force: true });
    const told = systemError(error, plan.out, 'written');
    // The user knows the output by its own name, not by the one it is written under.
    if (told instanceof UserError && told.place.file === basename(beside)) throw new UserError(told.message, { ...told.place, file: basename(plan.out) }, told.hint, told.code);
    throw told;
  }
  return place(beside, plan.out, (path) => job.mayReplace(path));
}

const readIf = (path: string): Promise<Uint8Array | undefined> =>
  fs.readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw systemError(error, path, 'read');
  });

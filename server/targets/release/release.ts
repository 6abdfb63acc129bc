import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { FoldTables } from '../../evaluation/evaluate';
import type { Generator, TrainingCurve } from '../../generators/generator';
import { automatic, chooseGenerator, factsOf, type Choice } from '../../generators/auto';
import { findGenerator } from '../../generators/registry';
import type { DeviceInfo, Plan, TableProfile } from '../../protocol';
import { writeIpc } from '../../table/columns';
import { withFreshColumns } from '../../table/fresh';
import type { Table } from '../../table/table';
import { writeTable } from '../../table/write';
import { place, removeTemporaries, temporaryBeside } from '../files';
import type { ProgressMeter, Stage } from '../progress';
import { assertUnchanged, sha256, systemError } from '../source';
import { fitAndDraw } from './draw';
import { checkDeclared, keyNames } from './declared';
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
  /** Of a cross-fitted release: what each model learnt, a table it drew, and the rows it never saw, which are its control; then `control` is absent. */
  folds?: FoldTables[];
  /** The columns that order rows and say whose they are, where some were named. */
  keys?: { training: Table; synthetic: Table };
  source: { rows: number; columns: number };
  profile: TableProfile;
  outcome?: { column: string; guessed: boolean };
  curve?: TrainingCurve; device: DeviceInfo;
  /** Where the synthetic table is, how many rows it has, and the SHA-256 of its bytes. */
  out: string; rows: number; outSha256: string;
  /** The generator that made it: the plan's, or what `auto` came to. */
  generator: string;
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
  meter.begin('reading', basename(plan.source.path));
  // A generator named by the user is checked before anything is read; `auto` needs to see the table.
  const named = plan.generator.id === automatic.id ? undefined : await loaded(plan.generator.id, plan.generator.parameters);
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
  checkDeclared(source, plan, plan.source.path);
  const holdout = plan.holdout && (await readHoldout(plan.holdout.path, source));
  const outcome = profile.outcome && modelledNames(source).includes(profile.outcome.column) ? { column: profile.outcome.column, guessed: profile.outcome.guessed } : undefined;
  await job.breathe();

  const { choice, generator, parameters } = named ?? (await chosen(plan, source.select(modelledNames(source))));
  if (choice) job.log(`auto: ${choice.id}. ${choice.why}`);

  meter.begin('preparing');
  const parts = divide(source, plan, outcome?.column, holdout);
  job.log(parts.fits.map((p) => `${p.fit.rows} rows to fit, ${p.validation.rows} to validate`).join('; ') + `; ${parts.control?.rows ?? 0} control (${parts.how})`);
  await job.breathe();

  meter.begin('training');
  const rows = plan.rows ?? source.rows;
  const { synthetic, samples, curve, device } = await fitAndDraw(parts, plan, job, generator, parameters, outcome?.column, rows);
  const whole = await withFreshColumns(source, synthetic, plan.seed);

  meter.begin('writing', basename(plan.out));
  const out = await write(whole, plan, job);
  const keys = keyNames(plan);
  const late = await assertUnchanged(plan.source, 'during the run').then(() => [], (error: unknown) => [`${basename(plan.source.path)} ${error instanceof Error ? error.message : ''} The run used it as it was when it began.`]);
  const folds = samples && parts.fits.map(({ fold }, k) => ({ training: parts.training.take(fold!.training), control: parts.training.take(fold!.control), synthetic: samples[k]!, rows: fold! }));
  return {
    training: parts.training, trainingRows: parts.trainingRows, synthetic, ...(parts.control && { control: parts.control }), controlHow: parts.how, ...(parts.controlWithout && { controlWithout: parts.controlWithout }),
    ...(folds && { folds }), ...(keys.length && !folds && { keys: { training: source.take(parts.trainingRows).select(keys), synthetic: whole.select(keys) } }), source: { rows: source.rows, columns: source.columns.length }, profile, ...(outcome && { outcome }), ...(curve && { curve }), device,
    out, rows, outSha256: await sha256(out), generator: choice?.id ?? plan.generator.id, notes: [...(choice ? [`The generator was chosen automatically: ${choice.id}. ${choice.why}`] : []), ...late],
  };
}

interface Loaded { generator: Generator; parameters: Record<string, unknown>; choice?: Choice }

async function loaded(id: string, parameters: Record<string, unknown>): Promise<Loaded> {
  const entry = findGenerator(id);
  if (!entry) throw new UserError(`There is no generator "${id}".`, {}, 'See "understudy generators".', 'usage');
  const generator = await entry.load();
  return { generator, parameters: checkedParameters(generator, id, parameters) };
}
/** What `auto` comes to for this table. @throws UserError (usage) when settings were given, which are some generator's own */
async function chosen(plan: Plan, modelled: Table): Promise<Loaded> {
  if (Object.keys(plan.generator.parameters).length > 0) throw new UserError('The generator is chosen automatically, and settings are a generator\'s own.', {}, 'Name one with --generator, or leave --param out.', 'usage');
  const choice = chooseGenerator(factsOf(modelled, plan.budgetSeconds));
  return { ...(await loaded(choice.id, {})), choice };
}

function checkedParameters(generator: Generator, id: string, given: Record<string, unknown>): Record<string, unknown> {
  const result = generator.parameters.safeParse(given);
  if (result.success) return result.data as Record<string, unknown>;
  const issue = result.error.issues[0]!;
  const known = Object.keys(generator.parameters.shape).join(', ');
  const message = issue.code === 'unrecognized_keys'
    ? `The generator ${id} has no setting ${issue.keys.map((k) => `"${k}"`).join(', ')}.`
    : `The setting "${issue.path.join('.')}" of the generator ${id} cannot be ${JSON.stringify(issue.path.reduce((v: unknown, k) => (v as Record<PropertyKey, unknown> | undefined)?.[k], given))}: ${issue.message.replace(/^Too (big|small): expected \w+ to be/, 'it must be')}.`;
  throw new UserError(message, {}, `Its settings are ${known || 'none'}.`, 'usage');
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

import { basename } from 'node:path';
import { UserError } from '../../errors';
import { automatic } from '../../generators/auto';
import type { Plan } from '../../protocol';
import { withFreshColumns } from '../../table/fresh';
import type { Table } from '../../table/table';
import type { Stage } from '../progress';
import { assertUnchanged, sha256 } from '../source';
import { checkDeclared, keyNames } from './declared';
import { fitAndDraw } from './draw';
import { chosen, loaded } from './generator';
import type { Released, ReleaseJob } from './job';
import { write } from './output';
import { divide, modelledNames } from './parts';
import { privateRelease } from './private/release';
import { readHoldout, understand } from './read';

export type { Released, ReleaseJob } from './job';

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
  if (plan.privacy) return privateRelease(plan, job);
  // A guarantee that was asked for is never left out in silence.
  if (plan.target?.purpose === 'release' && plan.target.privacy) throw new UserError('The target asks for a privacy budget that the run was not given.', {}, 'Give it to the run itself: --epsilon, --delta and --declare-schema, or a .synth file with a privacy clause.', 'usage');
  const { meter } = job;
  meter.begin('reading', basename(plan.source.path));
  // A generator named by the user is checked before anything is read; `auto` needs to see the table.
  const named = plan.generator.id === automatic.id ? undefined : await loaded(plan.generator.id, plan.generator.parameters);
  await assertUnchanged(plan.source, 'before it could be read');
  const { source: read, profile } = await understand({
    path: plan.source.path, columns: plan.columns, ...(plan.outcome !== undefined && { outcome: plan.outcome }), k: plan.protection.k,
    plan: { budgetSeconds: plan.budgetSeconds, ...(plan.rows !== undefined && { rows: plan.rows }) },
  }, async () => {
    await assertUnchanged(plan.source, 'while it was being read');
    meter.begin('profiling');
    await job.breathe();
  });
  const left = withoutRows(read, plan.suppress ?? []), source = left?.table ?? read;
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
    training: parts.training, trainingRows: left ? parts.trainingRows.map((r) => left.rows[r]) : parts.trainingRows, synthetic, ...(parts.control && { control: parts.control }), controlHow: parts.how, ...(parts.controlWithout && { controlWithout: parts.controlWithout }),
    ...(folds && { folds }), ...(keys.length && !folds && { keys: { training: source.take(parts.trainingRows).select(keys), synthetic: whole.select(keys) } }), source: { rows: source.rows, columns: source.columns.length }, profile, ...(outcome && { outcome }), ...(curve && { curve }), device,
    out, rows, outSha256: await sha256(out), generator: choice?.id ?? plan.generator.id, notes: [...(left ? [`${read.rows - source.rows} of the ${read.rows} rows were left out, as asked.`] : []), ...(choice ? [`The generator was chosen automatically: ${choice.id}. ${choice.why}`] : []), ...late],
  };
}

/** The table without some rows, and which rows are left; undefined where none of them is in it. */
function withoutRows(table: Table, suppress: readonly number[]): { table: Table; rows: Int32Array } | undefined {
  const gone = new Set(suppress), rows = Int32Array.from({ length: table.rows }, (_, r) => r).filter((r) => !gone.has(r));
  return rows.length < table.rows ? { table: table.take(rows), rows } : undefined;
}

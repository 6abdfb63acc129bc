import { basename } from 'node:path';
import { automatic } from '../../generators/auto';
import type { Plan, TableProfile } from '../../protocol';
import type { Table } from '../../table/table';
import { assertUnchanged } from '../source';
import { checkDeclared } from './declared';
import { chosen, loaded, type Loaded } from './generator';
import type { ReleaseJob } from './job';
import { modelledNames } from './parts';
import { readHoldout, understand } from './read';

/** What every run without a privacy budget begins with: the source as it may be learnt, the control, the outcome, and the generator. */
export interface Opened {
  source: Table; profile: TableProfile;
  /** Columns that are learnt. */
  names: string[];
  holdout?: Table;
  outcome?: { column: string; guessed: boolean };
  /** The file's row of a row of `source`, which lacks what is suppressed. */
  fileRow(row: number): number;
  generator: Loaded['generator']; parameters: Loaded['parameters'];
  /** Of the generator that is used, also where `auto` chose it. */
  generatorId: string;
  notes: string[];
}

/**
 * Reads and profiles a plan's source, without the rows it suppresses, and settles what will learn it.
 * @throws UserError for a file, a declaration or a setting that does not fit
 */
export async function openSource(plan: Plan, job: ReleaseJob): Promise<Opened> {
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
  const left = withoutRows(read, plan.suppress ?? []), source = left?.table ?? read, names = modelledNames(source);
  job.profiled(profile);
  checkDeclared(source, plan, plan.source.path);
  const holdout = plan.holdout && (await readHoldout(plan.holdout.path, source));
  const outcome = profile.outcome && names.includes(profile.outcome.column) ? { column: profile.outcome.column, guessed: profile.outcome.guessed } : undefined;
  await job.breathe();

  const { choice, generator, parameters } = named ?? (await chosen(plan, source.select(names)));
  if (choice) job.log(`auto: ${choice.id}. ${choice.why}`);
  return {
    source, profile, names, ...(holdout && { holdout }), ...(outcome && { outcome }), fileRow: left ? (row) => left.rows[row]! : (row) => row, generator, parameters, generatorId: choice?.id ?? plan.generator.id,
    notes: [...(left ? [`${read.rows - source.rows} of the ${read.rows} rows were left out, as asked.`] : []), ...(choice ? [`The generator was chosen automatically: ${choice.id}. ${choice.why}`] : [])],
  };
}

/** The table without some rows, and which rows are left; undefined where none of them is in it. */
function withoutRows(table: Table, suppress: readonly number[]): { table: Table; rows: Int32Array } | undefined {
  const gone = new Set(suppress), rows = Int32Array.from({ length: table.rows }, (_, r) => r).filter((r) => !gone.has(r));
  return rows.length < table.rows ? { table: table.take(rows), rows } : undefined;
}

/** A note where the file changed after it was read; the run goes on with what it has. */
export async function changedSince(plan: Plan): Promise<string[]> {
  return assertUnchanged(plan.source, 'during the run').then(() => [], (error: unknown) => [`${basename(plan.source.path)} ${error instanceof Error ? error.message : ''} The run used it as it was when it began.`]);
}

import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { ColumnOverride, EvaluatePlan, TableProfile } from '../../protocol';
import { chooseGenerator, factsOf } from '../../generators/auto';
import { refineKinds } from '../../table/kinds';
import type { EstimateOptions } from '../../table/estimate';
import { profileTable } from '../../table/profile';
import { readTable, readTableWithReport } from '../../table/read';
import type { Table } from '../../table/table';
import { conform } from '../conform';
import { fileState } from '../source';
import { checkDeclared, keyNames } from './declared';
import { modelledNames, timesApart, type ControlWithout } from './parts';

/** A source read and understood: its columns' kinds decided, its profile made. */
export interface Understood { source: Table; profile: TableProfile }

interface Asked { path: string; columns: Record<string, ColumnOverride>; outcome?: string; k?: number; plan?: EstimateOptions; /** how many of a column's most frequent values the profile lists */ values?: number }

/**
 * Reads a table and says what its columns are.
 * @param between awaited between reading and profiling, where the two are separate stages.
 * @throws UserError (input) for a table that cannot be read, a declaration that does not fit, an outcome that is not there.
 */
export async function understand({ path, columns, outcome, k, plan, values }: Asked, between: () => Promise<void> = async () => undefined): Promise<Understood & { /** as it was read */ table: Table }> {
  const { bytes } = await fileState(path);
  const { table, issues } = await readTableWithReport(path);
  await between();
  const inFile = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof UserError && error.place.file === undefined) throw new UserError(error.message, { ...error.place, file: basename(path) }, error.hint, error.code);
      throw error;
    }
  };
  const source = inFile(() => refineKinds(table, columns));
  const profile = inFile(() => profileTable(source, { path, bytes, ...(k !== undefined && { k }), ...(plan && { plan }), ...(values !== undefined && { values }) }));
  const learnt = modelledNames(source);
  if (source.rows > 0 && learnt.length > 0) {
    // Without a plan, the same default budget as the estimate's.
    const choice = chooseGenerator(factsOf(source.select(learnt), plan?.budgetSeconds ?? 45));
    profile.auto = { generator: choice.id, why: choice.why };
  }
  for (const issue of issues) profile.notes.push(`${issue.row === undefined ? '' : `row ${issue.row}, `}${issue.column === undefined ? '' : `column "${issue.column}": `}${issue.message}`);
  if (outcome !== undefined) {
    if (!modelledNames(source).includes(outcome)) {
      const there = source.schema.columns.some((c) => c.name === outcome);
      throw new UserError(there ? 'cannot be the outcome: it is not a column that is learnt.' : 'There is no column of this name to be the outcome.', { file: basename(path), column: outcome }, `Choose one of ${modelledNames(source).slice(0, 20).join(', ')}.`);
    }
    profile.outcome = { column: outcome, guessed: false, why: 'given' };
  }
  return { source, profile, table };
}

/** What each column of a file is and how it would be modelled. */
export const profileFile = async (path: string, columns: Record<string, ColumnOverride> = {}, values?: number): Promise<TableProfile> => (await understand({ path, columns, ...(values !== undefined && { values }) })).profile;

/** The user's own control table, its modelled columns as the source has them. @throws UserError (input) when it lacks one. */
export async function readHoldout(path: string, source: Table): Promise<Table> {
  const table = await readTable(path);
  return conform(table, source, modelledNames(source), path);
}

/** The tables of an evaluation, restricted to the columns that both sides have and that are modelled. */
export interface Compared extends Understood { training: Table; synthetic: Table; control?: Table; controlHow: string; controlWithout?: ControlWithout; keys?: { training: Table; synthetic: Table; control?: Table }; /** Columns that are not compared, where both tables have them: identifiers, personal data, text. */ aside?: { training: Table; synthetic: Table; control?: Table }; notes: string[] }

/** Reads what `evaluate` compares. @throws UserError (input) when the tables have no column in common, or cells do not fit. */
export async function readForEvaluation(plan: EvaluatePlan): Promise<Compared> {
  const { source, profile } = await understand({ path: plan.real, columns: plan.columns, ...(plan.outcome !== undefined && { outcome: plan.outcome }) });
  checkDeclared(source, plan, plan.real);
  const made = await readTable(plan.synthetic);
  const present = new Set(made.schema.columns.map((c) => c.name));
  const names = modelledNames(source).filter((n) => present.has(n));
  const absent = modelledNames(source).filter((n) => !present.has(n));
  const [real, other] = [basename(plan.real), basename(plan.synthetic)];
  if (names.length === 0) {
    const shared = source.schema.columns.filter((c) => present.has(c.name)).map((c) => c.name);
    throw new UserError(shared.length ? `shares only columns with ${real} that are not compared (${listed(shared)}: identifiers, personal data, free text or constants).` : `has no column of ${real}: its columns are ${listed([...present])}, those of ${real} ${listed(source.schema.columns.map((c) => c.name))}.`, { file: other }, shared.length ? 'Declare one with --column NAME=category.' : 'Columns are matched by name, letter for letter.');
  }
  if (plan.outcome !== undefined && !present.has(plan.outcome)) throw new UserError('lacks the outcome.', { file: other, column: plan.outcome }, `Choose one of ${listed(names)}, or leave --outcome out.`);
  const keys = keyNames(plan);
  for (const column of [...(plan.sensitive ?? []), ...keys]) if (!present.has(column)) throw new UserError('lacks a column that the evaluation was told of.', { file: other, column }, `Leave the option out, or choose one of ${listed(names)}.`);
  const more = [...present].filter((n) => !source.schema.columns.some((c) => c.name === n));
  const held = plan.holdout === undefined ? undefined : await readTable(plan.holdout), control = held && conform(held, source, names, plan.holdout!);
  const apart = source.schema.columns.filter((c) => asideKinds.has(c.kind) && present.has(c.name) && c.name !== plan.entity).map((c) => c.name);
  const without = control && timesApart(source, control), spelt: string[] = [];
  const synthetic = conform(made, source, names, plan.synthetic, (column, there, here) => spelt.push(`"${column}" (${there} for ${here})`));
  return {
    source, profile, training: source.select(names), synthetic, ...(control && { control }), ...(without && { controlWithout: without }),
    ...(keys.length && { keys: { training: source.select(keys), synthetic: conform(made, source, keys, plan.synthetic), ...(held && { control: conform(held, source, keys, plan.holdout!) }) } }),
    ...(apart.length && { aside: { training: source.select(apart), synthetic: made.select(apart), ...(held && apart.every((n) => held.schema.columns.some((c) => c.name === n)) && { control: held.select(apart) }) } }),
    controlHow: plan.holdout === undefined ? 'none was given' : `the holdout file ${basename(plan.holdout)}`,
    notes: [
      ...(spelt.length ? [`${other} spells values otherwise than ${real} in ${spelt.slice(0, 10).join(', ')}${spelt.length > 10 ? ` and ${spelt.length - 10} more columns` : ''}: they are compared as the same values.`] : []),
      ...(absent.length ? [`${other} lacks ${absent.length === 1 ? 'the column' : `${absent.length} of the ${modelledNames(source).length} compared columns of ${real}:`} ${listed(absent)}. ${absent.length === 1 ? 'It is' : 'They are'} not judged: every figure is over the other ${names.length === 1 ? 'one' : names.length}.`] : []),
      ...(more.length ? [`${other} has ${more.length === 1 ? 'a column' : 'columns'} that ${real} has not: ${listed(more)}.`] : []),
      ...(profile.outcome?.guessed && absent.includes(profile.outcome.column) ? [`The outcome, guessed to be "${profile.outcome.column}", is among the columns that ${other} lacks; choose another with --outcome.`] : []),
    ],
  };
}

/** What is never compared, and must not be the same. */
const asideKinds: ReadonlySet<string> = new Set(['identifier', 'personal', 'text']);

/** Up to ten names in quotes. */
const listed = (names: readonly string[]): string => names.slice(0, 10).map((n) => `"${n}"`).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');


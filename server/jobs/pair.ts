import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { makeView } from '../evaluation/view';
import { UserError } from '../errors';
import type { EvaluatePlan, PairPicture, Plan } from '../protocol';
import { Joints } from '../report/joint';
import { readIpc } from '../table/columns';
import type { Table } from '../table/table';
import { conform } from '../targets/conform';
import { divide, modelledNames } from '../targets/release/parts';
import { readForEvaluation, readHoldout, understand } from '../targets/release/read';
import { assertUnchanged, fileState, systemError } from '../targets/source';
import { files } from './store';

interface Tables { training: Table; synthetic: Table; control?: Table }

/** The tables of the run asked about last: a reader who looks at one pair looks at more. */
let kept: { key: string; tables: Promise<Tables> } | undefined;

/**
 * The picture of one pair of columns of a finished run, from the same rows its report was made from.
 * @throws UserError when the run has no such columns, or its tables changed since or are gone.
 */
export async function pairJob(folder: string, a: string, b: string): Promise<PairPicture> {
  const plan = await planOf(folder), key = `${folder} ${await stateOf(plan)}`;
  if (kept?.key !== key) kept = { key, tables: 'purpose' in plan ? ofRelease(folder, plan) : ofEvaluation(plan) };
  const mine = kept;
  const tables = await mine.tables.catch((error: unknown) => {
    if (kept === mine) kept = undefined;
    throw error;
  });
  for (const name of [a, b]) if (!tables.training.columns.some((c) => c.schema.name === name)) throw new UserError('is not among the columns that were compared.', { column: name }, undefined, 'usage');
  const two = (t: Table) => t.select(a === b ? [a] : [a, b]);
  return new Joints(makeView({ training: two(tables.training), synthetic: two(tables.synthetic), ...(tables.control && { control: two(tables.control) }) })).picture(a, b);
}

/** Deterministic in the plan, and so the same parts as the run's own. */
async function ofRelease(folder: string, plan: Plan): Promise<Tables> {
  await assertUnchanged(plan.source, 'since the run; only the pictures kept in its report can be shown');
  const { source, profile } = await understand({ path: plan.source.path, columns: plan.columns, ...(plan.outcome !== undefined && { outcome: plan.outcome }) });
  const holdout = plan.holdout && (await readHoldout(plan.holdout.path, source));
  const names = modelledNames(source), outcome = profile.outcome && names.includes(profile.outcome.column) ? profile.outcome.column : undefined;
  const parts = divide(source, plan, outcome, holdout);
  const path = join(folder, files.synthetic);
  await fileState(path);
  return { training: parts.training, synthetic: conform(await readIpc(path), source, names, plan.out), ...(parts.control && { control: parts.control }) };
}

async function ofEvaluation(plan: EvaluatePlan): Promise<Tables> {
  const { training, synthetic, control } = await readForEvaluation(plan);
  return { training, synthetic, ...(control && { control }) };
}

async function planOf(folder: string): Promise<Plan | EvaluatePlan> {
  const path = join(folder, files.plan);
  try {
    return JSON.parse(await fs.readFile(path, 'utf8')) as Plan | EvaluatePlan;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError('The plan of this run is damaged.', { file: path }, 'Delete the run.', 'system');
    throw systemError(error, path, 'read');
  }
}

/** Size and time of the files the tables come from: what was read before is used again only while they stay. */
async function stateOf(plan: Plan | EvaluatePlan): Promise<string> {
  const paths = 'purpose' in plan ? [plan.source.path, plan.holdout?.path] : [plan.real, plan.synthetic, plan.holdout];
  const states = await Promise.all(paths.map((p) => (p === undefined ? undefined : fileState(p))));
  return states.map((s) => (s ? `${s.bytes}:${s.modifiedMs}` : '')).join(' ');
}

import { randomBytes } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors';
import { automatic } from '../generators/auto';
import { findGenerator, generators } from '../generators/registry';
import type { EvaluatePlan, Plan, Rule, TargetRequest } from '../protocol';
import { fileState, sha256 } from '../targets/source';
import { isTableName } from '../targets/names';
import { checkedRules, checkedTarget } from '../targets/request';
import { defaults } from './defaults';
import { checkFree, checkOut, defaultOut, defaultReport, type IsOurs } from './names';
import { checkPrivacy } from './privacy';
import { checked, evaluateRequest, synthesizeRequest } from './request';

export interface PlanContext {
  /** Relative paths start here. */
  cwd: string;
  isOurs: IsOurs;
  /** Where the ledgers of privacy budgets lie. */
  ledgers?: string;
}

/** A fresh seed, for a user who gave none; recorded in the plan so that the run can be repeated. */
export const freshSeed = (): number => randomBytes(4).readUInt32LE(0);

/**
 * From what the user chose to a complete plan: paths absolute, defaults filled, the source identified by its bytes.
 * @throws UserError (usage) for a choice that cannot be, (system) for a file that cannot be read.
 */
export async function makePlan(request: z.input<typeof synthesizeRequest>, context: PlanContext): Promise<Plan> {
  const r = checked(synthesizeRequest, request);
  const path = resolve(context.cwd, r.path);
  const state = await readable(path);
  const holdout = r.holdout === undefined ? undefined : resolve(context.cwd, r.holdout);
  if (holdout) await readable(holdout);
  const id = r.generator ?? defaultGenerator();
  if (id !== automatic.id && !findGenerator(id)) throw new UserError(`There is no generator "${id}".`, {}, `Choose one of ${[...generators.map((g) => g.id), automatic.id].join(', ')}.`, 'usage');

  const force = r.force ?? false;
  const { target, rules } = targetOf(r.target, r.rules, context.cwd);
  const out = r.out === undefined ? await defaultOut(path, context.isOurs, force, target?.purpose === 'completion' ? 'completed' : 'synthetic', r.called) : resolve(context.cwd, r.out);
  await checkOut(out, [path, ...(holdout ? [holdout] : [])], context.isOurs, force);
  const inputs = [path, ...(holdout ? [holdout] : [])];
  const reportOut = await reportName(r.reportOut && resolve(context.cwd, r.reportOut), out, inputs, context, force);
  const hash = await sha256(path);
  const holdoutHash = holdout && (await sha256(holdout));
  if (hash === holdoutHash)
    throw new UserError('is the table itself: what was learnt cannot judge what was learnt.', { file: basename(holdout!) }, 'Leave --holdout out, and a part is set aside.', 'usage');
  if (r.privacy && context.ledgers === undefined) throw new Error('makePlan: a privacy budget needs a folder of ledgers');
  if (r.privacy && r.suppress?.length) throw new UserError('Rows cannot be left out under a privacy budget: which ones are chosen would itself tell of them.', {}, 'Take the rows out of the file, or leave the budget out.', 'usage');
  const privacy = r.privacy && checkPrivacy(r.privacy, { generator: id, source: hash, ledgers: context.ledgers! });

  return {
    version: 1, purpose: target?.purpose ?? 'release', ...(target && { target }), ...(rules?.length && { rules }),
    source: { path, ...state, sha256: hash },
    ...(holdout && { holdout: { path: holdout, sha256: holdoutHash! } }),
    ...(r.rows !== undefined && { rows: r.rows }),
    generator: { id, parameters: r.parameters ?? {} },
    seed: r.seed ?? freshSeed(),
    budgetSeconds: r.budgetSeconds ?? defaults.budgetSeconds,
    device: r.device ?? defaults.device,
    out, reportOut, ...(force && { overwrite: true }),
    columns: r.columns ?? {}, ...(r.suppress?.length && { suppress: [...new Set(r.suppress)].sort((a, b) => a - b) }),
    ...(r.outcome !== undefined && { outcome: r.outcome }),
    ...judged(r),
    ...(privacy && { privacy }),
    protection: { ...defaults.protection, ...(r.protection !== undefined && { enabled: r.protection }) },
  };
}

/** What the evaluation was told, where it was told something. */
const judged = ({ suite, sensitive, positive, order, entity }: Pick<z.infer<typeof evaluateRequest>, 'suite' | 'sensitive' | 'positive' | 'order' | 'entity'>): Pick<EvaluatePlan, 'suite' | 'sensitive' | 'positive' | 'order' | 'entity'> => ({
  ...(suite !== undefined && { suite }), ...(sensitive?.length && { sensitive }), ...(positive !== undefined && { positive }), ...(order !== undefined && { order }), ...(entity !== undefined && { entity }),
});

/** The same for `evaluate`: two tables, and a holdout where there is one. */
export async function makeEvaluatePlan(request: z.input<typeof evaluateRequest>, context: PlanContext): Promise<EvaluatePlan> {
  const r = checked(evaluateRequest, request);
  const [real, synthetic] = [resolve(context.cwd, r.real), resolve(context.cwd, r.synthetic)];
  const holdout = r.holdout === undefined ? undefined : resolve(context.cwd, r.holdout);
  for (const path of [real, synthetic, ...(holdout ? [holdout] : [])]) await readable(path);
  const rules = r.rules === undefined ? [] : checkedRules(r.rules);
  return {
    version: 1, real, synthetic, ...(rules.length && { rules }), ...(holdout && { holdout }), ...(r.outcome !== undefined && { outcome: r.outcome }),
    seed: r.seed ?? 0, device: r.device ?? defaults.device, columns: r.columns ?? {}, ...judged(r), ...(r.force && { overwrite: true }),
    reportOut: await reportName(r.reportOut && resolve(context.cwd, r.reportOut), synthetic, [real, synthetic, ...(holdout ? [holdout] : [])], context, r.force ?? false, 'evaluation'),
  };
}

/** A target and rules, checked; the paths in them absolute. */
function targetOf(givenTarget: unknown, givenRules: unknown, cwd: string): { target?: TargetRequest; rules?: Rule[] } {
  const target = givenTarget === undefined ? undefined : checkedTarget(givenTarget), rules = givenRules === undefined ? undefined : checkedRules(givenRules);
  if (target?.purpose === 'transfer') target.to = resolve(cwd, target.to);
  if (target?.purpose === 'augmentation') for (const l of target.like ?? []) l.path = resolve(cwd, l.path);
  return { ...(target && { target }), ...(rules && { rules }) };
}

async function reportName(given: string | undefined, out: string, inputs: readonly string[], context: PlanContext, force: boolean, kind: 'report' | 'evaluation' = 'report'): Promise<string> {
  if (given === undefined) return defaultReport(out, context.isOurs, force, kind);
  await checkFree(given, inputs, context.isOurs, force, '--report');
  return given;
}

/** The default generator's id: the designed one where it is registered, else the first of the registry. */
function defaultGenerator(): string {
  return findGenerator(defaults.generator)?.id ?? generators[0]!.id;
}

async function readable(path: string): Promise<{ bytes: number; modifiedMs: number }> {
  const state = await fileState(path);
  if (!isTableName(path))
    throw new UserError('ends in no format Understudy reads.', { file: basename(path) }, 'It reads .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow and .feather.', 'usage');
  return state;
}

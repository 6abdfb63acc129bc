/** The shapes of targets and rules, checked: what a file, a flag or the language hands in. The types are the protocol's. */
import { z } from 'zod';
import { UserError } from '../errors';
import type { Condition, RowExpression, Rule, TargetRequest } from '../protocol';

const name = z.string().min(1), share = z.number().min(0).max(1), count = z.int().min(1).max(1_000_000_000);
const lexeme = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const expression: z.ZodType<RowExpression> = z.lazy(() => z.union([
  z.strictObject({ type: z.literal('column'), column: name }), z.strictObject({ type: z.literal('value'), value: lexeme }),
  z.strictObject({ type: z.literal('arithmetic'), op: z.enum(['+', '-', '*', '/']), left: expression, right: expression }),
])) as z.ZodType<RowExpression>;
/** A condition on a row. */
export const conditionSchema: z.ZodType<Condition> = z.lazy(() => z.union([
  z.strictObject({ type: z.literal('compare'), op: z.enum(['<', '<=', '=', '!=', '>=', '>']), left: expression, right: expression }),
  z.strictObject({ type: z.literal('in'), column: name, values: z.array(lexeme).min(1), negated: z.boolean().optional() }),
  z.strictObject({ type: z.literal('range'), column: name, min: lexeme.optional(), max: lexeme.optional(), openMin: z.boolean().optional(), openMax: z.boolean().optional() }),
  z.strictObject({ type: z.literal('missing'), column: name, negated: z.boolean().optional() }),
  z.strictObject({ type: z.enum(['and', 'or']), of: z.array(conditionSchema).min(1) }), z.strictObject({ type: z.literal('not'), of: conditionSchema }),
])) as z.ZodType<Condition>;

const names = z.array(name).min(1);
/** A rule. */
export const ruleSchema: z.ZodType<Rule> = z.union([
  z.strictObject({ name, type: z.literal('row'), condition: conditionSchema, where: conditionSchema.optional() }),
  z.strictObject({ name, type: z.literal('unique'), columns: names }), z.strictObject({ name, type: z.literal('determines'), from: names, to: names }),
  z.strictObject({ name, type: z.literal('combinations'), columns: names.min(2) }), z.strictObject({ name, type: z.literal('format'), column: name, pattern: z.string().min(1) }),
]) as z.ZodType<Rule>;

const privacy = z.strictObject({ epsilon: z.number().positive(), delta: z.number().min(0).max(1), unit: z.union([z.literal('row'), z.strictObject({ entity: name })]), publicRows: count.optional() });
const stratum = z.strictObject({ where: conditionSchema, rows: count.optional(), share: share.optional(), per: names.optional() });

/** By purpose: what each may be asked. */
export const targetSchemas = {
  release: z.strictObject({ purpose: z.literal('release'), releases: z.int().min(1).max(100).optional(), proper: z.boolean().optional(), privacy: privacy.optional() }),
  augmentation: z.strictObject({
    purpose: z.literal('augmentation'), strata: z.array(stratum), like: z.array(z.strictObject({ column: name, path: name })).optional(),
    balance: z.array(z.strictObject({ column: name, shares: z.record(z.string(), share) })).optional(), beside: z.boolean().optional(),
  }),
  fairness: z.strictObject({
    purpose: z.literal('fairness'), criterion: z.enum(['demographic_parity', 'equal_opportunity', 'equalised_odds']), outcome: name, positive: lexeme, sensitive: names, within: share,
    level: z.enum(['data', 'model']), permitted: z.array(name).optional(), keepUtility: z.number().min(0).max(1).optional(),
  }),
  transfer: z.strictObject({ purpose: z.literal('transfer'), to: name, labels: z.enum(['none', 'some']), outcome: name.optional(), using: z.enum(['importance', 'optimal_transport']) }),
  completion: z.union([
    z.strictObject({ purpose: z.literal('completion'), task: z.literal('impute'), columns: z.array(name), releases: z.int().min(1).max(1000), proper: z.boolean() }),
    z.strictObject({ purpose: z.literal('completion'), task: z.literal('forecast'), steps: z.int().min(1).max(100_000), by: name.optional(), order: name, given: z.record(z.string(), lexeme).optional() }),
  ]),
} as const;

/** @throws UserError (usage) that names the first part that is wrong */
export function checkedTarget(given: unknown): TargetRequest {
  const purpose = (given as { purpose?: unknown } | null)?.purpose;
  if (typeof purpose !== 'string' || !(purpose in targetSchemas)) throw new UserError(`The target's purpose is ${JSON.stringify(purpose)}.`, {}, `It is one of ${Object.keys(targetSchemas).join(', ')}.`, 'usage');
  return parsed(targetSchemas[purpose as keyof typeof targetSchemas] as z.ZodType<TargetRequest>, given, `The ${purpose} target`);
}
/** @throws UserError (usage) that names the first part that is wrong */
export const checkedRules = (given: unknown): Rule[] => parsed(z.array(ruleSchema), given, 'The rules');

function parsed<T>(schema: z.ZodType<T>, given: unknown, what: string): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new UserError(`${what} cannot be read${issue.path.length ? ` at ${issue.path.join('.')}` : ''}: ${issue.message}.`, {}, undefined, 'usage');
}

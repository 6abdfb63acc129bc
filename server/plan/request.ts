import { z } from 'zod';
import { UserError } from '../errors';
import { privacyWish } from './privacy';

const kinds = ['integer', 'real', 'boolean', 'category', 'ordinal', 'date', 'time', 'datetime', 'identifier', 'personal', 'text', 'constant'] as const;
const devices = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const;

/** Kinds a user may declare for a column, as they are typed. */
export const kindNames: readonly string[] = kinds;
/** Devices a user may name. */
export const deviceNames: readonly string[] = devices;

const override = z.strictObject({
  kind: z.enum(kinds).optional(),
  drop: z.boolean().optional(),
  domain: z.strictObject({ min: z.number().optional(), max: z.number().optional(), values: z.array(z.string()).optional() }).optional(),
  decimals: z.int().min(0).max(15).optional(),
  missing: z.array(z.string()).optional(),
  step: z.number().positive().optional(),
  merge: z.array(z.string()).max(100_000).optional(),
});

/** Rows beyond this are refused: no disk or reader would take them. */
const mostRows = 1_000_000_000;

/** What an evaluation may be told beyond its tables. */
const judged = {
  suite: z.enum(['standard', 'full', 'privacy']).optional(),
  sensitive: z.array(z.string().min(1)).optional(),
  positive: z.string().optional(),
  order: z.string().min(1).optional(),
  entity: z.string().min(1).optional(),
};

/** What the user chose for a synthesis, from flags, quick picks or a message; everything but the path may be absent. */
export const synthesizeRequest = z.strictObject({
  path: z.string().min(1),
  rows: z.int().min(1).max(mostRows).optional(),
  generator: z.string().min(1).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  seed: z.int().min(0).max(0xffffffff).optional(),
  budgetSeconds: z.number().positive().max(7 * 86_400).optional(),
  device: z.enum(devices).optional(),
  out: z.string().min(1).optional(),
  holdout: z.string().min(1).optional(),
  outcome: z.string().min(1).optional(),
  columns: z.record(z.string(), override).optional(),
  suppress: z.array(z.int().min(0).max(mostRows)).max(100_000).optional(),
  protection: z.boolean().optional(),
  /** A `TargetRequest` and `Rule[]`: checked by targets/request.ts, which has their words. */
  target: z.unknown().optional(),
  rules: z.unknown().optional(),
  privacy: privacyWish.optional(),
  ...judged,
  reportOut: z.string().min(1).optional(),
  /** The name of the target that asks, part of the default names of what it makes. */
  called: z.string().min(1).optional(),
  force: z.boolean().optional(),
  folder: z.string().min(1).optional(),
});

/** What the user chose for an evaluation. */
export const evaluateRequest = z.strictObject({
  real: z.string().min(1),
  synthetic: z.string().min(1),
  holdout: z.string().min(1).optional(),
  outcome: z.string().min(1).optional(),
  seed: z.int().min(0).max(0xffffffff).optional(),
  device: z.enum(devices).optional(),
  columns: z.record(z.string(), override).optional(),
  /** `Rule[]`: checked by targets/request.ts. */
  rules: z.unknown().optional(),
  ...judged,
  reportOut: z.string().min(1).optional(),
  folder: z.string().min(1).optional(),
  force: z.boolean().optional(),
});

const words: Record<string, string> = { budgetSeconds: 'budget', path: 'file', reportOut: 'report', columns: 'column', parameters: 'param' };
/** Parts of a privacy wish that have a flag of their own. */
const flags: Record<string, string> = { epsilon: 'epsilon', delta: 'delta', unit: 'unit', publicRows: 'public-rows' };

/**
 * Checks a request against its schema.
 * @throws UserError (usage) naming the first option that is wrong, in the command line's words.
 */
export function checked<T extends z.ZodType>(schema: T, request: unknown): z.infer<T> {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const [first, ...rest] = issue.path.map(String);
  const own = first === 'privacy' && rest.length === 1 ? flags[rest[0]!] : undefined;
  const option = first === undefined ? '' : own ? `--${own}: ` : `--${words[first] ?? first}${rest.length ? ` (${rest.join('.')})` : ''}: `;
  throw new UserError(`${option}${plain(issue)}`, {}, undefined, 'usage');
}

function plain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value': return `must be one of ${issue.values.map(String).join(', ')}.`;
    case 'too_small': return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}.`;
    case 'too_big': return `must be at most ${issue.maximum}.`;
    case 'invalid_type': return issue.expected === 'int' ? 'must be a whole number.' : `must be a ${issue.expected}.`;
    case 'unrecognized_keys': return `unknown setting ${issue.keys.map((k) => `"${k}"`).join(', ')}.`;
    default: return issue.message;
  }
}

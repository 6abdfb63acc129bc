import { z } from 'zod';
import { UserError } from '../errors';
import { automatic } from '../generators/auto';
import { assertPrivate } from '../generators/private';
import { checkBudget, type Budget } from '../privacy/ledger/budget';
import { Ledger } from '../privacy/ledger/ledger';
import type { PrivacyRequest } from '../protocol';
import { declared } from '../targets/release/private/schema';

const end = z.union([z.string().min(1), z.number()]).optional();
const domain = { min: end, max: end, values: z.array(z.string()).min(1).max(100_000).refine((v) => new Set(v).size === v.length, 'must hold every value once.').optional() };
const character = z.string().max(4).optional();

/** @param kinds names of kinds, as in `override`s */
const column = (kinds: readonly [string, ...string[]]) => z.strictObject({
  name: z.string().min(1), sourceName: z.string().optional(), kind: z.enum(kinds),
  personal: z.enum(['email', 'name', 'phone', 'iban', 'ip', 'address', 'url', 'credit-card', 'ssn', 'uuid']).optional(),
  number: z.strictObject({
    style: z.enum(['fixed', 'shortest', 'python', 'per-cell', 'exponent']).optional(), decimals: z.int().min(0).max(16), thousands: character, point: character, prefix: z.string().max(40).optional(), suffix: z.string().max(40).optional(),
    plus: z.boolean().optional(), leadingZeros: z.int().min(0).max(40).optional(), bareFraction: z.boolean().optional(), upperExponent: z.boolean().optional(),
  }).optional(),
  temporal: z.strictObject({ pattern: z.string().min(1), zone: z.string().optional() }).optional(),
  missing: z.string().max(200).optional(), examples: z.array(z.string()).max(1000).optional(), nativeType: z.string().optional(), ...domain,
});

/** A declared schema, as `--public-schema` reads it. */
export const publicSchema = z.strictObject({
  file: z.strictObject({
    format: z.enum(['csv', 'tsv', 'csv.gz', 'parquet', 'jsonl', 'arrow']), encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'latin1']), bom: z.boolean(), delimiter: z.string().min(1).max(4), quote: z.string().max(1),
    newline: z.enum(['\n', '\r\n', '\r']), finalNewline: z.boolean(), header: z.boolean(),
  }).optional(),
  columns: z.array(column(['integer', 'real', 'boolean', 'category', 'ordinal', 'date', 'time', 'datetime', 'identifier', 'personal', 'text', 'constant'])).min(1),
});

/** A guarantee as a user asks for it. */
export const privacyWish = z.strictObject({
  epsilon: z.number(), own: z.number().positive().optional(), delta: z.number().optional(), unit: z.union([z.literal('row'), z.strictObject({ entity: z.string().min(1) })]).optional(),
  publicRows: z.int().min(2).optional(), schema: publicSchema.optional(), declareSchema: z.boolean().optional(), domains: z.record(z.string(), z.strictObject(domain)).optional(),
});

const uncharged = 'it must be declared what the columns are';
const howToDeclare = 'Add --declare-schema to declare public what this file\'s columns are taken for (the reports list it), or give --public-schema FILE.json; "understudy privacy schema FILE" writes one to start from.';

/**
 * A private run as it is to be done, checked before anything is read: the budget means something, the generator can keep it, what must be public is declared, and earlier releases leave
 * something of it.
 * @param source SHA-256 of the source; @param ledgers the folder of ledgers
 * @throws UserError (usage) with the reason; BudgetExhausted
 */
export function checkPrivacy(wish: z.infer<typeof privacyWish>, run: { generator: string; source: string; ledgers: string }): PrivacyRequest {
  const { unit = 'row', publicRows, schema, declareSchema, domains, epsilon, own } = wish;
  if (run.generator !== automatic.id) assertPrivate(run.generator);
  const delta = wish.delta ?? (publicRows === undefined ? undefined : defaultDelta(publicRows)), undeclared = !schema && !declareSchema;
  if (delta === undefined) {
    if (!(Number.isFinite(epsilon) && epsilon > 0)) checkBudget({ epsilon, delta: 1e-6 }, 2);
    // Both at once: who asked for an epsilon alone is told the whole command, not one flag after the other.
    throw new UserError(undeclared ? `A privacy budget needs a delta (--delta) below 1 / the number of rows, and ${uncharged}.` : 'A privacy budget needs a delta (--delta) below 1 / the number of rows.', {},
      `It is not taken from the table, since it would tell its size: give --delta 1e-6, or declare the number of rows with --public-rows, and a tenth of its inverse is taken.${undeclared ? ` ${howToDeclare}` : ''}`, 'usage');
  }
  // Where the number of rows is not public, it is checked against the table's own in the run: the user may know it, and nothing is released by a refusal.
  checkBudget({ epsilon, delta }, publicRows ?? 2);
  if (undeclared) throw new UserError(`Under a privacy budget ${uncharged}: kinds, decimals, formats and missing-value tokens are taken from nowhere else, since a single row can change what a file suggests.`, {}, howToDeclare, 'usage');
  if (schema && declareSchema) throw new UserError('--declare-schema and --public-schema say two things.', {}, 'Give one of them.', 'usage');
  if (schema) declared(schema as NonNullable<PrivacyRequest['schema']>, domains ?? {});
  const request: PrivacyRequest = {
    epsilon, delta, unit, ...(own !== undefined && { own }), ...(publicRows !== undefined && { publicRows }), ...(schema && { schema: schema as NonNullable<PrivacyRequest['schema']> }), ...(declareSchema && { declareSchema }), ...(domains && { domains }),
  };
  leftOf(run.source, run.ledgers, request, '');
  return request;
}

/** What a table's releases so far leave of a budget for a new run (or for `run`, going on). @throws BudgetExhausted */
export const leftOf = (source: string, ledgers: string, { epsilon, delta, unit }: Pick<PrivacyRequest, 'epsilon' | 'delta' | 'unit'>, run: string): Budget => new Ledger(ledgers, source).allowance({ epsilon, delta }, run, unit);

/** A power of ten at most a tenth of 1 / rows: the usual choice, and where the number of rows is public it tells nothing more. */
export const defaultDelta = (rows: number): number => Number(`1e-${Math.ceil(Math.log10(rows) - 1e-9) + 1}`);

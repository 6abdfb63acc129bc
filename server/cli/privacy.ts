import { promises as fs } from 'node:fs';
import { basename, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import pc from 'picocolors';
import type { z } from 'zod';
import { UserError } from '../errors';
import { storeFor } from '../jobs/store';
import { checked } from '../plan/request';
import { publicSchema } from '../plan/privacy';
import { epsilonOf } from '../privacy/accountant/filter';
import { Ledger } from '../privacy/ledger/ledger';
import { sayUnit, type Unit } from '../privacy/ledger/entry';
import type { PrivacyWish, PublicDomain, PublicSchema } from '../protocol';
import { writeWhole } from '../targets/files';
import { lineOf } from '../targets/release/private/proof';
import { sha256 } from '../targets/source';

/** The flags of a release under a privacy budget. */
export interface PrivacyFlags { epsilon?: number; delta?: number; unit?: Unit; publicRows?: number; public?: Array<[string, PublicDomain]>; publicSchema?: string; declareSchema?: boolean }

const positive = (what: string) => (text: string): number => {
  const n = Number(text);
  if (text.trim() === '' || Number.isNaN(n)) throw new InvalidArgumentError(`${what} must be a number.`);
  return n;
};
function unitOf(text: string): Unit {
  if (text === 'row') return 'row';
  const entity = /^entity:(.+)$/s.exec(text)?.[1];
  if (entity === undefined) throw new InvalidArgumentError('Give row, or entity:COLUMN for the column that says whose the rows are.');
  return { entity };
}

/**
 * `age=17..90`, `ordered=2020-01-01..2024-12-31`, `income=0..` (the other end is found privately), `sex=Female|Male`. The first `=` divides; names and values that hold `=`, `|` or `..` go into a schema file.
 */
export function domainOf(text: string): [string, PublicDomain] {
  const at = text.indexOf('='), domain = text.slice(at + 1);
  if (at < 1 || domain === '') throw new InvalidArgumentError('Give COLUMN=from..to or COLUMN=one|two|three.');
  const range = domain.includes('|') ? null : /^(.*?)\.\.(.*)$/s.exec(domain);
  if (!range) return [text.slice(0, at), { values: domain.split('|') }];
  const [, min, max] = range;
  if (!min && !max) throw new InvalidArgumentError('Give at least one end of the range.');
  return [text.slice(0, at), { ...(min && { min }), ...(max && { max }) }];
}

/** The flags of `synthesize` that ask for a guarantee. */
export const withPrivacy = (c: Command): Command => c
  .option('--epsilon <e>', 'privacy budget: the total for this table over all its releases (differential privacy)', positive('epsilon'))
  .option('--delta <d>', 'its delta (default: a tenth of 1 / --public-rows; neither: asked at a terminal)', positive('delta'))
  .option('--unit <what>', 'whose presence is hidden: row, or entity:COLUMN (default: row)', unitOf)
  .option('--declare-schema', 'declare public what this file\'s columns are taken for: kinds, decimals, formats, missing-value tokens (asked at a terminal)')
  .option('--public-schema <file>', 'declare the columns by a JSON file instead (see "understudy privacy schema")')
  .option('--public-rows <n>', 'declare the number of rows (entities) public', positive('public-rows'))
  .option('--public <column=domain>', 'declare a domain public: age=17..90, sex=Female|Male; may be repeated', (text: string, before?: Array<[string, PublicDomain]>) => [...(before ?? []), domainOf(text)]);

/** What the flags ask for; undefined where they ask for no guarantee. @throws UserError (usage) for some of them without --epsilon */
export async function wishOf(o: PrivacyFlags): Promise<PrivacyWish | undefined> {
  if (o.epsilon === undefined) {
    const lone = (['delta', 'unit', 'publicRows', 'public', 'publicSchema', 'declareSchema'] as const).find((k) => o[k] !== undefined);
    if (lone) throw new UserError(`--${lone.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} is about a privacy budget, and none was given.`, {}, 'Add --epsilon, such as --epsilon 3.', 'usage');
    return undefined;
  }
  return {
    epsilon: o.epsilon, ...(o.delta !== undefined && { delta: o.delta }), ...(o.unit && { unit: o.unit }), ...(o.publicRows !== undefined && { publicRows: o.publicRows }),
    ...(o.publicSchema !== undefined && { schema: await schemaFile(o.publicSchema) }), ...(o.declareSchema && { declareSchema: true }), ...(o.public && { domains: Object.fromEntries(o.public) }),
  };
}

/** The delta that releases from a table were made under; undefined where there are none, or there is no such table: that is told where it is read. */
export async function releasedDelta(path: string, folder?: string): Promise<number | undefined> {
  const hash = await sha256(path).catch(() => undefined);
  return hash === undefined ? undefined : new Ledger((await storeFor(path, folder)).privacy, hash).entries().find((e) => e.budget)?.budget?.delta;
}

async function schemaFile(path: string): Promise<PublicSchema> {
  let json: unknown;
  try {
    json = JSON.parse(await fs.readFile(path, 'utf8'));
  } catch (error) {
    throw new UserError((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist.' : `is no JSON: ${(error as Error).message}`, { file: basename(path) }, '"understudy privacy schema FILE" writes one to start from.', 'usage');
  }
  try {
    return checked(publicSchema, json) as z.infer<typeof publicSchema> as PublicSchema;
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`is no public schema. ${error.message.replace(/^--(\w+)/, '$1')}`, { file: basename(path) }, error.hint, 'usage');
    throw error;
  }
}

/** `understudy privacy`: what was released from a table under budgets, and what the columns would be declared as. */
export function addPrivacy(root: Command, exit: (code: number) => void): void {
  const privacy = root.command('privacy').description('what releases under privacy budgets have cost a table').addHelpText('after', `
Examples:
  $ understudy privacy orders.csv
  $ understudy privacy orders.csv --epsilon 3 --delta 1e-6 --json
  $ understudy privacy schema orders.csv --out orders.public.json
  $ understudy synthesize orders.csv --epsilon 3 --delta 1e-6 --public-schema orders.public.json`);
  privacy.command('ledger', { isDefault: true }).argument('<file>').description('the ledger of a table: every release, its noise and cost, and what is left of a budget')
    .option('--epsilon <e>', 'the budget to hold it against', positive('epsilon')).option('--delta <d>', 'its delta (default: the last release\'s)', positive('delta'))
    .option('--unit <what>', 'row, or entity:COLUMN', unitOf).option('--json', 'print the result as JSON').option('--in <folder>', 'folder whose .understudy holds the ledger')
    .action(async (file: string, o: { epsilon?: number; delta?: number; unit?: Unit; json?: boolean; in?: string }) => {
      const path = resolve(file), store = await storeFor(path, o.in), ledger = new Ledger(store.privacy, await sha256(path)), entries = ledger.entries();
      const delta = o.delta ?? entries.at(-1)?.cost.delta ?? 1e-6, unit = o.unit ?? entries.at(-1)?.unit ?? 'row', budget = { epsilon: o.epsilon ?? Infinity, delta };
      const spent = entries.length ? (o.epsilon === undefined ? ledger.total(delta, unit).epsilon : ledger.spent(budget, unit)) : 0;
      let left: number | undefined;
      if (o.epsilon !== undefined) try { left = epsilonOf(ledger.allowance(budget, '', unit), delta); } catch { left = 0; }
      const report = { source: path, sha256: ledger.source, ledger: ledger.path, unit, delta, spent: Number.isFinite(spent) ? spent : null, ...(left !== undefined && { budget: o.epsilon, left }), entries };
      process.stdout.write(`${o.json ? JSON.stringify(report, null, 2) : ledgerText(basename(path), report, entries.map(lineOf))}\n`);
      exit(0);
    });
  privacy.command('schema').argument('<file>').description('what --declare-schema would declare public, as JSON to look over, change and give to --public-schema')
    .option('--out <file>', 'write it to a file')
    .action(async (file: string, o: { out?: string }) => {
      const [{ understand }, { schemaOf }] = await Promise.all([import('../targets/release/read'), import('../targets/release/private/schema')]);
      const text = `${JSON.stringify(schemaOf((await understand({ path: resolve(file), columns: {} })).source), null, 2)}\n`;
      if (o.out === undefined) process.stdout.write(text); else await writeWhole(resolve(o.out), text, 0o644);
      exit(0);
    });
}

const up = (x: number): string => String(Math.ceil(x * 1000 - 1e-9) / 1000);

function ledgerText(name: string, r: { unit: Unit; delta: number; spent: number | null; budget?: number; left?: number; ledger: string }, lines: ReturnType<typeof lineOf>[]): string {
  if (lines.length === 0) return `${pc.bold(name)}: nothing was released from it under a privacy budget.`;
  const rows = lines.map((l) => [l.at.slice(0, 16).replace('T', ' '), l.run, l.mechanism, `x ${l.count}`, l.epsilon === null ? '' : `epsilon ${up(l.epsilon)}`, l.purpose] as const);
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  return [
    `${pc.bold(name)}: ${r.spent === null ? 'no guarantee can be given' : `epsilon ${up(r.spent)} spent`} at delta ${r.delta}, for ${sayUnit(r.unit)}${r.budget === undefined ? '' : `; of a budget of ${r.budget} a new run has ${Math.floor(r.left! * 1000) / 1000} left`}`, '',
    ...rows.map((row) => `${row.slice(0, 5).map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}  ${pc.dim(row[5].length > 90 ? `${row[5].slice(0, 89)}\u2026` : row[5])}`),
    '', pc.dim(r.ledger),
  ].join('\n');
}

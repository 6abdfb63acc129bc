import { type Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { UserError } from '../errors';
import { automatic } from '../generators/auto';
import type { GeneratorEntry } from '../generators/generator';
import { findGenerator, generators } from '../generators/registry';
import { id as kebab } from './flags';
import { grid } from './format';

/** `understudy generators [id]`: what can learn a table; with a name, what that one is, can do, and takes. */
export function addGenerators(root: Command, exit: (code: number) => void): void {
  root.command('generators').argument('[id]', 'one of them: what it can do, and its settings').description('what can learn a table, and the settings of each').option('--json', 'print as JSON')
    .addHelpText('after', `
Examples:
  $ understudy generators                  # all of them
  $ understudy generators tvae             # its settings, with ranges and defaults
  $ understudy synthesize orders.csv --generator tvae --param epochs=100`)
    .action(async (id: string | undefined, o: { json?: boolean }) => {
      if (id === undefined || id === automatic.id) {
        const rows = [...generators.map(({ load: _load, ...entry }) => entry), { ...automatic, paper: '' }];
        process.stdout.write(`${o.json ? JSON.stringify(rows, null, 2) : listText(rows)}\n`);
        return exit(0);
      }
      const entry = findGenerator(kebab(id));
      if (!entry) throw new UserError(`There is no generator "${id}".`, {}, 'See "understudy generators".', 'usage');
      const { load, ...known } = entry, settings = settingsOf((await load()).parameters);
      process.stdout.write(`${o.json ? JSON.stringify({ ...known, settings }, null, 2) : entryText(entry, settings)}\n`);
      exit(0);
    });
}

/** One setting as a person reads it. */
export interface Setting { name: string; what: string; values: string; default: string }

/** The settings of a generator, from its schema. */
export function settingsOf(parameters: z.ZodObject): Setting[] {
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' }) as { properties?: Record<string, JsonSetting> };
  return Object.entries(properties).map(([name, p]) => ({ name, what: p.description ?? '', values: valuesOf(p), default: p.default === undefined ? 'chosen from the table' : p.default === '' ? 'none' : JSON.stringify(p.default).replaceAll('"', '') }));
}
interface JsonSetting { type?: string; enum?: unknown[]; minimum?: number; maximum?: number; exclusiveMinimum?: number; exclusiveMaximum?: number; default?: unknown; description?: string; anyOf?: JsonSetting[]; items?: JsonSetting }

function valuesOf(p: JsonSetting): string {
  if (p.anyOf) return p.anyOf.map(valuesOf).join(' or ');
  if (p.enum) return p.enum.join(', ');
  if (p.type === 'boolean') return 'true, false';
  if (p.type === 'array') return `list of ${p.items ? valuesOf(p.items) : 'values'}`;
  if (p.type !== 'number' && p.type !== 'integer') return 'text';
  const low = p.minimum ?? p.exclusiveMinimum, high = p.maximum ?? p.exclusiveMaximum;
  // A bound of the number format itself says nothing.
  const bounded = (v: number | undefined): v is number => v !== undefined && Math.abs(v) < Number.MAX_SAFE_INTEGER;
  const whole = p.type === 'integer' ? 'whole, ' : '';
  if (!bounded(low) && !bounded(high)) return p.type === 'integer' ? 'whole number' : 'number';
  if (!bounded(high)) return `${whole}${p.minimum === undefined ? 'above' : 'from'} ${low}`;
  if (!bounded(low)) return `${whole}up to ${high}`;
  return `${whole}${p.minimum === undefined ? 'above ' : ''}${low} to ${p.maximum === undefined ? 'below ' : ''}${high}`;
}

/** Lines of at most `width` characters, broken at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) { lines.push(line); line = word; } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}
const terminalWidth = (): number => Math.max(60, Math.min(140, process.stdout.columns ?? 120));

function listText(rows: ReadonlyArray<{ id: string; name: string; summary: string; paper: string }>): string {
  const left = Math.max(...rows.map((r) => r.id.length)) + 3, width = terminalWidth() - left;
  const blocks = rows.map((r) => {
    const [first, ...rest] = [...wrap(r.summary, width), ...(r.paper ? wrap(r.paper, width).map((l) => pc.dim(l)) : [])];
    return [` ${pc.bold(r.id.padEnd(left - 1))}${first}`, ...rest.map((l) => ' '.repeat(left) + l)].join('\n');
  });
  return `${blocks.join('\n')}\n\nSettings of one: understudy generators ID. The default is ${generators[0]!.id}.`;
}

/** What the model behind a generator is good for, whether or not a command asks for it yet. */
const abilities: Array<[keyof GeneratorEntry['capabilities'], string]> = [
  ['missingValues', 'models missing cells'], ['conditional', 'has the conditional of rows given some of their columns (no command asks for it yet)'], ['exactLikelihood', 'has an exact likelihood, which its runs are attacked by'],
  ['sequences', 'models sequences'], ['differentialPrivacy', 'can be fitted under differential privacy'],
];

function entryText(entry: GeneratorEntry, settings: readonly Setting[]): string {
  const can = abilities.filter(([k]) => entry.capabilities[k]).map(([, words]) => words), width = terminalWidth();
  const what = Math.max(24, width - 62);
  return [
    `${pc.bold(entry.name)} (${entry.id}, ${entry.family})`, ...wrap(entry.summary, width), ...wrap(entry.paper, width).map((l) => pc.dim(l)), ...wrap(`The model ${can.join(', ') || 'draws rows'}.`, width), ...(entry.underBudget ? wrap(entry.underBudget, width) : []), '',
    settings.length ? grid(['Setting', 'Values', 'Default', 'What it is'], settings.map((s) => [s.name, s.values, s.default, wrap(s.what, what).join('\n')])) : 'It has no settings.',
  ].join('\n');
}

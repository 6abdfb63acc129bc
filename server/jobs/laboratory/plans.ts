import { basename, resolve } from 'node:path';
import { UserError } from '../../errors';
import { automatic } from '../../generators/auto';
import { findGenerator, generators } from '../../generators/registry';
import { defaults } from '../../plan/defaults';
import { checkFree, exists, type IsOurs } from '../../plan/names';
import { freshSeed } from '../../plan/plan';
import type { CollapseMode, CollapsePlan, CollapseRequest, ExplorePlan, ExploreRequest, SweepPoint } from '../../protocol';
import { isTableName, splitName } from '../../targets/names';
import { fileState, sha256 } from '../../targets/source';
import { sweepBudget } from './budget';

const usage = (message: string, hint?: string): UserError => new UserError(message, {}, hint, 'usage');
export const collapseModes: readonly CollapseMode[] = ['replace', 'accumulate', 'anchor'];
/** Rows a generation has by default, at most: the laboratory shows what refitting does, not how well a long table can be learnt. */
const mostRows = 3000;

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`--${name}: must be a whole number from ${least} to ${most}.`);
}

/** @throws UserError (usage) for a choice that cannot be, (system) for a file that cannot be read */
export async function makeCollapsePlan(r: CollapseRequest, cwd: string, isOurs: IsOurs): Promise<CollapsePlan> {
  const path = await readable(r.path, cwd), ids = r.generators ?? [defaults.generator], modes = r.modes ?? ['replace', 'accumulate'], share = r.share ?? 0.1, budgetSeconds = r.budgetSeconds ?? 5;
  known(ids);
  for (const m of modes) if (!collapseModes.includes(m)) throw usage(`--mode ${m}: must be one of ${collapseModes.join(', ')}.`);
  if (!(share > 0 && share < 1)) throw usage('--share: must lie between 0 and 1.');
  if (!(budgetSeconds > 0)) throw usage('--budget: must be more than 0.');
  return {
    version: 1, laboratory: 'collapse', source: { path, sha256: await sha256(path) }, generators: [...new Set(ids)], modes: [...new Set(modes)], share, budgetSeconds,
    generations: whole('generations', r.generations ?? 10, 2, 100), chains: whole('chains', r.chains ?? 5, 1, 50), rows: whole('rows', r.rows ?? mostRows, 50, 1_000_000),
    seed: r.seed ?? freshSeed(), device: r.device ?? defaults.device, columns: r.columns ?? {}, reportOut: await pageName(r.reportOut && resolve(cwd, r.reportOut), path, 'collapse', isOurs, r.force ?? false), ...(r.force && { overwrite: true }),
  };
}

/**
 * @param ledgers folder of privacy ledgers: what a sweep under a budget costs in all is settled here
 * @throws UserError (usage) for a choice that cannot be, (system) for a file that cannot be read
 */
export async function makeExplorePlan(r: ExploreRequest, cwd: string, isOurs: IsOurs, ledgers: string): Promise<ExplorePlan> {
  const path = await readable(r.path, cwd), holdout = r.holdout === undefined ? undefined : await readable(r.holdout, cwd), { knob, points } = sweepOf(r.sweep), first = r.seed ?? 1;
  if (r.generator !== undefined) {
    if (knob === 'generator') throw usage('--generator: the sweep sets it already.');
    known([r.generator]);
  }
  const seeds = Array.from({ length: whole('seeds', r.seeds ?? 3, 1, 20) }, (_, i) => first + i), source = await sha256(path), budget = sweepBudget(r, { knob, points, seeds: seeds.length }, { source, ledgers });
  return {
    version: 1, laboratory: 'explore', source: { path, sha256: source }, knob, points, seeds, ...(budget && { budget }),
    ...(r.generator !== undefined && { generator: r.generator }), ...(r.rows !== undefined && { rows: r.rows }), ...(r.budgetSeconds !== undefined && { budgetSeconds: r.budgetSeconds }), ...(r.device && { device: r.device }),
    ...(r.outcome !== undefined && { outcome: r.outcome }), ...(holdout !== undefined && { holdout }), columns: r.columns ?? {},
    reportOut: await pageName(r.reportOut && resolve(cwd, r.reportOut), path, 'tradeoffs', isOurs, r.force ?? false), ...(r.force && { overwrite: true }),
  };
}

/**
 * "rows=500,1000" as points. Knobs: epsilon, generator, rows, budget (seconds a fit), param.NAME.
 * @throws UserError (usage) naming what is wrong
 */
export function sweepOf(text: string): { knob: string; points: SweepPoint[] } {
  const at = text.indexOf('='), knob = text.slice(0, at).trim(), values = [...new Set(text.slice(at + 1).split(',').map(v => v.trim()).filter(Boolean))];
  const how = 'Write it as generator=cart,independent or rows=500,1000 or budget=5,20 or epsilon=0.5,1,3 or param.NAME=1,2.';
  if (at < 1) throw usage(`--sweep ${text}: says nothing of what to sweep.`, how);
  if (values.length < 2) throw usage(`--sweep ${text}: a sweep has at least two points.`, how);
  if (values.length > 50) throw usage(`--sweep: ${values.length} points are too many; at most 50.`);
  const number = (v: string, what: string): number => { const n = Number(v); if (!(n > 0 && Number.isFinite(n))) throw usage(`--sweep ${knob}: "${v}" is no ${what}.`); return n; };
  if (knob === 'generator') { known(values); return { knob, points: values.map(v => ({ label: v, generator: v })) }; }
  if (knob === 'rows') return { knob, points: values.map(v => ({ label: v, rows: whole('sweep rows', Number(v), 1, 1e9) })) };
  if (knob === 'budget') return { knob, points: values.map(v => ({ label: `${v} s`, budgetSeconds: number(v, 'time in seconds') })) };
  if (knob === 'epsilon') return { knob, points: values.map(v => ({ label: v, epsilon: number(v, 'epsilon') })) };
  if (knob.startsWith('param.') && knob.length > 6) return { knob, points: values.map(v => ({ label: v, parameters: { [knob.slice(6)]: json(v) } })) };
  throw usage(`--sweep ${knob}: there is no such knob.`, how);
}

function json(text: string): unknown {
  try { return JSON.parse(text) as unknown; } catch { return text; }
}

function known(ids: readonly string[]): void {
  for (const id of ids) if (id !== automatic.id && !findGenerator(id)) throw usage(`There is no generator "${id}".`, `Choose among ${generators.map(g => g.id).join(', ')}.`);
}

async function readable(given: string, cwd: string): Promise<string> {
  const path = resolve(cwd, given);
  await fileState(path);
  if (!isTableName(path)) throw new UserError('ends in no format Understudy reads.', { file: basename(path) }, 'It reads .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow and .feather.', 'usage');
  return path;
}

/** `<name>.<kind>.html` beside the table, or `-2` and so on where that is not ours to replace. */
async function pageName(given: string | undefined, source: string, kind: 'collapse' | 'tradeoffs', isOurs: IsOurs, force: boolean): Promise<string> {
  if (given !== undefined) { await checkFree(given, [source], isOurs, force, '--report'); return given; }
  const { stem } = splitName(source);
  for (let n = 1; ; n++) {
    const path = `${stem}.${kind}${n === 1 ? '' : `-${n}`}.html`;
    if (force || !(await exists(path)) || (await isOurs(path))) return path;
  }
}

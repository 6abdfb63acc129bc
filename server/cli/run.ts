import type { Command } from 'commander';
import { resolve } from 'node:path';
import pc from 'picocolors';
import { exitCodes, UserError } from '../errors';
import type { Jobs } from '../jobs/jobs';
import type { Language } from '../language/language';
import type { CompiledTarget } from '../language/compile/target';
import { snake } from '../language/names';
import { follow, type FollowOptions } from './follow';

interface RunFlags { json?: boolean; quiet?: boolean; debug?: boolean; force?: boolean; in?: string; seed?: string; device?: string; plan?: boolean }

/** `understudy run plan.synth [target]`: makes what a target declares. */
export function addRun(root: Command, exit: (code: number) => void, withCommon: (c: Command) => Command): void {
  withCommon(root.command('run').argument('<file>', 'a .synth file').argument('[target]', 'one of its targets (default: all, in their order)'))
    .description('make what a .synth file declares')
    .option('--force', 'replace files that are not ours')
    .option('--in <folder>', 'folder whose .understudy keeps the run')
    .option('--device <name>', 'where to compute, unless the target says')
    .option('--plan', 'print the plan as JSON and run nothing')
    .addHelpText('after', `
Examples:
  $ understudy run plan.synth
  $ understudy run plan.synth public --quiet
  $ understudy run plan.synth rare --plan`)
    .action(async (file: string, name: string | undefined, o: RunFlags) => {
      const { targets, refused } = await compiled(file, name);
      if (o.plan) process.stdout.write(`${JSON.stringify(targets.map(([target, plan]) => ({ target, ...plan })), null, 2)}\n`);
      const code = o.plan ? 0 : await runTargets(targets, { json: o.json ?? false, quiet: o.quiet ?? false, debug: o.debug ?? false }, o, targets.length + refused.length > 1 && !o.quiet && !o.json);
      // Last, where they are seen.
      for (const { target, error } of refused) process.stderr.write(`${pc.red('error')} target ${target} was not run: ${error.toText()}\n`);
      exit(code === exitCodes.cancelled ? code : refused[0] ? exitCodes[refused[0].error.code] : code);
    });
}

/** Runs targets one after another; one that fails keeps no other from its run. Only somebody who cancels wants none of them. @returns the first exit code that is not 0 */
export async function runTargets(targets: ReadonlyArray<[string, CompiledTarget]>, options: FollowOptions, o: Pick<RunFlags, 'force' | 'in' | 'device'>, named: boolean, run = runTarget): Promise<number> {
  let first = 0;
  for (const [target, plan] of targets) {
    if (named) process.stderr.write(`target ${target}\n`);
    const code = await run(plan, options, o).catch((error: unknown) => {
      // What only a plan finds (a file in the way, a setting that does not go with the table).
      if (!(error instanceof UserError)) throw error;
      process.stderr.write(`${pc.red('error')} ${error.toText()}\n`);
      return exitCodes[error.code];
    });
    if (code === exitCodes.cancelled) return code;
    // The run's own error stands above, and does not know of targets.
    if (code !== 0 && targets.length > 1) process.stderr.write(`target ${target} was not made\n`);
    first ||= code;
  }
  return first;
}

/** Starts one target's run and follows it to its end. @returns the exit code */
export const runTarget = ({ request, declared }: CompiledTarget, options: FollowOptions, o: Pick<RunFlags, 'force' | 'in' | 'device'>): Promise<number> =>
  follow(options, (jobs) => jobs.synthesize({ ...request, ...(o.force && { force: true }), ...(o.in !== undefined && { folder: o.in }), ...(o.device !== undefined && request.device === undefined && { device: o.device as 'cpu' }) }, declared));

/** Targets that are ready to run, and those with a mistake in them. */
export interface Compiled { targets: Array<[string, CompiledTarget]>; refused: Array<{ target: string; error: UserError }> }

/**
 * The targets of a file, or one of them, ready to run.
 * @throws UserError (usage) for a file without targets, for the one target that was named, and where there is a mistake in every one
 */
export async function compiled(file: string, name: string | undefined, using: <T>(work: (language: Language) => Promise<T>) => Promise<T> = withLanguage): Promise<Compiled> {
  return using(async (language) => {
    const document = await language.open(resolve(file)), known = [...language.targets(document).keys()];
    // A target's name may be given with hyphens, as generators and metrics may.
    const names = name === undefined ? known : [known.includes(name) ? name : known.find((k) => snake(k) === snake(name)) ?? name];
    if (names.length === 0) throw new UserError('declares no target.', { file }, 'A target begins with release, augmentation, fairness, transfer or completion.', 'usage');
    return compileAll(names, (target) => language.compile(document, target));
  });
}

/** @throws UserError of the first where not one can be compiled, unless `none` may be */
export async function compileAll(names: readonly string[], compile: (target: string) => Promise<CompiledTarget>, none = false): Promise<Compiled> {
  const found: Compiled = { targets: [], refused: [] };
  for (const target of names) {
    try {
      found.targets.push([target, await compile(target)]);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.refused.push({ target, error });
    }
  }
  if (!none && found.targets.length === 0 && found.refused[0]) throw found.refused[0].error;
  return found;
}

/** The language without an editor, for as long as `work` takes. */
export async function withLanguage<T>(work: (language: Language, jobs: Jobs) => Promise<T>): Promise<T> {
  // Loaded here: no other command needs a parser.
  const [{ Jobs }, { Language }] = await Promise.all([import('../jobs/jobs'), import('../language/language')]), jobs = new Jobs();
  try {
    return await work(new Language({ inspect: (path, values) => jobs.inspect(path, undefined, values), rows: (path, overrides, question) => jobs.rows(path, overrides, question) }), jobs);
  } finally {
    await jobs.close();
  }
}

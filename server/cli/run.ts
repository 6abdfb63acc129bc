import type { Command } from 'commander';
import { resolve } from 'node:path';
import { UserError } from '../errors';
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
      const targets = await compiled(file, name);
      if (o.plan) {
        process.stdout.write(`${JSON.stringify(targets.map(([target, plan]) => ({ target, ...plan })), null, 2)}\n`);
        return exit(0);
      }
      for (const [target, plan] of targets) {
        if (targets.length > 1 && !o.quiet && !o.json) process.stderr.write(`target ${target}\n`);
        const code = await runTarget(plan, { json: o.json ?? false, quiet: o.quiet ?? false, debug: o.debug ?? false }, o);
        if (code !== 0) return exit(code);
      }
      exit(0);
    });
}

/** Starts one target's run and follows it to its end. @returns the exit code */
export const runTarget = ({ request, declared }: CompiledTarget, options: FollowOptions, o: Pick<RunFlags, 'force' | 'in' | 'device'>): Promise<number> =>
  follow(options, (jobs) => jobs.synthesize({ ...request, ...(o.force && { force: true }), ...(o.in !== undefined && { folder: o.in }), ...(o.device !== undefined && request.device === undefined && { device: o.device as 'cpu' }) }, declared));

/** The targets of a file, or one of them, ready to run. @throws UserError (usage) for a file with errors, or without targets */
export async function compiled(file: string, name: string | undefined, using: <T>(work: (language: Language) => Promise<T>) => Promise<T> = withLanguage): Promise<Array<[string, CompiledTarget]>> {
  return using(async (language) => {
    const document = await language.open(resolve(file)), known = [...language.targets(document).keys()];
    // A target's name may be given with hyphens, as generators and metrics may.
    const names = name === undefined ? known : [known.includes(name) ? name : known.find((k) => snake(k) === snake(name)) ?? name];
    if (names.length === 0) throw new UserError('declares no target.', { file }, 'A target begins with release, augmentation, fairness, transfer or completion.', 'usage');
    const result: Array<[string, CompiledTarget]> = [];
    for (const target of names) result.push([target, await language.compile(document, target)]);
    return result;
  });
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

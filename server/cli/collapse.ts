import { Option, type Command } from 'commander';
import type { CollapseMode, ColumnOverride, DeviceChoice } from '../protocol';
import { deviceNames } from '../plan/request';
import { follow } from './follow';
import { collect, id, number, seconds } from './flags';

export interface TableFlags { column: string[]; drop: string[] }
export interface Shared { withCommon(c: Command): Command; withColumns(c: Command): Command; overrides(o: TableFlags): Record<string, ColumnOverride> }
interface Flags extends TableFlags { json?: boolean; quiet?: boolean; debug?: boolean; mode: string[]; generator: string[]; generations?: number; chains?: number; share?: number; rows?: number; budget?: number; seed?: number; device?: DeviceChoice; report?: string; force?: boolean; in?: string }

const list = (text: string, before: string[]): string[] => text.split(',').map(t => t.trim()).filter(Boolean).reduce((all, t) => collect(t, all), before);

/** `understudy collapse`: what becomes of a table that is learnt from its own stand-ins. */
export function addCollapse(root: Command, exit: (code: number) => void, { withCommon, withColumns, overrides }: Shared): void {
  withCommon(withColumns(root.command('collapse').argument('<file>', 'the real table')))
    .description('laboratory: refit generation after generation on its own output, and see what is lost')
    .option('--generations <n>', 'how many (default: 10)', number('generations', true))
    .option('--mode <modes>', 'replace (each learns the last one), accumulate (all so far, in a table of the same size), anchor (the last one and a share of real rows); several with commas (default: replace,accumulate)', list, [])
    .option('--share <share>', 'real rows in each generation, for anchor (default: 0.1)', number('share', false))
    .option('--chains <n>', 'independent repetitions, which the intervals are over (default: 5)', number('chains', true))
    .option('--generator <ids>', 'one or several with commas; see "understudy generators"', list, [])
    .option('--budget <time>', 'upper bound on each fit: 5, 30s, 2m (default: 5 s)', seconds)
    .option('--rows <n>', 'rows of every table (default: 3000, at most half the file\'s: the other half is measured against)', number('rows', true))
    .option('--seed <n>', 'same seed: same tables', number('seed', true))
    .addOption(new Option('--device <name>', 'where to compute').choices(deviceNames as string[]))
    .option('--report <file>', 'the HTML page (default: NAME.collapse.html beside the file)')
    .option('--force', 'replace a page that is not ours').option('--in <folder>', 'folder whose .understudy keeps the run')
    .addHelpText('after', `
Examples:
  $ understudy collapse orders.csv
  $ understudy collapse orders.csv --generator cart,gaussian-copula --mode replace,anchor --share .2 --generations 8`)
    .action(async (path: string, o: Flags) => {
      const request = Object.fromEntries(Object.entries({
        path, modes: o.mode.length ? (o.mode as CollapseMode[]) : undefined, generators: o.generator.length ? o.generator.map(id) : undefined, generations: o.generations, chains: o.chains, share: o.share, rows: o.rows, budgetSeconds: o.budget, seed: o.seed,
        device: o.device, columns: overrides(o), reportOut: o.report, force: o.force, folder: o.in,
      }).filter(([, v]) => v !== undefined)) as unknown as Parameters<import('../jobs/jobs').Jobs['collapse']>[0];
      exit(await follow({ json: o.json ?? false, quiet: o.quiet ?? false, debug: o.debug ?? false }, jobs => jobs.collapse(request)));
    });
}

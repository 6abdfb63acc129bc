import { Option, type Command } from 'commander';
import type { Jobs } from '../jobs/jobs';
import { deviceNames } from '../plan/request';
import type { DeviceChoice } from '../protocol';
import type { Shared, TableFlags } from './collapse';
import { id, number, seconds, setting } from './flags';
import { follow } from './follow';
import { withPrivacy, wishOf, type PrivacyFlags } from './privacy';

interface Flags extends TableFlags, PrivacyFlags { json?: boolean; quiet?: boolean; debug?: boolean; sweep: string; seeds?: number; seed?: number; generator?: string; rows?: number; budget?: number; device?: DeviceChoice; outcome?: string; holdout?: string; report?: string; force?: boolean; in?: string }

/** `understudy explore`: one knob swept, every point a run. */
export function addExplore(root: Command, exit: (code: number) => void, { withCommon, withColumns, overrides }: Shared): void {
  withPrivacy(withCommon(withColumns(root.command('explore').argument('<file>', 'the real table'))))
    .description('trade-offs: sweep one knob and see fidelity, utility and privacy against each other')
    .requiredOption('--sweep <knob=values>', 'generator=a,b,c  rows=500,2000  budget=5,20,60  epsilon=0.5,1,3  param.NAME=1,2')
    .option('--seeds <n>', 'runs a point, which the intervals are over (default: 3)', number('seeds', true))
    .option('--seed <n>', 'the first seed (default: 1)', number('seed', true))
    .option('--generator <id>', 'where the sweep is of something else', id).option('--rows <n>', 'rows of each stand-in', number('rows', true))
    .option('--budget <time>', 'upper bound on each fit: 45, 2m', seconds).addOption(new Option('--device <name>', 'where to compute').choices(deviceNames as string[]))
    .option('--outcome <column>', 'the column a model would predict (default: guessed)').option('--holdout <file>', 'real rows to judge against')
    .option('--report <file>', 'the HTML page (default: NAME.tradeoffs.html beside the file)')
    .option('--force', 'replace a page that is not ours').option('--in <folder>', 'folder whose .understudy keeps the runs')
    .addHelpText('after', `
Every point is a run of its own ("understudy runs"). Under a privacy budget (--epsilon: the total for all of them; always, where epsilon is swept) each is charged to the table's ledger; what all cost together is said
before the first fit, and without a budget that holds it nothing is fitted.

Examples:
  $ understudy explore orders.csv --sweep generator=cart,gaussian-copula,independent
  $ understudy explore orders.csv --sweep rows=500,1000,4000 --generator cart --seeds 5
  $ understudy explore orders.csv --sweep epsilon=0.5,1,3 --seeds 1 --epsilon 4 --delta 1e-6 --declare-schema`)
    .action(async (path: string, o: Flags) => {
      // Without an epsilon the request is refused with what it would cost, which the other flags are needed for.
      const some = o.delta !== undefined || o.publicRows !== undefined || o.declareSchema || o.publicSchema !== undefined, wish = o.epsilon !== undefined || some ? await wishOf({ ...o, epsilon: o.epsilon ?? 1 }) : undefined;
      const { epsilon: _none, ...rest } = wish ?? {}, privacy = wish && (o.epsilon === undefined ? rest : wish);
      const request = Object.fromEntries(Object.entries({
        path, sweep: o.sweep.replace(/^generator=.*/, id).replace(/^param\.([^=]+)/, (_, name: string) => `param.${setting(name)}`), seeds: o.seeds, seed: o.seed, generator: o.generator, rows: o.rows, budgetSeconds: o.budget, device: o.device, outcome: o.outcome, holdout: o.holdout, columns: overrides(o), reportOut: o.report, force: o.force, folder: o.in, privacy,
      }).filter(([, v]) => v !== undefined)) as unknown as Parameters<Jobs['explore']>[0];
      exit(await follow({ json: o.json ?? false, quiet: o.quiet ?? false, debug: o.debug ?? false }, jobs => jobs.explore(request)));
    });
}

import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import pc from 'picocolors';
import { UserError } from '../errors';
import { fewestFits } from '../evaluation/privacy/shadow/fits';
import type { AttackResult } from '../jobs/attack';
import { deviceNames } from '../plan/request';
import type { DeviceChoice } from '../protocol';
import type { Shared, TableFlags } from './collapse';
import { id, number, seconds } from './flags';
import { grid } from './format';

interface Flags extends TableFlags { json?: boolean; quiet?: boolean; generator?: string; targets?: number; target?: number[]; fits?: number; rows?: number; budget?: number; seed?: number; device?: DeviceChoice }

/** `understudy attack`: shadow models of chosen people (Stadler et al. 2022). */
export function addAttack(root: Command, exit: (code: number) => void, { withCommon, withColumns, overrides }: Shared): void {
  withCommon(withColumns(root.command('attack').argument('<file>', 'the real table')))
    .description('laboratory: fit a generator again and again with and without chosen people, and see whether its stand-ins tell who was in')
    .option('--generator <id>', 'what is attacked (default: autoregressive); see "understudy generators"', id)
    .option('--targets <n>', 'how many people: half the most unusual, half at random (default: 10)', number('targets', true))
    .option('--target <row>', 'a row to attack, counted from 1 without the header; may be repeated, instead of --targets', (text: string, before?: number[]) => [...(before ?? []), Number(text)])
    .option('--fits <n>', `how many shadow fits; success is quoted from ${fewestFits} on (default: ${fewestFits})`, number('fits', true))
    .option('--rows <n>', 'rows of each training table (default: 1000, at most half the file\'s)', number('rows', true))
    .option('--budget <time>', 'upper bound on each fit: 5, 30s, 2m (default: 5 s)', seconds)
    .option('--seed <n>', 'same seed: same tables', number('seed', true))
    .addOption(new Option('--device <name>', 'where to compute').choices(deviceNames as string[]))
    .addHelpText('after', `
What it costs: as many fits as --fits, each up to --budget; 64 fits of 5 s are about 6 minutes.

Examples:
  $ understudy attack orders.csv --generator cart
  $ understudy attack orders.csv --target 17 --target 2041 --fits 128`)
    .action(async (file: string, o: Flags) => {
      const { attackTable } = await import('../jobs/attack'), { fileRows } = await import('../jobs/attack-rows'), path = resolve(file), fits = o.fits ?? fewestFits, budgetSeconds = o.budget ?? 5;
      const named = o.target?.map(r => r - 1);
      if (named?.some(r => !Number.isInteger(r) || r < 0)) throw new UserError('--target: give a row\'s number, from 1.', {}, undefined, 'usage');
      if (fits < 8 || fits % 2) throw new UserError('--fits: give an even number from 8 on.', {}, undefined, 'usage');
      const rows = o.rows ?? Math.min(1000, Math.floor((await fileRows(path, overrides(o))) / 2)), say = !o.json && !o.quiet && process.stderr.isTTY;
      if (!o.json && !o.quiet) process.stderr.write(`${fits} fits on ${rows} rows, each up to ${budgetSeconds} s: at most ${Math.ceil((fits * budgetSeconds) / 60)} min and some for sampling.\n`);
      const result = await attackTable({
        path, generator: o.generator ?? 'autoregressive', columns: overrides(o), targets: o.targets ?? 10, ...(named && { rowsAttacked: named }), fits, rows, budgetSeconds, seed: o.seed ?? 0, device: o.device ?? 'auto',
        progress: async (f, message) => { if (say) process.stderr.write(`\r${Math.round(100 * f)}% ${message}   `); },
      });
      if (say) process.stderr.write('\n');
      process.stdout.write(`${o.json ? JSON.stringify(result) : attackText(result)}\n`);
      exit(0);
    });
}

const percent = (x: number) => `${(100 * x).toFixed(1)}%`;
const words = { density: 'how dense the table is there', nearness: 'how near its nearest row comes', marginal: 'its columns\' means and spreads' } as const;

/** The result for a terminal. */
export function attackText(r: AttackResult): string {
  if (!r.quoted) return `${r.fits} fits are too few: success is quoted from ${fewestFits} fits on. Repeat with --fits ${fewestFits}.`;
  const lines = [`Whether a person was in the table, told from ${r.generator}'s stand-ins (${r.fits} fits on ${r.rows} rows; guessing is right 50% of the time):`, ''];
  lines.push(grid(['By', 'Right', '95% interval'], (Object.keys(words) as Array<keyof typeof words>).map(a => [words[a], pc.bold(percent(r.attacks[a].accuracy)), `${percent(r.attacks[a].low)} to ${percent(r.attacks[a].high)}`]), [1, 2]), '');
  const best = (Object.keys(words) as Array<keyof typeof words>).reduce((a, b) => (r.attacks[b].accuracy > r.attacks[a].accuracy ? b : a));
  lines.push(`Person by person, by ${words[best]}:`, grid(['Row', 'Chosen as', 'Right', '95% interval', 'AUC'], [...r.attacks[best].targets].sort((a, b) => b.accuracy - a.accuracy).map(t => [String(t.row + 1), r.chosen[t.row], percent(t.accuracy), `${percent(t.low)} to ${percent(t.high)}`, t.auc.toFixed(3)]), [0, 2, 3, 4]));
  const clear = r.attacks[best].low > 0.5;
  lines.push('', clear ? 'The generator gives away who was in. Protect the rare values of those people, leave them out, or use a privacy budget.' : 'No leak was seen: the interval reaches 50%. It is about the generator on tables of this size, not about one release.');
  return lines.join('\n');
}

import { Command, CommanderError, Option } from 'commander';
import pc from 'picocolors';
import { exitCodes, UserError } from './errors';
import { follow, type FollowOptions } from './cli/follow';
import { profileText } from './cli/format';
import { addCheck } from './cli/check';
import { addAttack } from './cli/attack';
import { addCollapse } from './cli/collapse';
import { declaredIn } from './cli/declared';
import { addExplore } from './cli/explore';
import { collect, id, number, seconds, setting } from './cli/flags';
import { addGenerators } from './cli/generators';
import { addRun } from './cli/run';
import { addSchema } from './cli/schema';
import { targetFile } from './cli/target';
import { addPrivacy, releasedDelta, wishOf, withPrivacy, type PrivacyFlags } from './cli/privacy';
import { addMcp } from './cli/mcp';
import { addMetrics } from './cli/metrics';
import { addRuns } from './cli/runs';
import { Jobs } from './jobs/jobs';
import { versions } from './jobs/versions';
import { defaults } from './plan/defaults';
import { deviceNames, kindNames, type synthesizeRequest } from './plan/request';
import type { z } from 'zod';
import type { ColumnOverride, Kind } from './protocol';

type SynthesizeInput = z.input<typeof synthesizeRequest>;

interface CommonFlags { json?: boolean; quiet?: boolean; debug?: boolean }
interface TableFlags { column: string[]; drop: string[] }

const follows = (o: CommonFlags): FollowOptions => ({ json: o.json ?? false, quiet: o.quiet ?? false, debug: o.debug ?? false });

/** `--column name=kind` and `--drop name` as overrides. The last `=` divides, since a column's name may hold one. */
function overrides({ column, drop }: TableFlags): Record<string, ColumnOverride> {
  const result: Record<string, ColumnOverride> = {};
  for (const text of column) {
    const at = text.lastIndexOf('=');
    const kind = text.slice(at + 1);
    if (at < 1 || !kindNames.includes(kind)) throw new UserError(`--column ${text}: give name=kind, with one of ${kindNames.join(', ')}.`, {}, undefined, 'usage');
    result[text.slice(0, at)] = { ...result[text.slice(0, at)], kind: kind as Kind };
  }
  for (const name of drop) result[name] = { ...result[name], drop: true };
  return result;
}

/** `--param k=v`: v is JSON where it parses as such, else a string. */
function parameters(texts: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UserError(`--param ${text}: give name=value.`, {}, undefined, 'usage');
    const raw = text.slice(at + 1);
    try {
      return [setting(text.slice(0, at)), JSON.parse(raw) as unknown];
    } catch {
      return [setting(text.slice(0, at)), raw];
    }
  }));
}

const withColumns = (c: Command): Command => c
  .option('--column <name=kind>', `declare a column's kind (${kindNames.join(', ')}); may be repeated`, collect, [])
  .option('--drop <name>', 'leave a column out; may be repeated', collect, []);
const withCommon = (c: Command): Command => c
  .option('--json', 'print the result as JSON')
  .option('--quiet', 'print no progress')
  .option('--debug', 'show the log and stack traces of failures');
interface JudgedFlags { suite?: 'standard' | 'full' | 'privacy'; sensitive?: string[]; positive?: string; order?: string; entity?: string }
const withJudged = (c: Command): Command => c
  .addOption(new Option('--suite <name>', 'how much is judged: what every report has, everything, or whom the table exposes').choices(['standard', 'full', 'privacy']))
  .option('--sensitive <column>', 'a column whose groups are compared; may be repeated', collect)
  .option('--positive <value>', 'the outcome\'s favourable value')
  .option('--order <column>', 'the column that orders the rows in time')
  .option('--entity <column>', 'the column that says whose the rows are');
const judgedOf = (o: JudgedFlags): JudgedFlags => ({ suite: o.suite, sensitive: o.sensitive, positive: o.positive, order: o.order, entity: o.entity });
const device = () => new Option('--device <name>', 'where to compute').choices(deviceNames as string[]);

/** The command line as a commander program; `exit` receives the code of the command that ran. */
export function program(exit: (code: number) => void): Command {
  const root = new Command('understudy')
    .description('Synthetic stand-ins for your tables, made and judged on your own machine.')
    .version(Object.entries(versions()).map(([k, v]) => `${k} ${v}`).join('\n'))
    .exitOverride().showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', `
Examples:
  $ understudy synthesize orders.csv
  $ understudy synthesize orders.csv --holdout later.csv --outcome churned --rows 5000
  $ understudy evaluate orders.csv orders.synthetic.csv
  $ understudy inspect orders.csv
  $ understudy runs resume 20260131-142233-9f3a

Exit codes: 0 done, 1 a defect of ours, 2 usage, 3 input data, 4 disk or permission, 5 device, 130 cancelled.`);

  withCommon(withPrivacy(withJudged(withColumns(root.command('synthesize').argument('<file>', '.csv .tsv .csv.gz .parquet .jsonl .arrow .feather')))))
    .description('learn a table; write a synthetic one and a report beside it')
    .option('--rows <n>', 'rows to make (default: as many as the file has)', number('rows', true))
    .option('--generator <id>', `what learns the table; see "understudy generators"; auto chooses by the table (default: ${defaults.generator})`, id)
    .option('--param <k=v>', 'a setting of the generator (see "understudy generators ID"); may be repeated', collect, [])
    .option('--context <columns>', 'columns that divide the table into contexts, between commas (ca-dasg)')
    .option('--seed <n>', 'same plan, seed and device: same bytes (default: random, recorded)', number('seed', true))
    .option('--out <file>', 'the synthetic table (default: NAME.synthetic.EXT beside the file)')
    .option('--report <file>', 'the HTML report (default: beside the synthetic table)')
    .option('--budget <time>', `upper bound on fitting: 45, 2m, 1h (default: ${defaults.budgetSeconds} s)`, seconds)
    .addOption(device())
    .option('--holdout <file>', 'real rows to judge against; then every row of FILE may be learnt')
    .option('--outcome <column>', 'the column a model would predict (default: guessed)')
    .option('--no-protection', 'let values of fewer than 5 rows appear as they are')
    .option('--force', 'replace files that are not ours')
    .addOption(new Option('--target <file>', 'a target and rules as JSON ({ target, rules }); what a .synth file says, without one').hideHelp())
    .option('--in <folder>', 'folder whose .understudy keeps the run (default: the nearest, else the file\'s)')
    .addHelpText('after', `
Examples:
  $ understudy synthesize orders.csv
  $ understudy synthesize "My orders.csv" --rows 100000 --out fake.parquet --seed 7
  $ understudy synthesize train.csv --holdout test.csv --outcome income --budget 2m --json
  $ understudy synthesize people.csv --column zip=category --column id=identifier --drop notes
  $ understudy synthesize people.csv --epsilon 3                  (asks what may be public)
  $ understudy synthesize people.csv --epsilon 3 --delta 1e-6 --declare-schema --public age=17..90 --public 'sex=Female|Male'`)
    .action(async (file: string, o: CommonFlags & TableFlags & JudgedFlags & PrivacyFlags & { rows?: number; generator?: string; param: string[]; context?: string; seed?: number; out?: string; report?: string; budget?: number; device?: SynthesizeInput['device']; holdout?: string; outcome?: string; protection: boolean; force?: boolean; target?: string; in?: string }) => {
      const privacy = await wishOf(await asked(file, o));
      const request: SynthesizeInput = defined({
        path: file, rows: o.rows, generator: o.generator, parameters: { ...parameters(o.param), ...(o.context !== undefined && { contexts: o.context }) }, seed: o.seed, out: o.out, reportOut: o.report, budgetSeconds: o.budget,
        device: o.device, holdout: o.holdout, outcome: o.outcome, columns: overrides(o), protection: o.protection, force: o.force, folder: o.in, ...judgedOf(o), privacy, ...(o.target !== undefined && (await targetFile(o.target))),
      });
      exit(await follow(follows(o), (jobs) => jobs.synthesize(request)));
    });

  withCommon(withJudged(withColumns(root.command('evaluate').argument('<real>', 'the real table').argument('<synthetic>', 'the synthetic table'))))
    .description('judge a synthetic table, whoever made it')
    .option('--holdout <file>', 'real rows the synthetic table was not made from; without them privacy is not assessable')
    .option('--outcome <column>', 'the column a model would predict (default: guessed)')
    .option('--report <file>', 'the HTML report (default: beside the synthetic table)')
    .option('--seed <n>', 'for the parts that draw', number('seed', true))
    .addOption(device())
    .option('--rules <file>', 'what must hold in every row: a .synth file, whose columns, outcome and roles then hold too unless a flag says otherwise; or JSON with "rules"')
    .option('--force', 'replace a report that is not ours')
    .option('--in <folder>', 'folder whose .understudy keeps the run')
    .addHelpText('after', `
Examples:
  $ understudy evaluate orders.csv orders.synthetic.csv
  $ understudy evaluate train.csv synthetic.csv --holdout test.csv --outcome income --json
  $ understudy evaluate train.csv synthetic.csv --holdout test.csv --outcome income --sensitive sex --suite full
  $ understudy evaluate orders.csv from-another-tool.csv --rules orders.synth`)
    .action(async (real: string, synthetic: string, o: CommonFlags & TableFlags & JudgedFlags & { holdout?: string; outcome?: string; report?: string; seed?: number; device?: SynthesizeInput['device']; rules?: string; force?: boolean; in?: string }) => {
      const { columns, ...said } = o.rules === undefined ? {} : await declaredIn(o.rules);
      const request = defined({ ...said, ...defined({ real, synthetic, holdout: o.holdout, outcome: o.outcome, reportOut: o.report, seed: o.seed, device: o.device, columns: { ...columns, ...overrides(o) }, force: o.force, folder: o.in, ...judgedOf(o) }) });
      exit(await follow(follows(o), (jobs) => jobs.evaluate(request)));
    });

  withCommon(withColumns(root.command('inspect').argument('<file>')))
    .description('what each column is, how it will be modelled, and what will not go well')
    .addHelpText('after', `
Examples:
  $ understudy inspect orders.csv
  $ understudy inspect orders.csv --json | jq '.columns[].kind'`)
    .action(async (file: string, o: CommonFlags & TableFlags) => {
      const jobs = new Jobs();
      try {
        const { resolve } = await import('node:path');
        const profile = await jobs.inspect(resolve(file), overrides(o));
        process.stdout.write(`${o.json ? JSON.stringify(profile, null, 2) : profileText(profile)}\n`);
        exit(0);
      } finally {
        await jobs.close();
      }
    });

  addCollapse(root, exit, { withCommon, withColumns, overrides });
  addAttack(root, exit, { withCommon, withColumns, overrides });
  addExplore(root, exit, { withCommon, withColumns, overrides });
  addRuns(root, exit, withCommon);

  addGenerators(root, exit);
  addMetrics(root, exit);
  addMcp(root, exit);
  addRun(root, exit, withCommon);
  addCheck(root, exit, withCommon);
  addSchema(root, exit);
  addPrivacy(root, exit);
  return root;
}

/** The flags of a budget, with what is still open asked at the terminal where somebody sits at one. */
async function asked<T extends CommonFlags & TableFlags & PrivacyFlags & { generator?: string; in?: string }>(file: string, o: T): Promise<T> {
  if (o.epsilon === undefined || o.json || o.quiet) return o;
  const { agree, open, terminal } = await import('./cli/agree'), at = terminal();
  if (!at || !open(o)) return o;
  const jobs = new Jobs(), path = (await import('node:path')).resolve(file);
  try {
    const delta = o.delta === undefined && o.publicRows === undefined ? await releasedDelta(path, o.in) : undefined;
    return await agree(o, { file, profile: () => jobs.inspect(path, overrides(o)), ...(o.generator !== undefined && { generator: o.generator }), ...(delta !== undefined && { delta }) }, at);
  } finally {
    await jobs.close();
  }
}

function defined<T extends object>(o: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T;
}

/** Runs the command line. @returns the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  try {
    await program((c) => { code = c; }).parseAsync(argv as string[]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    if (error instanceof UserError) {
      process.stderr.write(`${error.code === 'cancelled' ? '' : `${pc.red('error')} `}${error.toText()}\n`);
      if (argv.includes('--debug')) process.stderr.write(`${error.stack}\n`);
      return exitCodes[error.code] ?? 1;
    }
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${pc.red('error')} Something went wrong inside Understudy: ${text.split('\n')[0]}\n`);
    if (argv.includes('--debug')) process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    else process.stderr.write('This is a defect of ours; --debug shows the details.\n');
    return 1;
  }
}

// A reader that went away (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
void main(process.argv).then((code) => { process.exitCode = code; });

import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors';
import { isTableName, splitName } from '../targets/names';

/**
 * Whether a file that exists is a run's own output, unchanged since: it may be replaced, because its run folder keeps the rows.
 * @param of only of a run that wrote this synthetic table: of orders.csv and orders.tsv, either keeps its report
 */
export type IsOurs = (path: string, of?: string) => Promise<boolean>;

/** Whether anything lies under this name. */
export async function exists(path: string): Promise<boolean> {
  return fs.lstat(path).then(() => true, () => false);
}

/**
 * Where the synthetic table goes when the user did not say: `<name>.synthetic.<ext>` beside the source, and where that
 * name is taken by a file that is not ours, `<name>.synthetic-2.<ext>` and so on.
 * @param called the declared target's name: `<name>.<called>.synthetic.<ext>`, so that targets of one source do not replace each other's tables
 */
export async function defaultOut(source: string, isOurs: IsOurs, force: boolean, word: 'synthetic' | 'completed' = 'synthetic', called?: string): Promise<string> {
  const { stem: name, ending } = splitName(basename(source)), stem = called === undefined ? name : `${name}.${called.replace(/[^\p{L}\p{N}_-]+/gu, '_')}`;
  for (let n = 1; ; n++) {
    const path = join(dirname(source), `${stem}.${word}${n === 1 ? '' : `-${n}`}${ending || '.csv'}`);
    if (force || !(await exists(path)) || (await isOurs(path))) return path;
  }
}

/**
 * Checks a name the user gave for the synthetic table.
 * @throws UserError (usage) for an unknown ending, one of the input files, or an existing file without `force`.
 */
export async function checkOut(out: string, inputs: readonly string[], isOurs: IsOurs, force: boolean): Promise<void> {
  if (!isTableName(out))
    throw new UserError('ends in no format Understudy writes.', { file: basename(out) }, 'Use .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow or .feather.', 'usage');
  await checkFree(out, inputs, isOurs, force, '--out');
}

/**
 * Checks that a file may be written under a name the user gave with `option`.
 * @throws UserError (usage) for one of the input files, a folder that is not there, or an existing file without `force`.
 */
export async function checkFree(out: string, inputs: readonly string[], isOurs: IsOurs, force: boolean, option: '--out' | '--report'): Promise<void> {
  for (const input of inputs)
    if (await sameFile(out, input)) throw new UserError('is one of the input files and will not be overwritten.', { file: basename(out) }, `Choose another name with ${option}.`, 'usage');
  const folder = await fs.stat(dirname(out)).catch(() => undefined);
  if (!folder?.isDirectory()) throw new UserError(`cannot be written: the folder ${dirname(out)} does not exist.`, { file: basename(out) }, 'Create it first.', 'usage');
  const there = await fs.stat(out).catch(() => undefined);
  if (there?.isDirectory()) throw new UserError('is a folder.', { file: basename(out) }, `Give a file name with ${option}.`, 'usage');
  if (!force && (await exists(out)) && !(await isOurs(out)))
    throw new UserError('already exists and is not an output of ours.', { file: basename(out) }, `Use --force to replace it, or another name with ${option}.`, 'usage');
}

/** Where the report goes: beside the synthetic table, `<name>.report.html` (`<name>.evaluation.html` for an evaluation, which must not take the place of the run's own), or `-2` and so on where that is not ours to replace. */
export async function defaultReport(out: string, isOurs: IsOurs, force: boolean, kind: 'report' | 'evaluation' = 'report'): Promise<string> {
  const { stem } = splitName(out);
  for (let n = 1; ; n++) {
    const path = `${stem}.${kind}${n === 1 ? '' : `-${n}`}.html`;
    if (force || !(await exists(path)) || (await isOurs(path, kind === 'report' ? out : undefined))) return path;
  }
}

async function sameFile(a: string, b: string): Promise<boolean> {
  if (a === b) return true;
  const [x, y] = await Promise.all([a, b].map((p) => fs.stat(p).catch(() => undefined)));
  return !!x && !!y && x.dev === y.dev && x.ino === y.ino;
}

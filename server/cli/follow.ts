import { join } from 'node:path';
import pc from 'picocolors';
import { exitCodes, UserError, type ErrorCode } from '../errors';
import { Jobs, type StartedRun } from '../jobs/jobs';
import { files, RunStore } from '../jobs/store';
import type { RunRecord } from '../protocol';
import { readResult } from '../jobs/laboratory/publish';
import { progressView } from './bar';
import { laboratoryText } from './laboratory';
import { briefProfile, duration, quoted, reportText } from './format';

/** `untold`: what became of a run is told by somebody else, and stdout is theirs; its errors are told all the same. */
export interface FollowOptions { quiet: boolean; json: boolean; debug: boolean; untold?: boolean }

/**
 * Starts a run, shows it to its end on stderr, and prints its result on stdout. Ctrl-C cancels it cleanly; a second one kills.
 * @returns the exit code.
 */
export async function follow(options: FollowOptions, begin: (jobs: Jobs) => Promise<StartedRun>): Promise<number> {
  const quiet = options.quiet || options.json;
  const view = progressView(options.quiet || (options.json && !process.stderr.isTTY));
  const jobs = new Jobs({
    // A sweep's own runs are told by the sweep.
    changed: (record) => record.state === 'running' && (id === undefined || record.id === id) && view.update(record),
    profiled: (record, profile) => {
      if (quiet || (id !== undefined && record.id !== id)) return;
      view.stop();
      process.stderr.write(`${briefProfile(profile)}\n`);
    },
  });
  let id: string | undefined;
  let first: number | undefined;
  const interrupt = () => {
    // One Ctrl-C under npx arrives twice, from the terminal and passed on by npx, and so does the signal of `timeout`: that is still one wish.
    if (first !== undefined && Date.now() - first < 500) return;
    if (first === undefined && id) {
      first = Date.now();
      return void jobs.cancel(id);
    }
    jobs.killAll();
    process.exit(exitCodes.cancelled);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  try {
    const run = await begin(jobs);
    id = run.record.id;
    if (!quiet) process.stderr.write(`run ${id}${run.record.seed === undefined ? '' : `, seed ${run.record.seed}`}\n`);
    const record = await run.done;
    view.stop();
    return await conclude(record, options);
  } finally {
    view.stop();
    await jobs.close();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupt);
  }
}

/** Prints what became of a run. @returns the exit code. */
export async function conclude(record: RunRecord, options: FollowOptions): Promise<number> {
  const found = record.kind === 'collapse' || record.kind === 'explore' ? await readResult(record.folder) : undefined;
  if (options.json) process.stdout.write(`${JSON.stringify(found ? { ...record, result: found } : record, null, 2)}\n`);
  if (record.state === 'finished') {
    if (!options.json && found) process.stdout.write(`${laboratoryText(found)}\n\n`);
    if (!options.json && !options.untold) await printResult(record, options.quiet);
    return 0;
  }
  const again = `understudy runs resume ${record.id} --in ${quoted(storeHome(record))}`;
  if (record.state === 'cancelled') {
    process.stderr.write(`Cancelled.${record.kind === 'evaluate' ? '' : ` Resume with: ${again}`}\n`);
    return exitCodes.cancelled;
  }
  const error = record.error ?? { message: `The run is ${record.state}.`, code: 'defect' };
  process.stderr.write(`${pc.red('error')} ${error.message}${error.hint ? ` ${error.hint}` : ''}\n`);
  const log = join(record.folder, files.log);
  if (options.debug) process.stderr.write(await import('node:fs/promises').then((fs) => fs.readFile(log, 'utf8')).catch(() => ''));
  // What is wrong with the user's own input or words is said above; a log would add nothing.
  else if (error.code !== 'input' && error.code !== 'usage') process.stderr.write(`log: ${log}\n`);
  if (record.kind !== 'evaluate' && error.code !== 'usage' && error.code !== 'input') process.stderr.write(`resume with: ${again}\n`);
  return error.code in exitCodes ? exitCodes[error.code as ErrorCode] : 1;
}

async function printResult(record: RunRecord, quiet: boolean): Promise<void> {
  const report = await new RunStore(storeHome(record)).report(record).catch((error) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  if (report) process.stdout.write(`${reportText(report)}\n\n`);
  const named: Array<[string, string | undefined]> = [...(record.outs ?? [{ path: record.kind === 'synthesize' ? record.out : undefined }]).map(({ path }): [string, string | undefined] => ['synthetic', path]), ['report', record.reportOut], ['to publish', record.publishableOut], ['run', record.folder]];
  if (report?.privacyProof) process.stdout.write(`${report.privacyProof.statement}\n\n`);
  for (const [what, path] of named) if (path) process.stdout.write(`${what.padEnd(10)} ${path}\n`);
  if (quiet) return;
  const facts = [record.rows === undefined ? '' : `${record.rows} rows`, record.seconds === undefined ? '' : duration(record.seconds), record.device?.description ?? ''].filter(Boolean);
  process.stderr.write(`${facts.join(', ')}\n`);
}

/** The folder whose `.understudy` holds a run. */
export const storeHome = (record: RunRecord): string => join(record.folder, '..', '..', '..');

import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { Plan } from '../../protocol';
import { writeIpc } from '../../table/columns';
import type { Table } from '../../table/table';
import { writeTable } from '../../table/write';
import { place, removeTemporaries, temporaryBeside } from '../files';
import { splitName } from '../names';
import { sha256, systemError } from '../source';
import type { ReleaseJob } from './job';

/** Writes the synthetic table under its name, only when whole, and once more into the run's folder. @returns the name it got */
export async function write(table: Table, plan: Plan, job: ReleaseJob): Promise<string> {
  const beside = temporaryBeside(plan.out, job.id);
  await removeTemporaries(plan.out, job.id);
  try {
    await writeTable(table, beside);
    const kept = temporaryBeside(job.files.synthetic);
    await writeIpc(table, kept);
    await fs.rename(kept, job.files.synthetic);
    await job.breathe();
  } catch (error) {
    await fs.rm(beside, { force: true });
    const told = systemError(error, plan.out, 'written');
    // The user knows the output by its own name, not by the one it is written under.
    if (told instanceof UserError && told.place.file === basename(beside)) throw new UserError(told.message, { ...told.place, file: basename(plan.out) }, told.hint, told.code);
    throw told;
  }
  // What an attempt that was stopped has placed already is the same file, and not another's.
  return place(beside, plan.out, async (path) => (await job.mayReplace(path)) || (job.resume && (await sha256(path).catch(() => undefined)) === (await sha256(beside))));
}

/** A table as it was written. */
export interface Written { path: string; sha256: string }

/** One table under the plan's own name; several as NAME.1.csv, NAME.2.csv ... The first is the one that the run's folder keeps under its usual name. */
export async function writeAll(tables: readonly Table[], plan: Plan, job: ReleaseJob): Promise<Written[]> {
  const { stem, ending } = splitName(plan.out), written: Written[] = [];
  for (const [r, table] of tables.entries()) {
    const path = await write(table, tables.length === 1 ? plan : { ...plan, out: `${stem}.${r + 1}${ending}` }, r === 0 ? job : { ...job, files: { ...job.files, synthetic: `${job.files.synthetic}.${r + 1}` } });
    written.push({ path, sha256: await sha256(path) });
  }
  return written;
}

import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { Plan } from '../../protocol';
import { writeIpc } from '../../table/columns';
import type { Table } from '../../table/table';
import { writeTable } from '../../table/write';
import { place, removeTemporaries, temporaryBeside } from '../files';
import { systemError } from '../source';
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
  return place(beside, plan.out, (path) => job.mayReplace(path));
}

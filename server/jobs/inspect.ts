import type { ColumnOverride, TableProfile } from '../protocol';
import { flagged, standInNote } from './laboratory/known';
import { Look } from './laboratory/look';
import { understand } from '../targets/release/read';

/** What each column of a file is and how it would be modelled. @throws UserError when it cannot be read. */
export async function inspectJob(path: string, overrides: Record<string, ColumnOverride> = {}, values?: number): Promise<TableProfile> {
  const look = new Look();
  await look.stamp(path);
  const { profile, table } = await understand({ path, columns: overrides, ...(values !== undefined && { values }) }), note = await standInNote(path, { look, read: async () => table });
  return note ? flagged(profile, note) : profile;
}

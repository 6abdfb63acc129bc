import type { ColumnOverride, TableProfile } from '../protocol';
import { flagged, standInNote } from './laboratory/known';
import { profileFile } from '../targets/release/read';

/** What each column of a file is and how it would be modelled. @throws UserError when it cannot be read. */
export async function inspectJob(path: string, overrides: Record<string, ColumnOverride> = {}, values?: number): Promise<TableProfile> {
  const profile = await profileFile(path, overrides, values), note = await standInNote(path);
  return note ? flagged(profile, note) : profile;
}

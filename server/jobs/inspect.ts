import type { ColumnOverride, TableProfile } from '../protocol';
import { profileFile } from '../targets/release/read';

/** What each column of a file is and how it would be modelled. @throws UserError when it cannot be read. */
export function inspectJob(path: string, overrides: Record<string, ColumnOverride> = {}): Promise<TableProfile> {
  return profileFile(path, overrides);
}

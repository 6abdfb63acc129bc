import type { ColumnOverride } from '../protocol';
import { profileFile } from '../targets/release/read';

/** How many rows a table has. @throws UserError when it cannot be read */
export const fileRows = async (path: string, columns: Record<string, ColumnOverride>): Promise<number> => (await profileFile(path, columns)).rows;

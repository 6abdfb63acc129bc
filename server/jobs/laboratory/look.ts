import { fileState } from '../../targets/source';
import type { Table } from '../../table/table';

/** Files larger than this are not looked into; of what was read, so many bytes of files are kept. */
export const mostBytes = 200e6;
const mostKeptBytes = 120e6;

/** Real tables and outputs are asked about with every file of their folder that is opened: those lately used, and of every one the columns that are modelled, are kept while their files stay as they are. */
const tables = new Map<string, { stamp: string; bytes: number; table: Table }>(), columns = new Map<string, { stamp: string; names: readonly string[] }>();

/** One question about files: what it read, and how these files were before they were read, so that its answer holds as long as they stay so. */
export class Look {
  /** Size and time of every file that was looked at; undefined where there was none. */
  private readonly seen = new Map<string, string | undefined>();

  /** @param breathe awaited before every file is read; what it throws ends the question */
  constructor(private readonly breathe: () => Promise<void> = async () => undefined) {}

  /**
   * @param as what it is read as: a file can be a run's real table and another one's output
   * @returns undefined where the file is gone, too large, or no table
   */
  async table(path: string, as: 'real' | 'output', read: () => Promise<Table>): Promise<Table | undefined> {
    const now = await this.stamp(path), key = `${as} ${path}`, known = tables.get(key);
    if (!now || now.bytes > mostBytes) return undefined;
    tables.delete(key);
    await this.breathe();
    const table = known?.stamp === now.stamp ? known.table : await read().catch(() => undefined);
    if (table && now.bytes <= mostKeptBytes) tables.set(key, { ...now, table });
    // What was used longest ago goes.
    for (const other of tables.keys()) if (total() > mostKeptBytes) tables.delete(other);
    return table;
  }

  /** What `remember` was told of the file as it is; undefined before. */
  async remembered(path: string): Promise<readonly string[] | undefined> {
    const now = await this.stamp(path), known = columns.get(path);
    return now && known?.stamp === now.stamp ? known.names : undefined;
  }
  remember(path: string, names: readonly string[]): void {
    const stamp = this.seen.get(path);
    if (stamp !== undefined) columns.set(path, { stamp, names });
  }

  /** Notes how a file is, before somebody else reads it. */
  async stamp(path: string): Promise<{ stamp: string; bytes: number } | undefined> {
    const now = await stampOf(path);
    // The first look counts: what is written to in between is asked about anew.
    if (!this.seen.has(path)) this.seen.set(path, now?.stamp);
    return now;
  }

  /** Whether every file is as it was. */
  async holds(): Promise<boolean> {
    for (const [path, stamp] of this.seen) if ((await stampOf(path))?.stamp !== stamp) return false;
    return true;
  }
}

const total = () => [...tables.values()].reduce((n, t) => n + t.bytes, 0);
const stampOf = (path: string) => fileState(path).then(({ bytes, modifiedMs }) => ({ stamp: `${bytes} ${modifiedMs}`, bytes }), () => undefined);

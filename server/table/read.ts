import { basename } from 'node:path';
import { UserError } from '../errors';
import type { TableFormat } from '../protocol';
import { assertUnchanged, fingerprint, gunzip, Scratch } from './bytes';
import { Database } from './duckdb';
import { formatOf } from './format';
import { loadArrow } from './format-arrow';
import { loadJsonLines } from './format-jsonl';
import { loadParquet } from './format-parquet';
import { makeTable } from './make';
import { LargeCells, SmallCells, type Cells } from './read-cells';
import { loadDelimited } from './read-delimited';
import type { RawTable, RawContext, ReadIssue, ReadOptions, ReadReport } from './read-options';
import { typeColumn } from './read-types';
import type { Column, Table } from './table';

export type { ReadIssue, ReadOptions, ReadReport } from './read-options';

export { formatOf } from './format';

/** Reads a table of any known format, typed and with what is needed to write it back exactly. Throws UserError with file, row and column. */
export async function readTable(path: string, options: ReadOptions = {}): Promise<Table> { return (await readTableWithReport(path, options)).table; }

/** As `readTable`, with the layout found and everything the user should know about it. */
export async function readTableWithReport(path: string, options: ReadOptions = {}): Promise<ReadReport> {
  return withRaw(path, options, async (raw, database, issues) => {
    const columns: Column[] = [];
    const source = cellSource(raw, database, options);
    for (let i = 0; i < raw.names.length; i++) {
      const cells = await source(i);
      columns.push(await typeColumn(cells, {
        name: raw.names[i], sourceName: raw.sourceNames[i], nativeType: raw.nativeTypes?.[i], counts: raw.counts?.[i], bareToken: raw.bareTokens?.[i], issues, lineOf: row => raw.lineOf(row),
      }));
      options.progress?.(0.5 + 0.5 * (i + 1) / raw.names.length);
    }
    return { table: makeTable(raw.dialect, columns, raw.rows), dialect: raw.dialect, issues };
  });
}

/** Loads a file's cells into DuckDB, lets `use` work on them, and makes sure that the file was the same all along and nothing is left behind. */
export async function withRaw<T>(path: string, options: ReadOptions, use: (raw: RawTable, database: Database, issues: ReadIssue[]) => Promise<T>): Promise<T> {
  const format = formatOf(path);
  const before = await fingerprint(path);
  if (before.size === 0) throw new UserError('The file is empty.', { file: basename(path) }, 'It needs a row of column names and at least one row of data.');
  const scratch = new Scratch();
  let database: Database | undefined;
  try {
    const context: RawContext = { path, file: path, scratch, options, issues: [] };
    database = await Database.open(await scratch.file('.spill'), options.signal);
    const raw = await load(context, database, format);
    await assertUnchanged(path, before);
    options.progress?.(0.5);
    return await use(raw, database, context.issues);
  } finally {
    database?.close();
    await scratch.dispose();
  }
}

async function load(context: RawContext, database: Database, format: TableFormat): Promise<RawTable> {
  switch (format) {
    case 'csv': case 'tsv': return loadDelimited(context, database, format);
    case 'csv.gz': {
      const plain = await context.scratch.file('.csv');
      await gunzip(context.path, plain, context.options.signal);
      return loadDelimited({ ...context, path: plain }, database, format);
    }
    case 'jsonl': return loadJsonLines(context, database);
    case 'parquet': return loadParquet(context, database);
    case 'arrow': return loadArrow(context, database);
  }
}

/** Cells by column: of small tables a few hundred columns at a time in memory; of large ones through SQL. */
function cellSource(raw: RawTable, database: Database, options: ReadOptions): (column: number) => Promise<Cells> {
  const width = raw.names.length;
  if (raw.rows > (options.smallRows ?? 5000)) {
    const sampleRows = Math.max(100, Math.min(2000, Math.floor(1_000_000 / width)));
    return async i => new LargeCells(database, i, raw.rows, sampleRows);
  }
  const batch = 250;
  let from = -1, columns: Array<Array<string | null>> = [];
  return async i => {
    if (from < 0 || i < from || i >= from + batch) {
      from = i - i % batch;
      const count = Math.min(batch, width - from);
      columns = await database.strings(`SELECT ${Array.from({ length: count }, (_, j) => `c${from + j}`).join(', ')} FROM raw`, count);
    }
    return new SmallCells(columns[i - from]);
  };
}

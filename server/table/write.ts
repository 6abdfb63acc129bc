import { basename } from 'node:path';
import { UserError } from '../errors';
import type { TableFormat } from '../protocol';
import { plainDialect } from './make';
import { formatOf } from './format';
import { writeArrow } from './format-arrow';
import { jsonLines } from './format-jsonl';
import { writeParquet } from './format-parquet';
import type { Dialect, Table } from './table';
import { delimitedPieces } from './write-delimited';
import { writePieces, writeWhole } from './write-file';

export interface WriteOptions {
  signal?: AbortSignal;
  /** 0..1 of the write. */
  progress?: (fraction: number) => void;
}

const delimited: readonly TableFormat[] = ['csv', 'tsv', 'csv.gz'];

/**
 * Writes a table in the format of the file's name, in the layout of the file it came from where the formats agree. The file appears whole or not at all.
 *
 * Cells that a spreadsheet would run as a formula (`=cmd|...`) are written as they are: an unmodified table must come back unchanged, and
 * nothing here invents texts, so a synthetic table has such a cell only where the real column had it.
 */
export async function writeTable(table: Table, path: string, options: WriteOptions = {}): Promise<void> {
  const format = formatOf(path);
  if (table.columns.length === 0) throw new UserError('There are no columns to write.', { file: basename(path) }, 'Keep at least one column.');
  const { signal, progress } = options;
  await writeWhole(path, async part => {
    if (delimited.includes(format)) {
      const dialect = dialectFor(table.schema.dialect, format, path);
      return writePieces(part, delimitedPieces(table, dialect, progress && (rows => progress(rows / table.rows))), format === 'csv.gz', signal);
    }
    if (format === 'parquet') return writeParquet(table, part, signal);
    if (format === 'arrow') return writeArrow(table, part, signal);
    return writePieces(part, jsonLines(table, progress && (rows => progress(rows / table.rows))), false, signal);
  }, signal);
}

/** The source's own layout if it was a delimited file; its delimiter only if the new name does not promise another. */
export function dialectFor(source: Dialect, format: TableFormat, path: string): Dialect {
  const tab = /\.(tsv|tab)(\.gz)?$/i.test(path);
  if (!delimited.includes(source.format)) return { ...plainDialect, format, delimiter: tab ? '\t' : ',' };
  if (tab === (source.delimiter === '\t')) return { ...source, format };
  if (tab) return { ...source, format, delimiter: '\t' };
  return { ...source, format, delimiter: source.format === 'tsv' ? ',' : source.delimiter };
}

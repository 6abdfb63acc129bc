import { basename, extname } from 'node:path';
import { UserError } from '../errors';
import type { TableFormat } from '../protocol';

/** The format a file's name stands for; a UserError for names that stand for none. */
export function formatOf(path: string): TableFormat {
  const name = basename(path).toLowerCase();
  if (name.endsWith('.csv.gz') || name.endsWith('.tsv.gz')) return 'csv.gz';
  const known: Record<string, TableFormat> = { '.csv': 'csv', '.tsv': 'tsv', '.tab': 'tsv', '.txt': 'csv', '.parquet': 'parquet', '.jsonl': 'jsonl', '.ndjson': 'jsonl', '.arrow': 'arrow', '.feather': 'arrow' };
  const format = known[extname(name)];
  if (!format) throw new UserError('Its name does not tell a table format.', { file: basename(path) }, 'Known are .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow and .feather.', 'usage');
  return format;
}

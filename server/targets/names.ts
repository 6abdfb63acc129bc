/** File name endings and the formats they stand for; the longest ending comes first. */
export const endings: ReadonlyArray<readonly [ending: string, format: string]> = [
  ['.csv.gz', 'csv.gz'], ['.tsv.gz', 'csv.gz'], ['.csv', 'csv'], ['.txt', 'csv'], ['.tsv', 'tsv'], ['.tab', 'tsv'], ['.parquet', 'parquet'],
  ['.jsonl', 'jsonl'], ['.ndjson', 'jsonl'], ['.arrow', 'arrow'], ['.feather', 'arrow'],
];

/** A path without its table ending, and the ending as written (`''` where it is none of ours). `.report.html` counts as one too. */
export function splitName(path: string): { stem: string; ending: string } {
  const lower = path.toLowerCase();
  const found = [...endings.map(([ending]) => ending), '.report.html', '.html'].find((ending) => lower.endsWith(ending));
  if (!found) return { stem: path, ending: '' };
  return { stem: path.slice(0, -found.length), ending: path.slice(-found.length) };
}

/** Whether Understudy reads and writes files of this name, by its ending. */
export const isTableName = (path: string): boolean => endings.some(([ending]) => path.toLowerCase().endsWith(ending));

/** What a run does where the user said nothing. */
export const defaults = {
  generator: 'autoregressive',
  /** Upper bound on fitting, in seconds: with evaluation it keeps a table of Adult's size well under 90 s on two cores. */
  budgetSeconds: 45,
  device: 'auto',
  /** Value protection: a value of fewer than k fitting rows is never emitted verbatim. */
  protection: { enabled: true, k: 5 },
} as const;

/** File name endings and the formats they stand for; the longest ending wins. */
export const formats: ReadonlyArray<readonly [ending: string, format: string]> = [
  ['.csv.gz', 'csv.gz'], ['.csv', 'csv'], ['.tsv', 'tsv'], ['.parquet', 'parquet'], ['.jsonl', 'jsonl'], ['.arrow', 'arrow'], ['.feather', 'arrow'],
];

/** A path without its table ending, and the ending as written (`''` where it is none of ours). */
export function splitEnding(path: string): { stem: string; ending: string } {
  const lower = path.toLowerCase();
  const found = formats.find(([ending]) => lower.endsWith(ending));
  if (!found) return { stem: path, ending: '' };
  return { stem: path.slice(0, -found[0].length), ending: path.slice(-found[0].length) };
}

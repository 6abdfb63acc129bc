/** Which files are tables, and what is called what. No `vscode` here, so that it is tested without one. */
import path from 'node:path';

/** As in package.json's menus. Longest first: `.csv.gz` is not `.gz`. */
export const endings = ['.csv.gz', '.parquet', '.feather', '.jsonl', '.arrow', '.csv', '.tsv'] as const;

/** The ending by which a table's format is known, or undefined for other files. */
export function endingOf(file: string): string | undefined {
  const name = file.toLowerCase();
  return endings.find((ending) => name.endsWith(ending));
}

export const isTable = (file: string) => endingOf(file) !== undefined;

/** Whether an editor shows the file as text. */
export const isText = (file: string) => ['.csv', '.tsv', '.jsonl'].includes(endingOf(file) ?? '');

/** The folder that holds `.understudy`, from a run's own folder (HOME/.understudy/runs/ID). */
export const homeOf = (runFolder: string) => path.dirname(path.dirname(path.dirname(runFolder)));

/** `orders.csv` for both `orders.synthetic.csv` and `orders.synthetic-2.csv`; undefined for a name that is not a stand-in's. */
export function sourceNameOf(file: string): string | undefined {
  const ending = endingOf(file);
  if (!ending) return undefined;
  const match = /^(.+)\.synthetic(?:-\d+)?$/.exec(path.basename(file).slice(0, -ending.length));
  return match ? match[1] + ending : undefined;
}

/** `/data/orders.synthetic.csv` for `/data/orders.csv`: where a run writes a table's stand-in. */
export function standInName(file: string): string | undefined {
  const ending = endingOf(file);
  return ending && `${file.slice(0, -ending.length)}.synthetic${file.slice(-ending.length)}`;
}

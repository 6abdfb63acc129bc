import { uniqueNames } from '../table/dialect';
import type { Cell } from './cells';

/** The columns of a file by the names under which runs know them, with the cells of the first record (the header, where there is one). */
export interface FileColumn { name: string; index: number; cell: Cell }

/** Empty and repeated names get the same unique ones as on reading; without a header columns are numbered. */
export function columnsOf(first: readonly Cell[], header: boolean): FileColumn[] {
  const names = header ? uniqueNames(first.map((c) => c.text), []).names : first.map((_, i) => `column${i + 1}`);
  return first.map((cell, index) => ({ name: names[index], index, cell }));
}

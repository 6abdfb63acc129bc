/** A category column as classes of bounded number: the frequent ones, one for all rarer ones, one for missing. */
import type { Column } from '../../table/table';

export interface Coding {
  /** Classes, and the category of each: an index into the dictionary, -1 missing, -2 the tail. */
  size: number; categories: number[];
  /** Class of every dictionary entry; -1: never fitted. And of a missing cell; -1: none was. */
  codeOf: Int32Array; missing: number;
  tail?: { categories: number[]; cumulative: number[] };
}

/** @param most classes at most, not counting missing. For a numeric column: an empty coding. */
export function makeCoding(column: Column, most: number): Coding {
  if (column.schema.storage !== 'code') return { size: 0, categories: [], codeOf: new Int32Array(0), missing: -1 };
  const counts = new Int32Array(column.categories().length);
  let gaps = 0;
  for (const c of column.codes()) if (c < 0) gaps++; else counts[c]!++;
  const present = [...counts.keys()].filter((c) => counts[c]! > 0).sort((a, b) => counts[b]! - counts[a]! || a - b), kept = present.length > most ? present.slice(0, most - 1) : present, rest = present.slice(kept.length);
  const codeOf = new Int32Array(counts.length).fill(-1), categories = [...kept];
  kept.forEach((c, code) => { codeOf[c] = code; });
  let tail: Coding['tail'];
  if (rest.length > 0) {
    const total = rest.reduce((s, c) => s + counts[c]!, 0);
    let sum = 0;
    tail = { categories: rest, cumulative: rest.map((c) => (sum += counts[c]!) / total) };
    for (const c of rest) codeOf[c] = categories.length;
    categories.push(-2);
  }
  const missing = gaps > 0 || categories.length === 0 ? categories.push(-1) - 1 : -1;
  return { size: categories.length, categories, codeOf, missing, ...(tail && { tail }) };
}

/** Classes of cells; one never fitted takes the most frequent. */
export function codesIn(coding: Coding, codes: Int32Array): Int32Array {
  return codes.map((c) => (c < 0 ? Math.max(0, coding.missing) : Math.max(0, coding.codeOf[c]!)));
}

import { Stream } from '../../random';
import { quantile } from '../statistics';
import type { Part, View } from '../view';

/** One condition on a cell. Codes and values are the view's; a missing cell meets only `missing`. */
export interface Condition { column: number; is: 'equal' | 'not-equal' | 'at-least' | 'at-most' | 'above' | 'below' | 'missing' | 'present'; value: number }
/** All conditions must hold. */
export type Predicate = readonly Condition[];

/** The rows that meet a predicate, ascending; it stops after `most` of them. */
export function matches(view: View, part: Part, predicate: Predicate, most = Infinity): number[] {
  const columns = predicate.map(c => view.columns[c.column].values(part)), found: number[] = [], rows = view.rows[part];
  for (let i = 0; i < rows; i++) {
    let all = true;
    for (let j = 0; all && j < predicate.length; j++) all = holds(predicate[j], columns[j][i], view.columns[predicate[j].column].type === 'code');
    if (all && found.push(i) >= most) break;
  }
  return found;
}

function holds({ is, value }: Condition, x: number, code: boolean): boolean {
  const absent = code ? x < 0 : x !== x;
  switch (is) {
    case 'missing': return absent;
    case 'present': return !absent;
    case 'equal': return x === value;
    // a missing cell compares with nothing: neither equal nor different
    case 'not-equal': return !absent && x !== value;
    case 'at-least': return x >= value;
    case 'at-most': return x <= value;
    case 'above': return x > value;
    default: return x < value;
  }
}

const written = (p: Predicate): string => p.map(c => `${c.column} ${c.is} ${c.value}`).sort().join('&');
const unique = (view: View, p: Predicate): boolean => matches(view, 'synthetic', p, 2).length === 1;

/**
 * Predicates on one column that single out a synthetic row: the least and the greatest number, values that occur once, the only missing cell (Giomi et al. 2023,
 * section 4.1). At most `most`, drawn at random.
 */
export function univariatePredicates(view: View, most: number, seed: number): Predicate[] {
  const all: Predicate[] = [];
  view.columns.forEach((column, j) => {
    const values = column.values('synthetic'), counts = new Map<number, number>();
    let absent = 0;
    for (const v of values) if (column.type === 'code' ? v < 0 : v !== v) absent++; else counts.set(v, (counts.get(v) ?? 0) + 1);
    if (absent === 1) all.push([{ column: j, is: 'missing', value: 0 }]);
    if (column.type === 'number' && counts.size > 0) {
      const sorted = column.sorted('synthetic'), least = sorted[0], greatest = sorted[sorted.length - 1];
      // they single out when nobody shares them
      if (counts.get(least) === 1) all.push([{ column: j, is: 'at-most', value: least }]);
      if (counts.get(greatest) === 1) all.push([{ column: j, is: 'at-least', value: greatest }]);
    }
    for (const [value, n] of counts) if (n === 1) all.push([{ column: j, is: 'equal', value }]);
  });
  const order = new Stream(seed, 'univariate predicates').shuffle(Int32Array.from(all.keys()));
  return Array.from(order.subarray(0, most), i => all[i]);
}

/**
 * Predicates on `width` columns at once, each built from a synthetic row that it singles out: the row's categories, and its numbers or beyond, away from the
 * median. As many as can be found in `attempts` attempts.
 */
export function multivariatePredicates(view: View, width: number, most: number, attempts: number, seed: number): Predicate[] {
  const rows = view.rows.synthetic, random = new Stream(seed, `predicates of ${width}`), found: Predicate[] = [], seen = new Set<string>(), all = Int32Array.from(view.columns.keys());
  const medians = view.columns.map(c => (c.type === 'number' ? quantile(c.sorted('synthetic'), 0.5) : 0));
  for (let t = 0; t < attempts && found.length < most && rows > 0; t++) {
    const row = random.below(rows), columns = random.shuffle(all.slice()).subarray(0, width);
    const predicate = Array.from(columns).sort((a, b) => a - b).map((j): Condition => {
      const column = view.columns[j], value = column.values('synthetic')[row];
      if (column.type === 'code') return value < 0 ? { column: j, is: 'missing', value: 0 } : { column: j, is: 'equal', value };
      return value !== value ? { column: j, is: 'missing', value: 0 } : { column: j, is: value > medians[j] ? 'at-least' : 'at-most', value };
    });
    const name = written(predicate);
    if (seen.has(name) || !unique(view, predicate)) continue;
    seen.add(name);
    found.push(predicate);
  }
  return found;
}

/** Guesses that know the columns' values only: each a random value and a random comparison on `width` random columns. Not looked up in the synthetic table. */
export function randomPredicates(view: View, width: number, count: number, seed: number): Predicate[] {
  const random = new Stream(seed, `random predicates of ${width}`), all = Int32Array.from(view.columns.keys()), distinct = view.columns.map(c => [...new Set<number>(c.values('synthetic'))]);
  return Array.from({ length: count }, () => Array.from(random.shuffle(all.slice()).subarray(0, width)).map((j): Condition => {
    const value = random.pick(distinct[j]), code = view.columns[j].type === 'code', absent = code ? value < 0 : value !== value;
    if (absent) return { column: j, is: random.below(2) ? 'missing' : 'present', value: 0 };
    const ways: readonly Condition['is'][] = code ? ['equal', 'not-equal'] : ['equal', 'not-equal', 'above', 'below', 'at-least', 'at-most'];
    return { column: j, is: ways[random.below(ways.length)], value };
  }));
}

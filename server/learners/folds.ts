import { permutation } from './random';

/** One part of a cross-validation: rows to fit on and rows to judge on, each ascending. */
export interface Fold { train: Int32Array; test: Int32Array }

/**
 * k shuffled folds, every class of `y` spread evenly over them (sizes per class differ by at most one). Deterministic in `seed`.
 * Without classes pass a `y` of zeros.
 * @param group rows of one number stay together, in the fold that the first of them is dealt to; classes are then even but for the groups' sizes
 */
export function stratifiedFolds(y: ArrayLike<number>, k: number, seed: number, group?: Int32Array): Fold[] {
  if (!(k >= 2 && k <= y.length)) throw new RangeError(`cannot make ${k} folds of ${y.length} rows`);
  const assigned = new Int32Array(y.length), next = new Map<number, number>(), dealt = new Map<number, number>();
  let offset = 0;
  for (const i of permutation(seed, 'folds', y.length)) {
    const home = group && dealt.get(group[i]);
    if (home !== undefined) { assigned[i] = home; continue; }
    // Each class starts where the previous new class would leave off, so that small classes do not all fall in fold 0.
    if (!next.has(y[i])) next.set(y[i], offset++);
    const f = next.get(y[i])!;
    assigned[i] = f % k;
    next.set(y[i], f + 1);
    if (group) dealt.set(group[i], f % k);
  }
  return Array.from({ length: k }, (_, f) => {
    const train: number[] = [], test: number[] = [];
    assigned.forEach((a, i) => (a === f ? test : train).push(i));
    return { train: Int32Array.from(train), test: Int32Array.from(test) };
  });
}

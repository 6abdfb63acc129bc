/**
 * How private a series of releases is together. Several proofs give an upper bound each; the least of them holds. Adjacency: add/remove of one unit (a row, or an entity
 * where sensitivities were stated per entity); a table with one unit *replaced* is two steps away.
 */
import { gaussianDelta, gaussianEpsilon } from './gaussian';
import { canDiscretise } from './losses';
import { simplify, type Event } from './mechanism';
import { compose, pldDelta, pldEpsilon } from './pld';
import { rdpDelta, rdpEpsilon } from './rdp';
import { sums } from './sums';

/** By which theorem a figure was got: Gaussian in closed form, privacy-loss distribution, Renyi, or the plain sum of epsilons. */
export type Proof = 'gaussian' | 'pld' | 'rdp' | 'sum';
export interface Spent { epsilon: number; delta: number; proof: Proof }

/** Costs kept for a while: an editor asks for the same total again and again. */
const kept = new Map<string, ReturnType<typeof compose>>();
function totals(events: readonly Event[]): ReturnType<typeof compose> {
  const key = JSON.stringify(events);
  let found = kept.get(key);
  if (!found) {
    found = compose(events);
    if (kept.size >= 4) kept.delete(kept.keys().next().value!);
    kept.set(key, found);
  }
  return found;
}

/**
 * The least epsilon that is proven for all events together at `delta` (0 <= delta < 1); Infinity where none is.
 * @throws RangeError for parameters that mean nothing
 */
export function epsilonFor(events: readonly Event[], delta: number): Spent {
  if (!(delta >= 0 && delta < 1)) throw new RangeError(`privacy accountant: delta ${delta}`);
  const all = simplify(events);
  if (all.length === 1 && all[0].mechanism.kind === 'gaussian') return { epsilon: gaussianEpsilon(all[0].mechanism.sigma, delta), delta, proof: 'gaussian' };
  const found: Spent[] = [], sum = sums(all);
  if (sum) found.push({ epsilon: sum.delta <= delta ? sum.epsilon : Infinity, delta, proof: 'sum' });
  if (all.every((e) => canDiscretise(e.mechanism))) found.push({ epsilon: pldEpsilon(totals(all), delta), delta, proof: 'pld' });
  found.push({ epsilon: rdpEpsilon(all, delta), delta, proof: 'rdp' });
  return found.reduce((best, f) => (f.epsilon < best.epsilon ? f : best));
}

/** The least delta that is proven for all events together at `epsilon` >= 0. @throws RangeError for parameters that mean nothing */
export function deltaFor(events: readonly Event[], epsilon: number): Spent {
  if (!(epsilon >= 0)) throw new RangeError(`privacy accountant: epsilon ${epsilon}`);
  const all = simplify(events);
  if (all.length === 1 && all[0].mechanism.kind === 'gaussian') return { epsilon, delta: gaussianDelta(all[0].mechanism.sigma, epsilon), proof: 'gaussian' };
  const found: Spent[] = [], sum = sums(all);
  if (sum && sum.epsilon <= epsilon) found.push({ epsilon, delta: sum.delta, proof: 'sum' });
  if (all.every((e) => canDiscretise(e.mechanism))) found.push({ epsilon, delta: pldDelta(totals(all), epsilon), proof: 'pld' });
  found.push({ epsilon, delta: rdpDelta(all, epsilon), proof: 'rdp' });
  return found.reduce((best, f) => (f.delta < best.delta ? f : best));
}

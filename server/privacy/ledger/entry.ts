import type { Event, Mechanism } from '../accountant/mechanism';
import type { Budget } from './budget';

/** Whose presence is hidden: one row, or all rows that share a value of `entity`. A guarantee for the one is none for the other: see `eventsFor`. */
export type Unit = 'row' | { entity: string };

/** What a release is to be charged. */
export interface Charge {
  /** The run that releases. */
  run: string;
  /** What for, in the user's words: "training", "bin edges of age". */
  purpose: string;
  mechanism: Mechanism;
  /** How often the mechanism is run. */
  count: number;
  /** How often it was planned to be run in all, `count` being one piece of it: all of it counts from the first piece on. */
  of?: number;
  /** The most one unit changes what is noised, before noise: the clipping norm, one count. In the units of `noise`. */
  sensitivity: number;
  /** The noise's standard deviation (Gaussian) or scale (Laplace); 0 where the mechanism adds none. */
  noise: number;
  unit: Unit;
}

/** One line of the ledger. */
export interface Entry extends Charge {
  /** ISO 8601. */
  at: string;
  adjacency: 'add-remove';
  /** The budget it was held against. */
  budget?: Budget;
  /** SHA-256 of the source's content. */
  source: string;
  /** Epsilon of this entry alone, at `delta`; null where none is proven. */
  cost: { epsilon: number | null; delta: number };
  /** SHA-256 of the line before, so that a changed or missing line shows. */
  previous: string;
}

export const sameUnit = (a: Unit, b: Unit): boolean => (a === 'row' || b === 'row' ? a === b : a.entity === b.entity);
export const sayUnit = (u: Unit): string => (u === 'row' ? 'one row' : `all rows of one "${u.entity}"`);

/**
 * The events of entries that count towards a guarantee for `unit`; undefined where one of them was made for another unit, of which it says less. A guarantee for rows says nothing of entities. One
 * for entities says something of a row, but not the same: a row more in an entity that is there is an entity taken away and another one put in, two steps and not one (of an entity's m rows one is
 * learnt, so the row may take another's place). So they do not add up.
 */
export function eventsFor(entries: readonly Charge[], unit: Unit): Event[] | undefined {
  if (entries.some((e) => !sameUnit(e.unit, unit))) return undefined;
  return entries.map(({ mechanism, count }) => ({ mechanism, count }));
}

import type { Points } from './nearest';

/** Columns of points that belong together: numbers, or the one-hot code of a category. */
export interface Span { at: number; size: number; type: 'number' | 'code' }

/**
 * How points are kept without their zeros: one slot a number, and one a category, which holds the place of its one. A table of categories is some hundred columns wide
 * as points and a dozen slots like this.
 */
export interface Slots {
  count: number;
  /** The first column of each slot; `size` is 0 for a number, the number of categories for a code. */
  at: Int32Array; size: Int32Array;
  /** What two different categories of each slot add twice to a squared distance: the square of their one. */
  apart: Float64Array;
}

/** The slots of points; every column a number where nothing is said of them. `apart` is filled in by `compact`. */
export function slotsOf({ width, spans }: Points): Slots {
  const at: number[] = [], size: number[] = [];
  for (const s of spans ?? [{ at: 0, size: width, type: 'number' }]) {
    if (s.type === 'code') { at.push(s.at); size.push(s.size); }
    else for (let k = 0; k < s.size; k++) { at.push(s.at + k); size.push(0); }
  }
  return { count: at.length, at: Int32Array.from(at), size: Int32Array.from(size), apart: new Float64Array(at.length).fill(Number.NaN) };
}

/**
 * The slots' values of some rows, row-major. The first call settles what a code's one is; all others must have the same.
 * @returns undefined where a code is not one-hot, so that the points must be taken as they are
 */
export function compact({ values, width }: Points, rows: ArrayLike<number>, slots: Slots): Float32Array | undefined {
  const out = new Float32Array(rows.length * slots.count);
  for (let i = 0, to = 0; i < rows.length; i++) {
    const from = rows[i] * width;
    for (let k = 0; k < slots.count; k++, to++) {
      const size = slots.size[k], at = from + slots.at[k];
      if (size === 0) { out[to] = values[at]; continue; }
      let place = -1;
      for (let c = 0; c < size; c++) if (values[at + c] !== 0) { if (place >= 0) return undefined; place = c; }
      if (place < 0) return undefined;
      const one = values[at + place] * values[at + place];
      if (slots.apart[k] !== slots.apart[k]) slots.apart[k] = one;
      else if (slots.apart[k] !== one) return undefined;
      out[to] = place;
    }
  }
  return out;
}

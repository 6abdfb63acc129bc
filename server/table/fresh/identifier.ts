import { Stream } from '../../random';
import { patternSampler } from './pattern';
import { Seen } from './seen';

/** What a column's real cells (no missing ones) say about the making of new ones. */
export interface RealCells {
  /** Every present cell, in row order. */
  cells: readonly string[];
  /** How many of them are distinct. */
  distinct: number;
}

/**
 * Identifiers of the same format, none of them real where the format leaves room.
 * - A sequence (a constant step in every row) continues after its last value; prefix, padding and step stay.
 * - Otherwise codes are drawn from the format's shapes (see `patternSampler`); UUIDs are random version 4 ones.
 * - Unique columns give unique values. Where values repeat, new ones repeat about as often, as a uniform draw from a pool would.
 */
export function freshIdentifiers(real: RealCells, rows: number, seed: number | string, uuid: boolean): string[] {
  const sequence = sequenceOf(real.cells);
  if (sequence) return Array.from({ length: rows }, (_, i) => sequence(i));
  const stream = new Stream(seed, 'identifier'), taken = new Seen(real.distinct + rows, seed);
  for (const v of real.cells) taken.add(v);
  const sample = thin(real.cells, 5000);
  const draw = uuid && sample.length > 0 ? uuidSampler(sample[0], stream) : patternSampler(sample, stream);
  return repeating(maker(draw, taken), rows, real.distinct / Math.max(1, real.cells.length), stream);
}

/** Draws until a value is new; when the format has no room left, lengthens it by a number that makes it so. */
export function maker(draw: () => string, taken: Seen): () => string {
  let extra = 0;
  return () => {
    for (let attempt = 0; attempt < (extra > 0 ? 3 : 50); attempt++) {
      const v = draw();
      if (taken.add(v)) return v;
    }
    for (;;) {
      const v = draw() + String(++extra);
      if (taken.add(v)) return v;
    }
  };
}

/**
 * `rows` values, unique if the real ones are, else repeating about as often: a pool of the right size, each of it at least once,
 * the rest uniform draws. The share of distinct values is taken to two figures: it is a property of the file's layout, not of anyone in it.
 */
export function repeating(make: () => string, rows: number, unique: number, stream: Stream): string[] {
  if (unique >= 0.99) return Array.from({ length: rows }, make);
  const pool = Array.from({ length: Math.max(1, Math.round(rows * Number(unique.toPrecision(2)))) }, make);
  const result = Array.from({ length: rows }, (_, i) => (i < pool.length ? pool[i] : pool[stream.below(pool.length)]));
  for (let i = result.length - 1; i > 0; i--) { const j = stream.below(i + 1), t = result[i]; result[i] = result[j]; result[j] = t; }
  return result;
}

/** The next values of a counting column, by how many places after the last; undefined if it does not count. */
function sequenceOf(cells: readonly string[]): ((i: number) => string) | undefined {
  if (cells.length < 3) return undefined;
  const split = (v: string) => /^(.*?)(\d{1,15})(\D*)$/su.exec(v);
  const first = split(cells[0]);
  if (!first) return undefined;
  const [, prefix, start, suffix] = first;
  const step = Number(split(cells[1])?.[2] ?? NaN) - Number(start);
  if (!Number.isSafeInteger(step) || step === 0) return undefined;
  for (let i = 1; i < cells.length; i++) {
    const m = split(cells[i]);
    if (!m || m[1] !== prefix || m[3] !== suffix || Number(m[2]) !== Number(start) + i * step) return undefined;
  }
  const width = start.startsWith('0') && start.length > 1 ? start.length : 0, last = Number(start) + (cells.length - 1) * step;
  // A count downwards would run below zero: it goes on above its first value instead.
  return (i) => prefix + String(step > 0 ? last + (i + 1) * step : Number(start) - (i + 1) * step).padStart(width, '0') + suffix;
}

function uuidSampler(like: string, stream: Stream): () => string {
  const capital = like === like.toUpperCase(), braces = like.startsWith('{');
  return () => {
    const words = [stream.uint32(), stream.uint32(), stream.uint32(), stream.uint32()].map((w) => w.toString(16).padStart(8, '0')).join('');
    const v = `${words.slice(0, 8)}-${words.slice(8, 12)}-4${words.slice(13, 16)}-${'89ab'[parseInt(words[16], 16) & 3]}${words.slice(17, 20)}-${words.slice(20)}`;
    return (braces ? '{' : '') + (capital ? v.toUpperCase() : v) + (braces ? '}' : '');
  };
}

/** At most n of the items, evenly spaced. */
export function thin<T>(items: readonly T[], n: number): T[] {
  if (items.length <= n) return [...items];
  return Array.from({ length: n }, (_, i) => items[Math.floor((i * items.length) / n)]);
}

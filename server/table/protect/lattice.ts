/**
 * The places that all values of a column keep to: full hours, Mondays, firsts of months, prices in steps of five. A synthetic column that leaves them is
 * told apart at a glance, and no table that joins by them takes it.
 */
import type { ColumnSchema, Lattice } from '../table';

/** With fewer different values a common step may be chance: twenty whole numbers drawn at random share a factor of two once in half a million. */
const fewestDistinct = 20;
const dayMs = 86_400_000;

/**
 * @param distinct a column's different values, ascending
 * @param unit the step that the column's format writes; of no format: null, and there is no lattice
 * @returns undefined where the values keep to nothing coarser than the unit
 */
export function latticeOf(schema: Pick<ColumnSchema, 'kind'>, distinct: Float64Array, unit: number | null): Lattice | undefined {
  const n = distinct.length, { kind } = schema;
  if (unit === null || n < fewestDistinct) return undefined;
  const first = Math.round(distinct[0]! / unit);
  let common = 0;
  for (let i = 1; i < n && common !== 1; i++) {
    const apart = Math.round(distinct[i]! / unit) - first;
    if (!Number.isSafeInteger(apart)) return undefined;
    common = gcd(apart, common);
  }
  // Months are of no common length: seen only by the calendar.
  const months = kind === 'date' || kind === 'datetime' ? monthsOf(distinct, kind === 'date' ? dayMs : 1) : undefined;
  if (months) return months;
  return common > 1 ? { step: Number((common * unit).toPrecision(15)), offset: distinct[0]! } : undefined;
}

/** The place of a lattice nearest to a value; between two months the nearer start. */
export function ontoLattice(lattice: Lattice, v: number, kind: ColumnSchema['kind']): number {
  if ('step' in lattice) return lattice.offset + Math.round((v - lattice.offset) / lattice.step) * lattice.step;
  const ms = kind === 'date' ? dayMs : 1, { months, offset } = lattice, at = offset + Math.floor((monthOf(v * ms) - offset) / months) * months, before = startOf(at) / ms, after = startOf(at + months) / ms;
  return v - before <= after - v ? before : after;
}

/** About how far its places lie apart. */
export const stepOf = (lattice: Lattice, kind: ColumnSchema['kind']): number => ('step' in lattice ? lattice.step : (lattice.months * 30.436875 * dayMs) / (kind === 'date' ? dayMs : 1));

/** How far its places lie apart, in words: "5", "1 hour", "7 days", "3 months". */
export function sayLattice({ lattice, kind }: ColumnSchema): string {
  const plural = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'}`;
  if (!lattice) return '';
  if ('months' in lattice) return plural(lattice.months, 'month');
  if (kind === 'date') return plural(lattice.step, 'day');
  if (kind !== 'datetime' && kind !== 'time') return String(lattice.step);
  const [unit, ms] = ([['day', dayMs], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000], ['millisecond', 1]] as const).find(([, ms]) => lattice.step % ms === 0)!;
  return plural(lattice.step / ms, unit);
}

const gcd = (a: number, b: number): number => { while (b !== 0) [a, b] = [b, a % b]; return a; };
/** Months since January 1970. */
const monthOf = (ms: number): number => { const d = new Date(ms); return 12 * (d.getUTCFullYear() - 1970) + d.getUTCMonth(); };
const startOf = (month: number): number => Date.UTC(1970 + Math.floor(month / 12), ((month % 12) + 12) % 12, 1);

function monthsOf(distinct: Float64Array, ms: number): Lattice | undefined {
  const offset = monthOf(distinct[0]! * ms);
  let months = 0;
  for (const v of distinct) {
    const month = monthOf(v * ms);
    if (startOf(month) !== v * ms) return undefined;
    months = gcd(month - offset, months);
  }
  return months > 0 ? { months, offset } : undefined;
}

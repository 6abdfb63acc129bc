import type { ColumnProfile } from '../../protocol';
import { endOf } from '../compile/source';

/**
 * The share of a column's rows outside a range, from its profile: exactly where its values are listed, else from its histogram with values spread evenly in each bin.
 * Missing cells are inside of every range. 0 where nothing is known, and for a range that takes in all.
 */
export function shareOutside(profile: ColumnProfile, min: number | undefined, max: number | undefined): number {
  const present = profile.rows - profile.missing;
  if (present <= 0 || profile.rows === 0) return 0;
  if (profile.top && profile.top.length >= profile.distinct) {
    const values = profile.top.map((t) => ({ value: Number(t.value), count: t.count }));
    if (values.every((v) => Number.isFinite(v.value))) return values.reduce((n, v) => n + (inside(v.value, min, max) ? 0 : v.count), 0) / profile.rows;
  }
  const { histogram } = profile;
  if (!histogram) return 0;
  const { edges, counts } = histogram;
  // Bins may reach beyond the values in them.
  if (min !== undefined && endOf(profile.min ?? '', profile.kind) >= min) min = undefined;
  if (max !== undefined && endOf(profile.max ?? '', profile.kind) <= max) max = undefined;
  let out = 0;
  for (const [i, count] of counts.entries()) {
    const low = edges[i], high = edges[i + 1], width = high - low || 1;
    const below = min === undefined ? 0 : Math.min(1, Math.max(0, (min - low) / width)), above = max === undefined ? 0 : Math.min(1, Math.max(0, (high - max) / width));
    out += count * Math.min(1, below + above);
  }
  return out / profile.rows;
}
const inside = (x: number, min: number | undefined, max: number | undefined): boolean => (min === undefined || x >= min) && (max === undefined || x <= max);

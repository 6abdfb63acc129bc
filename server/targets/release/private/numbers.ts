import type { PrivateColumn } from '../../../generators/generator';
import { projectSimplex } from '../../../privacy/mechanisms/simplex';
import { massBins } from '../../../table/encoders/codes';
import { gridOf, onto } from '../../../table/protect/numbers';
import type { ColumnSchema } from '../../../table/table';
import type { Ask } from './ask';
import { boundsFrom, geometric, geometricCounts } from './bounds';

export type PrivateNumber = Extract<PrivateColumn, { type: 'number' }>;

/** A number's declaration: how it is written, its ends where declared, whether cells may be missing. */
export interface NumberDeclared { schema: ColumnSchema; min?: number; max?: number; nullable: boolean }

/** Most bins of the fine histogram, and of all zooms into full bins together; grid points that have a bin each however few the rows are. */
const mostFine = 512, mostZoomed = 8192, fewPoints = 128;

/** How many histograms a number costs: known from its declaration alone, so that charges can be made before anything is asked. Those that turn out needless are charged all the same. */
export function histogramsOf({ schema, min, max }: NumberDeclared): number {
  const { step } = gridOf(schema), bounded = min !== undefined && max !== undefined;
  const points = bounded ? pointsIn(min, max, step) : Infinity;
  return (bounded ? 0 : 1) + 1 + (points <= fewPoints ? 0 : 1);
}

/** A narrow interval with its noisy number of rows. */
interface Leaf { low: number; high: number; mass: number }

/**
 * A number's noisy marginal. Ends, where not declared, from a geometric histogram; rows over equal bins between them; then, within bins that hold more than their share, over finer ones, where a value
 * that many rows share (a zero, a round price) shows and gets a bin of its own. What is made of the noisy counts is post-processing: projection to the simplex, ends drawn in to where rows
 * are, bins joined to about equal mass.
 * @param values NaN where missing, on the column's grid
 * @param rows the released number of rows
 */
export function learnNumber(values: Float64Array, declaration: NumberDeclared, rows: number, ask: Ask): PrivateNumber {
  const { schema, nullable } = declaration, { name } = schema, grid = gridOf(schema), { step } = grid, { sigma } = ask.noise;
  let { min = NaN, max = NaN } = declaration;
  if (Number.isNaN(min) || Number.isNaN(max)) {
    const g = geometric(step), found = inCalendar(boundsFrom(ask.histogram(`ends of ${name}`, geometricCounts(values, g)), g, sigma), schema.kind, step);
    if (Number.isNaN(min)) min = Math.min(inward(found.min, step, 1), Number.isNaN(max) ? Infinity : max - (step ?? Math.abs(max) / 8 + 1e-9));
    if (Number.isNaN(max)) max = Math.max(inward(found.max, step, -1), min + (step ?? Math.abs(min) / 8 + 1e-9));
  }
  const spans = equalSpans(min, max, step, pointsIn(min, max, step) <= fewPoints ? fewPoints : finest(rows, sigma));
  const counts = new Float64Array(spans.bins + (nullable ? 1 : 0));
  for (const v of values) { if (!Number.isNaN(v)) counts[spans.bin(v)]!++; else if (nullable) counts[spans.bins]!++; }
  const masses = projectSimplex(ask.histogram(`bins of ${name}`, counts), rows), missing = nullable ? masses.pop()! : 0;
  // Of one point each there is nothing finer; that is known from the declaration or from the ends found.
  const leaves = spans.points === 1 ? spans.edges.slice(1).map((high, i) => ({ low: spans.edges[i]!, high, mass: masses[i]! })) : zoomed(values, spans, masses, name, step, rows, ask);
  return { type: 'number', ...joined(leaves, { min, max, declared: [declaration.min !== undefined, declaration.max !== undefined] }, rows, missing, ask.noise.sigma, (v) => onto(grid, v)) };
}

/** Days since 1970 of the first and the last day with a year of four digits. */
const firstDay = -719_528, lastDay = 2_932_896, dayMs = 86_400_000;
/** Where dates and times can lie at all, which is known without the table: ends that only noise found may be days that no calendar has. */
function inCalendar(found: { min: number; max: number }, kind: ColumnSchema['kind'], step: number | null): { min: number; max: number } {
  const whole = kind === 'date' ? [firstDay, lastDay] : kind === 'datetime' ? [firstDay * dayMs, (lastDay + 1) * dayMs - 1] : kind === 'time' ? [0, dayMs - 1] : undefined;
  if (!whole) return found;
  const [low, high] = whole as [number, number], room = step ?? 1;
  return { min: Math.min(Math.max(found.min, low), high - room), max: Math.max(Math.min(found.max, high), low + room) };
}

/** Grid points in [min, max]. */
const pointsIn = (min: number, max: number, step: number | null): number => (step === null ? Infinity : Math.round(max / step) - Math.round(min / step) + 1);

/** Bins so few that a bin of average mass stands out of its noise. */
const finest = (rows: number, sigma: number): number => Math.min(mostFine, Math.max(16, 2 ** Math.floor(Math.log2(Math.max(1, rows / (2 * sigma))))));

/** The nearest grid point on the inner side of an end. */
const inward = (end: number, step: number | null, direction: 1 | -1): number => (step === null ? end : (direction > 0 ? Math.ceil(end / step - 1e-9) : Math.floor(end / step + 1e-9)) * step);

interface Spans { bins: number; /** Grid points in a bin; Infinity without a grid. */ points: number; edges: number[]; bin(v: number): number }

/** [min, max] in at most `most` equal bins, of whole numbers of grid points where there is a grid. What lies beyond counts at the ends. */
function equalSpans(min: number, max: number, step: number | null, most: number): Spans {
  if (step === null) {
    const width = (max - min) / most;
    return { bins: most, points: Infinity, edges: Array.from({ length: most + 1 }, (_, i) => (i === most ? max : min + i * width)), bin: (v) => Math.min(most - 1, Math.max(0, Math.floor((v - min) / width))) };
  }
  const first = Math.round(min / step), all = pointsIn(min, max, step), points = Math.ceil(all / most), bins = Math.ceil(all / points);
  return {
    bins, points, edges: Array.from({ length: bins + 1 }, (_, i) => (first + Math.min(all, i * points) - 0.5) * step),
    bin: (v) => Math.min(bins - 1, Math.max(0, Math.floor((Math.round(v / step) - first) / points))),
  };
}

/** How far a finer bin must stand out, in standard deviations of its noise and in times its bin's average. */
const standsOut = { sigmas: 4.5, times: 3 };

/** The bins, those that hold more than their share divided by what stands out in them. One histogram over all of their finer bins: a row is in one of them at most. */
function zoomed(values: Float64Array, spans: Spans, masses: readonly number[], name: string, step: number | null, rows: number, ask: Ask): Leaf[] {
  const { sigma } = ask.noise, heavy = masses.flatMap((m, i) => (m > Math.max(rows / 64, 2 * standsOut.sigmas * sigma) ? [i] : []));
  const each = Math.max(2, Math.floor(mostZoomed / Math.max(1, heavy.length)));
  const inner = new Map(heavy.map((bin, k) => {
    const [low, high] = [spans.edges[bin]!, spans.edges[bin + 1]!];
    return [bin, { k, ...equalSpans(step === null ? low : low + step / 2, step === null ? high : high - step / 2, step, Math.min(each, 1024)) }] as const;
  }));
  const offsets: number[] = [];
  let total = 0;
  for (const { bins } of inner.values()) { offsets.push(total); total += bins; }
  const counts = new Float64Array(Math.max(1, total));
  for (const v of values) {
    if (Number.isNaN(v)) continue;
    const found = inner.get(spans.bin(v));
    if (found) counts[offsets[found.k]! + found.bin(v)]!++;
  }
  if (total === 0) return masses.map((mass, i) => ({ low: spans.edges[i]!, high: spans.edges[i + 1]!, mass }));
  const noisy = ask.histogram(`full bins of ${name}`, counts);
  return masses.flatMap((mass, i): Leaf[] => {
    const found = inner.get(i), whole = { low: spans.edges[i]!, high: spans.edges[i + 1]!, mass };
    if (!found) return [whole];
    const least = Math.max(standsOut.sigmas * sigma, standsOut.times * mass / found.bins), finer = noisy.slice(offsets[found.k]!, offsets[found.k]! + found.bins);
    const spikes = finer.flatMap((n, j) => (n > least ? [j] : []));
    return spikes.length === 0 ? [whole] : apart(found.edges, finer, spikes, mass);
  });
}

/** What stands out for itself, and what is left over the widths between. */
function apart(edges: readonly number[], counts: readonly number[], spikes: readonly number[], mass: number): Leaf[] {
  const inSpikes = spikes.reduce((s, j) => s + counts[j]!, 0), scale = Math.min(1, mass / inSpikes), rest = Math.max(0, mass - inSpikes);
  const free = edges.at(-1)! - edges[0]! - spikes.reduce((s, j) => s + edges[j + 1]! - edges[j]!, 0);
  const leaves: Leaf[] = [];
  let from = 0;
  const between = (to: number) => { if (to > from) leaves.push({ low: edges[from]!, high: edges[to]!, mass: free > 0 ? rest * (edges[to]! - edges[from]!) / free : 0 }); };
  for (const j of spikes) { between(j); leaves.push({ low: edges[j]!, high: edges[j + 1]!, mass: counts[j]! * scale + (free > 0 ? 0 : rest / spikes.length) }); from = j + 1; }
  between(edges.length - 1);
  return leaves;
}

/** Rows that a declared end gets where none stand out: as many as share a tail under value protection. */
const rowsAtEnd = 5;

/**
 * Leaves joined to bins of about equal mass; empty ones at the ends are left out, and the ends drawn in to where rows are. A declared end is kept: who declares where values end says that
 * some reach about there, and a thin bin of a few rows does.
 */
function joined(leaves: Leaf[], ends: { min: number; max: number; declared: readonly [boolean, boolean] }, rows: number, missing: number, sigma: number, snap: (v: number) => number): Omit<PrivateNumber, 'type'> {
  const { first, last } = standing(leaves.map((l) => l.mass), sigma);
  const kept = first < 0 ? [{ low: leaves[0]!.low, high: leaves.at(-1)!.high, mass: 1 }] : leaves.slice(first, last + 1);
  const total = kept.reduce((s, l) => s + l.mass, 0), bins = Math.min(256, Math.max(8, Math.round(rows / (8 * sigma))));
  const cuts = massBins(kept.map((l) => l.mass), bins, total), edges = [kept[0]!.low], shares: number[] = [];
  for (let b = 0, from = 0; b < cuts.length; from = cuts[b++]!) {
    edges.push(kept[cuts[b]! - 1]!.high);
    shares.push(kept.slice(from, cuts[b]!).reduce((s, l) => s + l.mass, 0) / total * (1 - missing / rows));
  }
  const [below, above] = [ends.declared[0] && edges[0]! > leaves[0]!.low, ends.declared[1] && edges.at(-1)! < leaves.at(-1)!.high], thin = Math.min(rowsAtEnd / rows, 0.01);
  if (below || above) {
    for (let b = 0; b < shares.length; b++) shares[b]! *= 1 - thin * (Number(below) + Number(above));
    const own = thin * (1 - missing / rows);
    if (below) { edges.unshift(leaves[0]!.low); shares.unshift(own); }
    if (above) { edges.push(leaves.at(-1)!.high); shares.push(own); }
  }
  // Half-way between grid points: the outermost points lie half a step within.
  const inner = (edge: number, towards: number) => { const at = snap(edge); return (towards > 0 ? at >= edge : at <= edge) ? at : snap(edge + towards * Math.abs(edge - at)); };
  return { min: Math.max(ends.min, inner(edges[0]!, 1)), max: Math.min(ends.max, inner(edges.at(-1)!, -1)), edges, shares, missing: missing / rows };
}

/** How far out rows are: the outermost leaves that stand out of what noise leaves of empty ones, alone or as many together. Where none does, all that is above 0; -1 where nothing is. */
function standing(masses: readonly number[], sigma: number): { first: number; last: number } {
  const outermost = (m: readonly number[]): number => {
    let best = -1;
    for (const together of [1, 8, 32]) {
      let sum = 0;
      for (let i = 0; i < m.length; i++) {
        sum += m[i]! - (i >= together ? m[i - together]! : 0);
        if (sum <= standsOut.sigmas * sigma * Math.sqrt(together)) continue;
        const from = m.findIndex((v, j) => j > i - together && v > sigma);
        if (from >= 0 && from <= i && (best < 0 || from < best)) best = from;
        break;
      }
    }
    return best;
  };
  const first = outermost(masses), back = outermost([...masses].reverse());
  if (first < 0 || back < 0) return { first: masses.findIndex((v) => v > 0), last: masses.findLastIndex((v) => v > 0) };
  return { first, last: masses.length - 1 - back };
}

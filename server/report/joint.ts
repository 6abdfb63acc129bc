import { quantile } from '../evaluation/statistics';
import type { CodeView, ColumnView, NumberView, Part, View } from '../evaluation/view';
import type { PairAxis, PairCounts, PairPicture } from '../protocol';
import { writerOf } from './pictures';

/** Cells of fewer rows are left out: k of value protection, for the same reason. */
export const leastRows = 5;
/** Beyond 20 bins a cell of a small picture is no longer seen; below 5 there is no shape. */
const mostBins = 20, fewestBins = 5;
const mostValues = 12;
/** Evenly spaced rows of a larger table are enough for a picture. */
const mostRows = 100_000;

/** Each row's place on an axis, -1 where the value is missing; and the axis. */
interface Placed { axis: PairAxis; codes: Map<Part, Int16Array> }

/**
 * Pictures of pairs out of one view. Columns are placed on their axes once, so that two hundred pictures of a hundred thousand rows cost seconds.
 * What may travel in a report is decided here: counts in cells of at least `leastRows` rows, and names of values that many real rows share.
 */
export class Joints {
  private readonly placed = new Map<string, Placed>();
  private readonly parts: Part[];
  constructor(private readonly view: View) {
    this.parts = ['training', 'synthetic', ...(view.hasControl ? ['control' as const] : [])];
  }

  /**
   * The joint distribution of two columns in every table: `a` across, `b` up; a category goes up beside a number, so that its values read as rows.
   * @throws RangeError for a name the view does not have
   */
  picture(a: string, b: string): PairPicture {
    const columnOf = (name: string): ColumnView => {
      const found = this.view.columns.find(c => c.name === name);
      if (!found) throw new RangeError(`no column "${name}"`);
      return found;
    };
    const [first, second] = [columnOf(a), columnOf(b)], swap = first.type === 'code' && second.type === 'number';
    const [across, up] = swap ? [second, first] : [first, second];
    const rows = Math.min(this.view.rows.training, this.view.rows.synthetic);
    // About fifteen rows a cell if all cells were alike; beside a category its few values are the cells of the other side.
    const beside = across.type !== up.type, room = rows / 15, bins = clamp(beside ? room / 6 : Math.sqrt(room), fewestBins, mostBins);
    const x = this.place(across, bins), y = this.place(up, bins);
    const counts = (part: Part) => this.count(part, x, y);
    return { x: x.axis, y: y.axis, least: leastRows, real: counts('training'), synthetic: counts('synthetic'), ...(this.view.hasControl ? { holdout: counts('control') } : {}) };
  }

  private place(column: ColumnView, bins: number): Placed {
    const key = `${column.type === 'number' ? bins : ''} ${column.name}`;
    let made = this.placed.get(key);
    if (!made) this.placed.set(key, (made = column.type === 'number' ? numbers(column, this.parts, bins) : values(column, this.parts)));
    return made;
  }

  private count(part: Part, x: Placed, y: Placed): PairCounts {
    const across = x.codes.get(part)!, up = y.codes.get(part)!, width = cellsOf(x.axis), cells = new Array<number>(width * cellsOf(y.axis)).fill(0);
    let missing = 0, hidden = 0;
    for (let i = 0; i < across.length; i++) if (across[i] < 0 || up[i] < 0) missing++; else cells[up[i] * width + across[i]]++;
    for (let k = 0; k < cells.length; k++) if (cells[k] > 0 && cells[k] < leastRows) { hidden += cells[k]; cells[k] = 0; }
    return { cells, rows: across.length, missing, hidden };
  }
}

const cellsOf = (axis: PairAxis): number => (axis.type === 'bins' ? axis.labels.length - 1 : axis.labels.length);
const clamp = (x: number, low: number, high: number): number => Math.round(Math.max(low, Math.min(high, x)));

/** Every n-th row's value, so that at most `mostRows` are looked at. */
function* thinned(n: number): Generator<number> {
  const step = Math.max(1, n / mostRows);
  for (let k = 0; Math.floor(k) < n; k += step) yield Math.floor(k);
}
const codesOf = (n: number, code: (row: number) => number): Int16Array => Int16Array.from(thinned(n), code);

/**
 * Bins over the middle 99% of all tables' values, at round numbers; the outermost bins also hold what lies beyond. Neither the smallest nor the largest
 * value of anybody is told by an axis that way.
 */
function numbers(column: NumberView, parts: Part[], bins: number): Placed {
  const all = parts.map(p => column.sorted(p)).filter(s => s.length > 0);
  const low = all.length ? Math.min(...all.map(s => quantile(s, 0.005))) : 0, high = all.length ? Math.max(...all.map(s => quantile(s, 0.995))) : 1;
  const unit = column.kind === 'datetime' && high - low > 4 * day ? day : 1, whole = column.kind === 'integer' || column.kind === 'date';
  let width = unit * round((high - low) / bins / unit || 1);
  if (whole) width = Math.max(1, Math.ceil(width));
  const start = Math.floor(low / width) * width, n = Math.max(1, Math.floor((high - start) / width - (whole ? 0 : 1e-9)) + 1);
  const edges = Array.from({ length: n + 1 }, (_, k) => Number((start + k * width).toPrecision(12)));
  const codes = new Map(parts.map(p => { const v = column.values(p); return [p, codesOf(v.length, i => (v[i] === v[i] ? Math.max(0, Math.min(n - 1, Math.floor((v[i] - start) / width + 1e-9))) : -1))] as const; }));
  // As in the file for times; for numbers without the zeros that a column of prices would have on every tick.
  return { axis: { name: column.name, kind: column.kind, type: 'bins', labels: edges.map(column.temporal ? writerOf(column.schema, width) : String) }, codes };
}
const day = 86_400_000;

/** The next of 1, 2, 2.5 or 5 times a power of ten. */
function round(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  return [1, 2, 2.5, 5, 10].map(m => m * power).find(w => w >= x * (1 - 1e-9))!;
}

/** The commonest values by both tables' shares, in their declared order if they have one; what is rarer, or held by too few real rows to be named, is gathered. */
function values(column: CodeView, parts: Part[]): Placed {
  const real = column.counts('training'), made = column.counts('synthetic');
  const total = (c: Float64Array) => c.reduce((s, x) => s + x, 0) || 1, R = total(real), S = total(made);
  const named = Array.from(column.categories.keys()).filter(k => real[k] >= leastRows).sort((p, q) => real[q] / R + made[q] / S - real[p] / R - made[p] / S || p - q);
  const present = Array.from(column.categories.keys()).filter(k => parts.some(p => (column.counts(p)[k] ?? 0) > 0)).length;
  const shown = named.length > mostValues + 1 || present > named.length ? named.slice(0, mostValues) : named;
  const declared = column.schema.order;
  if (declared) { const at = new Map(declared.map((c, i) => [c, i])); shown.sort((p, q) => (at.get(column.categories[p]) ?? 1e9) - (at.get(column.categories[q]) ?? 1e9)); }
  const place = new Int16Array(column.categories.length).fill(shown.length);
  shown.forEach((k, i) => { place[k] = i; });
  const codes = new Map(parts.map(p => { const v = column.values(p); return [p, codesOf(v.length, i => (v[i] < 0 ? -1 : place[v[i]]))] as const; }));
  const labels = shown.map(k => column.categories[k]);
  if (present > shown.length) labels.push(`${(present - shown.length).toLocaleString('en')} others`);
  return { axis: { name: column.name, kind: column.kind, type: 'values', labels }, codes };
}

/** Pictures of the `most` pairs with the lowest scores, worst first: those a reader asks for. */
export function worstPictures(view: View, pairs: { columns: readonly string[]; score: ReadonlyArray<number | null> }, most = 200): PairPicture[] {
  const n = pairs.columns.length, cells: Array<{ i: number; j: number; s: number }> = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) { const s = pairs.score[i * n + j]; if (s !== null) cells.push({ i, j, s }); }
  const joints = new Joints(view);
  return cells.sort((p, q) => p.s - q.s || p.i - q.i || p.j - q.j).slice(0, most).map(({ i, j }) => joints.picture(pairs.columns[i], pairs.columns[j]));
}

import { findRules } from '../../table/rules';
import { modelledKinds, type Table } from '../../table/table';
import type { EvaluationContext } from '../metric';
import type { Asked } from './kept';

/** Rules that every training row keeps, by what they say. */
export interface FoundRules { orderings: Asked[]; arithmetic: Asked[]; dependencies: Asked[] }

/** Rules of each table that are asked for, at most. */
const mostFound = 200;

/** Computed once. The search is that of `inspect` (table/rules.ts), with constant differences, ratios and products besides. */
export const foundRules = (context: EvaluationContext): Promise<FoundRules> => context.shared('found rules', async () => {
  const table = context.training, found = findRules(table, mostFound), numeric = numbersOf(table), of = (...types: string[]) => found.filter(r => types.includes(r.type));
  await context.progress(0.3);
  return {
    orderings: of('at-most').map(({ columns: [a, b] }) => asked(`${a} <= ${b}`, [a, b], ([x, y]) => x <= y)),
    arithmetic: [
      ...of('equal').map(({ columns: [a, b] }) => asked(`${a} = ${b}`, [a, b], ([x, y]) => x === y)),
      ...of('sum').map(({ columns: [t, a, b] }) => asked(`${t} = ${a} + ${b}`, [t, a, b], ([s, x, y]) => near(s, x + y))),
      ...constants(numeric.filter(c => c.many), of('equal').map(r => r.columns)), ...products(numeric),
    ],
    dependencies: of('determines').map(({ columns: [a, b] }) => determined(table, a, b)),
  };
});

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

/** A rule over numbers; unanswered where one is missing. */
function asked(name: string, columns: readonly string[], keeps: (x: number[]) => boolean): Asked {
  return {
    name,
    of(table) {
      const values = columns.map(c => table.column(c).numbers()), row = new Array<number>(columns.length);
      return Int8Array.from({ length: table.rows }, (_, i) => { for (let k = 0; k < row.length; k++) { row[k] = values[k][i]; if (row[k] !== row[k]) return -1; } return keeps(row) ? 1 : 0; });
    },
  };
}

interface Numbers { name: string; values: Float64Array; kind: string; /** Whether it has many values: relations among a few hold by accident. */ many: boolean; /** Half a unit of the last decimal that the column is written with. */ half: number }
const mostColumns = 30, fewest = 30;

/** Numeric columns that vary, those of many values first. */
function numbersOf(table: Table): Numbers[] {
  const out: Numbers[] = [];
  for (const c of table.columns) {
    if (c.schema.storage !== 'number' || !modelledKinds.includes(c.schema.kind)) continue;
    const values = c.numbers(), distinct = new Set<number>();
    let present = 0, decimals = 0;
    for (const v of values) if (v === v) { present++; distinct.add(v); if (present <= 500) decimals = Math.max(decimals, Math.min(9, (String(v).split('.')[1] ?? '').length)); if (distinct.size > 10 && present > 500) break; }
    if (present >= fewest && distinct.size > 1) out.push({ name: c.schema.name, values, kind: c.schema.kind, many: distinct.size > 10, half: 0.5 * 10 ** -decimals });
  }
  return out.sort((a, b) => Number(b.many) - Number(a.many)).slice(0, mostColumns);
}

/** How much an input's rounding may move a result: not at all where every row says so, else by half a unit of its last decimal. The tighter rule is the one that notices more. */
const looseness = [0, 1] as const;

/** b - a or b / a the same in every row, up to the rounding of what is written. */
function constants(columns: readonly Numbers[], equal: ReadonlyArray<readonly string[]>): Asked[] {
  const out: Asked[] = [];
  for (const [i, a] of columns.entries()) for (const b of columns.slice(i + 1)) {
    if (equal.some(e => e.includes(a.name) && e.includes(b.name))) continue;
    const number = (k: string) => (k === 'integer' || k === 'real' ? 'number' : k), bothNumbers = number(a.kind) === 'number' && number(b.kind) === 'number';
    const difference = number(a.kind) === number(b.kind) ? constant(a, b, Number.NaN, (x, y, first) => (first === first ? near(y - x, first) : true), (x, y) => y - x) : undefined;
    if (difference !== undefined) { out.push(asked(`${b.name} - ${a.name} = ${+difference.toPrecision(6)}`, [a.name, b.name], ([x, y]) => near(y - x, difference))); continue; }
    const ratio = bothNumbers ? ratioOf(a, b) : Number.NaN;
    if (!(ratio !== 0 && Number.isFinite(ratio))) continue;
    for (const loose of looseness) {
      const keeps = (x: number, y: number) => Math.abs(y - ratio * x) <= b.half + loose * Math.abs(ratio) * a.half + 1e-9 * Math.abs(y);
      if (constant(a, b, ratio, keeps, () => ratio) === undefined) continue;
      out.push(asked(`${b.name} / ${a.name} = ${+ratio.toPrecision(6)}`, [a.name, b.name], ([x, y]) => keeps(x, y)));
      break;
    }
  }
  return out;
}

/** What stays the same in every row that has both values; undefined where nothing does, or too few rows have them. */
function constant(a: Numbers, b: Numbers, first: number, keeps: (x: number, y: number, first: number) => boolean, of: (x: number, y: number) => number): number | undefined {
  let rows = 0;
  for (let r = 0; r < a.values.length; r++) {
    const x = a.values[r], y = b.values[r];
    if (x !== x || y !== y) continue;
    if (!keeps(x, y, first)) return undefined;
    if (first !== first) first = of(x, y);
    rows++;
  }
  return rows >= fewest ? first : undefined;
}

/** The roundest ratio b / a that the rounding of b allows in all of some rows; that of the row with the largest value, which tells it best, where none does. */
function ratioOf(a: Numbers, b: Numbers): number {
  let low = -Infinity, high = Infinity, top = 0, ratio = Number.NaN;
  for (let r = 0; r < a.values.length; r++) {
    const x = a.values[r], y = b.values[r];
    if (x !== x || y !== y || x === 0) continue;
    if (Math.abs(x) > top) { top = Math.abs(x); ratio = y / x; }
    const ends = [(y - b.half) / x, (y + b.half) / x];
    low = Math.max(low, Math.min(ends[0], ends[1])); high = Math.min(high, Math.max(ends[0], ends[1]));
    if (low > high) { low = -Infinity; high = Infinity; break; }
  }
  if (low === -Infinity || ratio !== ratio) return ratio;
  for (let digits = 1; digits <= 12; digits++) { const round = +((low + high) / 2).toPrecision(digits); if (round >= low && round <= high) return round; }
  return (low + high) / 2;
}

/** c = a x b in every row, up to the rounding of what is written; a and b must both vary, and products must differ from either. One of the two may have few values, as a quantity has. */
function products(columns: readonly Numbers[]): Asked[] {
  const out: Asked[] = [], list = columns.filter(c => c.kind === 'integer' || c.kind === 'real');
  for (const c of list) for (const [i, a] of list.entries()) for (const b of list.slice(i + 1)) {
    if (c === a || c === b || !c.many || !(a.many || b.many)) continue;
    for (const loose of looseness) {
      const slack = (x: number, y: number) => c.half + loose * (a.half * Math.abs(y) + b.half * Math.abs(x)), keeps = (t: number, x: number, y: number) => Math.abs(t - x * y) <= slack(x, y) + 1e-9 * Math.abs(t);
      let rows = 0, telling = 0, moved = 0, all = true;
      for (let r = 0; r < c.values.length && all; r++) {
        const t = c.values[r], x = a.values[r], y = b.values[r];
        if (t !== t || x !== x || y !== y) continue;
        rows++;
        if (x !== 0 && x !== 1 && y !== 0 && y !== 1) moved++;
        // a tolerance as large as the value would let anything pass
        if (Math.abs(t) > 20 * slack(x, y)) telling++;
        all = keeps(t, x, y);
      }
      if (!all || moved < fewest || telling < 0.8 * rows) continue;
      out.push(asked(`${c.name} = ${a.name} x ${b.name}`, [c.name, a.name, b.name], ([t, x, y]) => keeps(t, x, y)));
      break;
    }
  }
  return out;
}

/** a determines b: a row breaks it that has another b than the training rows of its a. Rows with an a that training lacks are not asked. */
function determined(training: Table, a: string, b: string): Asked {
  const keyed = (table: Table, name: string) => { const c = table.column(name); return c.schema.storage === 'number' ? (v => (i: number) => (v[i] === v[i] ? String(v[i]) : undefined))(c.numbers()) : (i: number) => (c.isMissing(i) ? undefined : c.categories()[c.codes()[i]]); };
  const from = keyed(training, a), to = keyed(training, b), image = new Map<string, string | undefined>();
  for (let i = 0; i < training.rows; i++) { const k = from(i); if (k !== undefined) image.set(k, to(i)); }
  return {
    name: `${a} determines ${b}`,
    of(table) {
      const x = keyed(table, a), y = keyed(table, b);
      return Int8Array.from({ length: table.rows }, (_, i) => { const k = x(i); return k === undefined || !image.has(k) ? -1 : image.get(k) === y(i) ? 1 : 0; });
    },
  };
}

import { findRules } from '../../table/rules';
import { modelledKinds, type Table } from '../../table/table';
import type { EvaluationContext } from '../metric';
import type { Asked } from './kept';

/** Rules that every training row keeps, by what they say. */
export interface FoundRules { orderings: Asked[]; arithmetic: Asked[]; dependencies: Asked[] }

/** Computed once. The search is that of `inspect` (table/rules.ts), with constant differences, ratios and products besides. */
export const foundRules = (context: EvaluationContext): Promise<FoundRules> => context.shared('found rules', async () => {
  const table = context.training, found = findRules(table), numeric = numbersOf(table), of = (...types: string[]) => found.filter(r => types.includes(r.type));
  await context.progress(0.3);
  return {
    orderings: of('at-most').map(({ columns: [a, b] }) => asked(`${a} <= ${b}`, [a, b], ([x, y]) => x <= y)),
    arithmetic: [
      ...of('equal').map(({ columns: [a, b] }) => asked(`${a} = ${b}`, [a, b], ([x, y]) => x === y)),
      ...of('sum').map(({ columns: [t, a, b] }) => asked(`${t} = ${a} + ${b}`, [t, a, b], ([s, x, y]) => near(s, x + y))),
      ...constants(numeric, of('equal').map(r => r.columns)), ...products(numeric),
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

interface Numbers { name: string; values: Float64Array; kind: string; /** Half a unit of the last decimal that the column is written with. */ half: number }
const mostColumns = 30, fewest = 30;

/** Numeric columns of many values: relations among a few values hold by accident. */
function numbersOf(table: Table): Numbers[] {
  const out: Numbers[] = [];
  for (const c of table.columns) {
    if (c.schema.storage !== 'number' || !modelledKinds.includes(c.schema.kind) || out.length === mostColumns) continue;
    const values = c.numbers(), distinct = new Set<number>();
    let present = 0, decimals = 0;
    for (const v of values) if (v === v) { present++; distinct.add(v); if (present <= 500) decimals = Math.max(decimals, Math.min(9, (String(v).split('.')[1] ?? '').length)); if (distinct.size > 10 && present > 500) break; }
    if (present >= fewest && distinct.size > 10) out.push({ name: c.schema.name, values, kind: c.schema.kind, half: 0.5 * 10 ** -decimals });
  }
  return out;
}

/** b - a or b / a the same in every row, up to the rounding of what is written. */
function constants(columns: readonly Numbers[], equal: ReadonlyArray<readonly string[]>): Asked[] {
  const out: Asked[] = [];
  for (const [i, a] of columns.entries()) for (const b of columns.slice(i + 1)) {
    if (equal.some(e => e.includes(a.name) && e.includes(b.name))) continue;
    const number = (k: string) => (k === 'integer' || k === 'real' ? 'number' : k), differences = number(a.kind) === number(b.kind);
    let difference = Number.NaN, ratio = Number.NaN, sameDifference = differences, sameRatio = number(a.kind) === 'number' && number(b.kind) === 'number', rows = 0, top = 0;
    // the row with the largest value tells the ratio best
    for (let r = 0; r < a.values.length; r++) { const x = a.values[r], y = b.values[r]; if (x === x && y === y && Math.abs(x) > top) { top = Math.abs(x); ratio = y / x; } }
    for (let r = 0; r < a.values.length && (sameDifference || sameRatio); r++) {
      const x = a.values[r], y = b.values[r];
      if (x !== x || y !== y) continue;
      rows++;
      if (difference !== difference) difference = y - x;
      if (!near(y - x, difference)) sameDifference = false;
      if (Math.abs(y - ratio * x) > b.half + Math.abs(ratio) * a.half + 1e-9 * Math.abs(y)) sameRatio = false;
    }
    if (rows < fewest) continue;
    if (sameDifference) out.push(asked(`${b.name} - ${a.name} = ${+difference.toPrecision(6)}`, [a.name, b.name], ([x, y]) => near(y - x, difference)));
    else if (sameRatio && ratio !== 0 && Number.isFinite(ratio)) out.push(asked(`${b.name} / ${a.name} = ${+ratio.toPrecision(6)}`, [a.name, b.name], ([x, y]) => Math.abs(y - ratio * x) <= b.half + Math.abs(ratio) * a.half + 1e-9 * Math.abs(y)));
  }
  return out;
}

/** c = a x b in every row, up to the rounding of what is written; a and b must both vary, and products must differ from either. */
function products(columns: readonly Numbers[]): Asked[] {
  const out: Asked[] = [], list = columns.filter(c => c.kind === 'integer' || c.kind === 'real');
  for (const c of list) for (const [i, a] of list.entries()) for (const b of list.slice(i + 1)) {
    if (c === a || c === b) continue;
    const keeps = (t: number, x: number, y: number) => Math.abs(t - x * y) <= c.half + a.half * Math.abs(y) + b.half * Math.abs(x) + 1e-9 * Math.abs(t);
    let rows = 0, telling = 0, all = true;
    for (let r = 0; r < c.values.length && all; r++) {
      const t = c.values[r], x = a.values[r], y = b.values[r];
      if (t !== t || x !== x || y !== y) continue;
      rows++;
      // a tolerance as large as the value would let anything pass
      if (Math.abs(t) > 20 * (c.half + a.half * Math.abs(y) + b.half * Math.abs(x))) telling++;
      all = keeps(t, x, y);
    }
    if (all && rows >= fewest && telling >= 0.8 * rows) out.push(asked(`${c.name} = ${a.name} x ${b.name}`, [c.name, a.name, b.name], ([t, x, y]) => keeps(t, x, y)));
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

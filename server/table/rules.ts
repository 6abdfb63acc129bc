import { modelledKinds, type Column, type Table } from './table';

/** A relation that holds in every row where its columns are present. Reported, not enforced. */
export interface ColumnRule { type: 'equal' | 'at-most' | 'sum' | 'determines'; columns: string[]; sentence: string }

/** Rows that candidates are looked for in; those that survive are checked over all rows. */
const searchRows = 2000;
/** Only so many columns are paired: the search is quadratic, for sums cubic. */
const mostColumns = 40;
const mostRules = 12;

interface Numbers { name: string; values: Float64Array; low: number; high: number; unit: string }

/**
 * Exact relations between columns: equal columns, sums, one never above another, and one that determines another (a code and its
 * label). Candidates come from 2,000 rows spread over the table, so that a million rows cost little; every rule returned was checked on all.
 * @param most how many are returned: a reader wants the first dozen
 */
export function findRules(table: Table, most = mostRules): ColumnRule[] {
  if (table.rows < 30) return [];
  const stride = Math.max(1, Math.floor(table.rows / searchRows));
  const sample = Int32Array.from({ length: Math.min(table.rows, searchRows) }, (_, i) => i * stride);
  const numeric: Numbers[] = [];
  for (const c of table.columns) {
    if (c.schema.storage !== 'number' || !modelledKinds.includes(c.schema.kind) || numeric.length === mostColumns) continue;
    const values = c.numbers(), some = sample.map((r) => r).filter((r) => values[r] === values[r]);
    if (some.length < 20) continue;
    const sorted = Float64Array.from(some, (r) => values[r]).sort();
    if (sorted[0] === sorted[sorted.length - 1]) continue;
    // Where nine tenths of the cells are one value (mostly 0), a relation is likely to be about that value alone.
    const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))];
    numeric.push({ name: c.schema.name, values, low: at(0.1), high: at(0.9), unit: c.schema.kind === 'integer' || c.schema.kind === 'real' ? 'number' : c.schema.kind });
  }
  const rules = [...equals(numeric, sample), ...sums(numeric, sample), ...orders(numeric, sample), ...dependencies(table, sample)];
  return rules.slice(0, most);
}

/** Holds on the sample, then on every row, and on enough rows to mean something. */
function holds(test: (row: number) => boolean | undefined, sample: Int32Array, rows: number): boolean {
  let seen = 0;
  for (const r of sample) { const t = test(r); if (t === false) return false; if (t) seen++; }
  if (seen < 20) return false;
  for (let r = 0; r < rows; r++) if (test(r) === false) return false;
  return true;
}
/** Equal up to the rounding of sums of decimals. */
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
const nan = (x: number) => x !== x;

function equals(columns: Numbers[], sample: Int32Array): ColumnRule[] {
  const rules: ColumnRule[] = [];
  for (const [i, a] of columns.entries()) for (const b of columns.slice(i + 1)) {
    if (a.unit === b.unit && holds((r) => (nan(a.values[r]) || nan(b.values[r]) ? undefined : a.values[r] === b.values[r]), sample, a.values.length)) rules.push({ type: 'equal', columns: [a.name, b.name], sentence: `${a.name} and ${b.name} are equal in every row.` });
  }
  return rules;
}

function sums(columns: Numbers[], sample: Int32Array): ColumnRule[] {
  const rules: ColumnRule[] = [], list = columns.filter((c) => c.unit === 'number' && c.low !== c.high);
  for (const total of list) for (const [i, a] of list.entries()) for (const b of list.slice(i + 1)) {
    if (total === a || total === b) continue;
    const { values: t } = total, { values: x } = a, { values: y } = b;
    if (holds((r) => (nan(t[r]) || nan(x[r]) || nan(y[r]) ? undefined : near(t[r], x[r] + y[r])), sample, t.length)) rules.push({ type: 'sum', columns: [total.name, a.name, b.name], sentence: `${total.name} is ${a.name} plus ${b.name} in every row.` });
  }
  return rules;
}

function orders(columns: Numbers[], sample: Int32Array): ColumnRule[] {
  const rules: ColumnRule[] = [];
  for (const a of columns) for (const b of columns) {
    // Ranges that hardly overlap are ordered by their units (an age is below a salary), which says nothing.
    if (a === b || a.unit !== b.unit || a.high <= b.low) continue;
    let strict = false;
    const below = (r: number) => {
      const x = a.values[r], y = b.values[r];
      if (nan(x) || nan(y)) return undefined;
      if (x < y) strict = true;
      return x <= y;
    };
    if (holds(below, sample, a.values.length) && strict) rules.push({ type: 'at-most', columns: [a.name, b.name], sentence: `${a.name} is never above ${b.name}.` });
  }
  return rules;
}

function dependencies(table: Table, sample: Int32Array): ColumnRule[] {
  const coded: Array<{ name: string; codes: ArrayLike<number>; distinct: number }> = [];
  for (const c of table.columns) {
    if (!modelledKinds.includes(c.schema.kind) || coded.length === mostColumns) continue;
    const coding = smallCodes(c, sample);
    // Values must repeat, or each determines everything by being alone; of two values the rarer must be frequent enough not to be determined by chance.
    if (coding && coding.distinct >= 2 && coding.distinct * 20 <= table.rows && (coding.distinct > 2 || coding.rarest >= 20)) coded.push({ name: c.schema.name, ...coding });
  }
  const determines = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    const image = new Map<number, number>();
    return holds((r) => {
      const key = x[r], v = y[r];
      // a missing value, NaN or as a code -1, determines nothing
      if (nan(key) || (key === -1 && x instanceof Int32Array)) return undefined;
      const known = image.get(key);
      if (known === undefined) { image.set(key, nan(v) ? -1e300 : v); return true; }
      return known === (nan(v) ? -1e300 : v);
    }, sample, table.rows);
  };
  const rules: ColumnRule[] = [];
  for (const [i, a] of coded.entries()) for (const b of coded.slice(i + 1)) {
    // two values alone are no code, but may be what a code stands for
    const ab = a.distinct >= Math.max(3, b.distinct) && determines(a.codes, b.codes), ba = b.distinct >= Math.max(3, a.distinct) && determines(b.codes, a.codes);
    if (ab && ba) rules.push({ type: 'determines', columns: [a.name, b.name], sentence: `${a.name} and ${b.name} say the same thing: each determines the other.` });
    else if (ab) rules.push({ type: 'determines', columns: [a.name, b.name], sentence: `${a.name} determines ${b.name}.` });
    else if (ba) rules.push({ type: 'determines', columns: [b.name, a.name], sentence: `${b.name} determines ${a.name}.` });
  }
  return rules;
}

/** `rarest`: how many of the sampled rows have the rarest value. */
function smallCodes(column: Column, sample: Int32Array): { codes: ArrayLike<number>; distinct: number; rarest: number } | undefined {
  const codes = column.schema.storage === 'code' ? column.codes() : column.schema.storage === 'number' ? column.numbers() : undefined;
  if (!codes) return undefined;
  const seen = new Map<number, number>();
  for (const r of sample) { const v = codes[r]; if (v === v && v !== -1) seen.set(v, (seen.get(v) ?? 0) + 1); if (seen.size > 200) return undefined; }
  return { codes, distinct: seen.size, rarest: Math.min(...seen.values()) };
}

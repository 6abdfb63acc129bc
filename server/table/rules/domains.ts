/** What a condition leaves each single column: necessary sets, from which rows may be proposed; the condition itself is always checked on the whole row. */
import type { Comparison, Condition } from '../../protocol';
import type { ColumnSchema } from '../table';
import { numberOf, scaleOf } from './cells';

/** The cells a column may have: closed intervals (ends may still be excluded by the condition) or words; and whether it may be missing. */
export interface Domain { intervals?: Array<[low: number, high: number]>; words?: ReadonlySet<string>; missing: boolean }
export type Domains = Record<string, Domain>;

const flipped: Record<Comparison, Comparison> = { '<': '>', '<=': '>=', '=': '=', '!=': '!=', '>=': '<=', '>': '<' };
const negated: Record<Comparison, Comparison> = { '<': '>=', '<=': '>', '=': '!=', '!=': '=', '>=': '<', '>': '<=' };

/**
 * For every column a superset of the values it takes in rows that meet the condition; columns left out are free. An empty set anywhere means that no row can.
 * @param schemas of the columns named; @param words the categories a column of words has, for negations
 */
export function domainsOf(condition: Condition, schemas: ReadonlyMap<string, ColumnSchema>, words: (column: string) => readonly string[]): Domains {
  const one = (column: string, d: Domain): Domains => ({ [column]: d });
  const compare = (column: string, op: Comparison, lexeme: string): Domains => {
    const schema = schemas.get(column);
    if (!schema) return {};
    if (schema.storage === 'number') {
      const v = numberOf(schema, lexeme);
      return one(column, { missing: false, intervals: op === '=' ? [[v, v]] : op === '<' || op === '<=' ? [[-Infinity, v]] : op === '!=' ? [[-Infinity, Infinity]] : [[v, Infinity]] });
    }
    const scale = scaleOf(schema), at = scale?.get(lexeme), all = words(column);
    if (op === '=') return one(column, { missing: false, words: new Set([lexeme]) });
    if (op === '!=') return one(column, { missing: false, words: new Set(all.filter((w) => w !== lexeme)) });
    if (!scale || at === undefined) return one(column, { missing: false });
    const keep = (k: number): boolean => (op === '<' ? k < at : op === '<=' ? k <= at : op === '>' ? k > at : k >= at);
    return one(column, { missing: false, words: new Set(all.filter((w) => keep(scale.get(w) ?? NaN))) });
  };
  const walk = (c: Condition, not: boolean): Domains => {
    switch (c.type) {
      case 'not': return walk(c.of, !not);
      case 'and': case 'or': {
        const parts = c.of.map((p) => walk(p, not));
        return (c.type === 'and') !== not ? parts.reduce(both, {}) : parts.length ? parts.reduce(either) : {};
      }
      case 'missing': {
        const missing = (c.negated ?? false) === not;
        return one(c.column, missing ? { missing: true, intervals: [], words: new Set() } : { missing: false });
      }
      case 'in': {
        const schema = schemas.get(c.column), out = (c.negated ?? false) !== not;
        if (!schema) return {};
        if (schema.storage === 'number') return one(c.column, { missing: false, ...(!out && { intervals: c.values.map((v): [number, number] => { const x = numberOf(schema, v); return [x, x]; }) }) });
        const set = new Set(c.values);
        return one(c.column, { missing: false, words: out ? new Set(words(c.column).filter((w) => !set.has(w))) : set });
      }
      case 'range': {
        const low = c.min === undefined ? {} : compare(c.column, c.openMin ? '>' : '>=', c.min), high = c.max === undefined ? {} : compare(c.column, c.openMax ? '<' : '<=', c.max);
        if (!not) return both(both(low, high), one(c.column, { missing: false }));
        const below = c.min === undefined ? undefined : compare(c.column, c.openMin ? '<=' : '<', c.min), above = c.max === undefined ? undefined : compare(c.column, c.openMax ? '>=' : '>', c.max);
        return below && above ? either(below, above) : below ?? above ?? one(c.column, { missing: false, intervals: [], words: new Set() });
      }
      case 'compare': {
        const op = not ? negated[c.op] : c.op;
        if (c.left.type === 'column' && c.right.type === 'value') return compare(c.left.column, op, c.right.value);
        if (c.right.type === 'column' && c.left.type === 'value') return compare(c.right.column, flipped[op], c.left.value);
        return {};
      }
    }
  };
  return walk(condition, false);
}

/** Whether no value is left. */
export const isEmpty = (d: Domain): boolean => !d.missing && (d.intervals?.length === 0 || d.words?.size === 0);

/** Whether a number lies in the domain, ends included. */
export const admits = (d: Domain, v: number | string | null): boolean => {
  if (v === null || (typeof v === 'number' && Number.isNaN(v))) return d.missing;
  return typeof v === 'number' ? d.intervals === undefined || d.intervals.some(([a, b]) => v >= a && v <= b) : d.words === undefined || d.words.has(v);
};

function both(a: Domains, b: Domains): Domains {
  const out: Domains = { ...a };
  for (const [name, d] of Object.entries(b)) out[name] = out[name] ? meet(out[name], d) : d;
  return out;
}
/** A column that one branch leaves free is free. */
function either(a: Domains, b: Domains): Domains {
  const out: Domains = {};
  for (const name of Object.keys(a)) if (b[name]) out[name] = join(a[name]!, b[name]);
  return out;
}
function meet(a: Domain, b: Domain): Domain {
  const intervals = a.intervals && b.intervals
    ? a.intervals.flatMap(([p, q]) => b.intervals!.flatMap(([r, s]): Array<[number, number]> => { const low = Math.max(p, r), high = Math.min(q, s); return low <= high ? [[low, high]] : []; }))
    : a.intervals ?? b.intervals;
  const words = a.words && b.words ? new Set([...a.words].filter((w) => b.words!.has(w))) : a.words ?? b.words;
  return { missing: a.missing && b.missing, ...(intervals && { intervals }), ...(words && { words }) };
}
function join(a: Domain, b: Domain): Domain {
  const intervals = a.intervals && b.intervals ? [...a.intervals, ...b.intervals] : undefined, words = a.words && b.words ? new Set([...a.words, ...b.words]) : undefined;
  return { missing: a.missing || b.missing, ...(intervals && { intervals }), ...(words && { words }) };
}

/**
 * The value of every column, where the condition is nothing but equalities with one value each ("and" of `=` and of one-element `in`): such a condition needs neither proposals nor weights.
 * Undefined for any other condition.
 */
export function equalitiesOf(condition: Condition): Record<string, string | null> | undefined {
  switch (condition.type) {
    case 'compare': {
      if (condition.op !== '=') return undefined;
      const { left, right } = condition;
      if (left.type === 'column' && right.type === 'value') return { [left.column]: right.value };
      return right.type === 'column' && left.type === 'value' ? { [right.column]: left.value } : undefined;
    }
    case 'in': return !condition.negated && condition.values.length === 1 ? { [condition.column]: condition.values[0]! } : undefined;
    case 'missing': return condition.negated ? undefined : { [condition.column]: null };
    case 'and': {
      const out: Record<string, string | null> = {};
      for (const part of condition.of) {
        const own = equalitiesOf(part);
        if (!own || Object.entries(own).some(([k, v]) => k in out && out[k] !== v)) return undefined;
        Object.assign(out, own);
      }
      return out;
    }
    default: return undefined;
  }
}

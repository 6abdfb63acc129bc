/** Rules between columns: which rows break them, and contradictions that no fit could mend. */
import { UserError } from '../../errors';
import type { Condition, Rule } from '../../protocol';
import type { Column, Table } from '../table';
import { columnOf } from './cells';
import { columnsOf, truthOf } from './condition';
import { domainsOf, isEmpty } from './domains';

/** A rule with what it takes from the source: the combinations that occur, what determines what. */
export interface LearntRule {
  rule: Rule; columns: string[];
  /** `combinations`: keys that occur; `determines`: key of the left side -> key of the right side. */
  combinations?: ReadonlySet<string>; mapping?: ReadonlyMap<string, string>;
  pattern?: RegExp;
}

/** The columns a rule speaks of. */
export function ruleColumns(rule: Rule): string[] {
  switch (rule.type) {
    case 'row': return [...new Set([...columnsOf(rule.condition), ...(rule.where ? columnsOf(rule.where) : [])])];
    case 'unique': case 'combinations': return rule.columns;
    case 'determines': return [...rule.from, ...rule.to];
    case 'format': return [rule.column];
  }
}

/** One string for a row's cells in some columns; equal strings for equal cells, missing ones included. */
export function keysOf(columns: readonly Column[]): (row: number) => string {
  return (row) => columns.map((c) => (c.isMissing(row) ? '\u0001' : c.lexeme(row))).join('\u0000');
}
const someMissing = (columns: readonly Column[], row: number): boolean => columns.some((c) => c.isMissing(row));

/**
 * Rules made ready on the source, and checked against it: a rule that names no column, contradicts itself, or that most of the source breaks is refused before anything is fitted.
 * A few rows that break a rule are no contradiction (data have errors); they are counted, and the result breaks none.
 * @throws UserError (usage) naming rule and column
 */
export function learnRules(rules: readonly Rule[], source: Table): { learnt: LearntRule[]; broken: Array<{ rule: string; rows: number }> } {
  const learnt: LearntRule[] = [], broken: Array<{ rule: string; rows: number }> = [];
  for (const rule of rules) {
    const columns = ruleColumns(rule);
    const inRule = <T>(work: () => T): T => {
      try { return work(); } catch (error) {
        throw error instanceof UserError ? new UserError(`Rule ${rule.name}: ${error.message}`, error.place, error.hint, error.code) : error;
      }
    };
    inRule(() => columns.forEach((name) => columnOf(source, name)));
    const own: LearntRule = { rule, columns };
    if (rule.type === 'combinations') own.combinations = new Set(presentKeys(source, rule.columns));
    if (rule.type === 'determines') own.mapping = inRule(() => mappingOf(source, rule.from, rule.to));
    if (rule.type === 'format') own.pattern = inRule(() => patternOf(rule.pattern, rule.column));
    const breaks = inRule(() => breaksOf(own, source)), n = breaks.reduce((a, b) => a + b, 0);
    if (source.rows > 0 && n > source.rows / 2)
      throw new UserError(`Rule ${rule.name}: ${n === source.rows ? 'every row' : `${Math.round((100 * n) / source.rows)}% of the rows`} of the table break${n === source.rows ? 's' : ''} it.`, { ...(columns.length === 1 && { column: columns[0]! }) }, 'A rule that the source mostly breaks cannot be kept by what learns from it. Correct the rule, or give it a "where".');
    if (n > 0) broken.push({ rule: rule.name, rows: n });
    learnt.push(own);
  }
  contradictions(rules, source);
  return { learnt, broken };
}

/** Row rules that leave a column no value together; a row rule that no source row keeps together with the others. */
function contradictions(rules: readonly Rule[], source: Table): void {
  const conditions = rules.flatMap((r): Array<{ name: string; condition: Condition }> => (r.type === 'row' && !r.where ? [{ name: r.name, condition: r.condition }] : []));
  if (conditions.length === 0) return;
  const schemas = new Map(source.schema.columns.map((c) => [c.name, c])), words = (name: string): readonly string[] => (source.column(name).schema.storage === 'code' ? source.column(name).categories() : []);
  for (let n = 1; n <= conditions.length; n++) {
    const domains = domainsOf({ type: 'and', of: conditions.slice(0, n).map((c) => c.condition) }, schemas, words);
    for (const [column, d] of Object.entries(domains)) {
      const declared = schemas.get(column)?.declaredDomain, outside = declared && d.intervals?.every(([low, high]) => (declared.max !== undefined && low > declared.max) || (declared.min !== undefined && high < declared.min));
      if (isEmpty(d) || (outside && !d.missing)) throw new UserError(`${n === 1 ? `Rule ${conditions[0]!.name} leaves` : `Rules ${conditions.slice(0, n).map((c) => c.name).join(', ')} together leave`} ${outside ? 'no value within the declared domain' : 'no value'}.`, { column }, 'Correct one of them.');
    }
  }
  if (source.rows === 0) return;
  const kept = new Uint8Array(source.rows).fill(1);
  for (const { name, condition } of conditions) {
    truthOf(condition, source).forEach((t, i) => { if (t === 0) kept[i] = 0; });
    if (!kept.includes(1)) throw new UserError(`No row of the table keeps rule ${name} and the rules before it.`, {}, 'They contradict each other on this table: correct one of them.');
  }
}

function* presentKeys(source: Table, names: readonly string[]): Generator<string> {
  const columns = names.map((n) => source.column(n)), key = keysOf(columns);
  for (let i = 0; i < source.rows; i++) if (!someMissing(columns, i)) yield key(i);
}

/** @throws UserError where the source itself contradicts the dependency in more than a hundredth of its rows */
function mappingOf(source: Table, from: readonly string[], to: readonly string[]): Map<string, string> {
  const left = from.map((n) => source.column(n)), right = to.map((n) => source.column(n)), keyL = keysOf(left), keyR = keysOf(right), counts = new Map<string, Map<string, number>>();
  let rows = 0;
  for (let i = 0; i < source.rows; i++) {
    if (someMissing(left, i) || someMissing(right, i)) continue;
    const own = counts.get(keyL(i)) ?? new Map<string, number>();
    own.set(keyR(i), (own.get(keyR(i)) ?? 0) + 1);
    counts.set(keyL(i), own);
    rows++;
  }
  const mapping = new Map<string, string>();
  let odd = 0, example = '';
  for (const [key, own] of counts) {
    const [best] = [...own.entries()].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    mapping.set(key, best![0]);
    for (const [other, n] of own) if (other !== best![0]) { odd += n; example ||= key.replaceAll('\u0000', ', '); }
  }
  if (odd > rows / 100) throw new UserError(`${from.join(', ')} does not determine ${to.join(', ')} in the table: ${odd} of ${rows} rows differ from the usual value, such as those of ${example}.`, { column: to[0]! }, 'Name further columns on the left, or drop the rule.');
  return mapping;
}

/** @throws UserError (usage) for a pattern that is no regular expression */
export function patternOf(pattern: string, column: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    throw new UserError(`The pattern ${pattern} is no regular expression.`, { column }, undefined, 'usage');
  }
}

/** 1 for every row that breaks the rule. Rows where a needed cell is missing break none. `unique`: every repeat of an earlier row. */
export function breaksOf({ rule, combinations, mapping, pattern }: LearntRule, table: Table): Uint8Array {
  const out = new Uint8Array(table.rows);
  switch (rule.type) {
    case 'row': {
      const where = rule.where && truthOf(rule.where, table);
      truthOf(rule.condition, table).forEach((t, i) => { if (t === 0 && (!where || where[i] === 1)) out[i] = 1; });
      return out;
    }
    case 'unique': {
      const columns = rule.columns.map((n) => columnOf(table, n)), key = keysOf(columns), seen = new Set<string>();
      for (let i = 0; i < out.length; i++) { if (someMissing(columns, i)) continue; const k = key(i); if (seen.has(k)) out[i] = 1; else seen.add(k); }
      return out;
    }
    case 'combinations': {
      const columns = rule.columns.map((n) => columnOf(table, n)), key = keysOf(columns);
      for (let i = 0; i < out.length; i++) if (!someMissing(columns, i) && !combinations!.has(key(i))) out[i] = 1;
      return out;
    }
    case 'determines': {
      const left = rule.from.map((n) => columnOf(table, n)), right = rule.to.map((n) => columnOf(table, n)), keyL = keysOf(left), keyR = keysOf(right);
      // A left side that the source has not: the first row that has it decides.
      const own = new Map(mapping);
      for (let i = 0; i < out.length; i++) {
        if (someMissing(left, i) || someMissing(right, i)) continue;
        const wanted = own.get(keyL(i));
        if (wanted === undefined) own.set(keyL(i), keyR(i));
        else if (wanted !== keyR(i)) out[i] = 1;
      }
      return out;
    }
    case 'format': {
      const column = columnOf(table, rule.column), known = new Map<string, number>();
      for (let i = 0; i < out.length; i++) {
        if (column.isMissing(i)) continue;
        const cell = column.lexeme(i);
        let bad = known.get(cell);
        if (bad === undefined) known.set(cell, (bad = pattern!.test(cell) ? 0 : 1));
        out[i] = bad;
      }
      return out;
    }
  }
}

/** Rows of a whole table that break any rule whose columns it has. */
export function brokenRows(rules: readonly LearntRule[], table: Table): { rows: number; by: Record<string, number> } {
  const any = new Uint8Array(table.rows), by: Record<string, number> = {}, has = new Set(table.schema.columns.map((c) => c.name));
  for (const r of rules) {
    if (!r.columns.every((c) => has.has(c))) continue;
    const breaks = breaksOf(r, table);
    by[r.rule.name] = breaks.reduce((a, b) => a + b, 0);
    breaks.forEach((b, i) => { if (b) any[i] = 1; });
  }
  return { rows: any.reduce((a, b) => a + b, 0), by };
}


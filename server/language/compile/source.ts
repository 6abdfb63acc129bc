import type { ColumnOverride, Kind, Rule } from '../../protocol';
import type { KnownTable } from '../data';
import * as ast from '../generated/ast';
import { attribute, beside, columnsOf, flagged, hasFlag, isTemporal, kindOf, lexeme, outcomeOf, pathIn, sourcePath, type DeclaredColumn } from '../model';
import { listOf, ruleOf } from './conditions';

/** What a source declares, as plans hold it. */
export interface CompiledSource {
  path: string; holdout?: string;
  columns: Record<string, ColumnOverride>;
  outcome?: string; positive?: string; sensitive: string[]; contexts: string[]; order?: string; entity?: string;
  rules: Rule[]; publicRows?: number;
}

/**
 * @param known what is known of the file, for `...` in a list of ordered categories
 * @param whole false leaves out what is declared of the single columns, which nothing else rests on
 */
export function compileSource(source: ast.Source, known?: KnownTable, whole = true): CompiledSource {
  const others = beside(source), holdout = others.find(ast.isHoldout), outcome = outcomeOf(source), entity = others.find(ast.isEntity), order = others.find(ast.isOrder), rows = others.find(ast.isPublicRows);
  const keys = others.filter(ast.isKey), missing = others.filter(ast.isMissingTokens).flatMap((m) => m.tokens);
  const columns: Record<string, ColumnOverride> = {};
  if (whole) for (const [name, column] of columnsOf(source)) columns[name] = override(column, missing, known, name);
  // Missing tokens of the whole source hold for columns that nothing was said of, too.
  if (whole && missing.length) for (const name of known?.columns.keys() ?? []) if (!Object.hasOwn(columns, name)) columns[name] = { missing };
  for (const { columns: [only, ...more] } of keys) if (only && more.length === 0) columns[only.column] = { ...columns[only.column], kind: 'identifier' };
  for (const name of Object.keys(columns)) if (Object.keys(columns[name]).length === 0) delete columns[name];
  const composite = keys.filter((k) => k.columns.length > 1).map((k): Rule => ({ name: 'key', type: 'unique', columns: k.columns.map((c) => c.column) }));
  return {
    path: sourcePath(source)!, ...(holdout && { holdout: pathIn(source, holdout.path) }), columns,
    ...(outcome && { outcome: outcome.name }), ...(outcome?.positive !== undefined && { positive: outcome.positive }), sensitive: [...flagged(source, 'sensitive')],
    contexts: [...others.filter(ast.isContexts).flatMap((c) => c.columns.map((r) => r.column)), ...flagged(source, 'context')],
    ...(order && { order: order.column.column }), ...(entity && { entity: entity.column.column }),
    rules: [...composite, ...others.filter(ast.isRuleDeclaration).map(ruleOf)], ...(rows && { publicRows: Number(rows.count) }),
  };
}

function override(column: DeclaredColumn, missing: readonly string[], known: KnownTable | undefined, name: string): ColumnOverride {
  const kind = kindOf(column), domain = attribute(column, ast.isDomainAttribute), ordered = attribute(column, ast.isOrderedAttribute), decimals = attribute(column, ast.isDecimalsAttribute), tokens = [...missing, ...(attribute(column, ast.isMissingAttribute)?.tokens ?? [])];
  const values = ordered ? orderedValues(ordered.values, known, name) : domain?.values && listOf(domain.values);
  const range = domain?.range && rangeOf(domain.range, kind ?? known?.columns.get(name)?.kind);
  return {
    ...(kind && { kind }), ...(hasFlag(column, 'drop') && { drop: true }), ...(decimals && { decimals: Number(decimals.count) }),
    ...(values?.length ? { domain: { values } } : range && { domain: range }), ...(tokens.length && { missing: tokens }),
  };
}

/** Ordered categories; `...` stands for those of the file that are not named, by their own order. */
function orderedValues(list: ast.ValueList, known: KnownTable | undefined, name: string): string[] {
  const named = new Set(listOf(list)), others = (known?.columns.get(name)?.top ?? []).map((t) => t.value).filter((v) => !named.has(v)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return list.values.flatMap((v) => (ast.isEllipsis(v) ? others.splice(0) : [lexeme(v)]));
}

/** The ends of a declared range, in the units in which tables hold the kind: numbers, days, milliseconds. */
export function rangeOf(range: ast.Range, kind: Kind | undefined): { min?: number; max?: number } {
  const end = (value: ast.Literal | undefined) => (value ? endOf(lexeme(value), kind) : undefined), min = end(range.min), max = end(range.max);
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}
/** NaN for what cannot be read. Dates and times as ISO 8601 writes them. */
export function endOf(text: string, kind: Kind | undefined): number {
  if (!isTemporal(kind)) return text.trim() === '' ? NaN : Number(text);
  if (kind === 'time') {
    const match = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text);
    return match ? (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1000 : NaN;
  }
  const ms = Date.parse(/[zZ]|[+-]\d{2}:?\d{2}$/.test(text.slice(10)) || text.length <= 10 ? text : `${text}Z`);
  return kind === 'date' ? Math.floor(ms / 86_400_000) : ms;
}

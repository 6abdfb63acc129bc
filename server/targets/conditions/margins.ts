/** Marginals that rows are to have: declared shares of a column's values, or another table's. */
import { quantiles } from '../../learners/intervals';
import { numberOf } from '../../table/rules/cells';
import type { Column, ColumnSchema, Table } from '../../table/table';
import type { Margin } from './resample';

/** A marginal before there are rows: which cell a value is in. Missing cells are a cell of their own where `missing` is one. */
export interface Marginal { column: string; shares: Float64Array; labels: string[]; cellsOf(column: Column): Int32Array }

/** So many bins stand for a numeric column's distribution; equal shares of the other table's rows. */
const bins = 20;

/** Shares of named values; the rest of the mass, if any, belongs to all other values together. */
export function declaredMarginal(schema: ColumnSchema, shares: Readonly<Record<string, number>>): Marginal {
  const labels = Object.keys(shares), rest = Math.max(0, 1 - labels.reduce((s, l) => s + shares[l]!, 0));
  const place = schema.storage === 'number' ? new Map(labels.map((l, i) => [numberOf(schema, l), i])) : undefined;
  return {
    column: schema.name, labels: [...labels, 'all others'], shares: Float64Array.from([...labels.map((l) => shares[l]!), rest]),
    cellsOf(column) {
      if (place) return Int32Array.from(column.numbers(), (v) => (Number.isNaN(v) ? labels.length : place.get(v) ?? labels.length));
      const map = column.categories().map((c) => { const i = labels.indexOf(c); return i < 0 ? labels.length : i; });
      return column.codes().map((c) => (c < 0 ? labels.length : map[c]!));
    },
  };
}

/** The distribution of another table's column: its values where it has few, else bins of equal mass; missing is a value. */
export function marginalOf(other: Column): Marginal {
  const { schema, length } = other, n = Math.max(1, length);
  if (schema.storage === 'code') {
    const labels = [...other.categories()], counts = new Float64Array(labels.length + 1);
    for (const c of other.codes()) counts[c < 0 ? labels.length : c]!++;
    const index = new Map(labels.map((l, i) => [l, i]));
    return {
      column: schema.name, labels: [...labels, 'missing'], shares: counts.map((c) => c / n),
      cellsOf: (column) => { const map = column.categories().map((c) => index.get(c) ?? -1); return column.codes().map((c) => (c < 0 ? labels.length : map[c]!)); },
    };
  }
  const present = Float64Array.from(other.numbers().filter((v) => !Number.isNaN(v))).sort(), distinct = [...new Set(present)];
  const few = distinct.length <= bins, edges = few ? distinct : [...new Set(quantiles(present, Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins)))];
  // Few values: the nearest listed one. Many: the bin whose upper edge is the first not below the value.
  const cellOf = (v: number): number => {
    let lo = 0, hi = few ? edges.length - 1 : edges.length;
    while (lo < hi) { const m = (lo + hi) >> 1; if ((few ? (edges[m]! + edges[m + 1]!) / 2 : edges[m]!) < v) lo = m + 1; else hi = m; }
    return lo;
  };
  const size = few ? edges.length : edges.length + 1, shares = new Float64Array(size + 1);
  for (const v of other.numbers()) shares[Number.isNaN(v) ? size : cellOf(v)]! += 1 / n;
  const labels = few ? edges.map(String) : Array.from({ length: size }, (_, i) => (i === 0 ? `up to ${edges[0]!}` : i === edges.length ? `above ${edges.at(-1)!}` : `${edges[i - 1]!} to ${edges[i]!}`));
  return { column: schema.name, labels: [...labels, 'missing'], shares, cellsOf: (column) => Int32Array.from(column.numbers(), (v) => (Number.isNaN(v) ? size : cellOf(v))) };
}

/** A marginal for the rows of a table. */
export const marginFor = (m: Marginal, table: Table): Margin => ({ column: m.column, shares: m.shares, labels: m.labels, cells: m.cellsOf(table.column(m.column)) });

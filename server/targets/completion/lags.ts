/** Ordered rows as a table of pasts and presents: what an autoregressive continuation is learnt from. */
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import type { Column, Table } from '../../table/table';

/** Rows of one entity in order. */
export interface Series { entity: string | null; rows: Int32Array }

/** Rows by entity (order of first appearance), each sorted by the ordering column; rows without a time are left out. */
export function seriesOf(table: Table, order: string, by?: string): Series[] {
  const time = table.column(order), entity = by === undefined ? undefined : table.column(by), groups = new Map<string | null, number[]>();
  const value = time.schema.storage === 'number' ? time.numbers() : undefined;
  if (!value) throw new TypeError(`column "${order}" is not numeric`);
  for (let i = 0; i < table.rows; i++) {
    if (Number.isNaN(value[i]!)) continue;
    const key = entity ? (entity.isMissing(i) ? null : entity.lexeme(i)) : null;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key)!.push(i);
  }
  return [...groups].map(([key, rows]) => ({ entity: key, rows: Int32Array.from(rows).sort((a, b) => value[a]! - value[b]! || a - b) }));
}

/** Name of a column's value so many rows before; a name no user's column has is not promised, so clashes are avoided by the caller's check. */
export const lagName = (column: string, lag: number): string => `${column} (${lag} before)`;

/** Cells of rows `at(i)`, missing where that is negative, under another name. */
export function shifted(column: Column, at: Int32Array, name: string): Column {
  const schema = { ...column.schema, name };
  return column.schema.storage === 'number'
    ? numberColumn(schema, Float64Array.from(at, (r) => (r < 0 ? NaN : column.numbers()[r]!)))
    : codeColumn(schema, Int32Array.from(at, (r) => (r < 0 ? -1 : column.codes()[r]!)), column.categories());
}

/**
 * One row for every row that has a past of `max(lags)` rows: the present values of `values`, and each of them at every lag.
 * Rows with a shorter past come too, where the series is short, with the lags they lack missing.
 */
export function lagged(table: Table, series: readonly Series[], values: readonly string[], lags: readonly number[]): Table {
  const now: number[] = [], past: number[][] = lags.map(() => []), longest = Math.max(...lags);
  for (const { rows } of series) {
    const from = rows.length > 2 * longest ? longest : 1;
    for (let i = from; i < rows.length; i++) {
      now.push(rows[i]!);
      lags.forEach((lag, k) => past[k]!.push(i >= lag ? rows[i - lag]! : -1));
    }
  }
  const present = Int32Array.from(now);
  return makeTable(table.schema.dialect, [...values.map((v) => table.column(v).take(present)), ...lags.flatMap((lag, k) => values.map((v) => shifted(table.column(v), Int32Array.from(past[k]!), lagName(v, lag))))], present.length);
}

/** The lag (beyond the nearest) at which a series repeats itself best: the highest local peak of its autocorrelation, where that is above .3; undefined where there is none. */
export function period(values: ArrayLike<number>, most = 400): number | undefined {
  const n = values.length, limit = Math.min(most, Math.floor(n / 4));
  if (limit < 6) return undefined;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  const correlation = (lag: number): number => { let a = 0, b = 0; for (let i = 0; i < n; i++) { const x = values[i]! - mean; b += x * x; if (i >= lag) a += x * (values[i - lag]! - mean); } return b > 0 ? a / b : 0; };
  const c = Array.from({ length: limit + 1 }, (_, lag) => correlation(lag));
  let best: number | undefined;
  for (let lag = 4; lag < limit; lag++) if (c[lag]! > 0.3 && c[lag]! > c[lag - 1]! && c[lag]! >= c[lag + 1]! && (best === undefined || c[lag]! > c[best]! + 0.02)) best = lag;
  return best;
}

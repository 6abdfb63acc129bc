import type { Kind } from '../protocol';
import type { Column, ColumnSchema, Table } from '../table/table';

/** Tables for tests, made from plain arrays: number|null for numeric and temporal kinds, string|null for the others. */
export function tableOf(columns: Record<string, { kind: Kind; cells: ReadonlyArray<number | string | null> | Float64Array }>): Table {
  return tableFrom(Object.entries(columns).map(([name, { kind, cells }]) => {
    const number = kind === 'integer' || kind === 'real' || kind === 'date' || kind === 'time' || kind === 'datetime';
    const schema: ColumnSchema = { name, kind, storage: number ? 'number' : 'code', missingToken: '' };
    if (number) return columnOf(schema, Float64Array.from(cells as ArrayLike<number | null>, v => v ?? Number.NaN), []);
    const names = [...new Set(cells)].filter((c): c is string => c !== null) as string[], code = new Map(names.map((n, i) => [n, i]));
    return columnOf(schema, Int32Array.from(cells as string[], c => (c === null ? -1 : code.get(c)!)), names);
  }));
}

function columnOf(schema: ColumnSchema, values: Float64Array | Int32Array, names: readonly string[]): Column {
  const isMissing = (row: number) => (values instanceof Int32Array ? values[row] < 0 : Number.isNaN(values[row]));
  return {
    schema, length: values.length, isMissing,
    get missingCount() { let n = 0; for (let i = 0; i < values.length; i++) if (isMissing(i)) n++; return n; },
    numbers() { if (values instanceof Int32Array) throw new TypeError('codes'); return values; },
    codes() { if (values instanceof Float64Array) throw new TypeError('numbers'); return values; },
    categories: () => names,
    text: row => (isMissing(row) ? null : String(values[row])),
    lexeme: row => (isMissing(row) ? '' : values instanceof Int32Array ? names[values[row]] : String(values[row])),
    take: rows => columnOf(schema, values instanceof Int32Array ? Int32Array.from(rows, r => values[r]) : Float64Array.from(rows, r => values[r]), names),
  };
}

export function tableFrom(columns: Column[]): Table {
  const dialect = { format: 'csv', encoding: 'utf-8', bom: false, delimiter: ',', quote: '"', newline: '\n', finalNewline: true, header: true } as const;
  return {
    schema: { columns: columns.map(c => c.schema), dialect }, rows: columns[0]?.length ?? 0, columns,
    column(name) { const c = columns.find(x => x.schema.name === name); if (!c) throw new Error(`no column ${name}`); return c; },
    take: rows => tableFrom(columns.map(c => c.take(rows))),
    select: names => tableFrom(names.map(n => columns.find(c => c.schema.name === n)!)),
    toArrow() { throw new Error('not needed in tests'); },
  };
}

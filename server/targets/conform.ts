import { basename } from 'node:path';
import { UserError } from '../errors';
import { codeColumn, makeTable, numberColumn } from '../table/columns';
import { convert } from '../table/kinds/convert';
import { temporalReader } from '../table/temporal-format';
import type { Column, ColumnSchema, Table } from '../table/table';

/**
 * Another table (a holdout, a synthetic table) seen as the source is: the named columns in the given order, each of the source's
 * kind and storage, so that the two can be compared cell by cell whatever types their own files suggested.
 * @param path the other table's file, for messages.
 * @throws UserError (input) when a column is absent, or its cells cannot be what the source's are.
 */
export function conform(other: Table, source: Table, names: readonly string[], path: string): Table {
  const file = basename(path);
  const there = new Set(other.schema.columns.map((c) => c.name));
  const absent = names.filter((n) => !there.has(n));
  if (absent.length)
    throw new UserError(`lacks ${absent.length === 1 ? 'the column' : 'the columns'} ${absent.slice(0, 5).map((n) => `"${n}"`).join(', ')}${absent.length > 5 ? ` and ${absent.length - 5} more` : ''}.`, { file }, `It must have every column that is compared; columns are matched by name. It has ${[...there].slice(0, 10).map((n) => `"${n}"`).join(', ')}${there.size > 10 ? ', ...' : ''}.`);
  const columns = names.map((name) => {
    try {
      return like(other.column(name), source.column(name).schema);
    } catch (error) {
      if (error instanceof UserError) throw new UserError(error.message, { ...error.place, file, column: name }, error.hint, error.code);
      throw error;
    }
  });
  return makeTable(source.schema.dialect, columns, other.rows);
}

function like(column: Column, wanted: ColumnSchema): Column {
  const { kind, storage } = wanted;
  if (storage === 'code') {
    const coded = column.schema.storage === 'code' ? column : convert(column, { kind });
    return codeColumn(wanted, coded.codes(), coded.categories());
  }
  if (storage === 'string') return convert(column, { ...wanted });
  const temporal = kind === 'date' || kind === 'time' || kind === 'datetime';
  const isTemporal = column.schema.temporal !== undefined;
  if (column.schema.storage === 'number' && temporal === isTemporal && (!temporal || column.schema.kind === kind)) return numberColumn(wanted, column.numbers());
  if (!temporal) return numberColumn(wanted, convert(column, { kind: 'real' }).numbers());
  return numberColumn(wanted, parsed(column, wanted));
}

/** Cells read by the source's own pattern. */
function parsed(column: Column, wanted: ColumnSchema): Float64Array {
  const { read } = temporalReader(wanted.kind as 'date' | 'time' | 'datetime', wanted.temporal!);
  return Float64Array.from({ length: column.length }, (_, row) => {
    if (column.isMissing(row)) return NaN;
    const value = read(column.lexeme(row));
    if (Number.isNaN(value)) throw new UserError(`"${column.lexeme(row).slice(0, 40)}" is not a ${wanted.kind} as in the source (${wanted.temporal!.pattern}).`, { row: row + 2 });
    return value;
  });
}

import { basename } from 'node:path';
import { UserError } from '../errors';
import { codeColumn, makeTable, numberColumn } from '../table/columns';
import { convert } from '../table/kinds/convert';
import { temporalReader } from '../table/temporal-format';
import type { Column, ColumnSchema, Table } from '../table/table';
import { respelt } from './spelling';

/**
 * Another table (a holdout, a synthetic table) seen as the source is: the named columns in the given order, each of the source's
 * kind and storage, so that the two can be compared cell by cell whatever types their own files suggested.
 * @param path the other table's file, for messages.
 * @param spelt told once a column of a value that the other table spells otherwise, and is taken for the source's
 * @throws UserError (input) when a column is absent, or its cells cannot be what the source's are.
 */
export function conform(other: Table, source: Table, names: readonly string[], path: string, spelt?: (column: string, there: string, source: string) => void): Table {
  const file = basename(path);
  const there = new Set(other.schema.columns.map((c) => c.name));
  const absent = names.filter((n) => !there.has(n));
  if (absent.length)
    throw new UserError(`lacks ${absent.length === 1 ? 'the column' : 'the columns'} ${absent.slice(0, 5).map((n) => `"${n}"`).join(', ')}${absent.length > 5 ? ` and ${absent.length - 5} more` : ''}.`, { file }, `It must have every column that is compared; columns are matched by name. It has ${[...there].slice(0, 10).map((n) => `"${n}"`).join(', ')}${there.size > 10 ? ', ...' : ''}.`);
  const columns = names.map((name) => {
    try {
      return like(other.column(name), source.column(name), spelt);
    } catch (error) {
      if (error instanceof UserError) throw new UserError(error.message, { ...error.place, file, column: name }, error.hint, error.code);
      throw error;
    }
  });
  return makeTable(source.schema.dialect, columns, other.rows);
}

function like(column: Column, source: Column, spelt?: Parameters<typeof conform>[4]): Column {
  const wanted = source.schema, { kind, storage } = wanted;
  if (storage === 'code') {
    const coded = column.schema.storage === 'code' ? column : convert(column, { kind }), other = respelt(coded.categories(), source.categories());
    if (!other) return codeColumn(wanted, coded.codes(), coded.categories());
    spelt?.(wanted.name, other.example.there, other.example.source);
    return codeColumn(wanted, coded.codes().map((c) => (c < 0 ? c : other.codes[c]!)), other.categories);
  }
  if (storage === 'string') return convert(column, { ...wanted });
  const temporal = kind === 'date' || kind === 'time' || kind === 'datetime';
  const isTemporal = column.schema.temporal !== undefined;
  if (column.schema.storage === 'number' && temporal === isTemporal && (!temporal || column.schema.kind === kind)) return numberColumn(wanted, column.numbers());
  const days = datesApart(column, kind);
  if (days) return numberColumn(wanted, days);
  if (!temporal) return numberColumn(wanted, convert(column, { kind: 'real' }).numbers());
  return numberColumn(wanted, parsed(column, wanted));
}

/** A date where the other program wrote a time of that day, or midnight where it wrote the date alone: dates count days, times of a date milliseconds. */
function datesApart(column: Column, kind: ColumnSchema['kind']): Float64Array | undefined {
  const day = 86_400_000, from = column.schema.kind;
  if (kind === 'date' && from === 'datetime') return column.numbers().map((v) => Math.floor(v / day));
  if (kind === 'datetime' && from === 'date') return column.numbers().map((v) => v * day);
  return undefined;
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

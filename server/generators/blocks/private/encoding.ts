/**
 * The encoded row under a privacy budget. Fitting the modes of a mixture looks at every value, so numbers are taken in the bins of their noised marginals instead: every column is a one-hot, and what
 * a code means is known before any row is read.
 */
import { KeyStream } from '../../../engine';
import { codeColumn, makeTable, numberColumn } from '../../../table/columns';
import { gridOf, onto } from '../../../table/protect/numbers';
import type { Column, ColumnSchema, Table } from '../../../table/table';
import { Features } from '../features';
import { ModalFeatures, type EncodedRows, type Layout } from '../spans';
import type { PrivateFit } from '../../generator';

interface Bins { column: string; edges: number[]; min: number; max: number }
interface Saved { inner: string; schemas: ColumnSchema[]; bins: Bins[] }
/** What fitting and sampling need of an encoding: `ModalFeatures`, or this one. */
export interface Encoding {
  readonly layout: Layout;
  readonly features: Pick<Features, 'categories' | 'dictionary' | 'encodeCategory' | 'columns'>;
  encode(table: Table): EncodedRows;
  decode(rows: EncodedRows, options: { seed: number; from?: number }): Table;
  save(): string;
}

export class PrivateEncoding implements Encoding {
  private readonly modal: ModalFeatures;
  constructor(private readonly saved: Saved) { this.modal = ModalFeatures.load(saved.inner); }
  /** From the columns' schemas and noised marginals alone. */
  static from(table: Table, columns: PrivateFit['columns']): PrivateEncoding {
    const bins: Bins[] = [], schemas = table.columns.map((c) => c.schema);
    const categories = table.columns.map((column, index) => {
      const known = columns[column.schema.name]!, shares = known.type === 'number' ? known.shares : known.shares.slice(0, -1), missing = known.type === 'number' ? known.missing : known.shares.at(-1)!;
      if (known.type === 'number') bins.push({ column: column.schema.name, edges: [...known.edges], min: known.min, max: known.max });
      const codes = shares.map((_, i) => i), absent = missing > 0 || codes.length === 0;
      return { column: column.schema.name, index, size: codes.length + Number(absent), source: 'codes', shares: absent ? [...shares, missing] : shares, categories: absent ? [...codes, -1] : codes };
    });
    const coded = schemas.map((s): ColumnSchema => ({ ...s, storage: 'code', kind: s.storage === 'code' ? s.kind : 'ordinal' }));
    const dictionaries = table.columns.map((c) => { const known = columns[c.schema.name]!; return known.type === 'number' ? known.shares.map((_, i) => String(i)) : [...c.categories()]; });
    const features = JSON.stringify({ version: 1, dialect: table.schema.dialect, schemas: coded, dictionaries, numbers: [], categories, seed: 0 });
    return new PrivateEncoding({ inner: JSON.stringify({ features, modes: [], seed: 0 }), schemas, bins });
  }
  static load(text: string): PrivateEncoding { return new PrivateEncoding(JSON.parse(text) as Saved); }
  save(): string { return JSON.stringify(this.saved); }
  get layout(): Layout { return this.modal.layout; }
  get features(): Encoding['features'] {
    const { features } = this.modal, { schemas } = this.saved;
    return { categories: features.categories, columns: schemas, dictionary: (name) => features.dictionary(name), encodeCategory: (f, column) => features.encodeCategory(f, this.coded(column)) };
  }
  private coded(column: Column): Column {
    const own = this.saved.bins.find((b) => b.column === column.schema.name);
    if (!own || column.schema.storage === 'code') return column;
    return codeColumn({ ...column.schema, storage: 'code', kind: 'ordinal' }, Int32Array.from(column.numbers(), (v) => (v === v ? binOf(own.edges, v) : -1)), own.edges.slice(1).map((_, i) => String(i)));
  }
  encode(table: Table): EncodedRows { return this.modal.encode(makeTable(table.schema.dialect, this.saved.schemas.map((s) => this.coded(table.column(s.name))), table.rows)); }
  /** Numbers lie anywhere in their bin, on the column's grid and within its bounds. */
  decode(rows: EncodedRows, options: { seed: number; from?: number }): Table {
    const table = this.modal.decode(rows, options);
    return makeTable(table.schema.dialect, this.saved.schemas.map((schema): Column => {
      const column = table.column(schema.name), own = this.saved.bins.find((b) => b.column === schema.name);
      if (!own) return codeColumn(schema, column.codes(), column.categories());
      const u = new KeyStream(options.seed, `ca-dasg/bins/${schema.name}`).uniforms(options.from ?? 0, rows.rows), grid = gridOf(schema), codes = column.codes();
      return numberColumn(schema, Float64Array.from({ length: rows.rows }, (_, i) => {
        const c = codes[i]!;
        if (c < 0) return NaN;
        return Math.min(own.max, Math.max(own.min, onto(grid, own.edges[c]! + u[i]! * (own.edges[c + 1]! - own.edges[c]!))));
      }));
    }), rows.rows);
  }
}
/** Bin i is edges[i] <= v < edges[i + 1]; what lies beyond is in the outermost. */
function binOf(edges: readonly number[], v: number): number {
  let a = 0, b = edges.length - 2;
  while (a < b) { const m = (a + b + 1) >> 1; if (edges[m]! <= v) a = m; else b = m - 1; }
  return Math.max(0, a);
}

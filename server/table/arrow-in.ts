import { readFile } from 'node:fs/promises';
import * as arrow from 'apache-arrow';
import { schemaKey, spellingSuffix } from './arrow-out';
import { codeColumn, numberColumn, stringColumn, type Spelling } from './columns-base';
import { makeTable } from './make';
import type { Column, ColumnSchema, Table, TableSchema } from './table';

/** The table that `toArrow` was given. Throws when the Arrow table carries no schema of ours. */
export function fromArrow(source: arrow.Table): Table {
  const json = source.schema.metadata.get(schemaKey);
  if (!json) throw new Error('this Arrow table was not written by Understudy: its schema is missing');
  const schema = JSON.parse(json) as TableSchema;
  const columns = schema.columns.map(s => columnFrom(s, vector(source, s.name), spellingFrom(source, s.name)));
  return makeTable(schema, columns, source.numRows);
}

/** From the bytes of `toIpc`. */
export const fromIpc = (bytes: Uint8Array): Table => fromArrow(arrow.tableFromIPC(bytes));
/** From the file of `writeIpc`. */
export const readIpc = async (path: string): Promise<Table> => fromIpc(await readFile(path));

function vector(source: arrow.Table, name: string): arrow.Vector {
  const found = source.getChild(name);
  if (!found) throw new Error(`the Arrow table has no column "${name}"`);
  return found;
}

function spellingFrom(source: arrow.Table, name: string): Spelling | undefined {
  const field = source.schema.fields.find(f => f.name === name + spellingSuffix);
  if (!field) return undefined;
  return {
    codes: vector(source, field.name).toArray() as Uint8Array,
    missing: JSON.parse(field.metadata.get('missing')!) as Spelling['missing'],
    zones: (JSON.parse(field.metadata.get('zones')!) ?? undefined) as string[] | undefined,
    // absent in files of earlier versions
    formats: (JSON.parse(field.metadata.get('formats') ?? 'null') ?? undefined) as Spelling['formats'],
  };
}

function columnFrom(schema: ColumnSchema, v: arrow.Vector, spelling?: Spelling): Column {
  switch (schema.storage) {
    case 'number': {
      const values = new Float64Array(v.length);
      let at = 0;
      for (const chunk of v.data) { values.set(chunk.values as Float64Array, at); blank(chunk, at, values, NaN); at += chunk.length; }
      return numberColumn(schema, values, spelling);
    }
    case 'code': {
      const codes = new Int32Array(v.length);
      let at = 0;
      for (const chunk of v.data) { codes.set(chunk.values as Int32Array, at); blank(chunk, at, codes, -1); at += chunk.length; }
      const dictionary = v.data[0]?.dictionary;
      return codeColumn(schema, codes, dictionary ? Array.from({ length: dictionary.length }, (_, i) => String(dictionary.get(i))) : [], spelling);
    }
    case 'string': return stringColumn(schema, Array.from({ length: v.length }, (_, i) => v.get(i) as string | null), spelling);
  }
}

function blank(chunk: arrow.Data, at: number, into: Float64Array | Int32Array, value: number): void {
  if (!chunk.nullCount) return;
  for (let i = 0; i < chunk.length; i++) if (!chunk.getValid(i)) into[at + i] = value;
}

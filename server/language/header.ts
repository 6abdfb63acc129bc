import { URI } from 'langium';
import type { Location } from 'vscode-languageserver-types';
import { columnsOf } from '../insight/columns';
import { Cache } from '../insight/cache';
import { Locator } from '../insight/locate';
import type { KnownTable } from './data';

/** A cell of the header: where the name itself stands, and whether quotes stand around it. */
export interface HeaderCell { at: Location; quoted: boolean }

const headers = new Cache<Map<string, HeaderCell>>(32);

/** Where a column's name stands in the header of its file; undefined for files that are no text, and those without a header. */
export const headerOf = async (table: KnownTable, name: string): Promise<Location | undefined> => (await headerCell(table, name))?.at;

export async function headerCell(table: KnownTable, name: string): Promise<HeaderCell | undefined> {
  const { dialect, format } = table.profile ?? {};
  if (!dialect?.header || (format !== 'csv' && format !== 'tsv')) return undefined;
  const all = await headers.get(table.path, table.stamp, async () => {
    const record = await new Locator(table.path, dialect.delimiter).header(), uri = URI.file(table.path).toString();
    return new Map(columnsOf(record?.cells ?? [], true).map(({ name, cell }) => [name, { quoted: cell.quoted, at: { uri, range: { start: { line: cell.line, character: cell.start + Number(cell.quoted) }, end: { line: cell.endLine, character: cell.end - Number(cell.quoted) } } } }]));
  }).catch(() => new Map<string, HeaderCell>());
  return all.get(name);
}

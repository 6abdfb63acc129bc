import { URI } from 'langium';
import type { Location } from 'vscode-languageserver-types';
import { columnsOf } from '../insight/columns';
import { Cache } from '../insight/cache';
import { Locator } from '../insight/locate';
import type { KnownTable } from './data';

const headers = new Cache<Map<string, Location>>(32);

/** Where a column's name stands in the header of its file; undefined for files that are no text, and those without a header. */
export async function headerOf(table: KnownTable, name: string): Promise<Location | undefined> {
  const { dialect, format } = table.profile ?? {};
  if (!dialect?.header || (format !== 'csv' && format !== 'tsv')) return undefined;
  const all = await headers.get(table.path, table.stamp, async () => {
    const record = await new Locator(table.path, dialect.delimiter).header(), uri = URI.file(table.path).toString();
    return new Map(columnsOf(record?.cells ?? [], true).map(({ name, cell }) => [name, { uri, range: { start: { line: cell.line, character: cell.start + Number(cell.quoted) }, end: { line: cell.endLine, character: cell.end - Number(cell.quoted) } } }]));
  }).catch(() => new Map<string, Location>());
  return all.get(name);
}

import type { PersonalKind, PublicColumn } from '../../../protocol';
import { stringColumn } from '../../../table/columns';
import { makeFresh } from '../../../table/fresh';
import type { Column } from '../../../table/table';
import { columnSchemaOf } from './schema';

/** Forms that are known without any table, where none was declared. */
const personal: Record<PersonalKind, string[]> = {
  email: ['someone@example.com'], name: ['Ada Lovelace', 'Alan Turing', 'Grace Hopper'], phone: ['555-0100'], iban: ['DE89370400440532013000'], ip: ['192.0.2.1'], address: ['1 Main Street, Springfield'],
  url: ['https://example.com/page'], 'credit-card': ['4000000000000000'], ssn: ['900-01-0001'], uuid: ['00000000-0000-4000-8000-000000000000'],
};
const identifiers = ['48213097', '10562784', '93370415', '27849160'];
const texts = ['lorem ipsum dolor sit amet', 'consectetur adipiscing elit', 'sed do eiusmod tempor incididunt ut labore', 'ut enim ad minim veniam quis nostrud', 'duis aute irure dolor in reprehenderit in'];

/**
 * A column that is never learnt, made without its cells: in the form of declared examples, or in one that is known without the table. No cell is missing, and no value repeats: how often
 * that is so in the table is not public. A real value may come out by chance, as anyone's guess may: to look would tell.
 */
export function freshColumn(declaration: PublicColumn, rows: number, seed: number): Promise<Column> {
  const { kind, examples } = declaration, schema = columnSchemaOf(declaration);
  const cells = examples?.length ? examples : kind === 'text' ? texts : schema.personal ? personal[schema.personal] : kind === 'personal' ? personal.name : identifiers;
  // An example is public: that it is never drawn itself tells nothing.
  return makeFresh(stringColumn(schema, [...new Set(cells)]), rows, seed);
}

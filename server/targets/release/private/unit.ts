import { basename } from 'node:path';
import { UserError } from '../../../errors';
import type { NoiseSource } from '../../../privacy/mechanisms/source';
import type { PrivacyUnit } from '../../../protocol';
import type { Table } from '../../../table/table';

/**
 * The table with one row a unit. For entities: one of each one's rows, drawn at random and independently of all others, so that adding or removing all rows of an entity adds or removes one row here, and every
 * guarantee for rows holds for entities. Rows whose cell is empty, or the declared missing token, count as one each. Whose a row is, its cell's own text says: as a number, or by what other cells make of
 * a token, two people could become one, or one person's rows become nobody's and all be learnt.
 * @param path for messages
 * @param cells where the entity's cells are as the file has them, and how a missing one is declared
 * @throws UserError (usage) when there is no such column
 */
export function oneRowPerUnit(table: Table, unit: PrivacyUnit, source: NoiseSource, path: string, cells: { table: Table; missing?: string } = { table }): Table {
  if (unit === 'row') return table;
  if (!cells.table.schema.columns.some((c) => c.name === unit.entity)) throw new UserError('There is no column of this name to say whose the rows are.', { file: basename(path), column: unit.entity }, `Choose one of ${cells.table.schema.columns.slice(0, 20).map((c) => c.name).join(', ')}.`, 'usage');
  const column = cells.table.column(unit.entity), rows = new Map<string, number[]>(), kept: number[] = [];
  for (let r = 0; r < table.rows; r++) {
    const entity = column.lexeme(r), seen = rows.get(entity);
    if (entity.trim() === '' || entity === cells.missing) { kept.push(r); continue; }
    if (seen) seen.push(r); else rows.set(entity, [r]);
  }
  for (const [entity, own] of rows) kept.push(own[Number(source.fork(`row of ${entity}`).below(BigInt(own.length)))]!);
  return table.take(kept.sort((a, b) => a - b));
}

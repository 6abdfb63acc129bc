import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { EvaluatePlan } from '../../protocol';
import type { Table } from '../../table/table';
import { modelledNames } from './parts';

/** What a plan declares for the evaluation about columns of the source. */
export type Declared = Pick<EvaluatePlan, 'sensitive' | 'positive' | 'order' | 'entity'>;

/**
 * Checks the columns that an evaluation was told of.
 * @param path the source, for messages
 * @throws UserError (input) for one that is not there, or that cannot be used so.
 */
export function checkDeclared(source: Table, plan: Declared, path: string): void {
  const file = basename(path), names = source.schema.columns.map((c) => c.name), learnt = modelledNames(source);
  const there = (column: string, flag: string, among: readonly string[]) => {
    if (among.includes(column)) return;
    throw new UserError(names.includes(column) ? `cannot be the ${flag}: it is not a column that is compared.` : `There is no column of this name (--${flag}).`, { file, column }, `Choose one of ${among.slice(0, 20).join(', ')}.`);
  };
  for (const column of plan.sensitive ?? []) there(column, 'sensitive', learnt);
  if (plan.order !== undefined) there(plan.order, 'order', source.schema.columns.filter((c) => c.storage === 'number').map((c) => c.name));
  if (plan.entity !== undefined) there(plan.entity, 'entity', names);
}

/** Names of the columns that order rows and say whose they are. */
export const keyNames = ({ order, entity }: Declared): string[] => [...new Set([order, entity])].filter((n) => n !== undefined);

/** What an evaluation is told in `EvaluateTables.declared`, without what is absent. */
export const declaredOf = (plan: Declared & Pick<EvaluatePlan, 'suite' | 'rules'>): Declared & Pick<EvaluatePlan, 'suite' | 'rules'> => Object.fromEntries(
  (['suite', 'sensitive', 'positive', 'order', 'entity', 'rules'] as const).flatMap((k) => (plan[k] === undefined ? [] : [[k, plan[k]]])));

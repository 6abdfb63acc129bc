import type { Spent } from '../accountant/accountant';
import { sayUnit, type Unit } from './entry';

/** What a user may say of everything released from a table, in one sentence that is true; for the publishable report. No real figure is in it: epsilon is rounded up to two digits. What is made later, or without a budget, it says nothing of, and may not. */
export function statement(total: Spent, unit: Unit): string {
  if (!Number.isFinite(total.epsilon)) return 'No guarantee of differential privacy can be given for what was released from this table.';
  const digits = 10 ** (1 - Math.floor(Math.log10(Math.max(total.epsilon, 1e-9)))), epsilon = Math.ceil(total.epsilon * digits - 1e-9) / digits;
  return `Everything released from this table under a privacy budget so far is (${epsilon}, ${total.delta})-differentially private for adding or removing ${sayUnit(unit)}.`;
}

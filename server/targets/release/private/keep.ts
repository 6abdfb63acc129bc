/**
 * Rules under a privacy budget. What a rule says is declared, and rows that break it are drawn again from the model that was charged for: post-processing, which costs nothing. Rules that would take something from the table (which
 * combinations occur, what determines what) have nothing to take it from, and are left.
 */
import type { Rule } from '../../../protocol';
import { ruleColumns } from '../../../table/rules/rules';

/** @param names of the columns that are learnt @returns which rules are kept, and which are left and why */
export function rulesUnderBudget(rules: readonly Rule[], names: readonly string[]): { kept: Rule[]; left: string[] } {
  const kept: Rule[] = [], left: string[] = [];
  for (const r of rules) {
    if (r.type === 'combinations' || r.type === 'determines') left.push(`${r.name} (would be taken from the table)`);
    else if (!ruleColumns(r).every((c) => names.includes(c))) left.push(`${r.name} (names a column that is not learnt)`);
    else kept.push(r);
  }
  return { kept, left };
}

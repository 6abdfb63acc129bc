/**
 * Rules under a privacy budget. What a rule says is declared, and rows that break it are drawn again from the model that was charged for: post-processing, which costs nothing. Rules that would take something from the table (which
 * combinations occur, what determines what) have nothing to take it from, and are left.
 */
import { UserError } from '../../../errors';
import type { Rule } from '../../../protocol';
import { concatRows } from '../../../table/columns';
import { breaksOf, learnRules, ruleColumns } from '../../../table/rules/rules';
import type { Table } from '../../../table/table';

/** Fewer rows than one in so many that keep the rules, and there is no waiting for them. */
const leastShare = 1 / 50;

/** @param names of the columns that are learnt @returns which rules are kept, and which are left and why */
export function rulesUnderBudget(rules: readonly Rule[], names: readonly string[]): { kept: Rule[]; left: string[] } {
  const there = new Set(names), takes = (r: Rule): boolean => r.type === 'combinations' || r.type === 'determines', apart = (r: Rule): boolean => ruleColumns(r).some((c) => !there.has(c));
  return {
    kept: rules.filter((r) => !takes(r) && !apart(r)),
    left: rules.filter((r) => takes(r) || apart(r)).map((r) => `${r.name} (${takes(r) ? 'would be taken from the table' : 'names a column that is not learnt'})`),
  };
}

/**
 * So many rows that keep the rules.
 * @param sample draws a table of the released domain; `round` 0 is the first drawing, each further one needs a seed of its own
 * @returns the table, and how many rows were drawn for it
 * @throws UserError where hardly any row keeps the rules, or they name no column of the table
 */
export async function drawKeeping(sample: (rows: number, round: number) => Promise<Table>, rows: number, rules: readonly Rule[]): Promise<{ table: Table; drawn: number }> {
  let table = await sample(rows, 0), drawn = rows;
  if (rules.length === 0) return { table, drawn };
  // On no row: nothing may be learnt or refused by what stands in the real table.
  const { learnt } = learnRules(rules, table.take([]));
  const keeping = (t: Table): Table => learnt.reduce((left, rule) => { const broken = breaksOf(rule, left); return left.take(Int32Array.from({ length: left.rows }, (_, i) => i).filter((i) => broken[i] === 0)); }, t);
  table = keeping(table);
  for (let round = 1; table.rows < rows; round++) {
    const share = table.rows / drawn;
    if (drawn >= 2000 && share < leastShare) throw new UserError(`Only ${table.rows} of ${drawn} drawn rows keep the declared rules (${rules.map((r) => r.name).join(', ')}).`, {}, 'Under a budget rules are kept by drawing again. Loosen them, leave out those that the model does not know of, or allow it more epsilon.');
    const more = Math.min(4 * rows, Math.max(500, Math.ceil((1.2 * (rows - table.rows)) / Math.max(leastShare, share))));
    table = keeping(concatRows([table, await sample(more, round)]));
    drawn += more;
  }
  return { table: table.rows > rows ? table.take(Int32Array.from({ length: rows }, (_, i) => i)) : table, drawn };
}

import { breaksOf, learnRules, ruleColumns } from '../../table/rules/rules';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { keptFigure } from './kept';
import * as thresholds from './thresholds';

/** Row validity: the share of synthetic rows that keep every declared rule. Rules over what is not compared (identifiers, free text) are not asked. */
export const metric: Metric = {
  async compute(context) {
    if (!context.rules) return notAssessable('structure.rules', 'No rule was declared.');
    const names = new Set(context.training.columns.map(c => c.schema.name)), { learnt } = learnRules(context.rules.filter(r => columnsOfRule(r, names)), context.training);
    const left = context.rules.length - learnt.length;
    return keptFigure(context, 'structure.rules', learnt.map(l => ({ name: l.rule.name, of: table => Int8Array.from(breaksOf(l, table), b => (b ? 0 : 1)) })), thresholds.declared, 'No declared rule is over compared columns only.',
      left ? { note: `${left} of ${context.rules.length} rules speak of columns that are not compared, and were not asked.` } : {});
  },
};

/** Whether all columns of a rule are there to be asked. */
function columnsOfRule(rule: Parameters<typeof ruleColumns>[0], names: ReadonlySet<string>): boolean { return ruleColumns(rule).every(c => names.has(c)); }

import type { Figure } from '../../protocol';
import { encodeTarget } from '../../learners/features';
import type { EvaluationContext } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { favourableOf } from './favourable';
import { gapFigure, type GroupRates } from './gap-figure';
import { groupingsOf, rowsByGroup } from './groups';
import { type Rate } from './measures';

/** Shares of favourable outcomes by group, in all synthetic and all training rows with a known outcome. */
export async function dataGap(metric: string, context: EvaluationContext, how: 'difference' | 'ratio'): Promise<Figure> {
  const { outcome } = context;
  if (!outcome) return notAssessable(metric, 'No outcome was chosen, and none could be guessed.');
  const groupings = (await groupingsOf(context)).filter(g => g.name !== outcome.column);
  if (groupings.length === 0) return notAssessable(metric, 'None of the sensitive columns is compared.');
  const { targets: [training, synthetic], labels } = encodeTarget([context.training, context.synthetic], outcome.column, outcome.task);
  const favourable = favourableOf(context, training, labels, outcome.task === 'regression' ? 0 : Math.max(2, labels.length));
  const rates = (part: 'training' | 'synthetic', y: Float64Array) => (g: (typeof groupings)[number]): Rate[] => rowsByGroup(g, part, i => Number.isFinite(y[i])).map(rows => ({ k: rows.filter(r => favourable.is(y[r])).length, n: rows.length }));
  const all = groupings.map((grouping): GroupRates => ({ grouping, synthetic: [rates('synthetic', synthetic)(grouping)], real: [rates('training', training)(grouping)] }));
  const known = (y: Float64Array) => y.reduce((n, v) => n + Number(Number.isFinite(v)), 0);
  return gapFigure(metric, all, { synthetic: known(synthetic), training: known(training) }, { favourable: favourable.words }, how === 'difference' ? thresholds.parity : thresholds.impact, how, 'training rows');
}

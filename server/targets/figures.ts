/** Figures on whether a target was hit. They belong to the run, not to the evaluators: only the run knows what was asked. */
import type { Figure, MetricInfo, Plan } from '../protocol';
import { wilson } from '../learners/intervals';
import { targetInfo, type Fact } from './purpose';

const infos: readonly MetricInfo[] = [
  targetInfo('target.condition', 'Rows that meet the condition', 'Share of the written rows that meet the condition they were drawn under, counted in the written table.'),
  targetInfo('target.shares', 'Largest error of a share', 'Largest difference between a declared share and the written table\'s, over all declared shares; beside it the sampling error that so many rows allow.', { better: 'lower' }),
  targetInfo('target.rules', 'Rows that keep the rules', 'Share of the written rows that break none of the declared rules.'),
  targetInfo('target.acceptance', 'Acceptance rate', 'Of the whole rows that the generator drew, the share that was kept; the least over all conditions. Low rates cost time, not fidelity.'),
  targetInfo('target.effective', 'Effective sample size per row', 'What the weighted proposals are worth (Kish), per row drawn from them; the least over all conditions. Below 1, values of the constrained columns repeat.', { range: [0, 1000], unit: 'score', paper: 'Rubin (1988); Kish (1965)' }),
  targetInfo('target.gap', 'Fairness gap', 'Largest difference between two groups in the declared criterion; at model level of a named learner trained on the synthetic rows and judged on real ones that nothing saw.', { better: 'lower', paper: 'Hardt, Price & Srebro (2016); Kamiran & Calders (2012)' }),
  targetInfo('target.utility', 'Utility kept', 'AUC on real rows of the learner trained on the result, divided by that of the same learner trained on the real training rows.', { range: [0, 2], unit: 'score' }),
  targetInfo('target.weights', 'Effective share of the source', 'Effective sample size of the importance weights, as a share of the source\'s rows.', { paper: 'Shimodaira (2000); Sugiyama, Krauledat & Mueller (2007)' }),
  targetInfo('target.distance', 'Told apart from the target table', 'AUC of a classifier that tells result and target table apart by their shared columns (0.5: it cannot), on rows it did not learn; the untouched source\'s beside it.', { better: 'target', target: 0.5, unit: 'score' }),
  targetInfo('target.missing-information', 'Missing information', 'Largest fraction of missing information over the pooled means of the completed columns.', { better: 'lower', paper: 'Rubin (1987)' }),
  targetInfo('target.observed', 'Observed cells unchanged', 'Share of the cells present in the source that stand in the completed table exactly as they did.'),
];

/** What each purpose may say of its own result; whatever it was drawn for, a table can have rules, and rows that were left out. */
const purposesOf: Record<string, ReadonlyArray<Plan['purpose']>> = {
  'target.condition': ['augmentation'], 'target.shares': ['augmentation'], 'target.gap': ['fairness'], 'target.utility': ['fairness'], 'target.weights': ['transfer'], 'target.distance': ['transfer'],
  'target.missing-information': ['completion'], 'target.observed': ['completion'], 'target.effective': ['augmentation', 'fairness', 'transfer'],
};
/** Every figure on a target, with the purposes whose results have it (absent: all). */
export const targetFigures: ReadonlyArray<{ info: MetricInfo; purposes?: ReadonlyArray<Plan['purpose']> }> = infos.map((info) => ({ info, ...(purposesOf[info.id] && { purposes: purposesOf[info.id] }) }));

/** The registry lines of these figures, by id. */
export const targetMetrics = (figures: readonly Figure[]): Record<string, MetricInfo> => Object.fromEntries(infos.filter((i) => figures.some((f) => f.metric === i.id)).map((i) => [i.id, i]));

/** A figure over counted rows, with its Wilson interval where it is not exact by construction. */
export function shareFigure(metric: string, hit: number, rows: number, verdict: Figure['verdict'], more: Partial<Figure> = {}): Figure {
  return { metric, value: rows === 0 ? null : hit / rows, samples: { synthetic: rows }, verdict, ...more };
}

/** How rows were had, over all that was drawn: acceptance and effective sample size where they say something. */
export function samplingFigures(facts: readonly Fact[]): { figures: Figure[]; notes: string[] } {
  const figures: Figure[] = [], notes: string[] = [];
  const tried = facts.filter((f) => f.how.drawn > 0 && f.how.method !== 'plain').map((f) => ({ ...f, rate: f.how.accepted / f.how.drawn }));
  const least = tried.sort((a, b) => a.rate - b.rate)[0];
  if (least) {
    const { low, high, level } = wilson(least.how.accepted, least.how.drawn);
    figures.push({ metric: 'target.acceptance', value: least.rate, samples: { drawn: least.how.drawn, kept: least.how.accepted }, interval: { low, high, level, method: 'Wilson' }, verdict: least.rate >= 0.5 ? 'good' : least.rate >= 0.01 ? 'fair' : 'poor', note: `Least for ${least.name}.` });
  }
  const weighted = facts.filter((f) => f.how.effective !== undefined).map((f) => ({ ...f, per: f.how.effective! / Math.max(1, f.rows) })).sort((a, b) => a.per - b.per)[0];
  if (weighted) figures.push({ metric: 'target.effective', value: weighted.per, samples: { proposals: weighted.how.proposals ?? 0, drawn: weighted.rows }, verdict: weighted.per >= 1 ? 'good' : weighted.per >= 0.2 ? 'fair' : 'poor', detail: { effective: Math.round(weighted.how.effective!) }, note: `Least for ${weighted.name}.` });
  for (const f of facts.slice(0, 12)) notes.push(sentence(f));
  if (facts.length > 12) notes.push(`${facts.length - 12} more conditions were drawn likewise.`);
  return { figures, notes };
}

const percent = (x: number): string => (x >= 0.0995 ? `${Math.round(100 * x)}%` : `${Number((100 * x).toPrecision(2))}%`);
const count = (n: number): string => n.toLocaleString('en');

function sentence({ name, rows, how }: Fact): string {
  const rate = how.drawn > 0 && how.accepted < how.drawn ? ` ${count(how.drawn - how.accepted)} of ${count(how.drawn)} rows drawn were left out because they failed a check on the whole row.` : '';
  const unserved = how.unserved?.length ? ` No row could be had for ${how.unserved.slice(0, 5).join('; ')}${how.unserved.length > 5 ? ' and more' : ''}: their shares went to the others.` : '';
  switch (how.method) {
    case 'plain': return `${count(rows)} rows drawn as they come.${rate}`;
    case 'given': return `${name}: ${count(rows)} rows drawn given the values, without rejection.${rate}`;
    case 'proposals': return `${name}: ${count(rows)} rows. ${how.order!.join(', ')} were drawn first, in this order, and chosen among ${count(how.proposals!)} proposals by importance (the generator gives the condition ${percent(how.mass!)} of its rows; effective sample size ${count(Math.round(how.effective!))})${how.repeated ? `; ${count(how.repeated)} rows begin with a proposal that another row has` : ''}; the other columns, where there are any, were drawn given them.${rate}${unserved}`;
    case 'rejection': return how.effective !== undefined
      ? `${name}: ${count(rows)} rows chosen by weight among ${count(how.proposals!)} whole rows (effective sample size ${count(Math.round(how.effective))}).${rate}${unserved}`
      : `${name}: ${count(rows)} rows by rejection: ${count(how.accepted)} of ${count(how.drawn)} rows drawn met it (${percent(how.accepted / Math.max(1, how.drawn))}). This generator cannot be given columns; autoregressive can.`;
  }
}

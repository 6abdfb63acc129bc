import type { Figure, MetricInfo, ReportData, Verdict } from '../protocol';
import { familyLabel, verdictWord } from './families';
import { decimal, percent } from './words';

/** Figures that say whether what was declared was met. The others (how many rows were drawn in vain, what weights are worth) say what it cost, and are told beside it. */
const hits: ReadonlySet<string> = new Set(['target.condition', 'target.shares', 'target.rules', 'target.gap', 'target.utility', 'target.distance', 'target.observed']);
const order: Verdict[] = ['poor', 'fair', 'undecided', 'good'];

/**
 * The sentence on a run's target: whether what was declared for it was met, by the worst figure that says so.
 * @param metrics what the figures are, by id
 * @returns undefined for a run without a target of its own
 */
export function targetSentence(figures: readonly Figure[], metrics: Readonly<Record<string, MetricInfo>>): ReportData['verdicts'][number] | undefined {
  const own = figures.filter(f => f.metric.startsWith('target.') && f.value !== null);
  if (own.length === 0) return undefined;
  const say = (f: Figure) => told(f, metrics[f.metric]), judged = own.filter(f => hits.has(f.metric) && order.includes(f.verdict)), verdict = order.find(v => judged.some(f => f.verdict === v)) ?? 'not-assessable';
  const speaking = judged.filter(f => f.verdict === verdict), thin = own.filter(f => !hits.has(f.metric) && f.verdict === 'poor');
  const text = judged.length === 0 ? `Whether it was met cannot be told from the table. ${say(own[0])}`
    : `${verdict === 'good' ? 'What was declared is met' : verdict === 'undecided' ? 'It cannot be told whether all that was declared is met' : verdict === 'fair' ? 'What was declared is nearly met' : 'What was declared is not met'}: ${(verdict === 'good' ? speaking : speaking.slice(0, 1)).map(say).join(' ')}`;
  return {
    family: 'target', verdict, sentence: `${familyLabel.target}: ${verdictWord[verdict]}. ${text}`,
    reasons: [...own.filter(f => !speaking.includes(f) || verdict !== 'good').map(say), ...thin.map(f => `Had at a price: ${metrics[f.metric]?.definition ?? f.metric}`)],
  };
}

/** "Largest error of a share 4.1%; worst: region = north 24.1%, wanted 20%." */
function told(f: Figure, info: MetricInfo | undefined): string {
  const number = (x: number) => (info?.unit === 'score' ? decimal(x) : percent(x)), { worst, wanted, got, allowed, declared } = (f.detail ?? {}) as Record<string, number | string | undefined>;
  const at = typeof worst === 'string' && typeof wanted === 'number' && typeof got === 'number' ? `; worst: ${worst}, ${percent(got)} for ${percent(wanted)}` : '';
  const bound = typeof allowed === 'number' ? ` (so many rows allow ${number(allowed)})` : typeof declared === 'number' ? ` (declared: within ${number(declared)})` : '';
  return `${info?.name ?? f.metric} ${number(f.value!)}${bound}${f.reference ? ` (${f.reference.label} ${number(f.reference.value)})` : ''}${at}.`;
}

import { metricInfo } from '../evaluation/registry';
import type { Figure, MetricFamily, ReportData, Verdict } from '../protocol';
import { decimal, percent } from './words';

export const familyLabel: Record<MetricFamily, string> = { fidelity: 'Fidelity', utility: 'Utility', privacy: 'Privacy', fairness: 'Fairness', structure: 'Structure', 'time-series': 'Time series', collapse: 'Collapse', target: 'Target' };
/** A verdict as it is read. */
export const verdictWord: Record<Verdict, string> = { good: 'good', fair: 'fair', poor: 'poor', undecided: 'undecided', 'not-assessable': 'not assessable' };
const families = Object.keys(familyLabel) as MetricFamily[];

/** Families that every report speaks of, and whose sentences are written one by one in verdicts.ts. */
const always: ReadonlySet<MetricFamily> = new Set(['fidelity', 'utility', 'privacy']);

export const familyOf = (figure: Figure): MetricFamily => metricInfo(figure.metric)?.family ?? (figure.metric.split('.')[0] as MetricFamily);

/**
 * The figures a report shows: those of families that were not asked for (no figure of theirs has a value) are left out, and a note says once why
 * instead of every line saying it.
 */
export function judgedFamilies(all: readonly Figure[]): { figures: Figure[]; unjudged: string[] } {
  const unjudged: string[] = [], silent = new Set<MetricFamily>();
  for (const family of families) {
    if (always.has(family)) continue;
    const own = all.filter(f => familyOf(f) === family);
    if (own.length === 0 || own.some(f => f.value !== null)) continue;
    silent.add(family);
    const why = [...new Set(own.map(f => f.note).filter(n => n !== undefined))];
    unjudged.push(`${familyLabel[family]} was not judged. ${why.slice(0, 2).join(' ')}`.trim());
  }
  return { figures: all.filter(f => !silent.has(familyOf(f))), unjudged };
}

const order: Verdict[] = ['poor', 'fair', 'undecided', 'good'];

/** The sentence of a family beyond the three: the worst of its judged figures speaks for it. */
export function familySentence(family: MetricFamily, figures: readonly Figure[], make: (family: MetricFamily, verdict: Verdict, text: string, reasons: string[]) => ReportData['verdicts'][number]): ReportData['verdicts'][number] | undefined {
  const own = figures.filter(f => familyOf(f) === family && f.value !== null);
  if (own.length === 0) return undefined;
  const judged = own.filter(f => metricInfo(f.metric)?.threshold !== undefined && order.includes(f.verdict));
  const verdict = order.find(v => judged.some(f => f.verdict === v)) ?? 'not-assessable', reasons = own.map(say);
  if (verdict === 'not-assessable') return make(family, verdict, own[0].note ?? 'Its figures are shown without a verdict.', reasons);
  const speaking = judged.filter(f => f.verdict === verdict), [first] = speaking;
  const text = verdict === 'good' ? `${judged.length === 1 ? 'The one test finds' : `All ${judged.length} tests find`} nothing to object to.`
    : `${speaking.length} of ${judged.length} ${judged.length === 1 ? 'test' : 'tests'} ${verdict === 'undecided' ? `cannot tell` : `${speaking.length === 1 ? 'falls' : 'fall'} short`}: ${say(first)}`;
  return make(family, verdict, text, reasons);
}

/** "Ordering rules 0.93 (real rows 0.99); worst: a <= b 0.71." */
function say(f: Figure): string {
  const info = metricInfo(f.metric), number = (x: number) => (info?.unit === 'share' ? percent(x) : decimal(x));
  const [worst] = Object.entries(f.columns ?? {});
  return `${info?.name ?? f.metric} ${number(f.value!)}${f.reference ? ` (${f.reference.label} ${number(f.reference.value)})` : ''}${worst ? `; worst: ${worst[0]}, ${number(worst[1])}` : ''}.`;
}

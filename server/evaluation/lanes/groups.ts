import type { MetricEntry } from '../metric';

/** About how long each metric takes beside the others, for progress, and so that two threads end together; 1 where nothing is said. */
const weights: Record<string, number> = {
  'fidelity.shapes': 1, 'fidelity.pair-trends': 3, 'fidelity.two-sample': 1.2, 'fidelity.logistic-detection': 2.5, 'fidelity.kendall': 1.4, 'fidelity.mmd': 2.3, 'fidelity.energy': 2.4, 'fidelity.sliced-wasserstein': 2.3,
  'fidelity.pmse': 4, 'fidelity.two-sample-logistic': 1.5, 'fidelity.alpha-precision': 6.5, 'structure.global-utility': 5, 'utility.tstr-mlp': 5, 'utility.importance': 3.5, 'utility.model-ranking': 2,
  'privacy.membership-auc': 6, 'privacy.nndr': 2, 'privacy.identifiability': 10, 'privacy.domias': 6, 'privacy.singling-out-univariate': 1.5, 'privacy.linkability': 15,
};
export const weightOf = (id: string): number => weights[id] ?? 0.5;

/** Metrics that share what costs most of their time, and so belong on one thread; the others stand alone. */
const together: readonly RegExp[] = [
  /^fidelity\.(shapes|wasserstein|jensen-shannon)$/, /^fidelity\.pair-trends/, /^structure\.(orderings|arithmetic|dependencies)$/, /^fidelity\.(alpha-precision|beta-recall|authenticity|precision|recall|density|coverage)$/,
  /^utility\.(tstr|trts|augmentation|importance)$/, /^privacy\.(linkability|inference)$/, /^privacy\.singling-out/, /^privacy\.(nndr|identifiability)$/,
  /^fairness\.(demographic-parity|disparate-impact|equal-opportunity|equalised-odds|predictive-parity|calibration)$/, /^time-series\./,
];
/** What shares most with what the report is drawn from besides figures, distances, copies and exposures; and what asks the fitted model itself. Computed where the report is made. */
const shown = /^structure\.keys$|^privacy\.(near-copies|exact-copies|membership|dcr|closer-share|domias|exposure|likelihood|identifiers)/;

/** Metrics that are computed one after the other by one thread: positions in a list of metrics. */
export interface Groups { /** in order, for the thread that makes the report */ own: number[]; /** longest first: either thread may take one */ free: number[][] }

export function groupsOf(metrics: readonly MetricEntry[]): Groups {
  const own: number[] = [], free = new Map<string, number[]>();
  metrics.forEach(({ info: { id } }, i) => {
    if (shown.test(id)) return void own.push(i);
    const key = String(together.find(t => t.test(id)) ?? id);
    free.set(key, [...(free.get(key) ?? []), i]);
  });
  const weight = (g: number[]) => g.reduce((s, i) => s + weightOf(metrics[i].info.id), 0);
  return { own, free: [...free.values()].sort((a, b) => weight(b) - weight(a) || a[0] - b[0]) };
}

/** Takes a group if nobody has: each is computed once, whichever thread comes first. */
export const claim = (claims: Int32Array, group: number): boolean => Atomics.compareExchange(claims, group, 0, 1) === 0;

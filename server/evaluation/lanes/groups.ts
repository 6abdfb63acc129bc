import type { MetricEntry } from '../metric';

/** About how long each metric takes beside the others, for progress, and so that two threads end together; 1 where nothing is said. */
const weights: Record<string, number> = {
  'fidelity.shapes': 1, 'fidelity.pair-trends': 5, 'fidelity.two-sample': 3, 'fidelity.logistic-detection': 4, 'utility.tstr': 4, 'privacy.near-copies': 2, 'privacy.membership-auc': 12,
};
export const weightOf = (id: string): number => weights[id] ?? 0.5;

/** Metrics that share what costs most of their time, and so belong on one thread; the others stand alone. */
const together: readonly RegExp[] = [
  /^structure\.(orderings|arithmetic|dependencies)$/, /^fidelity\.(alpha-precision|beta-recall|authenticity|precision|recall|density|coverage)$/,
  /^utility\.(tstr|trts|augmentation|importance)$/, /^privacy\.(linkability|inference)$/, /^privacy\.singling-out/,
  /^fairness\.(demographic-parity|disparate-impact|equal-opportunity|equalised-odds|predictive-parity|calibration)$/, /^time-series\./,
];
/** What the report itself is drawn from besides figures: distributions, pairs, distances, copies, exposures; and what asks the fitted model itself. Computed where the report is made. */
const shown = /^structure\.keys$|^fidelity\.(shapes|pair-trends|pair-trends-all|wasserstein|jensen-shannon)$|^privacy\.(near-copies|exact-copies|membership|dcr|closer-share|nndr|identifiability|domias|exposure|likelihood|identifiers)/;

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

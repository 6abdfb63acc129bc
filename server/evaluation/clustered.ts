import type { Figure } from '../protocol';
import type { EvaluationContext } from './metric';
import { metricInfo } from './registry';

/** How much worse than real rows still counts as equal: on a score, and as a share of a distance. */
const closeScore = 0.005, closeShare = 0.05;

/** Attacks on people count the clusters that rows come in (privacy/clusters.ts). */
const counting = /^privacy\.(exact-copies|near-copies|membership|domias|exposure|identifiability|singling-out|linkability|inference|attribute-inference|likelihood)/;

/**
 * Where rows belong to entities, or follow each other in time, an interval for as many independent rows is too narrow. Those that are such intervals say so; those of series count series. Changes figures
 * in place.
 */
export function sayIndependent(figures: readonly Figure[], { entity, order, control, controlWithout }: Pick<EvaluationContext, 'entity' | 'order' | 'control' | 'controlWithout'>): void {
  const clustered = control !== undefined && (entity !== undefined || (controlWithout?.length ?? 0) > 0);
  if (!clustered && entity === undefined && order === undefined) return;
  for (const f of figures)
    if (f.interval && metricInfo(f.metric)?.family !== 'time-series' && !(clustered && counting.test(f.metric))) f.interval = { ...f.interval, method: `${f.interval.method}, rows as if independent` };
}

/**
 * Where rows belong to entities, or follow each other in time, a fresh table differs by more than as many independent rows would, and a threshold or a null for independent rows
 * accuses it. What other real rows score in the synthetic table's place is then good enough: the figures say so. Changes them in place.
 */
export function asRealRows(figures: readonly Figure[], { entity, order, control }: Pick<EvaluationContext, 'entity' | 'order' | 'control'>): void {
  if ((entity === undefined && order === undefined) || !control) return;
  for (const f of figures) {
    const info = metricInfo(f.metric), real = f.reference?.value;
    if (info?.family !== 'fidelity' || f.value === null || real === undefined || !(f.verdict === 'poor' || f.verdict === 'fair' || f.verdict === 'undecided')) continue;
    const off = (x: number) => Math.abs(x - (info.target ?? 0));
    const equal = info.better === 'higher' ? f.value >= real - closeScore : info.better === 'lower' ? f.value <= real * (1 + closeShare) : off(f.value) <= off(real) + closeScore;
    if (!equal) continue;
    f.verdict = 'good';
    const why = `Rows ${entity === undefined ? 'follow each other in time' : `of one "${entity}" resemble each other`}: other real rows score no better.`;
    f.note = f.note ? `${f.note} ${why}` : why;
  }
}

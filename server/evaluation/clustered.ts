import type { Figure } from '../protocol';
import { rowKeys } from '../table/split';
import type { EvaluationContext } from './metric';
import { stretchOf, syntheticEntities } from './privacy/clusters';
import { metricInfo } from './registry';

/** How much worse than real rows still counts as equal: on a score, and as a share of a distance. */
const closeScore = 0.005, closeShare = 0.05;

/** Attacks on people count the clusters that rows come in (privacy/clusters.ts). */
const counting = /^privacy\.(exact-copies|near-copies|membership|domias|exposure|identifiability|singling-out|linkability|inference|attribute-inference|likelihood)/;

/** What is found by a model that learns to tell the two tables apart. */
const classifiers = /^(fidelity\.(two-sample|two-sample-logistic|logistic-detection|pmse)|time-series\.discriminative)$/;

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
 * Without a control nothing says how far apart two tables of real people, or of real times, lie, and what takes rows for independent tells every fresh table from the training rows. Of what is held against
 * the table there, only that stands which is beyond what chance does were all rows of one cluster equal; a classifier knows people again by a few rows, and no such bound holds for it. The rest is
 * undecided, and says what would decide it. Changes figures in place.
 */
export function undecidedWithoutControl(figures: readonly Figure[], context: Pick<EvaluationContext, 'entity' | 'order' | 'control' | 'keys' | 'training' | 'synthetic'>): void {
  const { entity, order, control } = context;
  if ((entity === undefined && order === undefined) || control) return;
  const wider = Math.sqrt(rowsAlike(context));
  for (const f of figures) {
    const info = metricInfo(f.metric), chance = f.detail?.freshTableWorst5, learns = classifiers.test(f.metric);
    if (!info || f.value === null || !(f.verdict === 'poor' || f.verdict === 'fair') || (!learns && (info.family !== 'fidelity' || typeof chance !== 'number'))) continue;
    const off = (x: number) => (info.better === 'higher' ? info.range[1] - x : x), short = f.detail?.shortfall;
    // some know how far a fresh table stays behind the real rows, the others what it scores
    const [far, most] = typeof short === 'number' ? [short, Number(chance)] : [off(f.value), off(Number(chance))];
    if (!learns && far > most * wider) continue;
    f.verdict = 'undecided';
    f.detail = { ...f.detail, rowsAlike: wider ** 2 };
    const why = `${alike(context)}, so that other real rows would differ from the training rows too; by how much, only a control can say (--holdout).`;
    f.note = f.note ? `${f.note} ${why}` : why;
  }
}

/** For how many rows of its own each row of a table counts at worst: the size of the cluster that it is in, on average over rows, in the table where that is more. Rows in time are taken by stretches, as everywhere. */
function rowsAlike(context: Pick<EvaluationContext, 'entity' | 'keys' | 'training' | 'synthetic'>): number {
  const { entity, keys, training, synthetic } = context;
  if (entity === undefined) return Math.max(...[training, synthetic].map(t => stretchOf(t.rows)));
  const own = keys?.training.rows === training.rows ? rowKeys([keys.training], [entity])[0] : undefined;
  return Math.max(1, ...[own, syntheticEntities(context)].map(of => (of ? meanSize(of) : 1)));
}

function meanSize(clusters: Int32Array): number {
  const size = new Map<number, number>();
  for (const c of clusters) size.set(c, (size.get(c) ?? 0) + 1);
  return [...size.values()].reduce((s, n) => s + n * n, 0) / Math.max(1, clusters.length);
}

const alike = ({ entity }: Pick<EvaluationContext, 'entity'>): string => `Rows ${entity === undefined ? 'follow each other in time' : `of one "${entity}" resemble each other`}`;

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
    const why = `${alike({ entity })}: other real rows score no better.`;
    f.note = f.note ? `${f.note} ${why}` : why;
  }
}

import { UserError } from '../errors';
import type { Figure, MetricInfo } from '../protocol';
import { poolFigures } from './folds';
import type { EvaluationContext, Fold, Metric, MetricEntry } from './metric';
import type { Contexts, Judged } from './options';
import { notAssessable } from './privacy/leak';

/** @param progress of the metric that is being computed */
export function contextsOf(judged: Judged, progress: EvaluationContext['progress']): Contexts {
  const { training, synthetic, control, controlWithout, outcome, likelihood, seed, device } = judged;
  const context: EvaluationContext = {
    training, synthetic, ...(control ? { control } : {}), ...(controlWithout ? { controlWithout } : {}), ...(outcome ? { outcome } : {}), ...(likelihood ? { likelihood } : {}),
    ...given(judged), seed, device, progress, shared: sharing(),
  };
  const folds = judged.folds?.map(({ rows, ...tables }, k, all): Fold => ({
    rows, context: { ...context, ...tables, shared: sharing(), progress: (f, message) => context.progress((k + Math.min(1, f)) / all.length, message && `${message}, fold ${k + 1} of ${all.length}`) },
  }));
  return { context, ...(folds && { folds }) };
}

/** One metric's figure. One that fails for a reason of its own becomes a figure that says so; cancelling and other errors a user can act on are passed on. */
export async function figureOf({ info, load }: MetricEntry, { context, folds }: Contexts): Promise<Figure> {
  await context.progress(0, info.name);
  try {
    const lacks = missing(info, context);
    return lacks ? notAssessable(info.id, lacks) : finite(await compute(await load(), info, context, folds));
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { metric: info.id, value: null, samples: {}, verdict: 'not-assessable', note: `Could not be computed: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}.` };
  }
}

/** What was declared of the columns' parts, where something was. */
function given({ sensitive, positive, order, entity, keys, aside, rules }: Judged): Partial<EvaluationContext> {
  return {
    ...(sensitive?.length ? { sensitive } : {}), ...(positive !== undefined ? { positive } : {}), ...(order !== undefined ? { order } : {}), ...(entity !== undefined ? { entity } : {}),
    ...(keys ? { keys } : {}), ...(aside ? { aside } : {}), ...(rules?.length ? { rules } : {}),
  };
}

/** Why a metric cannot be had for want of a declaration; a control or an outcome may be replaced by something else, which metrics decide themselves. */
function missing({ needs }: MetricInfo, context: EvaluationContext): string | undefined {
  if (needs.includes('sensitive') && !context.sensitive) return 'No column was named whose groups are to be compared (--sensitive).';
  if (needs.includes('order') && !context.order) return 'No column was named that orders the rows (--order).';
  if (needs.includes('entity') && !context.entity) return 'No column was named that says whose the rows are (--entity).';
  return undefined;
}

/** A cache of intermediate results. */
function sharing(): EvaluationContext['shared'] {
  const cache = new Map<string, Promise<unknown>>();
  return <T>(key: string, make: () => Promise<T>): Promise<T> => {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key) as Promise<T>;
  };
}

async function compute(metric: Metric, info: MetricInfo, context: EvaluationContext, folds?: readonly Fold[]): Promise<Figure> {
  if (!folds) return metric.compute(context);
  if (metric.cross) return metric.cross(context, folds);
  const each: Figure[] = [];
  for (const fold of folds) each.push(await metric.compute(fold.context));
  const pooled = poolFigures(each, info);
  if (!info.needs.includes('training') || info.needs.includes('holdout')) return pooled;
  const { threshold } = info, figure = await metric.compute(context), { reference } = pooled;
  if (figure.value === null || !reference) return figure;
  // what real rows of the same table do among themselves is good enough
  const asReal = info.better === 'higher' && figure.value >= reference.value - 0.005;
  return { ...figure, reference, ...((pooled.detail || figure.detail) && { detail: { ...pooled.detail, ...figure.detail } }), ...(asReal && threshold ? { verdict: 'good' as const } : {}) };
}

/** A figure whose value is no number says so instead. */
function finite(figure: Figure): Figure {
  if (figure.value === null || Number.isFinite(figure.value)) return figure;
  return { ...figure, value: null, verdict: 'not-assessable', note: figure.note ?? 'Undefined for these tables.' };
}

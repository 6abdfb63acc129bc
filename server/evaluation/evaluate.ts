import { UserError } from '../errors';
import type { DeviceChoice, Figure, MetricInfo, Suite } from '../protocol';
import type { Table } from '../table/table';
import { poolFigures } from './folds';
import type { EvaluationContext, Fold, Metric, MetricEntry } from './metric';
import { notAssessable } from './privacy/leak';
import { metricsOf } from './registry';
import { fewestJudged } from './thresholds';

/** The tables of one fold of a cross-fitted release, and where their real rows stand in the source. */
export interface FoldTables { training: Table; synthetic: Table; control: Table; rows: Fold['rows'] }

export interface EvaluateOptions extends Pick<EvaluationContext, 'sensitive' | 'positive' | 'order' | 'entity' | 'keys' | 'rules'> {
  training: Table; synthetic: Table; control?: Table; controlWithout?: readonly string[];
  /** A cross-fitted release: its folds; `training` is then the whole source, `synthetic` the released table, and there is no `control`. */
  folds?: readonly FoldTables[];
  outcome?: { column: string; task: 'classification' | 'regression' };
  seed: number; device: DeviceChoice;
  /** Awaited between blocks of work; throws when cancelled. `fraction` is of the evaluation. */
  progress?(fraction: number, message?: string): Promise<void>;
  /** Which metrics of the registry; default `standard`. */
  suite?: Suite;
  /** Others than the suite's. */
  metrics?: readonly MetricEntry[];
}

/** The figures in the registry's order, and the context they came from: its shared results serve the report's pictures. */
export interface Evaluated { figures: Figure[]; context: EvaluationContext; folds?: Fold[] }

/** About how long each metric takes beside the others, for progress only. */
const weights: Record<string, number> = {
  'fidelity.pair-trends': 2, 'fidelity.two-sample': 6, 'fidelity.logistic-detection': 3, 'utility.tstr': 5, 'privacy.near-copies': 2, 'privacy.membership-auc': 10,
};

/**
 * Computes every metric on tables that hold the same, comparable columns. One that fails for a reason of its own becomes a figure that says so; cancelling
 * and other errors a user can act on are passed on. Intermediate results are shared; the same tables and seed give the same figures.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluated> {
  const chosen = options.metrics ?? metricsOf(options.suite), total = chosen.reduce((s, m) => s + (weights[m.info.id] ?? 1), 0);
  let done = 0, weight = 0;
  const context: EvaluationContext = {
    training: options.training, synthetic: options.synthetic, ...(options.control ? { control: options.control } : {}), ...(options.controlWithout ? { controlWithout: options.controlWithout } : {}), ...(options.outcome ? { outcome: options.outcome } : {}),
    ...given(options), seed: options.seed, device: options.device,
    progress: async (fraction, message) => options.progress?.(Math.min(1, (done + Math.min(1, fraction) * weight) / total), message),
    shared: sharing(),
  };
  const folds = options.folds?.map(({ rows, ...tables }, k, all): Fold => ({
    rows, context: { ...context, ...tables, shared: sharing(), progress: (f, message) => context.progress((k + Math.min(1, f)) / all.length, message && `${message}, fold ${k + 1} of ${all.length}`) },
  }));
  const figures: Figure[] = [];
  for (const { info, load } of chosen) {
    weight = weights[info.id] ?? 1;
    await context.progress(0, info.name);
    try {
      const lacks = missing(info, context);
      figures.push(lacks ? notAssessable(info.id, lacks) : finite(await compute(await load(), info, context, folds)));
    } catch (error) {
      if (error instanceof UserError) throw error;
      figures.push({ metric: info.id, value: null, samples: {}, verdict: 'not-assessable', note: `Could not be computed: ${(error instanceof Error ? error.message : String(error)).slice(0, 300)}.` });
    }
    done += weight;
  }
  if (options.synthetic.rows < fewestJudged)
    for (const f of figures) if (f.metric.startsWith('fidelity.') && f.value !== null) Object.assign(f, { verdict: 'not-assessable', note: `${options.synthetic.rows} synthetic row${options.synthetic.rows === 1 ? ' is' : 's are'} too few to judge a distribution by.` });
  weight = 0;
  await context.progress(1);
  return { figures, context, ...(folds && { folds }) };
}

/** What was declared of the columns' parts, where something was. */
function given({ sensitive, positive, order, entity, keys, rules }: EvaluateOptions): Partial<EvaluationContext> {
  return {
    ...(sensitive?.length ? { sensitive } : {}), ...(positive !== undefined ? { positive } : {}), ...(order !== undefined ? { order } : {}), ...(entity !== undefined ? { entity } : {}),
    ...(keys ? { keys } : {}), ...(rules?.length ? { rules } : {}),
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

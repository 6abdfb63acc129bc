import { UserError } from '../errors';
import type { DeviceChoice, Figure, MetricInfo } from '../protocol';
import type { Table } from '../table/table';
import { poolFigures } from './folds';
import type { EvaluationContext, Fold, Metric, MetricEntry } from './metric';
import { metrics } from './registry';
import { fewestJudged } from './thresholds';

/** The tables of one fold of a cross-fitted release, and where their real rows stand in the source. */
export interface FoldTables { training: Table; synthetic: Table; control: Table; rows: Fold['rows'] }

export interface EvaluateOptions {
  training: Table; synthetic: Table; control?: Table; controlWithout?: readonly string[];
  /** A cross-fitted release: its folds; `training` is then the whole source, `synthetic` the released table, and there is no `control`. */
  folds?: readonly FoldTables[];
  outcome?: { column: string; task: 'classification' | 'regression' };
  seed: number; device: DeviceChoice;
  /** Awaited between blocks of work; throws when cancelled. `fraction` is of the evaluation. */
  progress?(fraction: number, message?: string): Promise<void>;
  /** Default: every metric of the registry. */
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
  const chosen = options.metrics ?? metrics, total = chosen.reduce((s, m) => s + (weights[m.info.id] ?? 1), 0);
  let done = 0, weight = 0;
  const context: EvaluationContext = {
    training: options.training, synthetic: options.synthetic, ...(options.control ? { control: options.control } : {}), ...(options.controlWithout ? { controlWithout: options.controlWithout } : {}), ...(options.outcome ? { outcome: options.outcome } : {}),
    seed: options.seed, device: options.device,
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
      figures.push(finite(await compute(await load(), info, context, folds)));
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
  return { ...figure, reference, ...(pooled.detail && { detail: pooled.detail }), ...(asReal && threshold ? { verdict: 'good' as const } : {}) };
}

/** A figure whose value is no number says so instead. */
function finite(figure: Figure): Figure {
  if (figure.value === null || Number.isFinite(figure.value)) return figure;
  return { ...figure, value: null, verdict: 'not-assessable', note: figure.note ?? 'Undefined for these tables.' };
}

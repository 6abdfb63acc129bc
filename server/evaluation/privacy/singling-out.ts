import { Stream } from '../../random';
import { wilson } from '../../learners/metrics';
import type { Figure } from '../../protocol';
import { sampleRows } from '../features';
import { mean, pooledError } from '../folds';
import type { EvaluationContext, Metric } from '../metric';
import { moments } from '../statistics';
import { controlTables, makeView, type View } from '../view';
import { attackFigure, residualRisk } from './attack-figure';
import { clustersAt, clustersOf, firstOf } from './clusters';
import { bounded, type Excess } from './excess';
import { noControl, notAssessable } from './leak';
import { matches, multivariatePredicates, randomPredicates, univariatePredicates, type Predicate } from './predicates';

/**
 * Singling out (Giomi, Boenisch, Wehmeyer & Tasnádi 2023, Anonymeter, section 4.1; the predicates of Cohen & Nissim 2020): an attacker makes predicates that hold for exactly
 * one synthetic row, and succeeds where exactly one real row meets the predicate. Estimand: the share of predicates that single out a training row, beside the share that
 * single out an unseen person among *equally many* control rows (how often a predicate of a given weight isolates somebody depends on the number of rows, so that
 * unequal tables would not compare) and the share among random predicates.
 *
 * Predicates share rows, so they are not independent trials. The chance of the difference comes from 400 random divisions of the same real rows into
 * two halves: under no leak the division into training and control is one of them. Rows that come in clusters are divided by clusters.
 */
export interface SinglingOut { predicates: number; training: number; control: number; random: number; randomTried: number; rows: number; spread: number }

const mostPredicates = 2000, mostListed = 48, divisions = 400, mostRows = 40_000;
/** Columns that the multivariate attacker combines. */
const width = 3;

export const singlingOut = (id: string, kind: 'univariate' | 'multivariate'): Metric => ({
  async compute(context) {
    const s = await singledOut(context, kind);
    if (!s) return noControl(id);
    if (s.predicates < 20) return tooFew(id, s);
    return figure(id, s, excessOf(s), 'Wilson', {});
  },
  async cross(_, folds) {
    const each: SinglingOut[] = [];
    for (const f of folds) { const s = await singledOut(f.context, kind); if (s && s.predicates >= 20) each.push(s); }
    if (each.length < folds.length) return each.length || folds.length ? tooFew(id, { predicates: each.reduce((n, s) => n + s.predicates, 0), rows: 0 }) : noControl(id);
    const sum = (pick: (s: SinglingOut) => number) => each.reduce((n, s) => n + pick(s), 0), excesses = each.map(excessOf);
    const all: SinglingOut = { predicates: sum(s => s.predicates), training: sum(s => s.training), control: sum(s => s.control), random: sum(s => s.random), randomTried: sum(s => s.randomTried), rows: sum(s => s.rows), spread: 0 };
    const b = bounded(mean(excesses.map(e => e.estimate)), pooledError(excesses.map(e => e.estimate), each.map(errorOf)));
    return figure(id, all, { ...b, member: all.training / all.predicates, other: all.control / all.predicates, members: all.predicates, others: all.predicates }, 'Wilson, all folds', { folds: folds.length });
  },
});

const tooFew = (id: string, { predicates, rows }: Pick<SinglingOut, 'predicates' | 'rows'>): Figure =>
  notAssessable(id, `Only ${predicates} predicates single out a synthetic row: too few for an attack.`, { predicates, ...(rows ? { training: rows, control: rows } : {}) }, 'undecided');

function figure(id: string, s: SinglingOut, e: Excess, method: string, samples: Record<string, number>): Figure {
  const w = wilson(s.training, s.predicates), c = wilson(s.control, s.predicates);
  return attackFigure(id, e, { value: s.training / s.predicates, interval: { low: w.low, high: w.high, level: 0.95, method } }, { value: s.control / s.predicates, interval: [c.low, c.high] },
    { successes: s.random, tried: s.randomTried }, { predicates: s.predicates, training: s.rows, control: s.rows, ...samples }, { risk: residualRisk(s.training, s.predicates, s.control, s.predicates).risk });
}

/** The larger of what divisions of the rows and what independent predicates would spread. */
function errorOf(s: SinglingOut): number {
  const q = s.predicates, rate = (s.training + s.control + 1) / (2 * q + 2);
  return Math.max(s.spread, Math.sqrt((2 * rate * (1 - rate)) / q));
}
const excessOf = (s: SinglingOut): Excess => ({ ...bounded((s.training - s.control) / s.predicates, errorOf(s)), member: s.training / s.predicates, other: s.control / s.predicates, members: s.predicates, others: s.predicates });

async function singledOut(context: EvaluationContext, kind: 'univariate' | 'multivariate'): Promise<SinglingOut | undefined> {
  if (!context.control || context.control.rows < 2 || context.training.rows < 2) return undefined;
  const { view, clusters } = await context.shared('equal view', async () => equalView(context));
  const predicates = kind === 'univariate' ? univariatePredicates(view, mostPredicates, context.seed) : multivariatePredicates(view, Math.min(width, view.columns.length), mostPredicates, 10 * mostPredicates, context.seed);
  await context.progress(0.5, 'singling out');
  const guesses = randomPredicates(view, kind === 'univariate' ? 1 : Math.min(width, view.columns.length), Math.max(500, predicates.length), context.seed);
  const random = guesses.filter(p => matches(view, 'training', p, 2).length === 1).length;
  return { ...judgePredicates(view, predicates, context.seed, clusters), random, randomTried: guesses.length, rows: view.rows.training };
}

/** All columns, with as many training as control rows; large tables by a sample. */
async function equalView(context: EvaluationContext): Promise<{ view: View; clusters?: Int32Array }> {
  const { training, synthetic, control } = controlTables(context), equal = Math.min(training.rows, control!.rows, mostRows);
  const chosen = (t: typeof training, n: number, purpose: string) => (t.rows <= n ? Int32Array.from({ length: t.rows }, (_, i) => i) : sampleRows(t.rows, n, context.seed, purpose).slice().sort());
  const rows = { training: chosen(training, equal, 'singling out training'), control: chosen(control!, equal, 'singling out control') }, cut = (t: typeof training, kept: Int32Array) => (kept.length === t.rows ? t : t.take(kept));
  const clusters = clustersAt(await clustersOf(context), rows);
  return {
    view: makeView({ training: cut(training, rows.training), control: cut(control!, rows.control), synthetic: cut(synthetic, chosen(synthetic, mostRows, 'singling out synthetic')) }),
    ...(clusters && { clusters: Int32Array.from([...clusters.training, ...clusters.control]) }),
  };
}

/**
 * How often each table is singled out, and how far the difference (per predicate) spreads when the rows are divided anew.
 * @param clusters of the training rows and then the control rows, which are divided whole
 */
export function judgePredicates(view: View, predicates: readonly Predicate[], seed: number, clusters?: Int32Array): { predicates: number; training: number; control: number; spread: number } {
  const n = view.rows.training, m = view.rows.control, lists: Int32Array[] = [];
  let training = 0, control = 0;
  for (const p of predicates) {
    const a = matches(view, 'training', p, mostListed), b = matches(view, 'control', p, mostListed);
    if (a.length === 1) training++;
    if (b.length === 1) control++;
    // a predicate that dozens meet isolates nobody in any division
    if (a.length + b.length > 0 && a.length + b.length < mostListed) lists.push(Int32Array.from([...a, ...b.map(r => n + r)]));
  }
  const random = new Stream(seed, 'divisions'), order = clusters ? Int32Array.from(new Set(clusters)) : Int32Array.from({ length: n + m }, (_, i) => i), side = new Uint8Array(n + m), differences = new Float64Array(divisions);
  for (let d = 0; d < divisions; d++) {
    random.shuffle(order);
    side.fill(0);
    if (clusters) { const first = firstOf(order, clusters, n); for (let i = 0; i < n + m; i++) side[i] = Number(first.has(clusters[i])); }
    else for (let i = 0; i < n; i++) side[order[i]] = 1;
    let difference = 0;
    for (const list of lists) {
      let first = 0;
      for (const r of list) first += side[r];
      difference += Number(first === 1) - Number(list.length - first === 1);
    }
    differences[d] = difference / Math.max(1, predicates.length);
  }
  return { predicates: predicates.length, training, control, spread: Math.sqrt(moments(differences).variance) };
}

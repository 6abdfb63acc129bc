import { UserError } from '../errors';
import type { Figure } from '../protocol';
import { contextsOf, figureOf } from './judge';
import { claim, groupsOf, weightOf } from './lanes/groups';
import { laneFor, startSecond } from './lanes/second';
import type { Contexts, EvaluateOptions } from './options';
import { metricsOf } from './registry';
import { fewestJudged } from './thresholds';

export type { EvaluateOptions, FoldTables } from './options';

/** The figures in the registry's order, and the context they came from: its shared results serve the report's pictures. */
export interface Evaluated extends Contexts { figures: Figure[] }

/**
 * Computes every metric on tables that hold the same, comparable columns. One that fails for a reason of its own becomes a figure that says so; cancelling
 * and other errors a user can act on are passed on. Intermediate results are shared; the same tables and seed give the same figures.
 *
 * Where a second core is there, a second thread takes metrics that the report needs no more of than the figure (lanes/). Which thread computes one changes nothing:
 * a metric depends on the tables and the seed alone.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluated> {
  const chosen = options.metrics ?? metricsOf(options.suite, options.likelihood !== undefined || options.folds?.some(f => f.likelihood), options.aside !== undefined), total = chosen.reduce((s, m) => s + weightOf(m.info.id), 0);
  const began = performance.now(), fractions = new Map<string, number>(), figures = new Map<string, Figure>(), took: Took[] = [];
  const overall = () => chosen.reduce((s, { info: { id } }) => s + weightOf(id) * (fractions.get(id) ?? 0), 0) / total;
  let current = '';
  const contexts = contextsOf(options, async (fraction, message) => {
    if (current) fractions.set(current, Math.min(1, fraction));
    await options.progress?.(Math.min(1, overall()), message);
  });
  const take = (figure: Figure, seconds: number, aside: boolean) => {
    figures.set(figure.metric, figure);
    fractions.set(figure.metric, 1);
    took.push({ id: figure.metric, seconds, aside });
  };
  const here = async (i: number) => {
    current = chosen[i].info.id;
    const from = performance.now(), figure = await figureOf(chosen[i], contexts);
    take({ ...figure, metric: current }, (performance.now() - from) / 1000, false);
    current = '';
  };

  const { own, free } = groupsOf(chosen), lane = options.lane === undefined ? (options.metrics ? undefined : laneFor(options)) : options.lane ?? undefined;
  const beside = async () => {
    const from = performance.now();
    await options.beside?.(contexts);
    if (options.beside) took.push({ id: 'beside', seconds: (performance.now() - from) / 1000, aside: false });
  };
  if (!lane) {
    for (let i = 0; i < chosen.length; i++) await here(i);
    await beside();
  }
  else {
    const claims = new Int32Array(new SharedArrayBuffer(4 * Math.max(1, free.length)));
    const second = startSecond(lane, options, free.map(g => g.map(i => chosen[i].info.id)), claims, { figure: (f, seconds) => take(f, seconds, true), progress: (id, f) => fractions.set(id, Math.min(1, f)) });
    try {
      for (const i of own) await here(i);
      await beside();
      // the shortest first, from the other end: the threads meet when there is nothing left
      for (let g = free.length - 1; g >= 0; g--) if (claim(claims, g)) for (const i of free[g]) await here(i);
      await until(second.done.catch((error: unknown) => {
        if (error instanceof UserError) throw error;
        options.log?.(`the second thread of the evaluation failed: ${error instanceof Error ? error.message : String(error)}`);
      }), () => contexts.context.progress(1));
    } finally { second.stop(); }
    // what a thread that failed, or could not start, has left undone
    for (let i = 0; i < chosen.length; i++) if (!figures.has(chosen[i].info.id)) await here(i);
  }
  const all = chosen.map(({ info: { id } }) => figures.get(id)!);
  if (options.synthetic.rows < fewestJudged)
    for (const f of all) if (f.metric.startsWith('fidelity.') && f.value !== null) Object.assign(f, { verdict: 'not-assessable', note: `${options.synthetic.rows} synthetic row${options.synthetic.rows === 1 ? ' is' : 's are'} too few to judge a distribution by.` });
  options.log?.(timings(took, (performance.now() - began) / 1000));
  await contexts.context.progress(1);
  return { figures: all, ...contexts };
}

/** Waits for a promise, and breathes ten times a second meanwhile. */
async function until(done: Promise<void>, breathe: () => Promise<void>): Promise<void> {
  let ended = false;
  void done.catch(() => undefined).then(() => { ended = true; });
  while (!ended) {
    await breathe();
    await Promise.race([done, new Promise(r => setTimeout(r, 100))]);
  }
  await done;
}

interface Took { id: string; seconds: number; /** on the second thread */ aside: boolean }

/** One line for the log: where the time went, the longest first. What several metrics share counts for the first of them. */
function timings(took: readonly Took[], seconds: number): string {
  const list = (aside: boolean) => took.filter(t => t.aside === aside && t.seconds >= 0.05).sort((a, b) => b.seconds - a.seconds).map(t => `${t.id} ${t.seconds.toFixed(2)}`).join(', ');
  return `judged in ${seconds.toFixed(2)} s: ${list(false)}${took.some(t => t.aside) ? `; on a second thread: ${list(true)}` : ''}`;
}

import { basename } from 'node:path';
import { studentMean } from '../../evaluation/collapse/slopes';
import { metricInfo } from '../../evaluation/registry';
import type { ExploreAxis, ExplorePlan, ExplorePoint, ExploreResult, ExploreValue, Figure, RunRecord } from '../../protocol';

/** A run of a sweep: which point, which seed, and how it ended. */
export interface Swept { point: number; seed: number; record: RunRecord }

/** Figures that can be drawn, by family, the one that the front is about first; how a figure becomes a coordinate of which more, or less, is always better. */
const candidates: ReadonlyArray<{ metric: string; family: string; better: 'higher' | 'lower'; of?(f: Figure): number | undefined; ends?(x: number): number }> = [
  { metric: 'fidelity.two-sample', family: 'fidelity', better: 'lower', ends: x => Math.max(0.5, x) }, { metric: 'fidelity.shapes', family: 'fidelity', better: 'higher' }, { metric: 'fidelity.pair-trends-all', family: 'fidelity', better: 'higher' },
  { metric: 'utility.tstr', family: 'utility', better: 'higher' },
  { metric: 'privacy.membership-auc', family: 'privacy', better: 'lower', ends: x => Math.max(0.5, x) }, { metric: 'privacy.near-copies', family: 'privacy', better: 'lower' }, { metric: 'privacy.membership-tpr-1', family: 'privacy', better: 'lower' },
];

/** What a sweep found: figures by point with intervals, and the points that no other beats. */
export function summariseSweep(plan: ExplorePlan, done: readonly Swept[], source: ExploreResult['source'], seconds: number): ExploreResult {
  const runs = plan.points.map((_, k) => done.filter(d => d.point === k));
  const raw = runs.map(own => Object.fromEntries(candidates.flatMap(c => {
    const value = combined(c.metric, own.flatMap(d => (d.record.state === 'finished' ? [d.record.figures?.[c.metric]] : [])), c.ends);
    return value ? [[c.metric, value] as const] : [];
  })) as Record<string, ExploreValue>);
  if (plan.knob === 'epsilon') plan.points.forEach((p, k) => { if (Object.keys(raw[k]).length) raw[k].epsilon = { metric: 'epsilon', value: p.epsilon! }; });
  const axes: ExploreAxis[] = [
    ...(plan.knob === 'epsilon' ? [{ metric: 'epsilon', family: 'privacy', name: 'Epsilon', better: 'lower' as const, definition: 'What each run of the point may cost by itself, of the total that was granted for the sweep.' }] : []),
    ...candidates.filter(c => raw.some(v => v[c.metric])).map(({ metric, family, better }) => ({ metric, family, better, name: metricInfo(metric)?.name ?? metric, definition: metricInfo(metric)?.definition ?? '', ...(metricInfo(metric)?.unit && { unit: metricInfo(metric)!.unit }) })),
  ].sort((a, b) => order(a.family) - order(b.family));
  const primary = ['fidelity', 'utility', 'privacy'].flatMap(f => axes.filter(a => a.family === f).slice(0, 1));
  const front = onFront(raw.map(v => primary.map(a => (v[a.metric] ? v[a.metric].value * (a.better === 'higher' ? 1 : -1) : Number.NaN))));
  const points = plan.points.map((p, k): ExplorePoint => ({
    label: p.label, values: raw[k], front: front[k],
    runs: runs[k].map(({ seed, record: r }) => ({ id: r.id, folder: r.folder, seed, state: r.state === 'finished' ? 'finished' as const : r.state === 'cancelled' ? 'cancelled' as const : 'failed' as const, ...(r.error && { error: r.error.message }) })),
  }));
  const failed = done.filter(d => d.record.state !== 'finished'), publishable = !plan.budget;
  return {
    laboratory: 'explore', version: 1, title: `${basename(source.path)}: trade-offs by ${plan.knob.replace(/^param\./, '')}`, created: new Date().toISOString(), seconds, source, knob: plan.knob, seeds: plan.seeds, axes, points, publishable,
    notes: [
      ...(plan.budget ? [`Not publishable: all ${plan.budget.runs} runs are charged to the table's ledger, epsilon ${Math.ceil(100 * plan.budget.total - 1e-9) / 100} together at delta ${plan.budget.wish.delta}${plan.budget.before > 0 ? `, ${Math.ceil(100 * plan.budget.before - 1e-9) / 100} of it released before` : ''}; but this page compares with the real table, and a choice made by looking at it is covered by no guarantee. Decide on a point beforehand, and publish that run alone.`] : []),
      plan.seeds.length > 1 ? `Values are means over ${plan.seeds.length} seeds; intervals are Student's over seeds.` : 'One seed a point: intervals are those of the figures themselves, and what another seed would have given is not in them.',
      `Beaten is a point that another equals in all of these and betters in one: ${primary.map(a => `${a.family} (${a.name})`).join(', ')}. Points whose intervals overlap may be equal.`,
      ...(failed.length ? [`${failed.length} of ${done.length} runs did not finish${points.some(p => p.runs.every(x => x.state !== 'finished')) ? `, and ${points.filter(p => p.runs.every(x => x.state !== 'finished')).map(p => p.label).join(', ')} could not be drawn at all` : ''}:`] : []),
      ...failed.slice(0, 5).map(d => `${plan.knob} ${plan.points[d.point].label}, seed ${d.seed}: ${d.record.error?.message ?? d.record.state}`),
    ],
  };
}

const order = (family: string): number => ['fidelity', 'utility', 'privacy'].indexOf(family);

function combined(metric: string, figures: ReadonlyArray<Figure | undefined>, ends: (x: number) => number = x => x): ExploreValue | undefined {
  const had = figures.filter((f): f is Figure => f !== undefined && f.value !== null);
  if (had.length === 0) return undefined;
  if (had.length === 1) return { metric, value: ends(had[0].value!), ...(had[0].interval && { low: ends(had[0].interval.low), high: ends(had[0].interval.high) }) };
  // Student's interval knows nothing of where the metric ends.
  const m = studentMean(had.map(f => ends(f.value!))), [least, most] = metricInfo(metric)?.range ?? [-Infinity, Infinity];
  return { metric, value: m.value, low: Math.max(ends(least), m.low), high: Math.min(most, m.high) };
}

/** Which rows no other is at least as good as in every coordinate and better in one (Pareto). Larger is better; a row that lacks a coordinate is never on the front. */
export function onFront(rows: ReadonlyArray<readonly number[]>): boolean[] {
  const whole = (r: readonly number[]) => r.length > 0 && r.every(v => !Number.isNaN(v));
  return rows.map(r => whole(r) && !rows.some(o => whole(o) && o.every((v, i) => v >= r[i]) && o.some((v, i) => v > r[i])));
}

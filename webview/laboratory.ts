/** What a laboratory's result says, in words. Pure functions, no DOM. */
import type { CollapseResult, ExploreAxis, ExploreResult, ExploreValue } from '../server/protocol';
import { number, score, share } from './format';

/** How an axis' values are written. */
export const axisFormat = (a: ExploreAxis): ((x: number | null | undefined) => string) => (a.unit === 'share' ? share : a.metric === 'epsilon' ? number : score);

const familyNames: Record<string, string> = { fidelity: 'Fidelity', utility: 'Utility', privacy: 'Privacy' };
export const axisFamily = (a: ExploreAxis): string => familyNames[a.family] ?? a.family;
const bests: Record<string, string> = { fidelity: 'Most faithful', utility: 'Most useful', privacy: 'Exposes least' };

/** The first axis of each family: what the front is about. */
export const primaryAxes = (r: ExploreResult): ExploreAxis[] => [...new Map(r.axes.toReversed().map((a) => [a.family, a])).values()].reverse();

export interface Best { title: string; axis: ExploreAxis; label: string; value: ExploreValue; /** Points whose intervals reach this one's: chance may have put it first. */ close: string[] }

/** The best point of each family, and those that it is not clearly better than. */
export function bestOf(r: ExploreResult): Best[] {
  return primaryAxes(r).flatMap((axis): Best[] => {
    const of = (p: ExploreResult['points'][number]) => p.values[axis.metric], sign = axis.better === 'higher' ? -1 : 1;
    const had = r.points.filter((p) => of(p)).sort((a, b) => sign * (of(a)!.value - of(b)!.value)), [first, ...others] = had;
    if (!first || !others.length) return [];
    const best = of(first)!, ends = (v: ExploreValue): [number, number] => [v.low ?? v.value, v.high ?? v.value];
    const close = others.filter((p) => { const [a, b] = [ends(best), ends(of(p)!)]; return a[0] <= b[1] && b[0] <= a[1]; }).map((p) => p.label);
    return [{ title: bests[axis.family] ?? `Best in ${axis.name.toLowerCase()}`, axis, label: first.label, value: best, close }];
  });
}

const list = (names: readonly string[]) => (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`);

/** Which points are worth a thought. */
export function sweepAnswer(r: ExploreResult): string {
  const front = r.points.filter((p) => p.front).map((p) => p.label), beaten = r.points.length - front.length, families = list(primaryAxes(r).map((a) => axisFamily(a).toLowerCase()));
  if (!front.length) return 'No point has all the figures that are needed to compare them.';
  if (!beaten) return `No point beats another in ${families} at once: which to take depends on what matters most.`;
  return `Worth considering: ${list(front)}. ${beaten === 1 ? 'The other is' : `The other ${beaten} are`} matched or beaten by one of these in ${families} alike.`;
}

/** The line for a terminal that makes a stand-in with a point's setting; none where several settings would be needed. */
export function lineFor(r: ExploreResult, label: string, file: string): string | undefined {
  const quote = (text: string) => (/^[\w./\\:=-]+$/.test(text) ? text : `"${text.replace(/(["\\$`])/g, '\\$1')}"`);
  const flag = r.knob === 'generator' ? `--generator ${label}` : r.knob === 'rows' ? `--rows ${label}` : r.knob === 'budget' ? `--budget ${label.replace(/\s/g, '')}` : undefined;
  return flag && `understudy synthesize ${quote(file)} ${flag}`;
}

const outcomes: ReadonlyArray<[CollapseResult['series'][number]['outcome'], string]> = [['worsens', 'Keeps worsening'], ['plateaus', 'Worsens at first'], ['holds', 'Holds'], ['undecided', 'Cannot be told']];

/** What became of each series, the worst first, and what follows from it. */
export function collapseAnswer(r: CollapseResult): string {
  const groups = outcomes.flatMap(([outcome, words]) => {
    const own = r.series.filter((s) => s.outcome === outcome);
    return own.length ? [`${words}: ${list(own.map((s) => `${s.generator} (${s.mode})`))}.`] : [];
  });
  const bad = (mode: string) => r.series.some((s) => s.mode === mode && (s.outcome === 'worsens' || s.outcome === 'plateaus')), kept = (['accumulate', 'anchor'] as const).find((m) => r.series.some((s) => s.mode === m) && r.series.filter((s) => s.mode === m).every((s) => s.outcome === 'holds'));
  const advice = bad('replace') && kept ? `Keep real rows in what is learnt from (${kept}): a stand-in of a stand-in loses a little more each time.`
    : r.series.some((s) => s.outcome === 'worsens') ? 'Learn from real rows, not from stand-ins.'
      : r.series.every((s) => s.outcome === 'holds') ? `Nothing was seen to be lost over ${r.plan.generations} generations; more of them, or more chains, might show it.`
        : '';
  return [...groups, advice].filter(Boolean).join(' ');
}

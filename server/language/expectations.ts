import type { ExpectationResult, Figure, InlineReport } from '../protocol';
import { metricNamed } from './catalogue';
import * as ast from './generated/ast';
import { amount, lexeme } from './model';

/** What a run says of one `expect` line. */
export type Judged = Pick<ExpectationResult, 'state' | 'value' | 'low' | 'high' | 'bound' | 'reference' | 'why' | 'columns'>;

/** An expectation's demand: at least, at most, or within. Ends that are left out are open. */
export interface Demand { low?: number; high?: number; strictLow?: boolean; strictHigh?: boolean }

export const metricOf = (e: ast.Expectation): string => `${e.metric?.family ?? ''}.${e.metric?.metric ?? ''}`;

/** @param scale what `of real` multiplies the bound with */
export function demandOf(e: ast.Expectation, scale = 1): Demand {
  if (e.range) {
    const low = e.range.min && Number(lexeme(e.range.min)), high = e.range.max && Number(lexeme(e.range.max));
    return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
  }
  const bound = (e.bound ? amount(e.bound) : NaN) * scale;
  if (e.op === '>=' || e.op === '>') return { low: bound, strictLow: e.op === '>' };
  return { high: bound, strictHigh: e.op === '<' };
}

/**
 * Met, missed or undecided. Met only if the whole interval meets the demand, missed only if none of it does; without an interval the value itself decides.
 */
export function stateOf(value: number, interval: { low: number; high: number } | undefined, demand: Demand): 'met' | 'missed' | 'undecided' {
  const above = (x: number) => demand.low === undefined || (demand.strictLow ? x > demand.low : x >= demand.low), below = (x: number) => demand.high === undefined || (demand.strictHigh ? x < demand.high : x <= demand.high);
  const low = interval?.low ?? value, high = interval?.high ?? value;
  if (above(low) && below(high)) return 'met';
  return above(high) && below(low) ? 'undecided' : 'missed';
}

/** How many responsible columns are named. */
const mostNamed = 5;

/** @param figures those of the run, by metric id; `report` what the editor keeps of its report, for columns */
export function judge(e: ast.Expectation, figures: Record<string, Figure> | undefined, report: InlineReport | undefined): Judged {
  const name = metricOf(e), info = metricNamed(name);
  if (!info) return { state: 'unknown', why: `There is no metric ${name}.` };
  const figure = figures?.[info.id];
  if (!figure) return { state: 'unknown', why: info.suite ? `It was not computed: it belongs to the ${info.suite} suite (say: suite ${info.suite}).` : 'The run has no such figure.' };
  if (e.column) return judgeColumn(e, e.column.column, figure, report);
  if (figure.value === null) return { state: 'unknown', why: figure.note ?? 'It could not be assessed.' };
  const reference = figure.reference?.value;
  if (e.relative && reference === undefined) return { state: 'unknown', value: figure.value, why: 'The run has no value of real rows to compare with.' };
  const demand = demandOf(e, e.relative ? reference : 1), state = stateOf(figure.value, figure.interval, demand);
  const columns = state === 'met' ? [] : responsible(figure, info.better, report);
  return {
    state, value: figure.value, ...(figure.interval && { low: figure.interval.low, high: figure.interval.high }), ...boundOf(demand, figure.value, figure.interval), ...(reference !== undefined && { reference }), ...(columns.length && { columns }),
    ...(state === 'undecided' && { why: 'The interval lies on both sides of the bound: the data cannot tell.' }),
  };
}

/** The bound that matters: of a range the end that is passed, or that the interval reaches over. */
function boundOf({ low, high }: Demand, value: number, interval = { low: value, high: value }): { bound?: number } {
  const upper = high !== undefined && (low === undefined || value > high || (value >= low && interval.low >= low && interval.high > high)), bound = upper ? high : low;
  return bound === undefined ? {} : { bound };
}

function judgeColumn(e: ast.Expectation, name: string, figure: Figure, report: InlineReport | undefined): Judged {
  const column = report?.columns.find((c) => c.name === name), own = figure.columns?.[name] ?? (figure.metric === 'fidelity.shapes' ? column?.score : undefined);
  if (own === undefined || own === null) return { state: 'unknown', why: column || figure.metric !== 'fidelity.shapes' ? 'The run has no such figure of this column.' : `The run has no column ${name}.` };
  const reference = figure.metric === 'fidelity.shapes' ? column?.referenceScore : undefined;
  if (e.relative && reference === undefined) return { state: 'unknown', value: own, why: 'The run has no value of real rows to compare with.' };
  const demand = demandOf(e, e.relative ? reference : 1);
  return { state: stateOf(own, undefined, demand), value: own, ...boundOf(demand, own), ...(reference !== undefined && { reference }) };
}

/** The columns that fall short most: those that the figure names, else those with the worst shapes. */
function responsible(figure: Figure, better: 'higher' | 'lower' | 'target', report: InlineReport | undefined): Array<{ name: string; value: number }> {
  const own = Object.entries(figure.columns ?? {}).map(([name, value]) => ({ name, value }));
  if (own.length) return own.sort((a, b) => (better === 'lower' ? b.value - a.value : a.value - b.value)).slice(0, mostNamed);
  if (!figure.metric.startsWith('fidelity.')) return [];
  return (report?.columns ?? []).flatMap((c) => (c.score === null || c.score === undefined || c.verdict === 'good' ? [] : [{ name: c.name, value: c.score }])).sort((a, b) => a.value - b.value).slice(0, mostNamed);
}

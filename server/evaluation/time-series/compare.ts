import type { Figure } from '../../protocol';
import { fidelityVerdict } from '../fidelity/verdict';
import type { EvaluationContext } from '../metric';
import { Stream } from '../../random';
import { notAssessable } from '../privacy/leak';
import { bandsFigure, resample, thinned, widerBands } from '../resample';
import * as thresholds from '../thresholds';
import { seriesOf, type AllSeries, type Series } from './series';

/** A statistic of some series, by name (of a column, a pair), made from sums over them. */
export interface SeriesStatistic {
  sums(all: readonly Series[]): Record<string, Float64Array>;
  /** The statistic that sums make. */
  of(sums: Float64Array): Float64Array;
  /** How far two statistics are apart, from their difference: a norm, from 0 to 1. */
  apart(difference: Float64Array): number;
}

/** Series a table that an interval needs: fewer say little of how series differ. */
const fewestSeries = 20;

/**
 * The figure of a score in [0, 1], one minus how far the statistics of two lists of series are apart, averaged over what they name (columns, pairs); the control, where it has series as long, is scored in the synthetic table's place.
 * With at least 20 series in both tables it has an interval over series, which are independent draws: bands from resampled deviations (resample.ts), or from series dealt anew where those are wider. Rows of one series are not, so a single one has none.
 * @param statistic undefined where these series are too short
 */
export async function comparedSeries(metric: string, context: EvaluationContext, statistic: (real: readonly Series[], other: readonly Series[], all: AllSeries) => SeriesStatistic | undefined): Promise<Figure> {
  const all = await seriesOf(context), { training, synthetic, control } = all.parts;
  if (all.columns.length === 0 || !training || !synthetic) return notAssessable(metric, 'There is no numeric column beside the order.');
  const rows = (s: readonly Series[]) => s.reduce((n, x) => n + x.values[0].length, 0), samples = { synthetic: rows(synthetic), training: rows(training), ...(control ? { control: rows(control) } : {}), series: training.length };
  const made = statistic(training, synthetic, all), seen = made ? scores(made, training, synthetic) : [];
  if (!made || seen.length === 0) return notAssessable(metric, 'The series are too short, or nothing in them varies.', samples, 'undecided');
  const value = mean(seen), again = control && statistic(training, control, all), fresh = again ? scores(again, training, control) : [], reference = fresh.length ? mean(fresh) : undefined;
  const interval = training.length >= fewestSeries && synthetic.length >= fewestSeries ? await intervalOf(context, metric, made, [training, synthetic], seen.map(([name]) => name), value) : undefined;
  return {
    metric, value, ...(interval && { interval }), verdict: reference !== undefined && value >= reference - 0.005 ? 'good' : fidelityVerdict(value, thresholds.series), samples,
    ...(reference === undefined ? {} : { reference: { label: 'control against training', value: reference } }), columns: Object.fromEntries(seen.sort((a, b) => a[1] - b[1]).slice(0, 100)),
  };
}

const mean = (list: ReadonlyArray<readonly [string, number]>) => list.reduce((s, [, v]) => s + v, 0) / list.length;
const minus = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]);

function scores(s: SeriesStatistic, real: readonly Series[], other: readonly Series[]): Array<[string, number]> {
  const a = s.sums(real), b = s.sums(other);
  return Object.keys(a).map((name): [string, number] => [name, 1 - s.apart(minus(s.of(a[name]), s.of(b[name])))]).filter(([, v]) => Number.isFinite(v));
}

async function intervalOf(context: EvaluationContext, metric: string, s: SeriesStatistic, tables: readonly (readonly Series[])[], names: readonly string[], value: number): Promise<Figure['interval']> {
  const width = Object.values(s.sums(tables[0].slice(0, 1))).reduce((n, v) => n + v.length, 0), thin = tables.map((t, k) => thinned(t.length, width, context.seed, `${metric} ${k}`));
  // every series' own sums, by name
  const own = tables.map((t, k) => Array.from(thin[k].rows, r => s.sums([t[r]]))), none = new Uint16Array(0);
  const statistics = (k: number, weights: Uint16Array) => names.map(name => {
    const total = new Float64Array(own[k][0][name].length);
    own[k].forEach((sums, i) => { const w = weights === none ? 1 : weights[i]; if (w) sums[name].forEach((v, j) => { total[j] += w * v; }); });
    return s.of(total);
  });
  const base = [0, 1].map(k => statistics(k, none)), [deviations] = await resample(context, metric, [own[0].length, own[1].length], (a, b) => {
    const [x, y] = [statistics(0, a), statistics(1, b)];
    return [names.reduce((sum, _, c) => sum + s.apart(x[c].map((v, i) => thin[0].scale * (v - base[0][c][i]) - thin[1].scale * (y[c][i] - base[1][c][i]))), 0) / names.length];
  });
  const dealt = dealtSeries(context, metric, s, names, own, Math.max(thin[0].scale, thin[1].scale));
  const { interval } = bandsFigure(widerBands(1 - value, deviations, dealt), { slope: 1 });
  return { ...interval, low: Math.max(0, interval.low), method: `${interval.method} or of series dealt anew, whichever is wider` };
}

const dealings = 99;

/**
 * Mean distances when the series of both tables are dealt anew to two lists as long as they are: how far equal populations lie apart, exactly (a permutation test), where so few series are resampled that
 * their deviations fall short (at 40 series bands of resamples alone cover the spectra's zero in 89% of draws).
 */
function dealtSeries(context: EvaluationContext, metric: string, s: SeriesStatistic, names: readonly string[], own: ReadonlyArray<ReadonlyArray<Record<string, Float64Array>>>, scale: number): Float64Array {
  const all = [...own[0], ...own[1]], first = own[0].length, stream = new Stream(context.seed, `deal ${metric}`), order = Int32Array.from(all.keys());
  return Float64Array.from({ length: dealings }, () => {
    stream.shuffle(order);
    return (scale * names.reduce((sum, name) => {
      const width = all[0][name].length, totals = [new Float64Array(width), new Float64Array(width)];
      order.forEach((which, at) => { const t = totals[at < first ? 0 : 1], x = all[which][name]; for (let j = 0; j < width; j++) t[j] += x[j]; });
      const d = s.apart(minus(s.of(totals[0]), s.of(totals[1])));
      return sum + (d === d ? d : 0);
    }, 0)) / names.length;
  });
}

import type { Figure } from '../../protocol';
import { Stream } from '../../random';
import { worstFirst } from '../detail';
import { sampleRows } from '../features';
import type { EvaluationContext } from '../metric';
import { notAssessable } from '../privacy/leak';
import { bandsFigure, bandsOf, resample, thinned, widerBands } from '../resample';
import type { Part, View } from '../view';
import type { Weights } from './association';
import { calibratedVerdict } from './verdict';

/** A table's statistics, one or more an item, over rows drawn so often. */
export type Measured = (w: Weights) => Float64Array;

/** Something compared item by item (a column, a pair, a triple) by how far its statistics in two tables are apart. */
export interface Difference {
  id: string;
  items: readonly string[];
  /** The statistics of some rows of a table, prepared once for many drawings. */
  measured(view: View, part: Part, rows: Int32Array): Measured;
  /** Each item's distance from the difference of all statistics, real minus other; NaN where undefined. Must obey the triangle inequality. Default: one statistic an item, absolute. */
  distances?(difference: Float64Array): Float64Array;
  /** From a distance, or the mean of several, to the score shown; falling. */
  score(distance: number): number;
  threshold: { good: number; fair: number };
  none: string;
  /** Additions a row and resample. */
  cost: number;
  /** Rows of a table that are compared at most; all alike, so that what small samples add to a statistic is added to every table. Default 100,000; `all` compares every row. */
  mostRows?: number | 'all';
  note?: string;
  /** The statistics are sums over rows, so that rows can be dealt anew to either table: cells that few rows share stray by more than resamples of them show. */
  additive?: boolean;
}

const absolute = (d: Float64Array): Float64Array => d.map(Math.abs);

/**
 * The figure of a comparison: the score of the mean distance over items, with bands that hold near zero too (resample.ts), and what the control scores in the
 * synthetic table's place.
 */
export async function differenceFigure(context: EvaluationContext, view: View, of: Difference): Promise<Figure> {
  const all = of.mostRows === 'all', most = all ? Infinity : ((of.mostRows as number | undefined) ?? 100_000), { rows } = view;
  const sizes = all ? [rows.training, rows.synthetic] : [0, 1].map(() => Math.min(rows.training, rows.synthetic, most));
  const drawn = (part: Part, k: number) => (k >= rows[part] ? Int32Array.from({ length: rows[part] }, (_, i) => i) : sampleRows(rows[part], k, context.seed, `${of.id} ${part}`));
  const chosen = [drawn('training', sizes[0]), drawn('synthetic', sizes[1])], parts: [Part, Part] = ['training', 'synthetic'];
  await context.progress(0.02);
  const [real, made] = chosen.map((r, t) => of.measured(view, parts[t], r)(undefined));
  const distances = apart(of, real, made), kept = Array.from(distances.keys()).filter(i => distances[i] === distances[i]);
  if (kept.length === 0) return notAssessable(of.id, of.none, { synthetic: rows.synthetic, training: rows.training });
  const mean = (d: Float64Array) => { let s = 0, k = 0; for (const i of kept) if (d[i] === d[i]) { s += d[i]; k++; } return s / k; };
  const distance = mean(distances);
  await context.progress(0.2);

  const thin = sizes.map((n, t) => thinned(n, of.cost, context.seed, `${of.id} ${t}`)), lists = thin.map((x, t) => x.rows.map(i => chosen[t][i]));
  const measured = lists.map((r, t) => of.measured(view, parts[t], r)), base = measured.map(m => m(undefined));
  const [deviations] = await resample(context, of.id, [lists[0].length, lists[1].length], (a, b) => {
    const [x, y] = [measured[0](a), measured[1](b)];
    const d = x.map((v, i) => thin[0].scale * (v - base[0][i]) - thin[1].scale * (y[i] - base[1][i]));
    // a one-sided distance strays by as much either way
    return [of.distances ? Math.max(mean(of.distances(d)), mean(of.distances(d.map(v => -v)))) : mean(absolute(d))];
  });
  const bands = of.additive ? widerBands(distance, deviations, await dealt(context, of, measured, lists[0].length, thin[0].scale, mean)) : bandsOf(distance, deviations), score = (d: number) => Math.max(0, of.score(d)), { interval, detail } = bandsFigure(bands);
  const fresh = { freshTable: score(bands.expected), freshTableWorst5: score(bands.limit), pEqual: detail.pEqual }, value = score(distance);

  const held = view.hasControl ? (all ? rows.control : Math.min(sizes[1], rows.control)) : 0;
  const control = held > 1 ? apart(of, of.measured(view, 'training', drawn('training', all ? rows.training : held))(undefined), of.measured(view, 'control', drawn('control', held))(undefined)) : undefined;
  return {
    metric: of.id, value, interval: { ...interval, low: score(bands.high), high: score(bands.low) }, verdict: calibratedVerdict(value, fresh.freshTableWorst5, of.threshold),
    samples: { synthetic: sizes[1], training: sizes[0], ...(held > 1 ? { control: held } : {}), compared: kept.length }, detail: fresh,
    ...(control && Number.isFinite(mean(control)) ? { reference: { label: 'control against training', value: score(mean(control)) } } : {}),
    columns: worstFirst(kept.map(i => [of.items[i], score(distances[i])]), 'higher'), ...(of.note ? { note: of.note } : {}),
  };
}

const dealings = 59;

/** Mean distances when the rows of both tables, equally many, are dealt anew. */
async function dealt(context: EvaluationContext, of: Difference, measured: readonly Measured[], n: number, scale: number, mean: (d: Float64Array) => number): Promise<Float64Array> {
  const stream = new Stream(context.seed, `deal ${of.id}`), first = Int8Array.from({ length: 2 * n }, (_, i) => (i < n ? 1 : -1)), out = new Float64Array(dealings);
  for (let r = 0; r < dealings; r++) {
    stream.shuffle(first);
    const [x, y] = [measured[0](first.subarray(0, n)), measured[1](first.subarray(n))];
    out[r] = scale * mean(of.distances!(x.map((v, i) => v + y[i])));
    await context.progress((r + 1) / dealings);
  }
  return out;
}

const apart = (of: Difference, a: Float64Array, b: Float64Array): Float64Array => (of.distances ?? absolute)(a.map((v, i) => v - b[i]));

import type { Figure } from '../../protocol';
import type { EvaluationContext, Metric } from '../metric';
import { quantile } from '../statistics';
import { diagnosticNote } from './dcr';
import { pickPoints, placedOf } from './distances';
import { noControl } from './leak';
import { openSearch, type Points } from './nearest';
import { encodingWords } from './encode';

const id = 'privacy.nndr';

/**
 * Nearest-neighbour distance ratio: the distance of a synthetic row to the nearest training row over that to the second nearest (Zhao et al. 2021, CTAB-GAN). Near 0 the row
 * points at one person in a sparse region; near 1 at nobody in particular. Estimand: the 5th percentile over this table's rows, beside that of control rows. All rows or
 * the stated number; distances as in encode.ts; rows at distance 0 of both count as 1 (they point at several). A diagnostic: no verdict. Interval: order statistics.
 */
export const metric: Metric = {
  async compute(context) {
    const r = await ratios(context);
    return r ? figure(r.synthetic, r.control, r.training) : noControl(id);
  },
  async cross(_, folds) {
    const all: Ratios[] = [];
    for (const f of folds) { const r = await ratios(f.context); if (!r) return noControl(id); all.push(r); }
    const join = (pick: (r: Ratios) => Float64Array) => Float64Array.from(all.flatMap(r => Array.from(pick(r))));
    return figure(join(r => r.synthetic), join(r => r.control), Math.round(all.reduce((s, r) => s + r.training, 0) / all.length));
  },
};

interface Ratios { synthetic: Float64Array; control: Float64Array; training: number }

async function ratios(context: EvaluationContext): Promise<Ratios | undefined> {
  const placed = await placedOf(context);
  if (!placed) return undefined;
  const { encoded, asked } = placed, points = (part: 'training' | 'synthetic' | 'control'): Points => ({ rows: encoded.rows[part], width: encoded.width, values: encoded.parts[part], spans: encoded.spans }), search = await openSearch(context);
  const of = async (part: 'synthetic' | 'control', from: number) => {
    const { distances: d } = await search(pickPoints(points(part), asked[part]), points('training'), 2, f => context.progress(from + f / 2, 'two nearest rows'));
    return ratioOf(d);
  };
  return { synthetic: await of('synthetic', 0), control: await of('control', 0.5), training: encoded.rows.training };
}

/** First over second distance of row-major pairs. */
export const ratioOf = (pairs: Float64Array): Float64Array => Float64Array.from({ length: pairs.length / 2 }, (_, i) => (pairs[2 * i + 1] > 0 ? pairs[2 * i] / pairs[2 * i + 1] : 1));

function figure(synthetic: Float64Array, control: Float64Array, training: number): Figure {
  const s = synthetic.slice().sort(), c = control.slice().sort();
  const range = (x: Float64Array): [number, number] => {
    const half = 1.96 * Math.sqrt((0.05 * 0.95) / x.length);
    return [quantile(x, Math.max(0, 0.05 - half)), quantile(x, Math.min(1, 0.05 + half))];
  };
  const [low, high] = range(s);
  return {
    metric: id, value: quantile(s, 0.05), interval: { low, high, level: 0.95, method: 'order statistics' }, reference: { label: 'control', value: quantile(c, 0.05), interval: range(c) },
    samples: { synthetic: s.length, control: c.length, training }, verdict: 'undecided', note: diagnosticNote, detail: { median: quantile(s, 0.5), medianControl: quantile(c, 0.5), distance: encodingWords },
  };
}

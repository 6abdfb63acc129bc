import { wilson } from '../../learners/metrics';
import { sampleRows } from '../features';
import type { EvaluationContext, Metric } from '../metric';
import type { Part } from '../view';
import { attackFigure } from './attack-figure';
import { clustersAt, effective, type Clusters } from './clusters';
import { cross, crossedCopies } from './cross';
import { pickPoints, placedOf, type Placed } from './distances';
import { rateExcess, type Excess } from './excess';
import { noControl } from './leak';
import { openSearch, type Points, type Search } from './nearest';

const id = 'privacy.identifiability';

/**
 * Epsilon-identifiability (Yoon, Drumright & van der Schaar 2020, ADS-GAN, definition 1): the share of training rows to which some synthetic row lies nearer than any other
 * real row, columns weighted by the inverse of their entropy (a value that few share identifies more). Estimand: that share for this table.
 *
 * By itself it is no leak: a large synthetic table is everywhere dense. Judged is the share of training rows less that of control rows, where "any other real row" is
 * sought for both among the same real rows (equally many of both tables), the row itself left out.
 */
export const metric: Metric = {
  async compute(context) {
    const found = await identified(context);
    if (!found) return noControl(id);
    const { training: a, control: b, clusters } = found, [n, m] = [effective(a, clusters?.training), effective(b, clusters?.control)];
    return figure(rateExcess(a, b, clusters), n.successes, n.rows, m.successes, m.rows, { training: a.length, control: b.length, synthetic: found.synthetic, among: found.among });
  },
  async cross(_, folds) {
    let none = false;
    const flags = await cross(folds, async f => {
      const found = await identified(f.context, true);
      if (!found || found.training.length !== f.rows.training.length || found.control.length !== f.rows.control.length) { none = true; return { training: [], control: [] }; }
      return found;
    });
    if (none) return noControl(id);
    const c = crossedCopies(flags), n = c.rows;
    return figure({ ...c, member: c.memberShare, other: c.controlShare, members: n, others: n }, c.memberShare * n, n, c.controlShare * n, n, { control: n, folds: folds.length, synthetic: folds.reduce((s, f) => s + f.context.synthetic.rows, 0) });
  },
};

function figure(e: Excess, k: number, n: number, c: number, m: number, samples: Record<string, number>) {
  const w = wilson(k, n), x = wilson(c, m);
  return attackFigure(id, e, { value: k / n, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' } }, { value: c / m, interval: [x.low, x.high] }, undefined, samples, {});
}

/** Entropy in nats of values counted as they are. */
export function entropy(values: ArrayLike<number>): number {
  const counts = new Map<number, number>(), n = values.length;
  for (let i = 0; i < n; i++) { const v = values[i] === values[i] ? values[i] : Infinity; counts.set(v, (counts.get(v) ?? 0) + 1); }
  let h = 0;
  for (const c of counts.values()) h -= (c / n) * Math.log(c / n);
  return h;
}

/** Whether some synthetic row lies strictly nearer to each asked real row than any other real row; `self` is its own place among the real rows, or -1. */
export async function nearerThanOthers(search: Search, asked: Points, real: Points, synthetic: Points, self: Int32Array, progress: (f: number) => Promise<void>): Promise<Uint8Array> {
  const others = await search(asked, real, 2, f => progress(f / 2)), made = await search(asked, synthetic, 1, f => progress(0.5 + f / 2));
  // where copies pushed the row itself out of the list, the nearest other row is at distance 0, which the first entry says
  return Uint8Array.from(self, (s, i) => Number(made.distances[i] < others.distances[2 * i + Number(s >= 0 && others.indices[2 * i] === s)]));
}

async function identified(context: EvaluationContext, every = false): Promise<{ training: Uint8Array; control: Uint8Array; clusters?: Clusters; synthetic: number; among: number } | undefined> {
  const placed = await placedOf(context);
  if (!placed) return undefined;
  const { encoded, asked } = placed, weight = weights(placed), { width } = encoded, { seed } = context, rows = Math.min(encoded.rows.training, encoded.rows.control);
  const weighted = (...from: ReadonlyArray<{ part: Part; rows: Int32Array }>): Points => {
    const count = from.reduce((s, f) => s + f.rows.length, 0), values = new Float32Array(count * width);
    let to = 0;
    for (const { part, rows: chosen } of from) for (const r of chosen) for (let k = 0, at = r * width; k < width; k++) values[to++] = encoded.parts[part][at + k] * weight[k];
    return { rows: count, width, values, spans: encoded.spans, kept: {} };
  };
  const all = (part: Part) => Int32Array.from({ length: encoded.rows[part] }, (_, i) => i), take = (part: 'training' | 'control') => (every ? all(part) : sampleRows(encoded.rows[part], rows, seed, `identifiable ${part}`).slice().sort());
  const a = take('training'), b = take('control'), real = weighted({ part: 'training', rows: a }, { part: 'control', rows: b }), synthetic = weighted({ part: 'synthetic', rows: all('synthetic') }), search = await openSearch(context);
  const among = async (chosen: Int32Array, askedRows: Int32Array, offset: number, from: number) => {
    const place = new Map(Array.from(chosen, (r, i) => [r, offset + i]));
    // asked: those in the comparison, or every row where rows are compared with themselves
    const rows = every ? chosen : askedRows.filter(r => place.has(r)), self = rows.map(r => place.get(r)!);
    return { rows, nearer: await nearerThanOthers(search, pickPoints(real, self), real, synthetic, self, f => context.progress(from + f / 2, 'nearer than other people')) };
  };
  const own = await among(a, asked.training, 0, 0), others = await among(b, asked.control, a.length, 0.5), clusters = clustersAt(placed.clusters, { training: own.rows, control: others.rows });
  return { training: own.nearer, control: others.nearer, ...(clusters && { clusters }), synthetic: synthetic.rows, among: real.rows };
}

/** Inverse entropy of each column over the real rows, spread over its encoded places; columns of one value weigh nothing. */
function weights({ view, encoded }: Placed): Float64Array {
  const out = new Float64Array(encoded.width);
  view.columns.forEach((column, j) => {
    const a = column.values('training'), b = column.values('control'), all = new Float64Array(a.length + b.length);
    all.set(a); all.set(b, a.length);
    const h = entropy(all), { at, size } = encoded.spans[j];
    out.fill(h > 1e-9 ? 1 / h : 0, at, at + size);
  });
  return out;
}

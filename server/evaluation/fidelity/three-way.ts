import { sampleRows } from '../features';
import type { Metric } from '../metric';
import { controlViewOf } from '../view';
import { binned } from './binned';
import { weightOf } from './column-figures';
import { differenceFigure } from './differences';
import * as thresholds from './thresholds';

/** Triples compared at most, and quantile bins of a number and categories of a column within them. */
const mostTriples = 60, bins = 5, categories = 8;

/**
 * Three-way marginals (k-marginals of NIST's differential-privacy challenges, k = 3): one minus the total variation distance of two tables' three-way tables, averaged over
 * triples of columns; numbers in five quantile bins, the eight commonest categories, missing a level of its own. Equally many rows of both tables.
 */
export const metric: Metric = {
  async compute(context) {
    const view = await controlViewOf(context), { columns } = view, C = columns.length, every: Array<[number, number, number]> = [];
    const limit = Math.min(C, 40);
    for (let a = 0; a < limit; a++) for (let b = a + 1; b < limit; b++) for (let c = b + 1; c < limit; c++) every.push([a, b, c]);
    const names = Array.from(sampleRows(C, limit, context.seed, 'three-way columns')).sort((p, q) => p - q);
    const triples = Array.from(sampleRows(every.length, mostTriples, context.seed, 'triples')).sort((p, q) => p - q).map(k => every[k].map(i => names[i]));
    const levels = (k: number) => binned(columns[k], 'training', bins, categories).levels, L = new Map([...new Set(triples.flat())].map(k => [k, levels(k)]));
    const starts = new Int32Array(triples.length + 1);
    triples.forEach((t, i) => { starts[i + 1] = starts[i] + t.reduce((p, k) => p * L.get(k)!, 1); });
    return differenceFigure(context, view, {
      id: 'fidelity.three-way', threshold: thresholds.triples, none: 'There are fewer than three columns.', cost: 2 * triples.length, additive: true, score: d => 1 - d, items: triples.map(t => t.map(k => columns[k].name).join(' x ')),
      measured(_, part, rows) {
        const codes = new Map([...L.keys()].map(k => { const { codes: all } = binned(columns[k], part, bins, categories); return [k, rows.map(r => all[r])]; }));
        const cells = triples.map(([a, b, c], t) => { const [x, y, z] = [codes.get(a)!, codes.get(b)!, codes.get(c)!]; return rows.map((_r, i) => starts[t] + (x[i] * L.get(b)! + y[i]) * L.get(c)! + z[i]); });
        return w => {
          const out = new Float64Array(starts[triples.length]), n = rows.length;
          for (const cell of cells) for (let i = 0; i < n; i++) out[cell[i]] += weightOf(w, i) / n;
          return out;
        };
      },
      distances: d => Float64Array.from(triples, (_, t) => { let s = 0; for (let k = starts[t]; k < starts[t + 1]; k++) s += Math.abs(d[k]); return s / 2; }),
      ...(every.length > triples.length || C > limit ? { note: `Over ${triples.length} triples of columns, drawn at random (seeded).` } : {}),
    });
  },
};

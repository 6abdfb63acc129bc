import type { EvaluationContext } from '../metric';
import type { Span } from '../../learners/neighbours';
import { rank } from '../statistics';
import { controlViewOf, type CodeView, type NumberView, type Part, type View } from '../view';

/**
 * Rows as points whose Euclidean distance is the root of the summed squared differences of the columns, each between 0 and 1 (Gower's 1971 idea of
 * columns of equal weight, with squares so that it is a matrix product):
 * - number, date: its mid-rank among all real values (training and control together), 0 to 1. Ranks do not let one long tail rule the distance;
 * - category: one-hot over sqrt(2), so that two different categories are 1 apart. Beyond the 100 most frequent real ones, all are one category;
 * - missing: a category of its own; for a number, the middle rank and sqrt(3)/2 on an axis of its own, so that missing is .87 to 1 from any number.
 */
export interface Encoded { width: number; parts: Record<Part, Float32Array>; rows: Record<Part, number>; /** Where each column of the view lies, in its order. */ spans: Span[] }

const mostCategories = 100;
export const encodingWords = 'Euclidean distance over columns: numbers by rank among the real values (0 to 1), different categories 1 apart, missing a category of its own.';

/** The same of the rows that are asked for: a million of a hundred columns would be .4 GB. */
export interface Encoding extends Pick<Encoded, 'width' | 'rows' | 'spans'> { /** Row-major; default: all rows. */ points(part: Part, rows?: Int32Array): Float32Array }

export const encodingOf = (context: EvaluationContext): Promise<Encoding> => context.shared('encoding', async () => encoding(await controlViewOf(context)));

export function encode(view: View): Encoded {
  const { points, ...e } = encoding(view);
  return { ...e, parts: { training: points('training'), synthetic: points('synthetic'), control: points('control') } };
}

function encoding(view: View): Encoding {
  const plans = view.columns.map(c => (c.type === 'number' ? planNumber(c, view) : planCode(c)));
  const width = plans.reduce((s, p) => s + p.size, 0);
  let at = 0;
  const spans = plans.map((p, j): Span => { const span: Span = { at, size: p.size, type: view.columns[j].type }; at += p.size; return span; });
  const points = (part: Part, rows?: Int32Array) => {
    const out = new Float32Array((rows?.length ?? view.rows[part]) * width);
    plans.forEach((p, j) => {
      const all = view.columns[j].values(part);
      p.fill(out, rows ? Float64Array.from(rows, r => all[r]) : all, spans[j].at, width);
    });
    return out;
  };
  return { width, rows: view.rows, spans, points };
}

interface ColumnPlan { size: number; fill(out: Float32Array, values: Float64Array | Int32Array, at: number, width: number): void }

function planNumber(c: NumberView, view: View): ColumnPlan {
  const a = c.sorted('training'), b = c.sorted('control'), n = a.length + b.length || 1, below = (v: number, right: boolean) => rank(a, v, right) + rank(b, v, right);
  const missing = (['training', 'synthetic', 'control'] as const).some(p => c.sorted(p).length < view.rows[p]);
  return {
    size: missing ? 2 : 1,
    fill(out, v, at, width) {
      for (let i = 0, k = at; i < v.length; i++, k += width) {
        if (v[i] !== v[i]) { out[k] = 0.5; out[k + 1] = Math.sqrt(0.75); }
        else out[k] = (below(v[i], false) + below(v[i], true)) / (2 * n);
      }
    },
  };
}

function planCode(c: CodeView): ColumnPlan {
  const real = c.counts('training').slice(), control = c.counts('control'), all = c.categories.length;
  for (let k = 0; k < all; k++) real[k] += control[k] ?? 0;
  // ties by name, which knows nothing of who is in which table: codes are numbered by first appearance, training rows first
  const order = Array.from(real.keys()).sort((x, y) => real[y] - real[x] || (c.categories[x] < c.categories[y] ? -1 : 1)), slot = new Int32Array(all), kept = Math.min(all, mostCategories);
  order.forEach((k, i) => { slot[k] = Math.min(i, kept); });
  const missing = (['training', 'synthetic', 'control'] as const).some(p => c.values(p).some(v => v < 0)), size = kept + (all > kept ? 1 : 0) + (missing ? 1 : 0);
  return {
    size,
    fill(out, v, at, width) {
      for (let i = 0, k = at; i < v.length; i++, k += width) out[k + (v[i] < 0 ? size - 1 : slot[v[i]])] = Math.SQRT1_2;
    },
  };
}

import { compact, slotsOf, type Points } from '../../learners/neighbours';
import { sampleRows } from '../features';
import type { Encoded } from './encode';

/**
 * A density over mixed rows: the mean of product kernels (Parzen 1962), a Gaussian of the rank for numbers and, for categories, weight 1 on the same
 * and `mismatch` on any other one (Aitchison & Aitken 1976), both normalised. In the encoding of encode.ts that is one Gaussian kernel of
 * rescaled points. The two bandwidths are those under which real rows, each left out in turn, are likeliest (Habbema, Hermans & van den Broek 1974).
 */
export interface Bandwidth { /** Standard deviation in ranks, 0 to 1. */ number: number; /** Weight of another category beside the same one. */ mismatch: number }

/** Logarithm of the kernel's constant. */
export function logConstant(e: Encoded, b: Bandwidth): number {
  return e.spans.reduce((s, { size, type }) => s - (type === 'number' ? Math.log(b.number * Math.sqrt(2 * Math.PI)) : Math.log1p((size - 1) * b.mismatch)), 0);
}

/** Real rows of both tables as one set of points, training rows first. */
export function realPoints(e: Encoded): Points {
  const { training: t, control: c } = e.parts, values = new Float32Array(t.length + c.length);
  values.set(t); values.set(c, t.length);
  return { rows: e.rows.training + e.rows.control, width: e.width, values, spans: e.spans };
}

const numbers = [0.4, 0.28, 0.2, 0.14, 0.1, 0.07, 0.05, 0.035, 0.025, 0.0125], mismatches = [0.3, 0.2, 0.1, 0.05, 0.02, 0.005];
const asking = 600, answering = 6000;

/**
 * The likeliest bandwidths for about 600 of at most 6,000 real rows, by descent over a grid, first one, then the other, twice. Training and control rows enter alike,
 * so that the choice knows nothing of who is who.
 */
export async function chooseBandwidth(e: Encoded, seed: number, breathe: () => Promise<void>): Promise<Bandwidth> {
  const pairs = pairsOf(e, sampleRows(e.rows.training + e.rows.control, answering, seed, 'bandwidth'));
  let best: Bandwidth = { number: 0.1, mismatch: 0.1 }, most = likelihood(e, pairs, best);
  const tried = new Set<string>();
  const attempt = async (b: Bandwidth) => {
    const key = `${b.number} ${b.mismatch}`;
    if (tried.has(key)) return;
    tried.add(key);
    await breathe();
    const l = likelihood(e, pairs, b);
    if (l > most) { most = l; best = b; }
  };
  for (let turn = 0; turn < 2; turn++) {
    const before = best;
    if (e.spans.some(s => s.type === 'number')) for (const number of numbers) await attempt({ ...best, number });
    if (e.spans.some(s => s.type === 'code')) for (const mismatch of mismatches) await attempt({ ...best, mismatch });
    if (best === before) break;
  }
  return best;
}

/** Of every asked row and every other: the squared distance over numbers, and how many categories differ. All that a bandwidth needs; row-major, the row itself infinitely far. */
interface Pairs { asked: number; rows: number; squared: Float32Array; differ: Uint16Array }

function pairsOf(e: Encoded, chosen: Int32Array): Pairs {
  const slots = slotsOf(realPoints(e)), points = realPoints(e), rows = chosen.length, asked = Math.min(asking, rows), S = slots.count;
  // the encoding is one-hot by its making
  const values = compact(points, chosen, slots)!, squared = new Float32Array(asked * rows), differ = new Uint16Array(asked * rows);
  for (let i = 0, at = 0; i < asked; i++) for (let j = 0; j < rows; j++, at++) {
    let s = i === j ? Infinity : 0, m = 0;
    for (let k = 0; k < S; k++) {
      const t = values[i * S + k] - values[j * S + k];
      if (slots.size[k] === 0) s += t * t;
      else if (t !== 0) m++;
    }
    squared[at] = s; differ[at] = m;
  }
  return { asked, rows, squared, differ };
}

/** Mean log-density of the asked rows among the others, each at least -10,000. */
function likelihood(e: Encoded, { asked, rows, squared, differ }: Pairs, b: Bandwidth): number {
  const rate = 1 / (2 * b.number * b.number), apart = -Math.log(b.mismatch), exponent = new Float64Array(rows);
  let total = 0;
  for (let i = 0; i < asked; i++) {
    let least = Infinity, sum = 0;
    for (let j = 0, at = i * rows; j < rows; j++, at++) { const x = (exponent[j] = rate * squared[at] + apart * differ[at]); if (x < least) least = x; }
    // what is left out is at most 6,000 e^-20 of the sum
    for (let j = 0; j < rows; j++) if (exponent[j] < least + 20) sum += Math.exp(least - exponent[j]);
    total += Math.max(sum > 0 ? Math.log(sum) - least : -Infinity, -1e4);
  }
  return total / asked + logConstant(e, b);
}

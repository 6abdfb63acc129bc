import type { Figure } from '../../protocol';
import { Stream } from '../../random';
import { squaredDistance } from '../../learners/neighbours';
import { sampleRows } from '../features';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { encodingOf } from '../privacy/encode';
import { clopperPearson } from '../../learners/intervals';
import { bandsFigure, bandsOf, resample } from '../resample';
import { moments, quantile, z95 } from '../statistics';
import { calibratedVerdict } from './verdict';
import * as thresholds from './thresholds';

/** Points of two tables, row-major. */
export interface Clouds { real: Float32Array; made: Float32Array; width: number }

/** What is said of how rows lie among rows; each 0 to 1, but density may exceed 1. */
export interface SampleLevel { alphaPrecision: number; betaRecall: number; authenticity: number; precision: number; recall: number; density: number; coverage: number }

/** What the intervals are made from: how many rows met a condition, in how many real balls each synthetic row lies, and the smallest level whose ball holds it. */
export interface Counted { real: number; made: number; within: number; authentic: number; recalled: number; inside: Float64Array; level: Int32Array }

/** Neighbours that make a ball (Naeem et al. 2020 use 5), levels of alpha and beta, and rows a table. */
const k = 5, levels = 30, mostRows = 2000;

/**
 * - alpha-precision and beta-recall (Alaa, van Breugel, Saveliev & van der Schaar 2022), integrated over levels as in their code and synthcity's ("naive" form: rows themselves, no learnt
 *   embedding): one minus the summed distance of the curve from the diagonal over the diagonal's sum;
 * - authenticity (ibid.): the share of synthetic rows that lie farther from their nearest real row than that row lies from its own nearest other real row. (Their code looks that row
 *   up under the wrong index; here it is the paper's definition.)
 * - precision, recall (Kynkaanniemi et al. 2019), density, coverage (Naeem, Oh, Uh, Choi & Yoo 2020) with balls that hold k = 5 neighbours, their rims included, so that
 *   repeated rows lie in their own balls.
 */
export function sampleLevel({ real, made, width }: Clouds): SampleLevel & { counted: Counted } {
  const R = real.length / width, S = made.length / width, cross = distances(real, made, width), within = distances(real, real, width), among = distances(made, made, width);
  const nearestOf = (d: Float64Array, rows: number, columns: number, self: boolean) => Float64Array.from({ length: rows }, (_, i) => { let b = Infinity; for (let j = 0; j < columns; j++) if (!(self && i === j) && d[i * columns + j] < b) b = d[i * columns + j]; return b; });
  const realToReal = nearestOf(within, R, R, true), realToMade = nearestOf(cross, R, S, false), ballsOfReal = kthOf(within, R), ballsOfMade = kthOf(among, S);

  const insideOf = new Float64Array(S);
  let density = 0, within1 = 0, recalled = 0, covered = 0, authentic = 0;
  for (let j = 0; j < S; j++) {
    let inside = 0, at = 0;
    for (let i = 0; i < R; i++) { const d = cross[i * S + j]; if (d <= ballsOfReal[i]) inside++; if (d < cross[at * S + j]) at = i; }
    density += inside; insideOf[j] = inside; if (inside) within1++;
    if (cross[at * S + j] > realToReal[at]) authentic++;
  }
  for (let i = 0; i < R; i++) {
    if (realToMade[i] <= ballsOfReal[i]) covered++;
    for (let j = 0; j < S; j++) if (cross[i * S + j] <= ballsOfMade[j]) { recalled++; break; }
  }

  const centre = centreOf(real, width), madeCentre = centreOf(made, width), alphas = Array.from({ length: levels }, (_, a) => a / (levels - 1));
  const fromCentre = radii(real, centre, width).sort(), madeFromCentre = radii(made, centre, width).sort(), madeFromOwn = radii(made, madeCentre, width);
  const closest = Float64Array.from({ length: R }, (_, i) => { let b = 0; for (let j = 1; j < S; j++) if (cross[i * S + j] < cross[i * S + b]) b = j; return madeFromOwn[b]; }), closestSorted = closest.slice().sort();
  let precisionGap = 0, recallGap = 0, sum = 0;
  const radiiOf = alphas.map(a => quantile(fromCentre, a)), level = Int32Array.from(madeFromCentre, d => { const at = radiiOf.findIndex(r => d <= r); return at < 0 ? levels : at; });
  for (const [k, a] of alphas.entries()) {
    const radius = radiiOf[k], shell = quantile(closestSorted, a);
    let inner = 0, covers = 0;
    for (const d of madeFromCentre) if (d <= radius) inner++;
    for (let i = 0; i < R; i++) if (realToMade[i] <= realToReal[i] && closest[i] <= shell) covers++;
    precisionGap += Math.abs(a - inner / S); recallGap += Math.abs(a - covers / R); sum += a;
  }
  return {
    alphaPrecision: 1 - precisionGap / sum, betaRecall: 1 - recallGap / sum, authenticity: authentic / S,
    precision: within1 / S, recall: recalled / R, density: density / (k * S), coverage: covered / R,
    counted: { real: R, made: S, within: within1, authentic, recalled, inside: insideOf, level },
  };
}

function distances(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const R = a.length / width, S = b.length / width, out = new Float64Array(R * S);
  for (let i = 0; i < R; i++) for (let j = 0; j < S; j++) out[i * S + j] = Math.sqrt(squaredDistance(a, i * width, b, j * width, width));
  return out;
}
/** Distance to the k-th nearest other row. */
function kthOf(d: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => { const row = d.slice(i * n, (i + 1) * n).sort(); return row[Math.min(k, n - 1)]; });
}
function centreOf(points: Float32Array, width: number): Float64Array {
  const c = new Float64Array(width), n = points.length / width;
  for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) c[j] += points[i * width + j] / n;
  return c;
}
function radii(points: Float32Array, centre: Float64Array, width: number): Float64Array {
  return Float64Array.from({ length: points.length / width }, (_, i) => { let s = 0; for (let j = 0; j < width; j++) s += (points[i * width + j] - centre[j]) ** 2; return Math.sqrt(s); });
}

interface Both { made: SampleLevel & { counted?: Counted }; fresh?: SampleLevel; rows: number; reference: 'control' | 'training'; clouds?: { real: Float32Array; made: Float32Array; fresh: Float32Array; width: number } }

/** Synthetic rows among training rows, and real rows that are not among them in their place: control rows, or other training rows. Computed once. */
const bothOf = (context: EvaluationContext): Promise<Both> => context.shared('sample level', async () => {
  const e = await encodingOf(context), others = e.rows.control > 0 ? 'control' as const : 'training' as const;
  const rows = Math.min(mostRows, e.rows.synthetic, others === 'control' ? Math.min(e.rows.training, e.rows.control) : Math.floor(e.rows.training / 2));
  const order = sampleRows(e.rows.training, 2 * rows, context.seed, 'sample level training'), real = e.points('training', order.subarray(0, rows));
  if (rows < 20) return { made: none, rows, reference: others };
  await context.progress(0.1);
  const clouds = {
    real, made: e.points('synthetic', sampleRows(e.rows.synthetic, rows, context.seed, 'sample level synthetic')), width: e.width,
    fresh: others === 'control' ? e.points('control', sampleRows(e.rows.control, rows, context.seed, 'sample level control')) : e.points('training', order.subarray(rows, 2 * rows)),
  };
  const made = sampleLevel(clouds);
  await context.progress(0.5);
  return { made, fresh: sampleLevel({ ...clouds, made: clouds.fresh }), rows, reference: others, clouds };
});

/**
 * Shortfalls when the synthetic rows and the real ones in their place are dealt anew to the two: which is which says nothing if they come from one population, so that their
 * spread about zero is the shortfall's (a permutation distribution, taken for normal). Of small tables alone: in large ones the threshold is many times what chance makes.
 */
const dealings = 16, mostDealt = 600;
const bothDealt = (context: EvaluationContext): Promise<Partial<Record<keyof SampleLevel, number[]>>> => context.shared('sample level dealt', async () => {
  const { clouds, rows, made } = await bothOf(context), out: Partial<Record<keyof SampleLevel, number[]>> = {};
  if (!clouds || rows > mostDealt) return out;
  const { real, width } = clouds, first = new Uint8Array(2 * rows).fill(1, 0, rows), stream = new Stream(context.seed, 'deal sample level'), sides = [new Float32Array(rows * width), new Float32Array(rows * width)];
  for (let r = 0; r < dealings; r++) {
    stream.shuffle(first);
    const at = [0, 0];
    first.forEach((f, i) => { const [from, row] = i < rows ? [clouds.made, i] : [clouds.fresh, i - rows], side = 1 - f; sides[side].set(from.subarray(row * width, (row + 1) * width), width * at[side]++); });
    const [a, b] = sides.map(side => sampleLevel({ real, made: side, width }));
    for (const k of Object.keys(made) as Array<keyof SampleLevel>) if (k in none) (out[k] ??= []).push(b[k] - a[k]);
    await context.progress(0.5 + r / dealings / 2);
  }
  return out;
});
const none: SampleLevel = { alphaPrecision: Number.NaN, betaRecall: Number.NaN, authenticity: Number.NaN, precision: Number.NaN, recall: Number.NaN, density: Number.NaN, coverage: Number.NaN };

/** The metric of one of these figures: judged by how far it stays behind what real rows reach. */
export const sampleMetric = (id: string, which: keyof SampleLevel): Metric => ({
  async compute(context): Promise<Figure> {
    const { made, fresh, rows, reference } = await bothOf(context);
    if (!fresh) return notAssessable(id, `${rows} rows are too few to say where rows lie among rows.`, {}, 'undecided');
    const value = made[which], real = fresh[which], shortfall = real - value, { good } = thresholds.sampleLevel;
    // how far two fresh tables differ is asked only where it decides
    const dealt = shortfall > good ? (await bothDealt(context))[which] : undefined, worst = dealt && 1.645 * Math.sqrt(dealt.reduce((s, d) => s + d * d, 0) / dealt.length), interval = await intervalOf(context, id, which, value, made.counted!);
    return {
      metric: id, value, ...(interval && { interval }), samples: { synthetic: rows, training: rows, [reference === 'control' ? 'control' : 'other training rows']: rows }, verdict: calibratedVerdict(Math.max(0, shortfall), worst ?? 0, thresholds.sampleLevel),
      reference: { label: reference === 'control' ? 'control against training' : 'other training rows', value: real }, detail: { shortfall, ...(worst !== undefined && { freshTableWorst5: worst }) },
      note: `${rows} rows of each table, drawn at random (seeded); as points as for the privacy distances.`,
    };
  },
});

/**
 * Intervals where rows of one side are independent draws once the other side is held: synthetic rows given the training rows (precision, density, authenticity, alpha-precision), and training rows drawn from the
 * table given the synthetic rows (recall). Coverage and beta-recall ask of each training row how near its nearest other row is, which is every row's business at once: no resampling of rows is valid for that.
 */
async function intervalOf(context: EvaluationContext, id: string, which: keyof SampleLevel, value: number, c: Counted): Promise<Figure['interval']> {
  const share = (k: number, n: number, over: string) => ({ ...clopperPearson(k, n), method: `Clopper-Pearson, over ${over} rows` });
  switch (which) {
    case 'precision': return share(c.within, c.made, 'synthetic');
    case 'authenticity': return share(c.authentic, c.made, 'synthetic');
    case 'recall': return share(c.recalled, c.real, 'training');
    case 'density': { const half = (z95 * Math.sqrt(moments(c.inside).variance / c.made)) / k; return { low: Math.max(0, value - half), high: value + half, level: 0.95, method: 'normal, over synthetic rows' }; }
    case 'alphaPrecision': {
      const held = new Float64Array(levels + 1), base = new Float64Array(levels + 1);
      for (const l of c.level) base[l]++;
      const [deviations] = await resample(context, id, [1, c.made], (_, made) => {
        held.fill(0);
        c.level.forEach((l, j) => { held[l] += made[j]; });
        let apart = 0, moved = 0;
        for (let a = 0; a < levels; a++) { moved += held[a] - base[a]; apart += Math.abs(moved); }
        return [apart / c.made];
      }), sum = (levels * (levels - 1)) / 2 / (levels - 1);
      const { interval } = bandsFigure(bandsOf((1 - value) * sum, deviations), { slope: 1 / sum });
      return { ...interval, low: Math.max(0, interval.low), method: `${interval.method}, over synthetic rows` };
    }
    default: return undefined;
  }
}

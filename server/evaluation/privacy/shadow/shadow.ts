import { openDevice } from '../../../engine';
import { fitLogistic } from '../../../learners/linear';
import { auc } from '../../../learners/auc';
import { wilson } from '../../../learners/metrics';
import { Stream } from '../../../random';
import type { DeviceChoice } from '../../../protocol';
import type { Table } from '../../../table/table';
import { moments } from '../../statistics';
import { makeView } from '../../view';
import { encode } from '../encode';
import { pickPoints } from '../distances';
import { fewestFits } from './fits';
import { seen, unitKernel, type Seen } from './features';

export interface ShadowOptions {
  /** Real rows, modelled columns only. */
  real: Table;
  /** Rows of `real` under attack. */
  targets: Int32Array;
  /** How many fits; even. */
  fits: number;
  /** Rows of each training table, targets included or not. */
  rows: number;
  seed: number; device: DeviceChoice;
  /** Learns a table and draws one as large. */
  refit(training: Table, seed: number): Promise<Table>;
  /** Awaited between fits; may throw to cancel. */
  progress(fraction: number, message: string): Promise<void>;
}

export type AttackName = 'density' | 'nearness' | 'marginal';
export interface TargetResult { row: number; /** share of fits guessed rightly, with Wilson's interval */ accuracy: number; low: number; high: number; auc: number }
export interface ShadowResult {
  fits: number; rows: number; quoted: boolean;
  /** Of each way to look: share of right guesses over targets and fits, 95% interval over fits. */
  attacks: Record<AttackName, { accuracy: number; low: number; high: number; targets: TargetResult[] }>;
}

/**
 * The shadow-model attack on chosen targets (Stadler, Oprisanu & Troncoso 2022, "groundhog day", sections 4 and 6): the generator is fitted again and again on tables
 * that do or do not hold the target, and an attacker learns to tell from the synthetic table which it was.
 *
 * Estimand: the share of right guesses about a target, in or out, for this generator with these settings on tables of `rows` rows of this population. It is about the
 * *generator*, not about one release. Guessing is right half of the time.
 *
 * Every fit serves all targets: each target is in a random half of the fits, independently of the others (as in Carlini et al. 2022, section 6), so that 64 fits
 * suffice for all instead of 64 for each. The other rows are drawn anew for every fit from those that are no targets. An attacker's threshold or classifier for a fit is
 * learnt from the other fits only (eight folds). Fits, not guesses, are the independent trials: the interval over all targets is from fits' mean success.
 */
export async function shadowAttack(o: ShadowOptions): Promise<ShadowResult> {
  if (o.fits < 8 || o.fits % 2) throw new RangeError(`${o.fits} fits: an even number from 8 on is needed`);
  const T = o.targets.length, target = new Set(o.targets), pool = Int32Array.from({ length: o.real.rows }, (_, r) => r).filter(r => !target.has(r));
  if (o.rows + T > pool.length) throw new RangeError(`${o.rows} rows a fit from ${pool.length} that are no targets`);
  const inside = Array.from({ length: T }, (_, t) => half(o.fits, new Stream(o.seed, `shadow membership ${t}`))), looks: Seen[] = [], device = await openDevice(o.device);
  for (let f = 0; f < o.fits; f++) {
    await o.progress(f / o.fits, `shadow fit ${f + 1} of ${o.fits}`);
    const others = new Stream(o.seed, `shadow rows ${f}`).shuffle(pool.slice()), members = o.targets.filter((_, t) => inside[t][f] === 1);
    const training = o.real.take(new Stream(o.seed, `shadow order ${f}`).shuffle(Int32Array.from([...members, ...others.subarray(0, o.rows - members.length)])));
    const made = await o.refit(training, new Stream(o.seed, `shadow fit ${f}`).below(2 ** 31));
    // one encoding for all tables: ranks and categories of the real rows
    const encoded = encode(makeView({ training: o.real, synthetic: made })), { width } = encoded, all = { rows: o.real.rows, width, values: encoded.parts.training };
    looks.push(await seen({ rows: made.rows, width, values: encoded.parts.synthetic }, pickPoints(all, o.targets), unitKernel(encoded), device));
  }
  await o.progress(1, 'guessing');
  const by = { density: (t: number) => thresholds(looks.map(l => l.density[t]), inside[t]), nearness: (t: number) => thresholds(looks.map(l => l.nearness[t]), inside[t]), marginal: (t: number) => classified(looks.map(l => l.marginal), inside[t]) };
  const attacks = {} as ShadowResult['attacks'];
  for (const name of ['density', 'nearness', 'marginal'] as const) {
    const right = new Float64Array(o.fits), targets: TargetResult[] = [];
    for (let t = 0; t < T; t++) {
      const { guess, score } = await by[name](t);
      let k = 0;
      for (let f = 0; f < o.fits; f++) { const ok = Number(guess[f] === inside[t][f]); k += ok; right[f] += ok / T; }
      const w = wilson(k, o.fits);
      targets.push({ row: o.targets[t], accuracy: k / o.fits, low: w.low, high: w.high, auc: auc(inside[t], score) });
    }
    const { mean, variance } = moments(right), e = 1.959963984540054 * Math.max(Math.sqrt(variance / o.fits), Math.sqrt(0.25 / (o.fits * T)));
    attacks[name] = { accuracy: mean, low: Math.max(0, mean - e), high: Math.min(1, mean + e), targets };
  }
  return { fits: o.fits, rows: o.rows, quoted: o.fits >= fewestFits, attacks };
}

/** A random half of n as ones. */
function half(n: number, random: Stream): Uint8Array {
  const order = random.shuffle(Int32Array.from({ length: n }, (_, i) => i)), flags = new Uint8Array(n);
  for (const i of order.subarray(0, n / 2)) flags[i] = 1;
  return flags;
}

const folds = 8;

/** Each fit's fold, ins and outs dealt alike: unequal folds would teach an attacker the opposite of what he is asked. */
function dealt(inside: Uint8Array): Uint8Array {
  const seenOf = [0, 0];
  return Uint8Array.from(inside, side => seenOf[side]++ % folds);
}

/** Above the threshold that is right most often among the other fits: in. */
async function thresholds(score: number[], inside: Uint8Array): Promise<{ guess: Uint8Array; score: number[] }> {
  const n = score.length, guess = new Uint8Array(n), fold = dealt(inside), all = Array.from({ length: n }, (_, f) => f);
  for (let k = 0; k < folds; k++) {
    const known = all.filter(f => fold[f] !== k).sort((a, b) => score[a] - score[b]);
    // walking up: members above the cut and non-members below it are right
    let right = known.reduce((s, f) => s + inside[f], 0), best = right, cut = -Infinity;
    known.forEach((f, at) => {
      right += inside[f] ? -1 : 1;
      if (right > best && (at + 1 === known.length || score[known[at + 1]] > score[f])) { best = right; cut = at + 1 === known.length ? Infinity : (score[f] + score[known[at + 1]]) / 2; }
    });
    for (const f of all) if (fold[f] === k) guess[f] = Number(score[f] > cut);
  }
  return { guess, score };
}

/** A ridged logistic regression on the marginal features, learnt from the other fits. */
async function classified(features: Float64Array[], inside: Uint8Array): Promise<{ guess: Uint8Array; score: number[] }> {
  const n = features.length, width = Math.min(...features.map(f => f.length)), guess = new Uint8Array(n), score = new Array<number>(n).fill(0), fold = dealt(inside), all = Array.from({ length: n }, (_, f) => f), names = Array.from({ length: width }, (_, k) => String(k));
  const centre = names.map((_, k) => moments(features.map(f => f[k])));
  const rows = (which: number[]) => ({ rows: which.length, width, names, values: Float64Array.from(which.flatMap(f => Array.from(features[f].subarray(0, width), (v, k) => (centre[k].variance > 0 ? (v - centre[k].mean) / Math.sqrt(centre[k].variance) : 0)))) });
  for (let k = 0; k < folds; k++) {
    const known = all.filter(f => fold[f] !== k), asked = all.filter(f => fold[f] === k);
    const model = await fitLogistic(rows(known), Float64Array.from(known, f => inside[f]), 2, { iterations: 100, tolerance: 1e-4 }), p = model.probabilities(rows(asked));
    asked.forEach((f, i) => { score[f] = p[i]; guess[f] = Number(score[f] > 0.5); });
  }
  return { guess, score };
}

import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { foldsOfPeople, randomOf } from '../population';
import { metricsOf } from '../registry';
import { macroAuc } from '../scores';
import { crossedAuc, crossedCopies, crossedTpr, type Crossed } from './cross';

const random = randomOf(5);
/** K tables' scores of n rows that depend on the row, the table and chance; members score `gain` more. */
function simulated(n: number, K: number, gain: number, from = random): Crossed {
  const fold = Int32Array.from({ length: n }, (_, i) => i % K), own = Float64Array.from({ length: n }, () => 3 * from()), tables = Array.from({ length: K }, () => from());
  return { fold, scores: tables.map((t, k) => own.map((o, i) => o + t + from() + (fold[i] === k ? 0 : gain))) };
}
const mean = (x: number[]) => x.reduce((s, v) => s + v, 0) / x.length, spread = (x: number[]) => Math.sqrt(x.reduce((s, v) => s + (v - mean(x)) ** 2, 0) / (x.length - 1));

describe('the AUC over folds', () => {
  it('is the mean of the folds\' own, ties counting half', () => {
    const c = simulated(103, 5, 0.2), rounded: Crossed = { fold: c.fold, scores: c.scores.map(s => s.map(v => Math.round(4 * v))) };
    for (const x of [c, rounded]) {
      let sum = 0;
      for (let k = 0; k < 5; k++) {
        const size = x.fold.filter(f => f === k).length;
        sum += (size / 103) * macroAuc(Float64Array.from(x.fold, f => (f === k ? 0 : 1)), x.scores[k], 2).score;
      }
      expect(crossedAuc(x).estimate).toBeCloseTo(sum, 12);
    }
  });

  it('has under no leak exactly the variance of all dealings of the rows', () => {
    // six rows in three folds of two: all 90 dealings
    const scores = Array.from({ length: 3 }, () => Float64Array.from({ length: 6 }, () => random())), found: number[] = [];
    const deal = (fold: number[], left: number[]) => {
      if (fold.length === 6) { found.push(crossedAuc({ fold: Int32Array.from(fold), scores }).estimate); return; }
      for (let k = 0; k < 3; k++) if (left[k] > 0) deal([...fold, k], left.map((l, j) => l - Number(j === k)));
    };
    deal([], [2, 2, 2]);
    expect(found.length).toBe(90);
    expect(mean(found)).toBeCloseTo(0.5, 12);
    const exact = Math.sqrt(mean(found.map(f => (f - 0.5) ** 2)));
    expect(crossedAuc({ fold: Int32Array.from([0, 0, 1, 1, 2, 2]), scores }).detectable / (2.5758293035489004 + 0.8416212335729143)).toBeCloseTo(exact, 12);
  });

  it('has an interval as wide as it varies, with a leak and without, narrower than a single control gives', () => {
    for (const gain of [0, 0.4]) {
      const all = Array.from({ length: 200 }, () => crossedAuc(simulated(150, 5, gain))), errors = all.map(a => (a.high - a.low) / 3.92), truth = mean(all.map(a => a.estimate));
      expect(mean(errors) / spread(all.map(a => a.estimate))).toBeGreaterThan(0.9);
      expect(mean(errors) / spread(all.map(a => a.estimate))).toBeLessThan(1.3);
      expect(all.filter(a => a.low <= truth && truth <= a.high).length).toBeGreaterThan(180);
      expect(mean(errors)).toBeLessThan(Math.sqrt(151 / (12 * 30 * 120)) / 2);
    }
  });
});

describe('copies over folds', () => {
  const flags = (n: number, K: number, member: number, control: number): Crossed => {
    const fold = Int32Array.from({ length: n }, (_, i) => i % K);
    return { fold, scores: Array.from({ length: K }, (_, k) => Float64Array.from(fold, f => Number(random() < (f === k ? control : member)))) };
  };

  it('are an excess of the members\' share over the controls\'', () => {
    const c = crossedCopies({ fold: Int32Array.from([0, 1, 0, 1]), scores: [Float64Array.from([1, 1, 0, 1]), Float64Array.from([1, 0, 0, 0])] });
    expect([c.memberShare, c.controlShare, c.estimate]).toEqual([0.75, 0.25, 0.5]);
  });

  it('never accuse more often than one time in two hundred where there is no leak, and see 2% in 300 rows', () => {
    const accused = (member: number, control: number, times: number) => Array.from({ length: times }, () => crossedCopies(flags(300, 5, member, control)).lower > 0).filter(Boolean).length;
    for (const rate of [0.002, 0.03, 0.3]) expect(accused(rate, rate, 400)).toBeLessThanOrEqual(6);
    expect(accused(0.025, 0, 100)).toBeGreaterThan(80);
    expect(accused(0.07, 0.02, 100)).toBeGreaterThan(80);
  });

  it('have an upper bound that covers, also where no copy was seen', () => {
    for (const [member, control] of [[0.01, 0.01], [0.03, 0.01], [0.2, 0.15], [0.004, 0]] as const)
      expect(Array.from({ length: 300 }, () => crossedCopies(flags(400, 5, member, control)).upper >= member - control).filter(Boolean).length).toBeGreaterThan(300 * 0.93);
    const none = crossedCopies(flags(1000, 5, 0, 0));
    expect(none.upper).toBeCloseTo(1.6449 ** 2 / 1000, 5);
    expect([none.lower, none.estimate]).toEqual([0, 0]);
  });
});

it('true positives at a false-positive rate are guesses without a leak', () => {
  const all = Array.from({ length: 100 }, () => crossedTpr(simulated(600, 5, 0), 0.01));
  expect(mean(all.map(a => a.tpr))).toBeCloseTo(0.01, 2);
  expect(all.filter(a => a.lower > 0).length).toBeLessThanOrEqual(2);
  expect(crossedTpr(simulated(600, 5, 2), 0.01).lower).toBeGreaterThan(0);
});

describe('a cross-fitted release of 400 rows', () => {
  const judged = async (leak: number) => {
    const { real, folds } = foldsOfPeople(400, 3, leak);
    const { figures } = await evaluate({ training: real, synthetic: folds[0].synthetic, folds, outcome: { column: 'buys', task: 'classification' }, seed: 1, device: 'cpu' });
    return new Map(figures.map(f => [f.metric, f]));
  };

  it('has every figure, over every row', async () => {
    const fresh = await judged(0);
    expect([...fresh.keys()]).toEqual(metricsOf().map(m => m.info.id));
    for (const id of ['privacy.near-copies', 'privacy.membership-auc']) expect([id, fresh.get(id)!.verdict]).toEqual([id, expect.stringMatching(/good|undecided/)]);
    expect(fresh.get('privacy.near-copies')!.samples).toMatchObject({ synthetic: 2000, control: 400, folds: 5 });
    expect(fresh.get('fidelity.two-sample')!.samples).toEqual({ synthetic: 400, control: 400 });
    expect(fresh.get('utility.tstr')!.samples.control).toBe(400);
    expect(fresh.get('fidelity.shapes')!.reference!.label).toBe('control against training');
    expect(fresh.get('fidelity.shapes')!.samples).toMatchObject({ synthetic: 400, training: 400 });
  });

  it('with 3% of its rows copied and changed in a cell is poor', async () => {
    const leaky = await judged(0.03);
    expect(leaky.get('privacy.near-copies')!.verdict).toBe('poor');
    expect(leaky.get('privacy.near-copies')!.detail!.excess as number).toBeGreaterThan(0.02);
  });
});

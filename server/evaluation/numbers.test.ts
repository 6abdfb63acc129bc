import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contingency, cramersV, totalVariation } from './fidelity/contingency';
import { jensenShannon, wasserstein } from './fidelity/column-distances';
import { shapeScores } from './fidelity/shape-scores';
import { fidelityVerdict } from './fidelity/verdict';
import { tableOf } from './fixture';
import { randomOf } from './population';
import { encode } from './privacy/encode';
import { leakVerdict } from './privacy/leak';
import { attackAuc, attackTpr } from './privacy/membership-core';
import { difference, explained, macroAuc, standardError } from './scores';
import { makeView, type NumberView } from './view';

const golden = JSON.parse(readFileSync('test/golden/evaluation/distances.json', 'utf8'));

describe('against SciPy and scikit-learn', () => {
  const view = makeView({
    training: tableOf({ x: { kind: 'real', cells: golden.a } }), synthetic: tableOf({ x: { kind: 'real', cells: golden.b } }),
  });
  it('Wasserstein distance', () => expect(wasserstein(view.columns[0] as NumberView, 'training', 'synthetic')).toBeCloseTo(golden.wasserstein, 12));
  it('Jensen-Shannon distance of numbers with missing cells', () => expect(jensenShannon(view.columns[0], 'training', 'synthetic')).toBeCloseTo(golden.jensenShannon, 12));
  it('Jensen-Shannon distance of categories', () => {
    const v = makeView({ training: tableOf({ x: { kind: 'category', cells: golden.u } }), synthetic: tableOf({ x: { kind: 'category', cells: golden.v } }) });
    expect(jensenShannon(v.columns[0], 'training', 'synthetic')).toBeCloseTo(golden.jensenShannonCategories, 12);
  });
  it('AUC of two and of three classes, with ties', () => {
    const y = Float64Array.from(golden.y), scores = Float64Array.from(golden.scores);
    expect(macroAuc(y, scores, 3).score).toBeCloseTo(golden.macroAuc, 12);
    expect(macroAuc(y.map(v => (v === 1 ? 1 : 0)), scores.filter((_, i) => i % 3 === 1), 2).score).toBeCloseTo(golden.binaryAuc, 12);
  });
  it('R2', () => expect(explained(Float64Array.from(golden.t), Float64Array.from(golden.predicted)).score).toBeCloseTo(golden.r2, 12));
});

describe('intervals', () => {
  // what the delta method says of one sample must be what many samples show
  const random = randomOf(11), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const spread = (x: number[]) => { const m = x.reduce((a, b) => a + b, 0) / x.length; return Math.sqrt(x.reduce((a, b) => a + (b - m) ** 2, 0) / (x.length - 1)); };

  it('of column shapes fit the spread over repeated samples', () => {
    const make = (n: number, shift: number) => tableOf({
      x: { kind: 'real', cells: Float64Array.from({ length: n }, () => normal() + shift) }, c: { kind: 'category', cells: Array.from({ length: n }, () => (random() < 0.3 + shift / 2 ? 'a' : random() < 0.5 ? 'b' : 'c')) },
    });
    const scores: number[] = [], errors: number[] = [];
    for (let r = 0; r < 120; r++) {
      const s = shapeScores(makeView({ training: make(300, 0), synthetic: make(200, 0.5) }), 'training', 'synthetic');
      scores.push(s.mean); errors.push(Math.sqrt(s.variance));
    }
    expect(errors.reduce((a, b) => a + b, 0) / errors.length / spread(scores)).toBeGreaterThan(0.8);
    expect(errors.reduce((a, b) => a + b, 0) / errors.length / spread(scores)).toBeLessThan(1.25);
  });

  it('of R2 differences fit the spread over repeated samples', () => {
    const found: number[] = [], errors: number[] = [];
    for (let r = 0; r < 300; r++) {
      const y = Float64Array.from({ length: 200 }, normal), a = y.map(v => v + 0.5 * normal()), b = a.map(v => v + 0.3 * normal());
      const d = difference(explained(y, a), explained(y, b));
      found.push(d.difference); errors.push(d.standardError);
    }
    expect(errors.reduce((a, b) => a + b, 0) / errors.length / spread(found)).toBeGreaterThan(0.85);
    expect(errors.reduce((a, b) => a + b, 0) / errors.length / spread(found)).toBeLessThan(1.15);
  });

  it('of an AUC are DeLong\'s', () => {
    const y = Float64Array.from({ length: 100 }, (_, i) => i % 2), s = y.map(v => v + 2 * normal());
    const { standardError: se } = { standardError: standardError(macroAuc(y, s, 2)) };
    expect(se).toBeGreaterThan(0.04); expect(se).toBeLessThan(0.07);
  });
});

describe('membership statistics under no leak', () => {
  it('accuse about one table in two hundred, and their upper bound holds in about nineteen of twenty', () => {
    const random = randomOf(5), n = 400, k = 200;
    let accused = 0, missed = 0, accusedAuc = 0, missedAuc = 0;
    const rounds = 200, member = Float64Array.from({ length: n + k }, (_, i) => (i < n ? 1 : 0)), twins = Int32Array.from(member.keys());
    for (let r = 0; r < rounds; r++) {
      const s = { member, score: member.map(() => random()), twins, groups: n + k, members: n, others: k }, tpr = attackTpr(s, 0.05), auc = attackAuc(s);
      if (tpr.lower > 0) accused++;
      if (tpr.upper < 0) missed++;
      if (auc.lower > 0.5) accusedAuc++;
      if (auc.upper < 0.5) missedAuc++;
    }
    expect(accused).toBeLessThan(7); expect(accusedAuc).toBeLessThan(7);      // 1 expected; 7 or more once in 10,000
    expect(missed).toBeLessThan(22); expect(missedAuc).toBeLessThan(22);      // 10 expected
    expect(missedAuc).toBeGreaterThan(1);
  });
});

describe('two-way tables', () => {
  it('are the same dense and sparse', () => {
    const random = randomOf(3), draw = (n: number, k: number) => Int32Array.from({ length: n }, () => Math.floor(k * random() ** 2));
    const a = draw(500, 6), b = draw(500, 5), c = draw(400, 6), d = draw(400, 5);
    // more levels than fit a dense table, with the same cells occupied
    const dense = [contingency(a, b, 6, 5), contingency(c, d, 6, 5)], sparse = [contingency(a, b, 3000, 3000), contingency(c, d, 3000, 3000)];
    expect(dense[0].dense).toBeDefined(); expect(sparse[0].dense).toBeUndefined();
    expect(cramersV(sparse[0])).toBeCloseTo(cramersV(dense[0]), 12);
    const x = totalVariation(dense[0], dense[1]), y = totalVariation(sparse[0], sparse[1]);
    expect(y.score).toBeCloseTo(x.score, 12);
    for (let i = 0; i < 20; i++) expect(y.signOf(a[i], b[i])).toBe(x.signOf(a[i], b[i]));
  });
});

describe('the encoding for distances', () => {
  const cells = (n: number, prefix: string) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
  it('treats training and control alike, however many rare categories each has', () => {
    const real = tableOf({ c: { kind: 'category', cells: cells(150, 'a') }, x: { kind: 'real', cells: [...Array(149).keys(), null] } });
    const other = tableOf({ c: { kind: 'category', cells: cells(150, 'b') }, x: { kind: 'real', cells: [...Array(150).keys()].map(v => v / 2) } });
    const synthetic = tableOf({ c: { kind: 'category', cells: cells(10, 's') }, x: { kind: 'real', cells: [null, ...Array(9).keys()] } });
    const one = encode(makeView({ training: real, synthetic, control: other })), two = encode(makeView({ training: other, synthetic, control: real }));
    expect(one.width).toBe(two.width);
    expect([...one.parts.training]).toEqual([...two.parts.control]);
    expect([...one.parts.synthetic]).toEqual([...two.parts.synthetic]);
  });
  it('puts different categories 1 apart, missing ones .87 to 1 from any number, and numbers by rank', () => {
    const t = tableOf({ c: { kind: 'category', cells: ['a', 'b', null, 'a', 'a'] }, x: { kind: 'real', cells: [1, 1, 1, 1e9, null] } });
    const e = encode(makeView({ training: t, synthetic: t, control: t })), row = (i: number) => e.parts.training.subarray(i * e.width, (i + 1) * e.width);
    const distance = (i: number, j: number) => Math.hypot(...row(i).map((v, k) => v - row(j)[k]));
    expect(distance(0, 1)).toBeCloseTo(1, 6);
    expect(distance(0, 2)).toBeCloseTo(1, 6);
    expect(distance(0, 3)).toBeCloseTo(0.5, 6);              // mid-ranks 3/8 and 7/8
    expect(distance(0, 4)).toBeGreaterThan(0.86); expect(distance(0, 4)).toBeLessThan(1.001);
  });
});

describe('verdicts', () => {
  const t = { good: 0.005, fair: 0.01 };
  it('on leaks: good needs a bound and power, an accusation needs evidence', () => {
    expect(leakVerdict({ estimate: 0.001, upper: 0.003, lower: -0.002, detectable: 0.005 }, t)).toBe('good');
    expect(leakVerdict({ estimate: -0.03, upper: 0.001, lower: -0.06, detectable: 0.05 }, t)).toBe('undecided');
    expect(leakVerdict({ estimate: 0.004, upper: 0.02, lower: -0.01, detectable: 0.03 }, t)).toBe('undecided');
    expect(leakVerdict({ estimate: 0.02, upper: 0.025, lower: 0.015, detectable: 0.006 }, t)).toBe('poor');
    expect(leakVerdict({ estimate: 0.007, upper: 0.01, lower: 0.003, detectable: 0.006 }, t)).toBe('fair');
    expect(leakVerdict({ estimate: 0.6, upper: 0.62, lower: 0.57, detectable: 0.03 }, { good: 0.52, fair: 0.55 }, 0.5)).toBe('poor');
  });
  it('on fidelity: undecided where the interval reaches from good to poor', () => {
    const band = { good: 0.55, fair: 0.7 };
    expect(fidelityVerdict(0.54, band)).toBe('good');
    expect(fidelityVerdict(0.6, band)).toBe('fair');
    expect(fidelityVerdict(0.9, band)).toBe('poor');
    expect(fidelityVerdict(0.6, band, { low: 0.45, high: 0.75, level: 0.95, method: '' })).toBe('undecided');
    expect(fidelityVerdict(0.98, { good: 0.97, fair: 0.9 })).toBe('good');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../protocol';
import { tableOf } from '../fixture';
import { quantile } from '../statistics';
import { makeView, type CodeView, type NumberView } from '../view';
import { correlationRatio, kendall, mutualInformation, normalizedInformation, ordered, pearson, spearman } from './association';
import { categoryCoverage } from './category-coverage';
import { kernelTest, squaredDistances } from './kernel';
import { pmseOf } from './pmse';
import { boundaryAdherence, rangeCoverage } from './range-coverage';
import { sampleLevel, type SampleLevel } from './sample-level';
import { travelled } from './sliced-wasserstein';

const golden = JSON.parse(readFileSync('test/golden/evaluation/fidelity.json', 'utf8'));
type Cells = Record<string, Array<number | string | null>>;
const table = (cells: Cells) => tableOf(Object.fromEntries(Object.entries(cells).map(([name, c]) => [name, { kind: (name === 'c' ? 'category' : 'real') as Kind, cells: c }])));
const view = makeView({ training: table(golden.real), synthetic: table(golden.made) }), of = (name: string) => view.columns.find(c => c.name === name)!;
const numbers = (name: string, part: 'training' | 'synthetic') => (of(name) as NumberView).values(part);
const pairs = Object.keys(golden.Pearson).map(k => k.split(' x ') as [string, string]);

describe('against SDMetrics', () => {
  it('range coverage and boundary adherence', () => {
    for (const name of ['x', 'y', 'k', 'm']) {
      expect(rangeCoverage(of(name) as NumberView, 'training', 'synthetic'), name).toBeCloseTo(golden.range[name], 12);
      expect(boundaryAdherence(of(name) as NumberView, 'training', 'synthetic'), name).toBeCloseTo(golden.boundary[name], 12);
    }
  });
  it('category coverage', () => expect(categoryCoverage(of('c') as CodeView, 'training', 'synthetic')).toBeCloseTo(golden.category, 12));
  it('missing-value similarity', () => {
    const rate = (part: 'training' | 'synthetic') => numbers('m', part).filter(v => v !== v).length / numbers('m', part).length;
    expect(1 - Math.abs(rate('training') - rate('synthetic'))).toBeCloseTo(golden.missing, 12);
  });
  it.each(pairs)('correlation similarity of %s and %s', (a, b) => {
    const r = (part: 'training' | 'synthetic') => [pearson(numbers(a, part), numbers(b, part), undefined), spearman(ordered(numbers(a, part)), ordered(numbers(b, part)), undefined)];
    const [real, made] = [r('training'), r('synthetic')];
    expect(1 - Math.abs(real[0] - made[0]) / 2).toBeCloseTo(golden.Pearson[`${a} x ${b}`], 10);
    expect(1 - Math.abs(real[1] - made[1]) / 2).toBeCloseTo(golden.Spearman[`${a} x ${b}`], 10);
  });
});

describe('against SciPy and scikit-learn', () => {
  it.each(pairs)('Kendall\'s tau-b of %s and %s', (a, b) => (['training', 'synthetic'] as const).forEach((part, i) => expect(kendall(ordered(numbers(a, part)), ordered(numbers(b, part)), undefined)).toBeCloseTo(golden.kendall[`${a} x ${b}`][i], 12)));
  const c = { codes: (of('c') as CodeView).values('training'), levels: (of('c') as CodeView).categories.length }, k = ordered(numbers('k', 'training'));
  it('mutual information', () => {
    expect(mutualInformation(c, k, undefined).information).toBeCloseTo(golden.mutual[0], 12);
    expect(normalizedInformation(c, k, undefined)).toBeCloseTo(golden.mutual[1], 12);
  });
  it('the correlation ratio, from the F statistic of an analysis of variance', () => expect(correlationRatio(c, numbers('x', 'training'), undefined)).toBeCloseTo(golden.eta, 10));
  it('quantiles', () => [0.01, 0.5, 0.99].forEach((q, i) => expect(quantile((of('x') as NumberView).sorted('training'), q)).toBeCloseTo(golden.quantiles[i], 12)));

  const R = Float32Array.from(golden.R), S = Float32Array.from(golden.S), n = R.length / 4, context = { seed: 1, progress: async () => undefined };
  const pooled = (width: number) => { const values = new Float32Array(2 * n * width); for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) { values[i * width + j] = R[i * 4 + j]; values[(n + i) * width + j] = S[i * 4 + j]; } return { values, width, n, m: n }; };
  it('squared maximum mean discrepancy, unbiased and biased', async () => {
    const t = await kernelTest(squaredDistances(pooled(4)).map(d => Math.exp(-d / (2 * 1.5 ** 2))), n, n, 1, context, 'golden', 99);
    expect(t.unbiased).toBeCloseTo(golden.mmd[0], 12);
    expect(t.biased).toBeCloseTo(golden.mmd[1], 12);
  });
  it('energy distance and Wasserstein distance on a line', async () => {
    const t = await kernelTest(squaredDistances(pooled(1)).map(d => -Math.sqrt(d)), n, n, 0, context, 'golden', 9);
    expect(Math.sqrt(t.biased)).toBeCloseTo(golden.energy1d, 10);
    const x = Float64Array.from(pooled(1).values), order = Int32Array.from(x.keys()).sort((a, b) => x[a] - x[b]);
    expect(travelled({ order, at: Float64Array.from(order, i => x[i]) }, Int8Array.from(x, (_, i) => (i < n ? 1 : -1)))).toBeCloseTo(golden.wasserstein1d, 10);
  });
  it('the propensity score ratio of given predictions', () => {
    const t = pmseOf(Float64Array.from(golden.pmse.p), n, 5);
    expect(t.pmse).toBeCloseTo(golden.pmse.pmse, 12);
    expect(t.ratioSnoke).toBeCloseTo(golden.pmse.ratioSnoke, 10);
  });
  it('sample level', () => {
    const found = sampleLevel({ real: R, made: S, width: 4 });
    for (const key of Object.keys(golden.level) as Array<keyof SampleLevel>) expect(found[key], key).toBeCloseTo(golden.level[key], 10);
  });
});

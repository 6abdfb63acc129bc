import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { tableOf } from '../fixture';
import { metrics } from '../registry';
import { kernelTest, squaredDistances } from './kernel';
import { sampleLevel, type SampleLevel } from './sample-level';

/** Whole figures, from tables to value, against others' programs: test/golden/evaluation/whole_golden.py. */
const read = (name: string) => JSON.parse(readFileSync(`test/golden/evaluation/${name}.json`, 'utf8'));
const golden = read('whole'), points = read('fidelity'), R = Float32Array.from(points.R), S = Float32Array.from(points.S), n = R.length / 4;
const table = (t: Record<string, Array<number | string>>) => tableOf(Object.fromEntries(Object.entries(t).map(([name, cells]) => [name, { kind: name === 'c' || name === 'd' ? 'category' as const : name === 'k' ? 'integer' as const : 'real' as const, cells }])));

describe('figures from tables', () => {
  const exact = ['tail-width', 'rare-mass', 'extreme-coverage', 'three-way', 'pearson', 'spearman', 'kendall'], ids = [...exact, 'logistic-detection'].map(m => `fidelity.${m}`);
  const judged = evaluate({ training: table(golden.real), synthetic: table(golden.made), seed: 4, device: 'cpu', metrics: metrics.filter(m => ids.includes(m.info.id) || m.info.id === 'privacy.exact-copies') });
  const value = async (id: string) => (await judged).figures.find(f => f.metric === id)!.value;
  it.each(exact)('%s to 1e-9', async (name) => expect(Math.abs((await value(`fidelity.${name}`))! - golden[name])).toBeLessThan(1e-9));
  it('exact copies are what SDMetrics says is not new', async () => expect(await value('privacy.exact-copies')).toBeCloseTo(1 - golden['new-rows'], 12));
  it('logistic detection lies where SDMetrics\' shuffles do', async () => {
    const mean = golden.logistic.reduce((s: number, x: number) => s + x, 0) / golden.logistic.length, sd = Math.sqrt(golden.logistic.reduce((s: number, x: number) => s + (x - mean) ** 2, 0) / (golden.logistic.length - 1));
    expect(Math.abs((await value('fidelity.logistic-detection'))! - mean)).toBeLessThan(4 * sd);
  });
});

describe('points', () => {
  it('precision, recall, density and coverage by prdc; alpha-precision and beta-recall by synthcity', () => {
    const found = sampleLevel({ real: R, made: S, width: 4 });
    for (const key of Object.keys(golden.level) as Array<keyof SampleLevel>) expect(found[key], key).toBeCloseTo(golden.level[key], 10);
  });
  it('energy distance of several columns, from all pairs by SciPy', async () => {
    const values = new Float32Array(8 * n);
    values.set(R); values.set(S, 4 * n);
    const t = await kernelTest(squaredDistances({ values, width: 4, n, m: n }).map(d => -Math.sqrt(d)), n, n, 0, { seed: 1, progress: async () => undefined }, 'golden', 9);
    expect(t.unbiased).toBeCloseTo(golden.energy.unbiased, 10);
    expect(t.biased).toBeCloseTo(golden.energy.biased, 10);
  });
});

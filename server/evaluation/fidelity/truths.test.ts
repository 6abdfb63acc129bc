import { describe, expect, it } from 'vitest';
import type { Figure } from '../../protocol';
import { evaluate } from '../evaluate';
import { tableOf } from '../fixture';
import { randomOf } from '../population';
import { metrics } from '../registry';

/** What any metric of fidelity must say of tables whose truth is known. */
const n = 700;
function rows(seed: number, count = n) {
  const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, () => {
    const z = normal(), c = z > 0.6 ? 'high' : z > -0.4 ? 'mid' : random() < 0.05 ? 'rare' : 'low';
    return { x: z + 0.3 * normal(), y: Math.exp(0.5 * z + 0.3 * normal()), k: Math.round(3 + 2 * z + normal()), c, d: random() < 1 / (1 + Math.exp(-2 * z)) ? 'yes' : 'no' };
  });
}
type Row = ReturnType<typeof rows>[number];
const table = (r: Row[]) => tableOf({
  x: { kind: 'real', cells: r.map(v => v.x) }, y: { kind: 'real', cells: r.map(v => v.y) }, k: { kind: 'integer', cells: r.map(v => v.k) }, c: { kind: 'category', cells: r.map(v => v.c) }, d: { kind: 'category', cells: r.map(v => v.d) },
});
function shuffled(from: Row[], seed: number): Row[] {
  const random = randomOf(seed), out = from.map(r => ({ ...r }));
  for (const key of ['x', 'y', 'k', 'c', 'd'] as const) {
    const values = from.map(r => r[key]);
    for (let i = values.length - 1; i > 0; i--) { const j = Math.floor(random() * (i + 1)); [values[i], values[j]] = [values[j], values[i]]; }
    out.forEach((r, i) => { (r as Record<string, unknown>)[key] = values[i]; });
  }
  return out;
}
function noise(from: Row[], seed: number): Row[] {
  const random = randomOf(seed);
  return from.map(() => ({ x: 6 * random() - 3, y: 8 * random(), k: Math.floor(12 * random()) - 3, c: ['high', 'mid', 'low', 'rare'][Math.floor(4 * random())], d: random() < 0.5 ? 'yes' : 'no' }));
}

const marginal = ['shapes', 'wasserstein', 'jensen-shannon', 'missing-rates', 'category-coverage', 'tail-width', 'rare-mass', 'extreme-coverage'].map(m => `fidelity.${m}`);
const joint = ['pearson', 'spearman', 'kendall', 'mutual-information', 'correlation-ratio', 'three-way', 'pair-trends-all', 'mmd', 'energy', 'sliced-wasserstein'].map(m => `fidelity.${m}`);
const sample = ['alpha-precision', 'beta-recall', 'precision', 'recall', 'density', 'coverage'].map(m => `fidelity.${m}`);
async function judged(synthetic: Row[], ids: string[], training = rows(3)): Promise<Map<string, Figure>> {
  const { figures } = await evaluate({ training: table(training), synthetic: table(synthetic), seed: 5, device: 'cpu', metrics: metrics.filter(m => ids.includes(m.info.id)) });
  return new Map(figures.map(f => [f.metric, f]));
}
const verdicts = (f: Map<string, Figure>, ids: string[]) => Object.fromEntries(ids.map(id => [id.slice(9), f.get(id)!.verdict]).filter(([, v]) => v !== 'not-assessable'));

describe('known truths', () => {
  it('a copy of the training table is perfect', async () => {
    const copy = rows(3), f = await judged(copy, [...marginal, ...joint.slice(0, 7)]);
    for (const [id, x] of f) if (x.value !== null) expect(x.value, id).toBeCloseTo(/wasserstein|jensen/.test(id) ? 0 : 1, 9);
  });
  it('a fresh sample of the population passes everything', async () => {
    const all = [...marginal, ...joint, ...sample], f = await judged(rows(48611), all);
    // each test at 5%: of two dozen, four accusations happen by chance once in fifty times, and none may be of poverty
    const found = Object.values(verdicts(f, all));
    expect(found).not.toContain('poor');
    expect(found.filter(v => v === 'fair').length).toBeLessThan(4);
  });
  it('an independent shuffle keeps marginals and fails joints', async () => {
    const f = await judged(shuffled(rows(3), 7), [...marginal, ...joint]), joints = verdicts(f, joint);
    expect([...new Set(Object.values(verdicts(f, marginal)))]).toEqual(['good']);
    expect(Object.keys(joints).filter(k => joints[k] === 'good')).toEqual([]);
  });
  it('noise fails marginals, joints and rows', async () => {
    const own = ['shapes', 'wasserstein', 'jensen-shannon', 'tail-width'].map(m => `fidelity.${m}`), all = [...own, ...joint, 'fidelity.alpha-precision', 'fidelity.beta-recall', 'fidelity.density'], found = verdicts(await judged(noise(rows(3), 9), all), all);
    expect(Object.keys(found).filter(k => found[k] === 'good' || found[k] === 'undecided')).toEqual([]);
  });
});

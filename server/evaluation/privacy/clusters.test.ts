import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { tableOf } from '../fixture';
import { randomOf } from '../population';
import { metrics } from '../registry';
import { designEffect, effective, firstOf, halfOf } from './clusters';
import { meanExcess, rateExcess } from './excess';

const n = 20, each = 10, who = Int32Array.from({ length: n * each }, (_, i) => Math.floor(i / each)), others = who.map(w => w + n), alone = Int32Array.from(who.keys());

describe('rows that come in clusters', () => {
  it('count as clusters where the rows of one say the same, as rows where they say nothing of each other', () => {
    const same = Float64Array.from(who, w => w % 2), random = randomOf(1), independent = Float64Array.from(who, () => Number(random() < 0.5));
    // ten rows in one: the variance grows tenfold, and by k / (k - 1)
    expect(designEffect({ values: same, clusters: who })).toBeCloseTo(each * (n / (n - 1)), 10);
    expect(designEffect({ values: same, clusters: alone })).toBeCloseTo(alone.length / (alone.length - 1), 10);
    expect(designEffect({ values: independent, clusters: who })).toBeLessThan(2);
    expect(effective(same, who).rows).toBeCloseTo(n - 1, 10);
  });
  it('where no row differs from another, or all are one cluster\'s, nothing is known, and clusters count', () => {
    expect(designEffect({ values: new Uint8Array(n * each), clusters: who })).toBe(each);
    expect(designEffect({ values: Uint8Array.from(who, w => w % 2), clusters: new Int32Array(n * each) })).toBe(n * each);
  });
  it('widen the bounds of differences of shares and means, and leave the differences', () => {
    const a = Uint8Array.from(who, w => Number(w < 8)), b = Uint8Array.from(who, w => Number(w < 4)), clusters = { training: who, control: others };
    for (const [rows, grouped] of [[rateExcess(a, b), rateExcess(a, b, clusters)], [meanExcess(a, b), meanExcess(a, b, clusters)]]) {
      expect(grouped.estimate).toBeCloseTo(rows.estimate, 12);
      expect(rows.lower).toBeGreaterThan(0);
      expect(grouped.lower).toBeLessThan(0);
      expect(grouped.detectable).toBeGreaterThan(3 * rows.detectable);
    }
  });
  it('are halved whole', () => {
    const half = halfOf(n * each, 3, 'test', who);
    expect(half.length).toBe((n * each) / 2);
    expect(new Set(half.map(r => who[r])).size).toBe(n / 2);
    // never all of them, and never none
    expect([...firstOf(Int32Array.of(1, 0), Int32Array.of(0, 1, 1, 1, 1), 2)]).toEqual([1]);
    expect([...firstOf(Int32Array.of(0, 1), Int32Array.of(0, 1, 1, 1, 1), 2)]).toEqual([0]);
  });
});

/** People with twenty rows each, which resemble each other. */
function panel(seed: number, of = 30, rows = 20) {
  const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const all = Array.from({ length: of }, (_, p) => {
    const age = Math.round(20 + 60 * random()), income = Math.round(2000 * Math.exp(0.4 * normal())), job = 'abcdef'[Math.floor(6 * random())], weight = 60 + 15 * normal();
    return Array.from({ length: rows }, (_, t) => ({ who: `p${p}`, t, age, income: Math.round(income * (1 + 0.02 * normal())), job, weight: Math.round(10 * (weight + normal())) / 10, ill: random() < 0.2 ? 'yes' : 'no' }));
  }).flat(), cells = (k: keyof (typeof all)[0]) => all.map(r => r[k]);
  return {
    table: tableOf({ age: { kind: 'integer', cells: cells('age') }, income: { kind: 'integer', cells: cells('income') }, job: { kind: 'category', cells: cells('job') }, weight: { kind: 'real', cells: cells('weight') }, ill: { kind: 'category', cells: cells('ill') } }),
    keys: tableOf({ t: { kind: 'integer', cells: cells('t') }, who: { kind: 'category', cells: cells('who') } }),
  };
}

it('other people\'s rows are no leak: before people were counted, DOMIAS accused 19 of 20 such tables, and guesses about people 7', async () => {
  const asked = metrics.filter(m => /^privacy\.(domias|inference|attribute-inference|linkability|near-copies|singling-out-univariate)$/.test(m.info.id)), accused: string[] = [];
  for (let k = 0; k < 4; k++) {
    const [a, b, s] = [1, 2, 3].map(part => panel(1000 * k + part));
    const { figures } = await evaluate({ training: a.table, control: b.table, synthetic: s.table, entity: 'who', order: 't', keys: { training: a.keys, control: b.keys, synthetic: s.keys }, seed: k, device: 'cpu', metrics: asked, lane: null });
    for (const f of figures) if (f.verdict === 'fair' || f.verdict === 'poor') accused.push(`${k} ${f.metric}`);
  }
  expect(accused).toEqual([]);
  // and a table of the same people's rows is one
  const [a, b] = [panel(1), panel(2)], { figures } = await evaluate({ training: a.table, control: b.table, synthetic: a.table, entity: 'who', order: 't', keys: { training: a.keys, control: b.keys, synthetic: a.keys }, seed: 1, device: 'cpu', metrics: asked, lane: null });
  expect(figures.filter(f => f.verdict === 'poor').map(f => f.metric)).toEqual(expect.arrayContaining(['privacy.domias', 'privacy.near-copies', 'privacy.linkability', 'privacy.inference']));
}, 120_000);

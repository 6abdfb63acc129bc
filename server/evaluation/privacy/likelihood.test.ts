import { describe, expect, it } from 'vitest';
import type { Figure } from '../../protocol';
import { Stream } from '../../random';
import { evaluate } from '../evaluate';
import { foldsOfPeople, people, tableOfPeople } from '../population';
import type { FoldTables } from '../options';
import { metrics, metricsOf } from '../registry';

const entry = metrics.filter(m => m.info.id === 'privacy.likelihood'), iota = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
/** What a model says of rows that are about equally likely to everybody, and `more` likelier to have learnt. */
const says = (n: number, seed: number, more: number) => ({ rows: iota(n), nats: Float64Array.from({ length: n }, (_, i) => -8 + 2 * new Stream(seed, `row ${i}`).uniform() + more) });

describe('one model', () => {
  const [real, others, made] = [1, 2, 3].map(s => tableOfPeople(people(1500, s)));
  const judge = async (more: number): Promise<Figure> => (await evaluate({ training: real, control: others, synthetic: made, seed: 1, device: 'cpu', metrics: entry, likelihood: { training: says(1500, 5, more), control: says(1500, 6, 0) } })).figures[0];
  it('betrays nobody when all rows are as likely', async () => {
    const f = await judge(0);
    expect(Math.abs(f.value! - 0.5)).toBeLessThan(0.05);
    expect(f.verdict).toMatch(/good|undecided/);
    expect(Math.abs(Number(f.detail!.excessNats))).toBeLessThan(0.1);
  });
  it('is caught when it finds what it has learnt likelier, with the nats it does so by', async () => {
    const f = await judge(0.5);
    // uniform over 2 against the same moved by .5: 1 - (1.5 / 2)^2 / 2
    expect(f.value).toBeCloseTo(1 - 0.75 ** 2 / 2, 1);
    expect(f.verdict).toBe('poor');
    expect(Number(f.detail!.excessNats)).toBeCloseTo(0.5, 0);
  });
  it('cannot be asked without its run, and says so', async () => {
    const { figures: [f] } = await evaluate({ training: real, control: others, synthetic: made, seed: 1, device: 'cpu', metrics: entry });
    expect(f).toMatchObject({ value: null, verdict: 'not-assessable', note: expect.stringMatching(/model itself/) });
  });
  it('is in the standard report where the model is at hand, and only there', () => {
    expect(metricsOf('standard').some(m => m.info.id === 'privacy.likelihood')).toBe(false);
    expect(metricsOf('standard', true).some(m => m.info.id === 'privacy.likelihood')).toBe(true);
    expect(metricsOf('full').filter(m => m.info.id === 'privacy.likelihood')).toHaveLength(1);
  });
});

describe('a cross-fitted release', () => {
  const judge = async (more: number): Promise<Figure> => {
    const { real, folds } = foldsOfPeople(400, 4);
    // every row is as likely as it is, by up to twenty nats, to all models; `more` to those that learnt it
    const own = Float64Array.from(iota(400), i => -20 * new Stream(9, `row ${i}`).uniform()), of = (rows: Int32Array, k: number, plus: number) => ({ rows: iota(rows.length), nats: Float64Array.from(rows, r => own[r] + plus + 0.5 * new Stream(10 + k, `row ${r}`).uniform()) });
    const asked = folds.map((f, k): FoldTables => ({ ...f, likelihood: { training: of(f.rows.training, k, more), control: of(f.rows.control, k, 0) } }));
    return (await evaluate({ training: real, synthetic: asked[0].synthetic, folds: asked, seed: 1, device: 'cpu', metrics: entry })).figures[0];
  };
  it('betrays nobody when no model knows more of what it learnt', async () => {
    const f = await judge(0);
    expect(f.interval!.low).toBeLessThan(0.5);
    expect(f.interval!.high).toBeGreaterThan(0.5);
    expect(f.verdict).toMatch(/good|undecided/);
  });
  it('is caught by a little that rows alone would drown, since each row is compared with itself', async () => {
    const f = await judge(0.4);
    expect(f.value).toBeGreaterThan(0.9);
    expect(f.verdict).toBe('poor');
    expect(Number(f.detail!.excessNats)).toBeCloseTo(0.4, 1);
  });
});

import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { tableOf } from '../fixture';
import { randomOf } from '../population';
import { metrics } from '../registry';
import { doublesOf } from './two-sample-core';

const one = metrics.filter(m => m.info.id === 'fidelity.two-sample');
function table(seed: number, n: number, jitter = 0) {
  const random = randomOf(seed), other = randomOf(seed + 1000), rows = Array.from({ length: n }, () => { const x = random(); return { x: x + jitter * (other() - 0.5), y: x * random(), c: 'abcd'[Math.floor(4 * random() * x)] }; });
  return tableOf({ x: { kind: 'real', cells: rows.map(r => r.x) }, y: { kind: 'real', cells: rows.map(r => r.y) }, c: { kind: 'category', cells: rows.map(r => r.c) } });
}
const judge = async (training: ReturnType<typeof table>, synthetic: ReturnType<typeof table>) => (await evaluate({ training, synthetic, seed: 3, device: 'cpu', metrics: one })).figures[0];

describe('a table and its doubles, judged without a control', () => {
  it('a copy cannot be told from what it copies', async () => {
    const f = await judge(table(1, 400), table(1, 400));
    // doubles have one score: half of them win
    expect(f.value).toBeCloseTo(0.5, 9);
    expect(f.verdict).toBe('good');
  });
  it('a table that nearly repeats the other\'s rows misleads the classifier, which is no difference of distributions', async () => {
    const f = await judge(table(1, 400), table(1, 400, 1e-5));
    expect(f.value).toBeLessThan(0.35);
    expect(f.verdict).toBe('undecided');
    expect(f.note).toContain('nearly repeat');
  });
  it('what differs is told apart as ever', async () => {
    const made = tableOf({ x: { kind: 'real', cells: Array.from(table(5, 400).column('x').numbers(), v => v + 0.4) }, y: { kind: 'real', cells: [...table(5, 400).column('y').numbers()] }, c: { kind: 'category', cells: Array.from({ length: 400 }, (_, i) => 'abcd'[i % 4]) } });
    expect((await judge(table(1, 400), made)).verdict).toBe('poor');
  });
});

it('finds doubles: equal rows with missing cells too, but not what many rows share', () => {
  const x = { rows: 17, features: [{ name: 'x', kind: 'number' as const, categories: 0, values: Float64Array.of(1, 2, 1, Number.NaN, Number.NaN, ...Array.from({ length: 12 }, () => 7)) }, { name: 'y', kind: 'category' as const, categories: 2, values: Float64Array.of(0, 0, 0, 1, 1, ...Array.from({ length: 12 }, () => 0)) }] };
  const g = doublesOf(x);
  expect(g[0]).toBe(g[2]);
  expect(g[3]).toBe(g[4]);
  expect(new Set(g).size).toBe(3 + 12);
});

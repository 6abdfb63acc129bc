import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sinkhorn, spreads, squaredDistances } from './sinkhorn';

interface Case { x: number[]; y: number[]; width: number; a: number[]; b: number[]; epsilon: number; plan: number[]; cost: number; exact: number }
const cases = JSON.parse(readFileSync(join(__dirname, '../../../test/golden/transport/transport.json'), 'utf8')) as Case[];

describe('entropic transport', () => {
  test.each(cases)('agrees with POT at epsilon $epsilon', async (c) => {
    const cost = squaredDistances(Float64Array.from(c.x), Float64Array.from(c.y), c.width), made = await sinkhorn(cost, c.a, c.b, { epsilon: c.epsilon, tolerance: 1e-12, iterations: 200_000 });
    const worst = made.plan.reduce((w, p, i) => Math.max(w, Math.abs(p - c.plan[i]!)), 0);
    expect(worst).toBeLessThan(1e-7);
    expect(made.cost).toBeCloseTo(c.cost, 7);
    expect(made.cost).toBeGreaterThan(c.exact - 1e-9);
  });
  test('marginals hold where plain scalings would underflow', async () => {
    const x = Float64Array.from({ length: 40 }, (_, i) => i), cost = squaredDistances(x, x.map((v) => 3 * v + 50), 1), a = new Float64Array(40).fill(1 / 40);
    expect(Math.exp(-Math.max(...cost) / 4)).toBe(0);
    const { plan } = await sinkhorn(cost, a, a, { epsilon: 4, tolerance: 1e-7, iterations: 1500 });
    for (let i = 0; i < 40; i++) { let row = 0; for (let j = 0; j < 40; j++) row += plan[i * 40 + j]!; expect(row).toBeCloseTo(1 / 40, 3); }
    // In one dimension the plan goes by rank.
    expect(plan[0]!).toBeGreaterThan(0.015);
    expect(Math.max(...spreads(plan, 40))).toBeLessThan(4);
  });
});

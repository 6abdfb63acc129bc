import { expect, test } from 'vitest';
import { concat, constant, mul, neg, openDevice, slice } from '../../engine';
import { evaluationsPerStep, evenTimes, integrate, integrateAdaptive, odeStep, tableaus, type OdeMethod } from './ode';

const methods = Object.keys(tableaus) as OdeMethod[];
/** dx/dt = x cos t, solution x0 exp(sin t): neither linear in t nor autonomous. */
const swing = async (x: Float32Array, t: number): Promise<Float32Array> => x.map((v) => v * Math.cos(t));

test('every tableau is consistent: row sums are its nodes, weights sum to one, errors to zero', () => {
  for (const m of methods) {
    const { a, b, c, error } = tableaus[m], sum = (v: readonly number[]): number => v.reduce((p, q) => p + q, 0);
    expect(sum(b), m).toBeCloseTo(1, 14);
    a.forEach((row, i) => expect(sum(row), `${m} row ${i}`).toBeCloseTo(c[i], 13));
    if (error) expect(sum(error)).toBeCloseTo(0, 14);
    // Second-order condition where the method claims it: sum b c = 1/2.
    if (tableaus[m].order > 1) expect(b.reduce((p, w, i) => p + w * c[i], 0)).toBeCloseTo(0.5, 13);
  }
});

test('halving the step divides the error by 2 to the order', async () => {
  // Float32 states floor the error near 1e-7, so each method is tried where it is well above.
  const at: Record<OdeMethod, number> = { euler: 64, heun: 16, rk4: 4, dopri5: 2 };
  for (const m of methods) {
    const error = async (steps: number): Promise<number> => Math.abs((await integrate(swing, Float32Array.of(1), evenTimes(0, 3, steps), m))[0] - Math.exp(Math.sin(3)));
    const ratio = Math.log2(await error(at[m]) / await error(2 * at[m]));
    expect(ratio, m).toBeGreaterThan(tableaus[m].order - 0.6);
  }
});

test('backwards undoes forwards', async () => {
  const there = await integrate(swing, Float32Array.of(0.3, -2), evenTimes(0, 2, 40), 'rk4');
  const back = await integrate(swing, there, evenTimes(2, 0, 40), 'rk4');
  expect(back[0]).toBeCloseTo(0.3, 5);
  expect(back[1]).toBeCloseTo(-2, 5);
});

test('the adaptive method meets its tolerance, with fewer evaluations where the field is tame', async () => {
  const tight = await integrateAdaptive(swing, Float32Array.of(1), 0, 3, { atol: 1e-6, rtol: 1e-6 }), loose = await integrateAdaptive(swing, Float32Array.of(1), 0, 3, { atol: 1e-3, rtol: 1e-3 });
  expect(tight.x[0]).toBeCloseTo(Math.exp(Math.sin(3)), 5);
  expect(loose.evaluations).toBeLessThan(tight.evaluations);
  expect((await integrateAdaptive(swing, tight.x, 3, 0)).x[0]).toBeCloseTo(1, 4);
});

test('a step in a program is the step on the host', async () => {
  const device = await openDevice('cpu', { threads: 1 });
  // A rotation: dx/dt = (-y, x) t.
  for (const m of methods) {
    const program = await device.compile({
      inputs: { x: { shape: [2, 2], dtype: 'float32' }, t: { shape: [], dtype: 'float32' }, dt: { shape: [], dtype: 'float32' } },
      outputs: (i) => ({ x: odeStep(m, (x, t) => mul(concat([neg(slice(x, [1], [2], [1])), slice(x, [0], [1], [1])], 1), t), i.x, i.t, mul(i.dt, constant(1))) }),
    });
    const field = async (x: Float32Array, t: number): Promise<Float32Array> => Float32Array.of(-x[1] * t, x[0] * t, -x[3] * t, x[2] * t);
    const start = Float32Array.of(1, 0, 0.5, -2), want = await integrate(field, start, [0.3, 0.8], m);
    const got = (await program.run({ x: start, t: Float32Array.of(0.3), dt: Float32Array.of(0.5) })).x;
    want.forEach((v, i) => expect(got[i]).toBeCloseTo(v, 5));
    await program.release();
  }
  expect(methods.map(evaluationsPerStep)).toEqual([1, 2, 4, 6]);
});

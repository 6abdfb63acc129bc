import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { add, grad, KeyStream, openDevice, sum, type Expr } from '../../engine';
import { affineMap, splineMap, type Monotone } from './spline';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/flow/spline.json', import.meta.url), 'utf8')) as { bins: number; bound: number; x: number[]; p: number[]; y: number[]; logDerivative: number[]; gradient: number[] };

async function evaluate(map: Monotone, x: Float32Array, p: Float32Array) {
  const program = await (await openDevice('cpu', { threads: 1 })).compile({
    inputs: { x: { shape: [x.length], dtype: 'float32' }, p: { shape: [x.length, map.width], dtype: 'float32' } },
    outputs(i: Record<string, Expr>) {
      const { y, logDerivative } = map.forward(i.x!, i.p!);
      return { y, logDerivative, back: map.inverse(y, i.p!), gradient: grad(sum(add(y, logDerivative)), [i.p!])[0]!, slope: grad(sum(y), [i.x!])[0]! };
    },
  });
  const out = await program.run({ x, p });
  await program.release();
  return out;
}

test('spline: values, log-derivatives and gradients are those of the paper\'s equations in float64', async () => {
  const got = await evaluate(splineMap(golden.bins, golden.bound), Float32Array.from(golden.x), Float32Array.from(golden.p));
  for (const name of ['y', 'logDerivative', 'gradient'] as const)
    golden[name].forEach((want, i) => expect(Math.abs(got[name][i]! - want), `${name}[${i}]: ${got[name][i]} for ${want}`).toBeLessThan(2e-5 * Math.max(1, Math.abs(want))));
});

describe.each([['spline', splineMap(8, 4)], ['one bin', splineMap(1, 4)], ['two bins', splineMap(2, 4)], ['affine', affineMap]])('%s', (_, map) => {
  const n = 2000, stream = new KeyStream(5, 'maps');
  const x = Float32Array.from(stream.normals(0, n), (v) => 1.7 * v), p = Float32Array.from(stream.child('p').normals(0, n * map.width));
  test('the inverse undoes it, and the log-derivative is the derivative\'s', async () => {
    const got = await evaluate(map, x, p);
    for (let i = 0; i < n; i++) {
      // What a float32 y can tell of x: a rounding step over the slope.
      expect(Math.abs(got.back[i]! - x[i]!)).toBeLessThan(2e-5 + 2e-6 / got.slope[i]!);
      expect(Math.abs(Math.log(got.slope[i]!) - got.logDerivative[i]!)).toBeLessThan(2e-4);
    }
  });
  test('zero parameters are the identity', async () => {
    const got = await evaluate(map, x, new Float32Array(n * map.width));
    for (let i = 0; i < n; i++) { expect(Math.abs(got.y[i]! - x[i]!)).toBeLessThan(1e-5); expect(Math.abs(got.logDerivative[i]!)).toBeLessThan(1e-5); }
  });
});

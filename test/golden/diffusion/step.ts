/** For tests: a loss and its gradients at given weights beside the values PyTorch found. */
import { expect } from 'vitest';
import { grad, openDevice, type Expr } from '../../../server/engine';

export interface GoldenStep { params: Record<string, { shape: number[]; values: number[]; gradient: number[] }>; loss: number; metrics: Record<string, number> }

/** Expects the loss, its parts and all gradients to be equal to 1e-5 of the largest of their array. */
export async function expectGolden(g: GoldenStep, loss: (params: Record<string, Expr>) => { loss: Expr; metrics?: Record<string, Expr> }): Promise<void> {
  const device = await openDevice('cpu', { threads: 1 }), names = Object.keys(g.params);
  const program = await device.compile({
    inputs: {}, frozen: Object.fromEntries(Object.entries(g.params).map(([n, p]) => [n, { shape: p.shape, values: Float32Array.from(p.values) }])),
    outputs(p: Record<string, Expr>) {
      const { loss: total, metrics = {} } = loss(p), gradients = grad(total, names.map((n) => p[n]));
      return { loss: total, ...metrics, ...Object.fromEntries(names.map((n, k) => [`g:${n}`, gradients[k]])) } as Record<string, Expr>;
    },
  });
  const r = await program.run({});
  await program.release();
  expect(r.loss[0] / g.loss).toBeCloseTo(1, 5);
  for (const [n, v] of Object.entries(g.metrics)) expect(r[n][0] / v, n).toBeCloseTo(1, 5);
  for (const [n, p] of Object.entries(g.params)) {
    const largest = Math.max(...p.gradient.map(Math.abs), 1e-3);
    p.gradient.forEach((want, k) => expect(Math.abs(r[`g:${n}`][k] - want) / largest, `${n}[${k}]`).toBeLessThan(1e-5));
  }
}

/** What the family's golden tests share: numbers of a fixture fed to a program as inputs, and its gradients and its weights after a step compared with the reference's. */
import { expect } from 'vitest';
import { grad, openDevice, type Expr, type InputSpec, type ParamSpec, type TrainSpec, type Values } from '../../engine';

export type Nested = number | Nested[];
export const flat = (x: Nested): number[] => (typeof x === 'number' ? [x] : x.flatMap(flat));
export const shapeOf = (x: Nested): number[] => (typeof x === 'number' ? [] : [x.length, ...shapeOf(x[0]!)]);
export const close = (got: ArrayLike<number>, want: Nested, name: string, within = 1e-5): void => flat(want).forEach((v, i) => expect(Math.abs(got[i]! - v), `${name}[${i}]: ${got[i]} against ${v}`).toBeLessThan(within * (1 + Math.abs(v))));

/** Given values as inputs of a program, under a prefix. */
export class Fed {
  readonly specs: Record<string, InputSpec> = {}; readonly values: Record<string, Values> = {};
  add(name: string, x: Nested, dtype: 'float32' | 'int32' = 'float32'): void { this.specs[name] = { shape: shapeOf(x), dtype }; this.values[name] = dtype === 'int32' ? Int32Array.from(flat(x)) : Float32Array.from(flat(x)); }
}
export const started = (params: Record<string, ParamSpec>, before: Record<string, Nested>): Record<string, ParamSpec> => Object.fromEntries(Object.entries(params).map(([n, p]) => { expect(shapeOf(before[n]!), n).toEqual(p.shape); return [n, { ...p, init: Float32Array.from(flat(before[n]!)) }]; }));

export async function gradients(params: Record<string, ParamSpec>, fed: Fed, wanted: string[], loss: (p: Record<string, Expr>, i: Record<string, Expr>) => Expr): Promise<Record<string, Values>> {
  const device = await openDevice('cpu'), weights = Object.fromEntries(Object.entries(params).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
  const program = await device.compile({ inputs: { ...weights, ...fed.specs }, outputs: (i: Record<string, Expr>) => { const l = loss(i, i), g = grad(l, wanted.map((n) => i[n]!)); return { loss: l, ...Object.fromEntries(wanted.map((n, k) => [`g:${n}`, g[k]!])) } as Record<string, Expr>; } });
  const out = await program.run({ ...fed.values, ...Object.fromEntries(Object.entries(params).map(([n, p]) => [n, p.init as Float32Array])) });
  await program.release();
  return out;
}
export async function after(spec: TrainSpec, fed: Fed, lr: number, want: Record<string, Nested>): Promise<void> {
  const trainer = await (await openDevice('cpu')).train(spec, { seed: 1 });
  await trainer.run(fed.values, [lr]);
  for (const [n, w] of Object.entries(trainer.params())) close(w.values, want[n]!, `after ${n}`);
  await trainer.release();
}

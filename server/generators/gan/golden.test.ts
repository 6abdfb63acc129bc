/** One training step of TVAE and CTGAN equals the reference implementation's (test/golden/gan/steps.py). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { grad, openDevice, type Expr, type InputSpec, type ParamSpec, type TrainSpec, type Values } from '../../engine';
import { layoutOf, rowVector } from '../blocks/spans';
import { vaeLoss } from '../vae/tvae';
import { rowLosses, vaeParams } from '../vae/network';
import { criticTurn, ganParams, generatorTurn, type Drawn, type GanSizes } from './ctgan-step';

type Nested = number | Nested[];
interface Step { before: Record<string, Nested>; after: Record<string, Nested>; lr: number; l2: number }
interface Turn { z: Nested; u: Nested; condition: number[]; masks: Nested[]; loss: number; gradients: Record<string, Nested> }
interface Golden {
  modes: number[]; categories: number[]; embedding: number; hidden: number; pac: number;
  tvae: Step & { alphas: Nested; codes: Nested; noise: Nested; factor: number; parts: number[]; gradients: Record<string, Nested> };
  ctgan: Step & { critic: Turn & { realCondition: number[]; alphas: Nested; codes: Nested; mix: number[]; penalty: number }; generator: Turn & { column: number[] } };
}
const golden = JSON.parse(readFileSync('test/golden/gan/steps.json', 'utf8')) as Golden;
const layout = layoutOf(golden.modes, golden.categories), B = golden.ctgan.critic.condition.length;
const flat = (x: Nested): number[] => (typeof x === 'number' ? [x] : x.flatMap(flat));
const shapeOf = (x: Nested): number[] => (typeof x === 'number' ? [] : [x.length, ...shapeOf(x[0]!)]);
const close = (got: ArrayLike<number>, want: Nested, name: string, within = 1e-5): void => flat(want).forEach((v, i) => expect(Math.abs(got[i]! - v), `${name}[${i}]: ${got[i]} against ${v}`).toBeLessThan(within * (1 + Math.abs(v))));

/** Given values as inputs of a program, under a prefix. */
class Fed {
  readonly specs: Record<string, InputSpec> = {}; readonly values: Record<string, Values> = {};
  add(name: string, x: Nested, dtype: 'float32' | 'int32' = 'float32'): void { this.specs[name] = { shape: shapeOf(x), dtype }; this.values[name] = dtype === 'int32' ? Int32Array.from(flat(x)) : Float32Array.from(flat(x)); }
}
const started = (params: Record<string, ParamSpec>, before: Record<string, Nested>): Record<string, ParamSpec> => Object.fromEntries(Object.entries(params).map(([n, p]) => { expect(shapeOf(before[n]!), n).toEqual(p.shape); return [n, { ...p, init: Float32Array.from(flat(before[n]!)) }]; }));

async function gradients(params: Record<string, ParamSpec>, fed: Fed, wanted: string[], loss: (p: Record<string, Expr>, i: Record<string, Expr>) => Expr): Promise<Record<string, Values>> {
  const device = await openDevice('cpu'), weights = Object.fromEntries(Object.entries(params).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
  const program = await device.compile({ inputs: { ...weights, ...fed.specs }, outputs: (i: Record<string, Expr>) => { const l = loss(i, i), g = grad(l, wanted.map((n) => i[n]!)); return { loss: l, ...Object.fromEntries(wanted.map((n, k) => [`g:${n}`, g[k]!])) } as Record<string, Expr>; } });
  const out = await program.run({ ...fed.values, ...Object.fromEntries(Object.entries(params).map(([n, p]) => [n, p.init as Float32Array])) });
  await program.release();
  return out;
}
async function after(spec: TrainSpec, fed: Fed, lr: number, want: Record<string, Nested>): Promise<void> {
  const trainer = await (await openDevice('cpu')).train(spec, { seed: 1 });
  await trainer.run(fed.values, [lr]);
  for (const [n, w] of Object.entries(trainer.params())) close(w.values, want[n]!, `after ${n}`);
  await trainer.release();
}

describe('TVAE', () => {
  const own = golden.tvae, sizes = { embedding: golden.embedding, hidden: golden.hidden, layers: 2 }, params = started(vaeParams(layout, sizes), own.before), fed = new Fed();
  fed.add('alphas', own.alphas); fed.add('codes', own.codes, 'int32'); fed.add('noise', own.noise);
  const loss = (p: Record<string, Expr>, i: Record<string, Expr>): Expr => vaeLoss(p, rowVector(i, layout), i.noise!, layout, sizes, own.factor);
  test('loss and gradients', async () => {
    const g = await gradients(params, fed, Object.keys(params), loss);
    close(g.loss!, own.parts[0]! + own.parts[1]!, 'loss');
    for (const [n, want] of Object.entries(own.gradients)) close(g[`g:${n}`]!, want, n);
  });
  test('weights after a step', () => after({ params, step: fed.specs, loss: ({ params: p, step }) => ({ loss: loss(p, step) }), optimiser: { l2: own.l2 } }, fed, own.lr, own.after));
  test('reconstruction and divergence apart', async () => {
    const program = await (await openDevice('cpu')).compile({ inputs: { ...fed.specs, ...Object.fromEntries(Object.entries(params).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }])) }, outputs: (i: Record<string, Expr>) => rowLosses(i, rowVector(i, layout), i.noise!, layout, sizes, own.factor) as unknown as Record<string, Expr> });
    const out = await program.run({ ...fed.values, ...Object.fromEntries(Object.entries(params).map(([n, p]) => [n, p.init as Float32Array])) });
    const mean = (x: Values): number => Array.from(x).reduce((a, b) => a + b, 0) / B;
    close([mean(out.reconstruction!), mean(out.divergence!)], own.parts, 'parts');
    await program.release();
  });
});

describe('CTGAN', () => {
  const own = golden.ctgan, sizes: GanSizes = { embedding: golden.embedding, hidden: golden.hidden, layers: 2, pac: golden.pac, batch: B, criticSteps: 1, dropout: 0.5 };
  const both = ganParams(layout, sizes), params = started({ ...both.generator, ...both.critic }, own.before), fed = new Fed();
  for (const [prefix, turn] of [['c', own.critic], ['g', own.generator]] as const) {
    fed.add(`${prefix}.z`, turn.z); fed.add(`${prefix}.u`, turn.u); fed.add(`${prefix}.condition`, turn.condition, 'int32');
    turn.masks.forEach((m, i) => fed.add(`${prefix}.mask${i}`, m));
  }
  fed.add('alphas', own.critic.alphas); fed.add('codes', own.critic.codes, 'int32'); fed.add('mix', own.critic.mix.map((v) => [v])); fed.add('realCondition', own.critic.realCondition, 'int32'); fed.add('column', own.generator.column, 'int32');
  const base = (i: Record<string, Expr>, at: string): Drawn => ({ z: i[`${at}.z`]!, u: i[`${at}.u`]!, condition: i[`${at}.condition`]!, masks: [i[`${at}.mask0`]!, i[`${at}.mask1`]!] });
  const critic = (p: Record<string, Expr>, i: Record<string, Expr>): Expr => criticTurn(p, { ...base(i, 'c'), real: rowVector(i, layout), realCondition: i.realCondition!, mix: i.mix! }, layout, sizes, 10);
  const generator = (p: Record<string, Expr>, i: Record<string, Expr>): Expr => generatorTurn(p, { ...base(i, 'g'), column: i.column! }, layout, sizes);

  test('the critic\'s loss with its gradient penalty, and gradients through it', async () => {
    const g = await gradients(params, fed, Object.keys(both.critic), critic);
    close(g.loss!, own.critic.loss, 'loss');
    for (const [n, want] of Object.entries(own.critic.gradients)) close(g[`g:${n}`]!, want, n);
  });
  test('the generator\'s loss and gradients, against the critic after its turn', async () => {
    const turned = { ...params, ...started(both.critic, own.after) };
    const g = await gradients(turned, fed, Object.keys(both.generator), generator);
    close(g.loss!, own.generator.loss, 'loss');
    for (const [n, want] of Object.entries(own.generator.gradients)) close(g[`g:${n}`]!, want, n);
  });
  // A bias before a batch normalisation has no gradient but rounding, which Adam would scale up; the decay gives it one.
  test('weights after a step of both', () => after({
    params, step: fed.specs, turns: [{ name: 'critic', params: Object.keys(both.critic), loss: ({ params: p, step }) => ({ loss: critic(p, step) }) }],
    loss: ({ params: p, step }) => ({ loss: generator(p, step) }), optimiser: { beta1: 0.5, beta2: 0.9, l2: own.l2 },
  }, fed, own.lr, own.after));
});

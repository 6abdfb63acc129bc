/** One training step of TVAE and CTGAN equals the reference implementation's (test/golden/gan/steps.py). */
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { openDevice, type Expr, type Values } from '../../engine';
import { layoutOf, rowVector } from '../blocks/spans';
import { vaeLoss } from '../vae/tvae';
import { rowLosses, vaeParams } from '../vae/network';
import { after, close, Fed, gradients, started, type Nested } from './golden-fixture';
import { criticTurn, ganParams, generatorTurn, type Drawn, type GanSizes } from './ctgan-step';

interface Step { before: Record<string, Nested>; after: Record<string, Nested>; lr: number; l2: number }
interface Turn { z: Nested; u: Nested; condition: number[]; masks: Nested[]; loss: number; gradients: Record<string, Nested> }
interface Golden {
  modes: number[]; categories: number[]; embedding: number; hidden: number; pac: number;
  tvae: Step & { alphas: Nested; codes: Nested; noise: Nested; factor: number; parts: number[]; gradients: Record<string, Nested> };
  ctgan: Step & { critic: Turn & { realCondition: number[]; alphas: Nested; codes: Nested; mix: number[]; penalty: number }; generator: Turn & { column: number[] } };
}
const golden = JSON.parse(readFileSync('test/golden/gan/steps.json', 'utf8')) as Golden;
const layout = layoutOf(golden.modes, golden.categories), B = golden.ctgan.critic.condition.length;
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

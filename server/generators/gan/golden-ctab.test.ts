/** One training step of CTAB-GAN+ as it is taken by default, critic, classifier and generator, equals PyTorch's (test/golden/gan/ctab.py). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Expr, ParamSpec } from '../../engine';
import { layoutOf, rowVector } from '../blocks/spans';
import { classifierLoss, classifierParams, ctabTurn, type CtabSizes } from './ctab-step';
import { criticTurn, ganParams, realSeen, type Drawn } from './ctgan-step';
import { after, close, Fed, gradients, started, type Nested } from './golden-fixture';

interface Turn { loss: number; gradients: Record<string, Nested> }
interface Noise { z: Nested; u: Nested; condition: number[] }
interface Golden {
  modes: number[]; categories: number[]; embedding: number; hidden: number; layers: number; target: number; lr: number; l2: number; information: number; downstream: number;
  before: Record<string, Nested>; after: Record<string, Nested>;
  critic: Turn & Noise & { realCondition: number[]; alphas: Nested; codes: Nested; mix: Nested }; classifier: Turn; generator: Turn & Noise & { column: number[] };
}
const golden = JSON.parse(readFileSync('test/golden/gan/ctab.json', 'utf8')) as Golden, layout = layoutOf(golden.modes, golden.categories);
const sizes: CtabSizes = { embedding: golden.embedding, hidden: golden.hidden, layers: golden.layers, pac: 1, criticSteps: 1, dropout: 0, classifierLayers: 2, modesToo: true, target: golden.target, batch: golden.critic.condition.length, places: true };
const both = ganParams(layout, sizes), classifier = classifierParams(layout, sizes), fed = new Fed();
for (const [at, turn] of [['c', golden.critic], ['g', golden.generator]] as const) { fed.add(`${at}.z`, turn.z); fed.add(`${at}.u`, turn.u); fed.add(`${at}.condition`, turn.condition, 'int32'); }
fed.add('alphas', golden.critic.alphas); fed.add('codes', golden.critic.codes, 'int32'); fed.add('mix', golden.critic.mix); fed.add('realCondition', golden.critic.realCondition, 'int32'); fed.add('column', golden.generator.column, 'int32');

type Loss = (p: Record<string, Expr>, i: Record<string, Expr>) => Expr;
const drawn = (i: Record<string, Expr>, at: 'c' | 'g'): Drawn => ({ z: i[`${at}.z`]!, u: i[`${at}.u`]!, condition: i[`${at}.condition`]!, masks: [], ...(at === 'c' ? { real: rowVector(i, layout), realCondition: i.realCondition!, mix: i.mix! } : { column: i.column! }) });
const losses: Record<'critic' | 'classifier' | 'generator', Loss> = {
  critic: (p, i) => criticTurn(p, drawn(i, 'c'), layout, sizes, 10),
  classifier: (p, i) => classifierLoss(p, rowVector(i, layout), layout, sizes),
  generator: (p, i) => ctabTurn(p, drawn(i, 'g'), realSeen(drawn(i, 'c'), layout, sizes), layout, sizes, golden),
};
const params = started({ ...both.generator, ...both.critic, ...classifier }, golden.before);
/** The generator is judged by what the others have become. */
const turned: Record<string, ParamSpec> = { ...params, ...started({ ...both.critic, ...classifier }, golden.after) };

test.each(['critic', 'classifier', 'generator'] as const)('loss and gradients of the %s', async (name) => {
  const want = golden[name], g = await gradients(name === 'generator' ? turned : params, fed, Object.keys(want.gradients), losses[name]);
  expect(Object.keys(want.gradients).length).toBeGreaterThan(5);
  close(g.loss!, want.loss, 'loss');
  for (const [n, v] of Object.entries(want.gradients)) close(g[`g:${n}`]!, v, n);
});

test('weights after a step of all three', () => {
  const optimiser = { beta1: 0.5, beta2: 0.9, l2: golden.l2 };
  return after({
    params, step: fed.specs, optimiser, loss: ({ params: p, step }) => ({ loss: losses.generator(p, step) }),
    turns: ([['critic', both.critic], ['classifier', classifier]] as const).map(([name, own]) => ({ name, params: Object.keys(own), optimiser, loss: ({ params: p, step }) => ({ loss: losses[name](p, step) }) })),
  }, fed, golden.lr, golden.after);
});

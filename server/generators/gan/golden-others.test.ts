/** medGAN's and CTAB-GAN's own losses, and their gradients, equal PyTorch's (test/golden/gan/others.py). */
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { stopGradient, type Expr, type ParamSpec } from '../../engine';
import { activate, layoutOf, rowVector } from '../blocks/spans';
import { classifierLoss, classifierParams, informationLoss, type CtabSizes } from './ctab-step';
import { close, Fed, flat, gradients, shapeOf, started, type Nested } from './golden-fixture';
import { coderLoss, coderParams, medCriticLoss, medCriticParams, medGenerate, medGeneratorLoss, medGeneratorParams, type MedSizes } from './medgan-step';

interface Own { loss: number; gradients: Record<string, Nested> }
interface Golden {
  modes: number[]; categories: number[]; embedding: number; hidden: number; layers: number;
  medgan: { before: Record<string, Nested>; alphas: Nested; codes: Nested; z: Nested; u: Nested; coder: Own; critic: Own; generator: Own };
  ctab: { before: Record<string, Nested>; target: number; alphas: Nested; codes: Nested; classifier: Own; information: Own & { real: Nested; fake: Nested } };
}
const golden = JSON.parse(readFileSync('test/golden/gan/others.json', 'utf8')) as Golden, layout = layoutOf(golden.modes, golden.categories);
type Loss = (p: Record<string, Expr>, i: Record<string, Expr>) => Expr;

async function same(params: Record<string, ParamSpec>, fed: Fed, want: Own, loss: Loss): Promise<void> {
  const g = await gradients(params, fed, Object.keys(want.gradients), loss);
  close(g.loss!, want.loss, 'loss');
  for (const [n, v] of Object.entries(want.gradients)) close(g[`g:${n}`]!, v, n);
}

describe('medGAN', () => {
  const { medgan: own } = golden, s: MedSizes = { embedding: golden.embedding, hidden: golden.hidden, layers: golden.layers, batch: 6, criticSteps: 1 }, fed = new Fed();
  const params = started({ ...coderParams(layout, s), ...medGeneratorParams(s), ...medCriticParams(layout, s) }, own.before);
  fed.add('alphas', own.alphas); fed.add('codes', own.codes, 'int32'); fed.add('z', own.z); fed.add('u', own.u);
  const fake: Loss = (p, i) => activate(medGenerate(p, i.z!, s), i.u!, layout);
  test('the autoencoder', () => same(params, fed, own.coder, (p, i) => coderLoss(p, rowVector(i, layout), layout)));
  test('the discriminator, with minibatch averaging', () => same(params, fed, own.critic, (p, i) => medCriticLoss(p, rowVector(i, layout), stopGradient(fake(p, i)))));
  test('the generator, through the decoder', () => same(params, fed, own.generator, (p, i) => medGeneratorLoss(p, fake(p, i))));
});

describe('CTAB-GAN', () => {
  const { ctab: own } = golden;
  test('the downstream loss', () => {
    const s: CtabSizes = { embedding: 1, hidden: golden.hidden, layers: 1, pac: 1, batch: 6, criticSteps: 1, dropout: 0, classifierLayers: 2, target: own.target }, fed = new Fed();
    fed.add('alphas', own.alphas); fed.add('codes', own.codes, 'int32');
    return same(started(classifierParams(layout, s), own.before), fed, own.classifier, (p, i) => classifierLoss(p, rowVector(i, layout), layout, s));
  });
  test('the information loss', () => {
    const params = Object.fromEntries((['real', 'fake'] as const).map((n) => [n, { shape: shapeOf(own.information[n]), init: Float32Array.from(flat(own.information[n])) }]));
    return same(params, new Fed(), own.information, (p) => informationLoss(p.real!, p.fake!));
  });
});

/** What CTGAN and CTAB-GAN share around their steps: draws, loop, sampler. */
import { concat, KeyStream, oneHot, type Device, type Expr, type Trainer, type TrainSpec } from '../../engine';
import { Conditions, drawConditions, running } from '../blocks/conditional-vector';
import { trainLoop } from '../blocks/loop';
import { blockRows, modalFitted, type BlockSampler, type Kept } from '../blocks/modal-fitted';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { placed, readRows, scores, type EncodedRows, type ModalFeatures } from '../blocks/spans';
import type { FitContext, FittedGenerator } from '../generator';
import { conditionCodes, conditionSpans, conditionWidth, ganData, StepDraws, type GanSizes } from './ctgan-step';
import { generate } from './networks';

/** Settings kept with the model: the sizes, and the fitted shares of every code that a condition may be. */
export interface GanSettings extends GanSizes { shares: number[][] }
/**
 * What a table of under 6,000 rows takes where the user names nothing: batches of 100, so that an epoch is more than a step or two, judged one by one, at a rate that such a number of steps needs, and at
 * least 3,000 of them. The papers' settings are for tables of tens of thousands of rows: of 736 rows CTGAN's 300 epochs are 300 steps, after which it knew hardly any relation (bench/generators/README.md).
 * Five modes a number, not ten: modes lie over one another, more of them the more, and each holds fewer rows; where a relation runs through many pieces the adversary keeps it as a blur.
 */
export const ofFewRows = { batch: 100, pac: 1, dropout: 0, learningRate: 1e-3, components: 5 };
export const isSmall = (rows: number): boolean => rows < 6000;
export const leastSteps = 3000;

export interface GanFit { id: string; context: FitContext; device: Device; modal: ModalFeatures; rows: EncodedRows; sizes: GanSizes; spec: TrainSpec; /** whether rows are drawn from the average of the generator's weights that the step keeps */ averaged: boolean; epochs: number; learningRate: number; began: number }

export async function fitGan({ id, context, device, modal, rows, sizes, spec, averaged, epochs, learningRate, began }: GanFit): Promise<FittedGenerator> {
  const { layout } = modal, spans = conditionSpans(layout, sizes), codes = conditionCodes(rows, layout, sizes);
  const conditions = spans.length ? new Conditions(codes, spans.map((s) => s.size), rows.rows) : undefined;
  const shares = spans.map((s, j) => { const n = new Array<number>(s.size).fill(0); for (let i = 0; i < rows.rows; i++) n[codes[i * spans.length + j]!]!++; return n.map((v) => v / rows.rows); });
  const trainer: Trainer = await device.train(spec, { data: ganData(layout, sizes, rows, context.seed), seed: context.seed });
  try {
    const draws = new StepDraws(layout, sizes, rows.rows, conditions, context.seed, id);
    const { weights, curve, decisions } = await trainLoop({
      context, device, trainers: { [id]: trainer }, steps: epochs * Math.max(1, Math.floor(rows.rows / sizes.batch)),
      seconds: Math.max(1, 0.9 * context.budgetSeconds - (performance.now() - began) / 1000),
      async run(from, count) {
        const { metrics } = await trainer.run(draws.make(from, count), new Float32Array(count).fill(learningRate));
        return metrics.criticLoss!.reduce((a, b) => a + b, 0) / count;
      },
      weights: () => Object.fromEntries(Object.entries(trainer.params(averaged ? 'ema' : 'current')).filter(([n]) => n.startsWith('generator'))),
    });
    curve.note ??= 'The loss is the critic\'s: how well it tells real rows from made ones (0: not at all). It says little about when to stop.';
    return modalFitted<GanSettings>({ id, modal, settings: { ...sizes, shares }, weights, resolved: { decisions }, curve }, device, openSampler);
  } finally { await trainer.release(); }
}

export async function openSampler(device: Device, { id, modal, settings, weights }: Kept<GanSettings>): Promise<BlockSampler> {
  const { layout } = modal, B = blockRows, K = conditionWidth(layout, settings), z = [B, settings.embedding], shares = settings.shares.map((s) => running(Float64Array.from(s)));
  const inputs = { z: normalBits(z), ...(layout.hot && { u: uniformBits([B, layout.hot]) }) };
  const program = await device.compile({
    inputs: { ...inputs, ...(K && { condition: { shape: [B], dtype: 'int32' as const } }) }, frozen: weights,
    outputs(i: Record<string, Expr>) {
      const noise = normals(i.z!, z), raw = generate(i, K ? concat([noise, oneHot(i.condition!, K)], 1) : noise, settings);
      // Wholly, or all but, at the drawn mode's place.
      return { scores: settings.places ? placed(raw, uniforms(i.u!), layout, 0.05).scores : scores(raw, i.u && uniforms(i.u), layout) };
    },
  });
  return {
    async block(index, seed) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, wordsOf(new KeyStream(seed, `${id}/sample/${name}`), spec, index, 1)]));
      const condition = K ? drawConditions(shares, new KeyStream(seed, `${id}/sample/condition`), index * B, B).index : undefined;
      return readRows((await program.run({ ...feeds, ...(condition && { condition }) })).scores as Float32Array, layout, B);
    },
    release: () => program.release(),
  };
}

/** Fitting CA-DASG without a privacy budget: encoding, contexts, the training loop with its two balancings, the cache. */
import { cosine, KeyStream, openDevice, type Device, type Trainer } from '../../engine';
import type { Table } from '../../table/table';
import { trainLoop, type Weights } from '../blocks/loop';
import { fitModal } from '../blocks/modal-fitted';
import { decodeMode, modeCount } from '../blocks/modes';
import { RowLoss } from '../blocks/row-loss';
import type { EncodedRows, ModalFeatures } from '../blocks/spans';
import { rowVector } from '../blocks/spans';
import type { FitContext, FittedGenerator } from '../generator';
import { add, mul, oneHot } from '../../engine';
import { contextFigures } from './figures';
import { clusterRows, clusterStep, learntContexts } from './learn';
import { Contexts, namedColumns, type Assigned } from './contexts';
import { Host, nextRefresh, recordEvery } from './host';
import { lagsOf } from './lags';
import { allParams, type Sizes, type Target } from './networks';
import type { Parameters } from './parameters';
import { picked, Probe } from './probe';
import { fitted, id, type Kept } from './sample';
import { conditionOf, Draws, rowValues, trainSpec, variational, type Model } from './step';
import { startFrom, warmed } from './warm';

/** Rows that settle which weights are kept. */
const mostValidationRows = 4096;
/** Widest row whose covariance the cache keeps as it is; wider ones are projected to so many numbers. */
export const sketchWidth = 16;
const spread = (table: Table, most: number): Table => (table.rows <= most ? table : table.take(Int32Array.from({ length: most }, (_, i) => Math.floor((i * table.rows) / most))));

/** The outcome as the predictor's target; undefined where there is none, or it is constant. */
export function targetOf(modal: ModalFeatures, outcome: string | undefined): Target | undefined {
  const { features, layout, modes } = modal, category = features.categories.findIndex((f) => f.column === outcome && f.source !== 'missing');
  if (category >= 0) return features.categories[category]!.size > 1 ? { kind: 'span', span: layout.alphas + category } : undefined;
  const number = features.numbers.findIndex((f) => f.column === outcome);
  if (number < 0) return undefined;
  const own = modes[number]!, centres = Array.from({ length: modeCount(own) }, (_, k) => decodeMode(own, k, 0));
  return { kind: 'number', number, centres, widths: centres.map((c, k) => decodeMode(own, k, 1) - c) };
}
/** The columns that divide the table: those named, else the outcome where it is a category of few values. */
export function contextColumns(table: Table, modal: ModalFeatures, chosen: Parameters, outcome: string | undefined): string[] {
  if (chosen.contextLearning !== 'rules') return [];
  const named = namedColumns(chosen.contexts, table), own = modal.features.categories.find((f) => f.column === outcome && f.source !== 'missing');
  return named.length ? named : own && own.size > 1 && own.size <= 20 ? [own.column] : [];
}
/** Random signs that take rows of width W to the sketch: inner products, so covariances, are kept up to noise (Achlioptas 2003). */
export function projectionFor(width: number, seed: number): Float32Array | undefined {
  if (width <= sketchWidth) return undefined;
  return Float32Array.from(new KeyStream(seed, 'ca-dasg/sketch').uniforms(0, width * sketchWidth), (u) => (u < 0.5 ? -1 : 1) / Math.sqrt(sketchWidth));
}
export function modelOf(modal: ModalFeatures, chosen: Parameters, contexts: { count: number; parts: number[] }, target: Target | undefined, batch: number, seed: number): Model {
  const { layout } = modal, projection = projectionFor(layout.width, seed), adversarial = chosen.adversarial > 0;
  const sizes: Sizes = {
    embedding: chosen.embedding, hidden: chosen.hidden, layers: chosen.layers, batch, criticSteps: chosen.criticSteps, contexts: contexts.count, parts: contexts.parts, sketch: Math.min(layout.width, sketchWidth),
    // Without any term that trains the decoder on made rows there is only the bound to train it by.
    variational: chosen.variational || !adversarial, adversarial, minibatch: chosen.minibatchDiscrimination && adversarial, ...(target && { target }),
  };
  return { layout, sizes, parts: { covariance: chosen.covariance > 0, utility: chosen.utility > 0, cache: chosen.cache !== 'off', penalty: chosen.penalty, features: chosen.featureMatching, history: chosen.historicalAveraging, reconstruction: chosen.reconstruction }, ...(projection && { projection }) };
}

export async function fitOpenly(context: FitContext, chosen: Parameters): Promise<FittedGenerator> {
  const began = performance.now(), device = await openDevice(context.device), { seed } = context, earlier = await startFrom(chosen.warmStart, context);
  const modal = earlier?.modal ?? await fitModal(context, { ...chosen, valuesAsCategories: 20 }, device), rows = modal.encode(context.fit), validation = spread(context.validation, mostValidationRows), held = modal.encode(validation);
  const named = contextColumns(context.fit, modal, chosen, context.outcome), clusters = chosen.contextLearning === 'clusters' && chosen.variational;
  const ruled = named.length ? Contexts.fit(context.fit, modal.features, named, { bins: chosen.contextBins, least: Math.max(chosen.contextRows, context.protection.enabled ? context.protection.k : 1), most: chosen.mostContexts }) : undefined;
  const blank = (n: number): Assigned => ({ parts: new Int32Array(n), contexts: new Int32Array(n) });
  const assigned = ruled?.assign(context.fit, modal.features) ?? (clusters ? blank(rows.rows) : undefined), heldAssigned = ruled?.assign(validation, modal.features) ?? (clusters ? blank(held.rows) : undefined);
  const count = ruled ? ruled.list.length : clusters ? chosen.mostContexts : 0, parts = ruled ? ruled.sizes : clusters ? [chosen.mostContexts] : [];
  const m = modelOf(modal, chosen, { count, parts }, targetOf(modal, context.outcome), Math.min(chosen.batch, rows.rows), seed), { sizes: s } = m;

  const own = trainSpec(m, rows, { optimiser: { l2: chosen.l2 }, critic: { beta1: 0.5, beta2: 0.9, l2: chosen.l2 }, criticRate: chosen.criticRate });
  const trainer: Trainer = await device.train({ ...own, params: warmed(own.params, earlier) }, { data: { ...rowValues(m, rows, assigned), ...placeholders(own.data!, rows, m) }, seed });
  const host = new Host(m, {
    base: { adversarial: chosen.adversarial, divergence: chosen.divergence, covariance: chosen.covariance, utility: chosen.utility }, adaptive: chosen.adaptiveBalancing, dynamic: chosen.dynamicBalancing && held.rows > 0,
    cache: chosen.cache === 'paper' ? 'paper' : 'on', alpha: chosen.cacheDecay, cacheNoise: chosen.cacheNoise, seed,
  }, trainer, rowValues(m, rows, assigned));
  host.tell();
  const balancing = chosen.adaptiveBalancing || chosen.dynamicBalancing, probe = balancing ? await Probe.open(device, m, new KeyStream(seed, 'ca-dasg/probe')) : undefined;
  const bound = s.variational && held.rows > 0 ? await openBound(device, m, held, heldAssigned, chosen, seed) : undefined;
  try {
    const draws = new Draws(m, rows.rows, seed), perEpoch = Math.max(1, Math.ceil(rows.rows / s.batch)), record = (weights: Weights): Weights => weights;
    /** Validation rows stand in the contexts that were learnt; after a resume too. */
    const place = (): void => { if (clusters && heldAssigned) for (const own of [heldAssigned.parts, heldAssigned.contexts]) if (host.learnt) own.set(host.learnt.validation); else own.fill(0); };
    /** What happens between two steps, at numbers that follow from the number of steps. */
    const between = async (at: number, of: number): Promise<void> => {
      if (clusters && at === clusterStep(of)) {
        const found = await clusterRows(device, m, trainer.params(), rows, held, new KeyStream(seed, 'ca-dasg/clusters'));
        host.cluster(found.fit, found.validation, found.centres, found.sizes);
        place();
      }
      if (at % recordEvery(of) !== 0) return;
      const weights = { ...record(trainer.params()), ...told(host, m) }, index = at / recordEvery(of), where = new KeyStream(seed, 'ca-dasg/probe/rows'), now = host.assigned ?? assigned;
      const some = (n: number, offset: number): Int32Array => where.integers((2 * index + offset) * s.batch, s.batch, n);
      const at0 = some(rows.rows, 0), batch = probe && picked(rows, now, at0);
      const pulls = probe && chosen.adaptiveBalancing ? await probe.pulls(weights, batch!, 2 * index) : undefined;
      let lags;
      if (probe && chosen.dynamicBalancing && held.rows > 0) {
        const at1 = some(held.rows, 1), others = picked(held, heldAssigned, at1), made = await probe.made(weights, others, 2 * index + 1), of_ = (b: typeof others): EncodedRows => ({ rows: s.batch, alphas: b.alphas as Float32Array, codes: b.codes as Int32Array });
        lags = lagsOf(made.rows, of_(batch!), of_(others), m.layout, made.madeLoss === undefined ? undefined : { made: made.madeLoss, real: made.realLoss! });
      }
      host.balance(at, pulls, lags);
      host.tell();
    };
    const { weights, curve, decisions } = await trainLoop({
      context, device, trainers: { [id]: trainer, host: host.asTrainer() }, steps: chosen.epochs * perEpoch, evaluateEvery: perEpoch, seconds: Math.max(1, 0.9 * context.budgetSeconds - (performance.now() - began) / 1000),
      async run(from, steps, of) {
        let loss = 0;
        place();
        for (let at = from; at < from + steps;) {
          const n = Math.min(from + steps, nextRefresh(at)) - at, out = await trainer.run(draws.make(at, n), Float32Array.from({ length: n }, (_, k) => cosine(at + k, of, chosen.learningRate, { floor: 0.02 })));
          host.saw(out.metrics, at, n);
          for (const v of out.metrics.variationalLoss ?? out.metrics.criticLoss ?? out.loss) loss += v;
          at += n;
          if (at === nextRefresh(at - 1)) { host.refresh(); await between(at, of); }
        }
        return loss / steps;
      },
      weights: () => ({ ...Object.fromEntries(Object.entries(trainer.params()).filter(([n]) => !/^(critic|predictor)/.test(n))), ...kept(host, m) }),
      ...(bound && { validate: (w: Weights) => bound.mean(w) }),
    });
    const contexts = host.learnt ? learntContexts(host.learnt) : ruled?.saved, objective = host.objective();
    const last = host.assigned ?? assigned, result: Kept = { modal, settings: { sizes: s, ...(contexts && { contexts }), priors: s.variational && m.parts.cache && s.contexts > 0 }, weights, resolved: { decisions }, curve: { ...curve, ...(objective && { objective }) } };
    if (contexts && last) result.curve!.contexts = await contextFigures(device, result, rows, last, held, heldAssigned!, named.length ? named.join(', ') : 'clusters of the encoder\'s codes', seed);
    return fitted(result, device);
  } finally { await trainer.release(); await probe?.release(); await bound?.release(); }
}

/** Resident values before the host tells its own. */
function placeholders(specs: Record<string, { shape: readonly number[] }>, rows: EncodedRows, m: Model): Record<string, Float32Array> {
  const own = rowValues(m, rows, undefined);
  return Object.fromEntries(Object.entries(specs).filter(([n]) => !(n in own) && n !== 'parts' && n !== 'context').map(([n, s]) => [n, new Float32Array(s.shape.reduce((a, b) => a * b, 1))]));
}
/** The cache's tables as the graph reads them, beside the weights. */
function told(host: Host, m: Model): Weights {
  const p = host.published, { contexts: C, embedding: E, sketch: D } = m.sizes;
  return p ? { 'cache.priorMean': { shape: [C, E], values: p.priorMean }, 'cache.priorSd': { shape: [C, E], values: p.priorSd }, 'cache.mean': { shape: [C, m.layout.width], values: p.mean }, 'cache.covariance': { shape: [C, D * D], values: p.covariance } } : {};
}
/** What stays of the cache in the model: aggregates, no rows. */
function kept(host: Host, m: Model): Weights {
  if (!host.cache) return {};
  const { contexts: C, embedding: E, sketch: D } = m.sizes, p = host.cache.publish(), f = host.cache.factors();
  return {
    'cache.priorMean': { shape: [C, E], values: p.priorMean }, 'cache.priorSd': { shape: [C, E], values: p.priorSd }, 'cache.mean': { shape: [C, m.layout.width], values: p.mean }, 'cache.covariance': { shape: [C, D * D], values: p.covariance },
    'cache.latentMean': { shape: [C, E], values: f.mean }, 'cache.latentFactor': { shape: [C, E, E], values: f.factor },
  };
}

/** The variational bound on validation rows, with noise that stays the same and the terms' base weights. */
function openBound(device: Device, m: Model, held: EncodedRows, assigned: Assigned | undefined, chosen: Parameters, seed: number): Promise<RowLoss> {
  const { sizes: s, layout: l } = m, { encoder, decoder } = allParams(l, s), C = s.contexts && m.parts.cache ? s.contexts : 0;
  const inputs = {
    ...(l.alphas && { alphas: { shape: [l.alphas], values: held.alphas } }), codes: { shape: [l.spans.length], values: held.codes }, noise: { shape: [s.embedding], values: Float32Array.from(new KeyStream(seed, 'ca-dasg/validation').normals(0, held.rows * s.embedding)) },
    ...(assigned && s.contexts && { parts: { shape: [s.parts.length], values: assigned.parts }, context: { shape: [], values: assigned.contexts } }),
  };
  const params = { ...encoder, ...decoder, ...(C && { 'cache.priorMean': { shape: [C, s.embedding] }, 'cache.priorSd': { shape: [C, s.embedding] } }) };
  return RowLoss.open(device, params, inputs, held.rows, (p, i) => {
    const b = { x: rowVector(i, l), ...(s.contexts && { condition: conditionOf(i.parts!, s), member: oneHot(i.context!, s.contexts) }) };
    const v = variational(p, b, i.noise!, C ? { priorMean: p['cache.priorMean']!, priorSd: p['cache.priorSd']!, mean: p['cache.priorMean']!, covariance: p['cache.priorMean']! } : undefined, m);
    return add(mul(v.reconstruction, chosen.reconstruction), mul(v.divergence, chosen.divergence));
  });
}

/**
 * CA-DASG under a privacy budget. What touches rows: the variational update, by DP-SGD on per-example losses with clipping and noise by groups of parameters, and the cache, by a few noised queries.
 * Everything else either works on those alone (the covariance term, against the cache's noised moments; warm latent priors) or is off, with the reason in `resolved.off`.
 */
import { add, cosine, exp, KeyStream, mul, openDevice, packState, spanOneHot, unpackState, type Expr, type ParamSpec } from '../../engine';
import { UserError } from '../../errors';
import type { Event } from '../../privacy/accountant/mechanism';
import { precisionOf } from '../../privacy/accountant/worth';
import { BudgetExhausted } from '../../privacy/ledger/budget';
import { freshKey, PrivateTrainer, type PrivateSpec } from '../../privacy/clipping/private-trainer';
import { projectSimplex } from '../../privacy/mechanisms/simplex';
import type { FitContext, FittedGenerator, PrivateFit } from '../generator';
import { privateData, privateLoop } from '../blocks/private/loop';
import type { Weights } from '../blocks/loop';
import { Contexts, namedColumns, partCodes, type Context, type Part, type SavedContexts } from './contexts';
import { divergence, reconstruction } from './losses';
import { allParams, decode, encode, type Sizes } from './networks';
import { parameters, type Parameters } from './parameters';
import { polish } from './polish';
import { privateCodes } from './private-codes';
import { Adversary, madeShape, privateCriticLosses, privateCriticParams, type CriticModel } from './private-critic';
import { noisySums, project, promised, selectContexts, selectionOf, sensitivityOf, type Block } from './private-cache';
import { normalRows } from '../blocks/noise';
import { describeColumns, listening, narrowed, said, seen, spelledOut } from '../blocks/private/described';
import { PrivateEncoding } from '../blocks/private/encoding';
import { because, refuseGiven } from '../blocks/private/refuse';
import { privateParts } from './private-parts';
import { lookingParts } from './private-refused';
import { projectionFor, sketchWidth } from './fit';
import { fitted, type Kept } from './sample';
import { conditionOf } from './step';

/** Why parts are off, for whoever reads the run. */
const offBecause = [...Object.entries(lookingParts).map(([name, r]) => `${name === 'cache' ? 'cache "paper"' : name}: ${r.why}`), `modes: ${because.bins}`];
/** Why there is no critic unless one is asked for, with a weight other than the default's. */
const withoutCritic = 'a critic takes its share of the budget and gave nothing for it on Adult (bench/ca-dasg); another weight than the default turns it on';
/** Sizes that suit noise, where the user left the defaults. */
const small = { embedding: 8, hidden: 48, layers: 1, learningRate: 2e-2, epochs: 20, divergence: 0.5 };
const batchShare = 1 / 8, leastBatch = 256, mostBatch = 8192, clip = 1;
/** Shares of what is left of the budget (in precision, 1/sigma^2 of Gaussian mechanisms) for the moments of contexts, for every reading of the latents, and for selecting contexts. */
const momentShare = 0.08, latentShare = 0.04, selectShare = 0.05;
/** Readings of the latents, as shares of the training after which they are taken; the last after its end. */
const readings = [0.5, 1];
/** Most combinations of parts that are all taken as contexts; beyond, they are selected. */
const mostDeclared = 64;

export async function fitPrivately(context: FitContext & { privacy: PrivateFit }, chosen: Parameters): Promise<FittedGenerator> {
  const defaults = parameters.parse({});
  // By then a release has asked already (`assertPrivately`), of what the user named; here whoever calls a fit by itself is held to it.
  refuseGiven(Object.fromEntries(Object.entries(chosen).filter(([n, v]) => v !== defaults[n as keyof Parameters])), lookingParts);
  const { fit, privacy } = context, device = await openDevice(context.device), own = <K extends keyof typeof small>(k: K): number => (chosen[k] === defaults[k] ? small[k] : chosen[k]);
  const adversarial = chosen.adversarial !== defaults.adversarial && chosen.adversarial > 0, encoding = PrivateEncoding.from(fit, privacy.columns), rows = encoding.encode(fit), key = freshKey(privacy.noise), layout = encoding.layout, described = describeColumns(fit, privacy.columns, layout);
  const spent: Event[] = [];
  const spend = async (purpose: string, event: Event, sensitivity: number, noise: number): Promise<void> => { await privacy.charge({ purpose, ...event, sensitivity, noise }); spent.push(event); };

  const earlier = context.resume && readState(context.resume);
  const contexts = earlier ? earlier.contexts : await contextsFor(context, encoding, chosen, spend), C = contexts?.contexts.length ?? 0, E = own('embedding'), cached = C > 0 && chosen.cache === 'on';
  const sizes: Sizes = { embedding: E, hidden: own('hidden'), layers: own('layers'), batch: 0, criticSteps: 1, contexts: C, parts: contexts ? contexts.parts.map((p) => p.size) : [], sketch: Math.min(layout.width, sketchWidth), variational: true, adversarial: false, minibatch: false };
  const parts = contexts ? partCodes(fit, encoding.features, contexts.parts) : new Int32Array(0), member = contexts ? new Contexts(contexts).contextsOf(parts, fit.rows) : new Int32Array(0);

  // One Gaussian's worth of the whole budget, shared out by 1/sigma^2; what training gets is then calibrated against what was planned.
  // A resume goes on with what was planned: all that is charged by then is no part of the plan's beginning.
  const left = privacy.left.precision - spent.reduce((sum, e) => sum + precisionOf(e, privacy.left.slack), 0), whole = earlier?.whole ?? 1 / Math.sqrt(Math.max(0, left));
  if (!Number.isFinite(whole)) throw new UserError(`What is left of the privacy budget (epsilon ${privacy.epsilon} in all) does not suffice for any training.`, {}, 'Raise epsilon, or name fewer columns as contexts.', 'usage');
  const seedless = new KeyStream(key, 'ca-dasg'), projection = projectionFor(layout.width, 0);
  let moments: Moments | undefined = earlier?.moments;
  const latentSigma = whole / Math.sqrt(latentShare), planned: Event[] = cached ? [{ mechanism: { kind: 'gaussian', sigma: promised(latentSigma) }, count: readings.length }] : [];
  if (C > 0 && !moments) {
    const blocks = momentBlocks(rows.codes, layout, projection, cached && chosen.covariance > 0), sigma = whole / Math.sqrt(momentShare), mechanism = { kind: 'gaussian', sigma: promised(sigma) } as const;
    await spend('contexts: counts and moments', { mechanism, count: 1 }, sensitivityOf(blocks), sigma * sensitivityOf(blocks));
    moments = momentsOf(noisySums({ blocks, contexts: member, count: C }, sigma, privacy.noise).sums, blocks, C, layout.width, sizes.sketch, privacy.rows, projection);
    contexts!.contexts.forEach((c, i) => { c.share = moments!.counts[i]! / Math.max(1e-9, moments!.counts.reduce((a, b) => a + b, 0)); });
  }

  // The logarithm of the spread, so that the blank rows that fill up a batch, whose arrays are zero, have a prior too.
  const priorMean = new Float32Array(fit.rows * E), priorLog = new Float32Array(fit.rows * E), prior = { mean: new Float32Array(Math.max(1, C) * E), sd: new Float32Array(Math.max(1, C) * E).fill(1) };
  const { encoder, decoder } = allParams(narrowed(described), sizes), model: CriticModel = { layout, described, sizes, ...(contexts && { contexts: new Contexts(contexts) }) }, params = { ...listening({ ...encoder, ...decoder }, described, sizes.layers), ...(adversarial && privateCriticParams(model)) };
  const groups = chosen.adaptiveNoise ? groupsOf(Object.keys(params), clip) : clip, batch = Math.min(mostBatch, Math.max(leastBatch, Math.round(privacy.rows * batchShare)));
  let live: (() => Weights) | undefined;
  const blank = (): Weights => Object.fromEntries(Object.entries(params).map(([n, p]) => [n, { shape: p.shape, values: new Float32Array(p.shape.reduce((a, b) => a * b, 1)) }]));
  const adversary = adversarial ? await Adversary.open(device, model, params, () => ({ weights: (live ?? blank)(), prior }), new KeyStream(freshKey(privacy.noise), 'adversary')) : undefined;
  const trainer = await PrivateTrainer.open(device, privateSpec(model, params, groups, own('divergence'), adversary && chosen.penalty), privateData(privacy, { codes: rows.codes, ...(C && { parts }), priorMean, priorLog }, Math.min(batch, privacy.rows), adversary && { make: (B, stream) => adversary.make(B, stream) }));
  live = () => trainer.weights();
  try {
    let read = 0;
    /** The latents of all rows under the weights as they are (noised, so public), summed by context, clipped and noised; the last reading counts. */
    const readLatents = async (): Promise<void> => {
      const codes = await privateCodes(device, layout, described, sizes, trainer.weights('ema'), rows, parts);
      const blocks: Block[] = [
        { width: 1, clip: 1, fill: (_, into) => { into[0] = 1; } },
        { width: E, clip: 1.5 * Math.sqrt(E), fill: (i, into) => { for (let j = 0; j < E; j++) into[j] = codes.mean[i * E + j]!; } },
        { width: E, clip: 2 * Math.sqrt(E), fill: (i, into) => { for (let j = 0; j < E; j++) into[j] = codes.mean[i * E + j]! ** 2 + codes.variance[i * E + j]!; } },
      ];
      await spend('contexts: latent priors', { mechanism: { kind: 'gaussian', sigma: promised(latentSigma) }, count: 1 }, sensitivityOf(blocks), latentSigma * sensitivityOf(blocks));
      const { sums } = noisySums({ blocks, contexts: member, count: C }, latentSigma, privacy.noise), width = 1 + 2 * E, lean = latentSigma * sensitivityOf(blocks);
      for (let c = 0; c < C; c++) {
        // A context whose count the noise may have made leans on the standard normal by as many rows as the noise is worth.
        const n = Math.max(0, sums[c * width]!) + lean;
        for (let j = 0; j < E; j++) {
          const mean = sums[c * width + 1 + j]! / n, second = (sums[c * width + 1 + E + j]! + lean) / n;
          prior.mean[c * E + j] = mean; prior.sd[c * E + j] = Math.sqrt(Math.min(9, Math.max(0.05, second - mean * mean)));
        }
      }
      toRows();
      read++;
    };
    const toRows = (): void => { for (let i = 0; i < fit.rows; i++) { const c = member[i]!; for (let j = 0; j < E; j++) { priorMean[i * E + j] = prior.mean[c * E + j]!; priorLog[i * E + j] = Math.log(prior.sd[c * E + j]!); } } };
    /** A reading that the budget no longer pays for, after steps were lost and charged: the priors stay what they are, and the model is valid. */
    const readIfPaid = (): Promise<void> => readLatents().catch((error: unknown) => { if (!(error instanceof BudgetExhausted)) throw error; });
    const state = { save: () => new Uint8Array(Float32Array.from([read, ...prior.mean, ...prior.sd]).buffer), restore: (b: Uint8Array) => { const v = new Float32Array(b.slice().buffer); read = v[0]!; prior.mean.set(v.subarray(1, 1 + prior.mean.length)); prior.sd.set(v.subarray(1 + prior.mean.length, 1 + 2 * prior.mean.length)); if (read > 0) toRows(); } };
    const { decisions, done, exhausted, weights: learnt } = await privateLoop({
      context: { ...context, ...(earlier && { resume: earlier.loop }), checkpoint: (bytes, resolved) => context.checkpoint(writeState(bytes, { contexts, moments, whole }), resolved) }, device, trainer, steps: Math.max(1, Math.round(own('epochs') / Math.min(1, batch / privacy.rows))), rate: (step, of) => cosine(step, of, own('learningRate'), { warmup: 5, floor: 0.02 }), weights: () => trainer.weights('ema'),
      charged: [...spent, ...planned], others: { cache: state, ...(adversary && { adversary }) },
      async after(step, of) {
        if (adversary) await adversary.turn(trainer, chosen.adversarial * cosine(step, of, own('learningRate'), { warmup: 5, floor: 0.02 }));
        if (cached && read < readings.length - 1 && step + 1 >= readings[read]! * of) await readIfPaid();
      },
    });
    if (cached) await readIfPaid();
    const weights = spelledOut(learnt, described), off = [...(adversary ? [] : [`adversarial: ${withoutCritic}`]), ...offBecause], kept: Weights = cached ? { 'cache.latentMean': { shape: [C, E], values: prior.mean }, 'cache.latentFactor': { shape: [C, E, E], values: diagonal(prior.sd, C, E) } } : {};
    const polished = cached && moments && chosen.covariance > 0 ? await polish(device, { layout, sizes, contexts: new Contexts(contexts!), weights: { ...weights, ...kept }, moments, ...(projection && { projection }), stream: seedless, progress: (fraction) => context.progress({ phase: 'training', fraction, device: device.info }) }) : weights;
    const result: Kept = { modal: encoding, settings: { sizes, ...(contexts && { contexts }), priors: cached, coded: true }, weights: { ...Object.fromEntries(Object.entries({ ...weights, ...polished }).filter(([n]) => /^(decoder|out)/.test(n))), ...kept }, resolved: { decisions, steps: done, exhausted, off } };
    return fitted(result, device);
  } finally { await trainer.release(); await adversary?.release(); }
}

interface Moments { counts: number[]; mean: Float32Array; covariance: Float32Array }
/** What was charged for before training goes with its checkpoint: a resume must not pay, or draw, again. Bytes travel as float32 words, their length in the record. */
function writeState(loop: Uint8Array, o: { contexts: SavedContexts | undefined; moments: Moments | undefined; whole: number }): Uint8Array {
  const values = new Float32Array(Math.ceil(loop.length / 4)), m = o.moments;
  new Uint8Array(values.buffer).set(loop);
  return packState({ length: loop.length, whole: o.whole, contexts: JSON.stringify(o.contexts ?? null), counts: m ? m.counts : null }, [{ name: 'loop', shape: [values.length], values }, ...(m ? [{ name: 'mean', shape: [m.mean.length], values: m.mean }, { name: 'covariance', shape: [m.covariance.length], values: m.covariance }] : [])]);
}
function readState(bytes: Uint8Array): { loop: Uint8Array; contexts: SavedContexts | undefined; moments?: Moments; whole: number } {
  const { meta, arrays } = unpackState(bytes), by = new Map(arrays.map((a) => [a.name, a.values])), loop = by.get('loop')!;
  return {
    loop: new Uint8Array(loop.buffer, loop.byteOffset, meta.length as number), whole: meta.whole as number, contexts: (JSON.parse(meta.contexts as string) as SavedContexts | null) ?? undefined,
    ...(meta.counts !== null && { moments: { counts: meta.counts as number[], mean: by.get('mean')!, covariance: by.get('covariance')! } }),
  };
}

/** Contexts before any row is read (all combinations of declared parts), or those of enough rows, selected by a stability threshold. */
async function contextsFor(context: FitContext & { privacy: PrivateFit }, encoding: PrivateEncoding, chosen: Parameters, spend: (purpose: string, event: Event, sensitivity: number, noise: number) => Promise<void>): Promise<SavedContexts | undefined> {
  const { fit, privacy, outcome } = context;
  if (chosen.contextLearning !== 'rules') return undefined;
  const named = namedColumns(chosen.contexts, fit), guessed = encoding.features.categories.find((f) => f.column === outcome && privacy.columns[f.column]?.type === 'category' && f.size > 1 && f.size <= 20), columns = named.length ? named : guessed ? [guessed.column] : [];
  if (columns.length === 0) return undefined;
  const parts: Part[] = privateParts(encoding, columns, privacy.columns, chosen.contextBins), combinations = parts.reduce((n, p) => n * p.size, 1);
  const label = (codes: readonly number[]): string => parts.map((p, j) => `${p.column} ${p.labels[codes[j]!]!}`).join(', ');
  if (combinations <= Math.min(mostDeclared, chosen.mostContexts)) {
    const every = parts.reduce<number[][]>((list, p) => list.flatMap((l) => Array.from({ length: p.size }, (_, k) => [...l, k])), [[]]);
    return { parts, contexts: every.map((codes): Context => ({ label: label(codes), codes, share: 1 / every.length })) };
  }
  const codes = partCodes(fit, encoding.features, parts), P = parts.length, keys = Array.from({ length: fit.rows }, (_, i) => codes.subarray(i * P, (i + 1) * P).join());
  const sigma = Math.sqrt(1 / (selectShare * privacy.left.precision)), delta = privacy.left.contexts, [counts, threshold] = selectionOf(sigma, delta);
  await spend('contexts: which there are', { mechanism: counts, count: 1 }, 1, sigma);
  await spend('contexts: those that a single row alone has', { mechanism: threshold, count: 1 }, 1, 0);
  const found = selectContexts(keys, { sigma, delta }, privacy.noise).keys.slice(0, chosen.mostContexts - 1), list = found.map((k): Context => { const own = k.split(',').map(Number); return { label: label(own), codes: own, share: 1 / (found.length + 1) }; });
  // The rest's parts by the columns' own noised shares.
  const rest = parts.map((p) => (p.feature !== undefined ? [...encoding.features.categories[p.feature]!.shares] : new Array<number>(p.size).fill(1 / p.size)));
  return { parts, contexts: [...list, { label: 'all other combinations', share: 1 / (found.length + 1) }], rest };
}

type Layout = PrivateEncoding['layout'];
/** A row's one-hots have length sqrt(spans) exactly; of its sketch and that one's square the length is bounded by clipping. */
function momentBlocks(codes: Int32Array, l: Layout, projection: Float32Array | undefined, moments: boolean): Block[] {
  const S = l.spans.length, D = projection ? sketchWidth : l.width, bound = 2 * Math.sqrt(S), s = new Float64Array(D);
  const sketch = (i: number): Float64Array => {
    s.fill(0);
    for (let j = 0; j < S; j++) { const at = l.spans[j]!.start + codes[i * S + j]!; if (projection) for (let d = 0; d < D; d++) s[d]! += projection[at * D + d]!; else s[at] = 1; }
    return s;
  };
  const counts: Block = { width: 1, clip: 1, fill: (_, into) => { into[0] = 1; } };
  if (!moments) return [counts];
  return [counts, { width: l.width, clip: Math.sqrt(S), fill: (i, into) => { into.fill(0); for (let j = 0; j < S; j++) into[l.spans[j]!.start + codes[i * S + j]!] = 1; } },
    { width: D * D, clip: bound * bound, fill: (i, into) => { const v = sketch(i); for (let a = 0; a < D; a++) for (let b = 0; b < D; b++) into[a * D + b] = v[a]! * v[b]!; } }];
}
/** Post-processing of the noisy sums: counts on the simplex, means as shares of every span, covariances projected to what can be one. */
function momentsOf(sums: Float64Array, blocks: readonly Block[], C: number, W: number, D: number, rows: number, projection: Float32Array | undefined): Moments {
  const width = sums.length / C, counts = projectSimplex(Array.from({ length: C }, (_, c) => sums[c * width]!), rows), mean = new Float32Array(C * W), covariance = new Float32Array(C * D * D);
  if (blocks.length > 1) for (let c = 0; c < C; c++) {
    const n = Math.max(1, counts[c]!), own = sums.subarray(c * width + 1, c * width + 1 + W);
    for (let j = 0; j < W; j++) mean[c * W + j] = Math.min(1, Math.max(0, own[j]! / n));
    const m = new Float64Array(D);
    for (let d = 0; d < D; d++) for (let j = 0; j < W; j++) m[d]! += mean[c * W + j]! * (projection ? projection[j * D + d]! : Number(j === d));
    covariance.set(project(Float64Array.from({ length: D * D }, (_, i) => sums[c * width + 1 + W + i]! / n - m[Math.floor(i / D)]! * m[i % D]!), D), c * D * D);
  }
  return { counts, mean, covariance };
}
const diagonal = (sd: Float32Array, C: number, E: number): Float32Array => { const out = new Float32Array(C * E * E); for (let c = 0; c < C; c++) for (let j = 0; j < E; j++) out[(c * E + j) * E + j] = sd[c * E + j]!; return out; };
/** Groups of parameters, each clipped for itself: what reads rows, what writes them, and between. */
function groupsOf(names: readonly string[], bound: number): Array<{ name: string; params: string[]; clip: number }> {
  const by = (name: string, own: RegExp) => ({ name, params: names.filter((n) => own.test(n)), clip: bound / Math.sqrt(3) }), critic = by('critic', /^critic/);
  return [by('encoder', /^(encoder|latent)/), by('decoder', /^decoder/), by('out', /^(out|sigma)/), { ...critic, clip: criticClip * critic.clip }].filter((g) => g.params.length > 0);
}
/** A critic's clip, of an autoencoder's group's: the less, the less of the budget goes to it. */
const criticClip = 0.5;
/** The variational bound of every example, and its critic's loss where there is one, as `clippedSums` wants them. @param penalty weight of the critic's gradient penalty; absent: no critic */
export function privateSpec(model: CriticModel, params: Record<string, ParamSpec>, groups: PrivateSpec['clip'], weight: number, penalty?: number): PrivateSpec {
  const { layout, described, sizes: s } = model, f = (n: number) => ({ shape: [n], dtype: 'float32' as const }), i32 = (n: number) => ({ shape: [n], dtype: 'int32' as const });
  return {
    params, rows: { codes: i32(layout.spans.length), ...(s.contexts && { parts: i32(s.parts.length) }), priorMean: f(s.embedding), priorLog: f(s.embedding) },
    noise: { z: { shape: (b) => [2, b, Math.ceil(s.embedding / 2)], axis: 1 }, ...(penalty !== undefined && { mix: { shape: (b: number) => [b, 1], axis: 0 } }) }, ...(penalty !== undefined && { made: madeShape(model) }),
    losses({ params: p, rows, noise, made, ones }): Expr {
      const x = spanOneHot(rows.codes!, layout.spans), condition = s.contexts ? conditionOf(rows.parts!, s) : undefined, q = encode(p, seen(x, described), condition, s), z = add(mul(normalRows(noise.z!, s.embedding), exp(mul(q.logVariance, 0.5))), q.mean);
      const bound = add(reconstruction(p, said(decode(p, z, condition, s), described), x, layout), mul(divergence(q, { mean: rows.priorMean!, sd: exp(rows.priorLog!) }), weight));
      return penalty === undefined ? bound : add(bound, privateCriticLosses(p, x, condition, made.fake!, noise.mix!, ones, model, penalty));
    },
    clip: groups, optimiser: { ema: 0.95 },
  };
}

/**
 * What a training of CA-DASG keeps outside the graph: the cache, the weights of the terms, the history of parameters, contexts that were learnt, and what is to be drawn. It is saved and
 * restored with the trainer, so that a resumed training ends in the same bytes; everything happens at steps that depend on the number of steps alone.
 */
import { KeyStream, packState, unpackState, type Trainer, type Values } from '../../engine';
import type { ObjectiveParts } from '../../protocol';
import { adapt, dimensionOf, shift, type Lags } from './balance';
import { Cache, type BatchSums, type CacheKind, type Published } from './cache';
import type { Assigned } from './contexts';
import { allParams } from './networks';
import type { Pulls } from './probe';
import { termNames, type Model, type Term } from './step';

export interface HostOptions {
  base: Record<Term, number>;
  adaptive: boolean; dynamic: boolean;
  cache: CacheKind; alpha: number; cacheNoise: number; seed: number;
}
/** Smoothing and clamps of the two kinds of balancing. The divergence's pull equals the reconstruction's wherever training has settled, whatever its weight: it moves little. */
const adaptiveRate = 0.3, adaptiveReach = 10, divergenceReach = 1.5, dynamicRate = 0.3, dynamicReach = 3;
/** Steps between two readings of the cache, but for the first few. */
export const refreshEvery = 8;
/** Steps between two points of the record. */
export const recordEvery = (of: number): number => refreshEvery * Math.max(1, Math.ceil(of / 25 / refreshEvery));
/** The next step, after `at`, before which the graph is told anew. */
export function nextRefresh(at: number): number {
  if (at < 4) return at < 1 ? 1 : at < 2 ? 2 : 4;
  return refreshEvery * (Math.floor(at / refreshEvery) + 1);
}

interface Record_ { steps: number[]; terms: Record<string, (number | null)[]>; weights: Record<string, (number | null)[]>; lags: Record<string, (number | null)[]> }
interface Kept { weights: number[]; multipliers: Lags; record: Record_; sums: Record<string, number>; counts: Record<string, number>; averaged: number; clustered?: number[] }

export class Host {
  readonly cache: Cache | undefined;
  published: Published | undefined;
  weights: number[];
  multipliers: Lags = { fidelity: 1, utility: 1, privacy: 1 };
  history: Record<string, Float32Array> = {};
  /** Contexts that were learnt: of the fitting and the validation rows, and their centres. */
  learnt: { fit: Int32Array; validation: Int32Array; centres: Float64Array; sizes: number[] } | undefined;
  private record: Record_ = { steps: [], terms: {}, weights: {}, lags: {} };
  private sums: Record<string, number> = {};
  private counts: Record<string, number> = {};
  private averaged = 0;
  constructor(private readonly m: Model, private readonly o: HostOptions, private readonly trainer: Trainer, private readonly resident: Record<string, Values>) {
    const { contexts, embedding, sketch } = m.sizes;
    this.weights = termNames.map((t) => o.base[t]);
    if (contexts && m.parts.cache) {
      this.cache = new Cache({ contexts, width: m.layout.width, sketch, embedding }, o.cache, o.alpha, o.cacheNoise, new KeyStream(o.seed, 'ca-dasg/cache'));
      this.published = this.cache.publish();
    }
    if (m.parts.history > 0) for (const [n, p] of Object.entries(allParams(m.layout, m.sizes).decoder)) this.history[n] = new Float32Array(p.shape.reduce((a, b) => a * b, 1));
  }

  /** Hands the graph what it reads. */
  tell(): void {
    const p = this.published;
    this.trainer.setData({
      ...this.resident, weights: Float32Array.from(this.weights),
      ...(p && { 'cache.priorMean': p.priorMean, 'cache.priorSd': p.priorSd, 'cache.mean': p.mean, 'cache.covariance': p.covariance }),
      ...Object.fromEntries(Object.entries(this.history).map(([n, h]) => [`history.${n}`, h])),
      ...(this.learnt && { parts: this.learnt.fit, context: this.learnt.fit }),
    });
  }
  /** What steps [from, from + count) saw, from the trainer's metrics. */
  saw(metrics: Record<string, Float32Array>, from: number, count: number): void {
    if (this.cache && metrics['cache.n']) for (let k = 0; k < count; k++) {
      const own = (n: string): Float32Array | undefined => { const all = metrics[`cache.${n}`]; return all?.subarray((k * all.length) / count, ((k + 1) * all.length) / count); };
      const z = own('z'), zz = own('zz');
      this.cache.update({ n: own('n')!, x: own('x')!, s: own('s')!, ss: own('ss')!, ...(z && zz && { z, zz }) } satisfies BatchSums, from + k);
    }
    for (const [n, values] of Object.entries(metrics)) if (values.length === count && !n.startsWith('cache.') && !n.endsWith('Loss') && !n.endsWith('radientNorm')) for (const v of values) { this.sums[n] = (this.sums[n] ?? 0) + v; this.counts[n] = (this.counts[n] ?? 0) + 1; }
  }
  /** The cache as it is now becomes what the graph reads; a parameter's past is averaged. */
  refresh(): void {
    if (this.cache) this.published = this.cache.publish();
    if (this.m.parts.history > 0) {
      const params = this.trainer.params(), share = 1 / ++this.averaged;
      for (const [n, h] of Object.entries(this.history)) { const now = params[n]!.values; for (let i = 0; i < h.length; i++) h[i]! += (now[i]! - h[i]!) * share; }
    }
    this.tell();
  }

  /** Both balancings, at a point of the record. */
  balance(step: number, pulls: Pulls | undefined, lags: Lags | undefined): void {
    if (this.o.dynamic && lags) this.multipliers = shift(this.multipliers, lags, { rate: dynamicRate, reach: dynamicReach });
    termNames.forEach((t, i) => {
      const base = this.o.base[t] * this.multipliers[dimensionOf[t]], reference = t === 'divergence' ? pulls?.encoderReference : pulls?.decoderReference, pull = pulls?.terms[t];
      // Without an encoder the critic's term is the reference itself.
      if (!this.o.adaptive || (t === 'adversarial' && !this.m.sizes.variational) || pull === undefined || reference === undefined) { this.weights[i] = base; return; }
      this.weights[i] = t === 'divergence' ? Math.min(base * divergenceReach, Math.max(base / divergenceReach, adapt(this.weights[i]!, base, pull, reference, { rate: adaptiveRate, reach: adaptiveReach })))
        : adapt(this.weights[i]!, base, pull, reference, { rate: adaptiveRate, reach: adaptiveReach * 10 });
    });
    const note = (into: Record<string, (number | null)[]>, name: string, value: number): void => { (into[name] ??= new Array<null>(this.record.steps.length - 1).fill(null)).push(value); };
    this.record.steps.push(step);
    for (const [n, sum] of Object.entries(this.sums)) note(this.record.terms, n, sum / this.counts[n]!);
    termNames.forEach((t, i) => { if (this.o.base[t] > 0 && this.isOn(t)) note(this.record.weights, t, this.weights[i]!); });
    if (lags) for (const [n, v] of Object.entries(lags)) note(this.record.lags, n, v as number);
    this.sums = {}; this.counts = {};
  }
  private isOn(t: Term): boolean {
    const { sizes: s, parts } = this.m;
    return t === 'adversarial' ? s.adversarial : t === 'divergence' ? s.variational : t === 'covariance' ? parts.covariance : parts.utility && s.target !== undefined;
  }
  /** What is drawn in the report; undefined before the first point. */
  objective(): ObjectiveParts | undefined {
    const { lags, ...rest } = this.record;
    return rest.steps.length ? { ...rest, ...(Object.keys(lags).length && { lags }) } : undefined;
  }
  /** Contexts found by clusters take the place of the single one until then; their entries begin with what was common to all. */
  cluster(fit: Int32Array, validation: Int32Array, centres: Float64Array, sizes: number[]): void {
    this.learnt = { fit, validation, centres, sizes };
    if (this.cache) { this.published = this.cache.publish(); this.cache.restore(new Float64Array(this.cache.save().length)); }
    this.tell();
  }
  get assigned(): Assigned | undefined { return this.learnt && { parts: this.learnt.fit, contexts: this.learnt.fit }; }

  /** As a trainer of the shared loop, which only saves and restores it. */
  asTrainer(): Trainer {
    const none = (): never => { throw new Error('ca-dasg: the host trains nothing by itself'); };
    return { get step() { return 0; }, run: none, params: none, setData: none, save: () => this.save(), restore: (b) => this.restore(b), release: async () => undefined };
  }
  private save(): Uint8Array {
    const f64 = (name: string, values: Float64Array) => { const copy = values.slice(); return { name, shape: [2 * copy.length], values: new Float32Array(copy.buffer) }; };
    const i32 = (name: string, values: Int32Array) => { const copy = values.slice(); return { name, shape: [copy.length], values: new Float32Array(copy.buffer) }; };
    const f32 = (name: string, values: Float32Array) => ({ name, shape: [values.length], values });
    const kept: Kept = { weights: this.weights, multipliers: this.multipliers, record: this.record, sums: this.sums, counts: this.counts, averaged: this.averaged, ...(this.learnt && { clustered: this.learnt.sizes }) };
    return packState({ kept: JSON.stringify(kept) }, [
      ...(this.cache ? [f64('cache', this.cache.save())] : []), ...Object.entries(this.published ?? {}).map(([n, v]) => f32(`published/${n}`, v as Float32Array)),
      ...Object.entries(this.history).map(([n, v]) => f32(`history/${n}`, v)),
      ...(this.learnt ? [i32('learnt/fit', this.learnt.fit), i32('learnt/validation', this.learnt.validation), f64('learnt/centres', this.learnt.centres)] : []),
    ]);
  }
  private restore(bytes: Uint8Array): void {
    const { meta, arrays } = unpackState(bytes), by = new Map(arrays.map((a) => [a.name, a.values])), kept = JSON.parse(meta.kept as string) as Kept;
    // Copied: what was read may not be aligned to eight bytes.
    const f64 = (name: string): Float64Array => new Float64Array(by.get(name)!.slice().buffer), i32 = (name: string): Int32Array => new Int32Array(by.get(name)!.slice().buffer);
    Object.assign(this, { weights: kept.weights, multipliers: kept.multipliers, record: kept.record, sums: kept.sums, counts: kept.counts, averaged: kept.averaged });
    this.cache?.restore(f64('cache'));
    if (this.published) this.published = Object.fromEntries(Object.keys(this.published).map((n) => [n, by.get(`published/${n}`)!.slice()])) as unknown as Published;
    for (const n of Object.keys(this.history)) this.history[n] = by.get(`history/${n}`)!.slice();
    this.learnt = kept.clustered ? { fit: i32('learnt/fit'), validation: i32('learnt/validation'), centres: f64('learnt/centres'), sizes: kept.clustered } : undefined;
    this.tell();
  }
}

/** Rows from a fitted CA-DASG: a context, a code from its cached prior, a decoded row. */
import { KeyStream, log, neg, type Device, type Expr, type Program } from '../../engine';
import type { Table } from '../../table/table';
import type { TrainingExtras } from '../../protocol';
import type { FittedGenerator, TrainingCurve } from '../generator';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import type { Weights } from '../blocks/loop';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { packModel, unpackModel } from '../blocks/saved';
import { ModalFeatures, readRows, type EncodedRows } from '../blocks/spans';
import { Contexts, type Assigned, type SavedContexts } from './contexts';
import { decode, scoresOf, type Sizes } from './networks';
import { PrivateEncoding, type Encoding } from '../blocks/private/encoding';
import { conditionOf } from './step';

export const id = 'ca-dasg';
/** Rows drawn at once. */
export const blockRows = 512;
export interface Settings { sizes: Sizes; /** the encoding is the one of private fits */ coded?: boolean; contexts?: SavedContexts; /** whether the contexts' latent priors are in the weights */ priors: boolean }
export interface Kept { modal: Encoding; settings: Settings; weights: Weights; resolved: Record<string, unknown>; curve?: TrainingCurve & TrainingExtras }

export class Sampler {
  private constructor(private readonly program: Program, private readonly kept: Kept, readonly contexts: Contexts | undefined) {}
  static async open(device: Device, kept: Kept): Promise<Sampler> {
    const { modal: { layout: l }, settings: { sizes: s } } = kept, B = blockRows, scatter = s.variational && l.alphas > 0;
    const frozen = Object.fromEntries(Object.entries(kept.weights).filter(([n]) => /^(decoder|out|sigma)/.test(n)));
    const program = await device.compile({
      inputs: {
        z: { shape: [B, s.embedding], dtype: 'float32' }, ...(l.hot && { u: uniformBits([B, l.hot]) }), ...(scatter && { scatter: normalBits([B, l.alphas]) }),
        ...(s.contexts && { parts: { shape: [B, s.parts.length], dtype: 'int32' as const } }),
      }, frozen,
      outputs(i: Record<string, Expr>) {
        const raw = decode(i, i.z!, i.parts && conditionOf(i.parts, s), s);
        return { scores: scoresOf(i, raw, i.u && neg(log(neg(log(uniforms(i.u))))), i.scatter && normals(i.scatter, [B, l.alphas]), l) };
      },
    });
    return new Sampler(program, kept, kept.settings.contexts && new Contexts(kept.settings.contexts));
  }
  release(): Promise<void> { return this.program.release(); }

  /** Block `index` under a seed; `assigned` names the contexts of its rows. */
  async block(index: number, seed: number, assigned: Assigned | undefined): Promise<EncodedRows> {
    const { modal: { layout: l }, settings: { sizes: s } } = this.kept, B = blockRows, words = (name: string, spec: ReturnType<typeof normalBits>): Int32Array => wordsOf(new KeyStream(seed, `${id}/sample/${name}`), spec, index, 1);
    const out = await this.program.run({
      z: this.codes(index, seed, assigned), ...(l.hot && { u: words('u', uniformBits([B, l.hot])) }),
      ...(s.variational && l.alphas && { scatter: words('scatter', normalBits([B, l.alphas])) }), ...(assigned && { parts: assigned.parts }),
    });
    const rows = readRows(out.scores as Float32Array, l, B);
    // The context is what it is: its category columns are not left to the decoder.
    this.contexts?.parts.forEach((p, j) => { if (p.feature !== undefined) for (let i = 0; i < B; i++) rows.codes[i * l.spans.length + l.alphas + p.feature] = assigned!.parts[i * this.contexts!.parts.length + j]!; });
    return rows;
  }
  /** Latent codes [B, E]: mean + factor times normals of each row's context. */
  private codes(index: number, seed: number, assigned: Assigned | undefined): Float32Array {
    const E = this.kept.settings.sizes.embedding, noise = new KeyStream(seed, `${id}/sample/z`).normals(index * blockRows * E, blockRows * E);
    if (!assigned || !this.kept.settings.priors) return Float32Array.from(noise);
    const mean = this.kept.weights['cache.latentMean']!.values, factor = this.kept.weights['cache.latentFactor']!.values, out = new Float32Array(noise.length);
    for (let i = 0; i < blockRows; i++) {
      const c = assigned.contexts[i]!;
      for (let a = 0; a < E; a++) {
        let v = mean[c * E + a]!;
        for (let b = 0, at = (c * E + a) * E; b <= a; b++) v += factor[at + b]! * noise[i * E + b]!;
        out[i * E + a] = v;
      }
    }
    return out;
  }
}

export function fitted(kept: Kept, device: Device): FittedGenerator {
  let opened: Promise<Sampler> | undefined;
  const { modal } = kept, A = modal.layout.alphas, C = modal.layout.spans.length, { features } = modal;
  const exact = kept.settings.contexts ? new Contexts(kept.settings.contexts).exact.filter((name) => features.columns.some((c) => c.name === name && c.storage === 'code')) : [];
  const columns: FittedColumn[] = features.columns.map((schema) => {
    const own = features.categories.find((f) => f.column === schema.name), kinds = own?.categories, seen = kinds && new Set([...kinds, ...(own.tail?.categories ?? [])]);
    return { schema, missing: own ? own.source === 'missing' || (kinds?.includes(-1) ?? own.values?.some((v) => v !== v) ?? false) : false, ...(schema.storage === 'code' && { categories: features.dictionary(schema.name)!, ...(seen && { seen: (c: number) => seen.has(c) }) }) };
  });
  const canCondition = (names: readonly string[]): boolean => names.length > 0 && names.every((n) => exact.includes(n));
  return {
    device: device.info, resolved: kept.resolved, ...(kept.curve && { curve: kept.curve }), canCondition,
    async sample(rows, { seed, progress, given: asked }) {
      const given = checkGiven(columns, asked, rows, canCondition);
      opened ??= Sampler.open(device, kept);
      const own = await opened, asks = given && own.contexts ? givenCodes(own.contexts, features, given) : undefined, alphas = new Float32Array(rows * A), codes = new Int32Array(rows * C);
      for (let at = 0; at < rows; at += blockRows) {
        const n = Math.min(blockRows, rows - at), index = at / blockRows, assigned = own.contexts && own.contexts.draw(new KeyStream(seed, `${id}/sample/context`), at, blockRows, asks && padded(asks, at, own.contexts.parts.length));
        const block = await own.block(index, seed, assigned);
        alphas.set(block.alphas.subarray(0, n * A), at * A);
        codes.set(block.codes.subarray(0, n * C), at * C);
        await progress?.(at + n);
      }
      return withGiven(modal.decode({ rows, alphas, codes }, { seed }), given);
    },
    save() { const { weights, modal: m, ...record } = kept; return packModel(id, { ...record, modal: m.save() }, weights); },
    async dispose() { await (await opened)?.release(); opened = undefined; },
  };
}
/** From the bytes of `save`. */
export function unpack(bytes: Uint8Array): Kept {
  const { record, weights } = unpackModel<Omit<Kept, 'weights' | 'modal'> & { modal: string }>(id, bytes);
  return { ...record, modal: record.settings.coded ? PrivateEncoding.load(record.modal) : ModalFeatures.load(record.modal), weights };
}

/** Codes of the contexts' parts that are given, [rows, parts], -1 where not. */
function givenCodes(contexts: Contexts, features: Encoding['features'], given: Table): Int32Array {
  const P = contexts.parts.length, out = new Int32Array(given.rows * P).fill(-1), names = new Set(given.columns.map((c) => c.schema.name));
  contexts.parts.forEach((p, j) => {
    if (p.feature === undefined || !names.has(p.column)) return;
    const own = features.encodeCategory(features.categories[p.feature]!, given.column(p.column));
    for (let i = 0; i < given.rows; i++) out[i * P + j] = own[i]!;
  });
  return out;
}
/** A block's share of them; rows beyond the end ask for nothing. */
function padded(codes: Int32Array, from: number, parts: number): Int32Array {
  const out = new Int32Array(blockRows * parts).fill(-1);
  out.set(codes.subarray(from * parts, (from + blockRows) * parts));
  return out;
}

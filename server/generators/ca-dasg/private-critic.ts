/**
 * The adversarial half under a privacy budget. The critic's loss on a row (its score, and the gradient penalty between it and a made row) is one more term of the row's loss, its parameters one more group that is clipped and noised: one
 * mechanism releases a step of the autoencoder and a step of the critic together, and the ledger's training entry holds both. The decoder's turns against the noised critic see made rows alone: post-processing, at no cost (Xie et al. 2018).
 * Critic and made rows are taken in the columns' features, as the autoencoder's are.
 */
import { concat, grad, mean, packState, unpackState, uniform, type Device, type Expr, type KeyStream, type ParamSpec, type Program, type Values } from '../../engine';
import { HostAdam } from '../../privacy/clipping/host-adam';
import type { PrivateTrainer } from '../../privacy/clipping/private-trainer';
import type { Weights } from '../blocks/loop';
import { linear } from '../blocks/mlp';
import { uniformBits, uniforms } from '../blocks/noise';
import { said, seen, type Described } from '../blocks/private/described';
import { activate, type Layout } from '../blocks/spans';
import { criticParams, judgeFrom, type Tower } from '../gan/networks';
import { criticLosses } from '../gan/private';
import type { Contexts } from './contexts';
import { conditionWidth, decode, type Sizes } from './networks';
import { conditionOf } from './step';

/** Small: noise costs by the number of weights. */
const tower: Tower = { hidden: 24, layers: 1 };
/** Rows of a turn of the decoder's. */
const turnRows = 500;

export interface CriticModel { layout: Layout; described: Described; sizes: Sizes; contexts?: Contexts }
const told = (features: Expr, condition: Expr | undefined): Expr => (condition ? concat([features, condition], 1) : features);
const toldWidth = ({ described, sizes }: CriticModel): number => described.width + conditionWidth(sizes);
export const privateCriticParams = (m: CriticModel): Record<string, ParamSpec> => criticParams(toldWidth(m), tower);
/** A made row as the critic takes it, of what the host makes for every batch. */
export const madeShape = (m: CriticModel): { fake: { shape: [number]; dtype: 'float32' } } => ({ fake: { shape: [toldWidth(m)], dtype: 'float32' } });
/** The critic's loss of every row, [B]. @param x one-hots [B, hot]; `mix` words [B, 1] */
export const privateCriticLosses = (p: Record<string, Expr>, x: Expr, condition: Expr | undefined, fake: Expr, mix: Expr, ones: Expr, { described }: CriticModel, penalty: number): Expr =>
  criticLosses(p, told(seen(x, described), condition), fake, uniform(mix), ones, tower, penalty);

const decoders = (weights: Weights): Weights => Object.fromEntries(Object.entries(weights).filter(([n]) => /^(decoder|out)/.test(n)));
type Prior = { mean: Float32Array; sd: Float32Array };

/** Made rows for the critic, and the decoder's turns against it. Nothing here is given a row. */
export class Adversary {
  private turns = 0;
  private readonly programs = new Map<number, Promise<Program>>();
  private constructor(private readonly device: Device, private readonly m: CriticModel, private readonly pull: Program, private readonly adam: HostAdam, private readonly now: () => { weights: Weights; prior: Prior }, private readonly keys: KeyStream) {}
  /** @param now the noised weights, and the contexts' noised latent priors */
  static async open(device: Device, m: CriticModel, params: Record<string, ParamSpec>, now: () => { weights: Weights; prior: Prior }, keys: KeyStream): Promise<Adversary> {
    const own = Object.keys(params).filter((n) => /^(decoder|out)/.test(n)), shaped = Object.fromEntries(Object.entries(params).filter(([n]) => /^(decoder|out|critic)/.test(n)).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
    const pull = await device.compile({
      inputs: { ...shaped, ...inputs(m, turnRows) },
      outputs(i: Record<string, Expr>) {
        const score = mean(judgeFrom(i, linear(i, 'critic.0', made(i, i, m, turnRows)), tower, [])), slopes = grad(score, own.map((n) => i[n]!));
        return Object.fromEntries(own.map((n, k) => [n, slopes[k]!]));
      },
    });
    // Moments of a point that stays at zero: what an update moves it by is what the decoder moves by.
    const still = Object.fromEntries(own.map((n) => [n, { shape: params[n]!.shape, values: new Float32Array(params[n]!.shape.reduce((a, b) => a * b, 1)) }]));
    return new Adversary(device, m, pull, new HostAdam(still, Object.fromEntries(own.map((n) => [n, { shape: params[n]!.shape }])), { beta1: 0.5, beta2: 0.9 }), now, keys);
  }
  private feeds(B: number, stream: KeyStream): Record<string, Values> {
    const { m } = this, { embedding: E } = m.sizes, { prior } = this.now(), z = stream.child('z').normals(0, B * E), drawn = m.contexts?.draw(stream.child('context'), 0, B), code = new Float32Array(B * E);
    for (let i = 0; i < B; i++) { const c = drawn ? drawn.contexts[i]! : 0; for (let j = 0; j < E; j++) code[i * E + j] = prior.mean[c * E + j]! + prior.sd[c * E + j]! * z[i * E + j]!; }
    return { z: code, u: stream.child('u').bits(0, B * m.layout.hot), ...(drawn && { parts: drawn.parts }) };
  }
  /** `made` for a batch of B rows. */
  async make(B: number, stream: KeyStream): Promise<Record<string, Values>> {
    let program = this.programs.get(B);
    if (!program) {
      const weights = decoders(this.now().weights);
      program = this.device.compile({ inputs: { ...Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, { shape: w.shape, dtype: 'float32' as const }])), ...inputs(this.m, B) }, outputs: (i: Record<string, Expr>): Record<string, Expr> => ({ fake: made(i, i, this.m, B) }) });
      this.programs.set(B, program);
    }
    return (await program).run({ ...values(decoders(this.now().weights)), ...this.feeds(B, stream) });
  }
  /** Moves the decoder so that made rows score higher. */
  async turn(trainer: PrivateTrainer, rate: number): Promise<void> {
    const { weights } = this.now(), wanted = Object.fromEntries(Object.entries(weights).filter(([n]) => /^(decoder|out|critic)/.test(n))), slopes = await this.pull.run({ ...values(wanted), ...this.feeds(turnRows, this.keys.child(`turn/${this.turns++}`)) });
    this.adam.update(Object.fromEntries(Object.keys(this.adam.current).map((n) => [n, (slopes[n] as Float32Array).map((v) => -v)])), rate);
    trainer.move(Object.fromEntries(Object.entries(this.adam.current).map(([n, w]) => [n, w.values])));
    for (const w of Object.values(this.adam.current)) w.values.fill(0);
  }
  save(): Uint8Array { return packState({ turns: this.turns }, this.adam.arrays()); }
  restore(bytes: Uint8Array): void { const { meta, arrays } = unpackState(bytes); this.turns = meta.turns as number; this.adam.restore(arrays); }
  async release(): Promise<void> { await this.pull.release(); for (const p of this.programs.values()) await (await p).release(); }
}
const values = (weights: Weights): Record<string, Values> => Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, w.values]));
const inputs = ({ layout, sizes: s }: CriticModel, B: number): Record<string, { shape: number[]; dtype: 'float32' | 'int32' }> => ({ z: { shape: [B, s.embedding], dtype: 'float32' }, u: { shape: [...uniformBits([B, layout.hot]).shape], dtype: 'int32' }, ...(s.contexts && { parts: { shape: [B, s.parts.length], dtype: 'int32' as const } }) });
/** Rows from the decoder, soft enough to carry a gradient, in features: [B, toldWidth]. */
function made(p: Record<string, Expr>, i: Record<string, Expr>, { layout, described, sizes: s }: CriticModel, B: number): Expr {
  const condition = s.contexts ? conditionOf(i.parts!, s) : undefined, row = activate(said(decode(p, i.z!, condition, s), described), uniforms(i.u!), layout);
  if (row.shape[0] !== B) throw new Error('made rows of another batch');
  return told(seen(row, described), condition);
}

/** A fitted generator of the GAN and VAE family: its record, and rows drawn block by block. */
import type { Device } from '../../engine';
import { UserError } from '../../errors';
import type { FitContext, FittedGenerator, TrainingCurve } from '../generator';
import type { Weights } from './loop';
import { PrivateEncoding, type Encoding } from './private/encoding';
import { packModel, unpackModel } from './saved';
import { ModalFeatures, type EncodedRows } from './spans';

/** Rows drawn at once. Batch normalisation in a generator looks at the whole block, so it is the batch of training and never cut. */
export const blockRows = 500;

export interface Kept<S> { id: string; modal: Encoding; settings: S; weights: Weights; resolved: Record<string, unknown>; curve?: TrainingCurve }
export interface BlockSampler {
  /** Block `index` of `blockRows` rows under a seed. */
  block(index: number, seed: number): Promise<EncodedRows>;
  release(): Promise<void>;
}

export function modalFitted<S>(kept: Kept<S>, device: Device, open: (device: Device, kept: Kept<S>) => Promise<BlockSampler>): FittedGenerator {
  let sampler: Promise<BlockSampler> | undefined;
  const { modal } = kept, A = modal.layout.alphas, C = modal.layout.spans.length;
  return {
    device: device.info, resolved: kept.resolved, ...(kept.curve && { curve: kept.curve }),
    async sample(rows, { seed, progress, given }) {
      // Rows given some columns are not what these networks draw: putting cells in afterwards would be no conditional.
      if (given?.columns.length) throw new UserError('This generator cannot draw rows given some of their columns.', { column: given.columns[0]!.schema.name }, 'Use --generator autoregressive, which can be given any columns.', 'usage');
      sampler ??= open(device, kept);
      const own = await sampler, alphas = new Float32Array(rows * A), codes = new Int32Array(rows * C);
      for (let at = 0; at < rows; at += blockRows) {
        const n = Math.min(blockRows, rows - at), block = await own.block(at / blockRows, seed);
        alphas.set(block.alphas.subarray(0, n * A), at * A);
        codes.set(block.codes.subarray(0, n * C), at * C);
        await progress?.(at + n);
      }
      return modal.decode({ rows, alphas, codes }, { seed });
    },
    save() {
      const { weights, modal: own, ...record } = kept;
      return packModel(kept.id, { ...record, modal: own.save(), ...(own instanceof PrivateEncoding && { coded: true }) }, weights);
    },
    async dispose() { await (await sampler)?.release(); sampler = undefined; },
  };
}
/** From the bytes of `save`. */
export function unpackKept<S>(id: string, bytes: Uint8Array): Kept<S> {
  const { record: { coded, ...record }, weights } = unpackModel<Omit<Kept<S>, 'weights' | 'modal'> & { modal: string; /** the encoding is that of private fits */ coded?: boolean }>(id, bytes);
  return { ...record, modal: coded ? PrivateEncoding.load(record.modal) : ModalFeatures.load(record.modal), weights };
}

/** The encoding of the fitting rows, with progress; what every generator of the family begins with. */
export function fitModal(context: FitContext, options: { components: number; atoms: boolean; valuesAsCategories: number; maxCategories: number; logs?: boolean }, device: Device): Promise<ModalFeatures> {
  return ModalFeatures.fit(context.fit, { ...options, seed: context.seed, leastRows: context.protection.enabled ? context.protection.k : 1 },
    () => context.progress({ phase: 'warming-up', fraction: 0, message: 'finding the modes of the numbers', device: device.info }));
}

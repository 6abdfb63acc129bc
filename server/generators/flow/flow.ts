import { z } from 'zod';
import { UserError } from '../../errors';
import { add, cosine, epochBatches, gather, KeyStream, mean, openDevice, reshape, slice, sum, type Device, type Expr, type TrainSpec } from '../../engine';
import type { Table } from '../../table/table';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../generator';
import { dropoutPool, dropoutRows, dropped, poolShape } from '../blocks/dropout';
import { Features, fitFeatures } from '../blocks/features';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import { trainLoop, type Decisions, type Weights } from '../blocks/loop';
import { RowLoss } from '../blocks/row-loss';
import { packModel, unpackModel } from '../blocks/saved';
import { categoryLoss, flowParams, numberLoss, type FlowShape } from './model';
import { categoryOrder, chooseShape, fittedColumns, permuted } from './shape';
import { FlowSampler } from './sample';

export const parameters = z.strictObject({
  structure: z.enum(['auto', 'autoregressive', 'coupling']).default('auto').describe('How a layer maps the numbers: each given those before it (more faithful, slower to draw), or half of them given the other half. auto: autoregressive up to 48 numeric columns.'),
  transform: z.enum(['spline', 'affine']).default('spline').describe('The map of one number: a rational-quadratic spline (Durkan et al. 2019), or a shift and a scale (RealNVP).'),
  layers: z.int().min(1).max(16).optional().describe('Maps of the numbers one after another. Default: 2 autoregressive ones, 6 couplings.'),
  bins: z.int().min(1).max(64).default(8).describe('Bins of a spline.'),
  bound: z.number().min(1).max(10).default(4).describe('Splines act on normal scores within this bound, and are the identity beyond it.'),
  valuesAsCategories: z.int().min(1).max(1000).default(64).describe('Numeric columns of at most this many distinct values are modelled as categories.'),
  hidden: z.int().min(4).max(1024).optional().describe('Width of each column\'s network. Default: chosen from the number of rows.'),
  depth: z.int().min(1).max(6).default(3).describe('Layers of each column\'s network.'),
  embedding: z.int().min(1).max(256).default(16).describe('Width of a category\'s embedding.'),
  dropout: z.number().min(0).max(0.9).default(0.2).describe('Share of hidden units dropped at each training step.'),
  weightDecay: z.number().min(0).max(10).default(0.1).describe('Decoupled weight decay (AdamW).'),
  batch: z.int().min(16).max(8192).default(512).describe('Rows a step.'),
  epochs: z.int().min(1).max(100_000).default(200).describe('Most passes over the rows; the time budget may allow fewer.'),
  learningRate: z.number().positive().max(0.1).default(2e-3).describe('Peak learning rate; cosine decay.'),
});
export type Parameters = z.infer<typeof parameters>;

interface Record_ { features: string; order: number[]; shape: FlowShape; decisions: Decisions; curve?: TrainingCurve }
const mostColumns = 300, mostValidationRows = 8192;

/** A mixed-type normalising flow with exact likelihood. See model.ts for the maps, the dequantisation and their sources. */
export const flow: Generator = {
  parameters,
  async fit(context: FitContext, given) {
    const chosen = parameters.parse(given), { fit } = context;
    if (fit.columns.length > mostColumns)
      throw new UserError(`There are ${fit.columns.length.toLocaleString('en')} columns to learn, and this generator learns ${mostColumns} at most.`, {}, 'Leave some out with --drop, divide the table, or use --generator autoregressive.');
    const features = fitFeatures(fit, { numbers: 'quantile', seed: context.seed, valuesAsCategories: Math.min(chosen.valuesAsCategories, Math.max(2, Math.floor(fit.rows / 20))) });
    const order = categoryOrder(features, context.outcome), shape = chooseShape(chosen, features, order, fit.rows);
    const device = await openDevice(context.device);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const { weights, decisions, curve } = await train(device, context, chosen, features, order, shape);
    return fitted({ features: features.save(), order, shape, decisions, curve }, weights, device);
  },
  async load(bytes, device) {
    const { record, weights } = unpackModel<Record_>('flow', bytes);
    return fitted(record, weights, await openDevice(device));
  },
};

/** Mean over rows of -log p(row), where numbers are normal scores: the loss of one step. N numbers, C categories, B rows. */
export function stepSpec(shape: FlowShape, rows: number, batch: number, options: { dropout: number; weightDecay: number }): TrainSpec {
  const N = shape.numbers, C = shape.sizes.length, B = batch, { hidden, depth } = shape;
  const widest = Math.max(C, N), perLayer = widest * B, layers = (C > 0 ? 1 : 0) + shape.layers;
  return {
    params: flowParams(shape),
    data: { ...(N > 0 && { numbers: { shape: [rows, N], dtype: 'float32' as const } }), ...(C > 0 && { codes: { shape: [rows, C], dtype: 'int32' as const } }), ...(options.dropout > 0 && { pool: { shape: poolShape(hidden), dtype: 'float32' as const } }) },
    step: { rows: { shape: [B], dtype: 'int32' }, ...(options.dropout > 0 && { drop: { shape: [layers * depth, perLayer], dtype: 'int32' as const } }) },
    loss({ params, data, step }) {
      const drop = (network: number) => (options.dropout > 0 ? (h: Expr, layer: number): Expr => {
        const n = h.shape[0]! * B, at = network * depth + layer;
        return dropped(h, data.pool!, reshape(slice(step.drop!, [at, 0], [at + 1, n]), [n]));
      } : undefined);
      const codes = C > 0 ? gather(data.codes!, step.rows!) : undefined;
      const categories = codes ? sum(categoryLoss(params, shape, codes, drop(0)), { axes: 1 }) : undefined;
      const numbers = N > 0 ? numberLoss(params, shape, gather(data.numbers!, step.rows!), codes, options.dropout > 0 ? (layer) => drop(layer + (C > 0 ? 1 : 0))! : undefined) : undefined;
      return { loss: mean(categories && numbers ? add(categories, numbers) : (categories ?? numbers)!) };
    },
    optimiser: { beta2: 0.99, weightDecay: options.weightDecay, clipNorm: 5, ema: 0.998, emaWarmup: true },
  };
}

async function train(device: Device, context: FitContext, chosen: Parameters, features: Features, order: number[], shape: FlowShape) {
  const { seed } = context, rows = context.fit.rows, N = shape.numbers, C = shape.sizes.length, B = Math.min(chosen.batch, Math.max(16, rows));
  const own = features.encode(context.fit), spec = stepSpec(shape, rows, B, chosen), stream = (name: string): KeyStream => new KeyStream(seed, `flow/${name}`);
  const trainer = await device.train(spec, {
    seed: stream('start').bytes(0, 32),
    data: { ...(N > 0 && { numbers: own.numbers }), ...(C > 0 && { codes: permuted(own.codes, rows, order) }), ...(chosen.dropout > 0 && { pool: dropoutPool(shape.hidden, chosen.dropout, stream('pool')) }) },
  });
  const validation = await validator(device, context.validation, features, order, shape);
  const batches = stream('rows'), drops = stream('drop'), perStep = chosen.dropout > 0 ? spec.step!.drop!.shape.reduce((a, b) => a * b, 1) : 0;
  try {
    return await trainLoop({
      context, device, trainers: { flow: trainer }, steps: Math.ceil((chosen.epochs * rows) / B), evaluateEvery: Math.max(1, Math.round(rows / B)), patience: 6,
      weights: () => trainer.params('ema'),
      ...(validation && { validate: (w: Weights) => validation.mean(w) }),
      async run(from, count, of) {
        const lr = Float32Array.from({ length: count }, (_, k) => cosine(from + k, of, chosen.learningRate, { warmup: Math.min(100, of / 10), floor: 0.01 }));
        const { loss } = await trainer.run({ rows: epochBatches(batches, rows, B, from, count), ...(perStep > 0 && { drop: dropoutRows(drops, from, count, perStep) }) }, lr);
        return loss.reduce((a, b) => a + b, 0) / count;
      },
    });
  } finally {
    await trainer.release();
    await validation?.release();
  }
}

/** -log p of the first so many rows. */
async function validator(device: Device, table: Table, features: Features, order: number[], shape: FlowShape, most = mostValidationRows): Promise<RowLoss | undefined> {
  const rows = Math.min(table.rows, most);
  if (rows === 0) return undefined;
  const own = features.encode(rows < table.rows ? table.take(Int32Array.from({ length: rows }, (_, i) => i)) : table);
  const N = shape.numbers, C = shape.sizes.length;
  return RowLoss.open(device, flowParams(shape), {
    ...(N > 0 && { numbers: { shape: [N], values: own.numbers } }), ...(C > 0 && { codes: { shape: [C], values: permuted(own.codes, rows, order) } }),
  }, rows, (p, r) => {
    const categories = C > 0 ? sum(categoryLoss(p, shape, r.codes!), { axes: 1 }) : undefined, numbers = N > 0 ? numberLoss(p, shape, r.numbers!, r.codes) : undefined;
    return categories && numbers ? add(categories, numbers) : (categories ?? numbers)!;
  });
}

function fitted(record: Record_, weights: Weights, device: Device): FittedGenerator {
  const features = Features.load(record.features), columns: FittedColumn[] = fittedColumns(features);
  // Columns that a condition may hold: the first so many of the drawing order.
  const ordered = record.order.map((c) => features.categories[c]!).filter((f) => f.source !== 'missing').map((f) => f.column);
  const canCondition = (names: readonly string[]): boolean => names.length <= ordered.length && ordered.slice(0, names.length).every((n) => names.includes(n));
  let sampler: Promise<FlowSampler> | undefined;
  return {
    device: device.info, resolved: { decisions: record.decisions },
    ...(record.curve && { curve: record.curve }),
    async sample(rows, { seed, given, progress }) {
      const condition = checkGiven(columns, given, rows, canCondition);
      sampler ??= FlowSampler.open(device, record.shape, weights);
      const drawn = await (await sampler).rows(rows, new KeyStream(seed, 'flow/sample'), condition && givenCodes(features, record.order, condition), progress);
      return withGiven(features.decode({ numbers: drawn.numbers, codes: permuted(drawn.codes, rows, record.order, true) }, rows, { seed }), condition);
    },
    canCondition,
    likelihood: {
      rows: 10_000,
      async of(table, { progress }) {
        const loss = await validator(device, table, features, record.order, record.shape, table.rows);
        try { return (await loss?.each(weights, progress))?.map((v) => -v) ?? new Float64Array(0); } finally { await loss?.release(); }
      },
    },
    save: () => packModel('flow', record, weights),
    async dispose() { await (await sampler)?.release(); sampler = undefined; },
  };
}

/** Codes of the condition's columns in drawing order, -1 where nothing is given: int32 [rows, C]. */
function givenCodes(features: Features, order: number[], condition: Table): Int32Array {
  const C = order.length, out = new Int32Array(condition.rows * C).fill(-1);
  order.forEach((c, place) => {
    const f = features.categories[c]!;
    if (f.source === 'missing' || !condition.columns.some((x) => x.schema.name === f.column)) return;
    features.encodeCategory(f, condition.column(f.column)).forEach((code, i) => { out[i * C + place] = code; });
  });
  return out;
}

import { z } from 'zod';
import { UserError } from '../../errors';
import { at, cosine, epochBatches, gather, KeyStream, mean, openDevice, sum, type Device, type TrainSpec } from '../../engine';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import { encodeColumn } from '../../table/encoders/codes';
import type { Table, TableSchema } from '../../table/table';
import { encodeTable, layoutOf, makeLayout, type Layout } from '../autoregressive/layout';
import { dropoutPool, dropoutRows, dropped, poolShape } from '../blocks/dropout';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import { trainLoop, type Decisions, type Trained, type Weights } from '../blocks/loop';
import { RowLoss } from '../blocks/row-loss';
import { packModel, unpackModel } from '../blocks/saved';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../generator';
import { causalLayout, columnLosses, transformerParams, type Sizes } from './model';
import { TransformerSampler } from './sample';

export const parameters = z.strictObject({
  width: z.int().min(8).max(1024).optional().describe('Width of a token; a multiple of the heads. Default: chosen from the number of rows.'),
  layers: z.int().min(1).max(12).default(3).describe('Transformer blocks.'),
  heads: z.int().min(1).max(16).default(4).describe('Attention heads.'),
  hidden: z.int().min(8).max(4096).optional().describe('Hidden width of a block\'s MLP. Default: four times the width.'),
  dropout: z.number().min(0).max(0.9).default(0.15).describe('Share of units of the tokens and of the last states dropped at each training step.'),
  weightDecay: z.number().min(0).max(10).default(0.1).describe('Decoupled weight decay (AdamW).'),
  smoothing: z.number().min(0).max(0.3).default(0.1).describe('Share of a numeric target\'s weight that goes to each neighbouring bin.'),
  batch: z.int().min(8).max(8192).optional().describe('Rows a step. Default: 256, less for tables of few rows or many columns.'),
  epochs: z.int().min(1).max(100_000).default(100).describe('Most passes over the rows; the time budget may allow fewer.'),
  learningRate: z.number().positive().max(0.1).default(2e-3).describe('Peak learning rate; cosine decay.'),
});
type Parameters = z.infer<typeof parameters>;
interface Record_ { layout: Pick<Layout, 'columns' | 'order'>; schema: TableSchema; sizes: Sizes; decisions: Decisions; curve?: TrainingCurve }

/** Every column is a step of the program that draws rows; more would take minutes to build. */
const mostColumns = 128, mostValidationRows = 8192;

/** A causal transformer over column tokens, trained with teacher forcing. See model.ts. */
export const transformer: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), rows = context.fit.rows, columns = context.fit.columns.length;
    if (columns > mostColumns) throw new UserError(`There are ${columns.toLocaleString('en')} columns to learn, and this generator learns ${mostColumns} at most.`, {}, 'Leave some out with --drop, divide the table, or use --generator autoregressive.');
    const width = p.width ?? p.heads * Math.max(2, Math.round((rows < 600 ? 24 : rows < 2000 ? 32 : rows < 6000 ? 48 : 64) / p.heads));
    if (width % p.heads !== 0) throw new UserError(`A width of ${width} does not divide among ${p.heads} heads.`, {}, 'Choose a width that is a multiple of the heads.', 'usage');
    const layout = causalLayout(makeLayout(context.fit), context.outcome), sizes: Sizes = { width, heads: p.heads, layers: p.layers, hidden: p.hidden ?? 4 * width, fineHidden: Math.min(64, width), smoothing: p.smoothing };
    const device = await openDevice(context.device);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const { weights, decisions, curve } = await train(device, context, p, layout, sizes);
    return fitted({ layout: { columns: layout.columns, order: layout.order }, schema: context.fit.schema, sizes, decisions, curve }, weights, device);
  },
  async load(bytes, device) {
    const { record, weights } = unpackModel<Record_>('transformer', bytes);
    return fitted(record, weights, await openDevice(device));
  },
};

/** Mean over rows of -log p(row). C columns, B rows. */
export function stepSpec(layout: Layout, s: Sizes, rows: number, B: number, options: { dropout: number; weightDecay: number }): TrainSpec {
  const C = layout.columns.length, drops = options.dropout > 0;
  return {
    params: transformerParams(layout, s),
    data: { leaves: { shape: [rows, C], dtype: 'int32' }, ...(drops && { pool: { shape: poolShape(s.width), dtype: 'float32' as const } }) },
    step: { rows: { shape: [B], dtype: 'int32' }, ...(drops && { drop: { shape: [2, B * C], dtype: 'int32' as const } }) },
    loss: ({ params, data, step }) => ({
      loss: mean(sum(columnLosses(params, layout, s, gather(data.leaves!, step.rows!), { smoothing: s.smoothing, ...(drops && { drop: (h, layer) => dropped(h, data.pool!, at(step.drop!, layer)) }) }), { axes: 0 })),
    }),
    optimiser: { beta2: 0.99, weightDecay: options.weightDecay, clipNorm: 5, ema: 0.998, emaWarmup: true },
  };
}

async function train(device: Device, context: FitContext, p: Parameters, layout: Layout, s: Sizes): Promise<Trained> {
  const { fit, validation: held, seed } = context, C = layout.columns.length, rows = fit.rows;
  // Attention grows with the square of the columns: fewer rows a step keep it within memory.
  const B = Math.max(8, Math.min(p.batch ?? (rows < 2000 ? 128 : 256), Math.floor(2e7 / (s.heads * C * C))));
  const stream = (name: string): KeyStream => new KeyStream(seed, `transformer/${name}`), spec = stepSpec(layout, s, rows, B, p);
  const trainer = await device.train(spec, { data: { leaves: encodeTable(layout, fit), ...(p.dropout > 0 && { pool: dropoutPool(s.width, p.dropout, stream('pool')) }) }, seed: stream('start').bytes(0, 32) });
  const few = Math.min(held.rows, mostValidationRows), own = held.rows > few ? held.take(Int32Array.from({ length: few }, (_, i) => i)) : held;
  const validation = few > 0 ? await rowLoss(device, layout, s, own) : undefined;
  const batches = stream('rows'), drops = stream('drop');
  try {
    return await trainLoop({
      context, device, trainers: { transformer: trainer }, steps: Math.ceil((p.epochs * rows) / B), evaluateEvery: Math.max(1, Math.round(rows / B)), patience: 6, weights: () => trainer.params('ema'),
      ...(validation && { validate: (w: Weights) => validation.mean(w) }),
      async run(from, count, of) {
        const lr = Float32Array.from({ length: count }, (_, k) => cosine(from + k, of, p.learningRate, { warmup: Math.min(100, of / 10), floor: 0.01 }));
        const { loss } = await trainer.run({ rows: epochBatches(batches, rows, B, from, count), ...(p.dropout > 0 && { drop: dropoutRows(drops, from, count, 2 * B * C) }) }, lr);
        return loss.reduce((a, b) => a + b, 0) / count;
      },
    });
  } finally { await trainer.release(); await validation?.release(); }
}

/** -log p of every row's codes. */
const rowLoss = (device: Device, layout: Layout, s: Sizes, table: Table): Promise<RowLoss> =>
  RowLoss.open(device, transformerParams(layout, s), { leaves: { shape: [layout.columns.length], values: encodeTable(layout, table) } }, table.rows, (w, r) => sum(columnLosses(w, layout, s, r.leaves!), { axes: 0 }));

function fitted(record: Record_, weights: Weights, device: Device): FittedGenerator {
  const layout = layoutOf(record.layout.columns, record.layout.order), names = [...layout.order].map((c) => layout.columns[c]!.name);
  const columns = record.schema.columns.map((schema): FittedColumn => {
    const own = layout.columns.find((c) => c.name === schema.name)!;
    return { schema, missing: own.missing >= 0, ...(own.storage === 'code' && { categories: own.categories!, seen: (c: number) => own.leafOf![c]! >= 0 }) };
  });
  // A row is drawn left to right: what is given must come before all that is drawn.
  const canCondition = (asked: readonly string[]): boolean => asked.length <= names.length && names.slice(0, asked.length).every((n) => asked.includes(n));
  let sampler: Promise<TransformerSampler> | undefined;
  return {
    device: device.info, resolved: { decisions: record.decisions }, canCondition,
    ...(record.curve && { curve: record.curve }),
    async sample(rows, { seed, given: asked, progress }) {
      const given = checkGiven(columns, asked, rows, canCondition);
      sampler ??= TransformerSampler.open(device, layout, record.sizes, weights);
      const cells = await (await sampler).rows(rows, new KeyStream(seed, 'transformer/sample'), given && givenLeaves(layout, given), progress);
      const drawn = record.schema.columns.map((schema) => {
        const c = layout.columns.findIndex((codes) => codes.name === schema.name);
        return schema.storage === 'number' ? numberColumn(schema, cells[c] as Float64Array) : codeColumn(schema, cells[c] as Int32Array, layout.columns[c]!.categories!);
      });
      return withGiven(makeTable(record.schema.dialect, drawn, rows), given);
    },
    likelihood: {
      rows: 10_000,
      async of(table, { progress }) {
        if (table.rows === 0) return new Float64Array(0);
        const loss = await rowLoss(device, layout, record.sizes, table);
        try { return (await loss.each(weights, progress)).map((v) => -v); } finally { await loss.release(); }
      },
    },
    save: () => packModel('transformer', record, weights),
    async dispose() { await (await sampler)?.release(); sampler = undefined; },
  };
}

/** Leaves int32 [C, rows] of the condition's columns, -1 elsewhere. */
function givenLeaves(layout: Layout, given: Table): Int32Array {
  const out = new Int32Array(layout.columns.length * given.rows).fill(-1);
  layout.columns.forEach((codes, c) => {
    const column = given.columns.find((x) => x.schema.name === codes.name);
    if (column) out.set(encodeColumn(codes, codes.storage === 'number' ? column.numbers() : column.codes()), c * given.rows);
  });
  return out;
}

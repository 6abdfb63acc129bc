import { z } from 'zod';
import { UserError } from '../../errors';
import { KeyStream, openDevice, packState, unpackState, type Device } from '../../engine';
import { freshKey } from '../../privacy/clipping/private-trainer';
import { codeColumn, makeTable, mergeDictionaries, numberColumn } from '../../table/columns';
import { encodeColumn } from '../../table/encoders/codes';
import type { Table, TableSchema } from '../../table/table';
import type { FitContext, FittedGenerator, Generator, PrivateFit, Together, TrainingCurve } from '../generator';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import { withPrivacy, type PrivateDecisions } from '../blocks/private/loop';
import { because, refuseGiven } from '../blocks/private/refuse';
import { calibrate } from './calibrate';
import { decodeColumn, encodeTable, layoutOf, makeLayout, type Layout, type Sizes } from './layout';
import { privateDefaults, trainPrivately } from './private-train';
import { leavesWithin } from './propose';
import { fillMissing } from './impute';
import { logLikelihoods } from './likelihood';
import { Sampler, type Within } from './sample';
import { masksOf } from './together';
import { chooseSizes, effectiveRows, sampleChunk } from './sizes';
import { train, type Decisions } from './train';
import type { Weights } from './versions';

const parameters = z.strictObject({
  hidden: z.int().min(8).max(1024).optional().describe('Width of each column\'s own network. Default: chosen from the number of rows, fewer where they repeat their neighbours in time.'),
  layers: z.int().min(1).max(6).optional().describe('Layers of each column\'s own network.'),
  embedding: z.int().min(4).max(256).optional().describe('Width of a column\'s embedding.'),
  dropout: z.number().min(0).max(0.9).optional().describe('Share of hidden units dropped at each training step.'),
  weightDecay: z.number().min(0).max(10).optional().describe('Decoupled weight decay (AdamW).'),
  batch: z.int().min(16).max(8192).optional().describe('Rows a step.'),
  anyOrder: z.number().min(0).max(1).optional().describe('Share of steps trained under a random column order, for conditional sampling.'),
  smoothing: z.number().min(0).max(0.3).optional().describe('Share of a numeric target\'s weight that goes to each neighbouring bin.'),
  steps: z.int().min(1).max(1_000_000).optional().describe('Training steps, instead of as many as the budget and the rows allow.'),
  learningRate: z.number().positive().max(0.1).optional().describe('Peak learning rate; cosine decay.'),
});

interface Kept { layout: Layout; sizes: Sizes; schema: TableSchema; weights: Weights; versionOf: Int32Array; decisions: Decisions | PrivateDecisions; curve?: TrainingCurve; conditional?: { weights: Weights; versionOf: Int32Array } }

/** A program for more would take minutes to build. */
const mostColumns = 1000;
/** Rows that settle when to stop: more would cost time at every evaluation and decide nothing. */
const mostValidationRows = 8192;
/** At most `most` rows, evenly spaced over the table. */
function spread(table: Table, most: number): Table {
  return table.rows <= most ? table : table.take(Int32Array.from({ length: most }, (_, i) => Math.floor((i * table.rows) / most)));
}

function assertColumns(columns: number): void {
  if (columns > mostColumns)
    throw new UserError(`There are ${columns.toLocaleString('en')} columns to learn, and this generator learns ${mostColumns.toLocaleString('en')} at most.`, {}, 'Leave some out with --drop, divide the table, or use --generator independent.');
}

/** Under a budget every column's conditional is a logistic regression on features of the others, which has none of these. */
const linear = 'each column is a regression on features of those before it, without hidden layers, in one order of the columns';

/** The default generator: an order-agnostic autoregressive network over column codes. See model.ts for the network and its sources. */
export const autoregressive: Generator = {
  parameters,
  assertPrivately(given, columns) {
    refuseGiven(given, { hidden: linear, layers: linear, embedding: linear, dropout: { why: linear, off: [0] }, anyOrder: { why: linear, off: [0] }, smoothing: { why: linear, off: [0] }, weightDecay: because.weightDecay });
    assertColumns(columns.length);
  },
  async fit(context: FitContext, given) {
    const { steps, ...chosen } = parameters.parse(given);
    assertColumns(context.fit.columns.length);
    if (context.privacy) return privately(withPrivacy(context), chosen, steps);
    const layout = makeLayout(context.fit, undefined, context.first);
    const sizes = { ...chooseSizes(context.fit.rows, layout.columns.length, effectiveRows(context.fit)), ...Object.fromEntries(Object.entries(chosen).filter(([, v]) => v !== undefined)), ...(context.missing === 'unobserved' && { unobserved: true }) } as Sizes;
    const device = await openDevice(context.device);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const { weights, versionOf, decisions, curve, conditional } = await train(device, {
      layout, sizes, ...(steps !== undefined && { steps }), seed: context.seed, fitLeaves: encodeTable(layout, context.fit), validationLeaves: encodeTable(layout, spread(context.validation, mostValidationRows)),
    }, context);
    // The seen cells' shares are not the whole's where cells are missing for a reason: there is nothing to calibrate to.
    const calibrated = decisions.sizes.unobserved ? weights : await calibrate(device, layout, decisions.sizes, { weights, versionOf }, context.seed, () => context.progress({ phase: 'training', fraction: 1, message: 'calibrating', device: device.info }));
    return fitted({ layout, sizes: decisions.sizes, schema: context.fit.schema, weights: calibrated, versionOf, decisions, curve, ...(conditional && { conditional }) }, device);
  },
  async load(bytes, device) {
    return fitted(unpack(bytes), await openDevice(device));
  },
};

/** Under a budget: see private-train.ts. The columns' own noised distributions are what the model is calibrated to, as without one. */
async function privately(context: FitContext & { privacy: PrivateFit }, { batch, learningRate }: { batch?: number; learningRate?: number }, steps?: number): Promise<FittedGenerator> {
  const device = await openDevice(context.device);
  const settings = { ...privateDefaults, ...(batch !== undefined && { batch }), ...(learningRate !== undefined && { learningRate }), ...(steps !== undefined && { steps }) };
  const { layout, sizes, weights, versionOf, decisions } = await trainPrivately(device, context, settings);
  // No row is drawn here but from the noised model; still nothing of a fit follows from the plan's seed.
  const calibrated = await calibrate(device, layout, sizes, { weights, versionOf }, freshKey(context.privacy.noise), () => context.progress({ phase: 'training', fraction: 1, message: 'calibrating', device: device.info }));
  return fitted({ layout, sizes, schema: context.fit.schema, weights: calibrated, versionOf, decisions }, device);
}

/** Samplers for so many different sets of given columns are kept; each is a program of its own. */
const mostSamplers = 4;

function fitted(kept: Kept, device: Device): FittedGenerator {
  const samplers = new Map<string, Promise<Sampler>>(), { layout } = kept;
  const columns = kept.schema.columns.map((schema): FittedColumn => {
    const own = layout.columns.find((c) => c.name === schema.name)!;
    return { schema, missing: own.missing >= 0, ...(own.storage === 'code' && { categories: own.categories!, seen: (c: number) => own.leafOf![c]! >= 0 }) };
  });
  /** What was not seen is never drawn. */
  const present: Within = new Map(layout.columns.flatMap((c, i) => (c.missing >= 0 ? [[i, Uint8Array.from({ length: c.leaves }, (_, l) => (l === c.missing ? 0 : 1))] as [number, Uint8Array]] : [])));
  /** Whether these columns are the ones drawn first, in the fitted order: what follows them is then that order's own, which most steps trained and the calibration saw. */
  const leading = (places: readonly number[]): boolean => places.every((c, k) => layout.order[k] === c);
  const kinds = new WeakMap<readonly Together[], number>();
  let kindsSeen = 0;
  const samplerFor = async (given: readonly number[], together: readonly Together[] = []): Promise<Sampler> => {
    if (together.length > 0 && !kinds.has(together)) kinds.set(together, ++kindsSeen);
    const key = `${given.join()}/${kinds.get(together) ?? 0}`;
    if (!samplers.has(key)) {
      const [oldest] = samplers.keys();
      if (samplers.size >= mostSamplers && oldest !== undefined) { await (await samplers.get(oldest)!).release(); samplers.delete(oldest); }
      samplers.set(key, Sampler.open(device, layout, kept.sizes, leading(given) ? kept : kept.conditional ?? kept, sampleChunk(layout, kept.sizes), { given, ...(kept.sizes.unobserved && { within: present }), ...(together.length > 0 && { masks: (ordered: Layout) => masksOf(ordered, kept.schema, together) }) }));
    }
    return samplers.get(key)!;
  };
  /** Under a budget one order was learnt, and rows are drawn in it alone: given its first columns, whichever number of them. */
  const canCondition = kept.sizes.linear && ((names: readonly string[]): boolean => names.every((name) => layout.order.subarray(0, names.length).some((c) => layout.columns[c]!.name === name)));
  const oneOrder = `It was fitted under a privacy budget, for one order of the columns: ${[...layout.order].slice(0, 12).map((c) => `"${layout.columns[c]!.name}"`).join(', ')}${layout.columns.length > 12 ? ', ...' : ''}. Rows can be drawn given its first columns, however many, with none left out between.`;
  return {
    device: device.info,
    resolved: { decisions: kept.decisions },
    order: [...layout.order].map((c) => layout.columns[c]!.name),
    ...(kept.curve && { curve: kept.curve }),
    ...(canCondition && { canCondition }),
    async sample(rows, { seed, progress, given: asked, together }) {
      const given = checkGiven(columns, asked, rows, canCondition, canCondition && oneOrder), known = new Set(given?.columns.map((c) => c.schema.name));
      // Any order of the given columns is as good; the fitted one keeps the program of a set of columns the same.
      const places = [...layout.order].filter((c) => known.has(layout.columns[c]!.name));
      const leaves = places.map((c) => {
        const column = given!.column(layout.columns[c]!.name);
        return encodeColumn(layout.columns[c]!, column.schema.storage === 'number' ? column.numbers() : column.codes());
      });
      const cells = await (await samplerFor(places, together)).rows(0, rows, new KeyStream(seed, 'autoregressive/sample'), progress, leaves);
      const drawn = kept.schema.columns.map((schema) => {
        const c = kept.layout.columns.findIndex((codes) => codes.name === schema.name);
        return schema.storage === 'number' ? numberColumn(schema, cells[c] as Float64Array) : codeColumn(schema, cells[c] as Int32Array, kept.layout.columns[c]!.categories!);
      });
      return withGiven(makeTable(kept.schema.dialect, drawn, rows), given);
    },
    async propose(names, rows, { seed, within = {}, together = [], progress }) {
      const places = names.map((name) => {
        const c = layout.columns.findIndex((codes) => codes.name === name);
        if (c < 0) throw new UserError('The generator has not learnt a column of this name.', { column: name }, undefined, 'usage');
        return c;
      });
      // In another order its conditionals were never learnt: what came out would be no law of the table's.
      if (kept.sizes.linear && !leading(places)) throw new UserError(`This generator cannot draw ${names.map((n) => `"${n}"`).join(', ')} first.`, { column: names[0]! }, oneOrder, 'usage');
      const limits: Within = new Map(places.flatMap((c) => { const domain = within[layout.columns[c]!.name]; return domain ? [[c, leavesWithin(layout.columns[c]!, domain)] as [number, Uint8Array]] : []; }));
      const sampler = await Sampler.open(device, layout, kept.sizes, leading(places) ? kept : kept.conditional ?? kept, sampleChunk(layout, kept.sizes), { only: places, within: limits, ...(together.length > 0 && { masks: (ordered: Layout) => masksOf(ordered, kept.schema, together) }) });
      try {
        const { leaves, logWeight } = await sampler.proposals(rows, new KeyStream(seed, 'autoregressive/propose'), progress);
        return { logWeight, cells: (chosen, again) => makeTable(kept.schema.dialect, names.map((name, k) => {
          const c = places[k]!, schema = kept.schema.columns.find((s) => s.name === name)!, own = leaves.get(c)!;
          const cells = decodeColumn(layout.columns[c]!, chosen.map((r) => own[r]!), new KeyStream(again, `autoregressive/cells/${name}`).uniforms(0, chosen.length));
          return schema.storage === 'number' ? numberColumn(schema, cells as Float64Array) : codeColumn(schema, cells as Int32Array, layout.columns[c]!.categories!);
        }), chosen.length) };
      } finally {
        await sampler.release();
      }
    },
    ...(kept.sizes.unobserved && {
      async impute(table: Table, { seed, progress }: { seed: number; progress?: (done: number) => Promise<void> }): Promise<Table> {
        const filled = await fillMissing(device, layout, kept.sizes, kept.conditional ?? kept, encodeTable(layout, table), sampleChunk(layout, kept.sizes), new KeyStream(seed, 'autoregressive/impute'), progress);
        return makeTable(table.schema, table.columns.map((column) => {
          const c = layout.columns.findIndex((codes) => codes.name === column.schema.name), made = filled.get(c);
          if (!made || column.missingCount === 0) return column;
          if (column.schema.storage === 'number') return numberColumn(column.schema, column.numbers().map((v, i) => (Number.isNaN(v) ? (made as Float64Array)[i]! : v)));
          const { categories, places: [, place] } = mergeDictionaries([column.categories(), layout.columns[c]!.categories!]);
          return codeColumn(column.schema, column.codes().map((v, i) => (v < 0 ? place![(made as Int32Array)[i]!]! : v)), categories);
        }), table.rows);
      },
    }),
    // Under a budget the model is another one, and nobody holds rows back to compare with.
    ...(!kept.sizes.linear && { likelihood: { rows: 10_000, of: async (table: Table, { progress }: { progress?: (done: number) => Promise<void> }) => (table.rows > 0 ? logLikelihoods(device, layout, kept.sizes, kept, encodeTable(layout, table), progress) : new Float64Array(0)) } }),
    save: () => pack(kept),
    async dispose() {
      for (const s of samplers.values()) await (await s).release();
      samplers.clear();
    },
  };
}

/** Typed arrays become plain lists in the record; there are few and they are small beside the weights. */
const plain = (_: string, v: unknown): unknown => (ArrayBuffer.isView(v) ? { typed: v.constructor.name, list: Array.from(v as unknown as ArrayLike<number>, (x) => (Number.isNaN(x) ? null : x)) } : v);
const typed = { Int32Array, Float32Array, Float64Array };
function revive(_: string, v: unknown): unknown {
  const t = v as { typed?: keyof typeof typed; list?: Array<number | null> } | null;
  return t && typeof t === 'object' && t.typed && t.list ? new typed[t.typed](t.list.map((x) => x ?? NaN)) : v;
}
/** Marks the weights of conditional sampling among the others. */
const conditionalMark = 'conditional/';
function pack({ weights, conditional, ...record }: Kept): Uint8Array {
  const arrays = (own: Weights, mark: string) => Object.entries(own).map(([name, w]) => ({ name: mark + name, shape: w.shape, values: w.values }));
  return packState({ record: JSON.stringify({ ...record, ...(conditional && { conditionalVersionOf: conditional.versionOf }) }, plain) }, [...arrays(weights, ''), ...(conditional ? arrays(conditional.weights, conditionalMark) : [])]);
}
function unpack(bytes: Uint8Array): Kept {
  const { meta, arrays } = unpackState(bytes), { conditionalVersionOf, ...record } = JSON.parse(meta.record as string, revive) as Omit<Kept, 'weights'> & { conditionalVersionOf?: Int32Array };
  const weights: Weights = {}, own: Weights = {};
  for (const { name, shape, values } of arrays) (name.startsWith(conditionalMark) ? own : weights)[name.startsWith(conditionalMark) ? name.slice(conditionalMark.length) : name] = { shape, values };
  return { ...record, layout: layoutOf(record.layout.columns, record.layout.order, record.layout.sources), weights, ...(conditionalVersionOf && { conditional: { weights: own, versionOf: conditionalVersionOf } }) };
}

import { z } from 'zod';
import { KeyStream } from '../../engine';
import { CartTree, fitCart } from '../../learners/trees';
import type { Feature, FeatureMatrix } from '../../learners/features';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import { gridOf } from '../../table/protect/numbers';
import type { Column, ColumnSchema, Dialect, Table } from '../../table/table';
import { UserError } from '../../errors';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import { featureSettings } from '../blocks/settings';
import type { FitContext, FittedGenerator, Generator } from '../generator';
import { donorMarginal, drawNumber, gapWeights, kernelOf, smoothings, type DonorColumn, type Kernel, type Smoothing } from './donors';
import { packRecord, unpackRecord } from './pack';
import { makeCoding, codesIn, type Coding } from './coding';

const parameters = z.strictObject({
  minLeaf: z.int().min(1).max(10_000).default(5).describe('Fewest rows of a leaf.'),
  maxDepth: z.int().min(1).max(100).default(30).describe('Most splits from the root to a leaf.'),
  complexity: z.number().min(0).max(1).default(1e-8).describe('A split must lessen the impurity by this share of the root\'s; no pruning.'),
  visit: z.string().default('table').describe('Order in which columns are drawn: "table" (as they stand), "few-first" (columns of few categories first), or names separated by commas, the others after them.'),
  smoothing: z.enum(smoothings).default('kernel').describe('How a number is drawn from a leaf: by a kernel about a donor (kernel), anywhere in the donor\'s bin (bin), between donors by the Bayesian bootstrap (bayesian), or copied (none, as synthpop does by default: real values are repeated).'),
  mostRows: z.int().min(100).max(10_000_000).default(100_000).describe('Trees grow on at most this many rows, evenly spread over the table.'),
  maxCategories: featureSettings.maxCategories,
});

/** One tree: a column's category, whether its number is missing, or its number (among rows that have one). */
interface Step { column: number; part: 'codes' | 'missing' | 'number'; tree: PlainTree; /** leaf l: counts of every class (sparse), or donors ascending */ classes?: Array<Array<[number, number]>>; donors?: { start: Int32Array; values: Float64Array } }
interface PlainTree { features: string[]; classes: number; feature: Int32Array; left: Int32Array; right: Int32Array; leaf: Int32Array; threshold: Float64Array; codesLeft: Array<Uint8Array | null>; missingLeft: Uint8Array; leaves: number }
interface Model { version: 1; dialect: Dialect; schemas: ColumnSchema[]; dictionaries: Array<string[] | null>; order: number[]; codings: Coding[]; columns: Array<DonorColumn | null>; smoothing: Smoothing; missing: boolean[]; steps: Step[]; finished: number }

const chunk = 8192;

/**
 * Sequential classification and regression trees (Nowok, Raab & Dibben, synthpop, J. Statistical Software 74(11), 2016): the first column is drawn from its own
 * distribution, every other from the leaf its row falls in of a tree grown on the columns before it. Where numbers are missing, whether they are is a tree of its own.
 * Unlike synthpop's default, a number is not its donor's but drawn near it (`smoothing`).
 */
export const cart: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), fit = context.fit.rows <= p.mostRows ? context.fit : context.fit.take(Int32Array.from({ length: p.mostRows }, (_, i) => Math.floor((i * context.fit.rows) / p.mostRows)));
    const model = context.resume ? unpackRecord<Model>(context.resume) : start(fit, p, context), total = model.order.length, data = model.order.map((c) => predictor(model, c, fit.columns[c]!));
    let saved = performance.now();
    for (let k = model.finished; k < total; k++) {
      const c = model.order[k]!, column = fit.columns[c]!, matrix: FeatureMatrix = { rows: fit.rows, features: data.slice(0, k) };
      const progress = (fraction: number): Promise<void> => context.progress({ phase: 'training', fraction: (k + fraction) / total, step: k + 1, steps: total, message: column.schema.name });
      await progress(0);
      model.steps.push(...(await stepsOf(model, c, column, matrix, p, progress)));
      model.finished = k + 1;
      // The whole model each time: every few seconds, not after every column.
      if (performance.now() - saved > 5000) { await context.checkpoint(packRecord(model), {}); saved = performance.now(); }
    }
    return fitted(model);
  },
  async load(bytes) { return fitted(unpackRecord<Model>(bytes)); },
};

function start(fit: Table, p: z.infer<typeof parameters>, context: FitContext): Model {
  const codings = fit.columns.map((c) => makeCoding(c, p.maxCategories));
  return {
    version: 1, dialect: fit.schema.dialect, schemas: fit.columns.map((c) => c.schema), dictionaries: fit.columns.map((c) => (c.schema.storage === 'code' ? [...c.categories()] : null)),
    order: visitOrder(fit, p.visit, codings), codings, smoothing: p.smoothing, missing: fit.columns.map((c) => c.missingCount > 0), steps: [], finished: 0,
    columns: fit.columns.map((c) => {
      if (c.schema.storage === 'code') return null;
      const present = c.numbers().filter((v) => v === v);
      return { marginal: donorMarginal(present, gridOf(c.schema), context.protection.enabled ? context.protection.k : 1), grid: gridOf(c.schema), low: present.reduce((a, b) => Math.min(a, b), Infinity), high: present.reduce((a, b) => Math.max(a, b), -Infinity) };
    }),
  };
}

function visitOrder(fit: Table, visit: string, codings: readonly Coding[]): number[] {
  const all = [...fit.columns.keys()], few = (c: number): number => (fit.columns[c]!.schema.storage === 'code' && codings[c]!.size <= 16 ? codings[c]!.size : 1000);
  if (visit === 'table') return all;
  if (visit === 'few-first') return all.sort((a, b) => few(a) - few(b) || a - b);
  const named = visit.split(',').map((n) => n.trim()).filter(Boolean).map((name) => {
    const at = fit.columns.findIndex((c) => c.schema.name === name);
    if (at < 0) throw new UserError('There is no column of this name to visit.', { column: name }, 'visit takes "table", "few-first" or names of columns separated by commas.', 'usage');
    return at;
  });
  return [...new Set([...named, ...all])];
}

/** A column as trees see it. */
function predictor(model: Model, c: number, column: Column): Feature {
  const coding = model.codings[c]!;
  if (column.schema.storage === 'number') return { name: column.schema.name, kind: 'number', categories: 0, values: column.numbers() };
  return { name: column.schema.name, kind: 'category', categories: coding.size, values: Float64Array.from(codesIn(coding, column.codes()), (v) => v) };
}

async function stepsOf(model: Model, c: number, column: Column, x: FeatureMatrix, p: z.infer<typeof parameters>, progress: (fraction: number) => Promise<void>): Promise<Step[]> {
  const options = { minSamplesLeaf: p.minLeaf, maxDepth: p.maxDepth, complexity: p.complexity };
  const classify = async (part: 'codes' | 'missing', y: Int32Array, classes: number): Promise<Step> => {
    const tree = await fitCart(x, y, { task: 'classification', classes, ...options, progress });
    return { column: c, part, tree: plain(tree), classes: tree.counts.map((counts) => [...counts].flatMap((n, k): Array<[number, number]> => (n > 0 ? [[k, n]] : []))) };
  };
  if (column.schema.storage === 'code') return [await classify('codes', codesIn(model.codings[c]!, column.codes()), model.codings[c]!.size)];
  const values = column.numbers(), present = Int32Array.from(values.keys()).filter((r) => values[r] === values[r]), out: Step[] = [];
  if (present.length < values.length) out.push(await classify('missing', Int32Array.from(values, (v) => (v === v ? 0 : 1)), 2));
  if (present.length === 0) return out;
  const own: FeatureMatrix = present.length === values.length ? x : { rows: present.length, features: x.features.map((f) => ({ ...f, values: Float64Array.from(present, (r) => f.values[r]!) })) };
  const tree = await fitCart(own, Float64Array.from(present, (r) => values[r]!), { task: 'regression', ...options, progress });
  const sizes = tree.rows.map((r) => r.length), begin = new Int32Array(sizes.length + 1), donors = new Float64Array(present.length);
  sizes.forEach((s, l) => { begin[l + 1] = begin[l]! + s; donors.set(Float64Array.from(tree.rows[l]!, (r) => values[present[r]!]!).sort(), begin[l]!); });
  out.push({ column: c, part: 'number', tree: plain(tree), donors: { start: begin, values: donors } });
  return out;
}

const plain = (t: CartTree): PlainTree => ({
  features: [...t.features], classes: t.classes, feature: Int32Array.from(t.feature), left: Int32Array.from(t.leftChild), right: Int32Array.from(t.rightChild), leaf: Int32Array.from(t.leaf), threshold: Float64Array.from(t.threshold),
  codesLeft: [...t.codesLeft], missingLeft: Uint8Array.from(t.missingLeft, Number), leaves: t.leaves,
});
/** A tree that finds leaves again; it holds no rows. */
function alive(p: PlainTree): CartTree {
  const t = new CartTree(p.features, p.classes);
  p.feature.forEach((f, i) => {
    t.feature.push(f); t.leftChild.push(p.left[i]!); t.rightChild.push(p.right[i]!); t.leaf.push(p.leaf[i]!);
    t.threshold.push(p.threshold[i]!); t.codesLeft.push(p.codesLeft[i] ?? null); t.missingLeft.push(p.missingLeft[i] === 1);
  });
  return t;
}

function fitted(model: Model): FittedGenerator {
  const { schemas, order, steps, codings } = model, trees = steps.map((s) => alive(s.tree)), grids = model.columns;
  const columns = schemas.map((schema, c): FittedColumn => ({ schema, missing: model.missing[c]!, ...(schema.storage === 'code' && { categories: model.dictionaries[c]!, seen: (code: number) => codings[c]!.codeOf[code]! >= 0 }) }));
  // What a leaf's kernel is about, made when first drawn from.
  const kernels = steps.map(() => new Map<number, Kernel>());
  const kernelFor = (k: number, leaf: number, column: DonorColumn, donors: Float64Array): Kernel | undefined => {
    if (model.smoothing !== 'kernel') return undefined;
    if (!kernels[k]!.has(leaf)) kernels[k]!.set(leaf, kernelOf(column, donors));
    return kernels[k]!.get(leaf);
  };
  const canCondition = (names: readonly string[]): boolean => { const asked = new Set(names); return order.slice(0, asked.size).every((c) => asked.has(schemas[c]!.name)); };
  return {
    device: { name: 'cpu', description: 'CPU', whyNotBetter: 'trees run on the CPU' },
    resolved: {},
    canCondition,
    async sample(rows, { seed, given: asked, progress }) {
      const given = checkGiven(columns, asked, rows, canCondition), cells = schemas.map((s) => (s.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows))), shown = new Set(given?.columns.map((c) => c.schema.name));
      const streams = steps.map((s) => new KeyStream(seed, `cart/${schemas[s.column]!.name}/${s.part}`));
      // Weights of the Bayesian bootstrap are the run's, one set a leaf.
      const gaps = new Map<string, Float64Array>(), gapsOf = (k: number, leaf: number, from: number, n: number): Float64Array | undefined => {
        if (model.smoothing !== 'bayesian' || n < 2) return undefined;
        const key = `${k}/${leaf}`;
        if (!gaps.has(key)) gaps.set(key, gapWeights(streams[k]!.child('weights').uniforms(from, n - 1)));
        return gaps.get(key);
      };
      for (let from = 0; from < rows; from += chunk) {
        const count = Math.min(chunk, rows - from), features: Feature[] = [];
        for (const c of order) {
          const schema = schemas[c]!, own = new Float64Array(count), coding = codings[c]!;
          if (shown.has(schema.name)) {
            const column = given!.column(schema.name);
            if (schema.storage === 'number') own.set(column.numbers().subarray(from, from + count));
            else own.set(codesIn(coding, column.codes().subarray(from, from + count)));
          } else steps.forEach((step, k) => {
            if (step.column !== c) return;
            const leaves = trees[k]!.leavesOf({ rows: count, features }), u = streams[k]!.uniforms(from * 2, count * 2), e = step.donors && streams[k]!.child('kernel').normals(from, count);
            for (let r = 0; r < count; r++) {
              const leaf = leaves[r]!;
              if (step.classes) { const code = pick(step.classes[leaf]!, u[2 * r]!); own[r] = step.part === 'missing' ? (code === 1 ? NaN : 0) : code; }
              else if (own[r]! === own[r]!) {
                const { start: begin, values } = step.donors!, a = begin[leaf]!, b = begin[leaf + 1]!, donors = values.subarray(a, b);
                own[r] = drawNumber(grids[c]!, donors, model.smoothing, [u[2 * r]!, u[2 * r + 1]!], e![r]!, gapsOf(k, leaf, a, b - a), kernelFor(k, leaf, grids[c]!, donors));
              }
            }
          });
          if (schema.storage === 'number') {
            // A column whose numbers were all missing has no other step.
            if (!steps.some((s) => s.column === c && s.part === 'number') && !shown.has(schema.name)) own.fill(NaN);
            cells[c]!.set(own, from);
          } else {
            const tail = new KeyStream(seed, `cart/tail/${schema.name}`).uniforms(from, count);
            for (let r = 0; r < count; r++) cells[c]![from + r] = categoryOf(coding, own[r]!, tail[r]!);
          }
          features.push({ name: schema.name, kind: schema.storage === 'number' ? 'number' : 'category', categories: schema.storage === 'number' ? 0 : coding.size, values: own });
        }
        await progress?.(from + count);
      }
      return withGiven(makeTable(model.dialect, schemas.map((s, c) => (s.storage === 'number' ? numberColumn(s, cells[c] as Float64Array) : codeColumn(s, cells[c] as Int32Array, model.dictionaries[c]!))), rows), given);
    },
    save: () => packRecord(model),
    dispose: async () => undefined,
  };
}

function pick(counts: ReadonlyArray<readonly [number, number]>, u: number): number {
  let total = 0;
  for (const [, n] of counts) total += n;
  let rest = u * total;
  for (const [code, n] of counts) if ((rest -= n) < 0) return code;
  return counts.at(-1)![0];
}
/** Index into the column's dictionary, -1 missing. */
function categoryOf(coding: Coding, code: number, u: number): number {
  const category = coding.categories[code]!;
  if (category !== -2) return category;
  const { categories, cumulative } = coding.tail!;
  let a = 0, b = cumulative.length - 1;
  while (a < b) { const m = (a + b) >> 1; if (cumulative[m]! > u) b = m; else a = m + 1; }
  return categories[a]!;
}

import { z } from 'zod';
import { KeyStream } from '../../engine';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import type { Column, ColumnSchema, Table } from '../../table/table';
import { Features, fitFeatures } from '../blocks/features';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import { featureSettings } from '../blocks/settings';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../generator';
import { condition, type Conditional } from './gaussian';
import { emStep, freeParameters, groupByMissing, logLikelihoods, logNormal, normalise, startComponents, type Component, type MixtureData, type Prior } from './mixture-em';

const parameters = z.strictObject({
  components: z.int().min(1).max(1000).optional().describe('Number of mixture components. Default: doubled from 1 for as long as the Bayesian information criterion falls.'),
  mostComponents: z.int().min(1).max(1000).default(64).describe('Most components tried.'),
  numbers: z.enum(['quantile', 'standard']).default('quantile').describe('Numbers enter as normal scores of their ranks (quantile; keeps every column\'s own distribution) or as they are, standardised.'),
  iterations: z.int().min(1).max(10_000).default(200).describe('Most EM steps for one number of components.'),
  tolerance: z.number().min(0).max(1).default(1e-4).describe('EM ends when a step gains less than this in mean log-likelihood per row.'),
  prior: z.number().min(0).max(1000).default(1).describe('Pseudo-rows that keep components from collapsing onto a point.'),
  ...featureSettings,
});
type Parameters = z.infer<typeof parameters>;

/** A fit in progress: the components of the current number k, and the best finished number. */
interface Work { k: number; iteration: number; units: number; objective: number; components: PlainComponent[]; best?: { bic: number; components: PlainComponent[] }; worse: number; curve: TrainingCurve }
interface PlainComponent { weight: number; mean: number[]; covariance: number[]; tables: number[][] }
interface Model { version: 1; features: string; missing: boolean[]; components: PlainComponent[]; bic: number; curve: TrainingCurve }

const plain = (c: Component): PlainComponent => ({ weight: c.weight, mean: [...c.mean], covariance: [...c.covariance], tables: c.tables.map((t) => [...t]) });
const typed = (c: PlainComponent): Component => ({ weight: c.weight, mean: Float64Array.from(c.mean), covariance: Float64Array.from(c.covariance), tables: c.tables.map((t) => Float64Array.from(t)) });
const encode = (v: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(v));
const decode = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;

/** Pseudo-variance of the prior rows, on the scale of standardised numbers. */
const priorVariance = 0.01;
/** Multiplications that a second of budget is taken to buy: fixed, so that nothing reads the clock. Two slow cores do about twice as many. */
const unitsPerSecond = 5e7;
const chunk = 4096;

/** Mixture of normals and category tables fitted by EM, with as many components as the Bayesian information criterion supports. */
export const gaussianMixture: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), { fit } = context;
    const features = fitFeatures(fit, { numbers: p.numbers, seed: context.seed, valuesAsCategories: p.valuesAsCategories, maxCategories: p.maxCategories });
    const data = mixtureData(features, fit), { components, curve, bic } = await fitMixture(data, features, p, context);
    return fitted({ version: 1, features: features.save(), missing: fit.columns.map((c) => c.missingCount > 0), components: components.map(plain), bic, curve });
  },
  async load(bytes) { return fitted(decode<Model>(bytes)); },
};

/** Encoded rows with NaN back where a number is missing. */
function mixtureData(features: Features, table: Table): MixtureData {
  const { numbers, codes } = features.encode(table), d = features.numbers.length, rows = table.rows, own = Float64Array.from(numbers);
  features.numbers.forEach((f, j) => { const values = table.column(f.column).numbers(); for (let r = 0; r < rows; r++) if (values[r] !== values[r]) own[r * d + j] = NaN; });
  return { rows, d, numbers: own, sizes: features.sizes, codes };
}

async function fitMixture(data: MixtureData, features: Features, p: Parameters, context: FitContext): Promise<{ components: Component[]; curve: TrainingCurve; bic: number }> {
  const { rows, d, sizes } = data, groups = groupByMissing(data), prior: Prior = { rows: p.prior, variance: priorVariance, shares: features.categories.map((f) => Float64Array.from(f.shares)) };
  const start = (k: number): PlainComponent[] => startComponents(data, k, prior, new KeyStream(context.seed, `gaussian-mixture/start/${k}`)).map(plain);
  const most = Math.min(p.components ?? p.mostComponents, Math.max(1, rows)), unit = rows * (2 * d * d + sizes.length + 12), budget = context.budgetSeconds * unitsPerSecond;
  const first = p.components === undefined ? 1 : most;
  const work: Work = context.resume ? decode<Work>(context.resume) : { k: first, iteration: 0, units: 0, objective: -1e300, components: start(first), worse: 0, curve: { steps: [], loss: [], validationSteps: [], validation: [] } };
  let saved = performance.now(), logLikelihood = -Infinity;
  for (let ended = false; !ended;) {
    const step = emStep(data, groups, work.components.map(typed), prior);
    ({ logLikelihood } = step);
    work.units += unit * work.k;
    work.iteration++;
    work.curve.steps.push((work.curve.steps.at(-1) ?? 0) + 1);
    work.curve.loss.push(-logLikelihood / Math.max(1, rows));
    const settled = step.objective - work.objective < p.tolerance * rows || work.iteration >= p.iterations || work.units >= budget;
    work.objective = step.objective;
    if (!settled) work.components = step.components.map(plain);
    else {
      const bic = -2 * logLikelihood + freeParameters(work.k, d, sizes) * Math.log(Math.max(2, rows));
      if (!work.best || bic < work.best.bic) { work.best = { bic, components: work.components }; work.worse = 0; } else work.worse++;
      // Twice as many, unless two doublings in a row gained nothing.
      if (work.worse >= 2 || 2 * work.k > most || work.units >= budget) ended = true;
      else { work.k *= 2; work.iteration = 0; work.objective = -1e300; work.components = start(work.k); }
    }
    await context.progress({ phase: 'training', fraction: ended ? 1 : Math.min(0.99, Math.max(work.units / budget, Math.log2(2 * work.k) / Math.log2(4 * most))), step: work.curve.steps.at(-1)!, loss: work.curve.loss.at(-1)!, message: `${work.k} component${work.k === 1 ? '' : 's'}` });
    if (!ended && performance.now() - saved > 5000) { await context.checkpoint(encode(work), {}); saved = performance.now(); }
  }
  work.curve.note = `${work.best!.components.length} components have the least Bayesian information criterion of those tried, up to ${work.k}.`;
  return { components: work.best!.components.map(typed), curve: work.curve, bic: work.best!.bic };
}

function fitted(model: Model): FittedGenerator {
  const features = Features.load(model.features), { numbers: N, categories: C, columns: schemas } = features, d = N.length, components = model.components.map(typed), laws = new Map<string, Conditional[]>();
  const lawsOf = (observed: number[]): Conditional[] => {
    const key = observed.join();
    if (!laws.has(key)) laws.set(key, components.map((c) => condition(c.covariance, d, observed)));
    return laws.get(key)!;
  };
  const columns = schemas.map((schema, index): FittedColumn => {
    const own = C.find((f) => f.index === index), dictionary = features.dictionary(schema.name);
    return schema.storage === 'number' ? { schema, missing: model.missing[index]! } : { schema, missing: model.missing[index]!, categories: dictionary!, seen: (c) => own!.categories!.includes(c) || own!.tail?.categories.includes(c) === true };
  });
  return {
    device: { name: 'cpu', description: 'CPU', whyNotBetter: 'a few small matrices need no accelerator' },
    resolved: { components: components.length },
    curve: model.curve,
    async sample(rows, { seed, given: asked, progress }) {
      const given = checkGiven(columns, asked, rows), known = given && mixtureData(features, placeholder(schemas, given, features));
      const shown = new Set(given?.columns.map((c) => c.schema.name)), knownCodes = C.map((f) => shown.has(f.column)), knownNumbers = N.map((f) => shown.has(f.column));
      const normals = new KeyStream(seed, 'gaussian-mixture/normals'), uniforms = new KeyStream(seed, 'gaussian-mixture/uniforms'), parts: Table[] = [], numbers = new Float32Array(chunk * d), codes = new Int32Array(chunk * C.length);
      const logs = new Float64Array(components.length), difference = new Float64Array(d), work = new Float64Array(d), logWeight = components.map((c) => Math.log(Math.max(c.weight, 1e-300)));
      for (let from = 0; from < rows; from += chunk) {
        const count = Math.min(chunk, rows - from), e = normals.normals(from * d, count * d), u = uniforms.uniforms(from * (C.length + 1), count * (C.length + 1));
        for (let r = 0; r < count; r++) {
          const row = from + r, observed = known ? N.flatMap((_, j) => (knownNumbers[j] && known.numbers[row * d + j]! === known.numbers[row * d + j]! ? [j] : [])) : [], own = lawsOf(observed);
          components.forEach((c, k) => {
            logs[k] = logWeight[k]!;
            if (known) {
              if (observed.length > 0) logs[k]! += logNormal(own[k]!, c, known.numbers, row * d, difference, work);
              C.forEach((_, f) => { if (knownCodes[f]) logs[k]! += c.tables[f]![known.codes[row * C.length + f]!]!; });
            }
          });
          normalise(logs);
          const k = pick(logs, u[r * (C.length + 1)]!), c = components[k]!, law = own[k]!, { free, gain, factor } = law;
          for (const j of observed) numbers[r * d + j] = known!.numbers[row * d + j]!;
          for (let a = 0; a < free.length; a++) {
            let v = c.mean[free[a]!]!;
            for (let i = 0; i < observed.length; i++) v += gain[a * observed.length + i]! * (known!.numbers[row * d + observed[i]!]! - c.mean[observed[i]!]!);
            for (let q = 0; q <= a; q++) v += factor[a * free.length + q]! * e[r * d + free[q]!]!;
            numbers[r * d + free[a]!] = v;
          }
          for (let f = 0; f < C.length; f++) codes[r * C.length + f] = knownCodes[f] ? known!.codes[row * C.length + f]! : pickLog(c.tables[f]!, u[r * (C.length + 1) + 1 + f]!);
        }
        parts.push(features.decode({ numbers, codes }, count, { seed, from }));
        await progress?.(from + count);
      }
      return withGiven(joined(parts, features, rows), given);
    },
    likelihood: { rows: 10_000, of: async (table) => logLikelihoods(mixtureData(features, table), components) },
    save: () => encode(model),
    dispose: async () => undefined,
  };
}

/** A table of all fitted columns in which those not given are missing: the encoding of the given ones is what counts. A number of few values stands at the nearest. */
function placeholder(schemas: readonly ColumnSchema[], given: Table, features: Features): Table {
  return makeTable(given.schema.dialect, schemas.map((s, index): Column => {
    const own = given.columns.find((c) => c.schema.name === s.name), values = features.categories.find((f) => f.index === index)?.values?.filter((v) => v === v);
    if (!own) return s.storage === 'number' ? numberColumn(s, new Float64Array(given.rows).fill(NaN)) : codeColumn(s, new Int32Array(given.rows).fill(-1), features.dictionary(s.name)!);
    if (!values?.length) return own;
    return numberColumn(s, own.numbers().map((v) => (v === v ? values.reduce((a, b) => (Math.abs(b - v) < Math.abs(a - v) ? b : a)) : v)));
  }), given.rows);
}

/** The chunks as one table: they share dictionaries. */
function joined(parts: readonly Table[], features: Features, rows: number): Table {
  if (parts.length === 1) return parts[0]!;
  if (parts.length === 0) return features.decode({ numbers: new Float32Array(0), codes: new Int32Array(0) }, 0, { seed: 0 });
  return makeTable(parts[0]!.schema, parts[0]!.columns.map((c, j) => {
    const whole = c.schema.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows);
    let at = 0;
    for (const t of parts) { whole.set(c.schema.storage === 'number' ? t.columns[j]!.numbers() : t.columns[j]!.codes(), at); at += t.rows; }
    return c.schema.storage === 'number' ? numberColumn(c.schema, whole as Float64Array) : codeColumn(c.schema, whole as Int32Array, c.categories());
  }), rows);
}

function pick(shares: Float64Array, u: number): number {
  let s = 0;
  for (let k = 0; k < shares.length - 1; k++) if ((s += shares[k]!) > u) return k;
  return shares.length - 1;
}
/** From log shares; the last code of any share stands for what rounding leaves. */
function pickLog(logs: Float64Array, u: number): number {
  let s = 0, last = 0;
  for (let k = 0; k < logs.length; k++) { const v = Math.exp(logs[k]!); if (v > 1e-290) { last = k; if ((s += v) > u) return k; } }
  return last;
}

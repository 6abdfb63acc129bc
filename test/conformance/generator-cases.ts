/** Tables and settings that the conformance suite puts every generator through. */
import { KeyStream } from '../../server/engine';
import type { FitContext, FittedGenerator, Generator } from '../../server/generators/generator';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../server/table/columns';
import type { Column, Table } from '../../server/table/table';

export const category = (name: string, codes: ArrayLike<number>, categories: string[]): Column => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(codes), categories);
export const number = (name: string, values: ArrayLike<number>, decimals?: number): Column =>
  numberColumn(columnSchema({ name, kind: decimals === 0 ? 'integer' : 'real', storage: 'number', ...(decimals !== undefined && { number: { style: 'fixed', decimals } }) }), Float64Array.from(values));
export const table = (...columns: Column[]): Table => makeTable(plainDialect, columns);
const uniforms = (name: string, n: number): Float64Array => new KeyStream(21, `conformance/${name}`).uniforms(0, n);
const normals = (name: string, n: number): Float64Array => new KeyStream(21, `conformance/${name}`).normals(0, n);
export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Every kind of column a generator meets: categories with and without missing cells, integers, decimals, a date, a heavy tail, a boolean outcome. */
export function mixed(n: number): Table {
  const u = range(0, 6).map((k) => uniforms(`mixed/${k}`, n)), z = normals('mixed', n);
  const city = u[0]!.map((v) => (v < 0.1 ? -1 : v < 0.5 ? 0 : v < 0.8 ? 1 : v < 0.95 ? 2 : 3)), age = u[1]!.map((v, i) => 18 + Math.floor(50 * v * (city[i] === 0 ? 1 : 0.7)));
  const pay = z.map((v, i) => Math.round(100 * Math.exp(2 + 0.02 * age[i]! + 0.6 * v)) / 100), kids = u[2]!.map((v, i) => (u[3]![i]! < 0.2 ? NaN : Math.floor(4 * v * v)));
  const day = u[4]!.map((v) => 19_000 + Math.floor(700 * v)), bought = u[5]!.map((v, i) => Number(v < 1 / (1 + Math.exp(-(age[i]! - 40) / 6))));
  return table(
    category('city', city, ['Ulm', 'Bonn', 'Kiel', 'Jena']), number('age', age, 0), number('pay', pay, 2), number('kids', kids, 0),
    numberColumn(columnSchema({ name: 'day', kind: 'date', storage: 'number', temporal: { pattern: '%Y-%m-%d' } }), Float64Array.from(day)),
    codeColumn(columnSchema({ name: 'bought', kind: 'boolean', storage: 'code' }), Int32Array.from(bought), ['no', 'yes']),
  );
}

/** Shapes and relations with known answers: two modes, a number that repeats another, a category that decides another, a sine, missing cells. */
export function shapes(n: number): Table {
  const u = range(0, 6).map((k) => uniforms(`shapes/${k}`, n)), z = range(0, 3).map((k) => normals(`shapes/${k}`, n));
  const cause = u[0]!.map((v) => Math.floor(4 * v)), x = u[1]!.map((v) => 2 * Math.PI * v);
  return table(
    number('two', z[0]!.map((v, i) => (u[2]![i]! < 0.35 ? -5 : 5) + 0.7 * v)),
    category('cause', cause, ['a', 'b', 'c', 'd']), category('effect', cause.map((c) => [2, 0, 1, 0][c]!), ['p', 'q', 'r']),
    number('x', x), number('y', x.map((v, i) => Math.sin(v) + 0.1 * z[1]![i]!)),
    number('part', z[2]!.map((v, i) => (u[3]![i]! < 0.25 ? NaN : 10 + v))), category('note', u[4]!.map((v) => (v < 0.4 ? -1 : v < 0.7 ? 0 : 1)), ['s', 't']),
  );
}

/** The tables that break things. */
export const awkward: Record<string, () => Table> = {
  'constants beside a category of one row': () => table(
    number('zero', new Float64Array(60)), category('same', new Int32Array(60), ['only']), number('gone', new Float64Array(60).fill(NaN)), category('none', new Int32Array(60).fill(-1), []),
    category('once', Int32Array.from({ length: 60 }, (_, i) => (i === 17 ? 1 : 0)), ['often', 'once', 'never']), number('x', normals('awkward', 60)),
  ),
  'one column of numbers': () => table(number('x', normals('lone', 80))),
  'one column of categories': () => table(category('c', uniforms('lone', 80).map((v) => Math.floor(3 * v)), ['a', 'b', 'c'])),
  'five rows': () => mixed(5),
};

/** Settings that make a fit a matter of a second, where a generator has them; each is tried by itself against its schema. */
const small: Record<string, unknown> = {
  steps: 6, autoencoderSteps: 6, vaeSteps: 6, diffusionSteps: 6, pretrainSteps: 6, epochs: 1, autoencoderEpochs: 1, vaeEpochs: 1, batch: 32, batchSize: 32, pac: 4, hidden: 16, width: 16, layers: 1, blocks: 1, embedding: 8, heads: 2, latent: 4,
  generatorDim: 16, criticDim: 16, discriminatorDim: 16, generatorWidth: 16, criticWidth: 16, discriminatorWidth: 16, tokenWidth: 8, tokenDim: 8, timesteps: 20, samplingSteps: 5, iterations: 10, components: 2,
};
/** @returns parameters of this generator under which a fit takes a moment; whatever it does not take is left out */
export function smallParameters(generator: Generator): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(small)) if (key in generator.parameters.shape && generator.parameters.safeParse({ ...own, [key]: value }).success) own[key] = value;
  return own;
}

export function context(fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext {
  return { fit, validation, seed: 5, device: 'cpu', budgetSeconds: 2, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra };
}
export const lexemes = (t: Table): string[] => range(0, t.rows).map((i) => t.columns.map((c) => c.lexeme(i)).join(','));

/** A clock that leaps at every look, so that whatever is done "every few seconds" is done at every chance. */
export async function leaping<T>(work: () => Promise<T>): Promise<T> {
  const real = performance.now.bind(performance);
  let leap = 0;
  performance.now = () => real() + (leap += 3000);
  try { return await work(); } finally { performance.now = real; }
}

/** What holds of every generated table: the fitted schema, values within the fitted range and on their grid, categories that were fitted. */
export function faults(made: Table, fit: Table, rows: number): string[] {
  const out: string[] = [];
  if (made.rows !== rows) out.push(`${made.rows} rows, not ${rows}`);
  if (JSON.stringify(made.schema) !== JSON.stringify(fit.schema)) out.push('another schema');
  for (const column of fit.columns) {
    const { name, storage, kind, number: format } = column.schema, own = made.column(name);
    if (column.missingCount === 0 && own.missingCount > 0) out.push(`${name}: missing cells where none was fitted`);
    if (storage === 'code') {
      const fitted = new Set(range(0, fit.rows).map((i) => column.lexeme(i)));
      for (let i = 0; i < made.rows; i++) if (!fitted.has(own.lexeme(i))) { out.push(`${name}: category "${own.lexeme(i)}" was never fitted`); break; }
    } else {
      const present = column.numbers().filter((v) => v === v), low = present.reduce((a, b) => Math.min(a, b), Infinity), high = present.reduce((a, b) => Math.max(a, b), -Infinity);
      const scale = kind === 'date' || kind === 'integer' ? 1 : format?.style === 'fixed' ? 10 ** format.decimals : undefined;
      for (const v of own.numbers()) {
        if (v !== v) continue;
        if (!(v >= low && v <= high)) { out.push(`${name}: ${v} lies outside [${low}, ${high}]`); break; }
        if (scale !== undefined && Math.abs(v * scale - Math.round(v * scale)) > 1e-6) { out.push(`${name}: ${v} lies off its grid`); break; }
      }
    }
  }
  return out;
}

/** Sets of columns a fitted generator says it can be given: each single one, a pair, all but one; at most four. */
export function conditions(fitted: FittedGenerator, names: readonly string[]): string[][] {
  const asked = [...names.map((n) => [n]), [names[0]!, names.at(-1)!], names.slice(0, 2), names.slice(1), names.slice(0, -1)];
  const able = asked.filter((c) => fitted.canCondition?.(c) ?? true);
  return able.length <= 4 ? able : [0, 1, able.length - 2, able.length - 1].map((i) => able[i]!);
}

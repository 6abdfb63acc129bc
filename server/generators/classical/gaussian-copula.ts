import { z } from 'zod';
import { KeyStream } from '../../engine';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import { gridOf } from '../../table/protect/numbers';
import type { Column, ColumnSchema, Dialect, Table } from '../../table/table';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import { fitMarginal } from '../blocks/marginal';
import type { FittedGenerator, Generator } from '../generator';
import { correlations } from './copula-correlation';
import { ConditionalDraws } from './copula-given';
import { families, fitFamily } from './fitted-marginal';
import { repairCorrelation } from './gaussian';
import { codeAt, knownCode, knownNumber, numberAt, type Known, type Latent } from './latent';
import { cholesky } from '../../learners/linear/cholesky';

const parameters = z.strictObject({
  marginals: z.enum(['empirical', 'fitted', ...families]).default('empirical').describe('Each numeric column\'s own distribution: its quantiles (empirical), the family nearest by the Kolmogorov-Smirnov distance (fitted), or one family for all.'),
  sweeps: z.int().min(1).max(1000).default(20).describe('Gibbs sweeps when rows are drawn given several columns that are categories or have atoms; one such column needs none.'),
});

/** What is kept: every column's own distribution, and the correlation of their scores. */
interface Model { version: 1; dialect: Dialect; schemas: ColumnSchema[]; dictionaries: Array<string[] | null>; latents: Latent[]; correlation: number[]; sweeps: number; families: Record<string, string> }

/** Rows drawn between two turns of the event loop. */
const chunk = 8192;

/**
 * Gaussian copula (Patki, Wedge & Veeramachaneni, The Synthetic Data Vault, DSAA 2016, section III): every column is mapped to a standard normal score by its own
 * distribution, and the scores are a multivariate normal. Categories are intervals of the score, the most frequent first. Unlike there, correlations are
 * corrected for what intervals and atoms do to them (see `latent.ts`), and conditions are met exactly rather than by rejection.
 */
export const gaussianCopula: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), { fit } = context;
    await context.progress({ phase: 'training', fraction: 0 });
    const chosen: Record<string, string> = {};
    const latents = fit.columns.flatMap((column, index) => latentsOf(column, index, p.marginals, chosen));
    await context.progress({ phase: 'training', fraction: 0.2, message: 'correlations' });
    const known = latents.map((l) => (row: number) => knownCell(l, fit.columns[l.column]!, row));
    const raw = await correlations(latents, known, fit.rows, (fraction) => context.progress({ phase: 'training', fraction: 0.2 + 0.7 * fraction, message: 'correlations' }));
    const correlation = repairCorrelation(raw, latents.length);
    const model: Model = {
      version: 1, dialect: fit.schema.dialect, schemas: fit.columns.map((c) => c.schema), dictionaries: fit.columns.map((c) => (c.schema.storage === 'code' ? [...c.categories()] : null)),
      latents, correlation: [...correlation], sweeps: p.sweeps, families: chosen,
    };
    await context.progress({ phase: 'training', fraction: 1 });
    return fitted(model);
  },
  async load(bytes) { return fitted(JSON.parse(new TextDecoder().decode(bytes)) as Model); },
};

/** The scores of one column: a category has one; a number one, and another for "missing?" where cells are missing; a column without any value none but that. */
function latentsOf(column: Column, index: number, marginals: z.infer<typeof parameters>['marginals'], chosen: Record<string, string>): Latent[] {
  const { storage, kind, name } = column.schema, rows = Math.max(1, column.length);
  const intervals = (counts: Map<number, number>, order: number[], part: 'codes' | 'missing'): Latent => {
    let sum = 0;
    return { column: index, part, codes: order, upper: order.map((c, i) => (i === order.length - 1 ? 1 : (sum += counts.get(c)!) / rows)) };
  };
  const counts = new Map<number, number>();
  if (storage === 'code') {
    for (const c of column.codes()) counts.set(c, (counts.get(c) ?? 0) + 1);
    // A scale keeps its order; else by frequency. Missing comes last.
    const order = [...counts.keys()].sort((a, b) => Number(a < 0) - Number(b < 0) || (kind === 'ordinal' ? 0 : counts.get(b)! - counts.get(a)!) || a - b);
    return [intervals(counts, order.length > 0 ? order : [-1], 'codes')];
  }
  const present = column.numbers().filter((v) => v === v), out: Latent[] = [], missing = column.length - present.length;
  if (missing > 0) out.push(intervals(new Map([[0, present.length], [1, missing]]), present.length > 0 ? [0, 1] : [1], 'missing'));
  if (present.length === 0) return out;
  const distinct = present.some((v) => v !== present[0]), own = marginals !== 'empirical' && distinct ? fitFamily(present, marginals === 'fitted' ? families : [marginals, 'normal']) : undefined;
  if (own) chosen[name] = own.family;
  return [...out, { column: index, part: 'number', marginal: own?.marginal ?? fitMarginal(present) }];
}

/** What a cell says of a score; undefined where it says nothing (a missing number). */
function knownCell(l: Latent, column: Column, row: number): Known | undefined {
  if (l.part === 'codes') return knownCode(l, column.codes()[row]!);
  const v = column.numbers()[row]!;
  return l.part === 'missing' ? knownCode(l, v === v ? 0 : 1) : v === v ? knownNumber(l.marginal!, v) : undefined;
}

function fitted(model: Model): FittedGenerator {
  const { latents, schemas, dictionaries } = model, d = latents.length, { factor } = cholesky(Float64Array.from(model.correlation), d);
  const columns = schemas.map((schema, index): FittedColumn => {
    const own = latents.filter((l) => l.column === index), codes = own.find((l) => l.part === 'codes'), gap = own.find((l) => l.part === 'missing');
    return codes ? { schema, missing: codes.codes!.includes(-1), categories: dictionaries[index]!, seen: (c) => codes.codes!.includes(c) } : { schema, missing: gap !== undefined };
  });
  return {
    device: { name: 'cpu', description: 'CPU', whyNotBetter: 'a few matrix products need no accelerator' },
    resolved: Object.keys(model.families).length > 0 ? { families: model.families } : {},
    async sample(rows, { seed, given: asked, progress }) {
      const given = checkGiven(columns, asked, rows), cells = schemas.map((s) => (s.storage === 'number' ? new Float64Array(rows) : new Int32Array(rows)));
      const draws = given && new ConditionalDraws(Float64Array.from(model.correlation), d, model.sweeps, new KeyStream(seed, 'gaussian-copula/given'));
      const places = given && latents.map((l) => given.columns.find((c) => c.schema.name === schemas[l.column]!.name));
      const normals = new KeyStream(seed, 'gaussian-copula/sample'), grids = schemas.map(gridOf), scores = new Float64Array(d);
      for (let from = 0; from < rows; from += chunk) {
        const count = Math.min(chunk, rows - from), e = normals.normals(from * d, count * d);
        for (let r = 0; r < count; r++) {
          const row = from + r, noise = e.subarray(r * d, (r + 1) * d);
          if (draws) draws.draw(row, latents.map((l, i) => { const c = places![i]; return c && knownCell(l, c, row); }), noise, scores);
          else for (let i = 0; i < d; i++) { let s = 0; for (let k = 0; k <= i; k++) s += factor[i * d + k]! * noise[k]!; scores[i] = s; }
          for (const c of cells.keys()) cells[c]![row] = NaN;
          latents.forEach((l, i) => {
            if (l.part === 'codes') cells[l.column]![row] = codeAt(l, scores[i]!);
            else if (l.part === 'number') cells[l.column]![row] = numberAt(l, scores[i]!, grids[l.column]!);
          });
          latents.forEach((l, i) => { if (l.part === 'missing' && codeAt(l, scores[i]!) === 1) cells[l.column]![row] = NaN; });
        }
        await progress?.(from + count);
      }
      const drawn: Table = makeTable(model.dialect, schemas.map((s, c) => (s.storage === 'number' ? numberColumn(s, cells[c] as Float64Array) : codeColumn(s, cells[c] as Int32Array, dictionaries[c]!))), rows);
      return withGiven(drawn, given);
    },
    save: () => new TextEncoder().encode(JSON.stringify(model)),
    dispose: async () => undefined,
  };
}


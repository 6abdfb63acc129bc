/**
 * Rows that meet a condition, have given marginals, and keep the rules, from a fitted generator's conditional law.
 *
 * - Equalities alone: given, without rejection.
 * - Sets, ranges, comparisons of columns and combinations of these: the constrained columns are drawn first, under one stated order, within what the condition
 *   leaves each of them; rows are chosen by their importance weights (sampling-importance resampling, Rubin 1988), and the other columns are drawn given them.
 *   The order is the generator's own, which it learnt best, as far as the last constrained column: another one's law is not the one that a plain release has (rules that
 *   are heeded while rows are drawn count in the weights here, where a plain release only leaves out, step by step, what they forbid). Where
 *   that would take too many proposals, the generator has learnt the constrained columns as the first of its order (`proposalsNeeded`).
 * - A generator that cannot do this: whole rows, those that fail are left out.
 *
 * Every row is checked whole, after value protection; those that fail are drawn again, never mended.
 */
import { UserError } from '../../errors';
import type { FittedGenerator, Together } from '../../generators/generator';
import type { Condition } from '../../protocol';
import { Stream } from '../../random';
import { codeColumn, concatRows, makeTable, numberColumn } from '../../table/columns';
import { numberOf } from '../../table/rules/cells';
import { columnsOf, meets } from '../../table/rules/condition';
import { domainsOf, equalitiesOf, isEmpty, type Domains } from '../../table/rules/domains';
import type { Table } from '../../table/table';
import { marginFor, type Marginal } from './margins';
import { effectiveSize, rake, systematic } from './resample';

/** A fitted generator and what stands between its rows and a reader: value protection, and the rules. */
export interface Model {
  fitted: FittedGenerator;
  conditional: boolean;
  /** The fitted rows after value protection: schemas and categories that can be drawn. */
  fit: Table;
  conceal(table: Table, seed: number): Table;
  /** Rules that the generator may heed while it draws. */
  together?: readonly Together[];
  /** 1 for rows to keep. Called once for every row drawn, in order; may remember (uniqueness). */
  keep?(table: Table, ahead: (row: number) => boolean): Uint8Array;
}

export interface Wanted { where?: Condition; marginals?: readonly Marginal[]; /** What this is, for messages. */ name?: string; /** A further test on whole rows. */ also?(table: Table): Uint8Array }

/** How rows were had: of every row drawn whole, the share accepted; of the proposals, how many there were, the share of the law the condition has, and what they are worth. */
export interface How { method: 'plain' | 'given' | 'proposals' | 'rejection'; drawn: number; accepted: number; order?: string[]; proposals?: number; mass?: number; effective?: number; /** Rows for which a proposal was chosen that another row has already. */ repeated?: number; unserved?: string[] }

interface Options { seed: number; progress?(done: number): Promise<void> }

const leastProposals = 4096, mostRounds = 200;
/** Of one condition; and what all of a target together may take before its columns are learnt first instead. */
export const mostProposals = 262_144;
/** Proposals are worth at least so many for each row that is chosen among them. */
const effectivePerRow = 2;
/**
 * How many proposals a condition takes at most, in any order of the columns: drawn without regard to it, each is worth what a real row is.
 * @param weights of real rows: 0 where they do not meet it, raked where shares are declared
 */
export const proposalsNeeded = (rows: number, weights: ArrayLike<number>): number => (effectivePerRow * rows * weights.length) / effectiveSize(weights);
/** Proposals for one condition over all its pools; beyond these some are chosen more than once, which is said. */
const mostInAll = 4 * mostProposals;
/** Pools in a row in which none meets the condition. */
const mostEmpty = 24;
/** So many proposals without a single one that meets the condition. */
const hopeless = 65_536;
/** Whole rows that are drawn at most for each one that is kept. */
const mostPerRow = 20_000;

/** @throws UserError (input) when the generator makes hardly any such row */
export async function drawWhere(model: Model, wanted: Wanted, rows: number, { seed, progress }: Options): Promise<{ table: Table; how: How }> {
  const { where, marginals = [], name } = wanted, constrained = [...new Set([...(where ? columnsOf(where) : []), ...marginals.map((m) => m.column)])];
  checkLearnt(model.fit, constrained);
  let have = 0, rate = 1;
  // Told of rows while they are drawn, not only between drawings: so long can one take.
  const during = async (done: number): Promise<void> => { await progress?.(Math.min(rows, have + Math.floor(done * rate))); };
  const source = await sourceOf(model, wanted, constrained, rows, seed, during), how: How = { method: source.method, drawn: 0, accepted: 0 };
  const kept: Table[] = [];
  for (let round = 0; have < rows; round++) {
    rate = how.drawn > 0 ? Math.max(how.accepted, 0.5) / how.drawn : source.expected;
    const need = rows - have;
    if (round >= mostRounds || how.drawn > Math.max(200_000, mostPerRow * rows)) throw tooRare(name, how);
    const ask = Math.ceil(Math.min(Math.max(need * 1.1 / rate + (round > 0 ? 16 : 0), need), Math.max(4 * rows, 65_536)));
    const own = new Stream(seed, `round ${round}`).uint32(), table = model.conceal(await source.sample(round === 0 && source.exact ? need : ask, own), own);
    const ok = where ? meets(where, table) : new Uint8Array(table.rows).fill(1), further = wanted.also?.(table);
    if (further) further.forEach((f, i) => { if (!f) ok[i] = 0; });
    // Rules that remember must not remember rows that go out no further.
    const accepted = model.keep ? model.keep(table, (i) => ok[i] === 1) : ok, good: number[] = [];
    for (let i = 0; i < table.rows && good.length < need; i++) if (accepted[i]) good.push(i);
    how.drawn += table.rows;
    how.accepted += accepted.reduce((a, b) => a + b, 0);
    kept.push(good.length === table.rows ? table : table.take(good));
    have += good.length;
    await progress?.(have);
  }
  Object.assign(how, source.facts);
  return { table: kept.length === 0 ? model.fit.take([]) : concatRows(kept), how };
}

interface RowSource { method: How['method']; /** The share of rows expected to pass. */ expected: number; /** Whether as many as needed are asked for at first. */ exact?: boolean; facts?: Partial<How>; sample(rows: number, seed: number): Promise<Table> }

/** The constrained columns and those before them in the order that the generator learnt best; undefined where it learnt no such order. */
function leadingOf({ fitted: { order } }: Model, constrained: readonly string[]): string[] | undefined {
  const places = constrained.map((c) => order?.indexOf(c) ?? -1);
  return constrained.length === 0 || places.includes(-1) ? undefined : order!.slice(0, Math.max(...places) + 1);
}

const heed = ({ together }: Model): { together?: readonly Together[] } => (together?.length ? { together } : {});

async function sourceOf(model: Model, { where, marginals = [], name }: Wanted, constrained: string[], rows: number, seed: number, progress: (done: number) => Promise<void>): Promise<RowSource> {
  const { fitted, fit } = model, heeded = heed(model), plain = (n: number, s: number): Promise<Table> => fitted.sample(n, { seed: s, progress, ...heeded });
  if (!where && marginals.length === 0) return { method: 'plain', expected: 1, exact: true, sample: plain };
  const can = model.conditional && (fitted.canCondition?.(constrained) ?? true), equal = where && marginals.length === 0 ? equalitiesOf(where) : undefined;
  const leading = fitted.propose ? leadingOf(model, constrained) : undefined;
  // Said of a value by its name, whichever way the rows are drawn.
  if (equal) constantRows(fit, equal, 1);
  if (equal && can && (!leading || leading.length === constrained.length)) return { method: 'given', expected: 1, exact: true, sample: (n, s) => fitted.sample(n, { seed: s, progress, given: constantRows(fit, equal, n), ...heeded }) };
  const domains = where ? domainsOf(where, new Map(fit.schema.columns.map((c) => [c.name, c])), (c) => fit.column(c).categories()) : {};
  const nothing = Object.entries(domains).find(([, d]) => isEmpty(d));
  if (nothing) throw new UserError(`${name ?? 'The condition'} leaves no value of it.`, { column: nothing[0] }, 'Two parts of the condition exclude each other.');
  if (can && fitted.propose) return proposed(model, where, marginals, leading ?? constrained, domains, rows, seed, name, progress);
  if (marginals.length === 0) return { method: 'rejection', expected: 0.5, sample: plain };
  return weighted(model, where, marginals, rows, seed, name);
}

/** Proposals with what each weighs. `most`: so many rows can be chosen among them and none twice. */
interface Pool { rows: Table; weights: Float64Array; mass: number; most: number; worth: number; unserved: string[]; order?: Int32Array }

/** The constrained columns first: proposals, weights, choice; then the rest given them. */
async function proposed(model: Model, where: Condition | undefined, marginals: readonly Marginal[], columns: string[], domains: Domains, rows: number, seed: number, name: string | undefined, progress: (done: number) => Promise<void>): Promise<RowSource> {
  const { fitted } = model;
  const poolOf = async (count: number, own: number): Promise<Pool> => {
    const { logWeight, cells } = await fitted.propose!(columns, count, { seed: own, within: domains, progress: () => progress(0), ...heed(model) });
    const pool = model.conceal(cells(Int32Array.from({ length: count }, (_, i) => i), own), own), ok = where ? meets(where, pool) : undefined;
    const raw = logWeight.map((l, i) => (ok && !ok[i] ? 0 : Math.exp(l))), mass = raw.reduce((a, b) => a + b, 0) / count;
    const raked = marginals.length > 0 && mass > 0 ? rake(raw, marginals.map((m) => marginFor(m, pool))) : undefined, weights = raked?.weights ?? raw;
    return {
      rows: pool, weights, mass, worth: effectiveSize(weights), most: Math.floor(weights.reduce((a, b) => a + b, 0) / weights.reduce((a, b) => Math.max(a, b), 1e-300)),
      unserved: raked?.empty.map((e) => `${e.column}: ${marginals.find((m) => m.column === e.column)!.labels[e.cell]!}`) ?? [], ...(marginals.length > 0 && { order: byCell(marginals, pool) }),
    };
  };
  let count = leastProposals, first: Pool | undefined;
  for (;;) {
    first = await poolOf(count, new Stream(seed, 'proposals').uint32());
    const missing = lacking(first, rows);
    if (missing <= 1 || count >= mostProposals || (first.mass === 0 && count >= hopeless)) break;
    // What these were worth says how many are needed, but for chance.
    count = Math.min(mostProposals, Math.ceil(count * (first.mass === 0 ? 4 : Math.max(1.5, 1.2 * missing))));
  }
  if (!(first.mass > 0)) throw tooRare(name, { method: 'proposals', drawn: count, accepted: 0 });
  const { mass, unserved } = first, facts: Partial<How> = { order: columns, proposals: count, mass, effective: first.worth, repeated: 0, ...(unserved.length && { unserved }) };
  const choose = async (n: number, s: number): Promise<Table> => {
    const parts: Table[] = [];
    for (let left = n, k = 0; left > 0; k++) {
      // A proposal serves once: what was chosen from, or found wanting, is not chosen from again. Shares are hit by pools that are large enough to hold every cell.
      let pool = first;
      first = undefined;
      if (!pool) {
        const size = marginals.length > 0 && facts.proposals! < mostInAll ? count : Math.min(count, Math.max(leastProposals, Math.ceil((1.2 * count * left) / rows)));
        pool = await poolOf(size, new Stream(s, `proposals ${k}`).uint32());
        facts.proposals! += size;
        facts.effective! += pool.worth;
      }
      if (!(pool.mass > 0)) { if (k >= mostEmpty) throw tooRare(name, { method: 'proposals', drawn: facts.proposals!, accepted: 0 }); continue; }
      const take = facts.proposals! < mostInAll ? Math.min(left, Math.max(1, pool.most)) : left, chosen = systematic(pool.weights, take, new Stream(s, `choose ${k}`), pool.order);
      facts.repeated! += take - new Set(chosen).size;
      parts.push(pool.rows.take(chosen));
      left -= take;
    }
    return parts.length === 1 ? parts[0]! : concatRows(parts);
  };
  return {
    method: 'proposals', expected: 1, exact: true, facts,
    sample: async (n, s) => {
      const chosen = await choose(n, s);
      return columns.length === model.fit.columns.length ? chosen.select(model.fit.schema.columns.map((c) => c.name)) : fitted.sample(n, { seed: s, progress, given: chosen, ...heed(model) });
    },
  };
}

/** How many times as many proposals are wanted: so that they are worth enough, and none need be chosen twice. Unraked weights are chances of at most 1, so that this costs no more than rejection would. */
const lacking = ({ worth, most }: Pool, rows: number): number => Math.max((effectivePerRow * rows) / worth, rows / Math.max(0.5, most));

/** Whole rows, weighted to the marginals and chosen; for generators that cannot be given columns. */
async function weighted(model: Model, where: Condition | undefined, marginals: readonly Marginal[], rows: number, seed: number, name: string | undefined): Promise<RowSource> {
  const count = Math.max(leastProposals, Math.min(mostProposals, 4 * rows)), own = new Stream(seed, 'pool').uint32();
  const pool = model.conceal(await model.fitted.sample(count, { seed: own, ...heed(model) }), own), ok = where ? meets(where, pool) : undefined;
  const start = Float64Array.from({ length: count }, (_, i) => (ok && !ok[i] ? 0 : 1)), mass = start.reduce((a, b) => a + b, 0) / count;
  if (mass === 0) throw tooRare(name, { method: 'rejection', drawn: count, accepted: 0 });
  const { weights, empty } = rake(start, marginals.map((m) => marginFor(m, pool))), order = byCell(marginals, pool);
  return {
    method: 'rejection', expected: 1, exact: true, facts: { proposals: count, mass, effective: effectiveSize(weights), ...(empty.length && { unserved: empty.map((e) => `${e.column}: ${marginals.find((m) => m.column === e.column)!.labels[e.cell]!}`) }) },
    sample: async (n, s) => pool.take(systematic(weights, n, new Stream(s, 'choose'), order)),
  };
}

/** Rows sorted by the cells of the marginals, so that systematic choice hits the first one's shares within a row. */
function byCell(marginals: readonly Marginal[], pool: Table): Int32Array {
  const cells = marginals.map((m) => marginFor(m, pool).cells);
  return Int32Array.from({ length: pool.rows }, (_, i) => i).sort((a, b) => { for (const c of cells) if (c[a] !== c[b]) return c[a]! - c[b]!; return a - b; });
}

function checkLearnt(fit: Table, columns: readonly string[]): void {
  for (const name of columns) if (!fit.schema.columns.some((c) => c.name === name))
    throw new UserError('is not learnt (an identifier, personal data, free text or a constant), so nothing can be drawn by it.', { column: name }, `Choose among ${fit.schema.columns.slice(0, 20).map((c) => c.name).join(', ')}.`);
}

/** One row of conditions, repeated. @throws UserError (input) for a category that cannot be drawn */
export function constantRows(fit: Table, values: Readonly<Record<string, string | null>>, rows: number): Table {
  const columns = Object.entries(values).map(([name, value]) => {
    const column = fit.column(name), { schema } = column;
    if (schema.storage === 'number') return numberColumn(schema, new Float64Array(rows).fill(value === null ? NaN : numberOf(schema, value)));
    const code = value === null ? -1 : column.categories().indexOf(value);
    if (value !== null && code < 0) throw new UserError(`"${value}" cannot be drawn: no fitted row has it, or too few for value protection.`, { column: name }, `It can be ${column.categories().slice(0, 12).map((c) => `"${c}"`).join(', ')}. A value the schema declares in the column's domain is exempt from protection.`);
    return codeColumn(schema, new Int32Array(rows).fill(code), column.categories());
  });
  return makeTable(fit.schema.dialect, columns, rows);
}

function tooRare(name: string | undefined, how: How): UserError {
  return new UserError(`${name ?? 'The condition'} is met by too few of the rows that the generator makes: ${how.accepted} of ${how.drawn.toLocaleString('en')}.`, {}, 'Widen the condition, ask for fewer rows, or give the generator more real rows of that kind.');
}

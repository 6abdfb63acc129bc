/**
 * Purpose *augmentation*: the target is p(. | A), not p. Several conditions with counts or shares, values balanced, marginals like another table's. What is drawn goes out alone, or beside the real rows.
 */
import { UserError } from '../../errors';
import type { Figure, TargetRequest } from '../../protocol';
import { concatRows } from '../../table/columns';
import { shuffledRows, Stream } from '../../random';
import { withFreshColumns } from '../../table/fresh';
import { modelledNames } from '../release/parts';
import { columnOf } from '../../table/rules/cells';
import type { Table } from '../../table/table';
import { drawWhere, mostProposals, proposalsNeeded } from '../conditions/draw';
import { quantile } from '../../learners/intervals';
import { declaredMarginal, marginFor, marginalOf, type Marginal } from '../conditions/margins';
import { rake } from '../conditions/resample';
import { portion } from '../conditions/release';
import { samplingFigures, shareFigure } from '../figures';
import type { Concluded, Fact, Purpose } from '../purpose';
import { balanced, constrainedBy, inPiece, piecesOf, thinned, type Piece } from './strata';

type Request = Extract<TargetRequest, { purpose: 'augmentation' }>;

export const augmentation: Purpose<Request> = {
  async prepare(request, { plan, source, parts, read }) {
    const { strata, balance = [], like = [] } = request;
    const { pieces: first, notes } = piecesOf(strata, source, plan.rows, plan.protection.enabled);
    // One balanced column: exact counts, value by value. Several, or another table's marginals: raking.
    const exact = balance.length === 1 && like.length === 0, pieces = exact ? balanced(first, balance[0]!.column, balance[0]!.shares) : first;
    for (const b of balance) columnOf(source, b.column);
    const marginals: Marginal[] = [...(exact ? [] : balance.map((b) => declaredMarginal(source.column(b.column).schema, b.shares)))];
    for (const { column, path } of like) { columnOf(source, column); marginals.push(marginalOf((await read(path, [column])).column(column))); }
    const names = modelledNames(source);
    for (const column of [...constrainedBy(pieces), ...marginals.map((m) => m.column)]) {
      columnOf(source, column);
      if (!names.includes(column)) throw new UserError('is not learnt (an identifier, personal data, free text or a constant), so nothing can be drawn by it.', { column }, `Choose among ${names.slice(0, 20).join(', ')}.`);
    }
    for (const p of pieces) if (p.where) check(p, parts.training, plan.protection.k);
    const total = pieces.reduce((n, p) => n + p.rows, 0);
    return {
      releases: 1, proper: false, ...(proposalsOf(pieces, marginals, parts.training) > mostProposals && { first: leadingColumns(pieces, marginals, parts.training) }),
      async draw(model, share, { seed, progress, breathe }) {
        const tables: Table[] = [], facts: Fact[] = [];
        let done = 0;
        for (const [i, piece] of pieces.entries()) {
          const rows = portion(piece.rows, share), before = done;
          const { table, how } = await drawWhere(model, { ...(piece.where && { where: piece.where }), marginals, name: piece.name, ...(piece.rest && { also: (t: Table) => inPiece(piece, t) }) }, rows, { seed: new Stream(seed, `piece ${i}`).uint32(), progress: (n) => progress(before + n) });
          tables.push(table);
          facts.push({ name: piece.name, rows, how });
          done += rows;
          await breathe();
        }
        const whole = concatRows(tables);
        return { table: pieces.length === 1 ? whole : whole.take(shuffledRows(seed, 'mixed', whole.rows)), facts };
      },
      ...(request.beside && { compose: async (drawn: Table) => concatRows([source, await withFreshColumns(source, drawn, plan.seed)]) }),
      comparable: (real) => (marginals.length === 0 ? thinned(pieces, real, plan.seed) : raked(pieces, marginals, real, plan.seed)),
      async conclude({ synthetic, facts }) {
        const out = samplingFigures(facts), hit = conditionFigure(pieces, synthetic), shares = sharesFigure(request, pieces, marginals, synthetic, total);
        const beside = request.beside ? [`The written table holds the ${source.rows} real rows first, then ${synthetic.rows} synthetic ones; only the latter are judged.`] : [];
        return { figures: [hit, ...(shares ? [shares] : []), ...out.figures], notes: [...notes, ...beside, ...out.notes] } satisfies Concluded;
      },
    };
  },
};

/** How many proposals all pieces take at most in the order that a generator learns best; kinds too rare for that are learnt first instead, which costs fidelity on small tables. */
function proposalsOf(pieces: readonly Piece[], marginals: readonly Marginal[], training: Table): number {
  const margins = marginals.map((m) => marginFor(m, training));
  return pieces.filter((p) => p.where || margins.length > 0).reduce((n, p) => {
    const met = Float64Array.from(inPiece(p, training));
    return n + proposalsNeeded(p.rows, margins.length > 0 ? rake(met, margins).weights : met);
  }, 0);
}

/** The constrained columns: what most pieces constrain first, else what has fewest values. */
function leadingColumns(pieces: readonly Piece[], marginals: readonly Marginal[], training: Table): string[] {
  const names = [...new Set([...constrainedBy(pieces), ...marginals.map((m) => m.column)])], uses = (name: string): number => pieces.filter((p) => constrainedBy([p]).includes(name)).length + (marginals.some((m) => m.column === name) ? pieces.length : 0);
  const values = (name: string): number => { const c = training.column(name); return c.schema.storage === 'code' ? c.categories().length : new Set(c.numbers()).size; };
  return names.sort((a, b) => uses(b) - uses(a) || values(a) - values(b));
}

/** A condition that no real row meets, or too few for its values to be drawn, is found before anything is learnt. */
function check(piece: Piece, training: Table, k: number): void {
  const met = inPiece(piece, training).reduce((a, b) => a + b, 0);
  if (met === 0) throw new UserError(`No row of the table meets "${piece.name}".`, {}, 'Look at the values with "understudy inspect", or widen the condition.');
  if (met < k) throw new UserError(`Only ${met} row${met === 1 ? '' : 's'} of the table meet${met === 1 ? 's' : ''} "${piece.name}": too few to learn from without copying them.`, {}, `Widen the condition to ${k} rows at least.`);
}

/** Real rows thinned to the marginals: kept with a chance in proportion to their raked weight. */
function raked(pieces: readonly Piece[], marginals: readonly Marginal[], real: Table, seed: number): Int32Array {
  const rows = thinned(pieces, real, seed);
  if (rows.length === 0) return rows;
  const own = real.take(rows), { weights } = rake(new Float64Array(own.rows).fill(1), marginals.map((m) => marginFor(m, own)), { rounds: 50 });
  const most = quantile(weights.filter((w) => w > 0), 0.98), stream = new Stream(seed, 'thin');
  return rows.filter((_, i) => stream.uniform() < weights[i]! / most);
}

function conditionFigure(pieces: readonly Piece[], synthetic: Table): Figure {
  const hit = new Uint8Array(synthetic.rows);
  for (const p of pieces) inPiece(p, synthetic).forEach((ok, i) => { if (ok) hit[i] = 1; });
  const n = hit.reduce((a, b) => a + b, 0);
  return shareFigure('target.condition', n, synthetic.rows, n === synthetic.rows ? 'good' : 'poor', { detail: { conditions: pieces.length } });
}

/** The worst of the declared shares against what random rows of that number may be off. */
function sharesFigure(request: Request, pieces: readonly Piece[], marginals: readonly Marginal[], table: Table, total: number): Figure | undefined {
  const errors: Array<{ what: string; wanted: number; got: number }> = [];
  if (pieces.length > 1) for (const p of pieces) errors.push({ what: p.name, wanted: p.rows / total, got: inPiece(p, table).reduce((a, b) => a + b, 0) / table.rows });
  for (const m of marginals) {
    const cells = m.cellsOf(table.column(m.column)), got = new Float64Array(m.shares.length);
    for (const c of cells) if (c >= 0) got[c]! += 1 / table.rows;
    m.shares.forEach((wanted, c) => errors.push({ what: `${m.column}: ${m.labels[c]!}`, wanted, got: got[c]! }));
  }
  if (errors.length === 0) return undefined;
  const worst = errors.reduce((a, b) => (Math.abs(b.got - b.wanted) > Math.abs(a.got - a.wanted) ? b : a)), error = Math.abs(worst.got - worst.wanted);
  // Overlapping conditions have more rows than they asked for: more is no miss.
  const allowed = 2.58 * Math.sqrt(Math.max(worst.wanted * (1 - worst.wanted), 1 / table.rows) / table.rows) + 1 / table.rows;
  const overlap = request.strata.length > 1 && worst.got > worst.wanted;
  return { metric: 'target.shares', value: error, samples: { synthetic: table.rows }, verdict: error <= allowed || overlap ? 'good' : error <= 2 * allowed ? 'fair' : 'poor', detail: { allowed: Number(allowed.toPrecision(3)), worst: worst.what, wanted: worst.wanted, got: worst.got }, ...(overlap && error > allowed && { note: 'Conditions overlap: some of the other rows meet it too.' }) };
}

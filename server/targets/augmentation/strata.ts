/** From a request to the pieces that are drawn one by one: each a condition and a number of rows. */
import { UserError } from '../../errors';
import type { Condition, Stratum } from '../../protocol';
import { columnOf } from '../../table/rules/cells';
import { columnsOf, rowsMeeting, truthOf } from '../../table/rules/condition';
import { Stream } from '../../random';
import type { Table } from '../../table/table';

/** A piece of the result. `rest`: rows that meet none of the other pieces' conditions. */
export interface Piece { name: string; where?: Condition; rows: number; rest?: readonly Condition[] }

/** Fewer real rows than this must not be pointed at by a combination of their own. */
const fewestForCombination = 5;

const equals = (column: string, value: string): Condition => ({ type: 'in', column, values: [value] });
export const all = (...of: Array<Condition | undefined>): Condition | undefined => {
  const parts = of.filter((c): c is Condition => c !== undefined);
  return parts.length === 0 ? undefined : parts.length === 1 ? parts[0] : { type: 'and', of: parts };
};

/**
 * The pieces of a request: strata by count or share, one for each context where there are some, and the remainder where shares leave one.
 * @param total rows of the whole, where declared
 * @throws UserError (usage) for shares beyond the whole
 */
export function piecesOf(strata: readonly Stratum[], source: Table, total: number | undefined, protect: boolean): { pieces: Piece[]; notes: string[] } {
  const notes: string[] = [];
  if (strata.length === 0) return { pieces: [{ name: 'All rows', rows: total ?? source.rows }], notes };
  const expanded = strata.flatMap((s) => contexts(s, source, protect, notes));
  const fixed = expanded.reduce((n, s) => n + (s.rows ?? 0), 0), open = expanded.filter((s) => s.rows === undefined && s.share === undefined);
  const shares = expanded.reduce((n, s) => n + (s.rows === undefined ? s.share ?? 0 : 0), 0);
  const whole = total ?? (shares > 0 ? Math.max(source.rows, fixed) : open.length > 0 ? Math.max(source.rows, fixed) : fixed);
  if (shares > 1 + 1e-9 || fixed > whole) throw new UserError(shares > 1 ? `The shares add up to ${Math.round(100 * shares)}%.` : `The conditions ask for ${fixed} rows, the whole has ${whole}.`, {}, 'Lower a share, or raise the number of rows.', 'usage');
  let left = whole - fixed;
  const pieces: Piece[] = expanded.map((s) => ({ name: describe(s.where), where: s.where, rows: s.rows ?? (s.share !== undefined ? Math.round(s.share * whole) : 0) }));
  for (const [i, s] of expanded.entries()) if (s.rows === undefined && s.share !== undefined) left -= pieces[i]!.rows;
  // A condition without a number takes what the others leave.
  open.forEach((s, i) => { pieces[expanded.indexOf(s)]!.rows = Math.floor(left / open.length) + (i < left % open.length ? 1 : 0); });
  if (open.length === 0 && left > 0) pieces.push({ name: 'the rest', rows: left, rest: expanded.map((s) => s.where) });
  return { pieces: pieces.filter((p) => p.rows > 0), notes };
}

function contexts(s: Stratum, source: Table, protect: boolean, notes: string[]): Array<Omit<Stratum, 'per'>> {
  if (!s.per?.length) return [s];
  const columns = s.per.map((name) => columnOf(source, name)), counts = new Map<string, { values: string[]; n: number }>();
  for (const i of rowsMeeting(s.where, source)) {
    if (columns.some((c) => c.isMissing(i))) continue;
    const values = columns.map((c) => c.lexeme(i)), key = values.join('\0'), own = counts.get(key);
    if (own) own.n++;
    else counts.set(key, { values, n: 1 });
  }
  const kept = [...counts.values()].filter((c) => !protect || c.n >= fewestForCombination).sort((a, b) => b.n - a.n || (a.values.join('\0') < b.values.join('\0') ? -1 : 1));
  if (kept.length < counts.size) notes.push(`${counts.size - kept.length} combinations of ${s.per.join(', ')} in fewer than ${fewestForCombination} rows have no rows of their own.`);
  if (kept.length === 0) throw new UserError(`No combination of ${s.per.join(', ')} is frequent enough.`, {}, 'Choose columns of fewer values.');
  return kept.map((c) => ({ where: all(s.where, ...c.values.map((v, k) => equals(s.per![k]!, v)))!, ...(s.rows !== undefined && { rows: s.rows }), ...(s.share !== undefined && { share: s.share / kept.length }) }));
}

/** Values with declared shares divide a piece into pieces of exact counts; all other values together keep the remaining share. */
export function balanced(pieces: readonly Piece[], column: string, shares: Readonly<Record<string, number>>): Piece[] {
  const named = Object.entries(shares), sum = named.reduce((s, [, v]) => s + v, 0);
  if (sum > 1 + 1e-9) throw new UserError(`The shares add up to ${Math.round(100 * sum)}%.`, { column }, undefined, 'usage');
  return pieces.flatMap((p) => {
    const own: Piece[] = named.map(([value, share]) => ({ ...p, name: `${p.name === 'All rows' ? '' : `${p.name}, `}${column} = ${value}`, where: all(p.where, equals(column, value))!, rows: Math.round(share * p.rows) }));
    const rest = p.rows - own.reduce((n, o) => n + o.rows, 0);
    if (rest < 0) own[0]!.rows += rest;
    if (rest > 0 && sum > 1 - 1e-9) own[0]!.rows += rest;
    else if (rest > 0) own.push({ ...p, name: `${p.name === 'All rows' ? '' : `${p.name}, `}other ${column}`, where: all(p.where, { type: 'not', of: { type: 'in', column, values: named.map(([v]) => v) } })!, rows: rest });
    return own.filter((o) => o.rows > 0);
  });
}

/** A condition in a few words. */
export function describe(c: Condition): string {
  const side = (e: Extract<Condition, { type: 'compare' }>['left']): string => (e.type === 'column' ? e.column : e.type === 'value' ? e.value : `${side(e.left)} ${e.op} ${side(e.right)}`);
  switch (c.type) {
    case 'compare': return `${side(c.left)} ${c.op} ${side(c.right)}`;
    case 'in': return `${c.column} ${c.negated ? 'not ' : ''}${c.values.length === 1 ? `= ${c.values[0]}` : `in (${c.values.slice(0, 4).join(', ')}${c.values.length > 4 ? ', ...' : ''})`}`;
    case 'range': return `${c.column} ${c.min === undefined ? '' : `${c.openMin ? '>' : '>='} ${c.min}`}${c.min !== undefined && c.max !== undefined ? ' and ' : ''}${c.max === undefined ? '' : `${c.openMax ? '<' : '<='} ${c.max}`}`;
    case 'missing': return `${c.column} is ${c.negated ? 'not ' : ''}missing`;
    case 'not': return `not (${describe(c.of)})`;
    default: return c.of.map((p) => (p.type === 'and' || p.type === 'or' ? `(${describe(p)})` : describe(p))).join(` ${c.type} `);
  }
}

/** 1 for the rows that a piece is about. */
export function inPiece(piece: Piece, table: Table): Uint8Array {
  const own = piece.where ? truthOf(piece.where, table).map((t) => (t === 1 ? 1 : 0)) : new Uint8Array(table.rows).fill(1), out = Uint8Array.from(own);
  for (const other of piece.rest ?? []) truthOf(other, table).forEach((t, i) => { if (t === 1) out[i] = 0; });
  return out;
}

/**
 * Rows of a real table in the proportions of the pieces, as many as it has: what the result is compared with. A piece without a real row is left out.
 */
export function thinned(pieces: readonly Piece[], real: Table, seed: number): Int32Array {
  const rows = pieces.map((p) => { const ok = inPiece(p, real); return Int32Array.from(ok.keys()).filter((i) => ok[i] === 1); });
  const times = Math.min(...rows.flatMap((r, i) => (r.length > 0 ? [r.length / pieces[i]!.rows] : [])));
  if (!Number.isFinite(times)) return new Int32Array(0);
  const chosen = new Set<number>();
  rows.forEach((r, i) => { for (const row of new Stream(seed, `comparable ${i}`).shuffle(r.slice()).slice(0, Math.round(times * pieces[i]!.rows))) chosen.add(row); });
  return Int32Array.from(chosen).sort();
}

/** Columns that the pieces constrain. */
export const constrainedBy = (pieces: readonly Piece[]): string[] => [...new Set(pieces.flatMap((p) => [...(p.where ? columnsOf(p.where) : []), ...(p.rest ?? []).flatMap(columnsOf)]))];

/**
 * The context extractor by rule (section 5): columns named by the user divide the table; categories as they are, numbers in bins, dates in periods. A context is a combination
 * of these parts. The networks are told the parts, so that contexts that share a part learn from each other; the cache keeps an entry for every context.
 */
import type { KeyStream } from '../../engine';
import { UserError } from '../../errors';
import type { Column, Table } from '../../table/table';
import type { Features } from '../blocks/features';
import { edgesOf, periodsOf } from './bins';

/** One column's share in the context. `feature`: a category feature of the encoding; else bins of a number between `edges` (one fewer than bins), the last code for a missing cell. */
export interface Part { column: string; size: number; labels: string[]; feature?: number; edges?: number[]; missing?: boolean }
/** A cached context: its code of every part; the last, where there is one, gathers all rarer combinations and has none. */
export interface Context { label: string; codes?: number[]; share: number }
export interface SavedContexts { parts: Part[]; contexts: Context[]; /** of the rows in rare combinations: shares of every part's codes */ rest?: number[][] }
/** Codes of the parts [rows, parts] and of the context [rows]. */
export interface Assigned { parts: Int32Array; contexts: Int32Array }

/** The columns that a text names: one, or several between commas. @throws UserError for one that is not there */
export const namedColumns = (text: string, table: Table): string[] => namedAmong(text, table.columns.map((c) => c.schema.name));
export function namedAmong(text: string, names: readonly string[]): string[] {
  const whole = text.trim();
  if (whole === '') return [];
  const asked = names.includes(whole) ? [whole] : [...new Set(whole.split(',').map((t) => t.trim()).filter(Boolean))];
  for (const name of asked) if (!names.includes(name)) throw new UserError(`There is no column "${name}" to divide the table into contexts by.`, { column: name }, `The columns are ${names.slice(0, 20).join(', ')}.`, 'usage');
  return asked;
}

export class Contexts {
  private readonly byCodes: Map<string, number>;
  constructor(readonly saved: SavedContexts) { this.byCodes = new Map(saved.contexts.flatMap((c, i) => (c.codes ? [[c.codes.join(), i] as const] : []))); }
  get parts(): readonly Part[] { return this.saved.parts; }
  get list(): readonly Context[] { return this.saved.contexts; }
  get sizes(): number[] { return this.saved.parts.map((p) => p.size); }

  /**
   * Learns the contexts from the fitting rows.
   * @param least rows that a combination needs for an entry of its own @param most entries; the largest are kept
   */
  static fit(table: Table, features: Features, columns: readonly string[], options: { bins: number; least: number; most: number }): Contexts {
    const parts = columns.map((name): Part => {
      const feature = features.categories.findIndex((f) => f.column === name && f.source !== 'missing'), column = table.column(name);
      if (feature >= 0) { const f = features.categories[feature]!; return { column: name, feature, size: f.size, labels: labelsOf(f, column) }; }
      const binned = column.schema.kind === 'date' || column.schema.kind === 'datetime' ? periodsOf(column) : edgesOf(column.numbers(), options.bins), missing = column.missingCount > 0;
      return { column: name, edges: binned.edges, missing, size: binned.labels.length + Number(missing), labels: [...binned.labels, ...(missing ? ['missing'] : [])] };
    });
    const rows = table.rows, codes = partCodes(table, features, parts), counts = new Map<string, number>(), P = parts.length;
    for (let i = 0; i < rows; i++) { const key = codes.subarray(i * P, (i + 1) * P).join(); counts.set(key, (counts.get(key) ?? 0) + 1); }
    const kept = [...counts].filter(([, n]) => n >= options.least).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, options.most);
    const own = new Set(kept.map(([key]) => key)), contexts = kept.map(([key, n]): Context => { const c = key.split(',').map(Number); return { label: labelOf(parts, c), codes: c, share: n / rows }; });
    const others = [...counts].filter(([key]) => !own.has(key));
    if (others.length === 0) return new Contexts({ parts, contexts });
    const total = others.reduce((s, [, n]) => s + n, 0), rest = parts.map((p) => new Array<number>(p.size).fill(0));
    for (const [key, n] of others) key.split(',').forEach((c, j) => { rest[j]![Number(c)]! += n / total; });
    return new Contexts({ parts, contexts: [...contexts, { label: 'all rarer combinations', share: total / rows }], rest });
  }

  /** Contexts of rows that hold these codes [rows, parts]. What was never fitted, and has no rest to go to, goes to the largest. */
  contextsOf(parts: Int32Array, rows: number): Int32Array {
    const P = this.parts.length, last = this.saved.rest ? this.list.length - 1 : 0;
    return Int32Array.from({ length: rows }, (_, i) => this.byCodes.get(parts.subarray(i * P, (i + 1) * P).join()) ?? last);
  }
  assign(table: Table, features: Features): Assigned { const parts = partCodes(table, features, this.parts); return { parts, contexts: this.contextsOf(parts, table.rows) }; }

  /** The columns on which rows can be drawn exactly: those whose category the context is. */
  get exact(): string[] { return this.parts.filter((p) => p.feature !== undefined).map((p) => p.column); }

  /**
   * Draws contexts for rows [from, from + count), by their shares; `given` holds the codes of some parts, [count, parts] with -1 where nothing is given.
   * Every draw is a function of its number.
   */
  draw(stream: KeyStream, from: number, count: number, given?: Int32Array): Assigned {
    const P = this.parts.length, parts = new Int32Array(count * P), u = stream.uniforms(from * (P + 1), count * (P + 1)), chances = new Map<string, Float64Array>();
    for (let i = 0; i < count; i++) {
      const own = given?.subarray(i * P, (i + 1) * P), key = own?.join() ?? '';
      let running = chances.get(key);
      if (!running) chances.set(key, (running = this.chances(own)));
      const at = pick(running, u[i * (P + 1)]!), codes = at < 0 ? undefined : this.list[at]!.codes;
      for (let j = 0; j < P; j++) {
        const asked = own?.[j] ?? -1;
        parts[i * P + j] = asked >= 0 ? asked : codes ? codes[j]! : pickShare(this.saved.rest?.[j] ?? this.marginal(j), u[i * (P + 1) + 1 + j]!);
      }
    }
    return { parts, contexts: this.contextsOf(parts, count) };
  }
  /** Running shares of the contexts that agree with what is given; all zero where none does. */
  private chances(given: Int32Array | undefined): Float64Array {
    let sum = 0;
    return Float64Array.from(this.list, (c) => {
      const weight = !given || !c.codes ? 1 : Number(given.every((g, j) => g < 0 || g === c.codes![j]));
      const rest = !c.codes && given ? given.reduce((w, g, j) => (g < 0 ? w : w * (this.saved.rest?.[j]?.[g] ?? 0)), 1) : 1;
      return (sum += c.share * weight * rest);
    });
  }
  private marginal(part: number): number[] {
    const out = new Array<number>(this.parts[part]!.size).fill(0);
    for (const c of this.list) if (c.codes) out[c.codes[part]!]! += c.share;
    return out;
  }
}

/** -1 where nothing has a chance. */
function pick(running: Float64Array, u: number): number {
  const total = running.at(-1) ?? 0;
  return total > 0 ? running.findIndex((v) => v > u * total) : -1;
}
function pickShare(shares: readonly number[], u: number): number {
  const total = shares.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (let i = 0; i < shares.length; i++) if ((sum += shares[i]!) > u * total) return i;
  return shares.length - 1;
}
const labelOf = (parts: readonly Part[], codes: readonly number[]): string => parts.map((p, j) => `${p.column} ${p.labels[codes[j]!]!}`).join(', ');
function labelsOf(f: Features['categories'][number], column: Column): string[] {
  if (f.source === 'values') return f.values!.map((v) => (v === v ? String(v) : 'missing'));
  return f.categories!.map((c) => (c === -1 ? 'missing' : c === -2 ? 'any rarer one' : column.categories()[c]!));
}

/** Codes of the parts, [rows, parts]. */
export function partCodes(table: Table, features: Pick<Features, 'categories' | 'encodeCategory'>, parts: readonly Part[]): Int32Array {
  const rows = table.rows, P = parts.length, out = new Int32Array(rows * P);
  parts.forEach((p, j) => {
    const column = table.column(p.column);
    if (p.feature !== undefined) { const own = features.encodeCategory(features.categories[p.feature]!, column); for (let i = 0; i < rows; i++) out[i * P + j] = own[i]!; return; }
    const values = column.numbers(), edges = p.edges!;
    for (let i = 0; i < rows; i++) {
      const v = values[i]!;
      let bin = 0;
      while (bin < edges.length && v >= edges[bin]!) bin++;
      out[i * P + j] = v === v ? bin : p.missing ? p.size - 1 : 0;
    }
  });
  return out;
}

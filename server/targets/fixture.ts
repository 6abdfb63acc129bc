/** For tests: generators whose law is known. */
import type { FittedGenerator } from '../generators/generator';
import { Stream } from '../random';
import { withGiven } from '../generators/blocks/given';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../table/columns';
import { admits } from '../table/rules/domains';
import type { Column, Table } from '../table/table';
import type { Model } from './conditions/draw';

export const category = (name: string, cells: ArrayLike<number>, words: readonly string[]): Column => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(cells), words);
export const integer = (name: string, cells: ArrayLike<number>): Column => numberColumn(columnSchema({ name, kind: 'integer', storage: 'number' }), Float64Array.from(cells));
export const real = (name: string, cells: ArrayLike<number>): Column => numberColumn(columnSchema({ name, kind: 'real', storage: 'number' }), Float64Array.from(cells));
export const tableOf = (...columns: Column[]): Table => makeTable(plainDialect, columns);

/** Standard normals, one after another. */
export function normals(seed: number, name: string): () => number {
  const s = new Stream(seed, name);
  return () => Math.sqrt(-2 * Math.log(1 - s.uniform())) * Math.cos(2 * Math.PI * s.uniform());
}

/**
 * The law of a table itself: rows drawn with replacement, conditionals by the rows that agree. `any`: it can be given any columns, and proposes a column at a time within domains, each given
 * those before it, as an any-order network does; else it draws whole rows only.
 */
export function empirical(table: Table, any: boolean): FittedGenerator {
  const key = (c: Column, i: number): string => (c.isMissing(i) ? '?' : c.lexeme(i));
  const columnsAt = (row: Int32Array): Table => table.take(row);
  const agreeing = (names: readonly string[], cells: readonly string[]): number[] => { const cs = names.map((n) => table.column(n)), out: number[] = []; for (let i = 0; i < table.rows; i++) if (cs.every((c, k) => key(c, i) === cells[k])) out.push(i); return out; };
  const memo = new Map<string, number[]>(), cached = (names: readonly string[], cells: readonly string[]): number[] => { const k = JSON.stringify([names, cells]); if (!memo.has(k)) memo.set(k, agreeing(names, cells)); return memo.get(k)!; };
  return {
    device: { name: 'cpu', description: 'test' }, resolved: {},
    async sample(rows, { seed, given }) {
      const stream = new Stream(seed, 'empirical');
      if (!given) return columnsAt(Int32Array.from({ length: rows }, () => stream.below(table.rows)));
      const names = given.schema.columns.map((c) => c.name);
      return withGiven(columnsAt(Int32Array.from({ length: rows }, (_, i) => { const like = cached(names, given.columns.map((c) => key(c, i))); return like.length > 0 ? stream.pick(like) : stream.below(table.rows); })), given);
    },
    ...(any && {
      async propose(names: readonly string[], rows: number, { seed, within = {} }: { seed: number; within?: Parameters<NonNullable<FittedGenerator['propose']>>[2]['within'] }) {
        const stream = new Stream(seed, 'propose'), logWeight = new Float64Array(rows), chosen = new Int32Array(rows);
        const kept = new Map<string, number[]>(), restricted = (name: string, cells: readonly string[], pool: readonly number[], admitted: (r: number) => boolean): number[] => { const k = JSON.stringify([name, cells]); if (!kept.has(k)) kept.set(k, pool.filter(admitted)); return kept.get(k)!; };
        for (let i = 0; i < rows; i++) {
          let pool: number[] = cached([], []), cells: string[] = [];
          for (const [k, name] of names.entries()) {
            const c = table.column(name), d = within[name], value = (r: number): number | string | null => (c.isMissing(r) ? null : c.schema.storage === 'number' ? c.numbers()[r]! : c.lexeme(r));
            const ok = d ? restricted(name, cells, pool, (r) => admits(d, value(r))) : pool;
            logWeight[i]! += Math.log(ok.length / pool.length);
            if (ok.length === 0) { chosen[i] = pool[0]!; break; }
            chosen[i] = stream.pick(ok);
            cells = [...cells, key(c, chosen[i]!)];
            pool = cached(names.slice(0, k + 1), cells);
          }
        }
        return { logWeight, cells: (of: Int32Array) => table.select(names).take(of.map((r) => chosen[r]!)) };
      },
    }),
    save: () => new Uint8Array(0), dispose: async () => undefined,
  };
}

/** A model around it, without value protection. */
export const modelOf = (fitted: FittedGenerator, fit: Table, conditional = true): Model => ({ fitted, conditional, fit, conceal: (t) => t });

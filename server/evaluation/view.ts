import type { Kind } from '../protocol';
import type { ColumnSchema, Table } from '../table/table';
import type { EvaluationContext } from './metric';

/** The three tables an evaluation compares. */
export type Part = 'training' | 'synthetic' | 'control';

interface Common { readonly name: string; readonly kind: Kind; readonly schema: ColumnSchema }

/** A numeric or temporal column in all parts: one Float64 a row, NaN where missing or infinite (days or milliseconds for temporal kinds). */
export class NumberView implements Common {
  readonly type = 'number';
  private readonly sortedCache = new Map<Part, Float64Array>();
  constructor(readonly schema: ColumnSchema, readonly parts: Partial<Record<Part, Float64Array>>) {}
  get name(): string { return this.schema.name; }
  get kind(): Kind { return this.schema.kind; }
  get temporal(): boolean { return this.kind === 'date' || this.kind === 'time' || this.kind === 'datetime'; }
  values(part: Part): Float64Array { return this.parts[part] ?? new Float64Array(0); }
  /** The part's values in ascending order, missing ones left out. Computed once. */
  sorted(part: Part): Float64Array {
    let s = this.sortedCache.get(part);
    if (!s) {
      s = this.values(part).filter(v => v === v).sort();
      this.sortedCache.set(part, s);
    }
    return s;
  }
}

/** A categorical or boolean column in all parts, coded over one dictionary; -1 where missing. */
export class CodeView implements Common {
  readonly type = 'code';
  private readonly countCache = new Map<Part, Float64Array>();
  constructor(readonly schema: ColumnSchema, readonly parts: Partial<Record<Part, Int32Array>>, readonly categories: readonly string[]) {}
  get name(): string { return this.schema.name; }
  get kind(): Kind { return this.schema.kind; }
  values(part: Part): Int32Array { return this.parts[part] ?? new Int32Array(0); }
  /** Rows a category, over `categories`; missing ones left out. Computed once. */
  counts(part: Part): Float64Array {
    let c = this.countCache.get(part);
    if (!c) {
      c = new Float64Array(this.categories.length);
      for (const v of this.values(part)) if (v >= 0) c[v]++;
      this.countCache.set(part, c);
    }
    return c;
  }
}

export type ColumnView = NumberView | CodeView;

/** All parts of an evaluation, column by column over common dictionaries. */
export interface View {
  columns: ColumnView[];
  rows: Record<Part, number>;
  hasControl: boolean;
}

/** The view of a context's tables; made once. */
export const viewOf = (context: EvaluationContext): Promise<View> => context.shared('view', async () => makeView(context));

/** The view for comparisons with the control: without the columns of `controlWithout`. */
export const controlViewOf = async (context: EvaluationContext): Promise<View> => {
  const view = await viewOf(context), left = leftOut(context);
  return left.size ? { ...view, columns: view.columns.filter(c => !left.has(c.name)) } : view;
};

/** The tables for comparisons with the control: all without the columns of `controlWithout`. */
export function controlTables(context: EvaluationContext): { training: Table; synthetic: Table; control?: Table } {
  const { training, synthetic, control } = context, left = leftOut(context), pick = (t: Table) => (left.size ? t.select(t.columns.map(c => c.schema.name).filter(n => !left.has(n))) : t);
  return { training: pick(training), synthetic: pick(synthetic), ...(control ? { control: pick(control) } : {}) };
}

const leftOut = (context: EvaluationContext): Set<string> => new Set(context.control ? context.controlWithout : []);

/**
 * @param tables tables that store each column alike (`number` or `code`), as `report/align.ts` makes them
 * @throws TypeError for a column stored as strings or stored differently in different tables
 */
export function makeView(tables: { training: Table; synthetic: Table; control?: Table }): View {
  const parts = (['training', 'synthetic', 'control'] as const).filter(p => tables[p]);
  const columns = tables.training.columns.map((column): ColumnView => {
    const name = column.schema.name, storage = column.schema.storage;
    const all = parts.map(p => ({ part: p, column: tables[p]!.column(name) }));
    if (storage === 'string' || all.some(a => a.column.schema.storage !== storage))
      throw new TypeError(`column "${name}" cannot be compared: it holds strings, or is stored differently in different tables`);
    if (storage === 'number') return new NumberView(column.schema, Object.fromEntries(all.map(a => [a.part, finite(a.column.numbers())])));
    const dictionary: string[] = [], codeOf = new Map<string, number>();
    const coded = all.map(({ part, column: c }) => {
      const codes = c.codes(), names = c.categories(), used = new Uint8Array(names.length);
      for (const v of codes) if (v >= 0) used[v] = 1;
      const map = Int32Array.from(names, (n, i) => {
        if (!used[i]) return -1;
        if (!codeOf.has(n)) { codeOf.set(n, dictionary.length); dictionary.push(n); }
        return codeOf.get(n)!;
      });
      return [part, codes.map(v => (v < 0 ? -1 : map[v]))] as const;
    });
    return new CodeView(column.schema, Object.fromEntries(coded), dictionary);
  });
  return {
    columns, hasControl: tables.control !== undefined,
    rows: { training: tables.training.rows, synthetic: tables.synthetic.rows, control: tables.control?.rows ?? 0 },
  };
}

/** Infinities count as missing: no mean, distance or bin could hold them. */
const finite = (v: Float64Array): Float64Array => (v.some(x => x === Infinity || x === -Infinity) ? v.map(x => (Number.isFinite(x) ? x : Number.NaN)) : v);

/** The table as a diffusion model sees it: the columns it generates, and the one it is conditioned on, if any. */
import { UserError } from '../../errors';
import { KeyStream } from '../../engine';
import { makeTable } from '../../table/columns';
import type { Table, TableSchema } from '../../table/table';
import { Features, fitFeatures, type Encoded, type FeatureOptions } from '../blocks/features';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import type { ConditionLayout } from '../blocks/guidance';

/** @throws UserError (usage) when the condition is no column, or leaves nothing to generate */
export function assertCondition(condition: unknown, names: readonly string[]): void {
  if (typeof condition !== 'string' || condition === '') return;
  if (!names.includes(condition)) throw new UserError(`There is no column "${condition}" to condition on.`, {}, `The columns are ${names.slice(0, 20).join(', ')}.`, 'usage');
  if (names.length === 1) throw new UserError('The condition is the only column, so nothing is left to generate.', { column: condition }, 'Leave the condition empty.', 'usage');
}

export class View {
  /** @param dictionary the condition's categories, where it has a dictionary */
  constructor(readonly schema: TableSchema, readonly features: Features, readonly condition?: Features, private readonly dictionary?: readonly string[]) {}

  /** @throws UserError (usage) when the condition is no column, or leaves nothing to generate */
  static fit(table: Table, condition: string, { valuesAsCategories = 1, ...rest }: FeatureOptions): View {
    // In a small table a few values are no categories: each would have hardly any rows.
    const options = { ...rest, valuesAsCategories: Math.min(valuesAsCategories, Math.max(2, Math.floor(table.rows / 20))) };
    if (condition === '') return new View(table.schema, fitFeatures(table, options));
    const names = table.columns.map((c) => c.schema.name), others = names.filter((n) => n !== condition);
    assertCondition(condition, names);
    const column = table.column(condition);
    return new View(table.schema, fitFeatures(table.select(others), options), fitFeatures(table.select([condition]), options), column.schema.storage === 'code' ? [...column.categories()] : undefined);
  }
  save(): string { return JSON.stringify({ schema: this.schema, features: this.features.save(), ...(this.condition && { condition: this.condition.save() }), ...(this.dictionary && { dictionary: this.dictionary }) }); }
  static load(text: string): View {
    const { schema, features, condition, dictionary } = JSON.parse(text) as { schema: TableSchema; features: string; condition?: string; dictionary?: string[] };
    return new View(schema, Features.load(features), condition === undefined ? undefined : Features.load(condition), dictionary);
  }

  /** Numbers and categories of what is generated, per row. */
  get layout(): ConditionLayout { return layoutOf(this.features); }
  get conditionLayout(): ConditionLayout | undefined { return this.condition && layoutOf(this.condition); }
  /** The same view; what it draws while it encodes comes from a key that no `save` holds. */
  keyed(key: Uint8Array): View { return new View(this.schema, this.features.keyed(key), this.condition?.keyed(key), this.dictionary); }
  encode(table: Table): { rows: Encoded; condition?: Encoded } {
    return { rows: this.features.encode(table), ...(this.condition && { condition: this.condition.encode(table) }) };
  }

  canCondition = (columns: readonly string[]): boolean => this.condition !== undefined && columns.length === 1 && columns[0] === this.condition.columns[0].name;
  /** The user's condition, checked. */
  given(table: Table | undefined, rows: number): Table | undefined {
    if (!table || table.columns.length === 0) return undefined;
    const asked = table.columns.map((c) => c.schema.name);
    if (!this.canCondition(asked)) {
      const name = this.condition?.columns[0].name;
      throw new UserError(`This generator was fitted to draw rows given ${name === undefined ? 'no column' : `"${name}" alone`}, not given ${asked.map((n) => `"${n}"`).join(', ')}.`, { column: asked[0] }, 'Name the column in the parameter "condition" before fitting, or use --generator autoregressive, which takes any.', 'usage');
    }
    const [schema] = this.condition!.columns, own = this.condition!.categories[0];
    const seen = own?.source === 'codes' ? new Set([...own.categories!, ...(own.tail?.categories ?? [])]) : undefined;
    const missing = own !== undefined && (own.source === 'missing' || (own.categories?.includes(-1) ?? own.values!.some(Number.isNaN)));
    const fitted: FittedColumn = { schema, missing, ...(this.dictionary && { categories: this.dictionary }), ...(seen && { seen: (c: number) => seen.has(c) }) };
    return checkGiven([fitted], table, rows);
  }
  /** Condition rows [from, from + count): the given ones, or drawn from the condition's own distribution. */
  conditionRows(given: Table | undefined, from: number, count: number, seed: number, label: string): Encoded | undefined {
    const { condition } = this;
    if (!condition) return undefined;
    if (given) return condition.encode(given.take(Int32Array.from({ length: count }, (_, i) => Math.min(given.rows - 1, from + i))));
    const { numbers: N, categories: C } = condition, stream = new KeyStream(seed, `${label}/condition`);
    const numbers = N.length > 0 ? Float32Array.from(stream.child('numbers').normals(from * N.length, count * N.length)) : new Float32Array(0);
    const codes = new Int32Array(count * C.length);
    C.forEach((f, c) => {
      const u = stream.child(`codes/${c}`).uniforms(from, count);
      for (let i = 0; i < count; i++) { let k = 0, sum = f.shares[0]; while (k < f.size - 1 && u[i] >= sum) sum += f.shares[++k]; codes[i * C.length + c] = k; }
    });
    return { numbers, codes };
  }
  /** The table of drawn rows, columns in the fitted order. */
  decode(rows: number, drawn: Encoded, condition: Encoded | undefined, given: Table | undefined, seed: number): Table {
    const own = this.features.decode(drawn, rows, { seed }), other = condition && this.condition!.decode(condition, rows, { seed });
    const byName = new Map([...own.columns, ...(other?.columns ?? [])].map((c) => [c.schema.name, c]));
    return withGiven(makeTable(this.schema.dialect, this.schema.columns.map((s) => byName.get(s.name)!), rows), given);
  }
}
const layoutOf = (f: Features): ConditionLayout => ({ numbers: f.numbers.length, sizes: f.sizes });

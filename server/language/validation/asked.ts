import type { AstNode } from 'langium';
import type { ColumnOverride, Condition, RowsAnswer, RowsQuestion } from '../../protocol';
import { UserError } from '../../errors';
import { modelledKinds } from '../../table/table';
import { columnsIn, conditionOf } from '../compile/conditions';
import { compileSource } from '../compile/source';
import type { KnownTable } from '../data';
import * as ast from '../generated/ast';
import { columnsOf, outcomeOf, sourceOf, sourcePath } from '../model';
import type { SynthServices } from '../module';

/** What is asked of a table's rows for a file, and what is known of it. Undefined until there is an answer; then the same object every time, so that checks can rest on it. */
export class Asked {
  constructor(private readonly services: SynthServices) {}

  /** How many rows of the source meet a target's condition. */
  where(clause: ast.WhereClause): RowsAnswer | undefined {
    const question = questionOf(clause);
    return question && this.condition(clause, question.asked.condition!, question.columns);
  }

  /** How many rows of a node's source meet a condition on these columns. */
  condition(node: AstNode, condition: Condition, columns: readonly string[]): RowsAnswer | undefined {
    const source = sourceOf(node), known = source && this.table(source);
    // A column that is not there, or not understood yet, is told by other checks.
    if (!source || !known || !columns.every((c) => known.columns.has(c))) return undefined;
    const declared = overridesOf(source, known);
    let asking = this.asking.get(condition);
    if (asking?.declared !== declared) this.asking.set(condition, (asking = { declared, overrides: Object.fromEntries([...new Set(columns)].flatMap((c) => (Object.hasOwn(declared, c) ? [[c, declared[c]]] : []))), question: { condition } }));
    return this.services.data.Rows.peek(known, asking.overrides, asking.question);
  }

  /** What is asked for a condition: the same objects as long as nothing changes. */
  private readonly asking = new WeakMap<Condition, { declared: unknown; overrides: Record<string, ColumnOverride>; question: RowsQuestion }>();

  /** Which columns give the declared outcome away. */
  outcome(source: ast.Source): RowsAnswer | undefined {
    const outcome = outcomeOf(source)?.name, known = outcome === undefined ? undefined : this.table(source);
    if (outcome === undefined || !known?.columns.has(outcome)) return undefined;
    // What is never learnt gives nothing away, and tokens for missing are no values. Of all else the file's own kinds serve: one that is mistaken would be refused, and with it the whole answer.
    const said = Object.entries(overridesOf(source, known)).filter(([name]) => known.columns.has(name)).map(([name, { drop, kind, missing }]): [string, ColumnOverride] => [name, { ...((drop || (kind && name !== outcome && !modelledKinds.includes(kind))) && { drop: true }), ...(missing && { missing }) }]).filter(([, o]) => Object.keys(o).length > 0);
    return this.services.data.Rows.peek(known, Object.fromEntries(said), { outcome });
  }

  private table(source: ast.Source): KnownTable | undefined {
    const known = this.services.data.Tables.peek(sourcePath(source) ?? '');
    return known?.profile && known.profile.bytes <= mostBytes && columnsOf(source).size <= mostColumns && known.columns.size <= mostColumns ? known : undefined;
  }
}

/** Larger tables are not read again for what one types. */
const mostBytes = 200e6, mostColumns = 1000;

const questions = new WeakMap<ast.WhereClause, { asked: RowsQuestion; columns: string[] } | null>();
function questionOf(clause: ast.WhereClause): { asked: RowsQuestion; columns: string[] } | undefined {
  let known = questions.get(clause);
  if (known === undefined) {
    try {
      known = clause.condition ? { asked: { condition: conditionOf(clause.condition) }, columns: [...new Set([...columnsIn(clause.condition)].map((r) => r.column))] } : null;
      if (known?.columns.includes(undefined as never) || known?.columns.length === 0) known = null;
    } catch (error) {
      // Half a condition, or none.
      if (!(error instanceof UserError || error instanceof TypeError)) throw error;
      known = null;
    }
    questions.set(clause, known);
  }
  return known ?? undefined;
}

const overrides = new WeakMap<readonly ast.SourceItem[], { known: KnownTable; columns: Record<string, ColumnOverride> }>();
function overridesOf(source: ast.Source, known: KnownTable): Record<string, ColumnOverride> {
  let found = overrides.get(source.items);
  if (found?.known !== known) {
    let columns: Record<string, ColumnOverride> = {};
    // A rule that is half written compiles to nothing; columns are understood as the file has them meanwhile.
    try { columns = compileSource(source, known).columns; } catch (error) { if (!(error instanceof UserError || error instanceof TypeError)) throw error; }
    overrides.set(source.items, (found = { known, columns }));
  }
  return found.columns;
}

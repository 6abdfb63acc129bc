import { UserError } from '../../errors';
import type { ValidationAcceptor } from 'langium';
import type { Condition } from '../../protocol';
import { defaults } from '../../plan/defaults';
import { crossFitBelow } from '../../table/split';
import { conditionOf, columnsIn } from '../compile/conditions';
import { balanceOf } from '../compile/target';
import type { KnownTable } from '../data';
import * as ast from '../generated/ast';
import { beside, outcomeOf, sourcePath } from '../model';
import type { SynthServices } from '../module';
import { writeName, writeString } from '../names';
import { Asked } from './asked';

/** A class of a balanced column (`value` undefined: all that are not named, together), and how many rows of the source are of it, where that is known. */
export interface ClassRows { value?: string; share: number; where?: string; count: number | undefined }
/** A class, with what the rows themselves are asked where its table's profile does not tell. */
interface Asking extends ClassRows { asked?: { where: ast.WhereClause; condition: Condition; columns: string[] } }
/** More classes under conditions than this are not asked for one by one. */
const mostAsked = 50;
/** What of a table is learnt where a control is held back (DESIGN: control 20%). */
const learnt = 0.8;

/** Whether each class that is to be balanced has rows enough to be learnt from: a run refuses the target otherwise, and only once it has read the table. */
export class BalanceChecks {
  private readonly asked: Asked;
  constructor(private readonly services: SynthServices) { this.asked = new Asked(services); }

  balance = (clause: ast.BalanceClause, accept: ValidationAcceptor): void => {
    const target = clause.$container, source = target.source?.ref, fewest = leastOf(target), classes = this.classes(clause);
    if (!source || classes.length === 0) return;
    const rows = this.services.data.Tables.peek(sourcePath(source) ?? '')?.profile?.rows ?? 0, whole = rows < crossFitBelow || beside(source).some(ast.isHoldout);
    const said = (few: readonly ClassRows[]) => few.slice(0, 3).map((c) => `${c.value === undefined ? `other ${clause.column.column}` : writeString(c.value)}${c.where === undefined ? '' : ` where ${c.where}`} ${c.count}`).join(', ') + (few.length > 3 ? ` and ${few.length - 3} more` : '');
    const none = few(classes, 1, fewest), perhaps = whole ? [] : few(classes, learnt, fewest).filter((c) => !none.includes(c));
    // Values that could be balanced, as an example of what to write.
    const kept = classes.filter((c) => c.value !== undefined && !none.includes(c) && !perhaps.includes(c)).slice(0, 3).map((c) => writeString(c.value!)), way = kept.length < 2 ? 'Balance values of more rows' : `Name those of more rows: balance ${writeName(clause.column.column)} to ${kept.map((v) => `${v} ${Math.floor(100 / kept.length)}%`).join(', ')}`;
    if (none.length > 0) accept('warning', `Too few rows to learn from (${said(none)}; ${fewest} are needed): a run will refuse this target. ${way}.`, { node: clause, property: 'column', code: 'few-rows' });
    else if (perhaps.length > 0) accept('warning', `A fifth of the rows is held back to judge the result by, which may leave too few to learn from (${said(perhaps)}; ${fewest} are needed): a run may refuse this target.`, { node: clause, property: 'column', code: 'few-rows' });
  };

  /** What the check of a clause rests on beside the text. */
  rests(clause: ast.BalanceClause): unknown[] {
    const source = clause.$container.source?.ref;
    return [clause.$container.clauses, source?.items, ...this.classes(clause).map((c) => c.count)];
  }

  /** The classes as the run will draw them one by one; none where it rakes (several columns balanced, or marginals of another table), or where what is declared makes no sense yet. */
  private classes(clause: ast.BalanceClause): readonly ClassRows[] {
    const { clauses, source: { ref: source } = {} } = clause.$container, known = source && this.services.data.Tables.peek(sourcePath(source) ?? '');
    let found = this.asking.get(clause);
    // Worked out once for a text: this is looked at after every key press, anywhere in the file.
    if (!found || found.clauses !== clauses || found.items !== source?.items || found.table !== known) this.asking.set(clause, (found = { clauses, items: source?.items, table: known, classes: this.drawn(clause, known) }));
    return found.classes.map(({ asked, ...c }) => (asked ? { ...c, count: this.asked.condition(asked.where, asked.condition, asked.columns)?.count } : c));
  }
  private readonly asking = new WeakMap<ast.BalanceClause, { clauses: unknown; items: unknown; table: KnownTable | undefined; classes: Asking[] }>();

  /** As `classes`, before the rows are asked. */
  private drawn(clause: ast.BalanceClause, known: KnownTable | undefined): Asking[] {
    const { clauses, source: { ref: source } = {} } = clause.$container, { column } = clause.column ?? {}, profile = column === undefined ? undefined : known?.columns.get(column);
    if (!source || !profile || clauses.filter(ast.isBalanceClause).length > 1 || clauses.some(ast.isLikeClause)) return [];
    let shares: Record<string, number>;
    try {
      const outcome = outcomeOf(source);
      ({ shares } = balanceOf(clause, { ...(outcome && { outcome: outcome.name }), ...(outcome?.positive !== undefined && { positive: outcome.positive }) }, known));
    } catch (error) {
      // Half a clause, or one that is refused elsewhere.
      if (!(error instanceof UserError || error instanceof TypeError)) throw error;
      return [];
    }
    const named = Object.entries(shares).filter(([, share]) => share > 0), left = 1 - named.reduce((n, [, share]) => n + share, 0), classes: Array<Pick<ClassRows, 'value' | 'share'>> = [...named.map(([value, share]) => ({ value, share })), ...(left > 1e-9 ? [{ share: left }] : [])];
    const wheres = clauses.filter(ast.isWhereClause).filter((w) => w.per.length === 0);
    if (clauses.some((c) => ast.isWhereClause(c) && c.per.length > 0) || clauses.some((c) => ast.isRowsClause(c) && c.per.length > 0)) return [];
    if (wheres.length === 0) {
      const { top } = profile, all = profile.rows - profile.missing, of = (value: string) => top?.find((t) => t.value === value)?.count;
      // A value that is not listed is rarer than those that are, or not there: `occurs` tells.
      return top && top.length >= profile.distinct ? classes.map((c) => ({ ...c, count: c.value === undefined ? all - Object.keys(shares).reduce((n, v) => n + (of(v) ?? 0), 0) : of(c.value) })) : [];
    }
    if (wheres.length * classes.length > mostAsked) return [];
    return wheres.flatMap((where) => classes.map((c) => ({ ...c, where: where.condition?.$cstNode?.text ?? '', count: undefined, ...this.question(where, column!, c.value === undefined ? Object.keys(shares) : [c.value], c.value === undefined) })));
  }

  /** What is asked to know the rows that meet a condition and are of a class. */
  private question(where: ast.WhereClause, column: string, values: string[], negated: boolean): Pick<Asking, 'asked'> {
    if (!where.condition) return {};
    try {
      return { asked: { where, condition: { type: 'and', of: [conditionOf(where.condition), { type: 'in', column, values, ...(negated && { negated: true }) }] }, columns: [column, ...[...columnsIn(where.condition)].map((r) => r.column)] } };
    } catch (error) {
      if (!(error instanceof UserError || error instanceof TypeError)) throw error;
      return {};
    }
  }
}

/** Fewer rows of a class than this are refused (server/targets/augmentation). */
function leastOf(target: ast.Target): number {
  const own = Number(target.clauses.find(ast.isProtectionClause)?.least);
  return own >= 2 ? own : defaults.protection.k;
}
/** A value that does not occur at all is told where it stands; one that does, but not under the condition, is told here. */
const few = (classes: readonly ClassRows[], part: number, fewest: number): ClassRows[] => classes.filter((c) => c.count !== undefined && c.count * part < fewest && (c.count > 0 || c.where !== undefined)).sort((a, b) => a.count! - b.count!);

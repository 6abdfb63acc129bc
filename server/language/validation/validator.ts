import { AstUtils, Cancellation, DefaultDocumentValidator, type AstNode, type DiagnosticInfo, type ParseResult, type ValidationAcceptor, type ValidationCheck, type ValidationOptions, type ValidationRegistry, type ValidationSeverity } from 'langium';
import type { Diagnostic } from 'vscode-languageserver-types';
import { below, isStrange, namedBelow } from '../columns';
import type { KnownTable } from '../data';
import * as ast from '../generated/ast';
import { columnsOf, flagged, hasMissingTokens, isDoubled, outcomeOf, pathIn, sourcePath } from '../model';
import { generatorNamed } from '../catalogue';
import type { SynthLock } from '../documents';
import type { SynthServices } from '../module';
import { template } from '../lsp/proposals';
import { Asked } from './asked';
import { BalanceChecks } from './balance';
import { hyphenedMetrics } from './hyphened';

/** What a check said; where that is in the text is worked out anew every time, since what stands above may have grown. */
interface Said { severity: ValidationSeverity; message: string; info: DiagnosticInfo<AstNode> }
/** What was said of a node, and what it rests on beside the node itself: if all of this is the same, so is what is said. */
interface Known { rests: readonly unknown[]; said: Said[] }

/**
 * Checks declaration by declaration, columns one by one, and remembers what was said: after a key press only what it concerns is checked again. Between
 * two of them others get their turn, so that a long check keeps no request waiting.
 */
export class SynthValidator extends DefaultDocumentValidator {
  private readonly known = new WeakMap<AstNode, Known>();
  private readonly checks = new Map<string, readonly ValidationCheck[]>();
  private readonly asked: Asked;
  private readonly balances: BalanceChecks;
  constructor(private readonly services: SynthServices) {
    super(services);
    this.asked = new Asked(services);
    this.balances = new BalanceChecks(services);
  }

  /** A metric with hyphens is one mistake with one fix, not as many as the parser makes of it; and what is wrong with a word is told once. */
  protected override processParsingErrors(parsed: ParseResult, found: Diagnostic[], options: ValidationOptions): void {
    const { metrics, others } = hyphenedMetrics(parsed), { value: node } = parsed;
    super.processParsingErrors({ ...parsed, parserErrors: others.filter((e, i) => !(e.token.startOffset >= 0 && e.token.startOffset === others[i - 1]?.token.startOffset)).map(exemplified) }, found, options);
    if (metrics.length === 0) return;
    const { textDocument } = AstUtils.getDocument(node);
    for (const { start, end, message, meant } of metrics) found.push(this.toDiagnostic('error', message, { node, range: { start: textDocument.positionAt(start), end: textDocument.positionAt(end) }, code: 'no-metric', data: { meant } }));
  }

  protected override async validateAst(root: AstNode, options: ValidationOptions, token = Cancellation.CancellationToken.None): Promise<Diagnostic[]> {
    const file = root as ast.File, found: Diagnostic[] = [], show = (said: readonly Said[]) => { for (const s of said) found.push(this.toDiagnostic(s.severity, s.message, s.info)); };
    const once = async (node: AstNode, rests: readonly unknown[], deep: boolean) => show(await this.anew(node, rests, deep, options, token));
    show(await this.look(file, false, options, token));
    for (const use of file.uses ?? []) show(await this.look(use, true, options, token));
    let passed = 0;
    for (const d of file.declarations ?? []) {
      for (const [node, rests, deep] of this.parts(d)) {
        const said = this.remembered(node, rests);
        if (!said) await once(node, rests, deep);
        else if (said.length > 0) show(said);
        if (++passed % 100 === 0) await this.turn(token);
      }
    }
    return found;
  }

  /** A declaration and what stands in it, each with what its checks rest on beside itself, and whether these look below it. Columns that rest on nothing new and of which nothing was said are left out. */
  private* parts(d: ast.Declaration): Generator<[AstNode, readonly unknown[], boolean]> {
    if (ast.isSource(d)) {
      const table = this.table(d), missing = hasMissingTokens(d), alone = this.alike([table, outcomeOf(d)?.name, missing, d.path, isStrange(d, table), false]), doubled = this.alike([...alone.slice(0, 5), true]);
      yield [d, [table, d.items, this.asked.outcome(d)], false];
      for (const item of d.items) {
        if (item.$type === 'ColumnDeclaration') {
          // A column's checks ask its source only for this; a rule's for the columns that it names.
          const rests = isDoubled(d, item) ? doubled : alone, known = this.known.get(item);
          if (known?.rests !== rests || known.said.length > 0) yield [item, rests, true];
        } else yield [item, this.named(item, d, table), true];
      }
    } else if (ast.isTarget(d)) {
      const source = d.source?.ref, table = source && this.table(source);
      yield [d, this.targetRests(d), false];
      for (const clause of d.clauses) yield [clause, [...this.named(clause, source, table), ...(ast.isWhereClause(clause) ? [this.asked.where(clause)] : ast.isBalanceClause(clause) ? this.balances.rests(clause) : [])], true];
    } else {
      const target = d.target?.ref, source = target?.source?.ref, table = source && this.table(source);
      for (const e of d.expectations) yield [e, [target, target?.clauses, source && outcomeOf(source)?.name, source && flagged(source, 'sensitive').length > 0, ...this.named(e, source, table)], true];
    }
  }
  /** The same list for the same members, so that thousands of columns are seen to be unchanged at a glance. */
  private readonly lists = new Map<string, readonly unknown[]>();
  private alike(rests: readonly unknown[]): readonly unknown[] {
    const key = rests.slice(1).join('\n'), known = this.lists.get(key);
    if (known && same(known, rests)) return known;
    this.lists.delete(key);
    this.lists.set(key, rests);
    if (this.lists.size > mostLists) this.lists.delete(this.lists.keys().next().value!);
    return rests;
  }
  private table(source: ast.Source): KnownTable | undefined { return this.services.data.Tables.peek(sourcePath(source) ?? ''); }
  /** What the checks of conditions rest on: the file, and what is declared of the columns that are named. */
  private named(node: AstNode, source: ast.Source | undefined, table: KnownTable | undefined): unknown[] {
    if (!source) return [undefined];
    const rests: unknown[] = [table, source.path, hasMissingTokens(source), isStrange(source, table)], columns = columnsOf(source);
    for (const name of namedBelow(node)) rests.push(columns.get(name)?.declaration);
    return rests;
  }

  /** What was said of a node when its checks rested on the same. */
  private remembered(node: AstNode, rests: readonly unknown[]): readonly Said[] | undefined {
    const known = this.known.get(node);
    return known && same(known.rests, rests) ? known.said : undefined;
  }
  /** Questions go first, and a newer text ends this. */
  private turn(token: Cancellation.CancellationToken): Promise<void> { return (this.services.shared.workspace.WorkspaceLock as SynthLock).giveWay(token, turnMs); }
  private async anew(node: AstNode, rests: readonly unknown[], deep: boolean, options: ValidationOptions, token: Cancellation.CancellationToken): Promise<Said[]> {
    await this.turn(token);
    const said = await this.look(node, deep, options, token);
    // Where nothing was asked for, nothing was found out.
    if (options.categories?.length !== 0) this.known.set(node, { rests, said });
    return said;
  }

  /** Runs the checks of a node, and of all below it. */
  private async look(node: AstNode, deep: boolean, options: ValidationOptions, token: Cancellation.CancellationToken): Promise<Said[]> {
    const said: Said[] = [], accept: ValidationAcceptor = (severity, message, info) => { said.push({ severity, message, info }); };
    for (const n of deep ? below(node) : [node]) for (const check of this.checksOf(n.$type, options)) await check(n, accept, token);
    return said;
  }

  private checksOf(type: string, { categories }: ValidationOptions): readonly ValidationCheck[] {
    const key = `${type} ${categories?.join(' ') ?? ''}`;
    let checks = this.checks.get(key);
    if (!checks) this.checks.set(key, (checks = [...(this.validationRegistry as ValidationRegistry).getChecks(type, categories)]));
    return checks;
  }

  private targetRests(target: ast.Target): unknown[] {
    const source = target.source?.ref, { Tables, Settings } = this.services.data, path = source && sourcePath(source);
    const rests: unknown[] = [target.clauses, source, source?.items, path, path === undefined ? undefined : Tables.peek(path), isBroken(target), source && isBroken(source)];
    for (const c of target.clauses) {
      if ((ast.isLikeClause(c) || ast.isToClause(c)) && c.path !== undefined) rests.push(Tables.peek(pathIn(c, c.path)));
      else if (ast.isToClause(c)) rests.push(c.source?.ref);
      else if (ast.isGeneratorClause(c) && c.generator !== undefined) rests.push(Settings.peek(generatorNamed(c.generator)?.id ?? ''));
    }
    return rests;
  }
}

/** Of a word that begins a clause and goes on in no way the language knows, how it could. */
function exemplified(error: ParseResult['parserErrors'][number]): ParseResult['parserErrors'][number] {
  const { insert } = error.name === 'NoViableAltException' ? template(error.token.image) : {};
  return insert === undefined ? error : { ...error, name: error.name, message: `${error.message} It reads, for example: \`${insert.replace(/\$\{\d+[:|]([^,|}]*)[^}]*\}/g, '$1')}\`.` };
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean => a === b || (a.length === b.length && a.every((x, i) => x === b[i]));
/** How long is checked before questions get their turn, milliseconds. */
const turnMs = 4;
/** Lists that several columns share are remembered up to this many: two for a source. */
const mostLists = 2000;

const broken = new WeakMap<ParseResult, Set<AstNode>>();
/** Whether the parser found something wrong in a declaration: half of one means nothing. */
export function isBroken(declaration: ast.Declaration): boolean {
  const { parseResult } = AstUtils.getDocument(declaration), file = parseResult.value as ast.File;
  let nodes = broken.get(parseResult);
  if (!nodes) {
    nodes = new Set();
    for (const e of parseResult.parserErrors) {
      const own = e.token.startOffset, at = own >= 0 ? own : ((e as { previousToken?: { startOffset: number } }).previousToken?.startOffset ?? NaN), all = file.declarations;
      // Nobody knows where: it may be in any.
      if (Number.isNaN(at)) for (const d of all) nodes.add(d);
      // What is wrong before the next one begins is a declaration's own.
      let low = 0, high = all.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((all[middle].$cstNode?.offset ?? 0) <= at) low = middle + 1;
        else high = middle;
      }
      if (low > 0) nodes.add(all[low - 1]);
    }
    broken.set(parseResult, nodes);
  }
  return nodes.has(declaration);
}

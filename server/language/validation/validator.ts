import { AstUtils, Cancellation, DefaultDocumentValidator, interruptAndCheck, type AstNode, type DiagnosticInfo, type ParseResult, type ValidationAcceptor, type ValidationCheck, type ValidationOptions, type ValidationRegistry, type ValidationSeverity } from 'langium';
import type { Diagnostic } from 'vscode-languageserver-types';
import * as ast from '../generated/ast';
import { columnsOf, outcomeOf, pathIn, sourcePath } from '../model';
import { generatorNamed } from '../catalogue';
import type { SynthServices } from '../module';

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
  constructor(private readonly services: SynthServices) { super(services); }

  protected override async validateAst(root: AstNode, options: ValidationOptions, token = Cancellation.CancellationToken.None): Promise<Diagnostic[]> {
    const file = root as ast.File, found: Diagnostic[] = [], show = (said: readonly Said[]) => { for (const s of said) found.push(this.toDiagnostic(s.severity, s.message, s.info)); };
    show(await this.look(file, false, options, token));
    for (const use of file.uses ?? []) show(await this.look(use, true, options, token));
    for (const d of file.declarations ?? []) {
      if (!ast.isSource(d)) show(await this.once(d, ast.isTarget(d) ? this.targetRests(d) : this.expectRests(d), true, options, token));
      else {
        const table = this.services.data.Tables.peek(sourcePath(d) ?? ''), outcome = outcomeOf(d)?.name, missing = d.items.some(ast.isMissingTokens);
        show(await this.once(d, [table], false, options, token));
        for (const item of d.items) {
          // A column's checks ask its source only for this; a rule's for the columns that it names.
          const rests = ast.isColumnDeclaration(item) ? [table, outcome, missing, d.path, item.columns.every((c) => columnsOf(d).get(c.name)?.column === c)] : [table, d];
          show(await this.once(item, rests, true, options, token));
        }
      }
    }
    return found;
  }

  private async once(node: AstNode, rests: readonly unknown[], deep: boolean, options: ValidationOptions, token: Cancellation.CancellationToken): Promise<Said[]> {
    await interruptAndCheck(token);
    const known = this.known.get(node);
    if (known && known.rests.length === rests.length && known.rests.every((r, i) => r === rests[i])) return known.said;
    const said = await this.look(node, deep, options, token);
    this.known.set(node, { rests, said });
    return said;
  }

  /** Runs the checks of a node, and of all below it. */
  private async look(node: AstNode, deep: boolean, options: ValidationOptions, token: Cancellation.CancellationToken): Promise<Said[]> {
    const said: Said[] = [], accept: ValidationAcceptor = (severity, message, info) => { said.push({ severity, message, info }); };
    for (const n of deep ? AstUtils.streamAst(node) : [node]) for (const check of this.checksOf(n.$type, options)) await check(n, accept, token);
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
    const rests: unknown[] = [source, path, path === undefined ? undefined : Tables.peek(path), isBroken(target), source && isBroken(source)];
    for (const c of target.clauses) {
      if ((ast.isLikeClause(c) || ast.isToClause(c)) && c.path !== undefined) rests.push(Tables.peek(pathIn(c, c.path)));
      else if (ast.isToClause(c)) rests.push(c.source?.ref);
      else if (ast.isGeneratorClause(c) && c.generator !== undefined) rests.push(Settings.peek(generatorNamed(c.generator)?.id ?? ''));
    }
    return rests;
  }
  private expectRests(e: ast.Expect): unknown[] {
    const target = e.target?.ref, source = target?.source?.ref;
    return [target, source, source && this.services.data.Tables.peek(sourcePath(source) ?? '')];
  }
}

const broken = new WeakMap<ParseResult, Set<AstNode>>();
/** Whether the parser found something wrong in a declaration: half of one means nothing. */
export function isBroken(declaration: ast.Declaration): boolean {
  const { parseResult } = AstUtils.getDocument(declaration), file = parseResult.value as ast.File;
  let nodes = broken.get(parseResult);
  if (!nodes) {
    nodes = new Set();
    for (const e of parseResult.parserErrors) {
      const own = e.token.startOffset, at = own >= 0 ? own : ((e as { previousToken?: { startOffset: number } }).previousToken?.startOffset ?? NaN);
      for (const d of file.declarations) if (d.$cstNode && !(d.$cstNode.offset > at) && !(nextOf(file, d) <= at)) nodes.add(d);
    }
    broken.set(parseResult, nodes);
  }
  return nodes.has(declaration);
}
/** Where what follows a declaration begins: what is wrong before that is its own. */
const nextOf = (file: ast.File, d: ast.Declaration): number => file.declarations[(d.$containerIndex ?? 0) + 1]?.$cstNode?.offset ?? Infinity;

import { AstUtils, DocumentValidator, type AstNode, type LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import { CodeActionKind, type CodeAction, type CodeActionParams, type Diagnostic, type TextEdit } from 'vscode-languageserver';
import type { ColumnRelation } from '../../protocol';
import type { Checks } from '../check';
import { ruleOf } from '../compile/conditions';
import * as ast from '../generated/ast';
import { columnsOf, lexeme, sourcePath } from '../model';
import type { SynthServices } from '../module';
import { isWritable, snake, writeName, writeString, writeValue } from '../names';
import { meantBy, referencesOf } from '../references';
import { columnLine, ruleText } from '../schema';
import { nodeAt } from './find';

/** What can be done about a place: the fixes of its problems, and what the data offer. */
export class SynthActions implements CodeActionProvider {
  constructor(private readonly services: SynthServices, private readonly checks: () => Checks | undefined) {}

  async getCodeActions(document: LangiumDocument, params: CodeActionParams): Promise<CodeAction[]> {
    const uri = document.uri.toString(), actions: CodeAction[] = [];
    const add = (title: string, edits: TextEdit[], more: Partial<CodeAction> = {}) => actions.push({ title, kind: CodeActionKind.QuickFix, edit: { changes: { [uri]: edits } }, ...more });
    for (const d of params.context.diagnostics) this.fix(d, add), this.relink(document, d, add);
    const node = nodeAt(document, params.range.start)?.node, source = AstUtils.getContainerOfType(node, ast.isSource), expectation = AstUtils.getContainerOfType(node, ast.isExpectation);
    if (source) this.ofSource(document, source, add);
    if (expectation) await this.tighten(document, expectation, params.context.diagnostics, add);
    return actions;
  }

  private fix(d: Diagnostic, add: (title: string, edits: TextEdit[], more?: Partial<CodeAction>) => void): void {
    const data = d.data as { code?: string; meant?: string; numeric?: boolean; left?: string[]; min?: string; max?: string } | undefined, code = String(d.code ?? data?.code ?? ''), done = { diagnostics: [d], isPreferred: true };
    if (code === 'no-column' && data?.meant !== undefined) add(`Change to ${data.meant}`, [{ range: d.range, newText: writeName(data.meant) }], done);
    if (code === 'no-value' && data?.meant !== undefined) add(`Change to "${data.meant}"`, [{ range: d.range, newText: writeValue(data.meant, data.numeric ?? false) }], done);
    if (code === 'no-metric' && data?.meant !== undefined) add(`Change to ${data.meant}`, [{ range: d.range, newText: data.meant }], done);
    if (code === 'values-left' && data?.left) add(`Add ${data.left.length === 1 ? `"${data.left[0]}"` : `the ${data.left.length} other values`} of the file`, [{ range: { start: { ...d.range.end, character: d.range.end.character - 1 }, end: { ...d.range.end, character: d.range.end.character - 1 } }, newText: `, ${data.left.filter(isWritable).map(writeString).join(', ')}` }], done);
    if (code === 'range-cuts' && data?.min !== undefined && data.max !== undefined) add(`Widen to ${data.min}..${data.max}`, [{ range: d.range, newText: `${data.min}..${data.max}` }], done);
    if ((code === 'no-generator' || code === 'no-setting') && data?.meant !== undefined) add(`Change to ${data.meant}`, [{ range: d.range, newText: data.meant }], done);
  }

  /** A source or target that is not there, but for its spelling. */
  private relink(document: LangiumDocument, d: Diagnostic, add: (title: string, edits: TextEdit[], more?: Partial<CodeAction>) => void): void {
    if ((d.data as { code?: string } | undefined)?.code !== DocumentValidator.LinkingError) return;
    const reference = referencesOf(document.parseResult.value as ast.File).find(({ reference: r }) => r.$refNode?.range.start.line === d.range.start.line && r.$refNode.range.start.character === d.range.start.character);
    const meant = reference && meantBy(reference, this.services.references.ScopeProvider);
    if (meant !== undefined) add(`Change to ${meant}`, [{ range: d.range, newText: writeName(meant) }], { diagnostics: [d], isPreferred: true });
  }

  /** All columns that are not declared yet, as the file has them; relations that hold in every row and are no rule yet. */
  private ofSource(document: LangiumDocument, source: ast.Source, add: (title: string, edits: TextEdit[], more?: Partial<CodeAction>) => void): void {
    const profile = this.services.data.Tables.peek(sourcePath(source) ?? '')?.profile, end = source.$cstNode?.range.end;
    if (!profile || !end) return;
    const declared = columnsOf(source), open = profile.columns.filter((c) => !declared.has(c.name) && isWritable(c.name)), body = source.$cstNode!.text.trimEnd().endsWith('}');
    const insert = (lines: string[]): TextEdit[] => {
      const text = lines.map((l) => `  ${l}\n`).join('');
      if (!body) return [{ range: { start: end, end }, newText: ` {\n${text}}` }];
      const close = { line: end.line, character: end.character - 1 }, before = document.textDocument.getText({ start: { line: end.line, character: 0 }, end: close });
      return [{ range: { start: close, end: close }, newText: before.trim() === '' ? text.slice(before.length) : `\n${text}` }];
    };
    if (open.length) add(`Declare ${declared.size ? `the other ${open.length}` : `all ${open.length}`} column${open.length === 1 ? '' : 's'} from ${source.path}`, insert(open.map((c) => columnLine(c, profile.outcome?.column === c.name && !profile.outcome.guessed))), { kind: CodeActionKind.Refactor });
    const known = source.items.filter(ast.isRuleDeclaration), names = new Set(known.map((r) => r.name)), said = new Set(known.flatMap((r) => { try { return [JSON.stringify({ ...ruleOf(r), name: '' })]; } catch { return []; } }));
    for (const relation of profile.relations ?? []) {
      const text = ruleText(relation, uniqueName(relation, names));
      if (text && !said.has(JSON.stringify({ ...text.rule, name: '' }))) add(`Add a rule found in the data: ${relation.sentence}`, insert([text.text]), { kind: CodeActionKind.Refactor });
    }
  }

  /** An expectation can ask for what was measured: the end of its interval, so that the same run meets it. Of one that was met this is a choice, of others a way out. */
  private async tighten(document: LangiumDocument, e: ast.Expectation, problems: readonly Diagnostic[], add: (title: string, edits: TextEdit[], more?: Partial<CodeAction>) => void): Promise<void> {
    const at = e.$cstNode?.range.start, result = ((await this.checks()?.of(document)) ?? []).flatMap((t) => t.expectations).find((x) => x.range.start.line === at?.line && x.range.start.character === at?.character);
    if (result?.value === undefined || (!e.op && !e.range)) return;
    const scale = e.relative ? result.reference ?? 1 : 1, low = result.low ?? result.value, high = result.high ?? result.value;
    // Three digits, away from what was measured, so that it still lies inside.
    const written = (x: number, up: boolean, percent: boolean) => { const factor = percent ? 100 : 1, digits = 1000 / factor, r = (up ? Math.ceil : Math.floor)((x / scale) * digits * factor) / digits; return `${Number(r.toFixed(6))}${percent ? '%' : ''}`; };
    const edits: TextEdit[] = [], set = (node: AstNode | undefined, newText: string) => { if (node?.$cstNode && node.$cstNode.text !== newText) edits.push({ range: node.$cstNode.range, newText }); };
    if (e.bound && e.op) set(e.bound, written(e.op.startsWith('>') ? low : high, !e.op.startsWith('>'), e.bound.percent));
    else if (e.range && result.state !== 'met') {
      const { min, max } = e.range;
      if (min && low < Number(lexeme(min))) set(min, written(low, false, false));
      if (max && high > Number(lexeme(max))) set(max, written(high, true, false));
    }
    if (edits.length === 0) return;
    // As the bound or the range will read.
    const reads = (node: AstNode | undefined) => edits.find((one) => one.range === node?.$cstNode?.range)?.newText ?? node?.$cstNode?.text ?? '', text = e.range ? `${reads(e.range.min)}..${reads(e.range.max)}` : reads(e.bound), told = problems.filter((d) => String(d.code).startsWith('expectation-'));
    if (result.state === 'met') add(`Tighten to what was measured: ${text}`, edits, { kind: CodeActionKind.RefactorRewrite });
    else add(`Expect what was measured: ${text}`, edits, { ...(told.length ? { diagnostics: told } : { kind: CodeActionKind.RefactorRewrite }) });
  }
}

function uniqueName(relation: ColumnRelation, taken: ReadonlySet<string>): string {
  const base = snake(`${relation.columns[0]}_${relation.type}`).replace(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=\d)/, '_');
  for (let n = 1; ; n++) if (!taken.has(n === 1 ? base : `${base}_${n}`)) return n === 1 ? base : `${base}_${n}`;
}

import type { LangiumDocument } from 'langium';
import type { InlayHintProvider } from 'langium/lsp';
import type { InlayHint, InlayHintParams } from 'vscode-languageserver';
import { inShort, verdictLine } from '../../insight/lenses';
import type { ExpectationResult, TargetResult } from '../../protocol';
import { attribute, columnsOf } from '../model';
import type { Checks } from '../check';
import * as ast from '../generated/ast';
import { number } from '../words';

const marks: Record<ExpectationResult['state'], string> = { met: '✓', missed: '✗', undecided: '?', unknown: '' };

/** What was measured, behind the line that expects it; and behind each column its score in the last run of a target that starts from it. */
export class SynthInlayHints implements InlayHintProvider {
  constructor(private readonly checks: () => Checks | undefined) {}

  async getInlayHints(document: LangiumDocument, params: InlayHintParams): Promise<InlayHint[]> {
    const checks = this.checks();
    if (!checks) return [];
    const from = params.range.start.line, to = params.range.end.line, hints: InlayHint[] = [], targets = await checks.of(document);
    for (const t of targets) for (const e of t.expectations) {
      const hint = e.range.end.line >= from && e.range.start.line <= to ? of(e, t) : undefined;
      if (hint) hints.push(hint);
    }
    for (const t of targets) if (t.file === document.uri.fsPath && t.range.start.line >= from && t.range.start.line <= to) hints.push(...(await this.verdict(document, checks, t)));
    for (const column of await this.scores(document, checks, from, to)) if (column.position.line >= from && column.position.line <= to) hints.push(column);
    return hints;
  }

  /** Behind the line on which a target begins: how its last run was judged. */
  private async verdict(document: LangiumDocument, checks: Checks, { target: name, range, stale }: TargetResult): Promise<InlayHint[]> {
    const target = (document.parseResult.value as ast.File).declarations.find((d): d is ast.Target => ast.isTarget(d) && d.name === name), last = target && (await checks.lastRun(target)).last, report = last && (await checks.runs.report(last));
    if (!report?.verdicts.length) return [];
    return [{ position: lineEnd(document, range.start.line), label: `${inShort(report.verdicts)}${stale ? ' (stale)' : ''}`, paddingLeft: true, tooltip: `${report.verdicts.map((v) => verdictLine(v, report.figures)).join('; ')}.${stale ? ` Stale: ${stale}.` : ''}` }];
  }

  /** A source's columns with their scores, from the newest run of any of its targets that is not stale. */
  private async scores(document: LangiumDocument, checks: Checks, from: number, to: number): Promise<InlayHint[]> {
    const file = document.parseResult.value as ast.File, hints: InlayHint[] = [];
    for (const source of file.declarations.filter(ast.isSource)) {
      const range = source.$cstNode?.range;
      if (!range || range.end.line < from || range.start.line > to) continue;
      const targets = file.declarations.filter(ast.isTarget).filter((t) => t.source?.ref === source && t.$cstNode);
      const last = (await Promise.all(targets.map(async (t) => ({ t, run: (await checks.lastRun(t)).last })))).filter((r) => r.run).sort((a, b) => (a.run!.record.created < b.run!.record.created ? 1 : -1))[0];
      const report = last?.run && (await checks.runs.report(last.run)), stale = last && (await checks.stale(last.t, last.run!));
      if (!report) continue;
      for (const [name, declared] of columnsOf(source)) {
        const judged = report.columns.find((c) => c.name === name), node = declared.column.$cstNode;
        if (!node || judged?.score === null || judged?.score === undefined || attribute(declared, (a): a is ast.FlagAttribute => ast.isFlagAttribute(a) && a.flag === 'drop')) continue;
        // At the line's end: within it, columns would not stand below each other any more.
        const { line } = node.range.end, alone = declared.declaration.columns.length === 1;
        hints.push({ position: lineEnd(document, line), label: `${alone ? '' : `${name} `}shape ${judged.score.toFixed(3)}${targets.length > 1 ? ` in ${last!.t.name}` : ''}${stale ? ' (stale)' : ''}`, paddingLeft: true, tooltip: `How alike ${name} is distributed in the last run of ${last!.t.name} and in the source; 1 is the same.${stale ? ` Stale: ${stale}.` : ''}` });
      }
    }
    return hints;
  }
}

/** The end of what stands on a line. */
function lineEnd(document: LangiumDocument, line: number): { line: number; character: number } {
  const end = document.textDocument.offsetAt({ line: line + 1, character: 0 });
  return { line, character: document.textDocument.getText({ start: { line, character: 0 }, end: document.textDocument.positionAt(end) }).trimEnd().length };
}

function of(e: ExpectationResult, t: TargetResult): InlayHint | undefined {
  if (e.value === undefined) return undefined;
  const interval = e.low !== undefined && e.high !== undefined ? ` (${number(e.low)}..${number(e.high)})` : '', stale = t.stale ? ' stale' : '';
  const tooltip = [e.state === 'met' ? 'Met.' : e.state === 'missed' ? 'Missed.' : e.state === 'undecided' ? 'Undecided.' : '', e.why ?? '', e.reference !== undefined ? `Real rows: ${number(e.reference)}.` : '', `Attempt ${t.attempts}${t.attemptsOfThis < t.attempts ? `, ${t.attemptsOfThis} of this declaration` : ''}.`].filter(Boolean).join(' ');
  return { position: e.range.end, label: `${[marks[e.state], number(e.value)].filter(Boolean).join(' ')}${interval}${stale}`, paddingLeft: true, tooltip };
}

/** Problems on the columns of a stand-in that fall short, and what can be done about them at once. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { InlineAnswer } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import type { Answers } from './answers';
import { range } from './convert';
import { isTable, selector, tableEditors, wanted } from './tables';

class ColumnProblem extends vscode.Diagnostic {
  run?: string;
  column = '';
  real?: string;
  codes = false;
}

export function registerProblems(context: Context, answers: Answers): void {
  const problems = vscode.languages.createDiagnosticCollection('understudy');

  const show = async (document: vscode.TextDocument): Promise<void> => {
    if (!isTable(document)) return;
    // What was found of the file as it was is not true of it any more.
    if (document.isDirty || !wanted('problems', document)) { problems.delete(document.uri); return; }
    const { version } = document, answer = await answers.of(document);
    if (document.isClosed || document.version !== version || document.isDirty) return;
    problems.set(document.uri, answer ? diagnosticsOf(answer) : []);
  };
  const showAll = () => { for (const editor of tableEditors()) void show(editor.document); };

  context.own(
    problems,
    answers.onChange((document) => (document ? void show(document) : showAll())),
    vscode.window.onDidChangeVisibleTextEditors(showAll),
    vscode.workspace.onDidCloseTextDocument((document) => problems.delete(document.uri)),
    vscode.languages.registerCodeActionsProvider(selector, { provideCodeActions: (document, _range, { diagnostics }) => diagnostics.flatMap((d) => fixes(known(problems, document, d))) }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
  );
  context.command('inline.declare', async (file: string, column: string) => {
    await context.columns.say(file, column, { kind: 'category' });
    await vscode.commands.executeCommand('understudy.synthesize', vscode.Uri.file(file));
  });
  showAll();
}

function diagnosticsOf(answer: InlineAnswer): ColumnProblem[] {
  return answer.diagnostics.map((d) => {
    const problem = new ColumnProblem(range(d.span), d.message, d.severity === 'warning' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information);
    problem.source = 'Understudy';
    problem.column = d.column;
    problem.codes = d.codes === true;
    if (answer.run) problem.run = answer.run;
    if (d.related) {
      problem.real = d.related.path;
      problem.relatedInformation = [new vscode.DiagnosticRelatedInformation(new vscode.Location(vscode.Uri.file(d.related.path), range(d.related.span)), d.related.message)];
    }
    return problem;
  });
}

/** The editor hands diagnostics back as copies; ours is the one at the same place. */
function known(problems: vscode.DiagnosticCollection, document: vscode.TextDocument, like: vscode.Diagnostic): ColumnProblem | undefined {
  if (like.source !== 'Understudy') return undefined;
  return problems.get(document.uri)?.find((p): p is ColumnProblem => p instanceof ColumnProblem && p.range.isEqual(like.range));
}

function fixes(problem: ColumnProblem | undefined): vscode.CodeAction[] {
  if (!problem) return [];
  const action = (title: string, command: string, args: unknown[]) => {
    const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    made.command = { command: `understudy.${command}`, title, arguments: args };
    made.diagnostics = [problem];
    return made;
  };
  const { real, run, column, codes } = problem;
  return [
    ...(run ? [action(t('Open the report'), 'openReport', [run])] : []),
    ...(real ? [
      action(t('Synthesize {0} again...', path.basename(real)), 'synthesize', [vscode.Uri.file(real)]),
      ...(codes ? [action(t('Declare "{0}" a category and synthesize again...', column), 'inline.declare', [real, column])] : []),
    ] : []),
  ];
}

import { AstUtils, type LangiumDocument } from 'langium';
import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver-types';
import * as ast from './generated/ast';

/** What a target rests on: itself, its source, and the source it is transferred to. They may stand in other files. */
function restsOn(target: ast.Target): ast.Declaration[] {
  const to = target.clauses.find(ast.isToClause)?.source?.ref;
  return [target, ...[target.source?.ref, to].filter((s): s is ast.Source => s !== undefined)];
}

/** The files that a target is declared in, its own first. */
export const filesOf = (target: ast.Target): LangiumDocument[] => [...new Set(restsOn(target).map((d) => AstUtils.getDocument(d)))];

/**
 * The errors that keep a target from being run, in the files as they were checked last: those within what it rests on, and those before a file's first declaration (its version, what it
 * uses), which concern all of it. What stands between two declarations counts as the upper one's, as the next target's above it, and as that target's whose expectations stand there: it may be a clause of
 * it behind a brace too many, its privacy budget say. Other declarations' mistakes are theirs.
 */
export function mistakesOf(target: ast.Target): Array<{ document: LangiumDocument; error: Diagnostic }> {
  const rests = new Set(restsOn(target));
  return filesOf(target).flatMap((document) => {
    const begun = (document.parseResult.value as ast.File).declarations.filter((d) => d.$cstNode !== undefined);
    return (document.diagnostics ?? []).filter(({ severity, range }) => {
      if (severity !== DiagnosticSeverity.Error) return false;
      const at = document.textDocument.offsetAt(range.start), own = begun.findLast((d) => d.$cstNode!.offset <= at);
      if (own === undefined || rests.has(own)) return true;
      // From its closing brace on: that is where one too many is told.
      const outside = at >= own.$cstNode!.end - 1, above = begun.findLast((d) => ast.isTarget(d) && d.$cstNode!.offset <= at);
      return outside && (above === target || (ast.isExpect(own) && own.target?.ref === target));
    }).map((error) => ({ document, error }));
  });
}

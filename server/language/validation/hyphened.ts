import { AstUtils, type AstNode } from 'langium';
import type { Range } from 'vscode-languageserver-types';

/** A name of the language and what hangs on to it by hyphens, as the terminal writes such names: found in the text, since to the grammar it is a subtraction. */
export function hyphened(node: AstNode, name: string): { text: string; range: Range } | undefined {
  const { textDocument } = AstUtils.getDocument(node), cst = node.$cstNode, all = textDocument.getText(), at = cst ? all.indexOf(name, cst.offset) : -1, more = at < 0 ? undefined : /^(?:-[A-Za-z0-9]+)+/.exec(all.slice(at + name.length, at + name.length + 100))?.[0];
  return more === undefined || more === '' ? undefined : { text: `${name}${more}`, range: { start: textDocument.positionAt(at), end: textDocument.positionAt(at + name.length + more.length) } };
}

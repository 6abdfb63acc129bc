import type { MessageConnection } from 'vscode-jsonrpc/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { dice, drawn, mutate } from './fuzz';

/** Requests of an editor about a place, a range or the whole of a file; a server that answers one with an error has failed. */
const asked = ['completion', 'hover', 'definition', 'references', 'documentHighlight', 'documentSymbol', 'foldingRange', 'semanticTokens/full', 'signatureHelp', 'formatting', 'codeAction', 'codeLens', 'inlayHint', 'rename'];
/** What a client is told when a newer text came before the answer, where nothing can be renamed, and of a file closed meanwhile: no failure. */
const excused = /cancel|content modified|rename|no document found/i;

/**
 * Feeds mutated files to a running server as an editor would: one is opened, changed as a whole or by a few characters, asked about everywhere and closed again. Answers are waited for
 * only at times, so that changes overtake requests.
 * @returns how many requests were answered, and how long the slowest that was waited for alone took, milliseconds
 * @throws with the text where a request fails
 */
export async function fuzzServer(connection: MessageConnection, count: number, seed: number): Promise<{ answered: number; slowest: number; text: string }> {
  const roll = dice(seed), pending: Array<Promise<unknown>> = [];
  let answered = 0, slowest = 0, worst = '', uri = '', version = 0, text = '';
  const failed = (method: string) => (error: unknown) => {
    if (!(error instanceof Error) || !excused.test(error.message)) throw new Error(`seed ${seed}, ${method}: ${error instanceof Error ? error.message : String(error)}\n---\n${text}`);
  };
  for (let i = 0; i < count; i++) {
    if (i % 20 === 0) {
      if (uri !== '') await connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
      uri = `file:///fuzz/${seed}-${i}.synth`;
      text = drawn(roll);
      await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'synth', version: (version = 1), text } });
    }
    const document = TextDocument.create(uri, 'synth', version, text), position = () => document.positionAt(roll(text.length + 1));
    if (roll(3) === 0) {
      const next = mutate(drawn(roll), roll, drawn(roll));
      await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: ++version }, contentChanges: [{ text: next }] });
      text = next;
    } else {
      const at = roll(text.length + 1), end = Math.min(text.length, at + roll(4)), typed = ['x', '{', '}', '"', '/*', '\n', '', ':', '`', 'where '][roll(10)];
      await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: ++version }, contentChanges: [{ range: { start: document.positionAt(at), end: document.positionAt(end) }, text: typed }] });
      // Line ends of two characters are not torn: positions cannot say that.
      const [start, stop] = [document.offsetAt(document.positionAt(at)), document.offsetAt(document.positionAt(end))];
      text = text.slice(0, start) + typed + text.slice(stop);
    }
    const place = position(), params = { textDocument: { uri }, position: place, range: { start: place, end: place }, context: { includeDeclaration: true, diagnostics: [] }, options: { tabSize: 2, insertSpaces: true }, newName: 'other' };
    const several = Array.from({ length: 1 + roll(3) }, () => asked[roll(asked.length)]), own = text, from = performance.now();
    const answers = Promise.all(several.map((method) => connection.sendRequest(`textDocument/${method}`, params).then(() => void answered++, failed(method))));
    if (roll(4) === 0) { answers.catch(() => undefined); pending.push(answers); continue; }
    await answers;
    const took = performance.now() - from;
    if (took > slowest) { slowest = took; worst = own; }
  }
  await Promise.all(pending);
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  // Still there, and still right.
  const last = `file:///fuzz/${seed}-alive.synth`;
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri: last, languageId: 'synth', version: 1, text: 'source a = "x.csv" {\n  b: integer\n}\n' } });
  const symbols = await connection.sendRequest<Array<{ name: string }>>('textDocument/documentSymbol', { textDocument: { uri: last } });
  if (symbols[0]?.name !== 'a') throw new Error(`The server does not know its file any more: ${JSON.stringify(symbols)}`);
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: last } });
  return { answered, slowest, text: worst };
}

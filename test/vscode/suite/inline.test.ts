/** What the extension shows on tables, as the editor's own commands see it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

const workspace = process.env.UNDERSTUDY_TEST_WORKSPACE!;
const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${['red', 'blue', '"dark, green"'][i % 3]}`);

async function shown(name: string, text: string): Promise<vscode.TextDocument> {
  writeFileSync(path.join(workspace, name), text);
  const document = await vscode.workspace.openTextDocument(path.join(workspace, name));
  await vscode.window.showTextDocument(document);
  return document;
}
const lenses = async (document: vscode.TextDocument) => (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100)).map((l) => l.command?.title ?? '');
const hover = async (document: vscode.TextDocument, line: number, character: number) => (await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, new vscode.Position(line, character)))
  .flatMap((h) => h.contents.map((c) => ({ text: (c as vscode.MarkdownString).value, trusted: (c as vscode.MarkdownString).isTrusted, range: h.range })));

describe('Understudy on tables', () => {
  let document: vscode.TextDocument;
  before(async () => { document = await shown('colours.csv', `\ufeffn;"the colour"\r\n${rows.join('\r\n').replaceAll(',', ';').replaceAll('dark;', 'dark,')}\r\n`); });

  it('stands over a table, whatever language another extension gives it', async () => {
    assert.match((await lenses(document)).join(), /Synthesize/);
    const other = await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
    assert.equal(other.languageId, 'plaintext');
    assert.match((await lenses(other)).join(), /Synthesize/);
    document = await vscode.languages.setTextDocumentLanguage(other, 'csv');
  });

  it('leaves other files alone', async () => {
    assert.deepEqual(await lenses(await shown('colours.md', 'n,colour\n1,red\n')), []);
  });

  it('draws the column under the mouse, with quotes, semicolons and a byte order mark', async () => {
    for (const [line, character] of [[0, 5], [3, 6]]) {
      const [found] = (await hover(document, line, character)).filter((h) => h.text.includes('the colour'));
      assert.ok(found, `a hover at ${line}:${character}`);
      assert.match(found.text, /!\[[^\]]*\]\(data:image\/svg\+xml;base64,/);
      assert.equal(document.getText(found.range), line === 0 ? '"the colour"' : '"dark, green"');
      assert.deepEqual(found.trusted, { enabledCommands: ['understudy.openReport'] });
    }
  });

  it('has the editor show scores in full on CSV and TSV', () => {
    for (const languageId of ['csv', 'tsv']) assert.equal(vscode.workspace.getConfiguration('editor', { languageId }).get('inlayHints.maximumLength'), 0);
  });

  it('is silent where it is switched off', async () => {
    const settings = vscode.workspace.getConfiguration('understudy.inline');
    await settings.update('enabled', false, vscode.ConfigurationTarget.Global);
    try {
      assert.deepEqual(await lenses(document), []);
      assert.deepEqual(await hover(document, 0, 5), []);
    } finally {
      await settings.update('enabled', undefined, vscode.ConfigurationTarget.Global);
    }
    assert.match((await lenses(document)).join(), /Synthesize/);
  });
});

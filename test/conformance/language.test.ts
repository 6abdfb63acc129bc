import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { CodeAction, CodeLens, CompletionList, InlayHint, PublishDiagnosticsParams } from 'vscode-languageserver-protocol';
import { cli } from './build';
import { fuzzServer } from '../language/fuzz-server';
import { connect, type Client } from './client';
import { orders } from './simulated';

/** The language as an editor speaks it, over stdio; and as a terminal does. */

let folder: string;
let client: Client;
let connection: MessageConnection;
const published: PublishDiagnosticsParams[] = [];
const ask: Client['ask'] = (method, params) => client.ask(method, params);
const wait = async <T>(what: () => T | undefined): Promise<T> => {
  // What never comes ends with the test's time.
  for (;;) {
    const found = what();
    if (found !== undefined) return found;
    await new Promise((r) => setTimeout(r, 10));
  }
};
/** For what comes in a moment, on a machine with other things to do too. */
const patient = { timeout: 60_000 };
const understudy = (...args: string[]) => promisify(execFile)(process.execPath, [cli, ...args], { cwd: folder, env: { ...process.env, NO_COLOR: '1' } }).then(({ stdout }) => ({ code: 0, out: stdout }), (e: { code: number; stdout: string }) => ({ code: e.code, out: e.stdout }));

const text = `language 1
source orders = "orders.csv" {
  city: category
  age: integer in 18..30
  member: boolean outcome
}
release small from orders { rows 200  generator independent  seed 3  device cpu }
expect small {
  fidelity.shapes >= 0.5
  fidelity.pair_trends_all >= 0.999
}
`;
const uri = () => pathToFileURL(join(folder, 'plan.synth')).toString();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy language '));
  writeFileSync(join(folder, 'orders.csv'), orders(400));
  writeFileSync(join(folder, 'plan.synth'), text);
  client = await connect((before) => {
    before.onNotification('textDocument/publishDiagnostics', (p: PublishDiagnosticsParams) => void published.push(p));
    before.onRequest((_method: string) => null);
  });
  connection = client.connection;
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri: uri(), languageId: 'synth', version: 1, text } });
}, 180_000);
afterAll(() => {
  client?.close();
  rmSync(folder, { recursive: true, force: true });
});
const last = () => published.filter((p) => p.uri === uri()).at(-1)?.diagnostics ?? [];

test('what the data say arrives by itself, once the table is known', async () => {
  const cut = await wait(() => last().find((d) => String(d.message).includes('leaves out')));
  expect(cut.range.start.line).toBe(3);
  const list = await connection.sendRequest<CompletionList>('textDocument/completion', { textDocument: { uri: uri() }, position: { line: 6, character: 29 } });
  expect(list.items.map((i) => i.label)).toEqual(expect.arrayContaining(['rows', 'releases']));
});

test('a target is run from its lens; what it expects shows where it is written', async () => {
  const before = await connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: uri() } });
  expect(before.map((l) => l.command!.command)).toContain('understudy.runTarget');
  const run = await ask('understudy/runTarget', { uri: uri(), target: 'small' });
  expect(run.origin).toMatchObject({ target: 'small' });
  const end = await client.over(run.id);
  expect(end.state).toBe('finished');
  const missed = await wait(() => last().find((d) => d.code === 'expectation-missed'));
  expect(missed.range.start.line).toBe(9);
  expect(missed.message).toMatch(/^Missed: \d.* where 0\.999 was expected\./);
  const hints = await connection.sendRequest<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri: uri() }, range: { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } } });
  expect(hints.find((h) => h.position.line === 8)!.label).toMatch(/^✓ /);
  expect(hints.find((h) => h.position.line === 2)!.label).toMatch(/^shape \d/);
  const after = await connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: uri() } });
  expect(after.map((l) => l.command!.title).join('\n')).toMatch(/Last run just now, 1 of 2 met, attempt 1/);
  // A way out stands where problems have theirs: the bound becomes the end of what was measured.
  const fixes = await connection.sendRequest<CodeAction[]>('textDocument/codeAction', { textDocument: { uri: uri() }, range: missed.range, context: { diagnostics: [missed] } });
  const fix = fixes.find((f) => f.title.startsWith('Expect what was measured: '))!, written = fix.edit!.changes![uri()][0];
  expect([fix.kind, fix.diagnostics?.length]).toEqual(['quickfix', 1]);
  expect(text.split('\n')[9].slice(written.range.start.character, written.range.end.character)).toBe('0.999');
  expect(Number(written.newText)).toBeLessThan(0.999);
}, 120_000);

test('a range that was missed is told by the end that was passed, and widened to what was measured', async () => {
  const ranged = text.replace('fidelity.pair_trends_all >= 0.999', 'fidelity.pair_trends_all in 0.999..1');
  await connection.sendNotification('textDocument/didChange', { textDocument: { uri: uri(), version: 2 }, contentChanges: [{ text: ranged }] });
  const missed = await wait(() => last().find((d) => d.code === 'expectation-missed' && d.range.end.character > 36));
  expect(missed.message).toMatch(/where 0\.999 was expected/);
  const fixes = await connection.sendRequest<CodeAction[]>('textDocument/codeAction', { textDocument: { uri: uri() }, range: missed.range, context: { diagnostics: [missed] } });
  expect(fixes.map((f) => f.title).join('\n')).toMatch(/Expect what was measured: 0\.\d+\.\.1$/m);
  await connection.sendNotification('textDocument/didChange', { textDocument: { uri: uri(), version: 3 }, contentChanges: [{ text: ranged.replace('0.999..1', '0..0.1') }] });
  const above = await wait(() => last().find((d) => d.code === 'expectation-missed' && /where 0\.1 was expected/.test(String(d.message))));
  expect(above.range.start.line).toBe(9);
}, 120_000);

test('a changed declaration makes its results stale, visibly', async () => {
  const changed = text.replace('rows 200', 'rows 201');
  await connection.sendNotification('textDocument/didChange', { textDocument: { uri: uri(), version: 4 }, contentChanges: [{ text: changed }] });
  const lenses = await connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: uri() } });
  expect(lenses.map((l) => l.command!.title).join('\n')).toContain('Stale');
  const { targets } = await ask('understudy/targets', { uri: uri() });
  expect(targets[0].expectations.map((e) => e.state)).toEqual(['unknown', 'unknown']);
  await connection.sendNotification('textDocument/didChange', { textDocument: { uri: uri(), version: 5 }, contentChanges: [{ text }] });
  expect((await ask('understudy/targets', { uri: uri() })).targets[0].expectations.map((e) => e.state)).toEqual(['met', 'missed']);
});

test('check says the same in a terminal, with its code and as JUnit; schema writes what check finds right', async () => {
  const checked = await understudy('check', 'plan.synth', '--junit', 'out.xml');
  expect(checked.code).toBe(6);
  expect(checked.out).toMatch(/met\s+fidelity\.shapes.*\n.*missed\s+fidelity\.pair_trends_all/);
  expect(readFileSync(join(folder, 'out.xml'), 'utf8')).toMatch(/<testsuite name="small" tests="2" failures="1" skipped="0">/);
  writeFileSync(join(folder, 'easy.synth'), text.replace(/ {2}fidelity\.pair.*\n/, ''));
  expect((await understudy('check', 'easy.synth')).code).toBe(7);
  expect((await understudy('check', 'easy.synth', '--run')).code).toBe(0);
  expect((await understudy('schema', 'orders.csv', '--out', 'schema.synth')).code).toBe(0);
  expect(readFileSync(join(folder, 'schema.synth'), 'utf8')).toContain('understudy run schema.synth\n');
  const schema = JSON.parse((await understudy('check', 'schema.synth', '--json')).out) as { problems: Array<{ severity: string }> };
  expect(schema.problems.filter((p) => p.severity === 'error' || p.severity === 'warning')).toEqual([]);
  writeFileSync(join(folder, 'wrong.synth'), text.replace('city:', 'ctiy:'));
  expect((await understudy('run', 'wrong.synth')).code).toBe(2);
}, 180_000);

test('in a terminal a target with a mistake keeps no other from its run, JSON stays JSON, and a table whose marginals were followed makes a run stale when it changes', async () => {
  const cities = (share: number) => `city\n${Array.from({ length: 200 }, (_, i) => (i < share * 200 ? 'Lyon' : 'Porto')).join('\n')}\n`;
  writeFileSync(join(folder, 'cities.csv'), cities(0.5));
  const lines = (rows: string) => `source orders = "orders.csv" { city: category }\nrelease broken from orders {\n  rows ${rows}\n}\naugmentation alike from orders { rows 100  city like "cities.csv"  generator independent  seed 1  device cpu }\nexpect alike { target.shares <= 0.2 }\nexpect broken { fidelity.shapes >= 0.9 }\n`;
  writeFileSync(join(folder, 'several.synth'), lines('many'));
  const first = await understudy('check', 'several.synth', '--run', '--json'), { targets, problems } = JSON.parse(first.out) as { targets: Array<{ target: string; expectations: Array<{ state: string }> }>; problems: Array<{ severity: string; line: number }> };
  expect([first.code, targets.map((t) => [t.target, t.expectations[0].state]), problems.filter((p) => p.severity === 'error').map((p) => p.line)]).toEqual([2, [['broken', 'unknown'], ['alike', 'met']], [2]]);
  const plan = join(folder, 'several.synth');
  writeFileSync(plan, lines('50').replace(/expect broken.*\n/, ''));
  expect((await understudy('check', 'several.synth')).code).toBe(0);
  writeFileSync(join(folder, 'cities.csv'), cities(0.1));
  const stale = await understudy('check', 'several.synth');
  expect([stale.code, stale.out]).toEqual([7, expect.stringContaining('stale: cities.csv changed since')]);
  writeFileSync(join(folder, 'cities.csv'), cities(0.5));
  expect((await understudy('check', 'several.synth')).code).toBe(0);
}, 180_000);

test('mutated files, changed and asked about, do the server no harm', async () => {
  expect((await fuzzServer(connection, 150, 3)).answered).toBeGreaterThan(100);
});

/** All that an editor asks of a place in a file, or of the whole of it. */
const questions = ['completion', 'hover', 'definition', 'declaration', 'typeDefinition', 'implementation', 'references', 'documentHighlight', 'documentSymbol', 'foldingRange', 'semanticTokens/full', 'semanticTokens/full/delta', 'semanticTokens/range', 'signatureHelp', 'formatting', 'rangeFormatting', 'onTypeFormatting', 'codeAction', 'codeLens', 'inlayHint', 'rename', 'prepareRename', 'documentLink', 'prepareCallHierarchy'];
const about = (file: string) => ({ textDocument: { uri: file }, position: { line: 0, character: 8 }, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 8 } }, context: { includeDeclaration: true, diagnostics: [] }, options: { tabSize: 2, insertSpaces: true }, newName: 'other', ch: '}', previousResultId: '0' });
const small = 'source one = "orders.csv" {\n  age: integer\n}\nrelease first from one { rows 10 }\n';

test.each(questions)('%s of a file that was closed meanwhile and is not on disk is answered with nothing, not with an error', async (question) => {
  const file = pathToFileURL(join(folder, `never saved ${question.replaceAll('/', ' ')}.synth`)).toString(), ask = () => connection.sendRequest<unknown>(`textDocument/${question}`, about(file));
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri: file, languageId: 'synth', version: 1, text: small } });
  // On its way while the file is closed.
  const early = ask();
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: file } });
  // An error fails here; an answer of the text as it was is none.
  await Promise.all([early, ask(), ask()]);
  await expect.poll(ask, patient).toBeNull();
});

test('questions of a file that was opened, or changed, a moment ago are answered from that text', async () => {
  const file = pathToFileURL(join(folder, 'just typed.synth')).toString();
  const first = connection.sendNotification('textDocument/didOpen', { textDocument: { uri: file, languageId: 'synth', version: 1, text: small } });
  const references = await connection.sendRequest<unknown[]>('textDocument/references', about(file));
  expect(references.length).toBe(2);
  for (let i = 0; i < 20; i++) {
    const text = `${'// x\n'.repeat(i)}${small.replace('age:', 'age  :')}`;
    void connection.sendNotification('textDocument/didChange', { textDocument: { uri: file, version: 2 + i }, contentChanges: [{ text }] });
    const edits = await connection.sendRequest<Array<{ range: { start: { line: number; character: number } } }>>('textDocument/formatting', about(file));
    expect(edits.map((e) => e.range.start)).toEqual([{ line: i + 1, character: 5 }]);
  }
  await first;
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: file } });
});

test('what was not saved is forgotten with the file: the one on disk counts again', async () => {
  const path = join(folder, 'discarded.synth'), file = pathToFileURL(path).toString();
  writeFileSync(path, small);
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri: file, languageId: 'synth', version: 1, text: small.replace('first', 'second') } });
  expect((await ask('understudy/targets', { uri: file })).targets.map((t) => t.target)).toEqual(['second']);
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: file } });
  await expect.poll(async () => (await ask('understudy/targets', { uri: file })).targets.map((t) => t.target), patient).toEqual(['first']);
  // Deleted while it is open: what the editor shows counts.
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri: file, languageId: 'synth', version: 1, text: small.replace('first', 'third') } });
  rmSync(path);
  await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: file, type: 3 }] });
  expect((await connection.sendRequest<unknown[]>('textDocument/documentSymbol', about(file))).length).toBe(2);
  expect((await ask('understudy/targets', { uri: file })).targets.map((t) => t.target)).toEqual(['third']);
  await connection.sendNotification('textDocument/didClose', { textDocument: { uri: file } });
});

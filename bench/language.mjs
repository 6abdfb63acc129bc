// How soon the language server answers in a long `.synth` file: `npm run bench:language -- [--lines 10000] [--shape targets|columns] [--rounds 60] [--server FILE] [--only KIND,...] [--profile FOLDER]`
// (after `npm run build`). Over stdio, as an editor does it: one character is typed somewhere, a request follows at once, and the time until its answer is counted from the key press.
// Every request is asked for by itself, each after a key press of its own, and then all together. `targets` is a file of many sources and targets; `columns` the schema of one wide table.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { longTargets } from '../test/language/long.ts';

const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = createRequire(import.meta.url)('vscode-jsonrpc/node');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({ options: { lines: { type: 'string', default: '10000' }, shape: { type: 'string', default: 'targets' }, rounds: { type: 'string', default: '60' }, server: { type: 'string', default: join(root, 'dist/server/main.js') }, only: { type: 'string' }, profile: { type: 'string' } } });
const lines = Number(options.lines), rounds = Number(options.rounds);

/** Numbers in [0, n), the same every time. */
let state = 7;
const roll = (n) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 4) % n;

const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
const text = options.shape === 'columns' ? schema() : targets();
const path = join(folder, 'long.synth'), uri = pathToFileURL(path).toString();
writeFileSync(path, text);

/** The text of test/language/long.ts, and the table it speaks of. */
function targets() {
  const rows = Array.from({ length: 300 }, (_, i) => [17 + ((i * 7) % 70), 10 + ((i * 13) % 60), ['Porto', 'Lyon', 'Ghent', 'Graz'][i % 4], (i % 4) + 10, ['low', 'middle', 'high'][i % 3], i % 2 ? 'Female' : 'Male', i % 5 ? '<=50K' : '>50K', i % 50, (i % 50) + 3, i + 1, i % 4, 100 + (i % 50)].join(','));
  writeFileSync(join(folder, 'people.csv'), `age,hours-per-week,city,code,level,sex,income,start,end,visit,dose,pressure\n${rows.join('\n')}\n`);
  return longTargets(lines);
}

/** What `Create Schema from Table` writes of a table with thousands of columns. */
function schema() {
  const columns = Array.from({ length: lines - 20 }, (_, i) => `gene_${i}`);
  writeFileSync(join(folder, 'genes.csv'), `${columns.join(',')},outcome\n${Array.from({ length: 12 }, (_, r) => `${columns.map((_, i) => (i * 7 + r * 13) % 101).join(',')},${r % 2 ? 'yes' : 'no'}`).join('\n')}\n`);
  return `language 1

source genes = "genes.csv" {
${columns.map((c, i) => `  ${`${c}:`.padEnd(12)} integer in 0..100   // gene ${i}, 0..100`).join('\n')}
  outcome:     category outcome
  rule first: gene_0 <= gene_1
}

release stand_in from genes {
  rows 100
}

expect stand_in {
  fidelity.shapes >= 0.95
  privacy.near_copies <= 0.05
}
`;
}

if (options.profile) mkdirSync(options.profile, { recursive: true });
const child = spawn(process.execPath, [...(options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : []), options.server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
const waiting = new Set();
let answered = 0;
connection.onNotification('textDocument/publishDiagnostics', (found) => {
  if (found.uri !== uri) return;
  answered++;
  for (const tell of waiting) tell(found);
  waiting.clear();
});
connection.onRequest('client/registerCapability', () => null);
connection.onRequest('workspace/configuration', ({ items }) => items.map(() => null));
for (const what of ['inlayHint', 'codeLens', 'semanticTokens', 'diagnostic']) connection.onRequest(`workspace/${what}/refresh`, () => null);
connection.listen();
await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: 'bench' }], capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } }, publishDiagnostics: { versionSupport: true } }, workspace: { semanticTokens: { refreshSupport: true }, codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true } } } });
await connection.sendNotification('initialized', {});
const diagnostics = () => new Promise((tell) => waiting.add(tell));

/** Milliseconds of processor time that the server has used (Linux). */
const used = () => {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
};
/** Ends the bench where nothing comes for a minute, and says what was waited for: a server that never answers is told from one that is slow. */
const come = (promise, what) => {
  const timer = setTimeout(() => { console.error(`Nothing came for a minute: ${what}`); child.kill(); process.exit(1); }, 60_000);
  return promise.finally(() => clearTimeout(timer));
};
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
/** Until nothing more comes: the tables are read, everything is checked. */
async function settled() {
  for (let before = -1, cpu = -1; before !== answered || used() - cpu > 20;) {
    before = answered;
    cpu = used();
    await sleep(400);
  }
}

let version = 1, opened = performance.now(), cpu = used();
const first = diagnostics();
await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'synth', version, text } });
await come(first, 'what is wrong with the file that was opened');
const open = performance.now() - opened;
await settled();
console.log(`${options.shape}: ${text.split('\n').length} lines, ${Math.round(text.length / 1024)} KB; opened and checked in ${open.toFixed(0)} ms, settled after ${Math.round(used() - cpu)} ms of processor time`);

/** What stands in the file now, line by line; a key press changes both sides alike. */
const now = text.split('\n');
const typed = ['1', 'x', ' ', '"', '{'];
/** Where an editor's user types: within a line that says something. */
function place() {
  for (;;) {
    const line = roll(now.length), words = [...now[line].matchAll(/[A-Za-z0-9_]+/g)];
    if (words.length && !now[line].trimStart().startsWith('//')) {
      const word = words[roll(words.length)];
      return { line, character: word.index + word[0].length };
    }
  }
}
async function press(at, key) {
  version++;
  const range = { start: at, end: key === '' ? { line: at.line, character: at.character + 1 } : at };
  now[at.line] = now[at.line].slice(0, at.character) + key + now[at.line].slice(range.end.character);
  await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ range, text: key }] });
}

const textDocument = { uri }, whole = { start: { line: 0, character: 0 }, end: { line: now.length, character: 0 } };
const view = (at) => ({ start: { line: Math.max(0, at.line - 30), character: 0 }, end: { line: at.line + 30, character: 0 } });
let coloured;
const kinds = {
  completion: (at) => connection.sendRequest('textDocument/completion', { textDocument, position: at }),
  hover: (at) => connection.sendRequest('textDocument/hover', { textDocument, position: at }),
  signatureHelp: (at) => connection.sendRequest('textDocument/signatureHelp', { textDocument, position: at }),
  definition: (at) => connection.sendRequest('textDocument/definition', { textDocument, position: at }),
  documentHighlight: (at) => connection.sendRequest('textDocument/documentHighlight', { textDocument, position: at }),
  references: (at) => connection.sendRequest('textDocument/references', { textDocument, position: at, context: { includeDeclaration: true } }),
  prepareRename: (at) => connection.sendRequest('textDocument/prepareRename', { textDocument, position: at }),
  documentSymbol: () => connection.sendRequest('textDocument/documentSymbol', { textDocument }),
  foldingRange: () => connection.sendRequest('textDocument/foldingRange', { textDocument }),
  semanticTokens: () => connection.sendRequest('textDocument/semanticTokens/full', { textDocument }),
  semanticTokensDelta: async () => { coloured = (await connection.sendRequest('textDocument/semanticTokens/full/delta', { textDocument, previousResultId: coloured ?? '' })).resultId; },
  semanticTokensRange: (at) => connection.sendRequest('textDocument/semanticTokens/range', { textDocument, range: view(at) }),
  inlayHint: (at) => connection.sendRequest('textDocument/inlayHint', { textDocument, range: view(at) }),
  codeLens: () => connection.sendRequest('textDocument/codeLens', { textDocument }),
  codeAction: (at) => connection.sendRequest('textDocument/codeAction', { textDocument, range: { start: at, end: at }, context: { diagnostics: [] } }),
  formatting: () => connection.sendRequest('textDocument/formatting', { textDocument, options: { tabSize: 2, insertSpaces: true } }),
  diagnostics: () => diagnostics(),
};
const wanted = options.only ? options.only.split(',') : [...Object.keys(kinds), 'together'];

const sorted = (list) => [...list].sort((a, b) => a - b);
const quantile = (list, p) => sorted(list)[Math.min(list.length - 1, Math.floor(p * list.length))];
const cell = (list) => (list.length === 0 ? `${"-".padStart(8)} ${"-".padStart(8)}` : `${quantile(list, 0.5).toFixed(1).padStart(8)} ${quantile(list, 0.99).toFixed(1).padStart(8)}`);

/** The way there and back, without any work: what the machine itself takes. */
const idle = [];
for (let i = 0; i < 200; i++) {
  const from = performance.now();
  await connection.sendRequest('understudy/nothing', {}).catch(() => undefined);
  idle.push(performance.now() - from);
}
console.log(`A request without work: median ${quantile(idle, 0.5).toFixed(2)} ms, 99% ${quantile(idle, 0.99).toFixed(2)} ms\n`);
console.log(`${'ms from key press to answer'.padEnd(28)}${'median'.padStart(8)} ${'99%'.padStart(8)}   a key that keeps the file whole | one that breaks it; processor ms a key press`);

const refused = new Map();
for (const kind of wanted) {
  const whole = [], broken = [];
  cpu = used();
  for (let i = 0; i < rounds; i++) {
    const at = place(), key = typed[i % typed.length], after = { line: at.line, character: at.character + 1 };
    for (const what of [key, '']) {
      const done = diagnostics(), from = performance.now();
      await press(at, what);
      const where = what === '' ? at : after;
      const ask = async (name) => kinds[name](where).catch((error) => refused.set(`${name}: ${error.message}`, (refused.get(`${name}: ${error.message}`) ?? 0) + 1));
      if (kind === 'together') await come(Promise.all(Object.keys(kinds).filter((k) => k !== 'diagnostics' && k !== 'formatting' && k !== 'semanticTokens').map(ask)), `the answers together, round ${i}`);
      else await come(ask(kind), `the answer, ${kind}, round ${i}`);
      (key === '"' || key === '{' ? broken : whole).push(performance.now() - from);
      await come(done, `what is wrong with the file, ${kind}, round ${i}`);
      await sleep(60);
    }
  }
  console.log(`${kind.padEnd(28)}${cell([...whole, ...broken])}   ${cell(whole)} | ${cell(broken)}; ${((used() - cpu) / (2 * rounds)).toFixed(0).padStart(5)}`);
}
for (const [what, n] of refused) console.log(`refused ${n} times: ${what}`);
await connection.sendRequest('shutdown');
await connection.sendNotification('exit');
await new Promise((r) => child.once('exit', r));
rmSync(folder, { recursive: true, force: true });

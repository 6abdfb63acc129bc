// How soon the language server answers what the editor asks about tables: `node bench/inline.mjs [DIST]` (after `npm run build`).
// A folder of 1,000 CSVs with 60 runs, one table of 49 MB, one of 300 columns and one of 2 GB; lenses, marks while scrolling, and hovers,
// with a bare request every 5 ms beside them, whose delay is that of the event loop. Prints quantiles of the time to the answer.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, cpSync, ftruncateSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = createRequire(import.meta.url)('vscode-jsonrpc/node');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
const at = (name) => join(folder, name);
const now = () => performance.now();

// ---- the folder
const row = (i) => `${i},${['x', 'y', '"z, quoted"', '"two\nlines"'][i % 4]},${((i * 7919) % 10007) / 100},${i % 2 ? 'yes' : 'no'}`;
const small = `id,kind,amount,flag\n${Array.from({ length: 800 }, (_, i) => row(i)).join('\n')}\n`;
for (let i = 0; i < 1000; i++) writeFileSync(at(`t${i}.csv`), small);
const big = openSync(at('big.csv'), 'w');
writeSync(big, 'id,kind,amount,flag\n');
let lines = 1;
for (let i = 0, size = 0; size < 49e6; ) {
  const piece = `${Array.from({ length: 10_000 }, (_, k) => row(i + k)).join('\n')}\n`;
  i += 10_000; size += piece.length; lines += piece.split('\n').length - 1;
  writeSync(big, piece);
}
closeSync(big);
const huge = openSync(at('huge.csv'), 'w');
writeSync(huge, small);
ftruncateSync(huge, 2 * 2 ** 30);
closeSync(huge);
const names = Array.from({ length: 300 }, (_, c) => `column${c}`);
writeFileSync(at('wide.csv'), `${names.join(',')}\n${Array.from({ length: 300 }, (_, r) => names.map((_, c) => ((r * (c + 3)) % 97) / 10).join(',')).join('\n')}\n`);

// ---- two real runs, of the wide table and of a small one; the others are copies of the latter that name other tables
const evaluate = (name) => execFileSync(process.execPath, [join(dist, 'cli.js'), 'evaluate', at(name), at(name)], { cwd: folder, stdio: 'ignore' });
evaluate('t0.csv');
const runs = join(folder, '.understudy', 'runs'), [first] = readdirSync(runs);
evaluate('wide.csv');
for (let i = 0; i < 60; i++) {
  const copy = join(runs, `20260101-000000-${String(i).padStart(4, '0')}`), name = i === 0 ? 'big.csv' : `t${i}.csv`;
  cpSync(join(runs, first), copy, { recursive: true });
  const edit = (file, change) => { const value = JSON.parse(readFileSync(join(copy, file), 'utf8')); change(value); writeFileSync(join(copy, file), JSON.stringify(value)); };
  const { size, mtimeMs } = statSync(at(name));
  edit('plan.json', (p) => { p.synthetic = at(name); });
  edit('inline.json', (r) => { r.synthetic = { path: at(name), bytes: size, modifiedMs: mtimeMs, sha256: '' }; r.copies = { exact: 1, near: 0, common: 0 }; });
}

// ---- the questions
const child = spawn(process.execPath, [join(dist, 'server', 'main.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
connection.listen();
await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
const times = {};
const ask = async (label, method, params) => {
  const from = now();
  const answer = await connection.sendRequest(method, params).catch(() => undefined);
  (times[label] ??= []).push(now() - from);
  return answer;
};
const of = (name) => ({ uri: pathToFileURL(at(name)).toString(), version: 1, dirty: false, hintLimit: 0 });
const rest = (ms) => new Promise((r) => setTimeout(r, ms));

let going = true;
const pulse = (async () => { while (going) { await ask('bare request beside all of these', 'understudy/nothing', {}); await rest(5); } })();
// The very first ones also compile the server's code and read every run's record.
for (let i = 0; i < 1000; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => ask(i === 0 ? 'the first 20 tables at once, cold' : 'lenses of 1,000 tables, 20 at once', 'understudy/inline', of(`t${i + k}.csv`))));
for (let i = 0; i < 100; i++) { await ask('lenses, hints, problems of 300 columns', 'understudy/inline', of('wide.csv')); await rest(3); }
for (let i = 0; i < 100; i++) { await ask('hover on one of 300 columns', 'understudy/inlineHover', { ...of('wide.csv'), line: i, character: 4, theme: 'dark' }); await rest(3); }
await ask('first jump to the end of 49 MB', 'understudy/inlineMarks', { ...of('big.csv'), visible: [[lines - 60, lines - 1]] });
for (let i = 0; i < 300; i++) { const from = (i * 104_729) % (lines - 60); await ask('marks anywhere in 49 MB', 'understudy/inlineMarks', { ...of('big.csv'), visible: [[from, from + 55]] }); await rest(3); }
for (let i = 0; i < 50; i++) await ask('a table of 2 GB', 'understudy/inline', of('huge.csv'));
for (let i = 0; i < 20; i++) await ask('hover in a table of 2 GB', 'understudy/inlineHover', { ...of('huge.csv'), line: 5, character: 1, theme: 'dark' });
await ask('first hover on a real table (a worker starts and reads it)', 'understudy/inlineHover', { ...of('t900.csv'), line: 0, character: 5, theme: 'dark' });
for (let i = 0; i < 50; i++) await ask('later hovers on it', 'understudy/inlineHover', { ...of('t900.csv'), line: i, character: 1, theme: 'dark' });
going = false;
await pulse;
await connection.sendRequest('shutdown');
await connection.sendNotification('exit');
for (const [label, all] of Object.entries(times)) {
  all.sort((a, b) => a - b);
  const q = (p) => all[Math.min(all.length - 1, Math.floor(p * all.length))].toFixed(1).padStart(7);
  console.log(`${label.padEnd(60)} n ${String(all.length).padStart(5)}  median ${q(0.5)}  99% ${q(0.99)}  worst ${q(1)} ms`);
}
setTimeout(() => rmSync(folder, { recursive: true, force: true }), 200);

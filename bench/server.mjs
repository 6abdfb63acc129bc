// How soon the language server answers while a worker computes: `node bench/server.mjs [FILE] [SECONDS]` (after `npm run build`).
// Sends a request every 5 ms, at random of four kinds, during a fit, and prints the quantiles of the time to the answer.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = createRequire(import.meta.url)('vscode-jsonrpc/node');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [file, seconds = '20'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
const path = join(folder, file ? basename(file) : 'table.csv');
if (file) copyFileSync(file, path);
else writeFileSync(path, `a,b,c,d,e\n${Array.from({ length: 30_000 }, (_, i) => `${i % 97},${((i * 7919) % 10007) / 100},${'xyzuvw'[i % 6]},${i % 2 ? 'yes' : 'no'},${(i * 31) % 365}`).join('\n')}\n`);

const child = spawn(process.execPath, [join(root, 'dist/server/main.js'), '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
let last;
connection.onNotification('understudy/run', (record) => { last = record; });
connection.listen();
await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });

const run = await connection.sendRequest('understudy/synthesize', { path, budgetSeconds: Number(seconds), seed: 1 });
const requests = [
  () => connection.sendRequest('understudy/runs', { folder }),
  () => connection.sendRequest('understudy/report', { folder: run.folder }).catch(() => undefined),
  () => connection.sendRequest('understudy/cancel', { id: 'none' }),
  () => connection.sendRequest('understudy/nothing', {}).catch(() => undefined),
];
const times = [];
const until = Date.now() + 1000 * Number(seconds);
const pending = [];
while (Date.now() < until && !(last && ['finished', 'failed', 'cancelled'].includes(last.state))) {
  const from = performance.now();
  pending.push(requests[times.length % requests.length]().then(() => times.push(performance.now() - from)));
  await new Promise((r) => setTimeout(r, 5));
}
await Promise.all(pending);
const phase = last?.progress?.phase;
const from = performance.now();
await connection.sendRequest('understudy/cancel', { id: run.id });
const cancel = performance.now() - from;
await connection.sendRequest('shutdown');
await connection.sendNotification('exit');

times.sort((a, b) => a - b);
const q = (p) => times[Math.min(times.length - 1, Math.floor(p * times.length))].toFixed(1);
console.log(`${times.length} requests while a worker computed (last phase ${phase}): median ${q(0.5)} ms, 95% ${q(0.95)} ms, 99% ${q(0.99)} ms, worst ${q(1)} ms; cancel took ${cancel.toFixed(0)} ms`);
setTimeout(() => rmSync(folder, { recursive: true, force: true }), 200);

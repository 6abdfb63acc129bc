// node bench/ca-dasg/contexts.mjs [ROWS a common context, 300] [STEPS, 800] [SEEDS, 2]: the cache on simulated contexts, and warm starts; see contexts.ts.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url)))), work = join(tmpdir(), `understudy-contexts-${process.pid}`), one = join(work, 'contexts.cjs');
mkdirSync(work, { recursive: true });
buildSync({ entryPoints: [join(root, 'bench/ca-dasg/contexts.ts')], outfile: one, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], conditions: ['node'], logLevel: 'error' });
const run = spawnSync(process.execPath, [one, ...process.argv.slice(2)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_PATH: join(root, 'node_modules') } });
if (run.status !== 0) process.exit(run.status ?? 1);
const { ways, warm } = JSON.parse(run.stdout.trim().split('\n').at(-1)), mean = (x) => x.reduce((a, b) => a + b, 0) / x.length, cell = (x) => mean(x).toFixed(3);
console.log(`| ${Object.values(ways)[0].shape.length} seeds | shapes, common contexts | rank correlations | shapes, contexts of 30 rows | rank correlations | CPU s |\n| --- | --- | --- | --- | --- | --- |`);
for (const [name, w] of Object.entries(ways)) console.log(`| ${name} | ${cell(w.shape)} | ${cell(w.correlation)} | ${cell(w.smallShape)} | ${cell(w.smallCorrelation)} | ${mean(w.seconds).toFixed(0)} |`);
console.log(`Warm start: to a validation loss of ${warm.goal.toFixed(3)} a cold start takes ${warm.cold} steps, a warm one ${warm.warm}.`);

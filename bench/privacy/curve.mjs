// node bench/privacy/curve.mjs TRAIN.csv HOLDOUT.csv OUTCOME [--rows 20000] [--epsilons 0.5,1,3,8,inf] [--generators tvae,ca-dasg,...] [--keys 1] [--seconds 60] [--log FILE.jsonl]
// Fidelity and utility of the private generators against the budget. Results are appended to the log as they come (what is in it is not computed again), then the table is printed.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values, positionals: [train, holdout, outcome] } = parseArgs({ allowPositionals: true, options: { rows: { type: 'string', default: '20000' }, epsilons: { type: 'string', default: '0.5,1,3,8,inf' }, generators: { type: 'string', default: 'independent,autoregressive,ca-dasg,tvae,flow-matching,tabddpm,ctgan' }, keys: { type: 'string', default: '1' }, seconds: { type: 'string', default: '60' }, log: { type: 'string' } } });
if (!outcome) { console.error('Usage: node bench/privacy/curve.mjs TRAIN.csv HOLDOUT.csv OUTCOME [--rows 20000] [--epsilons 0.5,1,3,8,inf] [--generators ID,...] [--keys 1] [--seconds 60] [--log FILE.jsonl]'); process.exit(2); }
const work = join(tmpdir(), `understudy-curve-${process.pid}`), one = join(work, 'one.cjs'), log = values.log ?? join(work, 'log.jsonl');
mkdirSync(work, { recursive: true });
buildSync({ entryPoints: [join(root, 'bench/privacy/curve.ts')], outfile: one, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], conditions: ['node'], logLevel: 'error' });
const done = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l)) : [];
for (const key of values.keys.split(',')) for (const epsilon of values.epsilons.split(',')) for (const generator of values.generators.split(',')) {
  if (done.some((d) => d.generator === generator && String(d.epsilon) === epsilon && d.key === Number(key) && d.rows === Number(values.rows))) continue;
  const run = spawnSync(process.execPath, [one, train, holdout, outcome, values.rows, generator, epsilon, key, '{}', values.seconds], { encoding: 'utf8', env: { ...process.env, NODE_PATH: join(root, 'node_modules') }, maxBuffer: 1 << 26 });
  if (run.status !== 0) { console.error(`${generator}, epsilon ${epsilon}: ${run.stderr.trim().split('\n').slice(-4).join(' | ')}`); continue; }
  const result = JSON.parse(run.stdout.trim().split('\n').at(-1));
  done.push(result);
  appendFileSync(log, `${JSON.stringify(result)}\n`);
}
console.log('| generator | epsilon | column shapes | pair trends, default / all pairs | train on synthetic | steps, sigma | CPU s |\n|---|---|---|---|---|---|---|');
const order = (d) => (d.epsilon === 'inf' ? Infinity : d.epsilon), f = (v) => (v === null ? '-' : v.toFixed(3));
for (const d of done.sort((a, b) => a.generator.localeCompare(b.generator) || order(a) - order(b))) console.log(`| ${d.generator} | ${d.epsilon} | ${f(d.shapes)} | ${f(d.pairs)} / ${f(d.pairsAll)} | ${f(d.tstr)} | ${d.steps ? (d.sigma ? `${d.steps}, ${d.sigma.toFixed(2)}` : d.steps) : ''} | ${Math.round(d.cpuSeconds)} |`);

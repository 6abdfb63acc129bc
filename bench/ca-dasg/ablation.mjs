// node bench/ca-dasg/ablation.mjs TABLE.csv OUTCOME [--seeds 10] [--rows 3000] [--steps 500] [--only full,vae] [--log FILE.jsonl]
// What each part of CA-DASG is worth: the full framework, the same without one part, its two halves alone, and a Gaussian copula; the same rows, steps and seeds for all. Results are
// appended to the log as they come (what is in it is not computed again), then the table is printed.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values, positionals: [file, outcome] } = parseArgs({ allowPositionals: true, options: { seeds: { type: 'string', default: '10' }, rows: { type: 'string', default: '3000' }, steps: { type: 'string', default: '500' }, only: { type: 'string' }, log: { type: 'string' } } });
if (!file || !outcome) { console.error('Usage: node bench/ca-dasg/ablation.mjs TABLE.csv OUTCOME [--seeds 10] [--rows 3000] [--steps 500] [--only NAME,...] [--log FILE.jsonl]'); process.exit(2); }

const size = { hidden: 128, batch: 250 };
/** Everything that the paper describes, at once. */
const full = { ...size, variational: true, adversarial: 0.1, covariance: 0.1, utility: 0.05, adaptiveBalancing: true, dynamicBalancing: true, cache: 'on', contextLearning: 'rules', featureMatching: 0, historicalAveraging: 0 };
const off = { covariance: 0, utility: 0, adaptiveBalancing: false, dynamicBalancing: false, cache: 'off', contextLearning: 'off' };
const variants = {
  full, 'without adversary': { ...full, adversarial: 0 }, 'without encoder': { ...full, variational: false }, 'without covariance': { ...full, covariance: 0 }, 'without utility': { ...full, utility: 0 },
  'without adaptive balancing': { ...full, adaptiveBalancing: false }, 'without dynamic balancing': { ...full, dynamicBalancing: false }, 'without cache': { ...full, cache: 'off' }, 'without contexts': { ...full, contextLearning: 'off' },
  'paper\'s cache': { ...full, cache: 'paper' }, 'learnt contexts': { ...full, contextLearning: 'clusters', mostContexts: 8 }, 'with feature matching': { ...full, featureMatching: 0.1 }, 'with minibatch discrimination': { ...full, minibatchDiscrimination: true }, 'with historical averaging': { ...full, historicalAveraging: 0.001 },
  'GAN only': { ...full, ...off, variational: false }, 'VAE only': { ...full, ...off, adversarial: 0 },
};
const all = [...Object.entries(variants).map(([name, p]) => ({ name, id: 'ca-dasg', parameters: p })), { name: 'Gaussian copula', id: 'gaussian-copula', parameters: {} }];
const chosen = all.filter((v) => !values.only || values.only.split(',').includes(v.name));

const work = join(tmpdir(), `understudy-ablation-${process.pid}`), one = join(work, 'one.cjs'), log = values.log ?? join(work, 'log.jsonl');
mkdirSync(work, { recursive: true });
buildSync({ entryPoints: [join(root, 'bench/ca-dasg/ablation.ts')], outfile: one, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], conditions: ['node'], logLevel: 'error' });
const done = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l)) : [], table = basename(file), key = (v, seed) => `${table}/${values.rows}/${values.steps}/${v.name}/${seed}`;
for (let seed = 1; seed <= Number(values.seeds); seed++) for (const v of chosen) {
  if (done.some((d) => d.key === key(v, seed))) continue;
  const run = spawnSync(process.execPath, [one, file, outcome, values.rows, values.steps, String(seed), v.id, JSON.stringify(v.parameters)], { encoding: 'utf8', env: { ...process.env, NODE_PATH: join(root, 'node_modules') }, maxBuffer: 1 << 26 });
  if (run.status !== 0) { console.error(`${v.name}, seed ${seed}: ${run.stderr.trim().split('\n').slice(-4).join(' | ')}`); continue; }
  const result = { key: key(v, seed), name: v.name, seed, ...JSON.parse(run.stdout.trim().split('\n').at(-1)) };
  done.push(result);
  appendFileSync(log, `${JSON.stringify(result)}\n`);
}

const columns = { shapes: 'fidelity.shapes', pairs: 'fidelity.pair-trends', 'two-sample': 'fidelity.two-sample', 'train on synthetic': 'utility.tstr', membership: 'privacy.membership-auc', 'near copies': 'privacy.near-copies' };
const mean = (xs) => xs.reduce((a, b) => a + b, 0) / xs.length, sd = (xs) => (xs.length > 1 ? Math.sqrt(xs.reduce((s, x) => s + (x - mean(xs)) ** 2, 0) / (xs.length - 1)) : NaN);
const cell = (xs, digits = 3) => { const own = xs.filter((x) => typeof x === 'number'); return own.length ? `${mean(own).toFixed(digits)}${own.length > 1 ? ` ± ${sd(own).toFixed(digits)}` : ''}` : '-'; };
/** A fit has converged where the table it makes is no collapse: columns and pairs roughly right. */
const converged = (d) => (d.figures['fidelity.shapes'] ?? 0) >= 0.9 && (d.figures['fidelity.pair-trends'] ?? 0) >= 0.8;
console.log(`| ${table}: ${values.rows} rows, ${values.steps} steps | seeds | ${Object.keys(columns).join(' | ')} | distance within contexts | converged | CPU s |`);
console.log(`|${' --- |'.repeat(Object.keys(columns).length + 5)}`);
for (const v of all) {
  const own = done.filter((d) => d.name === v.name && d.key.startsWith(`${table}/${values.rows}/${values.steps}/`));
  if (own.length) console.log(`| ${v.name} | ${own.length} | ${Object.values(columns).map((c) => cell(own.map((d) => d.figures[c]))).join(' | ')} | ${cell(own.map((d) => d.contexts))} | ${own.filter(converged).length} of ${own.length} | ${cell(own.map((d) => d.cpu), 1)} |`);
}

// `npm run bench:generators -- DATA [--tables adult,churn] [--generators ctgan,tvae] [--budget 60] [--rows N] [--seed 1] [--peers all|none|NAME,...] [--out FILE.json]`:
// every generator on the same tables: what it costs to fit and to sample, its peak memory, and the core evaluation against a holdout. With a Python in
// PYTHON that has ctgan, sdv, synthcity, mostlyai-engine or imblearn, those peers on the same split, cores and budget, judged by the same evaluation (and ours by theirs: SDMetrics).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { pythonShuffle } from './python-shuffle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: {
  tables: { type: 'string', default: 'adult,churn,default,california' }, generators: { type: 'string' }, budget: { type: 'string', default: '60' }, rows: { type: 'string', default: '0' }, seed: { type: 'string', default: '1' },
  peers: { type: 'string', default: 'all' }, out: { type: 'string' }, parameters: { type: 'string', default: '{}' },
} });
const data = positionals[0];
if (!data) { console.error('Usage: npm run bench:generators -- DATA [--tables adult,churn,default,california] [--generators ID,...] [--budget 60] [--rows N] [--seed 1] [--peers all|none|NAME,...] [--parameters JSON] [--out FILE]'); process.exit(2); }

const tables = {
  adult: { train: 'adult/train.csv', holdout: 'adult/holdout.csv', outcome: 'income' }, churn: { file: 'churn2.csv', outcome: 'exited' }, default: { file: 'default_credit.csv', outcome: 'default_next_month' },
  california: { file: 'california_housing.csv', outcome: 'median_house_value' }, magic: { file: 'magic.csv', outcome: 'class-_' }, compas: { file: 'compas_two_years.csv', outcome: 'two_year_recid' }, titanic: { file: 'titanic.csv', outcome: 'Survived' },
};
const work = join(tmpdir(), `understudy-generators-${process.pid}`);
mkdirSync(work, { recursive: true });
const modules = join(root, 'node_modules'), one = join(work, 'one.cjs');
buildSync({ entryPoints: [join(root, 'bench/generators/one.ts')], outfile: one, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], conditions: ['node'], logLevel: 'error' });
const cli = join(root, 'dist', 'cli.js');
if (!existsSync(cli)) { console.error('Build first: npm run build'); process.exit(2); }

const env = { ...process.env, NODE_PATH: modules };
/** Runs a program that prints one JSON value last; undefined, with the end of what it said, when it fails. */
function json(program, args, what) {
  const run = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, env });
  if (run.status !== 0) { console.log(`  ${what}: failed (${run.status ?? run.signal}): ${(run.stderr || run.stdout).trim().split('\n').slice(-3).join(' | ').slice(0, 400)}`); return undefined; }
  const text = run.stdout.trim();
  try { return JSON.parse(text); } catch { return JSON.parse(text.split('\n').at(-1)); }
}
/** The same 80/20 division as bench/run.mjs. */
function divide(name, path) {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean), head = lines.shift(), order = pythonShuffle(lines.length, 0), cut = Math.floor(0.8 * lines.length), part = (rows) => [head, ...rows.map((i) => lines[i]), ''].join('\n');
  const files = [join(work, `${name}.train.csv`), join(work, `${name}.holdout.csv`)];
  writeFileSync(files[0], part(order.slice(0, cut)));
  writeFileSync(files[1], part(order.slice(cut)));
  return files;
}
function judge(train, holdout, outcome, made) {
  const r = json(process.execPath, [cli, 'evaluate', train, made, '--holdout', holdout, '--outcome', outcome, '--seed', '0', '--in', work, '--report', `${made}.html`, '--force', '--json'], 'evaluation');
  if (!r) return {};
  const f = r.figures ?? r.run?.figures ?? {}, v = (id) => f[id]?.value ?? null;
  return {
    shapes: v('fidelity.shapes'), pairs: v('fidelity.pair-trends'), pairsAll: v('fidelity.pair-trends-all'), twoSample: v('fidelity.two-sample'), utility: v('utility.tstr'), utilityReal: f['utility.tstr']?.reference?.value ?? null,
    membership: v('privacy.membership-auc'), near: v('privacy.near-copies'), nearControl: f['privacy.near-copies']?.reference?.value ?? null, exact: v('privacy.exact-copies'), exactControl: f['privacy.exact-copies']?.reference?.value ?? null,
  };
}

const python = process.env.PYTHON, script = join(root, 'bench/generators/peers.py'), known = python && values.peers !== 'none' ? json(python, [script, 'list'], 'peers') : undefined;
const peers = known ? (values.peers === 'all' ? known.peers : values.peers.split(',').filter((p) => known.peers.includes(p))) : [];
const listed = json(process.execPath, [cli, 'generators', '--json'], 'generators').map((g) => g.id).filter((id) => id !== 'auto'), ids = values.generators === 'none' ? [] : values.generators ? values.generators.split(',') : listed;
const digits = (v, n = 3) => (v === null || v === undefined ? '-' : v.toFixed(n));
console.log(`${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, budget ${values.budget} s${known ? `, peers: ${JSON.stringify(known.versions)}` : ''}\n`);

const results = [];
for (const name of values.tables.split(',')) {
  const t = tables[name];
  if (!t) { console.log(`${name}: unknown; there are ${Object.keys(tables).join(', ')}`); continue; }
  const [train, holdout] = t.train ? [join(data, t.train), join(data, t.holdout)] : existsSync(join(data, t.file)) ? divide(name, join(data, t.file)) : [];
  if (!train || !existsSync(train)) { console.log(`${name}: not found in ${data}`); continue; }
  console.log(`## ${name}\n\n| generator | fit s | rows/s | peak MB | shapes | pair trends (all) | two-sample AUC | train on synthetic (on real) | membership AUC | near copies (control) | exact copies (control) | SDMetrics shapes, pairs |\n|---|---|---|---|---|---|---|---|---|---|---|---|`);
  const judged = json(process.execPath, [cli, 'inspect', train, '--json'], 'inspect').columns.filter((c) => ['integer', 'real', 'boolean', 'category', 'ordinal', 'date', 'time', 'datetime'].includes(c.kind)).map((c) => c.name);
  const row = (id, cost, made) => {
    const f = judge(train, holdout, t.outcome, made), sd = known?.versions.sdmetrics ? json(python, [script, 'judge', train, made, JSON.stringify(judged)], 'SDMetrics') : undefined;
    results.push({ table: name, id, ...cost, ...f, ...(sd && { sdmetrics: sd }) });
    console.log(`| ${id}${cost.epochs ? ` (${cost.epochs} epochs)` : ''} | ${digits(cost.fit, 1)} | ${Math.round(cost.rows / Math.max(1e-3, cost.sample)).toLocaleString('en')} | ${Math.round(cost.peakMB)} | ${digits(f.shapes, 4)} | ${digits(f.pairs, 4)} (${digits(f.pairsAll, 4)}) | ${digits(f.twoSample)} | ${digits(f.utility)} (${digits(f.utilityReal)}) | ${digits(f.membership)} | ${digits(f.near, 4)} (${digits(f.nearControl, 4)}) | ${digits(f.exact, 4)} (${digits(f.exactControl, 4)}) | ${sd ? `${digits(sd.shapes, 4)}, ${digits(sd.pairs, 4)}` : '-'} |`);
    if (values.out) writeFileSync(values.out, JSON.stringify(results, null, 1));
  };
  for (const id of ids) {
    const made = join(work, `${name}.${id}.csv`), cost = json(process.execPath, [one, train, holdout, t.outcome, id, values.budget, values.seed, values.rows, made, values.parameters], id);
    if (cost) row(id, cost, made);
  }
  for (const peer of peers) {
    const made = join(work, `${name}.${peer.replace(/\W/g, '-')}.csv`), cost = json(python, [script, 'run', peer, train, t.outcome, made, values.rows, values.budget, values.seed, String(cpus().length), JSON.stringify(judged)], peer);
    if (cost) row(peer, cost, made);
  }
  console.log('');
}
rmSync(work, { recursive: true, force: true });

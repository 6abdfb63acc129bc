// `npm run bench:generators -- DATA [--tables adult,churn] [--generators ctgan,tvae] [--budget 60] [--rows N] [--seed 1] [--peers all|none|NAME,...] [--minutes M] [--out FILE.json]`:
// every generator on the same tables: what it costs to fit and to sample, its peak memory, and the core evaluation against a holdout. With a Python in
// PYTHON that has ctgan, sdv, synthcity, mostlyai-engine or imblearn, those peers on the same split, cores and budget, judged by the same evaluation (and ours by theirs: SDMetrics).
// Each result is written to FILE.json as it comes, and FILE.md says all of them as tables; started again with the same --out, what stands there is not done again.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { Judge, lastJson, run } from './generators/processes.mjs';
import { markdown } from './generators/markdown.mjs';
import { pythonShuffle } from './python-shuffle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: {
  tables: { type: 'string', default: 'adult,churn,default,california' }, generators: { type: 'string' }, budget: { type: 'string', default: '60' }, rows: { type: 'string', default: '0' }, seed: { type: 'string', default: '1' },
  peers: { type: 'string', default: 'all' }, out: { type: 'string' }, parameters: { type: 'string', default: '{}' }, minutes: { type: 'string' }, limit: { type: 'string' }, retry: { type: 'boolean' }, train: { type: 'string', default: '0' },
} });
const data = positionals[0];
if (!data) {
  console.error(`Usage: npm run bench:generators -- DATA [--tables adult,churn,default,california] [--generators ID,...|none] [--budget 60] [--seed 1] [--peers all|none|NAME,...] [--parameters JSON] [--out FILE.json]
  --rows N      draw N rows, not as many as the table has       --train N    fit on the first N rows only (to try the bench itself)
  --minutes M   begin nothing that would end later than M minutes from now; what is left is done by the same command again
  --limit S     stop one fit with its drawing after S seconds (default: three budgets and a minute); that is said in its row
  --retry       do again what failed or was stopped`);
  process.exit(2);
}

const tables = {
  adult: { train: 'adult/train.csv', holdout: 'adult/holdout.csv', outcome: 'income' }, churn: { file: 'churn2.csv', outcome: 'exited' }, default: { file: 'default_credit.csv', outcome: 'default_next_month' },
  california: { file: 'california_housing.csv', outcome: 'median_house_value' }, magic: { file: 'magic.csv', outcome: 'class-_' }, compas: { file: 'compas_two_years.csv', outcome: 'two_year_recid' }, titanic: { file: 'titanic.csv', outcome: 'Survived' },
};
/** Peers that another package's peer stands beside: last, when everything else is done. */
const second = ['synthcity:tvae', 'synthcity:ctgan'];
const { budget, rows, seed, parameters } = values, train = Number(values.train), limit = Number(values.limit ?? 3 * Number(budget) + 60), ends = values.minutes ? Date.now() + 60_000 * Number(values.minutes) : Infinity;
const work = mkdtempSync(join(tmpdir(), 'understudy-generators-'));
const one = join(work, 'one.cjs'), cli = join(root, 'dist', 'cli.js'), python = process.env.PYTHON, script = join(root, 'bench/generators/peers.py'), env = { ...process.env, NODE_PATH: join(root, 'node_modules') };
if (!existsSync(cli)) { console.error('Build first: npm run build'); process.exit(2); }
buildSync({ entryPoints: [join(root, 'bench/generators/one.ts')], outfile: one, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], conditions: ['node'], logLevel: 'error' });

const results = values.out && existsSync(values.out) ? JSON.parse(readFileSync(values.out, 'utf8')) : [];
/** Whole or not at all: a bench that is killed while it writes must not lose what it had. */
function keep(path, text) { writeFileSync(`${path}.tmp`, text); renameSync(`${path}.tmp`, path); }
function record(result) {
  results.push(result);
  if (!values.out) return;
  mkdirSync(dirname(values.out), { recursive: true });
  keep(values.out, JSON.stringify(results, null, 1));
  keep(values.out.replace(/(\.json)?$/, '.md'), markdown(results));
}
const settings = { budget: Number(budget), rows: Number(rows), seed: Number(seed), ...(train && { train }), ...(parameters !== '{}' && { parameters }) };
const isOf = (r, job) => r.table === job.table && r.id === job.id && Object.keys({ ...settings, ...r }).every((k) => !['budget', 'rows', 'seed', 'train', 'parameters'].includes(k) || (k === 'rows' ? (r.asked ?? 0) === settings.rows : r[k] === settings[k]));

/** The same 80/20 division as bench/run.mjs. */
function divide(name, path) {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean), head = lines.shift(), order = pythonShuffle(lines.length, 0), cut = Math.floor(0.8 * lines.length), part = (own) => [head, ...own.map((i) => lines[i]), ''].join('\n');
  return [write(`${name}.train.csv`, part(order.slice(0, cut))), write(`${name}.holdout.csv`, part(order.slice(cut)))];
}
function write(name, text) { writeFileSync(join(work, name), text); return join(work, name); }
/** Training and holdout files, and the columns that a model is to learn: names, tickets and the like are nobody's. */
async function prepare(name) {
  const t = tables[name];
  if (!t) { console.log(`${name}: unknown; there are ${Object.keys(tables).join(', ')}`); return undefined; }
  const given = t.train ? [join(data, t.train), join(data, t.holdout)] : [join(data, t.file)];
  if (given.some((f) => !existsSync(f))) { console.log(`${name}: not found in ${data}`); return undefined; }
  let [from, holdout] = t.train ? given : divide(name, given[0]);
  if (train) from = write(`${name}.first.csv`, readFileSync(from, 'utf8').split('\n').slice(0, train + 1).join('\n') + '\n');
  const looked = await run(process.execPath, [cli, 'inspect', from, '--json'], { env });
  if (looked.code !== 0) { console.log(`${name}: cannot be read: ${looked.end}`); return undefined; }
  const judged = lastJson(looked.out).columns.filter((c) => ['integer', 'real', 'boolean', 'category', 'ordinal', 'date', 'time', 'datetime'].includes(c.kind)).map((c) => c.name);
  return { name, train: from, holdout, outcome: t.outcome, judged: JSON.stringify(judged) };
}

const asked = python && values.peers !== 'none' ? await run(python, [script, 'list'], { env }) : undefined, known = asked?.code === 0 ? lastJson(asked.out) : { peers: [], versions: {} };
if (asked && !known.peers.length) console.log(`No peer is to be found in ${python}: ${asked.end}`);
const peers = values.peers === 'all' ? known.peers : values.peers.split(',').filter((p) => known.peers.includes(p));
const listed = lastJson((await run(process.execPath, [cli, 'generators', '--json'], { env })).out).map((g) => g.id).filter((id) => id !== 'auto'), ids = values.generators === 'none' ? [] : values.generators ? values.generators.split(',') : listed;
const strange = ids.filter((id) => !listed.includes(id));
if (strange.length) { console.error(`No generator "${strange.join('", "')}"; there are ${listed.join(', ')}.`); process.exit(2); }
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`, versions = known.versions;
console.log(`${machine}, ${new Date().toISOString().slice(0, 10)}, budget ${budget} s, peers: ${JSON.stringify(versions)}\n`);

const names = values.tables.split(','), ready = new Map();
for (const name of names) { const t = await prepare(name); if (t) ready.set(name, t); }
const jobs = [...ready.keys()].flatMap((table) => [...ids.map((id) => ({ table, id })), ...peers.filter((p) => !second.includes(p)).map((id) => ({ table, id, peer: true }))]);
jobs.push(...[...ready.keys()].flatMap((table) => peers.filter((p) => second.includes(p)).map((id) => ({ table, id, peer: true }))));
const open = jobs.filter((job) => {
  const at = results.findIndex((r) => isOf(r, job));
  if (at >= 0 && values.retry && (results[at].failed || results[at].stopped)) { results.splice(at, 1); return true; }
  return at < 0;
});
console.log(`${open.length} of ${jobs.length} to do${jobs.length > open.length ? '; the others stand in the results' : ''}.`);

const judge = new Judge({ cli, work, env, python: versions.sdmetrics ? python : undefined, script });
let left = 0, slowest = 0;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { judge.close(); rmSync(work, { recursive: true, force: true }); process.exit(130); });
try {
  for (const [k, job] of open.entries()) {
    // What the slowest of the ones before took is what the next may take.
    if (Date.now() + 1000 * slowest > ends) { left = open.length - k; break; }
    const t = ready.get(job.table), made = join(work, `made.${k}.csv`), began = Date.now(), load = loadavg()[0];
    const args = job.peer ? [python, [script, 'run', job.id, t.train, t.outcome, made, rows, budget, seed, String(cpus().length), t.judged]] : [process.execPath, [one, t.train, t.holdout, t.outcome, job.id, budget, seed, rows, made, parameters]];
    const ran = await run(...args, { env, limit }), base = { table: job.table, id: job.id, ...(job.peer && { peer: true }), ...settings, asked: settings.rows, date: new Date().toISOString(), load: Math.round(10 * load) / 10, machine };
    if (ran.stopped) record({ ...base, stopped: limit });
    else if (ran.code !== 0) record({ ...base, failed: ran.end });
    else {
      const cost = lastJson(ran.out), { figures, sdmetrics, failed } = await judge.of(t, made);
      record({ ...base, ...cost, ...figures, ...(sdmetrics && { sdmetrics }), ...(failed && { unjudged: failed }), versions: job.peer ? versions : undefined });
    }
    rmSync(made, { force: true });
    const r = results.at(-1), took = (Date.now() - began) / 1000;
    if (!r.stopped) slowest = Math.max(slowest, took);
    console.log(`${String(k + 1).padStart(3)}/${open.length} ${job.table} ${job.id}: ${took.toFixed(0)} s${r.stopped ? `, stopped after ${r.stopped} s` : r.failed ? `, FAILED: ${r.failed}` : r.unjudged ? `, NOT JUDGED: ${r.unjudged}` : `, fit ${r.fit.toFixed(1)} s, shapes ${r.shapes?.toFixed(3) ?? '-'}, pairs ${r.pairs?.toFixed(3) ?? '-'}, two-sample ${r.twoSample?.toFixed(3) ?? '-'}, utility ${r.utility?.toFixed(3) ?? '-'}`}`);
  }
} finally {
  judge.close();
  rmSync(work, { recursive: true, force: true });
}
if (left) console.log(`\nOut of time with ${left} to do: the same command goes on from here.`);
console.log(`\n${markdown(results.filter((r) => ready.has(r.table)))}`);

// `npm run bench -- DATA [--tables adult,magic] [--seeds 4] [--out FILE] [--flags=--no-protection]`: the main job on public tables, by default settings
// with --holdout, against the limits that the project sets itself. DATA is a folder with the tables named below (as CSV,
// header first); tables without a holdout file are divided 80/20. Wall time is from command to finished report.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pythonShuffle } from './python-shuffle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { tables: { type: 'string' }, seeds: { type: 'string', default: '4' }, out: { type: 'string' }, flags: { type: 'string', default: '' } } });
const data = positionals[0];
if (!data) { console.error('Usage: npm run bench -- DATA [--tables adult,magic] [--seeds 4] [--out FILE] [--flags="..."]'); process.exit(2); }

/**
 * Limits. `cart` holds sequential CART's shapes and pair trends (synthpop-like: leaf donors, minimum leaf 5), to be reached
 * within .005; `real` is read from our own train-on-real figure in the same report.
 */
const tables = {
  adult: { train: 'adult/train.csv', holdout: 'adult/holdout.csv', outcome: 'income', limits: { shapes: 0.994, pairs: 0.985, twoSample: 0.53, utilityLoss: 0.008, membership: 0.52 } },
  magic: { file: 'magic.csv', outcome: 'class-_', limits: { shapes: 0.99, pairs: 0.985, twoSample: 0.55, utilityLoss: 0.015 } },
  california: { file: 'california_housing.csv', outcome: 'median_house_value', limits: { shapes: 0.99, twoSample: 0.57, utilityLoss: 0.045 } },
  default_credit: { file: 'default_credit.csv', outcome: 'default_next_month', cart: [0.993, 0.994] },
  compas: { file: 'compas_two_years.csv', outcome: 'two_year_recid', cart: [0.994, 0.968] },
  mammography: { file: 'mammography.csv', outcome: 'class', cart: [0.991, 0.974] },
  heart: { file: 'heart_4_hospitals.csv', outcome: 'num', cart: [0.975, 0.924] },
  titanic: { file: 'titanic.csv', outcome: 'Survived', cart: [0.948, 0.883] },
  churn2: { file: 'churn2.csv', outcome: 'exited', cart: [0.98, 0.674] },
  ett: { file: 'ett_h1.csv', outcome: 'OT', cart: [0.992, 0.999] },
};

const work = join(tmpdir(), `understudy-bench-${process.pid}`);
mkdirSync(work, { recursive: true });

/** The division behind the published figures of sequential CART: the rows in the order of Python's random.seed(0), random.shuffle, the first 80% to train on. No cell of these tables holds a line break. */
function divide(name, path) {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean), head = lines.shift();
  const order = pythonShuffle(lines.length, 0), cut = Math.floor(0.8 * lines.length), files = [join(work, `${name}.train.csv`), join(work, `${name}.holdout.csv`)];
  const part = (rows) => [head, ...rows.map((i) => lines[i]), ''].join('\n');
  writeFileSync(files[0], part(order.slice(0, cut)));
  writeFileSync(files[1], part(order.slice(cut)));
  return files;
}

const figure = (report, id) => report.figures.find((f) => f.metric === id);
function summarise(report, seconds) {
  const value = (id) => figure(report, id)?.value ?? null;
  const utility = figure(report, 'utility.tstr'), near = figure(report, 'privacy.near-copies'), exact = figure(report, 'privacy.exact-copies'), member = figure(report, 'privacy.membership-auc');
  return {
    seconds, shapes: value('fidelity.shapes'), shapesReal: figure(report, 'fidelity.shapes')?.reference?.value,
    pairs: value('fidelity.pair-trends'), pairsAll: value('fidelity.pair-trends-all'), twoSample: value('fidelity.two-sample'),
    utility: utility?.value ?? null, utilityReal: utility?.reference?.value ?? null,
    membership: member?.value ?? null, membershipUpper: member?.detail?.upper ?? member?.interval?.high ?? null, membershipVerdict: member?.verdict,
    near: { value: near?.value ?? null, control: near?.reference?.value ?? null, verdict: near?.verdict },
    exact: { value: exact?.value ?? null, control: exact?.reference?.value ?? null, verdict: exact?.verdict },
    verdicts: report.verdicts.map((v) => `${v.family}: ${v.verdict}`).join(', '),
  };
}
function failures(name, r) {
  const t = tables[name], l = t.limits ?? { shapes: t.cart[0] - 0.005, pairs: t.cart[1] - 0.005 }, out = [];
  const need = (ok, what) => { if (!ok) out.push(what); };
  need(r.seconds < 90, 'time');
  need(r.shapes >= l.shapes, 'shapes');
  if (l.pairs) need(r.pairs >= l.pairs, 'pair trends');
  if (l.twoSample) need(r.twoSample <= l.twoSample, 'two-sample');
  if (l.utilityLoss) need(r.utilityReal - r.utility <= l.utilityLoss, 'utility');
  if (l.membership) need(r.membership <= l.membership, 'membership');
  for (const k of ['near', 'exact']) need(r[k].verdict !== 'poor', `${k} copies`);
  need(r.membershipVerdict !== 'poor', 'membership verdict');
  return out;
}

const chosen = values.tables ? values.tables.split(',') : Object.keys(tables), rows = [];
const digits = (v, n = 4) => (v === null || v === undefined ? '-' : v.toFixed(n));
console.log(`${cpus().length} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`);
for (const name of chosen) {
  const t = tables[name];
  const [train, holdout] = t.train ? [join(data, t.train), join(data, t.holdout)] : existsSync(join(data, t.file)) ? divide(name, join(data, t.file)) : [];
  if (!train || !existsSync(train)) { console.log(`${name}: not found in ${data}`); continue; }
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const out = join(work, `${name}.${seed}.csv`), reportFile = join(work, `${name}.${seed}.html`), began = performance.now();
    const run = spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), 'synthesize', train, '--holdout', holdout, '--outcome', t.outcome, '--seed', String(seed), '--out', out, '--report', reportFile, '--in', work, '--json', '--force', ...values.flags.split(' ').filter(Boolean)], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const seconds = (performance.now() - began) / 1000;
    if (run.status !== 0) { console.log(`${name} seed ${seed}: exit ${run.status}: ${run.stderr.split('\n').slice(-4).join(' ')}`); rows.push({ name, seed, failed: ['run'] }); continue; }
    const folder = JSON.parse(run.stdout).folder ?? JSON.parse(run.stdout).run?.folder;
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    const r = summarise(report, seconds), failed = failures(name, r);
    rows.push({ name, seed, ...r, failed });
    console.log(`${name} ${seed}: ${seconds.toFixed(0)} s  shapes ${digits(r.shapes)} (real ${digits(r.shapesReal)})  pairs ${digits(r.pairs)}/${digits(r.pairsAll)}  two-sample ${digits(r.twoSample, 3)}  utility ${digits(r.utility)} (real ${digits(r.utilityReal)})  membership ${digits(r.membership, 3)} (<${digits(r.membershipUpper, 3)})  near ${digits(r.near.value)} (control ${digits(r.near.control)})  exact ${digits(r.exact.value)} (${digits(r.exact.control)})  ${r.verdicts}  ${failed.length ? 'MISSES ' + failed.join(', ') : 'meets all'}`);
  }
}
if (values.out) writeFileSync(values.out, JSON.stringify(rows, null, 1));
const missed = rows.filter((r) => r.failed.length).length;
console.log(`${rows.length - missed} of ${rows.length} runs meet every limit`);
process.exit(missed ? 1 : 0);

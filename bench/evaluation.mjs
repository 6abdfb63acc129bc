// How long judging takes: `npm run bench:evaluation -- DATA [--suite standard,full] [--million] [--neighbours]` (after `npm run build`). DATA holds adult/train.csv and
// adult/holdout.csv. A stand-in of independent columns is made first (what it is like does not change the time much); then wall time, processor time and the
// peak memory of all processes for the standard report and for everything, and from the run's log where the time went. --million also judges a million rows by these suites (rows of train.csv drawn
// again and again, numbers moved a little). --neighbours: nearest neighbours of 32,561 rows among as many, beside scikit-learn's of the same rows in the same run where PYTHON names an
// interpreter that has it. --suite '' judges nothing.
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { suite: { type: 'string', default: 'standard,full' }, million: { type: 'boolean' }, neighbours: { type: 'boolean' } } });
const data = positionals[0], train = join(data ?? '', 'adult', 'train.csv'), holdout = join(data ?? '', 'adult', 'holdout.csv');
if (!data || !existsSync(train)) { console.error('Name a folder that holds adult/train.csv and adult/holdout.csv.'); process.exit(2); }
const cli = join(root, 'dist', 'cli.js'), folder = mkdtempSync(join(tmpdir(), 'understudy-bench-')), at = (name) => join(folder, name);
console.log(`${cpus().length} cores, ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)} before`);

/** Peak resident memory of a process and all it started, and their processor time; Linux only, else NaN. */
const peaks = new Map();
function look(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8'), stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    peaks.set(pid, { kb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0), seconds: (Number(stat[11]) + Number(stat[12])) / 100 });
    for (const task of readdirSync(`/proc/${pid}/task`)) for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean)) look(Number(child));
  } catch { /* it ended, or this is no Linux */ }
}
async function timed(label, args) {
  peaks.clear();
  const from = performance.now(), child = spawn(process.execPath, [cli, ...args, '--quiet', '--in', folder], { stdio: ['ignore', 'ignore', 'inherit'] }), timer = setInterval(() => look(child.pid), 100);
  const code = await new Promise((done) => child.on('exit', done));
  clearInterval(timer);
  const all = [...peaks.values()], gb = all.reduce((s, p) => s + p.kb, 0) / 2 ** 20;
  console.log(`${label}: ${((performance.now() - from) / 1000).toFixed(1)} s wall, ${all.reduce((s, p) => s + p.seconds, 0).toFixed(1)} s processor, ${gb.toFixed(2)} GB at most${code ? `, FAILED with ${code}` : ''}`);
  const log = judgedIn();
  if (log) console.log(`  ${log}`);
}

/** What the log of the latest run says of the time that metrics took. */
function judgedIn() {
  const runs = join(folder, '.understudy', 'runs'), [last] = (existsSync(runs) ? readdirSync(runs) : []).sort().reverse();
  return last && /judged in .*/.exec(readFileSync(join(runs, last, 'log.txt'), 'utf8'))?.[0];
}

try {
  const suites = values.suite.split(',').filter(Boolean);
  if (suites.length) await timed('a stand-in of independent columns', ['synthesize', train, '--holdout', holdout, '--generator', 'independent', '--seed', '7', '--out', at('made.csv'), '--outcome', 'income']);
  for (const suite of suites) await timed(`evaluate, ${suite}`, ['evaluate', train, at('made.csv'), '--holdout', holdout, '--outcome', 'income', '--suite', suite, '--report', at(`${suite}.html`)]);
  if (values.million) {
    const [header, ...rows] = readFileSync(train, 'utf8').trim().split(/\r?\n/);
    for (const [name, shift] of [['million.csv', 1], ['million-made.csv', 2]]) {
      const out = createWriteStream(at(name));
      out.write(`${header}\n`);
      for (let i = 0, k = shift; i < 1_000_000; i++) {
        k = (Math.imul(k, 1664525) + 1013904223) >>> 0;
        const cells = rows[k % rows.length].split(','), which = cells.findIndex((c) => /^\s*\d{4,}$/.test(c));
        if (which >= 0) cells[which] = String(Number(cells[which]) + (k >>> 28));
        if (!out.write(`${cells.join(',')}\n`)) await new Promise((done) => out.once('drain', done));
      }
      await new Promise((done) => out.end(done));
    }
    for (const suite of suites) await timed(`evaluate, ${suite}, a million rows`, ['evaluate', at('million.csv'), at('million-made.csv'), '--holdout', holdout, '--outcome', 'income', '--suite', suite, '--report', at(`million-${suite}.html`)]);
  }
  if (values.neighbours) {
    const [queries, reference, width] = [32561, 32561, 110];
    console.log(execFileSync('npx', ['tsx', join(root, 'bench', 'learners', 'neighbours.mts'), ...[queries, reference, width, 1].map(String)], { cwd: root, encoding: 'utf8', env: { ...process.env, POINTS: folder } }).trim());
    if (process.env.PYTHON) {
      const code = [
        'import numpy as np, sys, time', 'from sklearn.neighbors import NearestNeighbors', 'import sklearn',
        `q, r = (np.fromfile(f"{sys.argv[1]}/{n}.f32", dtype=np.float32).reshape(-1, ${width}) for n in "qr")`,
        't, c = time.time(), time.process_time()', 'd, _ = NearestNeighbors(n_neighbors=1, algorithm="brute", n_jobs=-1).fit(r).kneighbors(q)',
        'print(f"scikit-learn {sklearn.__version__}, brute force, the same rows: {time.time() - t:.1f} s, {time.process_time() - c:.1f} CPU s; first distance {d[0, 0]:.9g}, mean {d.mean():.9g}")',
      ].join('\n');
      console.log(execFileSync(process.env.PYTHON, ['-c', code, folder], { encoding: 'utf8' }).trim());
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// What intervals cover, what verdicts accuse and what leaks are found, by simulation: `node bench/coverage.mjs [--runs 2000] [--draws 200] [--only coverage|alarms|leaks] [--write]`.
// Runs the slow lane's tests, each on its own, and prints their tables; `--write` puts them into bench/coverage.md. About half an hour of one idle core; `--runs 200` a tenth of the first part.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..'), args = process.argv.slice(2), option = (name, or) => (args.includes(name) ? args[args.indexOf(name) + 1] : or);
const runs = option('--runs', '2000'), draws = option('--draws', '200'), only = option('--only', '');
const parts = [
  { part: 'coverage', file: 'server/evaluation/coverage.slow.ts', env: { COVERAGE_RUNS: runs } },
  { part: 'coverage', file: 'server/evaluation/coverage-rows.slow.ts', env: { COVERAGE_RUNS: runs } },
  { part: 'alarms', file: 'server/report/false-alarms.slow.ts', env: { DRAWS: draws } },
  { part: 'leaks', file: 'server/evaluation/privacy/attacks.slow.ts', env: { TRIALS: draws } },
].filter(p => !only || p.part === only);

/** What a test file prints, whether it passed or not, and the processor's seconds. */
const run = ({ file, env }) => new Promise((resolve, reject) => {
  const child = spawn('npx', ['vitest', 'run', '-c', 'vitest.slow.config.ts', file, '--reporter=verbose'], { cwd: root, env: { ...process.env, ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', d => { text += d; process.stderr.write(d); });
  child.on('error', reject).on('exit', code => resolve({ text, passed: code === 0 }));
});

const tables = { coverage: [], alarms: [], leaks: [] }, failed = [];
for (const p of parts) {
  const { text, passed } = await run(p);
  if (!passed) failed.push(p.file);
  for (const line of text.split('\n')) {
    const c = /^(?:stdout.*\| )?(.+): ([\d.]+) of (\d+)(?:, mean width ([\d.]+))?, p = (\S+)$/.exec(line.trim());
    if (p.part === 'coverage' && c) tables.coverage.push(`| ${c[1]} | ${c[2]} | ${c[3]} | ${c[4] ?? ''} | ${c[5]} |`);
    if (p.part === 'alarms' && /^\| .* of .* \|$/.test(line.trim())) tables.alarms.push(line.trim());
    if (p.part === 'leaks' && line.includes('found in')) tables.leaks.push(`- ${line.trim()}`);
  }
}
const heads = {
  coverage: ['| figure, and what is asked of it | share of draws | draws | mean width | p |', '|---|---|---|---|---|'],
  alarms: ['| figure | accused | level | p |', '|---|---|---|---|'], leaks: [],
};
for (const k of Object.keys(tables)) if (tables[k].length) console.log([`\n## ${k}`, ...heads[k], ...tables[k]].join('\n'));
console.log(failed.length ? `\nRefused: ${failed.join(', ')}` : '\nNothing refused.');
if (args.includes('--write')) {
  const path = join(root, 'bench/coverage.md');
  let text = readFileSync(path, 'utf8');
  for (const k of Object.keys(tables)) if (tables[k].length) text = text.replace(new RegExp(`(<!-- ${k} -->)[\\s\\S]*?(<!-- /${k} -->)`), () => `<!-- ${k} -->\n${[...heads[k], ...tables[k]].join('\n')}\n<!-- /${k} -->`);
  writeFileSync(path, text);
}
process.exitCode = failed.length ? 1 : 0;

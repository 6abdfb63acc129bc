// `npm run bench:purposes -- DATA [--only release,augmentation,fairness,transfer,completion] [--samples 24] [--seed 1] [--whole] [--rows 4000] [--direct]` after a build: whether each of the five purposes hits its target on real tables,
// from a .synth file through the command line; faults are planted, and must be seen. `--direct`: compiled and carried out without workers and reports, which takes most of the time away. `--whole`: Adult's targets are fitted by the default settings, not by 300 steps of a small network. Prints the table of bench/purposes.md; exit code 1 where a target was not reached or a fault not seen.
// DATA holds adult/train.csv, adult/holdout.csv and heart_4_hospitals.csv (public; not part of this project). With `--direct` about six minutes of one idle core.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url))), [data, ...rest] = process.argv.slice(2), cli = process.env.UNDERSTUDY_CLI ?? join(root, 'dist', 'cli.js');
if (!data || !existsSync(join(data, 'adult', 'train.csv'))) { console.error('Usage: npm run bench:purposes -- DATA [--only PURPOSE,...] [--samples 24] [--seed 1] [--whole] [--rows 4000], where DATA holds adult/train.csv, adult/holdout.csv and heart_4_hospitals.csv'); process.exit(2); }
if (!existsSync(cli)) { console.error('Build first: npm run build'); process.exit(2); }
const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-')), main = join(folder, 'main.cjs');
try {
  buildSync({ entryPoints: [join(root, 'bench/purposes/main.ts')], outfile: main, bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['onnxruntime-node', '@duckdb/node-api'], mainFields: ['module', 'main'], conditions: ['node'], logLevel: 'error' });
  process.exitCode = spawnSync(process.execPath, [main, data, cli, ...rest], { stdio: 'inherit', env: { ...process.env, NODE_PATH: join(root, 'node_modules') } }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

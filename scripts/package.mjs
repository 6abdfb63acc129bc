/**
 * `npm run package [-- --target linux-arm64 | --all]`: one VSIX for one platform (default: this one), with only that platform's native libraries.
 * This platform's works offline; another one's DuckDB is fetched once (natives.mjs) and kept in .cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { duckdbFolder, lendDuckdb, onnxFolder, targets } from './natives.mjs';
import { faults, pageOf } from './vsix.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** The most a package may take of a user's line, for the platform that most servers and containers have. */
const mostMegabytes = { 'linux-x64': 70 };

const fail = (message) => { console.error(message); process.exit(2); };
const at = process.argv.indexOf('--target');
const asked = process.argv.includes('--all') ? targets : [at > 0 ? process.argv[at + 1] : `${process.platform}-${process.arch}`];
for (const target of asked) if (!targets.includes(target)) fail(`No package can be made for ${target}. Choose one of ${targets.join(', ')}.`);

const node = (args) => { const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }); if (status) process.exit(status); };
// --built: what lies in dist is as wanted, by whoever calls.
if (!process.argv.includes('--built')) node(['esbuild.mjs', '--minify']);
let wrong = 0;
for (const target of asked) {
  const giveBack = lendDuckdb(root, target);
  try {
    pack(target);
  } finally { giveBack(); }
}
process.exitCode = wrong ? 1 : 0;

function pack(target) {
  const [onnx, duckdb] = [onnxFolder(target), duckdbFolder(target)];
  for (const folder of [onnx, duckdb]) if (!existsSync(path.join(root, folder))) fail(`${folder} is not installed; without it the extension would not run on ${target}.`);
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  const ignore = path.join(root, 'dist', `vscodeignore-${target}`);
  const natives = [`!${onnx}/**`, `!${duckdb}/package.json`, `!${duckdb}/*.node`, `!${duckdb}/*.so`, `!${duckdb}/*.dylib`, `!${duckdb}/*.dll`];
  // The same library again under its full version: the binding loads the short name.
  if (target.startsWith('darwin')) natives.push(`${onnx}/libonnxruntime.*.*.*.dylib`);
  writeFileSync(ignore, `${readFileSync(path.join(root, '.vscodeignore'), 'utf8').replace(/^!README\.md$/m, '')}\n${natives.join('\n')}\n`);
  const readme = path.join('dist', 'readme.md');
  writeFileSync(path.join(root, readme), pageOf(readFileSync(path.join(root, 'README.md'), 'utf8')));

  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const out = path.join(root, `understudy-${target}-${version}.vsix`);
  node([path.join('node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--target', target, '--ignoreFile', path.relative(root, ignore), '--allow-missing-repository', '--readme-path', readme, '--out', out]);
  const megabytes = statSync(out).size / 1e6, found = faults(out, target);
  if (megabytes > (mostMegabytes[target] ?? Infinity)) found.push(`${megabytes.toFixed(1)} MB, and at most ${mostMegabytes[target]} are wanted`);
  console.log(`${path.basename(out)}: ${megabytes.toFixed(1)} MB${found.length ? `\n  ${found.slice(0, 20).join('\n  ')}` : ''}`);
  wrong += found.length;
}

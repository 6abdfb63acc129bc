/**
 * `npm run package [-- --target linux-x64]`: one VSIX for one platform, with only that platform's native libraries.
 * Works offline. The natives of another platform must be installed first:
 * `npm install --no-save --os=darwin --cpu=arm64 @duckdb/node-bindings-darwin-arm64@VERSION`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Platforms for which both native libraries ship; ONNX Runtime has none for Macs with Intel processors. */
const targets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

const at = process.argv.indexOf('--target');
const target = at > 0 ? process.argv[at + 1] : `${process.platform}-${process.arch}`;
const fail = (message) => { console.error(message); process.exit(2); };
if (!targets.includes(target)) fail(`No package can be made for ${target}. Choose one of ${targets.join(', ')}.`);
const [os, cpu] = target.split('-');

const onnx = `node_modules/onnxruntime-node/bin/napi-v6/${os}/${cpu}`;
const duckdb = `node_modules/@duckdb/node-bindings-${target}`;
for (const folder of [onnx, duckdb]) if (!existsSync(path.join(root, folder))) fail(`${folder} is not installed; without it the extension would not run on ${target}.`);

const node = (args) => { const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }); if (status) process.exit(status); };
node(['esbuild.mjs', '--minify']);

mkdirSync(path.join(root, 'dist'), { recursive: true });
const ignore = path.join(root, 'dist', `vscodeignore-${target}`);
const natives = [`!${onnx}/**`, `!${duckdb}/package.json`, `!${duckdb}/*.node`, `!${duckdb}/*.so`, `!${duckdb}/*.dylib`, `!${duckdb}/*.dll`];
// The same library again under its full version: the binding loads the short name.
if (os === 'darwin') natives.push(`${onnx}/libonnxruntime.*.*.*.dylib`);
writeFileSync(ignore, `${readFileSync(path.join(root, '.vscodeignore'), 'utf8')}\n${natives.join('\n')}\n`);

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.join(root, `understudy-${target}-${version}.vsix`);
node([path.join('node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--target', target, '--ignoreFile', path.relative(root, ignore), '--allow-missing-repository', '--skip-license', '--out', out]);
console.log(`${path.basename(out)}: ${(statSync(out).size / 1e6).toFixed(1)} MB`);

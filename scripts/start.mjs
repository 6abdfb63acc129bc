// `npm start [-- FILE [options]]`: installs and builds what is missing, then makes a synthetic table and a report of FILE,
// or of a real sample that comes with an npm package. Plain Node, nothing installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, 'understudy-output');
const started = process.env.INIT_CWD ?? process.cwd(); // where the user typed `npm start`

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 11)) fail(`Node ${process.versions.node} is too old; Understudy needs 20.11 or newer.`, 2);

if (!existsSync(join(root, 'node_modules', 'esbuild')) || !existsSync(join(root, 'node_modules', 'onnxruntime-node'))) {
  say('Installing (once) ...');
  // A lockfile made where a registry lacks other platforms' packages fails the strict `ci`; `install` then fills in what
  // this platform needs, keeps every locked version, and writes nothing.
  if (npm(false, 'ci', '--include=dev') !== 0) {
    say('The lockfile does not cover this machine; installing the locked versions with what is missing ...');
    npm(true, 'install', '--no-save', '--include=dev');
  }
}
say('Building ...');
node(join(root, 'esbuild.mjs'));

mkdirSync(output, { recursive: true });
const [file, ...options] = process.argv.slice(2);
const given = file !== undefined && !file.startsWith('-');
const source = given ? resolve(started, file) : sample();
const flags = given ? options : process.argv.slice(2);
if (!given && !flags.includes('--outcome')) flags.push('--outcome', 'Effect Amount of damage');
if (!flags.includes('--out')) {
  const { stem, ending } = split(basename(source));
  flags.push('--out', join(output, `${stem}.synthetic${ending}`), '--force');
}
// An example's runs belong to the example; a user's file keeps its own.
if (!flags.includes('--in')) flags.push('--in', given ? dirname(source) : output);

say(`$ understudy synthesize ${[source, ...flags].map((w) => (/\s/.test(w) ? `"${w}"` : w)).join(' ')}\n`);
node(join(root, 'dist', 'cli.js'), 'synthesize', source, ...flags);

/**
 * The sample: 10,000 collisions of aircraft with birds (United States, 1990-2002, from the Federal Aviation Administration) in
 * 14 columns of names, dates, grades and costs, as the npm package vega-datasets carries it.
 */
function sample() {
  const path = join(output, 'birdstrikes.csv');
  writeFileSync(path, readFileSync(join(root, 'node_modules', 'vega-datasets', 'data', 'birdstrikes.csv')));
  say(`The sample: 10,000 bird strikes from the npm package vega-datasets -> ${path}`);
  return path;
}

function split(name) {
  const ending = ['.csv.gz', '.csv', '.tsv', '.parquet', '.jsonl', '.arrow', '.feather'].find((e) => name.toLowerCase().endsWith(e)) ?? '';
  return { stem: ending ? name.slice(0, -ending.length) : name, ending: ending || '.csv' };
}

function node(...args) {
  run(process.execPath, args, { must: true });
}

function npm(must, ...args) {
  args.push('--no-audit', '--no-fund', must ? '--loglevel=error' : '--silent');
  // npm tells its scripts where it is; asking the running Node to run it avoids npm.cmd and a shell on Windows.
  const cli = process.env.npm_execpath;
  if (cli && /\.c?js$/.test(cli)) return run(process.execPath, [cli, ...args], { must });
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { must, shell: process.platform === 'win32' });
}

function run(command, args, { must, shell = false }) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } });
  if (error) fail(error.message, 1);
  const code = status ?? (signal === 'SIGINT' ? 130 : 1);
  if (must && code !== 0) process.exit(code);
  return code;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text, code) {
  say(text);
  process.exit(code);
}

/**
 * `npm test`: installs what is missing, builds, typechecks, runs the unit and conformance tests (Vitest; the language
 * server over stdio is among them) and, beside them, the extension in a real VS Code, and ends with `N passed, N failed` alone on the
 * last line. `--slow` runs the long lane (*.slow.ts, the slow stories, and the packaged extension in the editor) instead of the tests. Plain Node: nothing need be installed yet.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const slow = process.argv.includes('--slow');
const out = path.join(root, 'dist', 'test-results');
let passed = 0;
let failed = 0;

/**
 * Each step is bounded: a hang is a failure, not a machine held for ever.
 * @param {{ mark?: string, polite?: boolean }} [beside] for a step that goes on beside another: what its lines begin with, and whether it gives way
 */
function step(title, command, args, minutes, env = {}, { mark, polite = false } = {}) {
  const say = (text) => console.log(mark ? `${mark} ${text}` : text);
  say(`${mark ? '' : '\n'}== ${title}`);
  const started = Date.now();
  // Colours are asked for where the pipe, which marks the lines, would hide that there is a terminal.
  const colours = mark && process.stdout.isTTY && process.env.NO_COLOR === undefined ? { FORCE_COLOR: '1' } : {};
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', mark ? 'pipe' : 'inherit', mark ? 'pipe' : 'inherit'], timeout: minutes * 60_000, killSignal: 'SIGTERM', env: { ...process.env, ...colours, ...env }, shell: process.platform === 'win32' && command === 'npm' });
    // Threads and processes that it starts later inherit this; where it may not be set all are equal.
    if (polite && child.pid) try { setPriority(child.pid, 5); } catch { /* not allowed here */ }
    if (mark) for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', say);
    let wrong, late;
    child.on('error', (error) => { wrong = String(error); });
    // What a step left behind may hold its pipes open: its own end counts, and its last lines have a moment to come.
    child.on('exit', (status, signal) => { late = setTimeout(() => ended(status, signal), 3000); });
    child.on('close', (status, signal) => ended(status, signal));
    function ended(status, signal) {
      clearTimeout(late);
      child.removeAllListeners('close');
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
      const seconds = (Date.now() - started) / 1000;
      if (signal) wrong ??= seconds >= minutes * 60 ? `not done after ${minutes} minutes` : `ended by ${signal}`;
      if (wrong) say(`${title}: ${wrong}`);
      say(`== ${title}: ${status === 0 && !wrong ? 'done' : 'FAILED'} in ${seconds.toFixed(0)} s`);
      resolve(status === 0 && !wrong);
    }
  });
}

/** A step that counts as one failure when it fails: nothing that went wrong is missing from the last line. */
async function must(...args) {
  const good = await step(...args);
  if (!good) failed++;
  return good;
}

function read(name) {
  try { return JSON.parse(readFileSync(path.join(out, name), 'utf8')); } catch { return undefined; }
}

/** @param beside as for `step` */
async function vitest(beside) {
  const file = path.join(out, 'vitest.json');
  // The slow lane has its own file names, so that plain `vitest run` never meets it.
  const lane = slow ? ['--config', 'vitest.slow.config.ts'] : [];
  const good = await step(slow ? 'Slow lane' : 'Unit and conformance tests', process.execPath, [path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...lane, '--reporter=default', '--reporter=./scripts/flaky-reporter.mjs', '--reporter=json', `--outputFile.json=${file}`], slow ? 240 : 30, { CI: 'true', UNDERSTUDY_DIST: path.join(root, 'dist') }, beside);
  const counts = read('vitest.json');
  if (counts) { passed += counts.numPassedTests; failed += counts.numFailedTests; sayFlaky(flakyUnits(counts).length, beside?.mark); }
  // A file that does not load, or a crash, fails no test by name; it fails here.
  if (!good && !counts?.numFailedTests) failed++;
  if (good && !counts?.numPassedTests) { console.error('No tests were found.'); failed++; }
}

/** Tests of Vitest's report that passed, but not the first time: an error is kept with them. */
const flakyUnits = ({ testResults }) => testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status, failureMessages }) => status === 'passed' && failureMessages?.length));

/** Flaky tests passed when they were told again (run.mjs of the editor says why that is done): they are said, and are no failures. */
function sayFlaky(count, mark) {
  if (count) console.log(`${mark ? `${mark} ` : ''}== ${count} of them flaky: failed once, and passed when told again`);
}

/** What run.mjs of the editor counted. */
function inEditor(good, counts, mark) {
  if (counts) { passed += counts.passed + (counts.flaky ?? 0); failed += counts.failed; }
  sayFlaky(counts?.flaky, mark);
  if (!good && !counts?.failed) failed++;
}

/** @param beside as for `step` */
async function editor(beside) {
  const good = await step('The extension in VS Code', process.execPath, [path.join('test', 'vscode', 'run.mjs'), '--json', path.join(out, 'vscode.json')], 30, {}, beside);
  inEditor(good, read('vscode.json'), beside?.mark);
}

/** The package for this platform as a user gets it: made, looked through, installed in the editor, and used. */
async function packaged() {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const file = path.join(root, `understudy-${process.platform}-${process.arch}-${version}.vsix`);
  if (!await must('Package', process.execPath, [path.join('scripts', 'package.mjs')], 10)) return;
  const good = await step('The package, installed in VS Code', process.execPath, [path.join('test', 'vscode', 'run.mjs'), '--ui', '--only', 'stories.mjs', '--vsix', file, '--json', path.join(out, 'vsix.json')], 15);
  inEditor(good, read('vsix.json'));
}

/** Stories in the editor that take minutes. */
async function slowStories() {
  const good = await step('Slow stories in VS Code', process.execPath, [path.join('test', 'vscode', 'run.mjs'), '--ui', '--slow', '--json', path.join(out, 'slow-stories.json')], 45);
  inEditor(good, read('slow-stories.json'));
}

async function main() {
  const installed = existsSync(path.join(root, 'node_modules', 'vitest')) && existsSync(path.join(root, 'node_modules', 'onnxruntime-node'));
  if (!installed && !await must('Install', 'npm', ['ci', '--no-audit', '--no-fund', '--include=dev'], 10)) return;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  if (!await must('Build', process.execPath, ['esbuild.mjs'], 3)) return;
  if (slow) {
    await vitest();
    await slowStories();
    await packaged();
    return;
  }
  // A window mostly waits: for its server, for a page, for a run. Meanwhile the unit tests compute, and give way whenever the editor has something to do.
  const unit = { mark: 'unit   |', polite: true };
  await Promise.all([
    must('Typecheck', process.execPath, [path.join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json'], 15, {}, unit).then(() => vitest(unit)),
    editor({ mark: 'editor |' }),
  ]);
}

await main();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;

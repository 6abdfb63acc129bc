/**
 * `npm test`: installs what is missing, builds, typechecks, runs the unit and conformance tests (Vitest; the language
 * server over stdio is among them) and the extension in a real VS Code, and ends with `N passed, N failed` alone on the
 * last line. `--slow` runs the long lane (*.slow.ts, the slow stories, and the packaged extension in the editor) instead of the tests. Plain Node: nothing need be installed yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const slow = process.argv.includes('--slow');
const out = path.join(root, 'dist', 'test-results');
let passed = 0;
let failed = 0;

/** Each step is bounded: a hang is a failure, not a machine held for ever. */
function step(title, command, args, minutes, env = {}) {
  console.log(`\n== ${title}`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], timeout: minutes * 60_000, killSignal: 'SIGTERM', env: { ...process.env, ...env }, shell: process.platform === 'win32' && command === 'npm' });
  if (error) console.error(error.code === 'ETIMEDOUT' ? `${title}: not done after ${minutes} minutes` : String(error));
  console.log(`== ${title}: ${status === 0 ? 'done' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return status === 0;
}

/** A step that counts as one failure when it fails: nothing that went wrong is missing from the last line. */
function must(...args) {
  const good = step(...args);
  if (!good) failed++;
  return good;
}

function read(name) {
  try { return JSON.parse(readFileSync(path.join(out, name), 'utf8')); } catch { return undefined; }
}

function vitest() {
  const file = path.join(out, 'vitest.json');
  // The slow lane has its own file names, so that plain `vitest run` never meets it.
  const lane = slow ? ['--config', 'vitest.slow.config.ts'] : [];
  const good = step(slow ? 'Slow lane' : 'Unit and conformance tests', process.execPath, [path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...lane, '--reporter=default', '--reporter=./scripts/flaky-reporter.mjs', '--reporter=json', `--outputFile.json=${file}`], slow ? 240 : 14, { CI: 'true' });
  const counts = read('vitest.json');
  if (counts) { passed += counts.numPassedTests; failed += counts.numFailedTests; sayFlaky(flakyUnits(counts).length); }
  // A file that does not load, or a crash, fails no test by name; it fails here.
  if (!good && !counts?.numFailedTests) failed++;
  if (good && !counts?.numPassedTests) { console.error('No tests were found.'); failed++; }
}

/** Tests of Vitest's report that passed, but not the first time: an error is kept with them. */
const flakyUnits = ({ testResults }) => testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status, failureMessages }) => status === 'passed' && failureMessages?.length));

/** Flaky tests passed when they were told again (run.mjs of the editor says why that is done): they are said, and are no failures. */
function sayFlaky(count) {
  if (count) console.log(`== ${count} of them flaky: failed once, and passed when told again`);
}

/** What run.mjs of the editor counted. */
function inEditor(good, counts) {
  if (counts) { passed += counts.passed + (counts.flaky ?? 0); failed += counts.failed; }
  sayFlaky(counts?.flaky);
  if (!good && !counts?.failed) failed++;
}

function editor() {
  const good = step('The extension in VS Code', process.execPath, [path.join('test', 'vscode', 'run.mjs'), '--json', path.join(out, 'vscode.json')], 30);
  inEditor(good, read('vscode.json'));
}

/** The package for this platform as a user gets it: made, looked through, installed in the editor, and used. */
function packaged() {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const file = path.join(root, `understudy-${process.platform}-${process.arch}-${version}.vsix`);
  if (!must('Package', process.execPath, [path.join('scripts', 'package.mjs')], 10)) return;
  const good = step('The package, installed in VS Code', process.execPath, [path.join('test', 'vscode', 'run.mjs'), '--ui', '--only', 'stories.mjs', '--vsix', file, '--json', path.join(out, 'vsix.json')], 15);
  inEditor(good, read('vsix.json'));
}

/** Stories in the editor that take minutes. */
function slowStories() {
  const good = step('Slow stories in VS Code', process.execPath, [path.join('test', 'vscode', 'run.mjs'), '--ui', '--slow', '--json', path.join(out, 'slow-stories.json')], 45);
  inEditor(good, read('slow-stories.json'));
}

function main() {
  const installed = existsSync(path.join(root, 'node_modules', 'vitest')) && existsSync(path.join(root, 'node_modules', 'onnxruntime-node'));
  if (!installed && !must('Install', 'npm', ['ci', '--no-audit', '--no-fund', '--include=dev'], 10)) return;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  if (!must('Build', process.execPath, ['esbuild.mjs'], 3)) return;
  if (!slow) must('Typecheck', process.execPath, [path.join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json'], 5);
  vitest();
  if (slow) { slowStories(); packaged(); }
  else editor();
}

main();
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;

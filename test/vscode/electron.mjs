/**
 * The extension-host suite (suite/) in a desktop VS Code that @vscode/test-electron downloads: `node test/vscode/electron.mjs`,
 * or run.mjs with UNDERSTUDY_VSCODE=download. Nothing is downloaded unless one of the two asks for it, and never while anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { outcome, results } from './harness/host.mjs';
import { install } from './harness/install.mjs';
import { cache, here, root, suite } from './harness/paths.mjs';
import { within } from './harness/processes.mjs';
import { workspace } from './harness/workspace.mjs';

const help = `Usage: node test/vscode/electron.mjs [--version VERSION] [--vscode PROGRAM] [--timeout SECONDS] [--no-fallback]

Runs test/vscode/suite inside the extension host of a desktop VS Code, as "npm test" does in the browser's.
Build first: node esbuild.mjs. The stories (ui/) need the browser and do not run here.

  --version VERSION   stable (the default), insiders, or a number such as 1.100.0: downloaded once, kept under test/vscode/.cache/electron
  --vscode PROGRAM    use this VS Code and download nothing (also: UNDERSTUDY_VSCODE_PATH)
  --timeout SECONDS   how long a download may take without an answer (30)
  --no-fallback       when there is no VS Code to be had, fail; otherwise the same suite runs in the browser's VS Code
  --help              this

Environment: UNDERSTUDY_VSCODE=download makes "node test/vscode/run.mjs" do the same. A proxy is taken from HTTPS_PROXY.
On Linux without a display: xvfb-run -a node test/vscode/electron.mjs`;

/** There is no desktop VS Code to run in; the message says why, and what else can be done. */
export class NoVsCode extends Error {}

const wayOn = 'Give one that is installed (--vscode PROGRAM or UNDERSTUDY_VSCODE_PATH), or run the same suite in the browser\'s VS Code: node test/vscode/run.mjs --suite';

/** A VS Code's program: the one named, else one from the cache or the network. @throws NoVsCode */
async function program(electron, { version, given, timeout }) {
  if (given) {
    if (!existsSync(given)) throw new NoVsCode(`There is no VS Code at ${given}. ${wayOn}`);
    return given;
  }
  const cachePath = path.join(cache, 'electron');
  await mkdir(cachePath, { recursive: true });
  console.log(`VS Code ${version}: from ${path.relative(root, cachePath)}, or downloaded to it...`);
  try {
    // The library tries again by itself; what it says meanwhile is not for users.
    return await within(600_000, 'The download', electron.downloadAndUnzipVSCode({ version, cachePath, timeout: timeout * 1000, extensionDevelopmentPath: root, reporter: new electron.SilentReporter() }));
  } catch (error) {
    throw new NoVsCode(`VS Code ${version} cannot be downloaded: ${String(error?.message ?? error).split('\n')[0]}. Is there a way to update.code.visualstudio.com? ${wayOn}`);
  }
}

/**
 * @param {string} workspace the folder that the window opens
 * @param {Record<string, string>} env what the suite is told
 * @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} @throws NoVsCode
 */
export async function mochaInElectron(workspace, env, { version = 'stable', given = process.env.UNDERSTUDY_VSCODE_PATH, timeout = 30 } = {}) {
  await install();
  const loaded = await import('@vscode/test-electron'), electron = loaded.default ?? loaded;
  const vscodeExecutablePath = await program(electron, { version, given, timeout });
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) throw new NoVsCode(`A desktop VS Code needs a display, and there is none. With a virtual one: xvfb-run -a node test/vscode/electron.mjs. ${wayOn}`);
  await rm(results, { force: true });
  // Short, and not below the tests: its sockets lie in it, whose names may not be long.
  const user = await mkdtemp(path.join(tmpdir(), 'ud-'));
  const code = await electron.runTests({
    vscodeExecutablePath, extensionDevelopmentPath: root, extensionTestsPath: suite, extensionTestsEnv: env,
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust', '--disable-telemetry', `--user-data-dir=${user}`, `--extensions-dir=${path.join(user, 'extensions')}`],
  }).catch((error) => { console.error(String(error)); return 1; });
  await rm(user, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  return outcome(code);
}

/** What stands behind a flag. */
function value(args, flag) {
  const at = args.indexOf(flag);
  if (at < 0) return undefined;
  if (args[at + 1] === undefined) throw new Error(`${flag} needs a value.\n\n${help}`);
  return args[at + 1];
}

async function main(args) {
  if (args.includes('--help')) { console.log(help); return; }
  const seconds = Number(value(args, '--timeout') ?? 30), given = value(args, '--vscode'), version = value(args, '--version');
  if (!(seconds > 0)) throw new Error(`--timeout needs a number of seconds.\n\n${help}`);
  await bundle();
  const folder = await workspace();
  try {
    const { passed, failed, failures } = await mochaInElectron(folder, { UNDERSTUDY_TEST_RESULTS: results, UNDERSTUDY_TEST_WORKSPACE: folder }, { ...(version && { version }), ...(given && { given: path.resolve(given) }), timeout: seconds });
    for (const { title, message } of failures) console.error(`  ✗ ${title}\n    ${message.split('\n').slice(0, 12).join('\n    ')}`);
    console.log(`VS Code: ${passed} passed, ${failed} failed`);
    if (failed || !passed) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof NoVsCode) || args.includes('--no-fallback')) throw error;
    console.error(`${error.message}\nThe suite runs in the browser's VS Code instead.`);
    process.exitCode = spawnSync(process.execPath, [path.join(here, 'run.mjs'), '--suite'], { stdio: 'inherit', env: { ...process.env, UNDERSTUDY_VSCODE: '' } }).status ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2)).catch((error) => { console.error(error.message); process.exitCode = 1; });

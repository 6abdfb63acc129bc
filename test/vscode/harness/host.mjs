/** The Mocha suite inside a real extension host: in the browser's VS Code, or in a downloaded one. Both read the same results file. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { format } from 'node:util';
import { pathToFileURL } from 'node:url';
import { cache, root, suite } from './paths.mjs';
import { run, within } from './processes.mjs';
import { address } from './address.mjs';

/** The suite writes its counts here: the window's exit code alone cannot tell how many tests ran. */
export const results = path.join(cache, 'mocha.json');

async function outcome(code) {
  const text = await readFile(results, 'utf8').catch(() => '');
  if (!text) return { passed: 0, failed: 1, failures: [{ title: 'extension host', message: `the suite wrote no results (exit code ${code})` }] };
  const found = JSON.parse(text);
  if (code !== 0 && found.failed === 0) return { ...found, failed: 1, failures: [{ title: 'extension host', message: `ended with ${code} after its tests passed` }] };
  return found;
}

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function mochaInBrowser(browser, server, workspace, extension = root, tests = suite) {
  await mkdir(cache, { recursive: true });
  await rm(results, { force: true });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const log = createWriteStream(path.join(cache, 'host.log'));
  const code = new Promise((resolve) => {
    // The window's whole log, Mocha's included, goes to a file: it is mostly the workbench talking to itself.
    void page.exposeFunction('codeAutomationLog', (type, args) => { log.write(`${format(...(Array.isArray(args) ? args : [args]))}\n`); });
    void page.exposeFunction('codeAutomationExit', (status) => resolve(status));
  });
  try {
    await page.goto(address(server, workspace, extension, tests), { waitUntil: 'commit', timeout: 60_000 });
    return await outcome(await within(420_000, 'The suite in the extension host', code));
  } catch (error) {
    return { passed: 0, failed: 1, failures: [{ title: 'extension host', message: String(error) }] };
  } finally {
    await context.close();
    log.end();
  }
}

/** The same suite in a VS Code that @vscode/test-electron downloads. It is installed on demand: it is no use offline. */
export async function mochaInDownload(workspace, env) {
  await mkdir(cache, { recursive: true });
  await rm(results, { force: true });
  const folder = path.join(cache, 'electron');
  await mkdir(folder, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await run(npm, ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', folder, '@vscode/test-electron@2.5.2'], { cwd: folder });
  const entry = createRequire(path.join(folder, 'x.js')).resolve('@vscode/test-electron');
  const { runTests } = await import(pathToFileURL(entry).href).then((m) => m.default ?? m);
  const code = await runTests({
    extensionDevelopmentPath: root, extensionTestsPath: suite, cachePath: path.join(folder, 'vscode'),
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust', '--disable-telemetry'], extensionTestsEnv: env,
  }).catch((error) => { console.error(String(error)); return 1; });
  return outcome(code);
}

/**
 * The extension in a real VS Code: `node test/vscode/run.mjs [--suite] [--ui] [--slow] [--only WORD] [--vsix FILE] [--extension FOLDER] [--json FILE] [--keep]`.
 *
 * Default: code-server and Chromium, both from npm where the machine has none. The Mocha suite (suite/) runs inside the
 * extension host, then the stories (ui/) use the window as a user does and leave screenshots in .cache/shots.
 * Every ui/stories*.mjs has a workspace and a server of its own; --only takes those with the word (or one of several, with commas) in their name.
 * A file of which a story failed is told once more, whole, in a folder, a server and a window of its own; if that goes well its failed stories are `flaky`.
 * Stories that take long are in ui/stories*.slow.mjs: with --slow they are told alone, else only when --only names them.
 * With --vsix the stories are told of that package, installed, not of the working tree.
 * UNDERSTUDY_VSCODE=download runs the suite in a VS Code downloaded by @vscode/test-electron instead (electron.mjs; no stories:
 * those need the browser), or, where none can be had, says so and runs it in the browser. Expects the extension to be built (node esbuild.mjs).
 */
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { NoVsCode, mochaInElectron } from './electron.mjs';
import { mochaInBrowser, results } from './harness/host.mjs';
import { install } from './harness/install.mjs';
import { cache, here, root, shots } from './harness/paths.mjs';
import { way } from './harness/tell.mjs';
import { workspace } from './harness/workspace.mjs';

const given = new Set(process.argv.slice(2));
const value = (flag) => (process.argv.includes(flag) ? process.argv[process.argv.indexOf(flag) + 1] : undefined);
const out = value('--json');
const vsix = value('--vsix') && path.resolve(value('--vsix'));
const extension = value('--extension') ? path.resolve(value('--extension')) : root;
const only = value('--only')?.split(',');
const slow = given.has('--slow');
const desktop = process.env.UNDERSTUDY_VSCODE === 'download';
// A desktop VS Code tells no stories.
const suiteToo = given.has('--suite') || desktop || !(given.has('--ui') || slow), uiToo = !desktop && (given.has('--ui') || slow || !given.has('--suite'));
const total = { passed: 0, flaky: 0, failed: 0, failures: [] };

const show = ({ title, message }, mark, lines) => console.error(`  ${mark} ${title}\n    ${message.split('\n').slice(0, lines).join('\n    ')}`);

function add({ passed, flaky = [], failed, failures }) {
  total.passed += passed;
  total.flaky += flaky.length;
  total.failed += failed;
  total.failures.push(...failures);
  for (const failure of failures) show(failure, '✗', 60);
}

/**
 * Do it; if it fails, once more from the beginning, and what failed only the first time is flaky: it is said, counted and shown with its first error, but fails
 * nothing (as with Playwright's `retries`). These tests drive two programs that run at their own pace, on machines that have other things to do; a click that met a row just
 * drawn anew says nothing of the extension, and stops a change that has nothing to do with it. A defect fails both times. What is flaky twice in a while is to be mended at its cause.
 * The first time ends with the first failure: all of it is told again.
 */
async function twice(name, once) {
  const tried = () => once().catch((error) => ({ passed: 0, failed: 1, failures: [{ title: `${name}, before its first test`, message: error.stack ?? String(error) }] }));
  way.untilFailure = true;
  const first = await tried();
  if (!first.failed) return { ...first, flaky: [] };
  console.log(`${name}: ${first.failed} failed; once more, from the beginning`);
  for (const failure of first.failures) show(failure, '✗', 60);
  way.untilFailure = false;
  const second = await tried();
  if (second.failed) return { ...second, flaky: [] };
  for (const failure of first.failures) show(failure, 'flaky:', 3);
  return { ...second, passed: Math.max(0, second.passed - first.failures.length), flaky: first.failures };
}
const counts = ({ passed, flaky, failed }) => `${passed} passed, ${flaky.length ? `${flaky.length} flaky, ` : ''}${failed} failed`;

async function inBrowser() {
  await install();
  // These import what `install` has just installed.
  const { findBrowser } = await import('./harness/browser.mjs');
  const { launch } = await import('./harness/window.mjs');
  const { startServer } = await import('./harness/server.mjs');
  const found = await findBrowser();
  console.log(`Browser: ${found.label}`);
  let browser = await launch(found);
  // One that fell over takes no more than one file's first telling with it.
  const living = async () => (browser.isConnected() ? browser : (browser = await launch(found)));
  const folders = [];
  try {
    if (suiteToo) {
      const result = await twice('Extension host', async () => {
        const folder = await workspace();
        folders.push(folder);
        const server = await startServer({ driver: true, env: { UNDERSTUDY_TEST_RESULTS: results, UNDERSTUDY_TEST_WORKSPACE: folder } });
        try { return await mochaInBrowser(await living(), server, folder); } finally { await server.stop(); }
      });
      console.log(`Extension host: ${counts(result)} (log: ${path.relative(root, path.join(cache, 'host.log'))})`);
      add(result);
    }
    if (uiToo) {
      const ui = path.join(here, 'ui');
      const tellers = (await readdir(ui)).filter((name) => /^stories.*\.mjs$/.test(name) && (only ? only.some((word) => name.includes(word)) : name.endsWith('.slow.mjs') === slow)).sort();
      if (!only && !slow) await rm(shots, { recursive: true, force: true });
      for (const name of tellers) {
        // `options` of a file of stories go to its server: settings, whether workspaces must be trusted.
        const { stories, options = {} } = await import(pathToFileURL(path.join(ui, name)).href);
        const result = await twice(name, async () => {
          const folder = await workspace();
          folders.push(folder);
          const server = await startServer({ ...(vsix ? { vsix } : { install: extension }), ...options });
          try { return await stories(await living(), server, folder); } finally { await server.stop(); }
        });
        console.log(`Window, ${name}: ${counts(result)}`);
        add(result);
      }
      console.log(`Screenshots: ${shots}`);
    }
  } finally {
    await browser.close().catch(() => undefined);
    if (!given.has('--keep')) for (const folder of folders) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function main() {
  if (!existsSync(path.join(root, 'dist', 'extension.js'))) throw new Error('Build first: node esbuild.mjs');
  await bundle();
  if (!desktop || !await onDesktop()) await inBrowser();
}

/** @returns false when there is no desktop VS Code to run in */
async function onDesktop() {
  const folder = await workspace();
  try {
    add(await mochaInElectron(folder, { UNDERSTUDY_TEST_RESULTS: results, UNDERSTUDY_TEST_WORKSPACE: folder }));
    return true;
  } catch (error) {
    if (!(error instanceof NoVsCode)) throw error;
    console.error(`${error.message}\nThe suite runs in the browser's VS Code instead.`);
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error) => add({ passed: 0, failed: 1, failures: [{ title: 'VS Code for the tests', message: error.stack ?? String(error) }] }));
if (out) await writeFile(out, JSON.stringify(total));
console.log(`VS Code: ${total.passed} passed, ${total.flaky ? `${total.flaky} flaky, ` : ''}${total.failed} failed`);
process.exit(total.failed || !(total.passed + total.flaky) ? 1 : 0);

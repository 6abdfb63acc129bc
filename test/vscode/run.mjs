/**
 * The extension in a real VS Code: `node test/vscode/run.mjs [--suite] [--ui] [--slow] [--only WORD] [--vsix FILE] [--extension FOLDER] [--json FILE] [--keep]`.
 *
 * Default: code-server and Chromium, both from npm where the machine has none. The Mocha suite (suite/) runs inside the
 * extension host, then the stories (ui/) use the window as a user does and leave screenshots in .cache/shots.
 * Every ui/stories*.mjs has a workspace and a server of its own; --only takes those with the word (or one of several, with commas) in their name.
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
const total = { passed: 0, failed: 0, failures: [] };

function add({ passed, failed, failures }) {
  total.passed += passed;
  total.failed += failed;
  total.failures.push(...failures);
  for (const { title, message } of failures) console.error(`  ✗ ${title}\n    ${message.split('\n').slice(0, 12).join('\n    ')}`);
}

async function inBrowser() {
  await install();
  // These import what `install` has just installed.
  const { findBrowser } = await import('./harness/browser.mjs');
  const { launch } = await import('./harness/window.mjs');
  const { startServer } = await import('./harness/server.mjs');
  const found = await findBrowser();
  console.log(`Browser: ${found.label}`);
  const browser = await launch(found);
  const folders = [];
  try {
    if (suiteToo) {
      const folder = await workspace();
      folders.push(folder);
      const server = await startServer({ driver: true, env: { UNDERSTUDY_TEST_RESULTS: results, UNDERSTUDY_TEST_WORKSPACE: folder } });
      try {
        const result = await mochaInBrowser(browser, server, folder);
        console.log(`Extension host: ${result.passed} passed, ${result.failed} failed (log: ${path.relative(root, path.join(cache, 'host.log'))})`);
        add(result);
      } finally { await server.stop(); }
    }
    if (uiToo) {
      const ui = path.join(here, 'ui');
      const tellers = (await readdir(ui)).filter((name) => /^stories.*\.mjs$/.test(name) && (only ? only.some((word) => name.includes(word)) : name.endsWith('.slow.mjs') === slow)).sort();
      if (!only && !slow) await rm(shots, { recursive: true, force: true });
      for (const name of tellers) {
        // `options` of a file of stories go to its server: settings, whether workspaces must be trusted.
        const { stories, options = {} } = await import(pathToFileURL(path.join(ui, name)).href);
        const folder = await workspace();
        folders.push(folder);
        const server = await startServer({ ...(vsix ? { vsix } : { install: extension }), ...options });
        try {
          const result = await stories(browser, server, folder);
          console.log(`Window, ${name}: ${result.passed} passed, ${result.failed} failed`);
          add(result);
        } finally { await server.stop(); }
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
console.log(`VS Code: ${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed || !total.passed ? 1 : 0);

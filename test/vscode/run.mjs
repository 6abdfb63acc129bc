/**
 * The extension in a real VS Code: `node test/vscode/run.mjs [--suite] [--ui] [--only WORD] [--vsix FILE] [--extension FOLDER] [--json FILE] [--keep]`.
 *
 * Default: code-server and Chromium, both from npm where the machine has none. The Mocha suite (suite/) runs inside the
 * extension host, then the stories (ui/) use the window as a user does and leave screenshots in .cache/shots.
 * Every ui/stories*.mjs has a workspace and a server of its own; --only takes those with the word in their name.
 * With --vsix the stories are told of that package, installed, not of the working tree.
 * UNDERSTUDY_VSCODE=download runs the suite in a VS Code downloaded by @vscode/test-electron instead (no stories: those
 * need the browser). Expects the extension to be built (node esbuild.mjs).
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { mochaInBrowser, mochaInDownload, results } from './harness/host.mjs';
import { install } from './harness/install.mjs';
import { cache, here, root, shots } from './harness/paths.mjs';

const given = new Set(process.argv.slice(2));
const value = (flag) => (process.argv.includes(flag) ? process.argv[process.argv.indexOf(flag) + 1] : undefined);
const out = value('--json');
const vsix = value('--vsix') && path.resolve(value('--vsix'));
const extension = value('--extension') ? path.resolve(value('--extension')) : root;
const only = value('--only');
const both = !given.has('--suite') && !given.has('--ui');
const total = { passed: 0, failed: 0, failures: [] };

/** A folder with real tables in it, thrown away afterwards. */
async function workspace() {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'work-'));
  // 1,461 days of weather (dates, amounts, temperatures, a category), as the npm package vega-datasets carries it.
  await copyFile(path.join(root, 'node_modules', 'vega-datasets', 'data', 'seattle-weather.csv'), path.join(folder, 'weather.csv'));
  await writeFile(path.join(folder, 'ragged.csv'), 'a,b\n1,2\n3,4,5\n');
  await writeFile(path.join(folder, 'notes.txt'), 'no table\n');
  return folder;
}

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
    if (both || given.has('--suite')) {
      const folder = await workspace();
      folders.push(folder);
      const server = await startServer({ driver: true, env: { UNDERSTUDY_TEST_RESULTS: results, UNDERSTUDY_TEST_WORKSPACE: folder } });
      try {
        const result = await mochaInBrowser(browser, server, folder);
        console.log(`Extension host: ${result.passed} passed, ${result.failed} failed (log: ${path.relative(root, path.join(cache, 'host.log'))})`);
        add(result);
      } finally { await server.stop(); }
    }
    if (both || given.has('--ui')) {
      const ui = path.join(here, 'ui');
      const tellers = (await readdir(ui)).filter((name) => /^stories.*\.mjs$/.test(name) && (!only || name.includes(only))).sort();
      if (!only) await rm(shots, { recursive: true, force: true });
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
  if (process.env.UNDERSTUDY_VSCODE === 'download') {
    const folder = await workspace();
    add(await mochaInDownload(folder, { UNDERSTUDY_TEST_RESULTS: results, UNDERSTUDY_TEST_WORKSPACE: folder }));
    await rm(folder, { recursive: true, force: true });
  } else await inBrowser();
}

await main().catch((error) => add({ passed: 0, failed: 1, failures: [{ title: 'VS Code for the tests', message: error.stack ?? String(error) }] }));
if (out) await writeFile(out, JSON.stringify(total));
console.log(`VS Code: ${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed || !total.passed ? 1 : 0);

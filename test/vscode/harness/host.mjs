/** The Mocha suite inside the extension host of the browser's VS Code (electron.mjs: of a desktop one). Both read the same results file. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'node:util';
import { cache, root, suite } from './paths.mjs';
import { within } from './processes.mjs';
import { address } from './address.mjs';

/** The suite writes its counts here: the window's exit code alone cannot tell how many tests ran. */
export const results = path.join(cache, 'mocha.json');

/** What the suite wrote, or that it wrote nothing. */
export async function outcome(code) {
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
    return await outcome(await within(900_000, 'The suite in the extension host', code));
  } catch (error) {
    return { passed: 0, failed: 1, failures: [{ title: 'extension host', message: String(error) }] };
  } finally {
    await context.close();
    log.end();
  }
}

/**
 * How long the extension takes to activate, in a real extension host: `node bench/activation.mjs [--times N]`. From the call of `activate` to its end, a new
 * window and extension host each time; the code is loaded on the way, from a warm disk. Wanted: under 100 ms on an idle machine.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mochaInBrowser, results } from '../test/vscode/harness/host.mjs';
import { install } from '../test/vscode/harness/install.mjs';
import { cache, root } from '../test/vscode/harness/paths.mjs';

const at = process.argv.indexOf('--times'), times = at > 0 ? Number(process.argv[at + 1]) : 5;
await install();
const { findBrowser } = await import('../test/vscode/harness/browser.mjs');
const { launch } = await import('../test/vscode/harness/window.mjs');
const { startServer } = await import('../test/vscode/harness/server.mjs');

await mkdir(cache, { recursive: true });
const folder = await mkdtemp(path.join(cache, 'activation-')), probe = path.join(folder, 'probe');
await mkdir(probe);
// What the editor runs in the extension host in place of a test suite.
await writeFile(path.join(probe, 'index.cjs'), `exports.run = async () => {
  const extension = require('vscode').extensions.getExtension('understudy.understudy');
  if (extension.isActive) throw new Error('active before it was asked');
  const began = performance.now();
  await extension.activate();
  require('fs').writeFileSync(${JSON.stringify(results)}, JSON.stringify({ passed: 1, failed: 0, failures: [], milliseconds: performance.now() - began }));
};`);
const browser = await launch(await findBrowser()), server = await startServer({ driver: true });
const found = [];
try {
  for (let i = 0; i < times; i++) {
    const { milliseconds, failures } = await mochaInBrowser(browser, server, folder, root, path.join(probe, 'index.cjs'));
    if (milliseconds === undefined) throw new Error(JSON.stringify(failures));
    found.push(milliseconds);
    console.log(`activation ${i + 1}: ${milliseconds.toFixed(1)} ms`);
  }
} finally {
  await browser.close().catch(() => undefined);
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
found.sort((a, b) => a - b);
console.log(`median of ${found.length}: ${found[Math.floor(found.length / 2)].toFixed(1)} ms`);

/**
 * The report's page by itself in Chromium, as a file and as the editor's webview shows it: every theme under axe, hundreds of columns,
 * the keyboard alone, what can be saved. No VS Code is needed for these, so its server stays idle.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { cache, root, shots } from '../harness/paths.mjs';
import { tell } from '../harness/tell.mjs';
import { says, until } from '../harness/until.mjs';

/** Simulated reports and the HTML around them, from the sources. */
async function fixtures() {
  const outfile = path.join(root, 'dist', 'test', 'fixture.mjs');
  await build({
    stdin: { contents: "export { makeReport, makePrivateReport, makePair } from './webview/fixture'; export { makeCollapse, makeSweep } from './webview/fixture-laboratory'; export { renderHtml } from './server/report/html';", resolveDir: root, loader: 'ts' },
    outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning', absWorkingDir: root,
  });
  return { ...await import(`${pathToFileURL(outfile).href}?${Date.now()}`), js: await readFile(path.join(root, 'dist', 'webview', 'report.js'), 'utf8'), axe: await readFile(path.join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8') };
}

const themes = {
  light: { colorScheme: 'light', contrast: 'no-preference' }, dark: { colorScheme: 'dark', contrast: 'no-preference' },
  'high-contrast-dark': { colorScheme: 'dark', contrast: 'more' }, 'high-contrast-light': { colorScheme: 'light', contrast: 'more' },
};

class Scene {
  constructor(browser, made) { Object.assign(this, { browser, made, console: [] }); }

  /** Open a report as the file a user gets. */
  async file(name, report, theme = 'light', viewport = { width: 1280, height: 900 }) {
    const folder = path.join(cache, 'pages'), file = path.join(folder, `${name}.html`);
    await mkdir(folder, { recursive: true });
    await writeFile(file, this.made.renderHtml(report, { js: this.made.js }));
    return this.open(pathToFileURL(file).href, theme, viewport);
  }
  /** Open the page as a webview does: with the editor's API in its place, and content by message. */
  async webview(message, theme = 'light') {
    const folder = path.join(cache, 'pages'), file = path.join(folder, 'webview.html');
    await mkdir(folder, { recursive: true });
    await writeFile(file, `<!doctype html><html lang="en"><head><title>x</title></head><body><script src="${pathToFileURL(path.join(root, 'dist', 'webview', 'report.js')).href}"></script></body></html>`);
    const page = await this.open(pathToFileURL(file).href, theme, { width: 1280, height: 900 }, () => {
      globalThis.sent = []; let state;
      globalThis.acquireVsCodeApi = () => ({ postMessage: (m) => globalThis.sent.push(m), getState: () => state, setState: (s) => { state = s; } });
    });
    await page.waitForFunction(() => globalThis.sent?.some((m) => m.type === 'ready'));
    await page.evaluate((data) => window.dispatchEvent(new MessageEvent('message', { data })), message);
    return page;
  }
  async open(url, theme, viewport, init) {
    const context = await this.browser.newContext({ viewport, reducedMotion: 'reduce', acceptDownloads: true, ...themes[theme] });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') this.console.push(m.text()); });
    page.on('pageerror', (e) => this.console.push(`pageerror: ${e.message}`));
    if (init) await page.addInitScript(init);
    await page.goto(url);
    await page.locator('main').waitFor();
    return page;
  }
  /** All rules, with a layout and with colours; shadow roots of the widgets included. */
  async violations(page) {
    await page.evaluate(this.made.axe);
    // Pictures draw when they come into view.
    await page.evaluate(async () => { for (let y = 0; y < document.body.scrollHeight; y += 600) { scrollTo(0, y); await new Promise((r) => setTimeout(r, 30)); } scrollTo(0, 0); });
    await page.waitForTimeout(200);
    return page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).join(' | ')}`));
  }
  async shot(page, name, fullPage = false) { await mkdir(shots, { recursive: true }); await page.screenshot({ path: path.join(shots, `component-${name}.png`), fullPage, animations: 'disabled' }); }
}

const done = (page) => page.context().close();
const running = { id: 'r', folder: '/r', kind: 'synthesize', state: 'running', created: '', source: '/d/customers.csv', versions: {}, generator: 'autoregressive', seed: 7, device: { name: 'cpu', description: '2 threads', whyNotBetter: 'No WebGPU adapter was found.' }, progress: { phase: 'training', fraction: 0.42, secondsLeft: 31, step: 1700, steps: 4000, loss: 1.9, validationLoss: 2.05 } };
const curve = { steps: Array.from({ length: 170 }, (_, i) => i * 10), loss: Array.from({ length: 170 }, (_, i) => 1.8 + 2 * Math.exp(-i / 20) + 0.03 * Math.sin(i)), validationSteps: [0, 400, 800, 1200, 1600], validation: [3.9, 2.4, 2.1, 2.06, 2.05] };
const rowsIn = (locator) => locator.count();

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ...Object.keys(themes).map((theme) => [`axe finds nothing in the report, ${theme}`, async (scene) => {
    const page = await scene.file('report', scene.made.makeReport({ quality: theme.endsWith('light') ? 'good' : 'poor', control: theme !== 'high-contrast-light' }), theme);
    assert.deepEqual(await scene.violations(page), []);
    await scene.shot(page, `report-${theme}`, true);
    await done(page);
  }]),
  ...Object.keys(themes).map((theme) => [`axe finds nothing in the two reports of a private release, ${theme}`, async (scene) => {
    for (const audience of ['publishable', 'internal']) {
      const page = await scene.file(audience, scene.made.makePrivateReport(audience), theme);
      assert.deepEqual(await scene.violations(page), []);
      await scene.shot(page, `${audience}-${theme}`, audience === 'publishable');
      await done(page);
    }
  }]),
  ...Object.keys(themes).map((theme) => [`axe finds nothing in a comparison or a live run, ${theme}`, async (scene) => {
    const comparison = await scene.webview({ type: 'comparison', reports: [scene.made.makeReport(), scene.made.makeReport({ quality: 'poor' })], names: ['weather, a minute', 'weather, ten seconds'] }, theme);
    await comparison.locator('.u-compare').waitFor();
    assert.deepEqual(await scene.violations(comparison), []);
    await scene.shot(comparison, `comparison-${theme}`, true);
    await done(comparison);
    const live = await scene.webview({ type: 'live', run: running, curve }, theme);
    await live.locator('understudy-live svg.u-plot').waitFor();
    assert.deepEqual(await scene.violations(live), []);
    await scene.shot(live, `live-${theme}`, true);
    await done(live);
  }]),

  ...Object.keys(themes).map((theme) => [`axe finds nothing in the laboratories, ${theme}`, async (scene) => {
    for (const [name, result] of [['collapse', scene.made.makeCollapse()], ['sweep', scene.made.makeSweep()]]) {
      const page = await scene.webview({ type: 'laboratory', result }, theme);
      await page.locator('understudy-laboratory svg.u-plot').first().waitFor();
      assert.deepEqual(await scene.violations(page), []);
      await scene.shot(page, `${name}-${theme}`, true);
      await done(page);
    }
  }]),

  ['300 columns and 44,850 pairs: only what is in view is on the page, and everything can be reached', async (scene) => {
    const report = scene.made.makeReport({ columns: 302 }), page = await scene.file('wide', report);
    const cards = page.locator('.u-card'), last = report.columns.at(-1).name, pairs = report.pairs, n = pairs.columns.length;
    assert.equal(n, 300);
    assert.ok(await rowsIn(cards) <= 60, `${await rowsIn(cards)} cards on the page`);
    assert.equal(await page.locator('[role=grid]').getAttribute('aria-rowcount'), '44851');
    assert.ok(await rowsIn(page.locator('.u-pairs-space [role=row]')) <= 60);
    assert.ok(await page.locator('*').count() < 6000, `${await page.locator('*').count()} elements`);
    // The last card, by scrolling there
    assert.equal(await page.locator('.u-card h3', { hasText: new RegExp(`^${last}$`) }).count(), 0);
    await page.locator('.u-window').evaluate((e) => window.scrollTo(0, e.getBoundingClientRect().bottom + window.scrollY - 500));
    await page.locator('.u-card', { hasText: last }).waitFor();
    assert.equal(await page.locator('.u-card').last().getAttribute('aria-setsize'), '302');
    // The last pair, by one key
    const rows = page.locator('.u-pairs-space [role=row]');
    await rows.first().focus();
    await page.keyboard.press('End');
    await page.locator('.u-pairs-space [aria-rowindex="44851"]').waitFor();
    await page.keyboard.press('Home');
    // One card, by search
    const search = page.locator('u-columns vscode-textfield input');
    await search.fill('feature_217');
    await page.waitForFunction(() => document.querySelectorAll('.u-card').length === 1);
    await says('the card', () => page.locator('.u-card h3').innerText(), /^feature_217$/);
    await search.fill('');
    await done(page);
  }],

  ['A click on a cell of a large heat map opens that pair', async (scene) => {
    const report = scene.made.makeReport({ columns: 302 }), page = await scene.file('wide', report), late = Date.now() + 90_000;
    const map = page.locator('.u-map'), canvas = map.locator('canvas');
    await map.scrollIntoViewIfNeeded();
    const n = report.pairs.columns.length, i = 20, j = 250, read = [report.pairs.columns[i], report.pairs.columns[j]];
    // Cards above still take their height on a busy machine, and move the map from under the mouse: pointed at until it reads what stands there.
    for (let told = []; told.join() !== read.join();) {
      const box = await canvas.boundingBox();
      await page.mouse.move(box.x + 2, box.y + 2);
      await page.mouse.move(box.x + (j + 0.5) * (box.width / n), box.y + (i + 0.5) * (box.height / n));
      await page.waitForFunction((all) => [...document.querySelectorAll('.u-readout strong')].map((e) => e.innerText).join() === all, read.join(), { timeout: 3000 }).catch(() => undefined);
      told = await page.locator('.u-readout strong').allInnerTexts();
      if (Date.now() > late) assert.deepEqual(told, read);
    }
    await page.mouse.down(); await page.mouse.up();
    await page.locator('u-pair h3', { hasText: read[1] }).waitFor();
    await until(`the pair of ${read.join(' and ')}`, async () => { const title = await page.locator('u-pair h3').innerText(); return read.every((name) => title.includes(name)); }, 90_000, () => page.locator('u-pair h3').innerText());
    // It is none of the two hundred kept in the file, which says so
    await says('the pair', () => page.locator('u-pair').innerText(), /Open the report in VS Code/);
    await scene.shot(page, 'wide-pairs');
    await done(page);
  }],

  ['By keyboard alone: search, sort, pin, a cell, a pair', async (scene) => {
    const report = scene.made.makeReport(), page = await scene.file('keys', report), focused = (selector) => page.evaluate((s) => !!document.activeElement?.closest(s), selector);
    const press = async (key, times = 1) => { for (let k = 0; k < times; k++) { await page.keyboard.press(key); await page.waitForTimeout(30); } };
    for (let k = 0; k < 80 && !await focused('u-columns vscode-textfield'); k++) await press('Tab');
    assert.ok(await focused('u-columns vscode-textfield'), 'Tab reaches the search');
    await page.keyboard.type('a');
    await press('Tab');
    assert.ok(await focused('vscode-single-select'));
    // Open, one down (Name), take
    await press('Enter'); await press('ArrowDown'); await press('Enter');
    await page.waitForFunction(() => document.querySelector('vscode-single-select[data-choice=sort]').value === 'name');
    const shown = () => page.locator('.u-card h3').allInnerTexts();
    await until('the cards by name', async () => { const now = await shown(); return now.length > 0 && now.join() === [...now].sort((x, y) => x.localeCompare(y, 'en', { sensitivity: 'base' })).join(); }, 30_000, shown);
    for (let k = 0; k < 20 && !await focused('.u-pin'); k++) await press('Tab');
    for (let k = 0; k < 60 && !await page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Pin education'); k++) await press('Tab');
    const name = (await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')).slice(4);
    await press('Space');
    await page.waitForFunction((first) => document.querySelector('.u-card h3')?.textContent === first, name);
    for (let k = 0; k < 200 && !await focused('.u-map'); k++) await press('Tab');
    await press('ArrowRight'); await press('ArrowDown', 2); await press('ArrowRight', 3); await press('Enter');
    const { columns } = report.pairs;
    await page.locator('u-pair h3', { hasText: columns[3] }).waitFor();
    await until('the pair', async () => (await page.locator('u-pair h3').innerText()).includes(columns[2]), 30_000, () => page.locator('u-pair h3').innerText());
    for (let k = 0; k < 60 && !await focused('.u-pairs-space [role=row]'); k++) await press('Tab');
    await press('ArrowDown', 4);
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '4');
    const wanted = await page.evaluate(() => document.activeElement.querySelector('[role=rowheader]').title);
    await press('Enter');
    await page.waitForFunction((t) => document.querySelector('u-pair h3').textContent.replace(/\s+/g, ' ').trim() === t, wanted);
    await done(page);
  }],

  ['Every picture is saved as SVG that stands alone, and its data as CSV', async (scene) => {
    const report = scene.made.makeReport({ columns: 6 }), page = await scene.webview({ type: 'report', report });
    await page.locator('.u-card').first().waitFor();
    await scene.violations(page); // draws everything
    const pictures = page.locator('u-picture'), count = await pictures.count();
    assert.ok(count > 15);
    for (let k = 0; k < count; k++) {
      const buttons = pictures.nth(k).locator('.u-save');
      assert.equal(await buttons.count(), 2);
      const saved = async (which) => {
        const before = await page.evaluate(() => globalThis.sent.length);
        await buttons.nth(which).evaluate((b) => b.click());
        await page.waitForFunction((n) => globalThis.sent.length > n, before);
        return page.evaluate(() => globalThis.sent.at(-1));
      };
      const svg = await saved(0), data = await saved(1);
      assert.match(svg.name, /\.svg$/); assert.match(svg.content, /^<svg[^>]*xmlns=/); assert.doesNotMatch(svg.content, /var\(--|NaN|undefined/); assert.match(svg.content, /<title>.{10,}/);
      assert.match(data.name, /\.csv$/); assert.ok(data.content.split('\n').length > 2 && data.content.split('\n')[0].includes(','), data.content.slice(0, 80));
    }
    await done(page);
    // In a browser the same is a download
    const file = await scene.file('save', report);
    const [download] = await Promise.all([file.waitForEvent('download'), file.locator('#columns .u-solid').click()]);
    assert.equal(download.suggestedFilename(), 'columns.csv');
    assert.equal((await readFile(await download.path(), 'utf8')).trim().split('\n').length, 7);
    await done(file);
  }],

  ['No picture, page or widget met its content policy or an error', async (scene) => {
    // Many pages were opened above, each with violations printed to the console.
    assert.deepEqual(scene.console, []);
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser) {
  return tell('components', all, new Scene(browser, await fixtures()));
}

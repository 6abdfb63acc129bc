/** One window of VS Code in the browser, and the few things a user does in it. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { flags } from './browser.mjs';
import { pressed } from './pressed.mjs';
import { shots } from './paths.mjs';
import { soon, until } from './until.mjs';

/** Start the browser once; windows are contexts of it. */
export function launch(browser) {
  return chromium.launch({ executablePath: browser.path, headless: true, args: flags, env: { ...process.env, ...browser.env }, timeout: 60_000 });
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class Window {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.console = [];
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.console.push(`pageerror: ${error.message}`));
  }

  static async open(browser, url, size = { width: 1440, height: 900 }) {
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce' });
    const page = await context.newPage();
    // What comes in a second on an idle machine may take a minute on one with other things to do.
    page.setDefaultTimeout(60_000);
    const window = new Window(page);
    await page.goto(url, { waitUntil: 'commit', timeout: 120_000 });
    await page.locator('.monaco-workbench').waitFor({ timeout: 120_000 });
    return window;
  }

  close() { return this.page.context().close(); }

  /** By the window's own command: it saves its layout first, which the browser's reload would not wait for. */
  async reload() {
    const [loaded] = await Promise.allSettled([this.page.waitForEvent('load', { timeout: 120_000 }), this.command('Developer: Reload Window')]);
    if (loaded.status === 'rejected') throw loaded.reason;
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 120_000 });
  }

  /** Click an icon of the activity bar until its view is there, and never while it is: that would close the side bar. */
  async show(label, view) {
    const icon = this.page.locator('.activitybar .action-item', { has: this.page.locator(`[aria-label^="${label}"]`) });
    await icon.waitFor({ timeout: 90_000 });
    // While a window is restored its icons move and its side bar comes late: a click then lands beside the icon, or the view is closed again.
    let clicked = 0;
    await until(`the view ${label}`, async () => {
      if (await view.isVisible()) return true;
      const open = /\bchecked\b/.test(await icon.getAttribute('class', { timeout: 5000 }) ?? '');
      // The icon of a view that is being opened is marked at once; the view itself may take its time.
      if (open && Date.now() - clicked < 15_000) return false;
      clicked = Date.now();
      await icon.click({ timeout: 10_000 });
      return false;
    });
  }

  async shot(name) {
    await mkdir(shots, { recursive: true });
    const file = path.join(shots, `${name}.png`);
    await this.page.screenshot({ path: file, animations: 'disabled' });
    return file;
  }

  /** A file in the explorer, by its name as shown. */
  file(name) {
    return this.page.locator('.explorer-folders-view .monaco-list-row', { has: this.page.locator('.label-name', { hasText: new RegExp(`^${escape(name)}$`) }) });
  }

  get menu() { return this.page.locator('.monaco-menu'); }
  /** Close what lies over the window: a menu, a quick pick. */
  async clear() {
    for (let i = 0; i < 5 && (await this.menu.first().isVisible().catch(() => false) || await this.pick.first().isVisible().catch(() => false)); i++) {
      await this.page.keyboard.press('Escape');
      await this.page.waitForTimeout(200);
    }
  }

  /** Right-click something until its menu has the item: a menu may appear before extensions have registered what they put there. */
  async menuOf(thing, item, ms = 90_000) {
    const entry = this.page.locator('.monaco-menu .action-label', { hasText: item });
    for (const end = Date.now() + ms; Date.now() < end; await this.page.waitForTimeout(300)) {
      await thing.click({ button: 'right', timeout: 10_000 }).catch(() => undefined);
      // A menu is drawn whole: once it is there, so is every item it will have.
      await this.menu.first().waitFor({ timeout: 10_000 }).catch(() => undefined);
      if (await entry.first().isVisible().catch(() => false)) return entry;
      await this.page.keyboard.press('Escape');
      await this.menu.first().waitFor({ state: 'hidden', timeout: 5000 }).catch(() => undefined);
    }
    throw new Error(`"${item}" is not on the menu`);
  }

  async contextMenu(name, item) {
    await this.file(name).waitFor({ timeout: 90_000 });
    return this.menuOf(this.file(name), item);
  }

  /**
   * Right-click something and choose an item. A menu that has just opened ignores the mouse for a moment, and one that loses the focus to an editor
   * that opens late closes by itself: so the item is chosen again until the menu has taken the click, and not once more.
   */
  async chooseFrom(thing, item) {
    for (let i = 0; i < 6; i++) {
      const entry = (await this.menuOf(thing, item)).first();
      for (let k = 0; k < 10 && await entry.isVisible().catch(() => false); k++) {
        await this.page.waitForTimeout(250);
        if (await pressed(this.page, 'mouseup', entry, () => entry.click({ timeout: 3000 }))) {
          await this.menu.first().waitFor({ state: 'hidden' });
          return;
        }
      }
    }
    throw new Error(`"${item}" on the menu cannot be clicked`);
  }

  async choose(name, item) {
    await this.file(name).waitFor({ timeout: 90_000 });
    await this.chooseFrom(this.file(name), item);
  }

  /** The open quick pick or input box. */
  get pick() { return this.page.locator('.quick-input-widget:not([style*="display: none"])'); }
  get input() { return this.pick.locator('.quick-input-box input').first(); }
  /** A row of the open quick pick, by its words; by its place with a number (rows stand in the page in the order in which they were drawn). */
  option(words) { return typeof words === 'number' ? this.pick.locator(`.monaco-list-row[data-index="${words}"]`) : this.pick.locator('.monaco-list-row', { hasText: words }); }

  /** Wait for a quick pick whose title contains the words. */
  async pickTitled(words, timeout = 90_000) {
    await this.pick.locator('.quick-input-title', { hasText: words }).waitFor({ timeout });
    return this.pick;
  }

  /**
   * Enter in the open quick pick. Its title may be there before its rows, and before it has the focus; an Enter then is lost.
   * @param words of its title
   */
  async enter(words) {
    if (words) await this.pickTitled(words);
    await this.page.waitForFunction(() => {
      const widget = [...document.querySelectorAll('.quick-input-widget')].find((e) => e.style.display !== 'none'), list = widget?.querySelector('.quick-input-list');
      if (!widget?.contains(document.activeElement)) return false;
      if (!list || getComputedStyle(list).display === 'none') return true; // an input box
      return !!list.querySelector(widget.classList.contains('show-checkboxes') ? '.monaco-list-row' : '.monaco-list-row.focused');
    }, undefined, { polling: 50 });
    await this.page.keyboard.press('Enter');
  }

  /** Tick a row of a list with boxes. */
  async tick(words) {
    const row = this.page.locator('.quick-input-widget.show-checkboxes .monaco-list-row', { hasText: words }).first();
    const ticked = () => row.locator('input[type=checkbox], [role=checkbox]').first().evaluate((box) => box.checked ?? box.getAttribute('aria-checked') === 'true', undefined, { timeout: 2000 });
    await row.waitFor();
    await until(`"${words}" to be ticked`, async () => {
      if (await ticked()) return true;
      await row.click({ timeout: 5000 });
      return soon(ticked, 3000);
    });
  }

  /** Type into the open quick pick, wait for the row that this makes or finds, and take it. */
  async enterTyped(text, words) {
    await this.input.fill(text);
    await this.pick.locator('.monaco-list-row.focused', { hasText: words }).waitFor();
    await this.enter();
  }

  /** Run a command from the palette. */
  async command(title) {
    const { page } = this, value = () => this.input.inputValue({ timeout: 1000 }).catch(() => ''), open = async () => (await value()).startsWith('>');
    const named = { has: page.locator('.label-name', { hasText: new RegExp(`(^|: )${escape(title)}$`) }) }, rows = this.pick.locator('.monaco-list-row', named), wanted = this.pick.locator('.monaco-list-row.focused', named);
    for (const end = Date.now() + 90_000; Date.now() < end;) {
      // A window that is still busy may not hear the first key.
      if (!await open()) await page.keyboard.press('F1');
      if (!await soon(open, 5000)) continue;
      await this.input.fill(`>${title}`).catch(() => undefined);
      // Until the list is filtered its first row is the command that was used last, and Enter would run that.
      const there = await soon(async () => {
        if (await wanted.count()) return true;
        if (await rows.count()) { await page.waitForTimeout(400); if (!await wanted.count()) await page.keyboard.press('ArrowDown'); }
        return false;
      }, 8000);
      // Extensions that are still to be read have no commands yet: asked again.
      if (!there) { await page.keyboard.press('Escape'); continue; }
      await page.keyboard.press('Enter');
      if (await soon(async () => !await open(), 10_000)) return;
    }
    throw new Error(`the command "${title}" cannot be run`);
  }

  notification(words) { return this.page.locator('.notification-toast .notification-list-item', { hasText: words }); }
  /** A notification leaves by itself after ten seconds, but not from under the mouse. */
  async told(words, timeout = 90_000) {
    const notification = this.notification(words).first();
    await notification.waitFor({ timeout });
    await notification.hover({ timeout: 5000 }).catch(() => undefined);
    return notification;
  }

  tab(words) { return this.page.locator('.tabs-container .tab', { hasText: words }); }
  async closeTab(words) {
    const tab = this.tab(words);
    await until(`the tab "${words}" to close`, async () => {
      if (!await tab.count()) return true;
      await tab.first().click({ button: 'middle', timeout: 5000 }).catch(() => undefined);
      return soon(async () => !await tab.count(), 5000);
    });
  }

  /** The webview's document that holds the selector; several webviews may be open. */
  async frameWith(selector, timeout = 90_000) {
    for (const end = Date.now() + timeout; Date.now() < end; await this.page.waitForTimeout(200)) {
      for (const frame of this.page.frames()) {
        if (frame.name() !== 'active-frame' && !frame.url().includes('fake.html')) continue;
        if (await frame.locator(selector).count().catch(() => 0)) return frame;
      }
    }
    throw new Error(`no webview shows ${selector} after ${timeout / 1000} s`);
  }

  status(words) { return this.page.locator('.statusbar-item', { hasText: words }); }

  /** Light or dark. */
  async theme(kind) {
    const workbench = this.page.locator('.monaco-workbench').first();
    if (/\bvs\b(?!-)/.test(await workbench.getAttribute('class')) === (kind === 'light')) return;
    await this.command('Toggle between Light/Dark Themes');
    await this.page.locator(kind === 'light' ? '.monaco-workbench.vs' : '.monaco-workbench.vs-dark').waitFor();
  }

  /** What a window shows, in words: for whoever reads of a failure and has no picture. */
  seen() {
    return this.page.evaluate(() => {
      const visible = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getBoundingClientRect().width > 0), text = (e) => e.textContent.replace(/\s+/g, ' ').trim().slice(0, 160);
      const rows = (e) => [...e.querySelectorAll('.monaco-list-row')].sort((a, b) => a.dataset.index - b.dataset.index).slice(0, 15).map((r) => `${r.dataset.index}${r.classList.contains('focused') ? '*' : ''} ${text(r)}`);
      const lines = [
        ...visible('.quick-input-widget').map((e) => `quick pick "${text(e.querySelector('.quick-input-title') ?? e)}", typed "${e.querySelector('input')?.value ?? ''}": ${rows(e).join(' | ')}`),
        ...visible('.monaco-menu').map((e) => `menu: ${[...e.querySelectorAll('.action-label')].map(text).filter(Boolean).join(' | ')}`),
        ...visible('.monaco-dialog-box').map((e) => `dialog: ${text(e)}`),
        ...visible('.suggest-widget.visible').map((e) => `proposals: ${rows(e).join(' | ')}`),
        ...visible('.notification-list-item').map((e) => `notification: ${text(e)}`),
        ...visible('.sidebar').map((e) => `side bar "${text(e.querySelector('.composite.title') ?? e)}": ${rows(e).join(' | ')}`),
        ...visible('.tabs-container').map((e) => `tabs: ${[...e.querySelectorAll('.tab')].map((t) => `${text(t)}${t.classList.contains('active') ? '*' : ''}`).join(' | ')}`),
        ...visible('.codelens-decoration').slice(0, 6).map((e) => `lens: ${text(e)}`),
        `focus: ${document.activeElement?.tagName} ${String(document.activeElement?.className).slice(0, 80)} ${document.activeElement?.getAttribute('aria-label')?.slice(0, 80) ?? ''}`,
        ...visible('.statusbar-item').map(text).filter((t) => t.includes('Understudy')).map((t) => `status: ${t}`),
      ];
      return lines.join('\n');
    });
  }
}

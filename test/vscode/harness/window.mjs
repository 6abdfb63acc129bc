/** One window of VS Code in the browser, and the few things a user does in it. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { flags } from './browser.mjs';
import { shots } from './paths.mjs';

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
    page.setDefaultTimeout(20_000);
    const window = new Window(page);
    await page.goto(url, { waitUntil: 'commit', timeout: 60_000 });
    await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    return window;
  }

  close() { return this.page.context().close(); }

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

  /** Right-click a file and choose. The explorer appears before extensions have registered their menus, so it is tried again. */
  async contextMenu(name, item, tries = 20) {
    await this.file(name).waitFor({ timeout: 60_000 });
    for (let i = 0; ; i++) {
      await this.file(name).click({ button: 'right' });
      const entry = this.page.locator('.monaco-menu .action-label', { hasText: item });
      if (await entry.waitFor({ timeout: 1500 }).then(() => true, () => false)) return entry;
      await this.page.keyboard.press('Escape');
      if (i >= tries) throw new Error(`"${item}" is not on the menu of ${name}`);
      await this.page.waitForTimeout(300);
    }
  }

  /** Right-click a file and choose an item. A menu that has just opened ignores the mouse for a moment, so it is clicked until it is gone. */
  async choose(name, item) {
    const entry = await this.contextMenu(name, item);
    for (let i = 0; i < 10; i++) {
      await this.page.waitForTimeout(300);
      await entry.click({ timeout: 2000 }).catch(() => undefined);
      if (await entry.waitFor({ state: 'hidden', timeout: 1000 }).then(() => true, () => false)) return;
    }
    throw new Error(`"${item}" on the menu of ${name} cannot be clicked`);
  }

  /** The open quick pick or input box. */
  get pick() { return this.page.locator('.quick-input-widget:not([style*="display: none"])'); }

  /** Wait for a quick pick whose title contains the words. */
  async pickTitled(words, timeout = 30_000) {
    await this.pick.locator('.quick-input-title', { hasText: words }).waitFor({ timeout });
    return this.pick;
  }

  /** Run a command from the palette. */
  async command(title) {
    const input = this.pick.locator('input').first();
    // A window that is still busy may not hear the first key.
    for (let i = 0; i < 5; i++) {
      await this.page.keyboard.press('F1');
      if (await input.waitFor({ timeout: 4000 }).then(() => true, () => false)) break;
    }
    await input.fill(`>${title}`);
    await this.pick.locator('.monaco-list-row', { hasText: title }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  notification(words) { return this.page.locator('.notification-toast .notification-list-item', { hasText: words }); }

  tab(words) { return this.page.locator('.tabs-container .tab', { hasText: words }); }

  /** The webview's document that holds the selector; several webviews may be open. */
  async frameWith(selector, timeout = 30_000) {
    for (const end = Date.now() + timeout; Date.now() < end; await this.page.waitForTimeout(200)) {
      for (const frame of this.page.frames()) {
        if (frame.name() !== 'active-frame' && !frame.url().includes('fake.html')) continue;
        if (await frame.locator(selector).count().catch(() => 0)) return frame;
      }
    }
    throw new Error(`no webview shows ${selector} after ${timeout / 1000} s`);
  }

  status(words) { return this.page.locator('.statusbar-item', { hasText: words }); }
}

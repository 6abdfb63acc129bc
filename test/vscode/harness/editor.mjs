/** The text editor as a user sees it: what is drawn in it, what hovers over it, what is proposed while one types. */
import assert from 'node:assert/strict';
import { says, soon, until } from './until.mjs';

/** The picture in a hover. */
export const pictureIn = (card) => card.locator('img[src^="data:image/svg+xml;base64,"]');
export const svgIn = (card) => pictureIn(card).first().evaluate((img) => atob(img.src.slice(img.src.indexOf(',') + 1)));

export class Editor {
  /** @param {import('./window.mjs').Window} window */
  constructor(window) { this.window = window; this.page = window.page; }

  tabOf(name) { return this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`); }
  /** Open a file from the explorer, and wait until it, and no other one, is what the editor shows. */
  async open(name) {
    const active = this.page.locator(`.tabs-container .tab.active[data-resource-name="${name}"]`);
    await until(`${name} to open`, async () => {
      if (await active.count()) return true;
      // The rows move while files come and go: then the click is for another file.
      await this.window.file(name).dblclick({ timeout: 10_000 });
      return soon(() => active.count(), 15_000);
    });
    await this.page.locator(`.editor-instance .monaco-editor[data-uri$="/${encodeURIComponent(name)}"] .view-lines`).first().waitFor();
  }

  lens(words) { return this.page.locator('.monaco-editor .codelens-decoration a, .monaco-editor .codelens-decoration span', { hasText: words }); }
  /**
   * Click a lens until `done` holds: one that has just been drawn anew ignores the mouse for a moment. Rarely, and only after a while:
   * what a lens begins may be slow to show, and is not to be begun twice.
   */
  async pressLens(words, done, ms = 120_000, nth = 0) {
    const lens = this.lens(words).nth(nth);
    await lens.waitFor({ timeout: ms });
    for (const end = Date.now() + ms; ;) {
      await this.still(lens);
      await lens.click({ timeout: 5000 }).catch(() => undefined);
      if (await soon(done, 15_000)) return;
      if (Date.now() > end) assert.fail(`the lens ${words} does nothing`);
    }
  }

  /** Wait, eight seconds at most, until something has stood in its place for a moment: what is drawn anew there is another element. */
  async still(thing) {
    const place = async () => { const e = await thing.elementHandle({ timeout: 5000 }).catch(() => null); return e && { e, box: await e.boundingBox().catch(() => null) }; };
    let last = await place();
    for (let i = 0; i < 20; i++) {
      await this.page.waitForTimeout(400);
      const now = await place();
      if (last?.box && now?.box && last.box.x === now.box.x && last.box.y === now.box.y && await last.e.evaluate((a, b) => a === b, now.e).catch(() => false)) return;
      last = now;
    }
  }

  /** The open editor's text as it is drawn, hints included; only lines on the screen. */
  drawn() { return this.page.locator('.editor-instance .view-lines').first().innerText().then((t) => t.replace(/\u00a0/g, ' ')); }
  /** The line, hints included, on which the words stand, once it matches. */
  line(words, pattern, ms) { return says(`the line of "${words}"`, async () => (await this.drawn()).split('\n').find((l) => l.includes(words)) ?? '', pattern, ms); }
  /** Notes at the ends of lines are drawn by style sheets, beside the text. */
  notes() { return this.page.evaluate(() => [...document.querySelectorAll('.editor-instance .view-lines span')].map((e) => getComputedStyle(e, '::after').content).filter((c) => c.startsWith('"')).join('\n')); }

  /** Where a word is drawn, so that the mouse can go there. */
  placeOf(word, nth = 0) {
    return until(`"${word}" in the editor`, () => this.page.evaluate(([wanted, n]) => {
      const lines = document.querySelector('.editor-instance .view-lines');
      if (!lines) return undefined;
      const walker = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
      const found = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = node.data.indexOf(wanted); at >= 0; at = node.data.indexOf(wanted, at + 1)) {
          const range = document.createRange();
          range.setStart(node, at); range.setEnd(node, at + wanted.length);
          const { x, y, width, height } = range.getBoundingClientRect();
          found.push({ x: x + width / 2, y: y + height / 2 });
        }
      }
      // Lines are in the page in no particular order.
      return found.sort((a, b) => a.y - b.y || a.x - b.x).at(n);
    }, [word, nth]));
  }

  /**
   * Rest the mouse on a word until its hover is there, with what it shall hold: a card fills in parts, as those who know something answer,
   * and lines that move under the mouse (a lens comes) make it another word's.
   * @param {number} nth counts from above; -1 is the last
   * @param {{ picture?: boolean, says?: RegExp }} wanted
   */
  async hover(word, nth = 0, wanted = {}) {
    const card = this.page.locator('.monaco-hover:not(.hidden)', { has: this.page.locator('.hover-contents') }).first(), aside = () => this.page.mouse.move(150, 700);
    const text = () => card.innerText({ timeout: 2000 });
    const whole = async () => await card.isVisible() && (!wanted.says || wanted.says.test(await text())) && (!wanted.picture || await pictureIn(card).first().isVisible());
    let last = '';
    for (const end = Date.now() + 120_000; ;) {
      // One that is still there would be taken for the new one.
      await aside();
      await this.page.keyboard.press('Escape');
      await card.waitFor({ state: 'hidden', timeout: 10_000 }).catch(() => undefined);
      const { x, y } = await this.placeOf(word, nth);
      await this.page.waitForTimeout(300);
      await this.page.mouse.move(x - 1, y);
      await this.page.mouse.move(x, y);
      if (await soon(whole, 8000)) break;
      last = await text().catch(() => 'no card');
      if (Date.now() > end) assert.fail(`under the mouse, "${word}" does not show ${wanted.says ?? 'a card'}${wanted.picture ? ' and a picture' : ''}; there was: ${last}`);
    }
    await this.page.waitForTimeout(400);
    return card;
  }

  /** The picture in a hover, drawn at its size. */
  async shown(card) {
    let size;
    await until('the picture to be drawn', async () => {
      size = await pictureIn(card).first().evaluate((img) => ({ width: img.naturalWidth, height: img.naturalHeight, drawn: img.getBoundingClientRect().width }), undefined, { timeout: 5000 });
      return size.width >= 300 && size.height >= 30 && size.drawn >= 300;
    }, 30_000, () => size);
  }

  async click(word, nth = 0) {
    const { x, y } = await this.placeOf(word, nth);
    await this.page.mouse.click(x, y);
  }

  /** Keys one by one, as fingers press them. */
  type(text) { return this.page.keyboard.type(text, { delay: 25 }); }

  /** Tab to the next place to fill in. With a list of proposals open it would take one instead. */
  async next() {
    const widget = this.page.locator('.suggest-widget.visible');
    for (let quiet = 0; quiet < 3; quiet++) {
      await this.page.waitForTimeout(200);
      if (await widget.isVisible()) { await this.page.keyboard.press('Escape'); quiet = -1; }
    }
    await this.page.keyboard.press('Tab');
  }

  proposal(label) { return this.page.locator('.suggest-widget.visible .monaco-list-row', { has: this.page.locator('.label-name', { hasText: new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) }) }); }
  /**
   * Type the beginning of a word and take it from the list of proposals.
   * @returns what the list said of it
   */
  async complete(typed, label, shot) {
    await this.type(typed);
    const row = this.proposal(label).first(), widget = this.page.locator('.suggest-widget.visible'), end = Date.now() + 90_000;
    const chosen = async () => /\bfocused\b/.test(await row.getAttribute('class', { timeout: 1000 }).catch(() => '') ?? '');
    let said = '';
    for (;;) {
      // What is proposed may come late: asked for again, as a user would.
      if (!await row.waitFor({ timeout: 5000 }).then(() => true, () => false)) {
        if (Date.now() > end) assert.fail(`"${label}" is not proposed after "${typed}"`);
        await this.page.keyboard.press('Control+Space');
        continue;
      }
      // Down the list; without the list the key would move the cursor.
      for (let i = 0; i < 60 && !await chosen() && await widget.isVisible(); i++) { await this.page.keyboard.press('ArrowDown'); await this.page.waitForTimeout(60); }
      said = await row.innerText({ timeout: 2000 }).catch(() => '');
      // A list that is still being filled puts others in its place.
      await this.page.waitForTimeout(250);
      if (said && await chosen()) break;
      if (Date.now() > end) assert.fail(`"${label}" cannot be chosen`);
    }
    if (shot) { await this.window.shot(shot); if (!await chosen()) return this.complete('', label); }
    await this.page.keyboard.press('Enter');
    await widget.waitFor({ state: 'hidden' });
    return said.replace(/\s+/g, ' ');
  }

  /** Choose a fix at a word, from the menu that Ctrl+. opens; `also` looks at the menu before. */
  async fix(word, title, { nth = 0, shot, also } = {}) {
    const entry = this.page.locator('.action-widget .action', { hasText: title }).first(), end = Date.now() + 120_000;
    for (;;) {
      await this.click(word, nth);
      await this.page.keyboard.press('Control+.');
      if (await entry.waitFor({ timeout: 8000 }).then(() => true, () => false)) break;
      await this.page.keyboard.press('Escape');
      if (Date.now() > end) assert.fail(`no fix "${title}" at "${word}"`);
    }
    await also?.();
    if (shot) await this.window.shot(shot);
    // Like a menu, the list ignores the mouse for a moment.
    await until(`the fix "${title}" to be taken`, async () => {
      if (!await entry.isVisible()) return true;
      await entry.click({ timeout: 3000 }).catch(() => undefined);
      return soon(async () => !await entry.isVisible(), 3000);
    }, 30_000);
  }

  theme(kind) { return this.window.theme(kind); }
}

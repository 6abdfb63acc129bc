/** The text editor as a user sees it: what is drawn in it, what hovers over it, what is proposed while one types. */
import assert from 'node:assert/strict';

/** Poll until `look` gives something; on a busy machine everything comes late, so the most is generous. */
export async function until(what, look, ms = 90_000) {
  for (const end = Date.now() + ms; ; await new Promise((r) => setTimeout(r, 150))) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
  }
}

/** The picture in a hover. */
export const pictureIn = (card) => card.locator('img[src^="data:image/svg+xml;base64,"]');
export const svgIn = (card) => pictureIn(card).first().evaluate((img) => atob(img.src.slice(img.src.indexOf(',') + 1)));

export class Editor {
  /** @param {import('./window.mjs').Window} window */
  constructor(window) { this.window = window; this.page = window.page; }

  tabOf(name) { return this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`); }
  async open(name) {
    await this.window.file(name).dblclick();
    await this.tabOf(name).waitFor();
  }

  lens(words) { return this.page.locator('.monaco-editor .codelens-decoration a, .monaco-editor .codelens-decoration span', { hasText: words }); }
  /** Click a lens until `done` holds: one that has just been drawn anew ignores the mouse for a moment. */
  async pressLens(words, done, ms = 90_000, nth = 0) {
    const lens = this.lens(words).nth(nth);
    await lens.waitFor({ timeout: ms });
    for (const end = Date.now() + ms; ;) {
      await lens.click({ timeout: 5000 }).catch(() => undefined);
      if (await until('', done, 3000).catch(() => false)) return;
      if (Date.now() > end) assert.fail(`the lens ${words} does nothing`);
    }
  }

  /** The open editor's text as it is drawn, hints included; only lines on the screen. */
  drawn() { return this.page.locator('.editor-instance .view-lines').first().innerText().then((t) => t.replace(/\u00a0/g, ' ')); }
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

  /** Rest the mouse on a word until its hover is there. `nth` counts from above; -1 is the last. */
  async hover(word, nth = 0) {
    const card = this.page.locator('.monaco-hover:not(.hidden) .hover-contents').first(), aside = () => this.page.mouse.move(150, 700);
    // One that is still there would be taken for the new one.
    await aside();
    await this.page.keyboard.press('Escape');
    await card.waitFor({ state: 'hidden' });
    const place = await this.placeOf(word, nth);
    for (let i = 0; i < 12; i++) {
      await aside();
      await this.page.waitForTimeout(400);
      await this.page.mouse.move(place.x, place.y);
      if (await card.waitFor({ timeout: 5000 }).then(() => true, () => false)) break;
    }
    await this.page.waitForTimeout(500);
    return this.page.locator('.monaco-hover:not(.hidden)').first();
  }

  /** The picture in a hover, drawn at its size. */
  async shown(card) {
    const picture = pictureIn(card).first();
    await picture.waitFor();
    const size = await picture.evaluate((img) => ({ width: img.naturalWidth, height: img.naturalHeight, drawn: img.getBoundingClientRect().width }));
    assert.ok(size.width >= 300 && size.height >= 30 && size.drawn >= 300, `the picture is drawn: ${JSON.stringify(size)}`);
  }

  async click(word, nth = 0) {
    const { x, y } = await this.placeOf(word, nth);
    await this.page.mouse.click(x, y);
  }

  /** Keys one by one, as fingers press them. */
  type(text) { return this.page.keyboard.type(text, { delay: 25 }); }

  proposal(label) { return this.page.locator('.suggest-widget.visible .monaco-list-row', { has: this.page.locator('.label-name', { hasText: new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) }) }); }
  /**
   * Type the beginning of a word and take it from the list of proposals.
   * @returns what the list said of it
   */
  async complete(typed, label, shot) {
    await this.type(typed);
    const row = this.proposal(label).first(), widget = this.page.locator('.suggest-widget.visible'), end = Date.now() + 90_000;
    // What is proposed may come late: asked for again, as a user would.
    while (!await row.waitFor({ timeout: 4000 }).then(() => true, () => false)) {
      if (Date.now() > end) assert.fail(`"${label}" is not proposed after "${typed}"`);
      await this.page.keyboard.press('Control+Space');
    }
    const chosen = async () => /\bfocused\b/.test(await row.getAttribute('class').catch(() => '') ?? '');
    for (let i = 0; i < 60 && !await chosen(); i++) { await this.page.keyboard.press('ArrowDown'); await this.page.waitForTimeout(60); }
    assert.ok(await chosen(), `"${label}" can be chosen`);
    const said = await row.innerText();
    if (shot) await this.window.shot(shot);
    await this.page.keyboard.press('Enter');
    await widget.waitFor({ state: 'hidden' });
    return said.replace(/\s+/g, ' ');
  }

  /** Choose a fix at a word, from the menu that Ctrl+. opens; `also` looks at the menu before. */
  async fix(word, title, { nth = 0, shot, also } = {}) {
    const entry = this.page.locator('.action-widget .action', { hasText: title }).first(), end = Date.now() + 90_000;
    for (;;) {
      await this.click(word, nth);
      await this.page.keyboard.press('Control+.');
      if (await entry.waitFor({ timeout: 5000 }).then(() => true, () => false)) break;
      await this.page.keyboard.press('Escape');
      if (Date.now() > end) assert.fail(`no fix "${title}" at "${word}"`);
    }
    await also?.();
    if (shot) await this.window.shot(shot);
    await entry.click();
    await entry.waitFor({ state: 'detached' });
  }

  async theme(kind) {
    const light = /\bvs\b(?!-)/.test(await this.page.locator('.monaco-workbench').first().getAttribute('class'));
    if (light === (kind === 'light')) return;
    await this.window.command('Toggle between Light/Dark Themes');
    await this.page.locator(kind === 'light' ? '.monaco-workbench.vs' : '.monaco-workbench.vs-dark').waitFor();
  }
}

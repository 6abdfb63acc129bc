/** The Runs view as a user sees it: rows, what they unfold into, their menus and buttons. */
import { pressed } from './pressed.mjs';
import { soon, until } from './until.mjs';

const middle = async (thing) => { const { x, y, width, height } = await thing.boundingBox({ timeout: 3000 }); return [x + width / 2, y + height / 2]; };
const list = '.sidebar .tree-explorer-viewlet-tree-view .monaco-list-row';

export class RunsView {
  /** @param {import('./window.mjs').Window} window */
  constructor(window) { this.window = window; this.page = window.page; }

  /** Open it by its icon in the activity bar. */
  open() { return this.window.show('Understudy', this.page.locator('.sidebar .composite.title', { hasText: /Understudy/i })); }
  /** Back to the files. */
  files() { return this.window.show('Explorer', this.page.locator('.explorer-folders-view')); }

  get rows() { return this.page.locator(list); }
  /** Rows of runs whose text has the words; without `level` also their details. */
  row(words, level = 1) { return this.page.locator(`${list}[aria-level="${level}"]`, { hasText: words }); }
  detail(words) { return this.row(words, 2); }
  /** The rows of runs from the top down: the place of each among them, and its words. In the page they stand in the order in which they were drawn. */
  order() {
    return this.page.evaluate((selector) => [...document.querySelectorAll(`${selector}[aria-level="1"]`)].map((e) => ({ place: Number(e.getAttribute('aria-posinset')), text: e.innerText.replace(/\s+/g, ' ').trim() })).sort((a, b) => a.place - b.place), list);
  }
  /** A row of a run by its place among them, as `order` tells it: what others unfold into does not count. */
  at(place) { return this.page.locator(`${list}[aria-level="1"][aria-posinset="${place}"]`); }

  async unfold(row) {
    const unfolded = async () => await row.getAttribute('aria-expanded', { timeout: 5000 }) === 'true';
    await until('the row to unfold', async () => {
      if (await unfolded()) return true;
      const [x, y] = await middle(row.locator('.monaco-tl-twistie'));
      await this.page.mouse.click(x, y);
      // A second click would fold it again, so it is given time.
      return soon(unfolded, 10_000);
    });
  }

  /** A button on a row, by its tooltip: until it has taken the click, and not once more. */
  async press(row, label) {
    const { mouse } = this.page, named = `.action-label[aria-label^="${label}"]`, button = row.locator(`.actions ${named}`);
    // By the mouse itself, at once: a row under way is drawn anew now and then, and would never count as standing still on a busy machine.
    for (const end = Date.now() + 90_000; Date.now() < end; await this.page.waitForTimeout(100)) {
      // Buttons are there while the mouse is over the row.
      if (!await middle(row).then(([x, y]) => mouse.move(x, y)).then(() => button.waitFor({ timeout: 3000 })).then(() => true, () => false)) continue;
      if (await pressed(this.page, 'click', named, async () => mouse.click(...await middle(button)))) return;
    }
    throw new Error(`"${label}" cannot be pressed`);
  }

  /** Right-click a row and choose. */
  choose(row, item) { return this.window.chooseFrom(row, item); }

  /** A button of the view's title. */
  async title(label) {
    await this.page.locator('.sidebar .composite.title, .sidebar .pane-header').first().hover();
    await this.page.locator(`.sidebar .actions-container .action-label[aria-label^="${label}"]`).first().click();
  }

  welcome(words) { return this.page.locator('.sidebar .welcome-view', { hasText: words }); }
}

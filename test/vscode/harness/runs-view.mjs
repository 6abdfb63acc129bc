/** The Runs view as a user sees it: rows, what they unfold into, their menus and buttons. */
export class RunsView {
  /** @param {import('./window.mjs').Window} window */
  constructor(window) { this.window = window; this.page = window.page; }

  /** Open it by its icon in the activity bar. */
  async open() {
    const icon = this.page.locator('.activitybar .action-item', { has: this.page.locator('[aria-label^="Understudy"]') });
    await icon.waitFor({ timeout: 60_000 });
    const title = this.page.locator('.sidebar .composite.title', { hasText: /Understudy/i });
    // While a window is restored its icons move and its side bar comes late: a click then lands beside the icon, or closes what was just opened.
    for (let i = 0; i < 6 && !await title.isVisible().catch(() => false); i++) {
      await icon.click();
      await title.waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    await title.waitFor();
  }

  /** Back to the files. */
  async files() {
    const files = this.page.locator('.explorer-folders-view');
    // A click on the icon of the view that is open would close the side bar.
    if (!await files.isVisible()) await this.page.locator('.activitybar .action-item', { has: this.page.locator('[aria-label^="Explorer"]') }).click();
    await files.waitFor();
  }

  get rows() { return this.page.locator('.sidebar .tree-explorer-viewlet-tree-view .monaco-list-row'); }
  /** Rows of runs whose text has the words; without `level` also their details. */
  row(words, level = 1) { return this.page.locator(`.sidebar .tree-explorer-viewlet-tree-view .monaco-list-row[aria-level="${level}"]`, { hasText: words }); }
  detail(words) { return this.row(words, 2); }

  async unfold(row) {
    if (await row.getAttribute('aria-expanded') !== 'true') await row.locator('.monaco-tl-twistie').click();
    await this.page.waitForTimeout(300);
  }

  /** A button on a row, by its tooltip. */
  async press(row, label) {
    const button = row.locator(`.actions .action-label[aria-label^="${label}"]`);
    // By the mouse itself, at once: a row under way is drawn anew now and then, and would never count as standing still on a busy machine.
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      await row.hover({ timeout: 5000 }).catch(() => undefined);
      const box = await button.boundingBox({ timeout: 2000 }).catch(() => null);
      if (!box) continue;
      await this.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      return;
    }
    throw new Error(`"${label}" cannot be pressed`);
  }

  /** Right-click a row and choose. */
  async choose(row, item) {
    for (let i = 0; i < 8; i++) {
      await row.click({ button: 'right' });
      const entry = this.page.locator('.monaco-menu .action-label', { hasText: item }).first();
      if (await entry.waitFor({ timeout: 2000 }).then(() => true, () => false)) {
        await this.page.waitForTimeout(300); // a menu that has just opened ignores the mouse
        await entry.click({ timeout: 2000 }).catch(() => undefined);
        if (await entry.waitFor({ state: 'hidden', timeout: 1500 }).then(() => true, () => false)) return;
      }
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`"${item}" cannot be chosen`);
  }

  /** A button of the view's title. */
  async title(label) {
    await this.page.locator('.sidebar .composite.title, .sidebar .pane-header').first().hover();
    await this.page.locator(`.sidebar .actions-container .action-label[aria-label^="${label}"]`).first().click();
  }

  welcome(words) { return this.page.locator('.sidebar .welcome-view', { hasText: words }); }
}

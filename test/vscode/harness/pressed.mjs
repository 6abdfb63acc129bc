/** Whether a click reached what it was meant for. */

/**
 * Click, and say whether VS Code took it: its menus and buttons stop the event that they act on. Only a click that was not taken may be repeated
 * without doing twice what was asked once.
 * @param {import('playwright-core').Page} page
 * @param {'mouseup' | 'click'} event what it acts on
 * @param {string | import('playwright-core').Locator} target what it is meant for: by selector where it may be drawn anew meanwhile
 * @param {() => Promise<unknown>} click
 */
export async function pressed(page, event, target, click) {
  const element = typeof target === 'string' ? null : await target.elementHandle({ timeout: 5000 }).catch(() => undefined);
  if (element === undefined) return false;
  await page.evaluate(([name, selector, wanted]) => {
    const press = window.understudyPress = (window.understudyPress ?? 0) + 1;
    window.understudyTook = undefined;
    window.addEventListener(name, (m) => {
      const mine = m.button === 0 && m.composedPath().some((e) => (selector ? e.matches?.(selector) : e === wanted));
      // Asked when the event has been everywhere.
      setTimeout(() => { if (window.understudyPress === press) window.understudyTook = mine && m.defaultPrevented; });
    }, { capture: true, once: true });
  }, [event, typeof target === 'string' ? target : '', element]);
  await click().catch(() => undefined);
  // The browser has handled the event when the click returns; its own timer comes just after.
  return page.waitForFunction(() => window.understudyTook !== undefined, undefined, { timeout: 2000, polling: 20 }).then(() => page.evaluate(() => window.understudyTook === true), () => false);
}

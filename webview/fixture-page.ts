import { beforeAll, beforeEach, vi } from 'vitest';
import { dataElementId } from './host';

// The widgets need a layout engine and form internals, which jsdom has not: here they are plain elements with a `value`.
// The real ones are looked at in Chromium (test/vscode/ui/stories-components.mjs), where axe also sees layout and colours.
for (const widget of ['button', 'checkbox', 'option', 'single-select', 'textfield']) vi.doMock(`@vscode-elements/elements/dist/vscode-${widget}/index.js`, () => ({}));

/** The page's own beginning, once the tests run. */
export let start: () => HTMLElement;
beforeAll(async () => {
  (globalThis as { understudyNoStart?: boolean }).understudyNoStart = true;
  document.documentElement.lang = 'en';
  start = (await import('./report')).start;
});
beforeEach(() => { document.body.replaceChildren(); });

export const settle = async (): Promise<void> => { for (let i = 0; i < 8; i++) await Promise.resolve(); await new Promise((r) => setTimeout(r, 0)); };

/** A page as it stands once it was started with its data, a report or a laboratory's result; the body is empty before each test. */
export async function show(shown: object): Promise<HTMLElement> {
  const data = document.createElement('script');
  data.type = 'application/json'; data.id = dataElementId; data.textContent = JSON.stringify(shown);
  document.body.append(data);
  const view = start();
  await settle();
  return view;
}

/** The words of every element a selector finds, in single spaces. */
export const texts = (root: ParentNode, selector: string): string[] => [...root.querySelectorAll(selector)].map((e) => e.textContent!.replace(/\s+/g, ' ').trim());

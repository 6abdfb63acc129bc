/** Light, dark or high contrast: from VS Code's body classes in the editor, from the system in a browser. */
export type Theme = 'light' | 'dark' | 'hc-light' | 'hc-dark';

/** Pictures painted on canvas listen for this on `document`; SVG follows CSS variables by itself. */
export const themeChanged = 'understudy-theme';

export function currentTheme(page: Window = window): Theme {
  const body = page.document.body.classList;
  if (body.contains('vscode-high-contrast-light')) return 'hc-light';
  if (body.contains('vscode-high-contrast')) return 'hc-dark';
  if (body.contains('vscode-dark')) return 'dark';
  if (body.contains('vscode-light')) return 'light';
  const media = (q: string) => page.matchMedia?.(q).matches ?? false;
  const dark = media('(prefers-color-scheme: dark)');
  if (media('(prefers-contrast: more)') || media('(forced-colors: active)')) return dark ? 'hc-dark' : 'hc-light';
  return dark ? 'dark' : 'light';
}

/** Marks the root element with the theme, now and whenever it changes. */
export function followTheme(page: Window = window): void {
  const root = page.document.documentElement;
  const apply = () => {
    const theme = currentTheme(page);
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    page.document.dispatchEvent(new CustomEvent(themeChanged));
  };
  apply();
  for (const q of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)']) page.matchMedia?.(q).addEventListener?.('change', apply);
  new MutationObserver(apply).observe(page.document.body, { attributes: true, attributeFilter: ['class'] });
}

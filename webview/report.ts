/**
 * Entry of the report's bundle. A page needs only this script, with nothing else in its body; the report comes from an
 * embedded `<script type="application/json" id="understudy-data">` (HTML file) or by message (VS Code webview).
 */
import { findHost } from './host';
import { addStyles } from './styles';
import { followTheme } from './theme';
import './understudy-app';

export function start(page: Window = window): HTMLElement {
  const { document } = page;
  addStyles(document);
  followTheme(page);
  const host = findHost(page);
  // Outside the editor its widgets take their colours from us; see styles.ts.
  document.documentElement.dataset.host = host.editor ? 'editor' : 'browser';
  const view = document.createElement('understudy-app');
  view.host = host;
  document.body.append(view);
  host.onMessage((message) => view.show(message));
  return view;
}

// Absent in tests that import pieces; present wherever the bundle runs.
if (typeof document !== 'undefined' && !(globalThis as { understudyNoStart?: boolean }).understudyNoStart) start();

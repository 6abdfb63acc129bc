/**
 * Entry of the report's bundle. A page needs only this script, with nothing else in its body; the report comes from an
 * embedded `<script type="application/json" id="understudy-data">` (HTML file) or by message (VS Code webview).
 */
import { findHost } from './host';
import { addStyles } from './styles';
import { followTheme } from './theme';
import './understudy-report';

export function start(page: Window = window): HTMLElement {
  const { document } = page;
  addStyles(document);
  followTheme(page);
  const host = findHost(page);
  const view = document.createElement('understudy-report');
  view.host = host;
  document.body.append(view);
  host.onReport((report) => {
    view.report = report;
    document.title = report.title;
  });
  return view;
}

// Absent in tests that import pieces; present wherever the bundle runs.
if (typeof document !== 'undefined' && !(globalThis as { understudyNoStart?: boolean }).understudyNoStart) start();

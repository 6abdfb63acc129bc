/** Where the report lives: VS Code's webview or a file in a browser. The only place that knows which. */
import type { FromWebview, ReportData, ToWebview } from '../server/protocol';

export interface Host {
  /** True in the editor: paths can be opened and saving is the editor's. */
  readonly editor: boolean;
  /** Saves text under a suggested name: the editor asks where, a browser downloads. */
  save(name: string, content: string, mime: string): void;
  open(path: string): void;
  /** What the reader had chosen when the view was last hidden. */
  state(): Record<string, unknown>;
  keep(patch: Record<string, unknown>): void;
  /** Calls back with each report that arrives, beginning with one embedded in the page. */
  onReport(receive: (report: ReportData) => void): void;
}

interface VsCodeApi { postMessage(m: FromWebview): void; getState(): unknown; setState(s: unknown): void }
declare global { var acquireVsCodeApi: undefined | (() => VsCodeApi) }

/** The id of the `<script type="application/json">` that carries a report's data in an HTML file. */
export const dataElementId = 'understudy-data';

/** Finds the host once; VS Code allows `acquireVsCodeApi` to be called only once a page. */
export function findHost(page: Window = window): Host {
  const api = typeof globalThis.acquireVsCodeApi === 'function' ? globalThis.acquireVsCodeApi() : undefined;
  let kept: Record<string, unknown> = (api?.getState() as Record<string, unknown> | undefined) ?? {};
  const post = (m: FromWebview) => api?.postMessage(m);
  return {
    editor: !!api,
    save(name, content, mime) {
      if (api) return post({ type: 'save', name, content });
      const url = URL.createObjectURL(new Blob([content], { type: `${mime};charset=utf-8` }));
      const a = page.document.createElement('a');
      a.href = url; a.download = name; a.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
    open: (path) => post({ type: 'open', path }),
    state: () => kept,
    keep(patch) { kept = { ...kept, ...patch }; api?.setState(kept); },
    onReport(receive) {
      const embedded = page.document.getElementById(dataElementId)?.textContent;
      if (embedded) receive(JSON.parse(embedded) as ReportData);
      if (!api) return;
      // A webview's messages come from its own origin's parent frame; a page in a browser listens to nobody.
      page.addEventListener('message', (e: MessageEvent<ToWebview>) => { if (e.data?.type === 'report') receive(e.data.report); });
      post({ type: 'ready' });
    },
  };
}

/** A file name any system takes, from a column's or figure's name. */
export const fileName = (name: string, extension: string) => `${name.normalize('NFKD').replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 80) || 'picture'}.${extension}`;

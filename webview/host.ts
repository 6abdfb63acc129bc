/** Where the report lives: VS Code's webview or a file in a browser. The only place that knows which. */
import type { FromWebview, LaboratoryResult, PairPicture, ReportData, ToWebview } from '../server/protocol';

export interface Host {
  /** True in the editor: paths can be opened and saving is the editor's. */
  readonly editor: boolean;
  /** Saves text under a suggested name: the editor asks where, a browser downloads. */
  save(name: string, content: string, mime: string): void;
  open(path: string): void;
  /** Anything else that only the editor can do; in a browser nothing happens. */
  post(message: Extract<FromWebview, { type: 'command' | 'export' | 'openRun' }>): void;
  /** A pair's picture from the run's own tables. Rejects, in words for the reader, where there is no editor or no table any more. */
  pair(a: string, b: string): Promise<PairPicture>;
  /** What the reader had chosen when the view was last hidden. */
  state(): Record<string, unknown>;
  keep(patch: Record<string, unknown>): void;
  /** Calls back with each message that arrives, beginning with a report embedded in the page. */
  onMessage(receive: (message: Extract<ToWebview, { type: 'report' | 'comparison' | 'live' | 'laboratory' }>) => void): void;
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
  const asked = new Map<string, { promise: Promise<PairPicture>; resolve(p: PairPicture): void; reject(e: Error): void }>();
  const key = (a: string, b: string) => JSON.stringify([a, b].sort());
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
    post,
    pair(a, b) {
      if (!api) return Promise.reject(new Error('This file holds the pictures of the worst pairs only. Open the report in VS Code to see any other.'));
      const waiting = asked.get(key(a, b));
      if (waiting) return waiting.promise;
      let resolve!: (p: PairPicture) => void, reject!: (e: Error) => void;
      const promise = new Promise<PairPicture>((yes, no) => { resolve = yes; reject = no; });
      asked.set(key(a, b), { promise, resolve, reject });
      post({ type: 'pair', a, b });
      return promise;
    },
    state: () => kept,
    keep(patch) { kept = { ...kept, ...patch }; api?.setState(kept); },
    onMessage(receive) {
      const embedded = page.document.getElementById(dataElementId)?.textContent;
      if (embedded) {
        const data = JSON.parse(embedded) as object;
        receive('laboratory' in data ? { type: 'laboratory', result: data as LaboratoryResult } : { type: 'report', report: data as ReportData });
      }
      if (!api) return;
      // A webview's messages come from its own origin's parent frame; a page in a browser listens to nobody.
      page.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => {
        if (data?.type === 'report' || data?.type === 'comparison' || data?.type === 'live' || data?.type === 'laboratory') receive(data);
        else if (data?.type === 'pair') {
          const waiting = asked.get(key(data.a, data.b));
          // An answer is kept, a refusal is not: the table may be back the next time.
          if (data.picture) waiting?.resolve(data.picture);
          else { asked.delete(key(data.a, data.b)); waiting?.reject(new Error(data.error ?? 'This pair could not be drawn.')); }
        }
      });
      post({ type: 'ready' });
    },
  };
}

/** A file name any system takes, from a column's or figure's name. */
export const fileName = (name: string, extension: string) => `${name.normalize('NFKD').replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 80) || 'picture'}.${extension}`;

/** The report's webview panels: one a run, restored after a reload. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FromWebview, ReportData, ToWebview } from '../../server/protocol';
import type { Context } from '../context';
import { showError } from '../errors';
import * as requests from '../requests';
import { page } from './html';

export const viewType = 'understudy.report';

export class Reports implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly open = new Map<string, vscode.WebviewPanel>();
  private readonly serializer = vscode.window.registerWebviewPanelSerializer(viewType, this);

  constructor(private readonly context: Context) {}

  /** Show the report of the run in `folder` (the run's own folder). Rejects when it has none. */
  async show(folder: string, column = vscode.ViewColumn.Active): Promise<void> {
    const existing = this.open.get(folder);
    if (existing) { existing.reveal(undefined, true); return; }
    // Asked for before the panel is made: a run without a report is an error message, not an empty tab.
    const report = await this.context.server.ask(requests.report, { folder });
    const panel = vscode.window.createWebviewPanel(viewType, report.title, { viewColumn: column, preserveFocus: true }, this.options());
    this.fill(panel, folder, report);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const folder = (state as { folder?: unknown } | undefined)?.folder;
    if (typeof folder !== 'string') { panel.dispose(); return; }
    panel.webview.options = this.options();
    try {
      this.fill(panel, folder, await this.context.server.ask(requests.report, { folder }));
    } catch (error) {
      panel.dispose();
      showError(this.context, error);
    }
  }

  private options(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.context.extension.extensionUri, 'dist', 'webview')], enableFindWidget: true };
  }

  private fill(panel: vscode.WebviewPanel, folder: string, report: ReportData): void {
    this.open.set(folder, panel);
    const { extensionUri } = this.context.extension;
    panel.title = report.title;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'report.svg');
    const { webview } = panel;
    const listener = webview.onDidReceiveMessage((message: FromWebview) => this.receive(panel, report, message).catch((error) => showError(this.context, error)));
    panel.onDidDispose(() => { listener.dispose(); this.open.delete(folder); });
    webview.html = page({
      script: webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', 'report.js')).toString(),
      cspSource: webview.cspSource, nonce: randomBytes(18).toString('base64'), folder,
    });
  }

  private async receive(panel: vscode.WebviewPanel, report: ReportData, message: FromWebview): Promise<void> {
    switch (message.type) {
      // The page says so each time it is loaded, also after having been hidden.
      case 'ready': await panel.webview.postMessage({ type: 'report', report } satisfies ToWebview); break;
      case 'open': {
        // Only the run's own files: a page must not open what it likes.
        const own = [report.source.path, report.synthetic.path, report.control?.path];
        if (own.includes(message.path)) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(message.path), vscode.ViewColumn.One);
        break;
      }
      case 'save': {
        const near = vscode.Uri.file(path.join(path.dirname(report.synthetic.path || report.source.path), path.basename(message.name)));
        const to = await vscode.window.showSaveDialog({ defaultUri: near });
        if (to) await vscode.workspace.fs.writeFile(to, new TextEncoder().encode(message.content));
        break;
      }
    }
  }

  dispose(): void {
    this.serializer.dispose();
    for (const panel of [...this.open.values()]) panel.dispose();
  }
}

/** What a page may ask of the editor. A page can ask for anything; only what concerns its own run and files is done. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FromWebview, ReportData, RunRecord, ToWebview } from '../../server/protocol';
import type { Context } from '../context';
import * as requests from '../requests';

/** The run a page is about, with the reports it shows; none while the run goes on. */
export interface Asked { folder: string; reports: ReportData[]; run?: RunRecord }

export class Answers {
  constructor(private readonly context: Context) {}

  /** @returns what goes back to the page, if anything */
  async to(message: FromWebview, asked: Asked): Promise<ToWebview | undefined> {
    const [report] = asked.reports;
    switch (message.type) {
      case 'open': {
        const own = asked.reports.flatMap((r) => [r.source.path, r.synthetic.path, r.control?.path]);
        if (own.includes(message.path)) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(message.path), vscode.ViewColumn.One);
        return undefined;
      }
      case 'save': await this.save(message.name, new TextEncoder().encode(message.content), report, asked.run); return undefined;
      case 'export': await this.exportHtml(asked); return undefined;
      case 'pair': {
        const { a, b } = message;
        try {
          return { type: 'pair', a, b, picture: await this.context.server.ask(requests.pair, { folder: asked.folder, a, b }) };
        } catch (error) {
          const { message: words, data } = error as { message: string; data?: { hint?: string } };
          return { type: 'pair', a, b, error: data?.hint && !words.includes(data.hint) ? `${words} ${data.hint}` : words };
        }
      }
      case 'command': await this.command(message.id, asked); return undefined;
      default: return undefined;
    }
  }

  private async command(id: Extract<FromWebview, { type: 'command' }>['id'], { reports: [report], run, folder }: Asked): Promise<void> {
    const go = (name: string, ...args: unknown[]) => vscode.commands.executeCommand(`understudy.${name}`, ...args);
    switch (id) {
      case 'cancelRun': if (run) await this.context.server.ask(requests.cancel, { id: run.id }); return;
      case 'resumeRun': await go('resumeRun', run ?? folder); return;
      case 'showLog': await go('showLog'); return;
      case 'openSynthetic': if (report) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(report.synthetic.path), vscode.ViewColumn.One); return;
      case 'synthesize': case 'inspect': if (report) await go(id, vscode.Uri.file(report.source.path)); return;
      case 'evaluate': if (report) await go('evaluate', vscode.Uri.file(report.synthetic.path)); return;
      default: return;
    }
  }

  /** The same file that the run wrote beside its table, wherever the user wants it. */
  private async exportHtml({ folder, reports: [report] }: Asked): Promise<void> {
    if (!report) return;
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(path.join(folder, 'report.html')));
    const name = path.basename(report.synthetic.path || report.source.path);
    await this.save(`${name.slice(0, name.length - path.extname(name).length)}.report.html`, bytes, report);
  }

  private async save(name: string, bytes: Uint8Array, report: ReportData | undefined, run?: RunRecord): Promise<void> {
    const beside = report?.synthetic.path || report?.source.path || run?.source || '';
    const to = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(path.join(path.dirname(beside), path.basename(name))) });
    if (to) await vscode.workspace.fs.writeFile(to, bytes);
  }
}

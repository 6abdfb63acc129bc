/** The report's webview panels: a run's report, a run that goes on, or two runs side by side; restored after a reload. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FromWebview, LaboratoryResult, ReportData, RunRecord, ToWebview } from '../../server/protocol';
import type { Context } from '../context';
import { showError } from '../errors';
import { t } from '../l10n';
import * as requests from '../requests';
import { allRuns } from '../runs/choose';
import { hasEnded } from '../runs/tracker';
import { Answers } from './answers';
import { LiveCurves } from './curves';
import { page } from './html';
import { runTitle } from './titles';

export const viewType = 'understudy.report';

/**
 * Opens a run's report, or the live view of a run that goes on; with a second run, both side by side.
 * @param runId the run's id, or its own folder
 */
export async function openReport(context: Context, runId: string, otherRunId?: string): Promise<void> {
  const [run, other] = await Promise.all([context.reports.find(runId), otherRunId === undefined ? undefined : context.reports.find(otherRunId)]);
  if (other) await context.reports.compare(run.folder, other.folder);
  else await context.reports.show(run.folder);
}

/** What one panel shows now. */
interface Shown { panel: vscode.WebviewPanel; folders: [string] | [string, string]; reports: ReportData[]; laboratory?: LaboratoryResult; run?: RunRecord }

export class Reports implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly open = new Map<string, Shown>();
  private readonly serializer = vscode.window.registerWebviewPanelSerializer(viewType, this);
  private readonly curves: LiveCurves;
  private readonly answers: Answers;
  private readonly listener: vscode.Disposable;

  constructor(private readonly context: Context) {
    this.curves = new LiveCurves(context.runs);
    this.answers = new Answers(context);
    this.listener = context.runs.onChange((run) => void this.changed(run).catch((error) => this.context.log.error(String(error))));
  }

  /** A run this window knows, by id or folder. @throws Error in words when there is none. */
  async find(idOrFolder: string): Promise<RunRecord> {
    const known = this.context.runs.get(idOrFolder) ?? (await allRuns(this.context)).find((r) => r.id === idOrFolder || r.folder === idOrFolder);
    if (known) return known;
    throw new Error(t('There is no run {0} in this workspace any more.', idOrFolder));
  }

  /** Show the report of the run in `folder` (the run's own folder), or the run itself while it goes on. Rejects when there is neither. */
  async show(folder: string, column = vscode.ViewColumn.Active): Promise<void> {
    const existing = this.open.get(folder);
    if (existing) {
      await this.refresh(existing);
      // Asked for beside something it goes there; else it stays where the user has put it.
      existing.panel.reveal(column === vscode.ViewColumn.Beside ? column : undefined, true);
      return;
    }
    const going = this.context.runs.active().find((r) => r.folder === folder);
    // Asked for before the panel is made: a run without a report is an error message, not an empty tab.
    const found = going ? { reports: [] } : await this.found(folder);
    const panel = vscode.window.createWebviewPanel(viewType, going ? runTitle(going) : titleOf(found), { viewColumn: column, preserveFocus: true }, this.options());
    this.fill({ panel, folders: [folder], ...found, ...(going && { run: going }) });
  }

  /** What a run that is done found: a report, or a laboratory's result. */
  private async found(folder: string): Promise<Pick<Shown, 'reports' | 'laboratory'>> {
    const laboratory = await this.context.server.ask(requests.laboratory, { folder });
    return laboratory ? { reports: [], laboratory } : { reports: [await this.context.server.ask(requests.report, { folder })] };
  }

  /** Two runs side by side. */
  async compare(folder: string, other: string, column = vscode.ViewColumn.Active): Promise<void> {
    const key = keyOf([folder, other]), existing = this.open.get(key);
    if (existing) { existing.panel.reveal(undefined, true); return; }
    const reports = await Promise.all([folder, other].map((f) => this.context.server.ask(requests.report, { folder: f })));
    const panel = vscode.window.createWebviewPanel(viewType, t('Comparison'), { viewColumn: column, preserveFocus: true }, this.options());
    this.fill({ panel, folders: [folder, other], reports });
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { folder, other } = (state ?? {}) as { folder?: unknown; other?: unknown };
    if (typeof folder !== 'string') { panel.dispose(); return; }
    const folders: Shown['folders'] = typeof other === 'string' ? [folder, other] : [folder];
    panel.webview.options = this.options();
    try {
      if (folders.length === 1) { this.fill({ panel, folders, ...await this.found(folder) }); return; }
      const reports = await Promise.all(folders.map((f) => this.context.server.ask(requests.report, { folder: f })));
      this.fill({ panel, folders, reports });
    } catch (error) {
      // A run that was going on when the window went away has no report: it shows how it ended, and how to go on.
      const run = folders.length === 1 && (await allRuns(this.context).catch(() => [])).find((r) => r.folder === folder && r.state !== 'finished');
      if (run) { this.fill({ panel, folders, reports: [], run }); return; }
      panel.dispose();
      showError(this.context, error);
    }
  }

  private options(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.context.extension.extensionUri, 'dist', 'webview')], enableFindWidget: true };
  }

  private fill(shown: Shown): void {
    const { panel, folders } = shown, key = keyOf(folders), { extensionUri } = this.context.extension, { webview } = panel;
    this.open.set(key, shown);
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'report.svg');
    this.title(shown);
    const listener = webview.onDidReceiveMessage((message: FromWebview) => this.receive(shown, message).catch((error) => showError(this.context, error)));
    panel.onDidDispose(() => { listener.dispose(); this.open.delete(key); });
    webview.html = page({
      script: webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', 'report.js')).toString(),
      cspSource: webview.cspSource, nonce: randomBytes(18).toString('base64'), state: { folder: folders[0], other: folders[1] ?? null },
    });
  }

  private title({ panel, folders, reports, laboratory, run }: Shown): void {
    panel.title = folders.length === 2 ? `${reports.map((r) => runTitle(r)).join(' \u2194 ')}` : run ? runTitle(run) : titleOf({ reports, laboratory });
  }

  /** The page's content, as it stands. */
  private async post(shown: Shown): Promise<void> {
    const { panel: { webview }, reports, laboratory, run } = shown;
    const message: ToWebview = laboratory && !run ? { type: 'laboratory', result: laboratory } : run ? { type: 'live', run, curve: this.curves.of(run.id) }
      : reports.length === 2 ? { type: 'comparison', reports: [reports[0], reports[1]], names: await this.names(shown) }
      : { type: 'report', report: reports[0] };
    await webview.postMessage(message);
  }
  private async names({ folders, reports }: Shown): Promise<[string, string]> {
    const runs = await allRuns(this.context).catch(() => []);
    const [a, b] = folders.map((f, i) => runs.find((r) => r.folder === f)?.name ?? runTitle(reports[i]));
    return a === b ? [`${a} (${reports[0].run?.id ?? 1})`, `${b} (${reports[1].run?.id ?? 2})`] : [a, b];
  }

  /** A run changed: its panel moves on with it, and turns into the report when it is done. */
  private async changed(run: RunRecord): Promise<void> {
    const shown = this.open.get(run.folder);
    if (!shown || shown.folders.length !== 1) return;
    if (run.state === 'finished') {
      if (!shown.run) return;
      await this.refresh(shown);
    } else if (!hasEnded(run) || shown.run) {
      shown.run = run;
      this.title(shown);
      await this.post(shown);
    }
  }
  private async refresh(shown: Shown): Promise<void> {
    if (shown.folders.length !== 1 || this.context.runs.active().some((r) => r.folder === shown.folders[0])) return;
    const found = await this.found(shown.folders[0]).catch(() => undefined);
    if (!found) return;
    Object.assign(shown, found);
    delete shown.run;
    this.title(shown);
    await this.post(shown);
  }

  private async receive(shown: Shown, message: FromWebview): Promise<void> {
    // The page says so each time it is loaded, also after having been hidden.
    if (message.type === 'ready') return this.post(shown);
    if (message.type === 'command' && message.id === 'openReport') return this.show(shown.folders[message.side === 1 && shown.folders.length === 2 ? 1 : 0]!, vscode.ViewColumn.Active);
    // Only runs that the sweep itself consists of.
    if (message.type === 'openRun') {
      const own = shown.laboratory?.laboratory === 'explore' ? shown.laboratory.points.flatMap((p) => p.runs.map((r) => r.folder)) : [];
      return own.includes(message.folder) ? this.show(message.folder, vscode.ViewColumn.Beside) : undefined;
    }
    const answer = await this.answers.to(message, { folder: shown.folders[0], reports: shown.reports, ...(shown.run && { run: shown.run }) });
    if (answer) await shown.panel.webview.postMessage(answer);
  }

  dispose(): void {
    this.listener.dispose();
    this.curves.dispose();
    this.serializer.dispose();
    for (const { panel } of [...this.open.values()]) panel.dispose();
  }
}

const titleOf = ({ reports, laboratory }: Pick<Shown, 'reports' | 'laboratory'>) => laboratory?.title ?? reports[0].title;
const keyOf = (folders: readonly string[]) => folders.join('\n');

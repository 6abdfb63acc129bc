/** The Runs view: a tree of runs, each unfolding into how it went and its files. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import { curveImage } from './sparkline';
import { arranged, type Detail, detailsOf, type Filter, filterInWords, type Icon, isFiltering, rowOf, type SortBy, sorts } from './rows';
import { hasEnded } from './tracker';

export type Node = { type: 'run'; run: RunRecord } | { type: 'detail'; run: RunRecord; detail: Detail };

const themeIcon = ({ id, color }: Icon) => new vscode.ThemeIcon(id, color ? new vscode.ThemeColor(color) : undefined);

/** A running row is renewed this often at most: with it go its buttons, and a click that falls between is lost. The status bar is quicker. */
const renewMs = 2000;

export class RunsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  readonly tree: vscode.TreeView<Node>;
  private readonly nodes = new Map<string, Extract<Node, { type: 'run' }>>();
  private readonly renewedAt = new Map<string, number>();
  private readonly listeners: vscode.Disposable[];

  constructor(private readonly context: Context) {
    this.tree = vscode.window.createTreeView('understudy.runs', { treeDataProvider: this, canSelectMany: true, showCollapseAll: false });
    this.listeners = [context.catalogue.onChange((run) => this.renew(run)), context.runs.onChange(() => this.badge())];
    this.describe();
  }

  get sort(): SortBy {
    const kept = this.context.extension.workspaceState.get<SortBy>('runs.sort');
    return sorts.some((s) => s.id === kept) ? kept! : 'newest';
  }
  get filter(): Filter { return this.context.extension.workspaceState.get<Filter>('runs.filter') ?? {}; }

  async sortBy(sort: SortBy): Promise<void> {
    await this.context.extension.workspaceState.update('runs.sort', sort);
    this.describe();
    this.changed.fire(undefined);
  }
  async filterBy(filter: Filter): Promise<void> {
    await this.context.extension.workspaceState.update('runs.filter', filter);
    this.describe();
    this.changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node?.type === 'run') return detailsOf(node.run, this.context.runs.losses(node.run.id)).map((detail) => ({ type: 'detail', run: node.run, detail }));
    if (node) return [];
    const { sort, filter } = this;
    const runs = arranged(await this.context.catalogue.all(), sort, filter);
    // Beside a message the view would not show its welcome.
    const message = isFiltering(filter) && runs.length ? t('Only {0}', filterInWords(filter)) : undefined;
    if (this.tree.message !== message) this.tree.message = message;
    // The tree knows a run by its object: the same one each time keeps it selected and unfolded.
    return runs.map((run) => {
      const known = this.nodes.get(run.folder) ?? { type: 'run', run };
      known.run = run;
      this.nodes.set(run.folder, known);
      return known;
    });
  }

  getParent(node: Node): Node | undefined { return node.type === 'detail' ? this.nodes.get(node.run.folder) : undefined; }

  getTreeItem(node: Node): vscode.TreeItem { return node.type === 'run' ? this.runItem(node.run) : this.detailItem(node.run, node.detail); }

  private runItem(run: RunRecord): vscode.TreeItem {
    const row = rowOf(run, this.isHere(run), this.context.runs.losses(run.id));
    const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = run.folder;
    item.description = row.description;
    item.iconPath = themeIcon(row.icon);
    item.contextValue = row.context;
    item.accessibilityInformation = { label: row.spoken };
    item.tooltip = this.tooltip(run);
    if (run.state === 'finished' || this.isHere(run)) item.command = { command: 'understudy.openReport', title: t('Open Report'), arguments: [run.folder] };
    return item;
  }

  private detailItem(run: RunRecord, { label, description, icon, file, role }: Detail): vscode.TreeItem {
    const item = new vscode.TreeItem(label);
    item.id = `${run.folder}#${role ?? label}`;
    item.description = description;
    item.contextValue = `detail ${role ?? 'words'}`;
    item.tooltip = file ?? [label, description].filter(Boolean).join(': ');
    if (file) {
      item.resourceUri = vscode.Uri.file(file);
      item.iconPath = vscode.ThemeIcon.File;
      item.command = { command: role === 'real' ? 'understudy.openSource' : 'understudy.openSynthetic', title: t('Open'), arguments: [run.folder] };
    } else if (icon) item.iconPath = themeIcon(icon);
    if (role === 'report') item.command = { command: 'understudy.openReport', title: t('Open Report'), arguments: [run.folder] };
    // A page for a browser: the editor would show its source.
    if (role === 'publishable' && run.publishableOut) item.command = { command: 'revealFileInOS', title: t('Show the File'), arguments: [vscode.Uri.file(run.publishableOut)] };
    if (role === 'log') item.command = { command: 'understudy.openRunLog', title: t('Open Run Log'), arguments: [run.folder] };
    return item;
  }

  private tooltip(run: RunRecord): vscode.MarkdownString {
    const text = new vscode.MarkdownString();
    text.appendText(`${path.basename(run.source)} · ${run.id}`).appendMarkdown('\n\n');
    const losses = hasEnded(run) ? [] : this.context.runs.losses(run.id);
    for (const { label, description, file, role } of detailsOf(run, losses)) {
      if (role === 'log' || (role === 'report' && !run.privacy)) continue;
      text.appendMarkdown('- ').appendText([label, file ?? description].filter(Boolean).join(': ')).appendMarkdown('\n');
    }
    const picture = curveImage(losses);
    return picture ? text.appendMarkdown(`\n${picture}`) : text;
  }

  /** Whether this window's server is doing it. */
  isHere(run: RunRecord): boolean {
    const live = this.context.runs.get(run.id);
    return live !== undefined && !hasEnded(live);
  }

  private renew(run: RunRecord | undefined): void {
    const node = run && this.nodes.get(run.folder);
    if (!node || !run) { this.changed.fire(undefined); return; }
    const news = node.run.state !== run.state;
    node.run = run;
    const now = Date.now();
    if (!news && now - (this.renewedAt.get(run.folder) ?? 0) < renewMs) return;
    this.renewedAt.set(run.folder, now);
    this.changed.fire(node);
  }

  private badge(): void {
    const active = this.context.runs.active().length;
    const shown = this.tree.badge?.value ?? 0;
    if (active !== shown) {
      this.tree.badge = active ? { value: active, tooltip: active === 1 ? t('1 run under way') : t('{0} runs under way', active) } : undefined;
      void vscode.commands.executeCommand('setContext', 'understudy.running', active > 0);
    }
  }

  private describe(): void {
    this.tree.description = this.sort === 'newest' ? undefined : sorts.find((s) => s.id === this.sort)!.label.toLowerCase();
    void vscode.commands.executeCommand('setContext', 'understudy.runsFiltered', isFiltering(this.filter));
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.tree.dispose();
    this.changed.dispose();
  }
}

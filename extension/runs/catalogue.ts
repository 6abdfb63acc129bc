/** All runs this window can show: those on disk under its folders, with what the server just said of the ones under way. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import * as requests from '../requests';
import type { Connection } from '../server/connection';
import { hasEnded, type Tracker } from './tracker';

/** Runs of one window come in bursts of file changes; the list is read once for each burst. */
const settleMs = 400;
/** How often runs that are not of this window are looked at while they go on. */
const foreignMs = 5000;

export class Catalogue implements vscode.Disposable {
  private runs: RunRecord[] | undefined;
  private reading: Promise<RunRecord[]> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private generation = 0;
  /** The last state of a run for which the list was read again. */
  private readonly noticed = new Map<string, RunRecord['state']>();
  private again: NodeJS.Timeout | undefined;
  private watcher: vscode.Disposable | undefined;
  /** Folders outside the workspace in which runs were made from this window. */
  private readonly elsewhere = new Set<string>();
  private readonly emitter = new vscode.EventEmitter<RunRecord | undefined>();
  private readonly listener: vscode.Disposable;
  /** One run changed its progress; undefined: the list did. */
  readonly onChange = this.emitter.event;

  constructor(private readonly server: Connection, private readonly tracker: Tracker) {
    this.listener = tracker.onChange((run) => {
      const at = this.runs?.findIndex((known) => known.id === run.id) ?? -1;
      const before = at < 0 ? undefined : this.runs![at];
      if (this.runs && at >= 0) this.runs[at] = { ...run, ...(before!.name && { name: before!.name }), ...(before!.starred && { starred: true }) };
      this.elsewhere.add(path.dirname(path.dirname(path.dirname(run.folder))));
      if (before) this.emitter.fire(this.runs![at]);
      if (this.noticed.get(run.id) === run.state) return;
      this.noticed.set(run.id, run.state);
      // What is new, or has ended, may belong elsewhere in the list, and its file says more. Once for each state: progress comes ten times a second.
      if (!before) this.void();
      this.stale();
    });
  }

  /** Every run, newest first. Reads the disk the first time and after a change. */
  async all(): Promise<RunRecord[]> {
    this.watcher ??= this.watch();
    if (this.runs) return this.runs;
    if (!this.reading) {
      const reading = this.read().finally(() => { if (this.reading === reading) this.reading = undefined; });
      this.reading = reading;
    }
    return this.reading;
  }

  async find(id: string): Promise<RunRecord | undefined> { return (await this.all()).find((run) => run.id === id || run.folder === id); }

  /** Read the disk again, now. */
  refresh(): void {
    this.void();
    this.emitter.fire(undefined);
  }

  /** What was read, and what is being read, is of yesterday. */
  private void(): void {
    this.runs = this.reading = undefined;
    this.generation++;
  }

  /** Whoever asks reads anew; the view is told in a moment, once for a whole burst. */
  private stale(): void {
    this.timer ??= setTimeout(() => { this.timer = undefined; this.refresh(); }, settleMs);
  }

  private async read(): Promise<RunRecord[]> {
    const { generation } = this;
    const homes = await this.homes();
    const lists = await Promise.all(homes.map((folder) => this.server.ask(requests.runs, { folder }).catch(() => [] as RunRecord[])));
    const byFolder = new Map(lists.flat().map((run) => [run.folder, run]));
    // What the server said last of a run under way is newer than its file, and its end may not be on disk yet.
    for (const run of byFolder.values()) {
      const live = this.tracker.get(run.id);
      // The server went, and its worker has not quite: whoever did the run is no longer there.
      if (live?.state === 'interrupted' && run.state === 'running' && live.pid === run.pid) byFolder.set(run.folder, { ...run, state: 'interrupted', ...(live.error && { error: live.error }) });
      if (live && !hasEnded(live)) byFolder.set(run.folder, { ...run, state: live.state, ...(live.progress && { progress: live.progress }), ...(live.device && { device: live.device }) });
    }
    const runs = [...byFolder.values()].sort((a, b) => (a.created < b.created ? 1 : -1));
    if (generation === this.generation) this.runs = runs;
    // A run of another program that is killed changes no file: it is looked at again.
    const foreign = runs.some((run) => !hasEnded(run) && !this.tracker.active().some((live) => live.id === run.id));
    clearTimeout(this.again);
    if (foreign) this.again = setTimeout(() => this.refresh(), foreignMs);
    return runs;
  }

  /** Folders whose `.understudy` may hold runs: the workspace's, those found in it, that of the active file, those used before. */
  private async homes(): Promise<string[]> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((f) => f.uri.scheme === 'file').map((f) => f.uri.fsPath);
    const active = vscode.window.activeTextEditor?.document.uri;
    if (active?.scheme === 'file') folders.push(path.dirname(active.fsPath));
    // The command line keeps runs beside a table that lies deeper.
    const nested = await vscode.workspace.findFiles('**/.understudy/.gitignore', '**/node_modules/**', 50);
    folders.push(...nested.filter((uri) => uri.scheme === 'file').map((uri) => path.dirname(path.dirname(uri.fsPath))));
    return [...new Set([...folders, ...this.elsewhere])];
  }

  /** Runs made in a terminal or another window, and folders deleted by hand, are seen too. */
  private watch(): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher('**/.understudy/runs/*/run.json');
    const changed = (uri: vscode.Uri) => {
      const id = path.basename(path.dirname(uri.fsPath));
      const live = this.tracker.get(id);
      // Our own server told us already.
      if (!live || hasEnded(live)) this.stale();
    };
    const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh());
    return vscode.Disposable.from(watcher, watcher.onDidChange(changed), watcher.onDidCreate(changed), watcher.onDidDelete(changed), folders);
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.again);
    this.watcher?.dispose();
    this.listener.dispose();
    this.emitter.dispose();
  }
}

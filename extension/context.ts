/** What every feature is given: the server, the runs, the log, the status item, and where to register what must be disposed of. */
import * as vscode from 'vscode';
import { Columns } from './columns/said';
import { showError } from './errors';
import { Reports } from './report/panel';
import { Catalogue } from './runs/catalogue';
import { Status } from './runs/status';
import { Tracker } from './runs/tracker';
import { RunsView } from './runs/view';
import { Connection } from './server/connection';

export class Context {
  /** The Understudy channel of the Output panel. */
  readonly log = vscode.window.createOutputChannel('Understudy', { log: true });
  readonly server: Connection;
  /** What the server says of its runs. */
  readonly runs: Tracker;
  /** All runs, those on disk included. */
  readonly catalogue: Catalogue;
  readonly view: RunsView;
  readonly columns: Columns;
  readonly status: Status;
  readonly reports: Reports;

  constructor(readonly extension: vscode.ExtensionContext) {
    this.server = new Connection(extension.asAbsolutePath('dist/server/main.js'), this.log);
    this.runs = new Tracker(this.server);
    this.catalogue = new Catalogue(this.server, this.runs);
    this.columns = new Columns(extension.workspaceState);
    this.status = new Status(this.runs);
    this.reports = new Reports(this);
    this.view = new RunsView(this);
    this.own(this.log, this.view, this.catalogue, this.status, this.reports, this.columns, this.runs, this.server);
  }

  own(...disposables: vscode.Disposable[]): void { this.extension.subscriptions.push(...disposables); }

  /** Register `understudy.<name>`; whatever it throws is shown to the user once. */
  command(name: string, run: (...args: never[]) => unknown): void {
    this.own(vscode.commands.registerCommand(`understudy.${name}`, async (...args) => {
      try {
        return await run(...(args as never[]));
      } catch (error) {
        showError(this, error);
        return undefined;
      }
    }));
  }
}

/** What every feature is given: the server, the runs, the log, the status item, and where to register what must be disposed of. */
import * as vscode from 'vscode';
import { showError } from './errors';
import { Reports } from './report/panel';
import { Status } from './runs/status';
import { Tracker } from './runs/tracker';
import { Connection } from './server/connection';

export class Context {
  /** The Understudy channel of the Output panel. */
  readonly log = vscode.window.createOutputChannel('Understudy', { log: true });
  readonly server: Connection;
  readonly runs: Tracker;
  readonly status: Status;
  readonly reports: Reports;

  constructor(readonly extension: vscode.ExtensionContext) {
    this.server = new Connection(extension.asAbsolutePath('dist/server/main.js'), this.log);
    this.runs = new Tracker(this.server);
    this.status = new Status(this.runs);
    this.reports = new Reports(this);
    this.own(this.log, this.server, this.runs, this.status, this.reports);
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

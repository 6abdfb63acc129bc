/** The status bar item: the run under way, else how the last one of this window went. */
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import { details, line, percent } from './progress';
import { hasEnded, type Tracker } from './tracker';

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('understudy.run', vscode.StatusBarAlignment.Left, 10);
  private readonly listener: vscode.Disposable;

  constructor(runs: Tracker) {
    this.item.name = 'Understudy Run';
    this.listener = runs.onChange((changed) => {
      const active = runs.active();
      if (active.length) this.going(active.find((run) => run.state === 'running') ?? active[0], active.length - 1);
      else if (hasEnded(changed)) this.over(changed);
    });
  }

  private going(run: RunRecord, waiting: number): void {
    this.item.text = `$(sync~spin) Understudy ${run.progress ? `${percent(run.progress.fraction)} ${line(run.progress)}` : 'waiting'}`;
    this.item.tooltip = new vscode.MarkdownString([...details(run), ...(waiting ? [`${waiting} more waiting`] : []), 'Click to cancel.'].join('\n\n'));
    this.item.command = { command: 'understudy.cancelRun', title: 'Cancel Run', arguments: [run.id] };
    this.item.show();
  }

  private over(run: RunRecord): void {
    if (run.state === 'finished') {
      this.item.text = '$(check) Understudy';
      this.item.tooltip = new vscode.MarkdownString([...(run.verdicts ?? []).map((v) => `**${v.family}**: ${v.sentence}`), 'Click for the report.'].join('\n\n'));
      this.item.command = { command: 'understudy.openReport', title: 'Open Report', arguments: [run.folder] };
    } else {
      this.item.text = `$(circle-slash) Understudy: ${run.state}`;
      this.item.tooltip = run.error?.message ?? `The last run was ${run.state}.`;
      this.item.command = 'understudy.resumeRun';
    }
    this.item.show();
  }

  dispose(): void { this.listener.dispose(); this.item.dispose(); }
}

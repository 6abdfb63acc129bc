/** The status bar item: the run under way, else how the last one of this window went. */
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import { t } from '../l10n';
import { details, line, percent, stateWord } from './progress';
import { curveImage, sparkline } from './sparkline';
import { hasEnded, type Tracker } from './tracker';

const showRuns = { command: 'understudy.runs.focus', title: t('Show Runs') };

/** Text of a run, none of it markup, above links to our own commands and no others. */
function tooltip(lines: string[], picture: string, links: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.isTrusted = { enabledCommands: ['understudy.cancelRun', 'understudy.resumeRun', 'understudy.runs.focus', 'understudy.openReport'] };
  lines.forEach((one, i) => text.appendText(one).appendMarkdown(i < lines.length - 1 ? '  \n' : '\n\n'));
  if (picture) text.appendMarkdown(`${picture}\n\n`);
  return text.appendMarkdown(links);
}

const link = (title: string, command: string, ...args: unknown[]) => `[${title}](command:understudy.${command}${args.length ? `?${encodeURIComponent(JSON.stringify(args))}` : ''})`;

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('understudy.run', vscode.StatusBarAlignment.Left, 10);
  private readonly listener: vscode.Disposable;
  private shownAt = 0;
  private phase: string | undefined;

  constructor(private readonly runs: Tracker) {
    this.item.name = t('Understudy Run');
    this.listener = runs.onChange((changed) => {
      const active = runs.active();
      // A tooltip that is renewed ten times a second cannot be read.
      const now = Date.now();
      if (!hasEnded(changed) && changed.progress?.phase === this.phase && now - this.shownAt < 400) return;
      this.shownAt = now;
      this.phase = changed.progress?.phase;
      if (active.length) this.going(active.find((run) => run.state === 'running') ?? active[0], active.length - 1);
      else if (hasEnded(changed)) this.over(changed);
    });
  }

  private going(run: RunRecord, waiting: number): void {
    const losses = this.runs.losses(run.id);
    this.item.text = `$(sync~spin) Understudy ${run.progress ? `${percent(run.progress.fraction)} ${line(run.progress, sparkline(losses))}` : t('waiting')}`;
    this.item.tooltip = tooltip([...details(run), ...(waiting ? [t('{0} more waiting', waiting)] : [])], curveImage(losses), `${link(t('Cancel'), 'cancelRun', run.id)} · ${link(t('Show Runs'), 'runs.focus')}`);
    this.item.command = showRuns;
    this.item.show();
  }

  private over(run: RunRecord): void {
    if (run.state === 'finished') {
      this.item.text = '$(check) Understudy';
      this.item.tooltip = tooltip((run.verdicts ?? []).map((v) => v.sentence), '', `${link(t('Open Report'), 'openReport', run.folder)} · ${link(t('Show Runs'), 'runs.focus')}`);
      this.item.command = { command: 'understudy.openReport', title: t('Open Report'), arguments: [run.folder] };
    } else {
      this.item.text = `$(circle-slash) Understudy: ${stateWord(run.state)}`;
      this.item.tooltip = tooltip([run.error?.message ?? t('The last run was {0}.', stateWord(run.state)), run.error?.hint ?? ''].filter(Boolean), '', `${link(t('Resume'), 'resumeRun', run.id)} · ${link(t('Show Runs'), 'runs.focus')}`);
      this.item.command = showRuns;
    }
    this.item.show();
  }

  /** The last run's outcome is no news any more once it was deleted. */
  forget(): void { if (!this.runs.active().length) this.item.hide(); }

  dispose(): void { this.listener.dispose(); this.item.dispose(); }
}

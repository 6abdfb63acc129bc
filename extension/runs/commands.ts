/** Cancel, Resume, Repeat and Compare Runs. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import { openReport } from '../report/panel';
import * as requests from '../requests';
import { trusted } from '../trust';
import { choosePair, chooseRun } from './choose';
import { repeat, resume } from './follow';
import { line } from './progress';
import { canResume, isComparable, isOver } from './rows';
import { subjects } from './subject';

export function registerRuns(context: Context): void {
  context.command('cancelRun', async (...args: unknown[]) => {
    const active = context.runs.active();
    if (!active.length) { void vscode.window.showInformationMessage(t('No run is going on in this window.')); return; }
    const named = (await subjects(context, ...args)).filter((run) => active.some((a) => a.id === run.id));
    const chosen = named.length ? named : active.length === 1 ? active : await which(active);
    await Promise.all((chosen ?? []).map((run) => context.server.ask(requests.cancel, { id: run.id })));
  });

  context.command('resumeRun', async (...args: unknown[]) => {
    if (!trusted(t('Resuming a run'))) return undefined;
    const [named] = (await subjects(context, ...args)).filter(canResume);
    const run = named ?? await chooseRun(context, t('Resume Run'), canResume, t('There is no run to resume: none was cancelled or interrupted.'));
    return run && resume(context, run);
  });

  context.command('repeatRun', async (...args: unknown[]) => {
    if (!trusted(t('Repeating a run'))) return undefined;
    const [named] = (await subjects(context, ...args)).filter(isOver);
    const run = named ?? await chooseRun(context, t('Repeat Run'), isOver, t('There is no run to repeat.'));
    return run && await agreed(run) ? repeat(context, run) : undefined;
  });

  context.command('compareRuns', async (...args: unknown[]) => {
    const named = (await subjects(context, ...args)).filter(isComparable);
    const pair = named.length >= 2 ? [named[0], named[1]] as const : await choosePair(context, named[0]);
    if (pair) await openReport(context, pair[0].id, pair[1].id);
  });
}

/** A repeat under a privacy budget is a new release: the user is told before it is charged. */
async function agreed({ privacy }: RunRecord): Promise<boolean> {
  if (!privacy) return true;
  const again = t('Charge and Repeat'), detail = t('It will not give the same rows: noise and batches are drawn anew. What it costs is added to what earlier releases of the table have cost, and when nothing is left of the budget it is refused.');
  return await vscode.window.showWarningMessage(t('This run was made under a privacy budget (epsilon {0}). A repeat is a new release of the table, and is charged anew.', privacy.epsilon), { modal: true, detail }, again) === again;
}

async function which(active: RunRecord[]): Promise<RunRecord[] | undefined> {
  const items = active.map((run) => ({ run, label: `$(circle-slash) ${t('Cancel the run on {0}', path.basename(run.source))}`, description: line(run.progress) }));
  const chosen = await vscode.window.showQuickPick(items, { title: t('Cancel Run'), placeHolder: t('What was fitted stays: a cancelled run can be resumed') });
  return chosen && [chosen.run];
}

/** Choose a run out of those of this window, newest first. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import { count, duration } from '../words';
import { stateWord } from './progress';
import { isComparable, kindWords, titleOf } from './rows';

export const allRuns = (context: Context): Promise<RunRecord[]> => context.catalogue.all();

/**
 * @param which the runs to offer; when there is just one it is taken.
 * @param none what to say when there is none.
 */
export async function chooseRun(context: Context, title: string, which: (run: RunRecord) => boolean, none: string): Promise<RunRecord | undefined> {
  const runs = (await allRuns(context)).filter(which).sort((a, b) => (a.created < b.created ? 1 : -1));
  if (!runs.length) { void vscode.window.showInformationMessage(none); return undefined; }
  if (runs.length === 1) return runs[0];
  return (await vscode.window.showQuickPick(itemsOf(runs), { title, placeHolder: t('Choose a run, newest first'), matchOnDescription: true, matchOnDetail: true }))?.run;
}

/** Two finished runs to lay side by side, in the order chosen. @param first one that is already chosen. */
export async function choosePair(context: Context, first?: RunRecord): Promise<[RunRecord, RunRecord] | undefined> {
  const runs = (await allRuns(context)).filter(isComparable).sort((a, b) => (a.created < b.created ? 1 : -1));
  if (runs.length < 2) { void vscode.window.showInformationMessage(t('Two finished runs are needed to compare. Repeat one, or synthesize with another generator.')); return undefined; }
  const a = first ?? (await vscode.window.showQuickPick(itemsOf(runs), { title: t('Compare Runs: First'), placeHolder: t('Choose a run, newest first'), matchOnDescription: true, matchOnDetail: true }))?.run;
  if (!a) return undefined;
  // Runs of the same table compare best: they come first.
  const rest = runs.filter((run) => run.folder !== a.folder).sort((x, y) => Number(y.source === a.source) - Number(x.source === a.source));
  const b = rest.length === 1 ? rest[0] : (await vscode.window.showQuickPick(itemsOf(rest), { title: t('Compare {0} With', titleOf(a)), placeHolder: t('Choose the other run'), matchOnDescription: true, matchOnDetail: true }))?.run;
  return b && [a, b];
}

const itemsOf = (runs: RunRecord[]) => runs.map((run) => ({
  run, label: `${run.starred ? '$(star-full) ' : ''}${titleOf(run)}`, description: new Date(run.created).toLocaleString(),
  detail: [run.kind === 'synthesize' ? run.generator : t('{0} of {1}', kindWords[run.kind].one, path.basename(run.source)), run.rows !== undefined ? t('{0} rows', count(run.rows)) : '', run.seconds !== undefined ? duration(run.seconds) : '', stateWord(run.state)].filter(Boolean).join(' · '),
}));

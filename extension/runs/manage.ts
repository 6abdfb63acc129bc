/** Rename, star, delete, open the files of, sort and filter runs. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord, RunState } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { homeOf } from '../tables';
import { trusted } from '../trust';
import { capitalised, count } from '../words';
import { allRuns } from './choose';
import { stateWord } from './progress';
import { type Filter, isOver, sorts, titleOf } from './rows';
import { subjects, subjectsOrSelection } from './subject';

export function registerManage(context: Context): void {
  const label = async (run: RunRecord, what: { name?: string; starred?: boolean }) => {
    await context.server.ask(requests.rename, { id: run.id, folder: homeOf(run.folder), ...what });
  };

  context.command('renameRun', async (...args: unknown[]) => {
    const [run] = await subjectsOrSelection(context, ...args);
    if (!run || !trusted(t('Renaming a run'))) return;
    const name = await vscode.window.showInputBox({ title: t('Rename Run'), value: run.name ?? '', placeHolder: t('{0} (empty: the file\'s name)', titleOf({ ...run, name: undefined })), prompt: t('The files keep their names.') });
    if (name === undefined) return;
    await label(run, { name });
    context.catalogue.refresh();
  });

  for (const [command, starred] of [['starRun', true], ['unstarRun', false]] as const) {
    context.command(command, async (...args: unknown[]) => {
      const runs = await subjectsOrSelection(context, ...args);
      if (!runs.length || !trusted(t('Starring a run'))) return;
      await Promise.all(runs.map((run) => label(run, { starred })));
      context.catalogue.refresh();
    });
  }

  context.command('deleteRun', async (...args: unknown[]) => {
    const runs = (await subjectsOrSelection(context, ...args)).filter(isOver);
    if (!runs.length || !trusted(t('Deleting a run'))) return;
    await remove(context, runs);
  });

  const opens = (command: string, file: (run: RunRecord) => string | undefined, gone: (name: string) => string) => context.command(command, async (...args: unknown[]) => {
    const [run] = await subjects(context, ...args);
    const path_ = run && file(run);
    if (!path_) return;
    const uri = vscode.Uri.file(path_);
    const there = await vscode.workspace.fs.stat(uri).then(() => true, () => false);
    if (!there) { void vscode.window.showWarningMessage(gone(path.basename(path_))); return; }
    await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
  });
  opens('openSynthetic', (run) => run.out, (name) => t('{0} is not there any more: the synthetic table of this run was moved or deleted.', name));
  opens('openSource', (run) => run.source, (name) => t('{0} is not there any more: the real table of this run was moved or deleted.', name));
  opens('openRunLog', (run) => path.join(run.folder, 'log.txt'), (name) => t('{0} is not there any more: the log of this run was moved or deleted.', name));
  context.command('revealRun', async (...args: unknown[]) => {
    const [run] = await subjects(context, ...args);
    if (run) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(path.join(run.folder, 'run.json')));
  });

  context.command('refreshRuns', () => context.catalogue.refresh());
  context.command('sortRuns', async () => {
    const items = sorts.map((s) => ({ ...s, description: s.id === context.view.sort ? '$(check)' : undefined }));
    const picked = await vscode.window.showQuickPick(items, { title: t('Sort Runs'), placeHolder: t('Runs under way and starred ones stay on top') });
    if (picked) await context.view.sortBy(picked.id);
  });
  context.command('filterRuns', async () => {
    const filter = await chooseFilter(context);
    if (filter) await context.view.filterBy(filter);
  });
  context.command('clearRunsFilter', () => context.view.filterBy({}));
}

async function remove(context: Context, runs: RunRecord[]): Promise<void> {
  // Only what the run itself made: never the real table, and nothing that a later run has replaced or that lies in the run's folder anyway.
  const others = (await allRuns(context)).filter((run) => !runs.some((r) => r.folder === run.folder));
  const made = [...new Set(runs.flatMap((run) => [run.kind === 'synthesize' && run.outSha256 ? run.out : undefined, ...(run.outs ?? []).map((o) => o.path), run.reportSha256 ? run.reportOut : undefined, run.publishableSha256 ? run.publishableOut : undefined]))]
    .filter((file): file is string => file !== undefined && !others.some((run) => [run.source, run.out, ...(run.outs ?? []).map((o) => o.path), run.reportOut, run.publishableOut].includes(file)) && !runs.some((run) => run.source === file));
  const present = (await Promise.all(made.map((file) => vscode.workspace.fs.stat(vscode.Uri.file(file)).then(() => file, () => undefined)))).filter((file) => file !== undefined);
  const question = runs.length === 1 ? t('Delete the run "{0}"?', titleOf(runs[0])) : t('Delete {0} runs?', count(runs.length));
  const withFiles = t('Delete with Its Files');
  const answer = await vscode.window.showWarningMessage(question, {
    modal: true, detail: [t('The model, the report\'s data and the log go for good.'), present.length ? `${t('Its files can stay, or go too:')}\n${present.map((file) => vscode.workspace.asRelativePath(file)).join('\n')}` : ''].filter(Boolean).join(' '),
  }, t('Delete'), ...(present.length ? [withFiles] : []));
  if (!answer) return;
  try {
    for (const run of runs) {
      await context.server.ask(requests.remove, { id: run.id, folder: homeOf(run.folder) });
      context.runs.drop(run.id);
    }
    if (answer === withFiles) for (const file of present) await discard(vscode.Uri.file(file));
  } finally {
    context.status.forget();
    context.catalogue.refresh();
  }
}

/** Into the trash where there is one (a server has none). */
async function discard(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.delete(uri, { useTrash: true });
  } catch {
    await vscode.workspace.fs.delete(uri);
  }
}

/** @returns undefined when the user left. */
async function chooseFilter(context: Context): Promise<Filter | undefined> {
  const now = context.view.filter;
  const runs = await allRuns(context);
  type Item = vscode.QuickPickItem & { starred?: true; state?: RunState; made?: RunRecord['kind'] };
  const states = (['running', 'finished', 'interrupted', 'cancelled', 'failed'] as const).filter((s) => runs.some((run) => run.state === s));
  const heading = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  // Typed words are looked for in the runs, not here: they must not hide the marks.
  const mark = (label: string, on: boolean | undefined, what: Partial<Item>): Item => ({ label, picked: on, alwaysShow: true, ...what });
  const items: Item[] = [
    mark(`$(star-full) ${t('Starred')}`, now.starred, { starred: true }),
    heading(t('Kind')), mark(`$(table) ${t('Stand-Ins')}`, now.kinds?.includes('synthesize'), { made: 'synthesize' }), mark(`$(beaker) ${t('Evaluations')}`, now.kinds?.includes('evaluate'), { made: 'evaluate' }), mark(`$(layers) ${t('Collapse Laboratories')}`, now.kinds?.includes('collapse'), { made: 'collapse' }), mark(`$(graph-scatter) ${t('Trade-Offs')}`, now.kinds?.includes('explore'), { made: 'explore' }),
    heading(t('State')), ...states.map((state) => mark(capitalised(stateWord(state)), now.states?.includes(state), { state })),
  ];
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = t('Filter Runs');
  pick.placeholder = t('Mark what to show, or type words to look for; then press Enter');
  pick.canSelectMany = true;
  pick.items = items;
  pick.selectedItems = items.filter((item) => item.picked);
  pick.value = now.text ?? '';
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const chosen = pick.selectedItems;
      const filter: Filter = {
        ...(pick.value.trim() && { text: pick.value.trim() }), ...(chosen.some((i) => i.starred) && { starred: true }),
        states: chosen.flatMap((i) => i.state ?? []), kinds: chosen.flatMap((i) => i.made ?? []),
      };
      resolve(filter);
      pick.hide();
    });
    pick.onDidHide(() => { resolve(undefined); pick.dispose(); });
    pick.show();
  });
}

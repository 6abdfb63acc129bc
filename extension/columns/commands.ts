/** Forget Column Choices, and the way for lenses, hovers and code actions to treat a column otherwise. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context';
import { t } from '../l10n';
import { activeTable, table } from '../target';
import { plural } from '../words';
import { chooseFix } from './choose';
import { allFixes } from './fixes';

export function registerColumns(context: Context): void {
  context.command('forgetColumns', async (uri?: vscode.Uri) => {
    const files = context.columns.files();
    if (!files.length) { void vscode.window.showInformationMessage(t('Nothing was decided about columns in this workspace.')); return; }
    const active = uri instanceof vscode.Uri ? await table(uri, '') : activeTable();
    const items = files.map((file) => ({ file, label: path.basename(file), description: plural(Object.keys(context.columns.of(file)).length, '{0} column', '{0} columns') }))
      .sort((a, b) => Number(b.file === active) - Number(a.file === active));
    const chosen = await vscode.window.showQuickPick(items, { title: t('Forget Column Choices'), placeHolder: t('Of which tables?'), canPickMany: true });
    for (const { file } of chosen ?? []) await context.columns.forget(file);
  });

  /**
   * Not in the palette: `treatColumn(file, column, fix?)` with one of `identifier`, `category`, `personal`, `drop`, `undo`; without one the user is asked.
   * The choice is remembered for the file and taken by the next run.
   */
  context.command('treatColumn', async (file: string, column: string, id?: string): Promise<boolean> => {
    const before = context.columns.of(file)[column];
    const fix = id === 'undo' ? 'undo' : id ? allFixes.find((f) => f.id === id) : await chooseFix(column, undefined, before);
    if (!fix) return false;
    await context.columns.say(file, column, fix === 'undo' ? undefined : fix.override);
    return true;
  });
}

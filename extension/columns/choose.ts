/** The list of ways to treat one column. */
import * as vscode from 'vscode';
import type { ColumnOverride, ColumnProfile } from '../../server/protocol';
import { t } from '../l10n';
import { allFixes, type Fix, useful } from './fixes';

/** @param before what was said of the column so far. @returns 'undo' to leave it to Understudy again; undefined when the user left. */
export async function chooseFix(column: string, profile: ColumnProfile | undefined, before: ColumnOverride | undefined): Promise<Fix | 'undo' | undefined> {
  const ways = allFixes.filter((fix) => useful(fix, profile)).map((fix) => ({ label: `$(${fix.icon}) ${fix.title}`, detail: fix.detail, fix: fix as Fix | 'undo' }));
  if (before) ways.unshift({ label: `$(discard) ${t('Leave It to Understudy')}`, detail: t('As if you had decided nothing.'), fix: 'undo' });
  const worst = profile?.warnings[0];
  const picked = await vscode.window.showQuickPick(ways, { title: t('Column {0}', column), placeHolder: worst ? worst.message : profile ? `${profile.kind}: ${profile.modelledAs}` : t('How should it be treated?'), ignoreFocusOut: true });
  return picked?.fix;
}

/** The last step of Evaluate Against: how much is measured, and what the evaluation is told of the table's columns. What is offered is data; the lists are shown below. */
import * as vscode from 'vscode';
import type { ColumnProfile, EvaluatePlan, TableProfile } from '../../server/protocol';
import { t } from '../l10n';

/** What an evaluation may be told beyond its tables. */
export type Told = Pick<EvaluatePlan, 'suite' | 'outcome' | 'sensitive'>;

interface Item extends vscode.QuickPickItem { suite?: NonNullable<Told['suite']>; ask?: 'outcome' | 'sensitive' }

/** Enter takes the first: the standard report. `told` is what was said of columns so far. */
function depths({ outcome, sensitive }: Told): Item[] {
  return [
    { label: `$(dashboard) ${t('Standard')}`, detail: t('Fidelity, utility and privacy, as every run reports them.'), suite: 'standard' },
    { label: `$(checklist) ${t('Everything')}`, detail: t('Every metric there is, fairness and all attacks too. Minutes on a large table.'), suite: 'full' },
    { label: `$(shield) ${t('Privacy Attacks')}`, detail: t('Singling out, linkability, inference and membership, each beside its control.'), suite: 'privacy' },
    { label: t('What It Is Told'), kind: vscode.QuickPickItemKind.Separator },
    { label: `$(target) ${t('Outcome...')}`, description: outcome ?? t('guessed'), detail: t('The column that models learn to predict, for utility.'), ask: 'outcome' },
    { label: `$(organization) ${t('Sensitive Columns...')}`, description: sensitive?.length ? sensitive.join(', ') : t('none'), detail: t('Groups between which fairness is measured, in the data and in models trained on it.'), ask: 'sensitive' },
  ];
}

/** @returns what was chosen; undefined when the user left. @param profile of the real table, read when a column is asked for */
export async function chooseDepth(title: string, profile: () => Thenable<TableProfile | undefined>): Promise<Told | undefined> {
  const told: Told = {};
  for (;;) {
    const picked = await vscode.window.showQuickPick(depths(told), { title, placeHolder: t('How much is measured?'), ignoreFocusOut: true });
    if (!picked) return undefined;
    if (picked.suite) return { ...told, ...(picked.suite !== 'standard' && { suite: picked.suite }) };
    const known = await profile();
    if (!known) continue;
    const row = (c: ColumnProfile): vscode.QuickPickItem => ({ label: c.name, description: c.personal ?? c.kind });
    if (picked.ask === 'outcome') {
      const column = await vscode.window.showQuickPick(known.columns.map(row), { title, placeHolder: t('Which column is predicted?'), ignoreFocusOut: true });
      if (column) told.outcome = column.label;
    } else {
      // Groups of hundreds of values are no groups.
      const groups = known.columns.filter(({ kind, distinct }) => ['category', 'ordinal', 'boolean'].includes(kind) || distinct <= 20).map((c) => ({ ...row(c), picked: told.sensitive?.includes(c.name) ?? false }));
      const chosen = await vscode.window.showQuickPick(groups, { title, placeHolder: t('Fairness is measured between the groups of these columns'), canPickMany: true, ignoreFocusOut: true });
      if (chosen) told.sensitive = chosen.map((c) => c.label);
    }
  }
}

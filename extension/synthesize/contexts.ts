/** Columns that divide a table into contexts, asked for where a generator goes by them. */
import * as vscode from 'vscode';
import type { GeneratorInfo, TableProfile } from '../../server/protocol';
import { t } from '../l10n';
import { contextColumns } from './steps';

/** @returns the generator's setting (none: the outcome divides the table); undefined when the user left */
export async function askContexts(profile: TableProfile, dropped: ReadonlySet<string>, generator: GeneratorInfo): Promise<{ parameters?: { contexts: string } } | undefined> {
  const items = contextColumns(profile, dropped).map(({ name, kind, inBins }) => ({ label: name, description: inBins ? t('{0}, in bins', kind) : kind }));
  const chosen = await vscode.window.showQuickPick(items, { canPickMany: true, ignoreFocusOut: true, title: t('{0}: Contexts', generator.name), placeHolder: t('Columns that divide the table (none: the outcome)') });
  return chosen && (chosen.length ? { parameters: { contexts: chosen.map((c) => c.label).join(',') } } : {});
}

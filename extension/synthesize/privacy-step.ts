/** Asks for a privacy budget, question by question. */
import * as vscode from 'vscode';
import type { PrivacyWish, TableProfile } from '../../server/protocol';
import { t } from '../l10n';
import { budgets, declaration, rowsChoices, typedEpsilon, type Option } from './privacy';

/** @param left how many rows the user left out. @returns what was chosen; 'none' for no budget; undefined when the user left, and nothing changes. */
export async function askPrivacy(profile: TableProfile, left = 0): Promise<PrivacyWish | 'none' | undefined> {
  const budget = await pick(t('Privacy Budget'), t('How private? Epsilon is the total for this table over all its releases'), budgets);
  if (budget === undefined || budget === 'none') return budget;
  const epsilon = budget === 'other' ? await askEpsilon(t('Epsilon'), 2) : budget;
  if (epsilon === undefined) return undefined;
  const declared = await askDeclared(profile, left);
  return declared && { epsilon, ...declared };
}

/** What a budget rests on beside epsilon: whether the number of rows is public, and that the schema is. @returns undefined when the user left, or did not agree */
export async function askDeclared(profile: TableProfile, left = 0): Promise<Omit<PrivacyWish, 'epsilon'> | undefined> {
  const rows = await pick(t('Privacy Budget: Rows'), t('May the number of rows be known?'), rowsChoices(profile));
  if (!rows) return undefined;
  const { message, detail } = declaration(profile, left), agree = t('Declare Public');
  if (await vscode.window.showInformationMessage(message, { modal: true, detail }, agree) !== agree) return undefined;
  return { ...rows, declareSchema: true };
}

async function pick<T>(title: string, placeHolder: string, options: ReadonlyArray<Option<T>>): Promise<T | undefined> {
  return (await vscode.window.showQuickPick(options.map((o) => ({ ...o })), { title, placeHolder, ignoreFocusOut: true }))?.value;
}

export async function askEpsilon(prompt: string, value: number): Promise<number | undefined> {
  const check = (text: string) => { const n = typedEpsilon(text); return typeof n === 'string' ? n : undefined; };
  const text = await vscode.window.showInputBox({ title: t('Privacy Budget'), prompt, value: String(value), validateInput: check, ignoreFocusOut: true });
  const n = text === undefined ? undefined : typedEpsilon(text);
  return typeof n === 'number' ? n : undefined;
}

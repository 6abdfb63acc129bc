/** Choices that both laboratories ask for. */
import * as vscode from 'vscode';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { firstSentence } from '../words';

/** One or several generators, quick ones proposed. @returns undefined when the user left, or chose none */
export async function chooseGenerators(context: Context, title: string, placeHolder: string): Promise<string[] | undefined> {
  const all = (await context.server.ask(requests.generators, {})).filter((g) => g.id !== 'auto');
  const items = all.map((g) => ({ label: g.name, description: g.id, detail: firstSentence(g.summary), picked: g.id === 'cart' || g.id === 'gaussian-copula' }));
  items.sort((a, b) => Number(b.picked) - Number(a.picked));
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, canPickMany: true, matchOnDescription: true });
  return picked?.length ? picked.map((p) => p.description) : undefined;
}

export async function numberBox(title: string, prompt: string, value: number, least: number, most: number): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({ title, prompt, value: String(value), validateInput: (typed) => (Number.isInteger(Number(typed)) && Number(typed) >= least && Number(typed) <= most ? undefined : t('A whole number from {0} to {1}.', least, most)) });
  return text === undefined ? undefined : Number(text);
}

/** A sweep as the command line writes it: `generator=cart,independent`. */
export async function chooseSweep(context: Context, title: string): Promise<string | undefined> {
  const knobs = [
    { label: t('Generator'), detail: t('Which one suits this table best?'), knob: 'generator', example: '' },
    { label: t('Rows'), detail: t('How does the stand-in\'s length trade usefulness for exposure?'), knob: 'rows', example: '500,1000,2000' },
    { label: t('Time'), detail: t('What does longer fitting buy? In seconds a fit.'), knob: 'budget', example: '5,15,45' },
    { label: t('Epsilon'), detail: t('What does a proven guarantee cost? Every point is charged to the table\'s ledger, and the picture is not publishable.'), knob: 'epsilon', example: '0.5,1,3,8' },
    { label: t('A setting of the generator'), detail: t('As "understudy generators ID" lists them.'), knob: 'param', example: 'epochs=50,200' },
  ];
  const picked = await vscode.window.showQuickPick(knobs, { title, placeHolder: t('Which knob is turned?') });
  if (!picked) return undefined;
  if (picked.knob === 'generator') {
    const ids = await chooseGenerators(context, title, t('Which generators? Two or more.'));
    return ids && `generator=${ids.join(',')}`;
  }
  const text = await vscode.window.showInputBox({ title, prompt: picked.knob === 'param' ? t('NAME=value,value') : t('Values, with commas'), value: picked.example, validateInput: (typed) => (typed.split('=').pop()!.split(',').filter((v) => v.trim()).length >= 2 ? undefined : t('Two values or more.')) });
  return text === undefined ? undefined : picked.knob === 'param' ? `param.${text}` : `${picked.knob}=${text}`;
}

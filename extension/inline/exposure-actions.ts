/** What can be done about an exposed row, as quick fixes on it. Each is remembered for the file, and the next run begins with it. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { InlineExposure, TableProfile } from '../../server/protocol';
import { saidOf } from '../columns/fixes';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';

/** Titles and commands for a row; the commands are registered below and not in the palette. */
export function exposureFixes(file: string, row: InlineExposure): Array<{ title: string; command: string; args: unknown[] }> {
  const short = (text: string, n: number) => (text.length > n ? `${text.slice(0, n - 1)}…` : text);
  return [
    ...row.columns.flatMap(({ name, category, value }) => (category
      ? [{ title: t('Protect "{0}" in "{1}" and synthesize again...', short(value, 30), short(name, 30)), command: 'exposure.protect', args: [file, name, value] }]
      : [{ title: t('Generalise "{0}" to coarser steps and synthesize again...', short(name, 30)), command: 'exposure.generalise', args: [file, name] }])),
    { title: t('Leave this row out and synthesize again...'), command: 'exposure.suppress', args: [file, row.row] },
    { title: t('Use a privacy budget for {0}...', path.basename(file)), command: 'exposure.budget', args: [file] },
  ];
}

export function registerExposureActions(context: Context): void {
  const again = (file: string) => vscode.commands.executeCommand('understudy.synthesize', vscode.Uri.file(file));

  context.command('exposure.protect', async (file: string, column: string, value: string) => {
    const before = saidOf(context.columns.of(file), column);
    await context.columns.say(file, column, { ...before, kind: before?.kind ?? 'category', merge: [...new Set([...(before?.merge ?? []), value])] });
    return again(file);
  });

  context.command('exposure.generalise', async (file: string, column: string, given?: number) => {
    const before = saidOf(context.columns.of(file), column), profile = await context.server.ask(requests.inspect, { path: file, ...(before && { overrides: { [column]: before } }) });
    const step = given ?? (await askStep(column, profile));
    if (step === undefined) return undefined;
    await context.columns.say(file, column, { ...before, step });
    return again(file);
  });

  context.command('exposure.suppress', async (file: string, row: number) => {
    const rows = await context.columns.rows.add(file, row);
    context.log.info(`${rows.length} rows of ${file} are left out of the next runs.`);
    return again(file);
  });

  // The wizard's last step has the budget.
  context.command('exposure.budget', (file: string) => again(file));
}

/** A few sensible steps from the column's spread, or the user's own. Dates step in days, times in milliseconds. */
async function askStep(column: string, profile: TableProfile): Promise<number | undefined> {
  const known = profile.columns.find((c) => c.name === column), spread = known?.sd ?? 1, unit = known?.kind === 'date' ? t('days') : known?.kind === 'time' || known?.kind === 'datetime' ? t('ms') : '';
  const steps = [...new Set([spread / 4, spread / 2, spread].map(round))];
  const picked = await vscode.window.showQuickPick([...steps.map((step) => ({ label: unit ? `${step} ${unit}` : String(step), step: step as number | undefined })), { label: t('Another step...'), step: undefined }], { title: t('Generalise {0}', column), placeHolder: t('Values are rounded to multiples of'), ignoreFocusOut: true });
  if (!picked || picked.step !== undefined) return picked?.step;
  const typed = await vscode.window.showInputBox({ title: t('Generalise {0}', column), prompt: unit ? t('Round values to multiples of ({0})', unit) : t('Round values to multiples of'), ignoreFocusOut: true, validateInput: (text) => (Number(text) > 0 ? undefined : t('A number greater than 0.')) });
  return typed === undefined ? undefined : Number(typed);
}

/** One, two or five times a power of ten, near x. */
function round(x: number): number {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x)), leading = x / power;
  return Number(((leading < 1.5 ? 1 : leading < 3.5 ? 2 : leading < 7.5 ? 5 : 10) * power).toPrecision(12));
}

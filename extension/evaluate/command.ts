/** Evaluate Against...: judge any synthetic table against the real one, with a holdout where there is one. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { inspectTable } from '../inspect/command';
import { follow } from '../runs/follow';
import { sourceNameOf, standInName } from '../tables';
import { chooseTable, folderOf, table } from '../target';
import { trusted } from '../trust';
import { chooseDepth } from './depth';

export function registerEvaluate(context: Context): void {
  context.command('evaluate', async (uri?: vscode.Uri): Promise<RunRecord | undefined> => {
    if (!trusted(t('Evaluating a table'))) return undefined;
    const clicked = await table(uri, t('Evaluate Against'));
    if (!clicked) return undefined;
    // A name such as orders.synthetic.csv tells which of the two the clicked one is, and where the other probably lies.
    const sourceName = sourceNameOf(clicked);
    const title = sourceName ? t('Evaluate {0}: Its Real Table', path.basename(clicked)) : t('Evaluate Against {0}: The Synthetic Table', path.basename(clicked));
    const other = await chooseTable(title, { without: [clicked], first: sourceName ? path.join(path.dirname(clicked), sourceName) : standInName(clicked) });
    if (!other) return undefined;
    const [real, synthetic] = sourceName ? [other, clicked] : [clicked, other];
    const holdout = await chooseHoldout(real, synthetic);
    if (holdout === undefined) return undefined;
    const told = await chooseDepth(t('Evaluate {0}: How Much', path.basename(synthetic)), () => inspectTable(context, real));
    if (!told) return undefined;
    return follow(context, t('Evaluating {0}', path.basename(synthetic)), () => context.server.ask(requests.evaluate, {
      real, synthetic, holdout: holdout ?? undefined, seed: 1, device: settings().device, columns: context.columns.of(real), folder: folderOf(synthetic), ...told,
    }));
  });
}

/** @returns null for none, undefined when the user left. */
async function chooseHoldout(real: string, synthetic: string): Promise<string | null | undefined> {
  const none = { label: `$(circle-slash) ${t('No holdout')}`, detail: t('Privacy is then not assessable: near misses need real rows that were never fitted to compare with.') };
  const one = { label: `$(table) ${t('Choose a holdout...')}`, detail: t('Real rows of the same table that the generator never saw.') };
  const picked = await vscode.window.showQuickPick([none, one], { title: t('Evaluate {0}: Holdout', path.basename(synthetic)), placeHolder: t('Are there real rows that were not fitted?') });
  if (!picked) return undefined;
  return picked === none ? null : chooseTable(t('Choose a holdout'), { without: [real, synthetic] });
}

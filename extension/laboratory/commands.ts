/** Open Collapse Laboratory..., Explore Trade-offs...: a table, a few choices each with a default, then a run as any other. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { CollapseMode, PrivacyWish, RunRecord } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { follow } from '../runs/follow';
import { folderOf, table } from '../target';
import { askDeclared, askEpsilon } from '../synthesize/privacy-step';
import { trusted } from '../trust';
import { chooseGenerators, chooseSweep, numberBox } from './choices';

export function registerLaboratory(context: Context): void {
  context.command('openCollapse', async (uri?: vscode.Uri): Promise<RunRecord | undefined> => {
    if (!trusted(t('The collapse laboratory'))) return undefined;
    const file = await table(uri, t('Open Collapse Laboratory'));
    if (!file) return undefined;
    const title = t('Collapse Laboratory: {0}', path.basename(file)), generators = await chooseGenerators(context, `${title} (1/3)`, t('Which generators are refitted to their own output?'));
    if (!generators) return undefined;
    const modes = await chooseModes(`${title} (2/3)`);
    if (!modes) return undefined;
    const generations = await numberBox(`${title} (3/3)`, t('How many generations? Each takes up to five seconds to fit, five times over for the intervals.'), 10, 2, 100);
    if (generations === undefined) return undefined;
    return follow(context, t('Refitting {0}', path.basename(file)), () => context.server.ask(requests.collapse, { path: file, generators, modes, generations, device: settings().device, columns: context.columns.of(file), folder: folderOf(file) }));
  });

  context.command('exploreTradeoffs', async (uri?: vscode.Uri): Promise<RunRecord | undefined> => {
    if (!trusted(t('Exploring trade-offs'))) return undefined;
    const file = await table(uri, t('Explore Trade-offs'));
    if (!file) return undefined;
    const title = t('Trade-offs: {0}', path.basename(file)), sweep = await chooseSweep(context, title);
    if (!sweep) return undefined;
    const seeds = await numberBox(title, t('How many runs a point? Intervals are over them.'), 3, 1, 20);
    if (seeds === undefined) return undefined;
    const privacy = sweep.startsWith('epsilon=') ? await sweepBudget(context, file, sweep, seeds) : 'none';
    if (!privacy) return undefined;
    return follow(context, t('Sweeping {0}', path.basename(file)), () => context.server.ask(requests.explore, { path: file, sweep, seeds, device: settings().device, columns: context.columns.of(file), folder: folderOf(file), ...(privacy !== 'none' && { privacy }) }));
  });
}

/** One budget for all releases of a sweep over epsilon: their sum is always enough, and what they cost together is less. */
async function sweepBudget(context: Context, file: string, sweep: string, seeds: number): Promise<PrivacyWish | undefined> {
  const columns = context.columns.of(file), declared = await askDeclared(await context.server.ask(requests.inspect, { path: file, ...(Object.keys(columns).length > 0 && { overrides: columns }) }));
  if (!declared) return undefined;
  const each = sweep.slice('epsilon='.length).split(',').map(Number), sum = Number((seeds * each.reduce((a, b) => a + b, 0)).toPrecision(4));
  const epsilon = await askEpsilon(t('The total epsilon that all {0} releases may cost together. Their sum, {1}, is always enough; what they do cost is charged to the table\'s ledger.', seeds * each.length, sum), sum);
  return epsilon === undefined ? undefined : { ...declared, epsilon };
}

async function chooseModes(title: string): Promise<CollapseMode[] | undefined> {
  const items: Array<vscode.QuickPickItem & { mode: CollapseMode }> = [
    { label: t('Replace'), detail: t('Each generation learns the last one\'s output, as when the real table is gone.'), mode: 'replace', picked: true },
    { label: t('Accumulate'), detail: t('Each learns from all tables so far, real rows included, in a table of the same size.'), mode: 'accumulate', picked: true },
    { label: t('Anchor'), detail: t('Each learns the last one\'s output and a tenth of real rows.'), mode: 'anchor' },
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: t('What does each generation learn from?'), canPickMany: true });
  return picked?.length ? picked.map((p) => p.mode) : undefined;
}

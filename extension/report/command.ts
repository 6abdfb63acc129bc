/** Open Report: that of a given run, of the synthetic table in the editor, else of one chosen. */
import type { Context } from '../context';
import { allRuns, chooseRun } from '../runs/choose';
import { activeTable } from '../target';

export function registerReport(context: Context): void {
  context.command('openReport', async (folder?: unknown) => {
    if (typeof folder === 'string') return context.reports.show(folder);
    const active = activeTable();
    const its = active && (await allRuns(context)).find((run) => run.state === 'finished' && run.out === active);
    const run = its || await chooseRun(context, 'Open Report', (r) => r.state === 'finished', 'No finished run in this workspace. Right-click a table and choose Synthesize... to make one.');
    if (run) await context.reports.show(run.folder);
    return undefined;
  });
}

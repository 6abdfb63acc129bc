/** Open Report: that of a given run, of the synthetic table in the editor, else of one chosen; a run that goes on is shown live. */
import type { RunRecord } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import { allRuns, chooseRun } from '../runs/choose';
import { hasEnded } from '../runs/tracker';
import { activeTable } from '../target';
import { openReport } from './panel';

/** A run as other parts of the extension name it: its folder or id, its record, or an item of a tree that has it. */
type Given = string | Partial<RunRecord> & { run?: RunRecord; /** A file of the explorer: its own run's. */ fsPath?: string };

export function registerReport(context: Context): void {
  context.command('openReport', async (given?: Given) => {
    const folder = typeof given === 'string' ? given : given?.run?.folder ?? given?.folder;
    if (typeof folder === 'string') {
      // A folder needs no list of runs; a bare id does.
      if (/[\\/]/.test(folder)) return context.reports.show(folder);
      return openReport(context, folder);
    }
    const active = (typeof given === 'object' && given?.fsPath) || activeTable();
    const its = active && (await allRuns(context)).find((run) => run.state === 'finished' && (run.out === active || run.outs?.some((o) => o.path === active)));
    const run = its || await chooseRun(context, t('Open Report'), (r) => r.state === 'finished' || !hasEnded(r), t('No finished run in this workspace. Right-click a table and choose Synthesize... to make one.'));
    if (run) await context.reports.show(run.folder);
    return undefined;
  });
}

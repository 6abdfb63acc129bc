/** What a run is called in a tab. No `vscode` here. */
import path from 'node:path';
import type { ReportData, RunRecord } from '../../server/protocol';
import { t } from '../l10n';
import { phaseWord, stateWord } from '../runs/progress';

/** "weather.csv: training" while it goes on; "weather.synthetic.csv" of a report. */
export function runTitle(run: RunRecord | ReportData): string {
  if ('synthetic' in run) return path.basename(run.synthetic.path || run.source.path);
  return `${run.name ?? path.basename(run.source)}: ${run.state === 'running' ? (run.progress ? phaseWord(run.progress.phase) : t('starting')) : stateWord(run.state)}`;
}

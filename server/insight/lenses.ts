import { basename } from 'node:path';
import type { Figure, InlineLens, InlineReport, MetricFamily, Verdict } from '../protocol';
import type { KnownRun } from './runs';
import { ago, count, decimal, icons, percent, verdictWords } from './words';

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** The number that a family's verdict rests on, as short as it can be said. */
function keyNumber(family: MetricFamily, figures: readonly Figure[]): string {
  const of = (metric: string) => figures.find((f) => f.metric === metric && f.value !== null);
  if (family === 'fidelity') {
    const test = of('fidelity.two-sample'), shapes = of('fidelity.shapes');
    return test ? `AUC ${decimal(test.value!)}` : shapes ? `shapes ${decimal(shapes.value!)}` : '';
  }
  if (family === 'utility') {
    const f = of('utility.tstr');
    // "AUC, mean over classes" is told in the report; a lens has no room for it.
    return f ? `${String(f.detail?.score ?? 'AUC').split(',')[0]} ${decimal(f.value!)}${f.reference ? ` of ${decimal(f.reference.value)}` : ''}` : '';
  }
  const attack = of('privacy.membership-auc'), near = of('privacy.near-copies'), excess = near?.detail?.excess;
  if (near && (near.verdict === 'poor' || near.verdict === 'fair') && typeof excess === 'number') return `${percent(Math.max(0, excess))} copied`;
  return attack ? `attack ${decimal(attack.value!)}` : '';
}

/** A family's verdict with the number it rests on: "Fidelity good · AUC 0.51". */
export function verdictLine({ family, verdict }: { family: MetricFamily; verdict: Verdict }, figures: readonly Figure[]): string {
  const figure = keyNumber(family, figures);
  return `${capital(family)} ${verdictWords[verdict]}${figure ? ` · ${figure}` : ''}`;
}

/** Over a stand-in that is as it was judged: the three verdicts with their figures, then what can be done with its run. */
export function freshLenses(run: KnownRun, report: InlineReport): InlineLens[] {
  const open = { command: 'openReport', arguments: [run.record.folder] };
  const verdicts = report.verdicts.map((v): InlineLens => {
    return { title: `${icons[v.verdict]} ${verdictLine(v, report.figures)}`, tooltip: `${v.sentence}\n\nClick for the report.`, ...open };
  });
  return [...verdicts, ...again(run)];
}

function again({ record }: KnownRun): InlineLens[] {
  return [
    { title: '$(diff) Compare', tooltip: 'Set this run beside another one.', command: 'compareRuns', arguments: [record.folder] },
    { title: '$(debug-rerun) Repeat', tooltip: record.kind === 'synthesize' ? 'Do this run again: same table, same seed, same rows.' : 'Judge it again in the same way.', command: 'repeatRun', arguments: [record.folder] },
  ];
}

/** Over a stand-in that changed since it was judged: nothing it was told then can be told now. */
export function staleLenses(run: KnownRun, report: InlineReport, path: string, dirty: boolean, now: number): InlineLens[] {
  return [
    { title: `$(warning) Stale: edited since it was judged (${ago(report.created, now)})`, tooltip: `${dirty ? 'The document has changes that are not saved.' : 'The file on disk is not the one that was judged.'} Scores, problems and marks are hidden. Click for the report on the table as it was.`, command: 'openReport', arguments: [run.record.folder] },
    { title: '$(beaker) Evaluate Again...', tooltip: 'Judge the table as it is now.', command: 'evaluate', arguments: [path] },
    ...again(run),
  ];
}

/** The columns in one lens, where hints would be cut off or are switched off. */
export function summaryLens(run: KnownRun, report: InlineReport): InlineLens | undefined {
  const scored = report.columns.filter((c) => c.score !== null), short = scored.filter((c) => c.verdict === 'fair' || c.verdict === 'poor');
  if (!scored.length) return undefined;
  const worst = short.slice(0, 3).map((c) => `${c.name.length > 24 ? `${c.name.slice(0, 23)}…` : c.name} ${decimal(c.score!)}`).join(', ');
  const title = short.length ? `$(list-tree) ${count(short.length)} of ${count(scored.length)} columns fall short: ${worst}${short.length > 3 ? ', …' : ''}` : `$(list-tree) All ${count(scored.length)} columns keep their shape`;
  return { title: title.replace(/[\r\n]+/g, ' '), tooltip: 'Click for every column in the report.', command: 'openReport', arguments: [run.record.folder] };
}

/** Over a real table: make a stand-in; how the last one is. */
export function realLenses(path: string, run: KnownRun | undefined, report: InlineReport | undefined, stale: boolean, now: number): InlineLens[] {
  const lenses: InlineLens[] = [{ title: '$(sparkle) Synthesize...', tooltip: 'Make a stand-in for this table, on this machine.', command: 'synthesize', arguments: [path] }];
  if (!run) return lenses;
  const verdicts = report?.verdicts ?? run.record.verdicts ?? [], when = ago(run.record.finished ?? run.record.created, now);
  lenses.push({
    title: `${stale ? '$(warning)' : '$(history)'} ${run.record.kind === 'evaluate' ? 'Stand-in judged' : 'Last stand-in'} ${when}: ${overall(verdicts)}${stale ? ' · table edited since' : ''}`,
    tooltip: `${basename(run.synthetic)}\n\n${verdicts.map((v) => v.sentence).join('\n\n')}${stale ? '\n\nThe table has changed since: the stand-in and its report are of the table as it was.' : ''}\n\nClick for the report.`,
    command: 'openReport', arguments: [run.record.folder],
  });
  const exposed = stale ? undefined : report?.exposed;
  if (exposed?.shown) lenses.push({
    title: `$(eye) ${count(exposed.shown)} most exposed rows`,
    tooltip: `The rows around which the stand-in is densest for what the rest of the table explains, with what singles each out. ${exposed.chance ? 'Over the whole table no more rows are this exposed than chance explains.' : 'More rows are this exposed than chance explains.'}`,
    command: 'showExposedRows', arguments: [path],
  });
  return lenses;
}

/** One word where all agree, else a word each. */
export function overall(verdicts: ReadonlyArray<{ family: MetricFamily; verdict: Verdict }>): string {
  if (!verdicts.length) return 'not judged';
  if (verdicts.every((v) => v.verdict === verdicts[0].verdict)) return verdictWords[verdicts[0].verdict];
  return verdicts.map((v) => `${v.family} ${verdictWords[v.verdict]}`).join(', ');
}

/** As `overall`, for the end of a line: of more than three verdicts those that agree share a word, what falls short first ("fidelity poor; utility, structure good; privacy undecided"). */
export function inShort(verdicts: ReadonlyArray<{ family: MetricFamily; verdict: Verdict }>): string {
  if (verdicts.length <= 3 || verdicts.every((v) => v.verdict === verdicts[0].verdict)) return overall(verdicts);
  return (['poor', 'fair', 'undecided', 'good', 'not-assessable'] as const).flatMap((verdict) => {
    const own = verdicts.filter((v) => v.verdict === verdict);
    return own.length ? [`${own.map((v) => v.family).join(', ')} ${verdictWords[verdict]}`] : [];
  }).join('; ');
}

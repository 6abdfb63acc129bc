/** The Runs view as data: which runs in which order, and what a row says of one. No `vscode` here. */
import path from 'node:path';
import type { RunRecord, RunState, Verdict } from '../../server/protocol';
import { t } from '../l10n';
import { capitalised, count, duration } from '../words';
import { ago, deviceSentence, line, percent, phaseName, stateWord } from './progress';
import { sparkline } from './sparkline';

export type SortBy = 'newest' | 'oldest' | 'name' | 'table' | 'verdict' | 'time';
export const sorts: ReadonlyArray<{ id: SortBy; label: string; detail: string }> = [
  { id: 'newest', label: t('Newest First'), detail: t('By when the run was begun') }, { id: 'oldest', label: t('Oldest First'), detail: t('By when the run was begun') },
  { id: 'name', label: t('Name'), detail: t('As the view shows it') }, { id: 'table', label: t('Real Table'), detail: t('Runs of one table together, newest first') },
  { id: 'verdict', label: t('Best First'), detail: t('By the three verdicts, worst of them first') }, { id: 'time', label: t('Duration'), detail: t('Longest first') },
];

/** Absent fields let everything through. `states` and `kinds` are lists of what is let through. */
export interface Filter { text?: string; starred?: boolean; states?: RunState[]; kinds?: Array<RunRecord['kind']> }
export const isFiltering = (f: Filter) => !!(f.text || f.starred || f.states?.length || f.kinds?.length);

/** What a run is about, short enough for a side bar: `orders` for orders.synthetic.csv, `orders-2` for orders.synthetic-2.csv. */
function subjectOf(run: RunRecord): string {
  const file = path.basename(run.kind !== 'synthesize' ? run.reportOut ?? run.source : run.out ?? run.source);
  return file.replace(/(\.(evaluation|report|collapse|tradeoffs))?(-\d+)?\.html$/i, '').replace(/\.(csv\.gz|[a-z]+)$/i, '').replace(/\.synthetic(-\d+)?$/i, '$1') || file;
}

/** What kinds of run are called, and the icon of a finished one. */
export const kindWords: Record<RunRecord['kind'], { one: string; many: string; icon: string }> = {
  synthesize: { one: t('stand-in'), many: t('stand-ins'), icon: 'table' }, evaluate: { one: t('evaluation'), many: t('evaluations'), icon: 'beaker' },
  collapse: { one: t('collapse laboratory'), many: t('collapse laboratories'), icon: 'layers' }, explore: { one: t('trade-offs'), many: t('trade-offs'), icon: 'graph-scatter' },
};

/** The name a user knows a run by. */
export const titleOf = (run: RunRecord) => run.name ?? subjectOf(run);

const resumable: ReadonlySet<RunState> = new Set(['interrupted', 'cancelled', 'failed']);
export const canResume = (run: RunRecord) => resumable.has(run.state);
/** Whether a run has a report that another can be laid beside; a laboratory has a page of its own. */
export const isComparable = (run: RunRecord) => run.state === 'finished' && (run.kind === 'synthesize' || run.kind === 'evaluate');
export const isOver = (run: RunRecord) => run.state === 'finished' || canResume(run);

const worth: Record<Verdict, number> = { good: 3, undecided: 2, 'not-assessable': 2, fair: 1, poor: 0 };
/** Unfinished runs have no worth at all. */
function worthOf(run: RunRecord): number {
  if (run.state !== 'finished' || !run.verdicts?.length) return -1;
  const all = run.verdicts.map((v) => worth[v.verdict]);
  return Math.min(...all) + all.reduce((a, b) => a + b, 0) / 100;
}

const newest = (a: RunRecord, b: RunRecord) => (a.created < b.created ? 1 : a.created > b.created ? -1 : a.id < b.id ? 1 : -1);
const orders: Record<SortBy, (a: RunRecord, b: RunRecord) => number> = {
  newest, oldest: (a, b) => -newest(a, b),
  name: (a, b) => titleOf(a).localeCompare(titleOf(b), undefined, { numeric: true }) || newest(a, b),
  table: (a, b) => a.source.localeCompare(b.source) || newest(a, b),
  verdict: (a, b) => worthOf(b) - worthOf(a) || newest(a, b),
  time: (a, b) => (b.seconds ?? 0) - (a.seconds ?? 0) || newest(a, b),
};

/** Runs under way first, then starred ones, then the rest; each group in the order asked for. */
export function arranged(runs: readonly RunRecord[], by: SortBy, filter: Filter): RunRecord[] {
  const text = filter.text?.trim().toLowerCase();
  const through = runs.filter((run) => {
    if (filter.starred && !run.starred) return false;
    if (filter.states?.length && !filter.states.includes(run.state)) return false;
    if (filter.kinds?.length && !filter.kinds.includes(run.kind)) return false;
    return !text || [titleOf(run), run.source, run.out, run.generator, run.id, run.state].some((s) => s?.toLowerCase().includes(text));
  });
  const group = (run: RunRecord) => (!isOver(run) ? 0 : run.starred ? 1 : 2);
  return through.sort((a, b) => group(a) - group(b) || orders[by](a, b));
}

/** What the filter lets through, for the view's header. */
export function filterInWords(f: Filter): string {
  return [f.starred ? t('starred') : '', ...(f.states ?? []).map(stateWord), ...(f.kinds ?? []).map((k) => kindWords[k].many), f.text ? `"${f.text}"` : ''].filter(Boolean).join(', ');
}

/** A theme icon by name and colour. */
export interface Icon { id: string; color?: string }
const verdictIcons: Record<Verdict, Icon> = {
  good: { id: 'pass', color: 'testing.iconPassed' }, fair: { id: 'warning', color: 'problemsWarningIcon.foreground' }, poor: { id: 'error', color: 'problemsErrorIcon.foreground' },
  undecided: { id: 'question', color: 'descriptionForeground' }, 'not-assessable': { id: 'dash', color: 'descriptionForeground' },
};
const verdictWords: Record<Verdict, string> = { good: t('good'), fair: t('fair'), poor: t('poor'), undecided: t('undecided'), 'not-assessable': t('not-assessable') };
const stateIcons: Record<Exclude<RunState, 'finished'>, Icon> = {
  queued: { id: 'watch' }, running: { id: 'loading~spin' }, failed: { id: 'error', color: 'problemsErrorIcon.foreground' },
  cancelled: { id: 'circle-slash', color: 'descriptionForeground' }, interrupted: { id: 'debug-pause', color: 'problemsWarningIcon.foreground' },
};

export interface Row { label: string; description: string; icon: Icon; context: string; spoken: string }

/**
 * What a row says of a run.
 * @param here whether this window's server is doing it and so can cancel it.
 */
export function rowOf(run: RunRecord, here: boolean, losses: readonly number[] = [], now = Date.now()): Row {
  const going = !isOver(run);
  const worst = run.state === 'finished' ? [...run.verdicts ?? []].sort((a, b) => worth[a.verdict] - worth[b.verdict])[0]?.verdict : undefined;
  const icon = run.state !== 'finished' ? stateIcons[run.state] : run.starred ? { id: 'star-full', color: 'charts.yellow' } : { id: kindWords[run.kind].icon, ...(worst && { color: verdictIcons[worst].color }) };
  const label = titleOf(run);
  const description = going
    ? run.progress ? `${percent(run.progress.fraction)} ${line(run.progress, sparkline(losses))}` : t('waiting for its turn')
    : [run.name ? subjectOf(run) : '', run.state === 'finished' ? '' : stateWord(run.state), ago(run.finished ?? run.created, now), run.kind === 'synthesize' ? run.generator : kindWords[run.kind].one].filter(Boolean).join(' · ');
  const context = ['run', run.state, run.kind, going ? (here ? 'here' : 'elsewhere') : 'over', canResume(run) && 'resumable', run.starred && 'starred', run.state === 'finished' && 'report', run.state === 'finished' && run.out && 'synthetic'].filter(Boolean).join(' ');
  return { label, description, icon, context, spoken: [label, kindWords[run.kind].one, stateWord(run.state), run.starred ? t('starred') : '', worst ? t('worst verdict {0}', verdictWords[worst]) : '', description].filter(Boolean).join(', ') };
}

/** A line under a run: words, or a file of its. */
export interface Detail { label: string; description?: string; icon?: Icon; file?: string; role?: 'real' | 'synthetic' | 'report' | 'publishable' | 'log' }

/** The sentence begins with its family's name, which the row has said already. */
const withoutName = (sentence: string, family: string) => (sentence.toLowerCase().startsWith(`${family}: `) ? capitalised(sentence.slice(family.length + 2)) : sentence);

/** What a run's row unfolds into: how it goes or went, then its files. */
export function detailsOf(run: RunRecord, losses: readonly number[] = []): Detail[] {
  const lines: Detail[] = [];
  const p = run.progress;
  if (!isOver(run)) {
    lines.push({ label: p ? phaseName(p.phase) : t('Waiting'), description: p ? [p.message, p.step !== undefined && p.steps ? t('step {0} of {1}', count(p.step), count(p.steps)) : '', p.secondsLeft !== undefined ? t('{0} left', duration(p.secondsLeft)) : ''].filter(Boolean).join(' · ') : t('another run goes first'), icon: { id: 'pulse' } });
    if (p?.loss !== undefined) lines.push({ label: t('Loss'), description: `${p.loss.toFixed(3)} ${sparkline(losses, 16)}${p.validationLoss !== undefined ? ` · ${t('validation {0}', p.validationLoss.toFixed(3))}` : ''}`, icon: { id: 'graph-line' } });
  }
  if (run.state !== 'finished' && run.error) {
    lines.push({ label: capitalised(run.error.message), icon: { id: 'info' } });
    if (run.error.hint) lines.push({ label: run.error.hint, icon: { id: 'lightbulb' } });
  }
  if (run.state === 'finished') for (const v of run.verdicts ?? []) lines.push({ label: capitalised(v.family), description: withoutName(v.sentence, v.family), icon: verdictIcons[v.verdict] });
  const device = run.device ?? p?.device;
  if (device) lines.push({ label: t('Device'), description: deviceSentence(device), icon: { id: 'chip' } });
  const made = [run.generator, run.rows !== undefined ? t('{0} rows', count(run.rows)) : '', run.seed !== undefined ? t('seed {0}', run.seed) : '', run.seconds !== undefined ? duration(run.seconds) : ''].filter(Boolean).join(' · ');
  if (made) lines.push({ label: run.kind === 'synthesize' ? t('Made by') : capitalised(kindWords[run.kind].one), description: made, icon: { id: 'settings' } });
  if (run.privacy) lines.push({ label: t('Privacy budget'), description: t('epsilon {0}, delta {1}: the total for the table', run.privacy.epsilon, run.privacy.delta), icon: { id: 'shield' } });
  lines.push({ label: path.basename(run.source), description: t('real table'), file: run.source, role: 'real' });
  if (run.state === 'finished') {
    for (const file of run.outs?.map((o) => o.path) ?? (run.out ? [run.out] : [])) lines.push({ label: path.basename(file), description: t('synthetic table'), file, role: 'synthetic' });
    if (run.publishableOut) lines.push({ label: t('Publishable report'), description: path.basename(run.publishableOut), icon: { id: 'shield' }, role: 'publishable' });
    lines.push({ label: run.privacy ? t('Report, not to be published') : t('Report'), ...(run.reportOut && { description: path.basename(run.reportOut) }), icon: { id: 'graph' }, role: 'report' });
  }
  lines.push({ label: t('Log'), icon: { id: 'output' }, role: 'log' });
  return lines;
}

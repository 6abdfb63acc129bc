import Table from 'cli-table3';
import pc from 'picocolors';
import { decimal, percent as shareInWords } from '../report/words';
import type { Figure, MetricInfo, ReportData, RunRecord, TableProfile, Verdict } from '../protocol';

/** Terminal text for people. Pure: strings in, strings out; colours go where picocolors finds them wanted (NO_COLOR, a pipe). */

const verdictColour: Record<Verdict, (s: string) => string> = {
  good: pc.green, fair: pc.yellow, poor: pc.red, undecided: pc.cyan, 'not-assessable': pc.gray,
};

const plainBorders = {
  chars: { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: ' ', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
  style: { 'padding-left': 0, 'padding-right': 0, head: [] as string[], border: [] as string[] },
};

/** A borderless table with a bold head. Control characters in cells (a user's column names) are made visible, not obeyed. */
export function grid(head: string[], rows: string[][], right: number[] = []): string {
  const table = new Table({ head: head.map((h) => pc.bold(h)), colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')), ...plainBorders });
  table.push(...rows);
  return table.toString().split('\n').map((line) => line.trimEnd()).join('\n');
}

/** A user's text on one line of a terminal: escape sequences and line ends shown as symbols, long text shortened. */
export function safe(text: string, most = 40): string {
  // eslint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\u00b7');
  const characters = [...clean];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}\u2026` : clean;
}

/** 12 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 && s < 600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.round(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
}

export function bytes(n: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let u = 0;
  while (n >= 1000 && u < units.length - 1) { n /= 1000; u++; }
  return `${u === 0 ? n : n.toPrecision(3)} ${units[u]}`;
}

/** 20%, 0.4%, <0.1%: never a share that is there shown as none. */
const percent = (share: number): string => (share < 0.0005 ? '<0.1%' : `${(100 * share).toFixed(share < 0.01 ? 1 : 0)}%`);

export const count = (n: number): string => n.toLocaleString('en-US');
const counted = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

/** A number as it is read: three or four decimals, fewer for large ones. */
export function value(v: number | null | undefined): string {
  if (v === null || v === undefined || Number.isNaN(v)) return '-';
  const a = Math.abs(v);
  if (a !== 0 && a < 0.0005) return v.toExponential(1);
  return a >= 100 ? v.toFixed(0) : a >= 10 ? v.toFixed(1) : v.toFixed(a < 0.1 && a > 0 ? 4 : 3);
}

/** How a metric's values are written: shares as percentages and scores with three decimals, as the sentences above the table write them. */
export const valueOf = (info: MetricInfo | undefined): ((v: number | null) => string) =>
  info?.unit === 'share' ? (v) => (v === null ? '-' : shareInWords(v).replace('under ', '<').replace('over ', '>')) : info?.unit === 'score' ? (v) => (v === null ? '-' : decimal(v)) : value;

/** What the table is and how every column will be modelled; what a user should know before a fit. */
export function profileText(profile: TableProfile): string {
  const rows = profile.columns.map((c) => [
    safe(c.name, 28), c.kind === 'personal' && c.personal ? `personal (${c.personal})` : c.kind, safe(c.modelledAs, 56),
    c.missing ? percent(c.missing / Math.max(1, profile.rows)) : '', count(c.distinct),
  ]);
  const lines = [
    `${pc.bold(safe(profile.path, 200))}  ${counted(profile.rows, 'row')}, ${counted(profile.columns.length, 'column')}, ${bytes(profile.bytes)}`,
    '', grid(['Column', 'Kind', 'Modelled as', 'Missing', 'Distinct'], rows, [3, 4]),
  ];
  const warnings = warningLines(profile);
  if (warnings.length) lines.push('', ...warnings);
  for (const note of profile.notes) lines.push(`  ${safe(note, 300)}`);
  if (profile.outcome) lines.push('', `Outcome: ${pc.bold(safe(profile.outcome.column))}${profile.outcome.guessed ? ` (guessed: ${profile.outcome.why}; choose with --outcome)` : ''}`);
  if (profile.estimate) lines.push(`Estimate: ${duration(profile.estimate.seconds)}, ${bytes(profile.estimate.memoryBytes)} of memory (${profile.estimate.why})`);
  if (profile.auto) lines.push(`With --generator auto: ${profile.auto.generator}. ${profile.auto.why}`);
  return lines.join('\n');
}

/** One line per warning of a profile: what is wrong with which column and what can be done. */
export function warningLines(profile: TableProfile): string[] {
  return profile.columns.flatMap((c) => c.warnings.map((w) => {
    const colour = w.severity === 'error' ? pc.red : w.severity === 'warning' ? pc.yellow : pc.cyan;
    return `  ${colour(w.severity === 'information' ? 'note' : w.severity)}  ${safe(c.name, 28)}: ${safe(w.message, 300)}${w.suggestion ? ` ${safe(w.suggestion, 200)}` : ''}`;
  }));
}

/** The short form before a fit: kinds counted, only the columns that are not simply modelled named, warnings. */
export function briefProfile(profile: TableProfile): string {
  const kinds = new Map<string, number>();
  for (const c of profile.columns) kinds.set(c.kind, (kinds.get(c.kind) ?? 0) + 1);
  const replaced = profile.columns.filter((c) => c.kind === 'identifier' || c.kind === 'personal' || c.kind === 'text');
  const lines = [
    ...(profile.standIn ? [`${pc.yellow('warning')}  ${safe(profile.standIn, 500)}`] : []),
    `${pc.bold(safe(profile.path, 200))}  ${counted(profile.rows, 'row')}, ${counted(profile.columns.length, 'column')}: ${[...kinds].map(([k, n]) => `${n} ${k}`).join(', ')}`,
    ...replaced.map((c) => `  ${safe(c.name, 28)}: ${safe(c.modelledAs, 100)}`), ...warningLines(profile),
  ];
  if (profile.estimate) lines.push(`  estimate: ${duration(profile.estimate.seconds)}, ${bytes(profile.estimate.memoryBytes)} of memory`);
  lines.push(`  all columns: understudy inspect ${quoted(profile.path)}`);
  return lines.join('\n');
}

/** The report's sentences and a table of its figures, each beside the same figure for real data. */
export function reportText(report: ReportData): string {
  const lines: string[] = [];
  for (const v of report.verdicts) lines.push(`${verdictColour[v.verdict](pc.bold(`${v.family} ${v.verdict}`.padEnd(24)))} ${safe(v.sentence, 400)}`);
  if (report.figures.length) {
    const held = (f: Figure) => report.metrics[f.metric]?.estimand === 'model-held', table = (figures: Figure[], what: string) => grid([what, 'Value', '95% interval', 'Real data', 'Verdict'], figures.map((f) => figureRow(f, report.metrics[f.metric])), [1, 3]);
    lines.push('', table(report.figures.filter((f) => !held(f)), 'Figure'));
    // what is poor of the model is not so of the rows, whose verdict stands above
    const ofModel = report.figures.filter((f) => held(f) && f.value !== null);
    if (ofModel.length) lines.push('', table(ofModel, 'If the model itself were given away'), '  Not counted above: the rows do not show it. Keep the model (in .understudy) as you keep the real table.');
  }
  for (const note of report.notes) lines.push(`  ${safe(note, 300)}`);
  return lines.join('\n');
}

function figureRow(f: Figure, info: MetricInfo | undefined): string[] {
  const say = valueOf(info), interval = f.interval ? `${say(f.interval.low)} to ${say(f.interval.high)}` : '';
  return [info?.name ?? f.metric, say(f.value), interval, f.reference ? say(f.reference.value) : '', verdictColour[f.verdict](f.verdict)];
}

const stateColour: Record<RunRecord['state'], (s: string) => string> = {
  queued: pc.gray, running: pc.cyan, finished: pc.green, failed: pc.red, cancelled: pc.yellow, interrupted: pc.yellow,
};

export function runsText(records: readonly RunRecord[]): string {
  if (records.length === 0) return 'No runs here yet.';
  return grid(['Run', 'State', 'Kind', 'Source', 'Rows', 'Generator', 'Took'], records.map((r) => [
    `${r.starred ? '* ' : ''}${r.name ? `${r.id} ${safe(r.name)}` : r.id}`, stateColour[r.state](r.state), r.kind, safe(r.source.split(/[\\/]/).pop() ?? r.source),
    r.rows === undefined ? '' : count(r.rows), r.generator ?? '', r.seconds === undefined ? '' : duration(r.seconds),
  ]), [4]);
}

/** A path as one word of a shell command line. */
export function quoted(path: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(path)) return path;
  return process.platform === 'win32' ? `"${path}"` : `'${path.replace(/'/g, `'\\''`)}'`;
}

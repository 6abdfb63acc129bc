import { URI } from 'vscode-uri';
import type { ColumnOverride, InlineAnswer, InlineExposure, InlineExposureQuery, InlineHover, InlineHoverQuery, InlineMark, InlineMarksQuery, InlineQuery, InlineReport, TableProfile } from '../protocol';
import { Cache } from './cache';
import { cellAt } from './cells';
import { columnsOf, type FileColumn } from './columns';
import { diagnostics, spanOf } from './diagnostics';
import { everyExposed, exposedOnScreen } from './exposure';
import { Freshness, stampOf } from './fresh';
import { hints, wouldBeCut } from './hints';
import { realHover, syntheticHover } from './hover';
import { freshLenses, realLenses, staleLenses, summaryLens } from './lenses';
import { Locator, mostBytes } from './locate';
import { marks } from './marks';
import { Runs, type KnownRun } from './runs';

const nothing: InlineAnswer = { role: 'other', state: 'none', lenses: [], hints: [], diagnostics: [] };
/** At most so many visible lines are looked at: no screen shows more. */
const mostLines = 400;

/**
 * What the editor shows on delimited files. It reads runs' small files, a file's first records and those on the screen, never a whole
 * table and never a document's text; profiles come from a worker. All state is caches: any answer can be asked for again.
 */
export class Insight {
  private readonly runs = new Runs();
  private readonly fresh = new Freshness();
  private readonly locators = new Cache<Locator | undefined>(32);
  private readonly profiles = new Cache<TableProfile>(32);

  /** @param inspect profiles a table in another process */
  constructor(private readonly inspect: (path: string, overrides?: Record<string, ColumnOverride>) => Promise<TableProfile>, private readonly now: () => number = Date.now) {}

  /** A run of this server changed. */
  changed(): void { this.runs.changed(); }

  /** Lenses, hints and problems of a document. */
  async inline(query: InlineQuery): Promise<InlineAnswer> {
    const path = pathOf(query.uri);
    if (path === undefined) return nothing;
    const { synthetic, real } = await this.runs.about(path);
    const report = synthetic && (await this.runs.report(synthetic));
    if (synthetic && report) return this.judged(query, path, synthetic, report);
    const its = real && (await this.runs.report(real));
    const stale = real !== undefined && (query.dirty || its === undefined || !(await this.fresh.holds(its.real, path)));
    if (!real && /\.synthetic(-\d+)?\.\w+$/i.test(path)) {
      const lens = { title: '$(beaker) Evaluate Against...', tooltip: 'Judge this table against the real one.', command: 'evaluate', arguments: [path] };
      return { ...nothing, role: 'other', lenses: [lens] };
    }
    return { role: 'real', state: real ? (stale ? 'stale' : 'fresh') : 'none', ...(real && { run: real.record.folder }), lenses: realLenses(path, real, its, stale, this.now()), hints: [], diagnostics: [] };
  }

  private async judged(query: InlineQuery, path: string, run: KnownRun, report: InlineReport): Promise<InlineAnswer> {
    const answer = { role: 'synthetic' as const, run: run.record.folder };
    if (query.dirty || !(await this.fresh.holds(report.synthetic, path))) return { ...answer, state: 'stale', lenses: staleLenses(run, report, path, query.dirty, this.now()), hints: [], diagnostics: [] };
    const columns = await this.columns(path, report), all = hints(columns, report), cut = wouldBeCut(all, query.hintLimit);
    const realColumns = await this.columns(report.real.path, report).catch(() => []);
    const summary = cut ? summaryLens(run, report) : undefined, lenses = freshLenses(run, report);
    if (summary) lenses.splice(report.verdicts.length, 0, summary);
    return { ...answer, state: 'fresh', lenses, hints: cut ? [] : all, diagnostics: diagnostics(columns, report, realColumns.length ? { path: report.real.path, columns: realColumns } : undefined) };
  }

  /** The rows on the screen that copy real ones. None where the document is not what was judged. */
  async marks(query: InlineMarksQuery): Promise<InlineMark[]> {
    const path = pathOf(query.uri);
    if (path === undefined || query.dirty) return [];
    const { synthetic } = await this.runs.about(path), report = synthetic && (await this.runs.report(synthetic));
    if (!synthetic || !report || !(report.copies && report.copies.exact + report.copies.near > 0) || !(await this.fresh.holds(report.synthetic, path))) return [];
    const copies = await this.runs.copies(synthetic), locator = await this.locator(path, report.delimiter);
    if (!copies || !locator) return [];
    const header = report.header ?? (await locator.layout())?.header ?? true, out: InlineMark[] = [];
    let left = mostLines;
    for (const [from, to] of query.visible) {
      if (left <= 0) break;
      const last = Math.min(to, from + left - 1);
      left -= last - from + 1;
      out.push(...marks(await locator.places(Math.max(0, from), last), copies, report, header));
    }
    return out;
  }

  /** The most exposed rows of a real table: those on the screen, or all that are told of, worst first. None where the document is not what was learnt. */
  async exposure(query: InlineExposureQuery): Promise<InlineExposure[]> {
    const path = pathOf(query.uri);
    if (path === undefined || query.dirty) return [];
    const { real } = await this.runs.about(path), report = real && (await this.runs.report(real));
    if (!real || !report?.exposed?.shown || !(await this.fresh.holds(report.real, path))) return [];
    const header = await this.runs.exposure(real), locator = await this.locator(path, report.delimiter);
    if (!header || !locator) return [];
    const first = (report.header ?? (await locator.layout())?.header ?? true) ? 1 : 0;
    return query.visible ? exposedOnScreen(locator, query.visible.map(([from, to]) => [from, Math.min(to, from + mostLines)]), header, first) : everyExposed(locator, header, first);
  }

  /** What there is to say of the column under the mouse. Where the document is not what is on disk, positions mean nothing. */
  async hover(query: InlineHoverQuery): Promise<InlineHover | null> {
    const path = pathOf(query.uri);
    if (path === undefined || query.dirty) return null;
    const { synthetic, real } = await this.runs.about(path), report = synthetic && (await this.runs.report(synthetic));
    const locator = await this.locator(path, report?.delimiter), layout = await locator?.layout();
    if (!locator || !layout) return null;
    const [record] = (await locator.records(query.line, query.line)).filter((r) => cellAt(r.cells, query.line, query.character) >= 0);
    if (!record) return null;
    const index = cellAt(record.cells, query.line, query.character), cell = record.cells[index];
    const first = await locator.header(), header = (report?.header ?? layout.header) && record.record === 0, value = header ? undefined : cell.text;
    const name = first && columnsOf(first.cells, report?.header ?? layout.header)[index]?.name;
    if (name === undefined) return null;
    if (synthetic && report) {
      const column = report.columns.find((c) => c.name === name);
      if (!column) return null;
      const stale = !(await this.fresh.holds(report.synthetic, path));
      return { span: spanOf(cell), markdown: syntheticHover(column, report, synthetic.record.folder, query.theme, value, stale) };
    }
    const profile = await this.profile(path, query.overrides), column = profile?.columns.find((c) => c.index === index);
    if (!column) return null;
    const last = real && (await this.runs.report(real)), score = last?.columns.find((c) => c.name === name)?.score;
    const standIn = real && last && typeof score === 'number' && (await this.fresh.holds(last.real, path)) ? { score, folder: real.record.folder } : undefined;
    return { span: spanOf(cell), markdown: realHover(column, query.theme, value, standIn) };
  }

  /** The profile of a real table as it is now; a table that cannot be read has none. */
  private async profile(path: string, overrides?: Record<string, ColumnOverride>): Promise<TableProfile | undefined> {
    const now = await stampOf(path);
    return now && this.profiles.get(path, `${now.stamp} ${JSON.stringify(overrides ?? {})}`, () => this.inspect(path, overrides)).catch(() => undefined);
  }

  private async columns(path: string, report: InlineReport): Promise<FileColumn[]> {
    const locator = await this.locator(path, report.delimiter), first = await locator?.header();
    return first ? columnsOf(first.cells, report.header ?? (await locator!.layout())?.header ?? true) : [];
  }

  /** One locator for each state of a file. */
  private async locator(path: string, delimiter: string | undefined): Promise<Locator | undefined> {
    const now = await stampOf(path);
    if (!now || now.bytes > mostBytes) return undefined;
    return this.locators.get(path, `${now.stamp} ${delimiter ?? ''}`, async () => new Locator(path, delimiter));
  }
}

/** The path of a file on this machine's disk; other documents have none. */
function pathOf(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  return parsed.scheme === 'file' ? parsed.fsPath : undefined;
}

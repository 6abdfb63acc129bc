import { basename } from 'node:path';
import { AstUtils, type LangiumDocument } from 'langium';
import { Freshness } from '../insight/fresh';
import type { KnownRun, Runs } from '../insight/runs';
import type { ExpectationResult, TargetResult } from '../protocol';
import { originOf } from './compile/target';
import { judge, metricOf } from './expectations';
import * as ast from './generated/ast';
import { sourcePath } from './model';

/** The runs of a file's targets by the table they start from, for one question: targets of one source ask the disk once. */
type Asked = Map<string, Promise<KnownRun[]>>;

/**
 * The targets of a file, their last runs, and what these say of every expectation. The one place where this is decided: lenses, hints, diagnostics, `understudy check`
 * and whatever else shows a target ask here.
 */
export class Checks {
  private readonly freshness = new Freshness();
  constructor(readonly runs: Runs) {}

  /** Of every target that the file declares, and of those it expects something of though they are declared elsewhere. */
  async of(document: LangiumDocument): Promise<TargetResult[]> {
    const file = document.parseResult.value as ast.File, expects = file.declarations.filter(ast.isExpect), targets = new Set(file.declarations.filter(ast.isTarget));
    for (const e of expects) if (e.target?.ref) targets.add(e.target.ref);
    const expected = new Map<ast.Target, ast.Expect[]>();
    for (const e of expects) if (e.target?.ref) expected.set(e.target.ref, [...(expected.get(e.target.ref) ?? []), e]);
    const runs: Asked = new Map();
    return Promise.all([...targets].filter((t) => t.name !== undefined && t.$cstNode).map((t) => this.target(t, expected.get(t) ?? [], runs)));
  }

  /** The last finished run of a target, and all of them. */
  async lastRun(target: ast.Target, runs: Asked = new Map()): Promise<{ last?: KnownRun; all: KnownRun[] }> {
    const file = AstUtils.getDocument(target).uri.fsPath, source = target.source?.ref, path = source && sourcePath(source), key = `${file}\n${path ?? ''}`;
    let known = runs.get(key);
    if (!known) runs.set(key, (known = this.runs.declaredIn(file, path ? [path] : [])));
    const all = (await known).filter((r) => r.record.origin!.target === target.name);
    return { ...(all[0] && { last: all[0] }), all };
  }

  private async target(target: ast.Target, expects: readonly ast.Expect[], runs: Asked): Promise<TargetResult> {
    const { last, all } = await this.lastRun(target, runs), declaration = all.length > 0 ? originOf(target).declaration : '', stale = last && (await this.stale(target, last)), report = last && (await this.runs.report(last));
    const expectations = expects.flatMap((e) => e.expectations).filter((e) => e.$cstNode && e.metric?.metric !== undefined && (e.bound || e.range)).map((e): ExpectationResult => ({
      target: target.name, metric: metricOf(e), ...(e.column && { column: e.column.column }), text: e.$cstNode!.text, range: e.$cstNode!.range,
      ...(!last ? { state: 'unknown' as const, why: 'The target has not been run.' } : settled(judge(e, last.record.figures, report), stale)),
    }));
    return {
      file: AstUtils.getDocument(target).uri.fsPath, target: target.name, purpose: target.purpose, range: target.$cstNode!.range,
      ...(last && { run: { id: last.record.id, folder: last.record.folder, finished: last.record.finished ?? last.record.created } }), ...(stale && { stale }),
      attempts: all.length, attemptsOfThis: all.filter((r) => r.record.origin!.declaration === declaration).length, expectations,
    };
  }

  /** Why a run no longer speaks of what is declared; undefined while it does. */
  async stale(target: ast.Target, run: KnownRun): Promise<string | undefined> {
    if (run.record.origin?.declaration !== originOf(target).declaration) return 'the declaration changed since';
    const report = await this.runs.report(run);
    if (report && !(await this.freshness.holds(report.real, report.real.path))) return 'the source file changed since';
    for (const other of report?.others ?? []) if (!(await this.freshness.holds(other, other.path))) return `${basename(other.path)} changed since`;
    return undefined;
  }
}

/** What a run said of another declaration, or of another file, is shown, but decides nothing. */
function settled(judged: ReturnType<typeof judge>, stale: string | undefined): ReturnType<typeof judge> {
  return stale === undefined ? judged : { ...judged, state: 'unknown', why: `Stale: ${stale}.` };
}

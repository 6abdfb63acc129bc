/** Expectations of `.synth` files in the Test Explorer: a file, its targets, and what is expected of each; running a target makes it, and its expectations pass or fail by what was measured. */
import * as vscode from 'vscode';
import type { ExpectationResult, TargetResult } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { folderOf } from '../target';
import { settings } from '../config';
import { phaseWord, stateWord } from '../runs/progress';
import { hasEnded } from '../runs/tracker';
import { trusted } from '../trust';

const pattern = '**/*.synth', without = '**/{node_modules,.understudy,.git}/**';

export function registerExplorer(context: Context): void {
  const controller = vscode.tests.createTestController('understudy', t('Understudy: Expectations'));
  const explorer = new Explorer(context, controller), watcher = vscode.workspace.createFileSystemWatcher(pattern);
  controller.resolveHandler = (item) => (item ? explorer.fill(item) : explorer.discover());
  controller.refreshHandler = () => explorer.discover();
  controller.createRunProfile(t('Make and Check'), vscode.TestRunProfileKind.Run, (request, token) => explorer.run(request, token, true), true);
  controller.createRunProfile(t('Check the Last Run'), vscode.TestRunProfileKind.Run, (request, token) => explorer.run(request, token, false));
  context.own(controller, watcher, watcher.onDidCreate((uri) => explorer.see(uri)), watcher.onDidChange((uri) => explorer.see(uri)), watcher.onDidDelete((uri) => controller.items.delete(uri.toString())));
}

class Explorer {
  constructor(private readonly context: Context, private readonly controller: vscode.TestController) {}

  async discover(): Promise<void> {
    const files = await vscode.workspace.findFiles(pattern, without);
    await Promise.all(files.map((uri) => this.see(uri)));
  }

  /** A file that was found, made or changed. */
  async see(uri: vscode.Uri): Promise<void> {
    let item = this.controller.items.get(uri.toString());
    if (!item) {
      item = this.controller.createTestItem(uri.toString(), vscode.workspace.asRelativePath(uri), uri);
      item.canResolveChildren = true;
      this.controller.items.add(item);
    }
    await this.fill(item);
  }

  /** The targets of a file that something is expected of, and their expectations. */
  async fill(item: vscode.TestItem): Promise<void> {
    const { uri } = item;
    if (!uri || item.parent) return;
    try {
      const answer = await this.context.server.ask(requests.targets, { uri: uri.toString() });
      const errors = answer.problems.filter((p) => p.severity === 'error');
      item.error = errors.length ? errors.map((p) => (p.file === undefined || p.file === uri.fsPath ? t('Line {0}: {1}', p.line + 1, p.message) : t('{0}, line {1}: {2}', vscode.workspace.asRelativePath(p.file), p.line + 1, p.message))).join('\n') : undefined;
      item.children.replace(answer.targets.filter((one) => one.expectations.length > 0).map((one) => this.target(uri, one)));
    } catch (error) {
      item.error = error instanceof Error ? error.message : String(error);
    }
  }

  private target(uri: vscode.Uri, found: TargetResult): vscode.TestItem {
    const item = this.controller.createTestItem(`${uri.toString()}#${found.target}`, found.target, vscode.Uri.file(found.file));
    item.description = found.run ? purposeOf(found) : t('{0}, not run', found.purpose);
    item.range = rangeOf(found.range);
    item.children.replace(found.expectations.map((e, i) => {
      const child = this.controller.createTestItem(`${item.id}#${i}`, e.text.replace(/\s+/g, ' '), uri);
      child.range = rangeOf(e.range);
      return child;
    }));
    return item;
  }

  /** @param make whether targets are run first; otherwise the last run is judged as it is */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken, make: boolean): Promise<void> {
    if (make && !trusted(t('Making a target'))) return;
    const run = this.controller.createTestRun(request);
    try {
      for (const [file, targets] of await this.wanted(request)) {
        for (const item of targets) {
          if (token.isCancellationRequested) return;
          await this.one(run, file, item, token, make);
        }
      }
    } finally {
      run.end();
    }
  }

  /** What a request means, in targets: a file stands for all of its, an expectation for its own. */
  private async wanted({ include, exclude }: vscode.TestRunRequest): Promise<Map<vscode.TestItem, Set<vscode.TestItem>>> {
    if (!include) await this.discover();
    const chosen = include ?? [...this.controller.items].map(([, item]) => item), wanted = new Map<vscode.TestItem, Set<vscode.TestItem>>();
    for (const item of chosen) {
      const file = !item.parent ? item : item.parent.parent ?? item.parent, targets = !item.parent ? [...item.children].map(([, one]) => one) : [item.parent.parent ? item.parent : item];
      for (const one of targets) if (!exclude?.includes(one)) wanted.set(file, (wanted.get(file) ?? new Set()).add(one));
    }
    return wanted;
  }

  private async one(run: vscode.TestRun, file: vscode.TestItem, item: vscode.TestItem, token: vscode.CancellationToken, make: boolean): Promise<void> {
    const children = () => [...item.children].map(([, c]) => c), began = Date.now(), { server, runs } = this.context;
    const uri = file.uri!, name = item.label;
    for (const c of children()) run.started(c);
    try {
      if (make) {
        const started = await server.ask(requests.runTarget, { uri: uri.toString(), target: name, ...(folderOf(uri.fsPath) && { folder: folderOf(uri.fsPath)! }), device: settings().device });
        const cancelled = token.onCancellationRequested(() => void server.ask(requests.cancel, { id: started.id }).catch(() => undefined));
        let said = '';
        const phases = runs.onChange((r) => {
          // In tens: a log is read afterwards.
          const line = r.id === started.id && r.progress && !hasEnded(r) ? `${name}: ${phaseWord(r.progress.phase)} ${10 * Math.floor(10 * r.progress.fraction)}%` : '';
          if (line && line !== said) run.appendOutput(`${said = line}\r\n`, undefined, item);
        });
        try {
          const record = await runs.ending(started);
          if (record.state !== 'finished') {
            const why = record.error ? [record.error.message, record.error.hint].filter(Boolean).join(' ') : t('The run was {0}.', stateWord(record.state));
            for (const c of children()) if (record.state === 'cancelled') run.skipped(c); else run.errored(c, new vscode.TestMessage(why));
            return;
          }
        } finally {
          cancelled.dispose();
          phases.dispose();
        }
      }
      const { targets } = await server.ask(requests.targets, { uri: uri.toString() }), result = targets.find((one) => one.target === name);
      if (result) item.description = purposeOf(result);
      children().forEach((c, i) => this.settle(run, c, result?.expectations[i], Date.now() - began));
    } catch (error) {
      for (const c of children()) run.errored(c, new vscode.TestMessage(error instanceof Error ? error.message : String(error)));
    }
  }

  private settle(run: vscode.TestRun, item: vscode.TestItem, e: ExpectationResult | undefined, ms: number): void {
    if (!e) return run.skipped(item);
    const said = words(e);
    run.appendOutput(`${expectationWords[e.state].padEnd(10)}${item.label}${said ? `: ${said}` : ''}\r\n`, undefined, item);
    if (e.state === 'met') return run.passed(item, ms);
    // What the data cannot tell has not failed: it is shown as skipped, with the reason in the output.
    if (e.state !== 'missed') return run.skipped(item);
    const message = new vscode.TestMessage(said || t('Missed.'));
    if (item.uri && item.range) message.location = new vscode.Location(item.uri, item.range);
    run.failed(item, message, ms);
  }
}

const expectationWords: Record<ExpectationResult['state'], string> = { met: t('met'), missed: t('missed'), undecided: t('undecided'), unknown: t('unknown') };
const purposeOf = ({ purpose, stale }: TargetResult): string => (stale ? t('{0}, stale: {1}', purpose, stale) : purpose);
const round = (x: number): string => String(Number(x.toPrecision(4)));
function words(e: ExpectationResult): string {
  const measured = e.value === undefined ? '' : e.low !== undefined && e.high !== undefined ? t('measured {0} ({1} to {2})', round(e.value), round(e.low), round(e.high)) : t('measured {0}', round(e.value));
  return [measured, e.why ?? '', e.columns?.length ? t('Worst: {0}.', e.columns.slice(0, 3).map((c) => `${c.name} ${round(c.value)}`).join(', ')) : ''].filter(Boolean).join('. ').replaceAll('..', '.');
}
const rangeOf = ({ start, end }: TargetResult['range']): vscode.Range => new vscode.Range(start.line, start.character, end.line, end.character);

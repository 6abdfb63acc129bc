import type { LangiumDocument } from 'langium';
import type { CodeLensProvider } from 'langium/lsp';
import type { CodeLens } from 'vscode-languageserver';
import { ago } from '../../insight/words';
import { defaults } from '../../plan/defaults';
import type { Checks } from '../check';
import { generatorNamed } from '../catalogue';
import * as ast from '../generated/ast';
import { sourcePath } from '../model';
import type { SynthServices } from '../module';
import { seconds } from '../names';

/** The editor swallows a plain space behind an icon. */
const spaced = (title: string): string => title.replace(/^(\$\([\w-]+\)) /, '$1\u00a0');
const duration = (s: number): string => (s < 90 ? `${Math.max(1, Math.round(s))} s` : s < 5400 ? `${Math.round(s / 60)} min` : `${Math.round(s / 360) / 10} h`);

/** Over each target: run it, how its last run went, its report, a comparison with the one before, and what it will cost. */
export class SynthLenses implements CodeLensProvider {
  constructor(private readonly services: SynthServices, private readonly checks: () => Checks | undefined) {}

  async provideCodeLens(document: LangiumDocument): Promise<CodeLens[]> {
    const checks = this.checks(), file = document.parseResult.value as ast.File, uri = document.uri.toString();
    if (!checks) return [];
    const own = document.uri.fsPath, results = new Map((await checks.of(document)).filter((r) => r.file === own).map((r) => [r.target, r])), lenses: CodeLens[] = [];
    for (const target of file.declarations.filter(ast.isTarget)) {
      const range = target.$cstNode?.range, result = results.get(target.name);
      if (!range || target.name === undefined) continue;
      const at = { start: range.start, end: range.start }, add = (title: string, command: string, args: unknown[]) => lenses.push({ range: at, command: { title: spaced(title), command: `understudy.${command}`, arguments: args } });
      add('$(play) Run', 'runTarget', [uri, target.name]);
      if (result?.run) {
        const { all } = await checks.lastRun(target), met = result.expectations.filter((e) => e.state === 'met').length, expected = result.expectations.length;
        add(`${result.stale ? '$(warning) Stale' : met === expected && expected ? '$(pass)' : '$(history)'} Last run ${ago(result.run.finished, Date.now())}${result.stale ? `, ${result.stale}` : expected ? `, ${met} of ${expected} met` : ''}, attempt ${result.attempts}`, 'openReport', [result.run.folder]);
        add('$(graph) Report', 'openReport', [result.run.folder]);
        if (all[1]) add('$(diff) Compare', 'compareRuns', [all[0].record.folder, all[1].record.folder]);
      }
      const cost = this.cost(target);
      if (cost !== undefined) lenses.push({ range: at, command: { title: cost, command: '' } });
    }
    return lenses;
  }

  /** From the inspector's estimate for the table, which is of the default generator; of others it is known what their budget allows them at most. A budget bounds the fit, and every proper release is a fit of its own; under a privacy budget there is one. */
  private cost(target: ast.Target): string | undefined {
    const source = target.source?.ref, estimate = source && this.services.data.Tables.peek(sourcePath(source) ?? '')?.profile?.estimate;
    const named = target.clauses.find(ast.isGeneratorClause)?.generator;
    if (!estimate) return undefined;
    const said = target.clauses.find(ast.isBudgetClause)?.time, budget = said === undefined ? defaults.budgetSeconds : seconds(said), releases = target.clauses.find(ast.isReleasesClause), fits = releases && releases.mode !== 'plugin' && !target.clauses.some(ast.isPrivacyClause) ? Math.max(1, Number(releases.count)) : 1;
    if (named !== undefined && generatorNamed(named)?.id !== defaults.generator) return `at most about ${duration(estimate.seconds + budget * fits)}`;
    return `about ${duration((Math.min(estimate.seconds, estimate.seconds - defaults.budgetSeconds + budget > 0 ? Math.max(estimate.seconds * 0.3, estimate.seconds - defaults.budgetSeconds + budget) : estimate.seconds)) * fits)}`;
  }
}

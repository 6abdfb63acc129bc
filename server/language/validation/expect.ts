import { AstUtils, type AstNode, type DiagnosticInfo, type ValidationAcceptor } from 'langium';
import { DiagnosticRelatedInformation } from 'vscode-languageserver-types';
import type { Checks } from '../check';
import { knownMetrics, metricNamed } from '../catalogue';
import { columnOf } from '../columns';
import { metricOf } from '../expectations';
import * as ast from '../generated/ast';
import { flagged, lexeme, outcomeOf } from '../model';
import type { SynthServices } from '../module';
import { nearest } from '../names';
import { isHyphened } from './hyphened';
import { headerOf } from '../header';
import { number } from '../words';

/** Expectations: metrics that there are, bounds that can be met, and after a run whether they were. */
export class ExpectChecks {
  constructor(private readonly services: SynthServices, private readonly checks: () => Checks | undefined) {}

  expectation = (e: ast.Expectation, accept: ValidationAcceptor): void => {
    if (!e.metric?.metric || isHyphened(e.metric)) return;
    const name = metricOf(e), info = metricNamed(name), target = e.$container.target?.ref, source = target?.source?.ref;
    if (!info) {
      const meant = nearest(name, knownMetrics().map((m) => m.name));
      return accept('error', `There is no metric ${name}.${meant ? ` Is ${meant} meant?` : ''}`, { node: e.metric, code: 'no-metric', data: { meant } });
    }
    const purposes = knownMetrics().find((m) => m.info === info)?.purposes;
    if (target && purposes && !purposes.includes(target.purpose)) accept('warning', `${info.name} is a figure of ${purposes.join(', ')}; a target of ${target.purpose} has none.`, { node: e.metric, code: 'purpose' });
    const [low, high] = info.range, bounds = e.range ? [e.range.min, e.range.max].flatMap((l) => (l ? [Number(lexeme(l))] : [])) : e.bound ? [(e.bound.negative ? -1 : 1) * Number(e.bound.value) * (e.bound.percent ? 0.01 : 1)] : [];
    for (const b of bounds) if ((b < low || b > high) && !e.relative) accept('error', `${info.name} lies between ${low} and ${high >= Number.MAX_VALUE ? 'any large number' : high}; ${number(b)} can never be reached.`, { node: e, code: 'bound' });
    if (e.op && info.better === 'higher' && e.op.startsWith('<')) accept('warning', `Of ${info.name}, more is better: an upper bound asks for a worse table.`, { node: e, property: 'op', code: 'direction' });
    if (e.op && info.better === 'lower' && e.op.startsWith('>')) accept('warning', `Of ${info.name}, less is better: a lower bound asks for a worse table.`, { node: e, property: 'op', code: 'direction' });
    const suite = target?.clauses.find(ast.isSuiteClause)?.suite;
    if (info.suite && target && suite !== 'full' && suite !== info.suite) accept('warning', `${info.name} is computed only when ${target.name} says: suite ${info.suite}.`, { node: e.metric, code: 'suite' });
    if (source && info.needs.includes('outcome') && !outcomeOf(source)) accept('hint', `${info.name} needs an outcome; none is declared, so one is guessed where the table suggests it.`, { node: e.metric, code: 'needs' });
    if (source && info.needs.includes('sensitive') && flagged(source, 'sensitive').length === 0 && !target?.clauses.some(ast.isParityClause)) accept('warning', `${info.name} compares groups; declare the columns that make them: sex: category sensitive.`, { node: e.metric, code: 'needs' });
  };

  /** What the last run says. Missed expectations are warnings, not errors: the file itself is right. */
  results = async (file: ast.File, accept: ValidationAcceptor): Promise<void> => {
    const checks = this.checks(), document = AstUtils.getDocument(file);
    if (!checks || !file.declarations.some(ast.isExpect)) return;
    for (const target of await checks.of(document)) {
      for (const e of target.expectations) {
        if (e.state !== 'missed' && e.state !== 'undecided') continue;
        const node = find(file, e.range), source = node?.$container.target?.ref?.source?.ref;
        if (!node) continue;
        const related = source ? await Promise.all((e.columns ?? []).slice(0, 5).map((c) => this.responsible(source, c))) : [];
        const interval = e.low !== undefined && e.high !== undefined ? ` (${number(e.low)} to ${number(e.high)})` : '', attempts = target.attempts > 1 ? ` Attempt ${target.attempts}.` : '';
        const info: DiagnosticInfo<AstNode> = { node, code: `expectation-${e.state}`, relatedInformation: related.filter((r) => r !== undefined), data: { value: e.value, bound: e.bound, low: e.low, high: e.high } };
        accept(e.state === 'missed' ? 'warning' : 'info', e.state === 'missed' ? `Missed: ${number(e.value!)}${interval}, where ${number(e.bound!)} was expected.${attempts}` : `Undecided: ${number(e.value!)}${interval}; the interval lies on both sides of ${number(e.bound!)}.${attempts}`, info);
      }
    }
  };

  /** Where a column is declared, else its place in the file's header. */
  private async responsible(source: ast.Source, { name, value }: { name: string; value: number }): Promise<DiagnosticRelatedInformation | undefined> {
    const column = columnOf(source, name.split(' x ')[0], this.services.data.Tables), message = `${name}: ${number(value)}`, node = column.declared?.column;
    if (node?.$cstNode) return DiagnosticRelatedInformation.create({ uri: AstUtils.getDocument(node).uri.toString(), range: node.$cstNode.range }, message);
    const header = column.table && (await headerOf(column.table, column.name));
    return header && DiagnosticRelatedInformation.create(header, message);
  }
}

function find(file: ast.File, range: { start: { line: number; character: number } }): ast.Expectation | undefined {
  return file.declarations.filter(ast.isExpect).flatMap((x) => x.expectations).find((e) => e.$cstNode?.range.start.line === range.start.line && e.$cstNode.range.start.character === range.start.character);
}

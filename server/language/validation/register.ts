import type { ValidationChecks } from 'langium';
import type { Checks } from '../check';
import type { SynthAstType } from '../generated/ast';
import type { SynthServices } from '../module';
import { BalanceChecks } from './balance';
import { ConditionChecks } from './condition';
import { ExpectChecks } from './expect';
import { FileChecks } from './file';
import { SourceChecks } from './source';
import { TargetChecks } from './target';

/** All checks in one table: which kind of node is looked at by what. */
export function registerChecks(services: SynthServices, results: () => Checks | undefined): void {
  const file = new FileChecks(services), sources = new SourceChecks(services), targets = new TargetChecks(services, sources), conditions = new ConditionChecks(services, sources), expect = new ExpectChecks(services, results);
  const checks: ValidationChecks<SynthAstType> = {
    File: [file.file, expect.results],
    Use: file.use,
    Source: sources.source,
    ColumnDeclaration: sources.column,
    Target: targets.target,
    ColumnRef: conditions.columnRef,
    RowRule: conditions.rowRule,
    FormatRule: conditions.format,
    WhereClause: conditions.where,
    BalanceClause: new BalanceChecks(services).balance,
    Or: conditions.operands,
    And: conditions.operands,
    Not: conditions.not,
    Compare: conditions.compare,
    Membership: conditions.membership,
    MissingTest: conditions.missing,
    Expectation: expect.expectation,
  };
  services.validation.ValidationRegistry.register(checks);
}

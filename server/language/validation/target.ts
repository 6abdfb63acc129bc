import { type AstNode, type ValidationAcceptor } from 'langium';
import type { Range } from 'vscode-languageserver-types';
import { UserError } from '../../errors';
import { deviceNames } from '../../plan/request';
import { isTableName } from '../../targets/names';
import { properPrivately } from '../../targets/release/several';
import { generatorNamed, knownGenerators } from '../catalogue';
import { columnOf } from '../columns';
import { compileTarget, parameterValue } from '../compile/target';
import * as ast from '../generated/ast';
import { amount, beside, columnsOf, flagged, isCategorical, pathIn, sourcePath } from '../model';
import type { SynthServices } from '../module';
import { nearest, seconds, snake } from '../names';
import type { SourceChecks } from './source';
import { complete } from './source';
import { isBroken } from './validator';
import { hyphened } from './hyphened';

type Purpose = ast.Purpose;
/** Says what is wrong with a clause, so that its target is not compiled. */
type Refuse = (message: string, node: AstNode, code?: string, more?: { property?: string; data?: unknown; range?: Range }) => void;
const every: readonly Purpose[] = ['release', 'augmentation', 'fairness', 'transfer', 'completion'];

/** Which purposes a clause belongs to, and the word it begins with. The one list that validation and completion share. */
export const clauses: ReadonlyArray<{ type: string; word: string; purposes: readonly Purpose[]; many?: boolean }> = [
  { type: 'RowsClause', word: 'rows', purposes: every, many: true }, { type: 'ReleasesClause', word: 'releases', purposes: ['release', 'completion'] },
  { type: 'WhereClause', word: 'where', purposes: ['augmentation'], many: true }, { type: 'BalanceClause', word: 'balance', purposes: ['augmentation'], many: true },
  { type: 'LikeClause', word: 'like', purposes: ['augmentation'], many: true }, { type: 'BesideClause', word: 'beside', purposes: ['augmentation'] },
  { type: 'ParityClause', word: 'demographic_parity', purposes: ['fairness'] }, { type: 'KeepClause', word: 'keep', purposes: ['fairness'] },
  { type: 'ToClause', word: 'to', purposes: ['transfer'] }, { type: 'LabelsClause', word: 'labels', purposes: ['transfer'] }, { type: 'UsingClause', word: 'using', purposes: ['transfer'] },
  { type: 'ImputeClause', word: 'impute', purposes: ['completion'] }, { type: 'ForecastClause', word: 'forecast', purposes: ['completion'] }, { type: 'GivenClause', word: 'given', purposes: ['completion'], many: true },
  { type: 'PrivacyClause', word: 'privacy', purposes: ['release'] }, { type: 'GeneratorClause', word: 'generator', purposes: every },
  { type: 'SeedClause', word: 'seed', purposes: every }, { type: 'BudgetClause', word: 'budget', purposes: every }, { type: 'DeviceClause', word: 'device', purposes: every }, { type: 'OutClause', word: 'out', purposes: every },
  { type: 'ReportClause', word: 'report', purposes: every }, { type: 'SuiteClause', word: 'suite', purposes: every }, { type: 'ProtectionClause', word: 'protection', purposes: every },
];
export const suites = ['standard', 'full', 'privacy'], methods = ['importance', 'optimal_transport'];

const whole = (text: string | undefined): number => (text !== undefined && /^\d+$/.test(text) ? Number(text) : NaN);

/** Targets: what belongs to them, what their numbers may be, and whether the source can bear them. */
export class TargetChecks {
  constructor(private readonly services: SynthServices, private readonly sources: SourceChecks) {}

  target = (target: ast.Target, accept: ValidationAcceptor): void => {
    const seen = new Set<string>();
    let wrong = false;
    const refuse: Refuse = (message, node, code = 'clause', more = {}) => { wrong = true; accept('error', message, { node, code, ...more }); };
    for (const clause of target.clauses) {
      const known = clauses.find((c) => c.type === clause.$type)!;
      if (!known.purposes.includes(target.purpose)) refuse(`${known.word === 'like' ? '`like`' : `\`${known.word}\``} belongs to ${known.purposes.join(' and ')}; this is a target of ${target.purpose}.`, clause);
      else if (seen.has(clause.$type) && !known.many) refuse('This is said already.', clause);
      seen.add(clause.$type);
      this.clause(target, clause, refuse, accept);
    }
    if (seen.has('ImputeClause') && seen.has('ForecastClause')) refuse('A target either imputes or forecasts.', target.clauses.find(ast.isForecastClause)!);
    if (target.clauses.filter((c) => ast.isRowsClause(c) && c.per.length === 0).length > 1) refuse('The number of rows is said already.', target.clauses.filter(ast.isRowsClause).at(-1)!);
    this.privacy(target, accept);
    // Half a target compiles to nothing; the parser has said what is missing.
    const source = target.source?.ref;
    if (wrong || target.$cstNode === undefined || isBroken(target) || (source && isBroken(source))) return;
    const path = source && sourcePath(source), known = path === undefined ? undefined : this.services.data.Tables.peek(path);
    // Without the table some of what is left to it cannot be said yet.
    if (!source || (known?.profile === undefined && target.clauses.some((c) => ast.isBalanceClause(c) || (ast.isImputeClause(c) && c.all)))) return;
    try {
      compileTarget(target, known, this.services.data.Settings, false);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      accept('error', `${error.message}${error.hint ? ` ${error.hint}` : ''}`, { node: target, property: 'name', code: 'target' });
    }
  };

  private clause(target: ast.Target, c: ast.Clause, refuse: Refuse, accept: ValidationAcceptor): void {
    if (ast.isRowsClause(c)) {
      if (!(whole(c.count) >= 1)) refuse('A number of rows is whole, and at least 1.', c);
      if (c.per.length && target.purpose !== 'augmentation') refuse('Sizes per context belong to augmentation.', c);
    } else if (ast.isReleasesClause(c)) {
      if (!(whole(c.count) >= 1) || whole(c.count) > 1000) refuse('A number of releases is whole, 1..1000.', c);
    } else if (ast.isSeedClause(c)) {
      if (!(whole(c.seed) <= 0xffffffff)) refuse('A seed is a whole number, 0..4294967295.', c);
    } else if (ast.isBudgetClause(c)) {
      const s = seconds(c.time ?? '');
      if (!(s > 0) || s > 7 * 86_400) refuse('A budget is a time above zero and at most a week: 45, 45s, 2m, 1h.', c);
    } else if (ast.isDeviceClause(c)) {
      if (!deviceNames.includes(c.device)) refuse(`A device is one of ${deviceNames.join(', ')}.`, c);
    } else if (ast.isSuiteClause(c)) {
      if (!suites.includes(c.suite)) refuse(`A suite is one of ${suites.join(', ')}.`, c);
    } else if (ast.isUsingClause(c)) {
      if (!methods.includes(c.method)) refuse(`A method of transfer is one of ${methods.join(', ')}.`, c);
    } else if (ast.isOutClause(c)) {
      if (c.path !== undefined && !isTableName(c.path)) refuse('Understudy writes .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow and .feather.', c);
    } else if (ast.isProtectionClause(c)) {
      if (c.least !== undefined && !(whole(c.least) >= 2)) refuse('Protection asks for a whole number of rows, at least 2: a value of fewer is never emitted as it is.', c);
      if (c.off) accept('info', 'Rare values may appear in the result as they are in the source.', { node: c, code: 'protection' });
    } else if (ast.isGeneratorClause(c)) this.generator(target, c, refuse);
    else if (ast.isWhereClause(c)) {
      if (c.count !== undefined && !(whole(c.count) >= 1)) refuse('A number of rows is whole, and at least 1.', c);
      this.share(c.share, refuse);
    } else if (ast.isBalanceClause(c)) {
      this.share(c.share, refuse);
      for (const s of c.shares) this.share(s.share, refuse);
      const sum = c.shares.reduce((n, s) => n + (s.share ? amount(s.share) : 0), 0);
      if (sum > 1 + 1e-9) refuse(`The shares add up to ${Math.round(sum * 1000) / 10}%.`, c);
      const column = target.source?.ref && columnOf(target.source.ref, c.column.column, this.services.data.Tables);
      if (column?.kind && !isCategorical(column.kind) && !complete(column.profile ?? ({ top: undefined } as never))) refuse(`${c.column.column} has no few values that could be balanced: it is ${column.kind}.`, c);
      if (column?.profile) for (const s of c.shares) this.sources.occurs(s.value, column.profile, accept);
    } else if (ast.isLikeClause(c) || (ast.isToClause(c) && c.path !== undefined)) {
      const known = c.path === undefined ? undefined : this.services.data.Tables.peek(pathIn(c, c.path));
      if (known?.problem !== undefined) refuse(`${c.path}: ${known.problem}`, c, 'source');
      else if (known?.profile && ast.isLikeClause(c)) for (const column of c.columns) if (!known.columns.has(column.column)) refuse(`${c.path} has no column ${column.column}.`, column, 'no-column');
    } else if (ast.isParityClause(c)) {
      const gap = c.gap ? amount(c.gap) : NaN;
      if (!(gap > 0 && gap < 1)) refuse('A gap lies between 0 and 1, for example within 0.02.', c.gap ?? c);
      const source = target.source?.ref;
      for (const s of c.sensitive) {
        if (s.column === c.outcome?.column) refuse('The outcome cannot be compared across itself.', s);
        if (source && flagged(source, 'sensitive').length > 0 && !flagged(source, 'sensitive').includes(s.column)) accept('hint', `${s.column} is not declared sensitive.`, { node: s, code: 'sensitive' });
      }
    } else if (ast.isKeepClause(c)) {
      if (c.least && !(amount(c.least) > 0 && amount(c.least) <= 1)) refuse('Utility is kept as a share of what the real rows allow: 0 to 1.', c);
    } else if (ast.isForecastClause(c)) {
      if (!(whole(c.steps) >= 1)) refuse('A number of steps is whole, and at least 1.', c);
    }
  }

  private share(share: ast.Amount | undefined, refuse: (message: string, node: AstNode) => void): void {
    if (share && !(amount(share) > 0 && amount(share) <= 1)) refuse('A share lies above 0 and up to 1, or 100%.', share);
  }

  private generator(target: ast.Target, c: ast.GeneratorClause, refuse: Refuse): void {
    if (c.generator === undefined) return;
    const known = generatorNamed(c.generator);
    if (!known) {
      // As the terminal names it: `ca-dasg` are three words here.
      const kebab = hyphened(c, c.generator), own = kebab && generatorNamed(kebab.text);
      if (kebab && own) return refuse(`There is no generator ${kebab.text}: in this language it is ${own.name}.`, c, 'no-generator', { range: kebab.range, data: { meant: own.name } });
      const meant = nearest(c.generator, knownGenerators().map((g) => g.name));
      return refuse(`There is no generator ${c.generator}.${meant ? ` Is ${meant} meant?` : ''}`, c, 'no-generator', { property: 'generator', data: { meant } });
    }
    if (target.purpose !== 'release' && target.purpose !== 'transfer' && !known.conditional) refuse(`${known.title} cannot draw rows given some of their columns, which a target of ${target.purpose} needs. Generators that can: ${knownGenerators().filter((g) => g.conditional).map((g) => g.name).join(', ')}.`, c, 'generator');
    const settings = this.services.data.Settings.peek(known.id);
    if (!settings) return;
    const seen = new Set<string>();
    for (const p of c.parameters) {
      const setting = settings.find((s) => s.name === snake(p.key) || s.key === p.key);
      if (seen.has(p.key)) refuse('This is said already.', p);
      seen.add(p.key);
      if (!setting) {
        const meant = nearest(p.key, settings.map((s) => s.name));
        refuse(`${known.title} has no setting ${p.key}.${meant ? ` Is ${meant} meant?` : settings.length ? ` It has ${settings.map((s) => s.name).join(', ')}.` : ' It has none.'}`, p, 'no-setting', { property: 'key', data: { meant } });
      } else if (this.services.data.Settings.problem(known.id, setting.key, parameterValue(p, setting.type)) !== undefined) refuse(`${setting.name} is ${setting.values}.`, p, 'setting');
    }
  }

  /** What is declared beside a guarantee and does not go with it. */
  private besidePrivacy(target: ast.Target, source: ast.Source, at: { node: AstNode; code: string }, accept: ValidationAcceptor): void {
    const taken = beside(source).filter((i): i is ast.RuleDeclaration => ast.isRuleDeclaration(i) && (ast.isCombinationsRule(i.body) || ast.isDeterminesRule(i.body))).map((i) => i.name), releases = target.clauses.find(ast.isReleasesClause), count = whole(releases?.count);
    if (taken.length > 0) accept('warning', `${taken.length === 1 ? `The rule ${taken[0]} is` : `The rules ${taken.join(', ')} are`} not kept under a privacy budget: which values go together would be taken from the table. Other rules are kept, by drawing again.`, at);
    if (!releases || !(count > 1)) return;
    if (releases.mode === 'proper') accept('error', `Under a privacy budget several tables come from one model (plugin); ${properPrivately}.`, { node: releases, code: 'privacy' });
    else if (releases.mode === undefined) accept('info', `The ${count} tables come from one model (plugin), within the budget of one: intervals pooled over them are too short, because they leave out what is uncertain about the model. To say that it is known: releases ${count} plugin.`, { node: releases, code: 'privacy' });
  }

  /** A guarantee: what it asks of the generator, and whether the table is large enough to bear it. */
  private privacy(target: ast.Target, accept: ValidationAcceptor): void {
    const clause = target.clauses.find(ast.isPrivacyClause), source = target.source?.ref;
    if (!clause || clause.epsilon === undefined || clause.delta === undefined) return;
    const epsilon = Number(clause.epsilon), delta = Number(clause.delta), at = { node: clause as AstNode, code: 'privacy' };
    if (!(epsilon > 0)) accept('error', 'Epsilon is above zero.', at);
    if (!(delta > 0 && delta < 1)) return accept('error', 'Delta lies between 0 and 1, and should be far below one over the number of rows.', at);
    if (epsilon > 10) accept('warning', `An epsilon of ${clause.epsilon} promises little: an attacker's odds may change by a factor of e^${clause.epsilon}.`, at);
    const generator = target.clauses.find(ast.isGeneratorClause), known = generator && generatorNamed(generator.generator);
    if (known && !known.differentialPrivacy) accept('error', `${known.title} gives no such guarantee. Generators that do: ${knownGenerators().filter((g) => g.differentialPrivacy).map((g) => g.name).join(', ') || 'none'}.`, { node: generator as AstNode, code: 'generator' });
    if (known?.underBudget) accept('warning', known.underBudget, { node: generator as AstNode, code: 'privacy' });
    if (!source) return;
    this.besidePrivacy(target, source, at, accept);
    const profile = this.services.data.Tables.peek(sourcePath(source) ?? '')?.profile;
    if (!profile) return;
    if (delta > 1 / Math.max(1, profile.rows)) accept('error', `Delta must lie below one over the number of rows, 1/${profile.rows}: at ${clause.delta} a release could show whole rows and still keep the promise.`, at);
    // Gaussian noise on one histogram per column, all columns together within (epsilon, delta) (Dwork & Roth 2014, theorem A.1; composition by the square root of their number).
    const columns = profile.columns.length, noise = (Math.sqrt(columns) * Math.sqrt(2 * Math.log(1.25 / delta))) / epsilon;
    if (noise > 0.02 * profile.rows) accept('warning', `The table is too small for this guarantee: counting one column's values alone takes noise of about ${Math.round(noise)} rows, and there are ${profile.rows}. Use a larger epsilon, fewer columns, or more rows.`, at);
    const open = [...profile.columns].filter((c) => c.min !== undefined && c.kind !== 'personal' && c.kind !== 'identifier' && !columnsOf(source).get(c.name)?.attributes.some(ast.isDomainAttribute));
    if (open.length) accept('info', `The ends of ${open.slice(0, 3).map((c) => c.name).join(', ')}${open.length > 3 ? ` and ${open.length - 3} more` : ''} are not declared and will be found privately, at a cost. Declare what is public knowledge: age: integer in 17..90.`, at);
    if (source.items.some(ast.isEntity) && !clause.unit) accept('warning', 'The guarantee is for single rows, though an entity has several: say per and the entity\'s column.', at);
  }
}

import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { AstUtils, type AstNode, type CstNode } from 'langium';
import type { z } from 'zod';
import { UserError } from '../../errors';
import type { synthesizeRequest } from '../../plan/request';
import type { Origin, Plan, PrivacyRequest, PublicDomain, Stratum, TargetRequest } from '../../protocol';
import { generatorNamed, type Settings } from '../catalogue';
import type { KnownTable } from '../data';
import * as ast from '../generated/ast';
import { amount, columnsOf, lexeme, pathIn, sourcePath } from '../model';
import { seconds, snake } from '../names';
import { conditionOf } from './conditions';
import { compileSource, type CompiledSource } from './source';

/** What a run needs: the request a front end would make, and what only the language can say beside it. */
export interface CompiledTarget { request: z.input<typeof synthesizeRequest>; declared: Pick<Plan, 'purpose'> & Partial<Pick<Plan, 'target' | 'rules' | 'privacy' | 'origin' | 'protection'>> }

const wrong = (message: string, hint?: string): never => { throw new UserError(message, {}, hint, 'usage'); };

/**
 * A target as a plan can hold it.
 * @param known what is known of the source's file: shares and categories that the declaration leaves to the data are taken from it
 * @param whole false leaves out what no mistake can lie in: the single columns, and which declaration it is
 * @throws UserError (usage) for what cannot be meant; the editor says the same while one types
 */
export function compileTarget(target: ast.Target, known?: KnownTable, settings?: Settings, whole = true): CompiledTarget {
  const source = target.source?.ref;
  if (!source || source.path === undefined) return wrong(`The target ${target.name} has no source.`);
  const from = compileSource(source, known, whole), one = <T extends ast.Clause>(is: (c: AstNode) => c is T): T | undefined => target.clauses.find((c): c is T => is(c));
  const rows = one(ast.isRowsClause), generator = one(ast.isGeneratorClause), budget = one(ast.isBudgetClause), out = one(ast.isOutClause), report = one(ast.isReportClause), seed = one(ast.isSeedClause), device = one(ast.isDeviceClause), suite = one(ast.isSuiteClause), protection = one(ast.isProtectionClause), parity = one(ast.isParityClause);
  const id = generator && generatorNamed(generator.generator)?.id;
  if (generator && !id) wrong(`There is no generator ${generator.generator}.`, 'See "understudy generators".');
  const request = targetRequest(target, from, known), privacy = one(ast.isPrivacyClause), entity = from.entity ?? one(ast.isForecastClause)?.unit?.column, order = from.order ?? one(ast.isForecastClause)?.order?.column;
  const asked = privacy && privacyRequest(privacy, source, from);
  const sensitive = [...new Set([...from.sensitive, ...(parity?.sensitive.map((s) => s.column) ?? [])])];
  const parameters = { ...contexts(id, from, settings), ...(generator && parametersOf(generator, id!, settings)) };
  return {
    request: {
      path: from.path, called: target.name, columns: from.columns, ...(from.holdout && { holdout: from.holdout }),
      ...(rows && rows.per.length === 0 && { rows: Number(rows.count) }), ...(id && { generator: id }), ...(Object.keys(parameters).length > 0 && { parameters }), ...(seed && { seed: Number(seed.seed) }),
      ...(budget && { budgetSeconds: seconds(budget.time) }), ...(device && { device: device.device as 'cpu' }), ...(out && { out: pathIn(target, out.path) }), ...(report && { reportOut: pathIn(target, report.path) }), ...(suite && { suite: suite.suite as 'full' }),
      ...((parity ? parity.outcome.column : from.outcome) !== undefined && { outcome: parity ? parity.outcome.column : from.outcome }), ...(sensitive.length && { sensitive }), ...positiveOf(parity, from), ...(order !== undefined && { order }), ...(entity !== undefined && { entity }),
      ...(protection && { protection: !protection.off }),
    },
    declared: {
      purpose: request.purpose, target: request.purpose === 'release' && asked ? { ...request, privacy: asked } : request, ...(from.rules.length && { rules: from.rules }), ...(asked && { privacy: asked }),
      ...(protection?.least !== undefined && { protection: { enabled: true, k: Number(protection.least) } }), ...(whole && { origin: originOf(target) }),
    },
  };
}

const positiveOf = (parity: ast.ParityClause | undefined, from: CompiledSource): { positive?: string } => {
  const positive = parity?.positive ? lexeme(parity.positive) : from.positive;
  return positive === undefined ? {} : { positive };
};

/** A source's contexts go to generators that take some. */
function contexts(id: string | undefined, from: CompiledSource, settings: Settings | undefined): Record<string, unknown> {
  const setting = id && from.contexts.length ? settings?.peek(id)?.find((s) => s.key === 'contexts') : undefined;
  return setting ? { contexts: listed(from.contexts, setting.type) } : {};
}

/** Several values: as a list, or as the one text in which a generator wants them. */
const listed = (values: readonly unknown[], type: string | undefined): unknown => (type === 'string' ? values.join(',') : values);

/** A setting's value in the type its generator wants: lists where it wants lists, numbers and truth values as such. */
export function parameterValue(parameter: ast.Parameter, type: string | undefined): unknown {
  const values = parameter.values.map((v) => (ast.isColumnRef(v) ? (v.column === 'true' ? true : v.column === 'false' ? false : v.column) : ast.isNumberLiteral(v) ? Number(lexeme(v)) : v.value));
  return type === 'array' || type === 'string' || values.length > 1 ? listed(values, type) : values[0];
}

function parametersOf(clause: ast.GeneratorClause, id: string, settings: Settings | undefined): Record<string, unknown> {
  const known = settings?.peek(id);
  return Object.fromEntries(clause.parameters.map((p) => {
    const setting = known?.find((s) => s.name === snake(p.key) || s.key === p.key);
    return [setting?.key ?? p.key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()), parameterValue(p, setting?.type)];
  }));
}

function privacyRequest(clause: ast.PrivacyClause, source: ast.Source, from: CompiledSource): PrivacyRequest {
  const domains: Record<string, PublicDomain> = {};
  for (const [name] of columnsOf(source)) {
    const domain = from.columns[name]?.domain;
    if (domain) domains[name] = domain;
  }
  return {
    epsilon: Number(clause.epsilon), delta: Number(clause.delta), unit: clause.unit ? { entity: clause.unit.column } : 'row', ...(from.publicRows !== undefined && { publicRows: from.publicRows }),
    // The kinds that a source declares are public by having been written down.
    declareSchema: true, ...(Object.keys(domains).length > 0 && { domains }),
  };
}

function targetRequest(target: ast.Target, from: CompiledSource, known: KnownTable | undefined): TargetRequest {
  const one = <T extends ast.Clause>(is: (c: AstNode) => c is T): T | undefined => target.clauses.find((c): c is T => is(c)), all = <T extends ast.Clause>(is: (c: AstNode) => c is T): T[] => target.clauses.filter((c): c is T => is(c));
  const releases = one(ast.isReleasesClause);
  switch (target.purpose) {
    case 'augmentation': {
      const like = all(ast.isLikeClause).flatMap((l) => l.columns.map((c) => ({ column: c.column, path: pathIn(target, l.path) }))), balance = all(ast.isBalanceClause).map((b) => balanceOf(b, from, known));
      return { purpose: 'augmentation', strata: [...all(ast.isWhereClause).map(stratum), ...all(ast.isRowsClause).filter((r) => r.per.length > 0).map(perContext)], ...(like.length && { like }), ...(balance.length && { balance }), ...(one(ast.isBesideClause) && { beside: true }) };
    }
    case 'fairness': {
      const parity = one(ast.isParityClause) ?? wrong(`The target ${target.name} names no criterion.`, 'Say for example: demographic_parity of income across sex within 0.02.'), keep = one(ast.isKeepClause);
      const positive = positiveOf(parity, from).positive ?? wrong(`Which value of ${parity.outcome.column} is the favourable one?`, `Say it where the column is declared (outcome positive "yes") or here: of ${parity.outcome.column} = "yes".`);
      return {
        purpose: 'fairness', criterion: parity.criterion, outcome: parity.outcome.column, positive, sensitive: parity.sensitive.map((s) => s.column), within: amount(parity.gap), level: parity.level === 'model' ? 'model' : 'data',
        ...(parity.permitted.length && { permitted: parity.permitted.map((p) => p.column) }), ...(keep && { keepUtility: amount(keep.least) }),
      };
    }
    case 'transfer': {
      const to = one(ast.isToClause) ?? wrong(`The target ${target.name} does not say where to.`, 'Say for example: to "other.csv".'), other = to.source?.ref && sourcePath(to.source.ref), path = to.path === undefined ? other : pathIn(target, to.path);
      return { purpose: 'transfer', to: path ?? wrong(`The target ${target.name} names no file to transfer to.`), labels: one(ast.isLabelsClause)?.which === 'some' ? 'some' : 'none', ...(from.outcome !== undefined && { outcome: from.outcome }), using: one(ast.isUsingClause)?.method === 'optimal_transport' ? 'optimal_transport' : 'importance' };
    }
    case 'completion': {
      const forecast = one(ast.isForecastClause), impute = one(ast.isImputeClause);
      if (forecast) {
        const order = forecast.order?.column ?? from.order ?? wrong(`The target ${target.name} does not say what orders the rows.`, 'Say for example: order by time.'), by = forecast.unit?.column ?? from.entity;
        const given = Object.fromEntries(all(ast.isGivenClause).flatMap((g) => g.given.filter((a) => a.column?.column !== undefined && a.value !== undefined).map((a) => [a.column.column, lexeme(a.value)])));
        return { purpose: 'completion', task: 'forecast', steps: Number(forecast.steps), order, ...(by !== undefined && { by }), ...(Object.keys(given).length > 0 && { given }) };
      }
      if (!impute) return wrong(`The target ${target.name} says neither what to impute nor what to forecast.`);
      const columns = impute.all ? [...(known?.columns.values() ?? [])].filter((c) => c.missing > 0).map((c) => c.name) : impute.columns.map((c) => c.column);
      if (columns.length === 0) wrong(`The target ${target.name} has nothing to impute.`, 'No column of the source has missing cells; a token that stands for missing is declared with: missing "?".');
      return { purpose: 'completion', task: 'impute', columns, releases: releases ? Number(releases.count) : 1, proper: releases?.mode !== 'plugin' };
    }
    default: return { purpose: 'release', ...(releases && { releases: Number(releases.count) }), ...(releases?.mode && { proper: releases.mode === 'proper' }) };
  }
}

const stratum = (w: ast.WhereClause): Stratum => ({ where: conditionOf(w.condition), ...(w.count !== undefined ? { rows: Number(w.count) } : { share: w.share ? amount(w.share) : 1 }), ...(w.per.length > 0 && { per: w.per.map((p) => p.column) }) });
const perContext = (r: ast.RowsClause): Stratum => ({ where: { type: 'and', of: [] }, rows: Number(r.count), per: r.per.map((p) => p.column) });

/** The shares a column is balanced to. Those not named divide what is left as they do in the data. */
export function balanceOf(b: ast.BalanceClause, from: Pick<CompiledSource, 'outcome' | 'positive'>, known: KnownTable | undefined): { column: string; shares: Record<string, number> } {
  const { column } = b.column, profile = known?.columns.get(column), top = profile?.top;
  if (b.shares.length) return { column, shares: Object.fromEntries(b.shares.map((s) => [lexeme(s.value), amount(s.share)])) };
  if (b.equally) {
    if (!top) return wrong(`The values of ${column} are not known yet.`, 'Name them: balance x to "a" 50%, "b" 50%.');
    if (top.length < profile.distinct) return wrong(`${column} has ${profile.distinct} values, too many to be balanced equally.`);
    return { column, shares: Object.fromEntries(top.map((t) => [t.value, 1 / top.length])) };
  }
  const share = b.share ? amount(b.share) : NaN;
  if (from.outcome === column && from.positive !== undefined) return { column, shares: { [from.positive]: share } };
  if (top && profile.distinct === 2 && Math.abs(share - 0.5) < 1e-9) return { column, shares: Object.fromEntries(top.map((t) => [t.value, 0.5])) };
  return wrong(`Which value of ${column} is to have ${Math.round(share * 1000) / 10}%?`, `Name it: balance ${column} to "value" ${Math.round(share * 1000) / 10}%; or declare the outcome's positive value.`);
}

/** Which declaration this is: the words of the target and of its source, without spaces and comments. A run is of it as long as the hash is the same. */
export function originOf(target: ast.Target): Origin {
  const file = AstUtils.getDocument(target).uri.fsPath, source = target.source?.ref, hash = createHash('sha256');
  for (const node of [target, source]) hash.update(`${wordsOf(node)}\n`);
  if (source) hash.update(relative(dirname(file), sourcePath(source) ?? ''));
  return { file, target: target.name, declaration: hash.digest('hex').slice(0, 16) };
}
/** The words of a declaration: of its own list, since it keeps its node while its items change. */
const wordsOfLists = new WeakMap<readonly AstNode[], string>();
function wordsOf(node: ast.Target | ast.Source | undefined): string {
  if (!node?.$cstNode) return '';
  const list = ast.isSource(node) ? node.items : node.clauses;
  let known = wordsOfLists.get(list);
  if (known === undefined) {
    const found: string[] = [];
    collect(node.$cstNode, node.$cstNode.root.fullText, found);
    wordsOfLists.set(list, (known = found.join(' ')));
  }
  return known;
}
/** Words of a part that has not changed are remembered: another text makes another node. */
const words = new WeakMap<CstNode, string>();
function collect(node: CstNode, text: string, found: string[]): void {
  if (!('content' in node)) { if (!node.hidden) found.push(text.substring(node.offset, node.end)); return; }
  for (const child of node.content as readonly CstNode[]) {
    if (!('content' in child) || ast.isDeclaration(child.astNode)) collect(child, text, found);
    else {
      let known = words.get(child);
      if (known === undefined) {
        const own: string[] = [];
        leaves(child, text, own);
        words.set(child, (known = own.join(' ')));
      }
      if (known !== '') found.push(known);
    }
  }
}
function leaves(node: CstNode, text: string, found: string[]): void {
  if ('content' in node) for (const child of node.content as readonly CstNode[]) leaves(child, text, found);
  else if (!node.hidden) found.push(text.substring(node.offset, node.end));
}

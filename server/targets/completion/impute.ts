/**
 * Multiple imputation (Rubin 1987): every missing cell filled several times from its conditional given the row's other cells. The generator is fitted with missing
 * cells masked, never as a value; *proper* imputations each come from a refit on a bootstrap sample of the rows, so that the spread between the tables holds what is uncertain about the generator.
 * Its draws are where chained equations begin (chained.ts); a column for which the generator is shown to be better keeps them.
 */
import { UserError } from '../../errors';
import { combineImputations, type Combined } from '../../inference/combine';
import type { Figure, TargetRequest } from '../../protocol';
import { Stream } from '../../random';
import { concatRows, makeTable } from '../../table/columns';
import { breaksOf, learnRules } from '../../table/rules/rules';
import { splitTable } from '../../table/split';
import type { Table } from '../../table/table';
import { shareFigure } from '../figures';
import type { Before, Ready } from '../purpose';
import { modelledNames, type Parts } from '../release/parts';
import { chainable, chained, chainedWhereBetter } from './chained';
import { filledIn, withPattern } from './fill';

type Request = Extract<TargetRequest, { purpose: 'completion'; task: 'impute' }>;

/** Rows that break a rule once filled are filled again so many times at most. */
const mostTries = 40;

/** @throws UserError (input) when nothing is missing, or a column cannot be learnt */
export async function prepareImputation(request: Request, { plan, source, rules, outcome }: Before): Promise<Ready> {
  const names = modelledNames(source), asked = request.columns.length > 0 ? request.columns : names.filter((n) => source.column(n).missingCount > 0);
  for (const name of asked) {
    if (!source.schema.columns.some((c) => c.name === name)) throw new UserError('There is no column of this name to complete.', { column: name }, `Columns with missing cells are ${names.filter((n) => source.column(n).missingCount > 0).join(', ') || 'none'}.`);
    if (!names.includes(name)) throw new UserError('cannot be completed: it is not learnt (an identifier, personal data, free text or a constant).', { column: name }, 'Leave it out.');
    if (source.column(name).missingCount === source.rows) throw new UserError('has no cell to learn from.', { column: name }, 'Leave it out.');
  }
  const cells = asked.reduce((n, name) => n + source.column(name).missingCount, 0);
  if (cells === 0) throw new UserError('Nothing is missing in these columns.', { ...(asked.length === 1 && { column: asked[0]! }) }, 'Missing cells are empty, or the source\'s own token; see "understudy inspect".');
  const modelled = source.select(names), all = Int32Array.from({ length: source.rows }, (_, i) => i);
  const split = splitTable(source, { seed: plan.seed, holdoutGiven: true, duplicates: 'apart', time: false, ...(outcome !== undefined && { outcome }) });
  const parts: Parts = { fits: [{ fit: modelled.take(split.fit), validation: modelled.take(split.validation) }], training: modelled, trainingRows: all, how: 'none: every row is completed, and serves to learn from' };
  const { learnt } = learnRules(rules, source), own = learnt.filter((r) => r.columns.every((c) => names.includes(c)) && r.rule.type !== 'unique');
  const counts = { tries: 0, broken: 0 };
  // Decided once, by the first generator, so that all tables are made alike.
  let ways: { chained: string[]; generator: string[] } | undefined;
  return {
    releases: request.releases, proper: request.proper, parts, missing: 'unobserved', protection: false,
    async draw(model, _share, { seed, progress, breathe }) {
      if (!model.fitted.impute) throw new UserError('This generator cannot fill cells given whichever others a row has.', {}, 'Use --generator autoregressive.', 'usage');
      const impute = async (t: Table, s: number): Promise<Table> => model.conceal(await model.fitted.impute!(t, { seed: s }), s), began = model.conceal(await model.fitted.impute(modelled, { seed, progress }), seed);
      ways ??= await chainedWhereBetter(modelled, began, chainable(modelled), impute, { learnt: split.fit, held: split.validation, seed: plan.seed, breathe });
      const chain = await chained(modelled, began, ways.chained, { seed, proper: request.proper, breathe });
      let filled = chain.table;
      for (let t = 0; t < mostTries && own.length > 0; t++) {
        const bad = new Uint8Array(source.rows);
        for (const rule of own) breaksOf(rule, filled).forEach((b, i) => { if (b) bad[i] = 1; });
        // A row that breaks a rule by what was observed cannot be mended by filling.
        const rows = all.filter((i) => bad[i] === 1 && modelled.columns.some((c) => c.isMissing(i)));
        if (t === 0) counts.broken = rows.length;
        if (rows.length === 0) break;
        counts.tries += rows.length;
        const again = new Stream(seed, `again ${t}`).uint32();
        // First as all were filled; what still breaks, by the generator, which draws a row's cells together.
        filled = t < mostTries / 2 && ways.chained.length > 0 ? chain.again(replaced(filled, await impute(modelled.take(rows), again), rows), rows, again) : replaced(filled, await impute(modelled.take(rows), again), rows);
        await breathe();
      }
      // The evaluation judges the model that filled: a fresh sample of it, with the source's pattern of missing cells.
      const judged = withPattern(model.conceal(await model.fitted.sample(source.rows, { seed: seed ^ 1 }), seed), modelled);
      return { table: filled, judged, facts: [{ name: 'Missing cells', rows: source.rows, how: { method: 'given', drawn: source.rows + counts.tries, accepted: source.rows } }] };
    },
    compose: async (drawn) => filledIn(source, drawn, asked),
    async conclude({ tables }) {
      const completed = tables.map((t) => filledIn(modelled, t, asked)), pooled = asked.flatMap((name) => pooledMean(completed, name)), figures: Figure[] = [], notes: string[] = [];
      const same = modelled.columns.reduce((n, c, k) => { const after = completed[0]!.columns[k]!; for (let i = 0; i < c.length; i++) if (!c.isMissing(i) && c.lexeme(i) !== after.lexeme(i)) n--; return n + c.length - c.missingCount; }, 0);
      const seen = modelled.columns.reduce((n, c) => n + c.length - c.missingCount, 0);
      figures.push(shareFigure('target.observed', same, seen, same === seen ? 'good' : 'poor'));
      const worst = pooled.sort((a, b) => b.pooled.missing - a.pooled.missing)[0];
      if (worst) figures.push({ metric: 'target.missing-information', value: worst.pooled.missing, samples: { tables: tables.length, rows: source.rows }, verdict: worst.pooled.missing < 0.3 ? 'good' : worst.pooled.missing < 0.6 ? 'fair' : 'poor', note: `Greatest for the mean of ${worst.name}.` });
      notes.push(`${cells.toLocaleString('en')} missing cells of ${asked.join(', ')} were filled; they were masked in fitting. Cells that were there are unchanged.`);
      if (ways && ways.chained.length > 0) notes.push(`${list(ways.chained)} drawn by chained equations (predictive mean matching, logistic regression) that began with the generator's draws${ways.generator.length > 0 ? `; ${list(ways.generator)} left as the generator drew them, whose draws were nearer to cells kept aside` : ''}.`);
      for (const { name, pooled: p } of pooled.slice(0, 12)) notes.push(`Mean of ${name}, pooled over ${tables.length} tables by Rubin's rules: ${number(p.estimate)} (95% interval ${number(p.low)} to ${number(p.high)}; missing information ${Math.round(100 * p.missing)}%${request.proper ? '' : '; plugin imputations: the interval is too short'}).`);
      if (counts.broken > 0) notes.push(`${counts.broken} rows broke a rule when first filled, and were filled again (${counts.tries} times in all).`);
      return { figures, notes };
    },
  };
}

const list = (names: readonly string[]): string => `${names.slice(0, 12).join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''} ${names.length === 1 ? 'was' : 'were'}`;
const number = (x: number): string => String(Number(x.toPrecision(5)));

function replaced(table: Table, part: Table, rows: Int32Array): Table {
  const order = Int32Array.from({ length: table.rows }, (_, i) => i);
  rows.forEach((row, k) => { order[row] = table.rows + k; });
  return joined(table, part).take(order);
}
/** Rows of both, one after the other; columns of both agree. */
const joined = (a: Table, b: Table): Table => concatRows([a, makeTable(a.schema, a.schema.columns.map((c) => b.column(c.name)), b.rows)]);

/** The mean of a numeric column over completed tables. */
function pooledMean(completed: readonly Table[], name: string): Array<{ name: string; pooled: Combined }> {
  const column = completed[0]!.column(name);
  if (column.schema.storage !== 'number' || column.schema.temporal || completed.length < 2) return [];
  const moments = completed.map((t) => { const v = t.column(name).numbers(), mean = v.reduce((a, b) => a + b, 0) / v.length; return { mean, variance: v.reduce((s, x) => s + (x - mean) ** 2, 0) / (v.length - 1) / v.length }; });
  if (moments.some((m) => Number.isNaN(m.mean))) return [];
  return [{ name, pooled: combineImputations({ estimates: moments.map((m) => m.mean), variances: moments.map((m) => m.variance) }, { complete: column.length - 1 }) }];
}

/**
 * Continuation of ordered rows: the next rows of every entity, drawn one after the other, each given the rows before it (and what was declared to be `given`).
 * The generator learns a row's values together with those one, two and three rows before, and one period before where the series has one; a step is then a draw given its lags.
 */
import { UserError } from '../../errors';
import type { TargetRequest } from '../../protocol';
import { shuffledRows, Stream } from '../../random';
import { codeColumn, concatRows, makeTable, mergeDictionaries, numberColumn } from '../../table/columns';
import { withFreshColumns } from '../../table/fresh';
import { quantile } from '../../learners/intervals';
import { numberOf } from '../../table/rules/cells';
import { splitTable } from '../../table/split';
import type { Column, Table } from '../../table/table';
import type { Before, Ready } from '../purpose';
import { modelledNames, type Parts } from '../release/parts';
import { lagged, lagName, period, seriesOf, shifted } from './lags';

type Request = Extract<TargetRequest, { purpose: 'completion'; task: 'forecast' }>;

/** @throws UserError for a table that has no such order, or too short a past */
export async function prepareForecast(request: Request, { plan, source, rules }: Before): Promise<Ready> {
  const { order, by, steps, given = {} } = request, names = modelledNames(source);
  const there = (name: string): void => { if (!source.schema.columns.some((c) => c.name === name)) throw new UserError('There is no column of this name.', { column: name }, `The columns are ${source.schema.columns.slice(0, 20).map((c) => c.name).join(', ')}.`, 'usage'); };
  [order, ...(by === undefined ? [] : [by]), ...Object.keys(given)].forEach(there);
  if (source.column(order).schema.storage !== 'number') throw new UserError('orders nothing: it holds no numbers, dates or times.', { column: order }, 'Name the column of the times.', 'usage');
  const values = names.filter((n) => n !== order && n !== by);
  if (values.length === 0) throw new UserError('There is no column to continue.', {}, 'Beside the order there must be one that is learnt.');
  for (const name of Object.keys(given)) if (!values.includes(name)) throw new UserError('cannot be given: it is not among the columns that are continued.', { column: name }, `These are ${values.slice(0, 20).join(', ')}.`, 'usage');
  const series = seriesOf(source, order, by), longest = Math.max(0, ...series.map((s) => s.rows.length));
  if (longest < 4) throw new UserError(`The longest series has ${longest} row${longest === 1 ? '' : 's'}: no past to learn from.`, { column: by ?? order }, 'Check which column orders the rows, and which says whose they are.');
  const first = series.reduce((a, b) => (b.rows.length > a.rows.length ? b : a)), numeric = values.filter((v) => source.column(v).schema.storage === 'number' && source.column(v).missingCount === 0);
  const season = numeric.map((v) => period(first.rows.map((r) => r).length > 0 ? Float64Array.from(first.rows.slice(-3000), (r) => source.column(v).numbers()[r]!) : [])).find((p) => p !== undefined);
  const lags = [1, 2, 3].filter((l) => l < longest), all = season !== undefined && !lags.includes(season) ? [...lags, season] : lags;
  const table = lagged(source, series, values, all);
  if (table.rows < 10) throw new UserError(`Only ${table.rows} rows have a past.`, { column: by ?? order }, 'A longer table is needed.');
  for (const name of names) if (all.some((l) => values.some((v) => lagName(v, l) === name))) throw new UserError('has a name that is needed for a lagged column.', { column: name }, 'Rename it.');
  const split = splitTable(table, { seed: plan.seed, holdoutGiven: true, duplicates: 'apart', time: false }), present = table.select(values);
  const parts: Parts = {
    fits: [{ fit: table.take(split.fit), validation: table.take(split.validation) }], training: present, trainingRows: Int32Array.from({ length: table.rows }, (_, i) => i), how: 'none: the whole past serves to learn from',
  };
  const times = source.column(order).numbers(), count = series.length * steps;
  return {
    releases: 1, proper: false, parts, protection: false,
    async draw(model, _share, { seed, progress, breathe }) {
      if (!model.conditional) throw new UserError('This generator cannot draw rows given their past.', {}, 'Use --generator autoregressive.', 'usage');
      // past[k]: the row of every entity k + 1 steps back, as a table of the values; new steps go to its front.
      const depth = Math.max(...all), back = Array.from({ length: depth }, (_, k) => makeTable(source.schema.dialect, values.map((v) => shifted(source.column(v), Int32Array.from(series, (s) => s.rows[s.rows.length - 1 - k] ?? -1), v)), series.length));
      const drawn: Table[] = [];
      for (let step = 0; step < steps; step++) {
        const past = all.flatMap((lag) => values.map((v) => renamed(known(back[lag - 1]!.column(v), model.fit.column(lagName(v, lag))), lagName(v, lag))));
        const fixed = Object.entries(given).map(([name, value]) => constant(model.fit.column(name), value, series.length));
        const own = new Stream(seed, `step ${step}`).uint32(), row = await model.fitted.sample(series.length, { seed: own, given: makeTable(source.schema.dialect, [...past, ...fixed], series.length) });
        const next = row.select(values);
        drawn.push(next);
        back.unshift(next);
        back.pop();
        if (step % 8 === 0) { await progress(step * series.length); await breathe(); }
      }
      // What the evaluation judges: one step ahead from pasts that were seen, beside the rows that followed them.
      const pick = table.take(shuffledRows(seed, 'judged', table.rows).slice(0, 20_000));
      const judged = (await model.fitted.sample(pick.rows, { seed: seed ^ 1, given: pick.select(pick.schema.columns.map((c) => c.name).filter((n) => !values.includes(n))) })).select(values);
      return { table: concatRows(drawn), judged, facts: [{ name: 'Steps', rows: count, how: { method: 'given', drawn: count, accepted: count } }] };
    },
    async compose(drawn) {
      // Drawn step by step for all entities; written entity by entity.
      const order_ = Int32Array.from({ length: count }, (_, i) => (i % steps) * series.length + Math.floor(i / steps)), rows = drawn.take(order_);
      const last = Int32Array.from({ length: count }, (_, i) => { const s = series[Math.floor(i / steps)]!; return s.rows[s.rows.length - 1]!; });
      const gap = series.map((s) => quantile(Array.from(s.rows.slice(1), (r, k) => times[r]! - times[s.rows[k]!]!), 0.5));
      const usual = quantile(gap.filter((g) => !Number.isNaN(g)), 0.5);
      const time = numberColumn(source.column(order).schema, Float64Array.from({ length: count }, (_, i) => { const e = Math.floor(i / steps), g = Number.isNaN(gap[e]!) || gap[e]! <= 0 ? usual : gap[e]!; return times[last[i]!]! + ((i % steps) + 1) * g; }));
      const kept = by === undefined ? [] : [source.column(by).take(last)];
      const modelled = makeTable(source.schema.dialect, [...rows.columns.map((c) => renamed(c, c.schema.name, source.column(c.schema.name).schema)), time, ...kept], count);
      return withFreshColumns(source, modelled, plan.seed);
    },
    async conclude() {
      const notes = [`${steps} row${steps === 1 ? '' : 's'} for each of ${series.length} series, each drawn given the ${all.map((l) => `${l}`).join(', ')} rows before${season === undefined ? '' : ` (${season}: the series' period)`}. The written table holds the continuation alone.`];
      if (Object.keys(given).length) notes.push(`Held in every step: ${Object.entries(given).map(([k, v]) => `${k} = ${v}`).join(', ')}.`);
      if (rules.length) notes.push('Rules are checked on the continuation, not enforced in drawing it.');
      return { figures: [], notes };
    },
  };
}

const renamed = (c: Column, name: string, schema = c.schema): Column => (schema.storage === 'number' ? numberColumn({ ...schema, name }, c.numbers()) : codeColumn({ ...schema, name }, c.codes(), c.categories()));

/** A cell that no fitted row had there (missing where none was) becomes the fitted column's most usual one. */
function known(column: Column, fitted: Column): Column {
  if (column.schema.storage === 'number') {
    if (fitted.missingCount > 0 || column.missingCount === 0) return column;
    const middle = quantile(fitted.numbers(), 0.5);
    return numberColumn(column.schema, column.numbers().map((v) => (Number.isNaN(v) ? middle : v)));
  }
  const counts = new Map<string, number>();
  for (let i = 0; i < fitted.length; i++) if (!fitted.isMissing(i)) counts.set(fitted.lexeme(i), (counts.get(fitted.lexeme(i)) ?? 0) + 1);
  const usual = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0], { categories: words, places } = mergeDictionaries([column.categories(), usual === undefined ? [] : [usual]]), place = places[1]![0] ?? -1;
  return codeColumn(column.schema, column.codes().map((c) => (c < 0 ? (fitted.missingCount > 0 ? -1 : place) : counts.has(words[c]!) ? c : place)), words);
}

function constant(column: Column, value: string, rows: number): Column {
  if (column.schema.storage === 'number') return numberColumn(column.schema, new Float64Array(rows).fill(numberOf(column.schema, value)));
  const code = column.categories().indexOf(value);
  if (code < 0) throw new UserError(`"${value}" does not occur, so nothing can be drawn given it.`, { column: column.schema.name }, `It can be ${column.categories().slice(0, 12).join(', ')}.`);
  return codeColumn(column.schema, new Int32Array(rows).fill(code), column.categories());
}

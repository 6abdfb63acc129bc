/**
 * `auto`: which generator a table gets when the user leaves the choice to us, and why. A choice is a function of the table and the budget alone, so that
 * a repeated or resumed run makes it again.
 */
import type { Table } from '../table/table';

/** What a list of generators shows for it. */
export const automatic = { id: 'auto', name: 'Automatic', family: 'choice', summary: 'Chooses by the table\'s size, its share of continuous columns and the time allowed, and says why.' } as const;

/** What the choice rests on. */
export interface TableFacts { rows: number; columns: number; /** share of columns that hold numbers of more than 20 distinct values */ continuous: number; budgetSeconds: number }
export interface Choice { id: string; why: string }

/** Distinct values beyond which a number counts as continuous, and rows that are looked at to tell. */
const fewValues = 20, looked = 2000;
/** The default's own limit, and the widest table whose correlations are worth waiting for. */
const mostNetworkColumns = 1000, mostCopulaColumns = 1500;
/**
 * What the default needs at least, in seconds and seconds a column. Numbers take longer than categories: on California (nine continuous columns) with 3 s a busy
 * machine's default scored a two-sample AUC of .95 and R2 .50, the mixture .90 and .67; with 30 s the default scores .53 and .79.
 */
const least = { categories: [1.5, 0.05], numbers: [3, 0.2] } as const;

/** @param table its modelled columns only */
export function factsOf(table: Table, budgetSeconds: number): TableFacts {
  const stride = Math.max(1, Math.floor(table.rows / looked));
  const continuous = table.columns.filter((c) => {
    if (c.schema.storage !== 'number') return false;
    const values = c.numbers(), seen = new Set<number>();
    for (let r = 0; r < values.length && seen.size <= fewValues; r += stride) if (values[r] === values[r]) seen.add(values[r]!);
    return seen.size > fewValues;
  });
  return { rows: table.rows, columns: table.columns.length, continuous: continuous.length / Math.max(1, table.columns.length), budgetSeconds };
}

/**
 * The rules, each with what it rests on. Figures: bench/generators/README.md.
 * The default is ahead wherever it can be trained at all, so the others are for where it cannot.
 */
export function chooseGenerator({ rows, columns, continuous, budgetSeconds }: TableFacts): Choice {
  const size = `${rows.toLocaleString('en')} rows, ${columns.toLocaleString('en')} column${columns === 1 ? '' : 's'}, ${Math.round(100 * continuous)}% of them continuous`;
  if (columns > mostCopulaColumns) return { id: 'independent', why: `${size}: too wide for any model of relations here, so each column is drawn by itself.` };
  if (columns > mostNetworkColumns) return { id: 'gaussian-copula', why: `${size}: wider than the default network learns, while correlations can still be estimated pair by pair.` };
  if (columns === 1) return { id: 'independent', why: `${size}: there is no relation to learn, and the column's own distribution is kept exactly.` };
  const [fixed, each] = continuous >= 0.5 ? least.numbers : least.categories, needed = fixed + each * columns;
  if (budgetSeconds < needed)
    return continuous >= 0.5
      ? { id: 'gaussian-mixture', why: `${size}: ${budgetSeconds} s are too few to train a network (about ${needed.toFixed(1)} s), and a mixture follows numbers more closely than one correlation a pair.` }
      : { id: 'gaussian-copula', why: `${size}: ${budgetSeconds} s are too few to train a network (about ${needed.toFixed(1)} s), and a copula is fitted in well under a second.` };
  return { id: 'autoregressive', why: `${size}: on every table of this kind that was measured, no other generator was both more faithful than the default network and as private.` };
}

/** Release: rows of the learnt distribution itself. Adult, with rules of three kinds. */
import { at, apart, read, shuffled, some, type Rows } from './rows';
import { fixed, span, type Bench } from './bench';

/** Adult without the survey's weights, the country and the class of work. The run's own control is a part of the holdout that the bench does not judge with. */
export const adult = (bench: Bench, file: string, more = ''): string => `source adult = "${file}" {
  fnlwgt, \`native-country\`, workclass: drop
  age: integer in 17..90
  income: category outcome positive ">50K"
  sex: category sensitive
  holdout "${bench.path('adult.control.csv')}"
  ${more}
}
`;

/** What the release keeps; rows under conditions are held against it, and keep the same. */
export const adultRules = `rule years: education determines \`education-num\`
  rule gains: \`capital-gain\` = 0 or \`capital-loss\` = 0
  rule couples: combinations of \`marital-status\`, relationship, sex`;

/** Rows that break one of the rules, counted here anew. */
function broken(made: Rows, real: Rows): { years: number; gains: number; couples: number } {
  const key = (t: Rows, r: string[], names: string[]): string => names.map((n) => r[at(t, n)]!).join('|'), years = new Map(real.cells.map((r) => [r[at(real, 'education')]!, r[at(real, 'education-num')]!])), couples = new Set(real.cells.map((r) => key(real, r, ['marital-status', 'relationship', 'sex'])));
  const count = (test: (r: string[]) => boolean): number => made.cells.filter(test).length, cell = (r: string[], n: string): string => r[at(made, n)]!;
  return { years: count((r) => years.get(cell(r, 'education')) !== cell(r, 'education-num')), gains: count((r) => cell(r, 'capital-gain') !== '0' && cell(r, 'capital-loss') !== '0'), couples: count((r) => !couples.has(key(made, r, ['marital-status', 'relationship', 'sex']))) };
}

/** How well so many released rows are told from the holdout's: the mean over so many choices of both. */
export type Overall = (rows: number, divisions?: number) => Promise<number>;

/** @returns the released rows, and how well they are told from the holdout: other purposes are held against it */
export async function release(bench: Bench): Promise<{ made: Rows; overall: Overall }> {
  const source = read(bench.path('adult.csv')), holdout = read(bench.path('adult.holdout.csv'));
  const run = await bench.run('release', `${adult(bench, bench.path('adult.csv'), adultRules)}release public from adult { rows ${source.cells.length}  ${bench.trained} }\nexpect public { target.rules >= 100% }\n`, 'public');
  const made = run.tables[0]!, names = made.names, bad = broken(made, source), rows = 3000;
  bench.say({ purpose: 'release', what: 'Adult: a dependency, an exclusion and combinations kept', declared: '100% of rows', reached: `${made.cells.length - bad.years}, ${made.cells.length - bad.gains}, ${made.cells.length - bad.couples} of ${made.cells.length}`, interval: 'counted', held: bad.years + bad.gains + bad.couples === 0 });
  const overall: Overall = async (n, divisions = 1) => {
    let sum = 0;
    for (let k = 0; k < divisions; k++) sum += (await apart(some(made, n, 1 + 2 * k), some(holdout, n, 2 + 2 * k), n, 1, names)).auc;
    return sum / divisions;
  };
  const t = await apart(some(made, rows, 1), some(holdout, rows, 2), rows, 1, names);
  bench.say({ purpose: 'release', what: `Adult: told from ${rows} unseen real rows (two-sample AUC)`, declared: '<= .6', reached: fixed(t.auc), interval: span(t.low, t.high), held: t.auc <= 0.6 });
  const faulty = shuffled(made, 'education', 1), f = await apart(some(faulty, rows, 1), some(holdout, rows, 2), rows, 1, names), broke = broken(faulty, source);
  bench.say({ purpose: 'release', what: 'one column shuffled: two-sample AUC', declared: '<= .6', reached: fixed(f.auc), interval: span(f.low, f.high), held: f.auc <= 0.6, control: true });
  bench.say({ purpose: 'release', what: 'one column shuffled: rules', declared: '100% of rows', reached: `${made.cells.length - broke.years} of ${made.cells.length}`, interval: 'counted', held: broke.years === 0, control: true });
  return { made, overall };
}

/** Fairness: a declared gap between groups, in the table or in what a model trained on it decides about real rows; at a stated utility. Adult. */
import { fitBoosting } from '../../server/learners/boosting';
import { twoProportions } from '../../server/learners/intervals';
import { auc } from '../../server/learners/metrics';
import { fixed, span, type Bench, type Made } from './bench';
import { adult } from './release';
import { column, matrices, put, read, shuffled, write, type FeatureMatrix, type Rows } from './rows';

const rich = (t: Rows): Uint8Array => Uint8Array.from(column(t, 'income'), (c) => (c.startsWith('>') ? 1 : 0));

interface Decided { gap: number; low: number; high: number; auc: number }
/** Trees trained on a table, the sensitive column and its proxies among the features, decide about real rows; the gap between the two groups: of all rows, of those with the favourable outcome, or the larger of the gaps with and without it. */
async function decided(train: Rows, real: Rows, sensitive: string, criterion: 'parity' | 'opportunity' | 'odds'): Promise<Decided> {
  const [x, z] = matrices([train, real], train.names.filter((n) => n !== 'income')) as [FeatureMatrix, FeatureMatrix], model = await fitBoosting(x, rich(train), { task: 'binary', seed: 11, iterations: 100, earlyStopping: false });
  const p = model.probabilities(z), y = rich(real), who = column(real, sensitive), groups = [...new Set(who)].sort();
  const among = (counts: (i: number) => boolean, level = 0.95): ReturnType<typeof gap> => { const own = groups.map(() => ({ k: 0, n: 0 })); who.forEach((g, i) => { if (!counts(i)) return; const c = own[groups.indexOf(g)]!; c.n++; if (p[i]! > 0.5) c.k++; }); return gap(own, level); };
  const g = criterion === 'parity' ? among(() => true) : criterion === 'opportunity' ? among((i) => y[i] === 1) : [among((i) => y[i] === 1, 0.975), among((i) => y[i] === 0, 0.975)].reduce((u, v) => (v.gap > u.gap ? v : u));
  return { ...g, auc: auc(y, p) };
}
/** Of two groups. */
function gap(counts: ReadonlyArray<{ k: number; n: number }>, level = 0.95): { gap: number; low: number; high: number } {
  const [a, b] = [...counts].sort((u, v) => v.k / v.n - u.k / u.n) as [{ k: number; n: number }, { k: number; n: number }], { interval } = twoProportions(a.k, a.n, b.k, b.n, level);
  return { gap: a.k / a.n - b.k / b.n, low: interval.low, high: interval.high };
}
const inTable = (t: Rows, sensitive: string): { gap: number; low: number; high: number } => { const y = rich(t), who = column(t, sensitive), groups = [...new Set(who)]; return gap(groups.map((g) => ({ k: who.filter((v, i) => v === g && y[i] === 1).length, n: who.filter((v) => v === g).length }))); };

/** Whether the run names each group's base rate as it now is. */
function told(made: Made, sensitive: string): { held: boolean; what: string } {
  const t = made.tables[0]!, y = rich(t), who = column(t, sensitive);
  const rates = [...new Set(who)].sort().map((g) => { const own = [...y].filter((_, i) => who[i] === g); return { g, rate: `${((100 * own.reduce((a, b) => a + b, 0)) / own.length).toFixed(1)}%` }; });
  return { held: rates.every(({ g, rate }) => made.notes.some((n) => n.includes(`group ${g}:`) && n.includes(`${rate} in the result`))), what: rates.map((r) => `${r.g} ${r.rate}`).join(', ') };
}

export async function fairness(bench: Bench, wanted: (part: string) => boolean): Promise<void> {
  const source = read(bench.path('adult.csv')), holdout = read(bench.path('adult.holdout.csv')), about = (t: Rows, names: readonly string[]): Rows => ({ names: [...names], cells: t.cells.map((r) => names.map((n) => r[t.names.indexOf(n)]!)) });
  if (wanted('parity')) {
    const within = 0.08, keep = 0.93, names = source.names.filter((n) => !['fnlwgt', 'native-country', 'workclass'].includes(n)), real = about(source, names), made = (await bench.run('parity', `${adult(bench, bench.path('adult.csv'))}fairness hiring from adult { demographic_parity of income across sex within ${within} at model level  keep utility >= ${keep}  rows ${source.cells.length}  ${bench.trained} }\nexpect hiring { target.gap <= ${within}  target.utility >= ${keep} }\n`, 'hiring'));
    await model(bench, 'demographic parity across sex', { made, real, holdout: about(holdout, names), sensitive: 'sex', criterion: 'parity', within, keep });
  }
  // Whether one lives with a partner, which decides much here; what goes along with it (relationship, age, sex) stays.
  const partner = (t: Rows): Rows => ({ names: ['partner', ...t.names.filter((n) => !['marital-status', 'fnlwgt', 'native-country', 'workclass', 'education-num'].includes(n))], cells: about(t, ['marital-status', ...t.names.filter((n) => !['marital-status', 'fnlwgt', 'native-country', 'workclass', 'education-num'].includes(n))]).cells.map(([m, ...r]) => [m!.startsWith('Married') ? 'yes' : 'no', ...r]) });
  for (const [part, words, criterion, name] of [['opportunity', 'equal_opportunity', 'opportunity', 'equal opportunity'], ['odds', 'equalised_odds', 'odds', 'equalised odds']] as const) {
    if (!wanted(part)) continue;
    const own = partner(source), held = partner(holdout), within = 0.2, keep = 0.9;
    write(bench.path('partner.csv'), own);
    write(bench.path('partner.control.csv'), partner(read(bench.path('adult.control.csv'))));
    const text = `source people = "${bench.path('partner.csv')}" { income: category outcome positive ">50K"  partner: category sensitive  holdout "${bench.path('partner.control.csv')}" }\n`;
    const made = (await bench.run(part, `${text}fairness lending from people { ${words} of income across partner within ${within} at model level  keep utility >= ${keep}  rows ${own.cells.length}  ${bench.trained} }\nexpect lending { target.gap <= ${within}  target.utility >= ${keep} }\n`, 'lending'));
    await model(bench, `${name} across partner`, { made, real: own, holdout: held, sensitive: 'partner', criterion, within, keep });
  }
  if (!wanted('table')) return;
  const utility: number[] = [], plain = await decided(about(source, source.names.filter((n) => !['fnlwgt', 'native-country', 'workclass'].includes(n))), holdout, 'sex', 'parity');
  for (const within of [0.01, 0.08]) {
    const made = (await bench.run(`data${within}`, `${adult(bench, bench.path('adult.csv'))}fairness table from adult { demographic_parity of income across sex within ${within} at data level  rows ${source.cells.length}  ${bench.trained} }\nexpect table { target.gap <= ${within} }\n`, 'table')).tables[0]!, g = inTable(made, 'sex'), real = inTable(source, 'sex');
    for (const [what, v, control] of [['demographic parity across sex, in the table', g, false], ['real rows as they are, in the table', real, true]] as const)
      bench.say({ purpose: 'fairness', what, declared: `gap <= ${within}`, reached: fixed(v.gap, 4), interval: `as a sample ${span(Math.max(0, v.low), v.high)}`, held: v.gap <= within, ...(control && { control: true }) });
    bench.say({ purpose: 'fairness', what: `the same, within ${within}: no nearer to parity than the bound asks for`, declared: `${within > 0.05 ? 'upper bound <= ' : 'counted gap <= '}${within}, by .01 at most`, reached: fixed(within > 0.05 ? g.high : g.gap, 4), interval: '', held: within - (within > 0.05 ? g.high : g.gap) <= 0.01 && (within > 0.05 ? g.high : g.gap) <= within });
    // Parity by dealing outcomes anew would also hold in the table; then nothing predicts them.
    const kept = await decided(made, about(holdout, made.names), 'sex', 'parity'), dealt = await decided(shuffled(made, 'income', 1), about(holdout, made.names), 'sex', 'parity');
    utility.push(kept.auc);
    for (const [what, v, control] of [[`the same table, within ${within}: AUC on unseen real rows of trees trained on it`, kept, false], ['outcomes dealt anew: AUC', dealt, true]] as const)
      bench.say({ purpose: 'fairness', what, declared: `>= .9 of real's ${fixed(plain.auc)}`, reached: fixed(v.auc / plain.auc), interval: `AUC ${fixed(v.auc)}`, held: v.auc >= 0.9 * plain.auc, ...(control && { control: true }) });
  }
  bench.say({ purpose: 'fairness', what: 'a wider bound in the table costs no more use', declared: 'AUC at .08 >= AUC at .01 - .005', reached: `${fixed(utility[1]!)} against ${fixed(utility[0]!)}`, interval: '', held: utility[1]! >= utility[0]! - 0.005 });
}

/** A gap at model level, measured here on the holdout by trees of the bench's own; its utility; and the tables that must miss it. */
async function model(bench: Bench, name: string, { made, real, holdout, sensitive, criterion, within, keep }: { made: Made; real: Rows; holdout: Rows; sensitive: string; criterion: 'parity' | 'opportunity' | 'odds'; within: number; keep: number }): Promise<void> {
  const t = made.tables[0]!, fair = await decided(t, holdout, sensitive, criterion), plain = await decided(real, holdout, sensitive, criterion), base = told(made, sensitive), own = made.figure('target.gap');
  const line = (what: string, d: Decided, control: boolean): void => bench.say({ purpose: 'fairness', what, declared: `upper bound of the gap <= ${within} (trained on real rows: ${fixed(plain.gap)})`, reached: fixed(d.gap), interval: span(Math.max(0, d.low), d.high), held: d.high <= within, ...(control && { control: true }) });
  line(`${name}, at model level`, fair, false);
  bench.say({ purpose: 'fairness', what: `${name}: what the run itself says`, declared: 'its interval holds the gap found here', reached: fixed(own?.value ?? NaN), interval: own?.interval ? span(own.interval.low, own.interval.high) : '', held: own?.interval !== undefined && own.interval.low <= fair.high && fair.low <= own.interval.high });
  bench.say({ purpose: 'fairness', what: `${name}: utility kept (AUC on unseen real rows)`, declared: `>= ${keep} of real's ${fixed(plain.auc)}`, reached: fixed(fair.auc / plain.auc), interval: `AUC ${fixed(fair.auc)}`, held: fair.auc / plain.auc >= keep });
  bench.say({ purpose: 'fairness', what: `${name}: base rates, as the run states them`, declared: 'told to the tenth', reached: base.what, interval: 'compared', held: base.held });
  line(`${sensitive} shuffled in real rows`, await decided(shuffled(real, sensitive, 2), holdout, sensitive, criterion), true);
  line(`${sensitive} overwritten with one value in real rows`, await decided(put(real, sensitive, () => column(real, sensitive)[0]!), holdout, sensitive, criterion), true);
  line('real rows echoed', plain, true);
}

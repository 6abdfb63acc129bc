/** Augmentation: rows of declared kinds, so many of each; declared shares and another table's. Adult. */
import { permutation } from '../../server/learners/random';
import { fixed, span, type Bench } from './bench';
import { adult, adultRules, type Overall } from './release';
import { apart, column, put, read, some, take, where, write, type Rows } from './rows';

type Cell = (name: string) => string;
/** Conditions that exclude each other, so that every row's own is known: as the language says it, and as it is checked here. */
const kinds: ReadonlyArray<{ name: string; text: string; test: (c: Cell) => boolean; columns: string[] }> = [
  { name: 'an equality and a range', text: 'sex = "Female" and age in 25..45', test: (c) => c('sex') === 'Female' && Number(c('age')) >= 25 && Number(c('age')) <= 45, columns: ['sex', 'age'] },
  { name: 'a set and a range', text: 'sex = "Male" and education in ("Bachelors", "Masters", "Some-college") and age in 30..55', test: (c) => c('sex') === 'Male' && ['Bachelors', 'Masters', 'Some-college'].includes(c('education')) && Number(c('age')) >= 30 && Number(c('age')) <= 55, columns: ['sex', 'education', 'age'] },
  { name: 'or, not, and a comparison', text: 'sex = "Male" and not (education in ("Bachelors", "Masters", "Some-college")) and (`hours-per-week` > 44 or age < 30)', test: (c) => c('sex') === 'Male' && !['Bachelors', 'Masters', 'Some-college'].includes(c('education')) && (Number(c('hours-per-week')) > 44 || Number(c('age')) < 30), columns: ['sex', 'education', 'hours-per-week', 'age'] },
];
const each = 5000;
/** Each kind's rows are compared in so many parts, of which the mean counts: a single AUC's standard error is about .015. */
const divisions = 2;
/** By how much a condition may be easier to tell from real rows than the whole release is. */
const margin = 0.03;

export async function augmentation(bench: Bench, { made: released, overall }: { made: Rows; overall: Overall }, wanted: (part: string) => boolean): Promise<void> {
  if (wanted('conditions')) await conditions(bench, released, overall);
  if (wanted('contexts')) await contexts(bench, released, overall);
  if (wanted('shares')) await shares(bench, adult(bench, bench.path('adult.csv')), read(bench.path('adult.holdout.csv')), released, overall);
}

async function conditions(bench: Bench, released: Rows, overall: Overall): Promise<void> {
  const holdout = read(bench.path('adult.holdout.csv')), source = adult(bench, bench.path('adult.csv'), adultRules);
  const run = (await bench.run('augmentation', `${source}augmentation rare from adult {\n${kinds.map((k) => `  where ${k.text} rows ${each}\n`).join('')}  ${bench.trained}\n}\nexpect rare { target.condition >= 100%  target.shares <= 0 }\n`, 'rare')), made = run.tables[0]!;
  const met = made.cells.filter((r) => kinds.some((k) => k.test((n) => r[made.names.indexOf(n)]!))).length;
  bench.say({ purpose: 'augmentation', what: 'Adult: rows that meet one of three conditions', declared: '100% of rows', reached: `${met} of ${made.cells.length}`, interval: 'counted', held: met === made.cells.length && made.cells.length === 3 * each });
  for (const [i, k] of kinds.entries()) {
    const own = where(made, k.test), real = where(holdout, k.test), rows = Math.min(each / divisions, real.cells.length), whole = await overall(rows, divisions);
    bench.say({ purpose: 'augmentation', what: `${k.name}: rows made`, declared: String(each), reached: String(own.cells.length), interval: 'counted', held: own.cells.length === each });
    const order = permutation(i, 'divisions', own.cells.length), told: number[] = [];
    for (let d = 0; d < divisions; d++) told.push((await apart(take(own, order.subarray(d * rows, (d + 1) * rows)), some(real, rows, d + 1), rows, 1, made.names)).auc);
    const line = (what: string, auc: number, low: number, high: number, control: boolean): void => bench.say({ purpose: 'augmentation', what, declared: `<= ${fixed(whole)} (the whole release, as many rows) + .03`, reached: fixed(auc), interval: span(low, high), held: auc <= whole + margin, ...(control && { control: true }) });
    line(`${k.name}: told from the ${rows} unseen real rows that meet it, mean of ${divisions} parts (least and largest beside it)`, told.reduce((a, b) => a + b, 0) / divisions, Math.min(...told), Math.max(...told), false);
    // What conditioning is not: rows of the release whose constrained cells are overwritten with those of rows that meet the condition.
    const donors = where(released, k.test), donated = permutation(i, 'donors', donors.cells.length);
    let wrong = some(released, rows, 5);
    for (const name of k.columns) { const cells = column(donors, name); wrong = put(wrong, name, (r) => cells[donated[r % donated.length]!]!); }
    const f = await apart(wrong, real, rows, 1, made.names);
    line(`${k.name}: constrained columns overwritten`, f.auc, f.low, f.high, true);
  }
}

/** So many rows for every combination of two columns' values, however rare it is. */
async function contexts(bench: Bench, released: Rows, overall: Overall): Promise<void> {
  const size = 250, source = read(bench.path('adult.csv')), holdout = read(bench.path('adult.holdout.csv')), names = ['sex', 'race'], key = (t: Rows): string[] => { const [a, b] = names.map((n) => column(t, n)) as [string[], string[]]; return a.map((v, i) => `${v}, ${b[i]!}`); };
  const counted = (k: readonly string[]): Map<string, number> => { const m = new Map<string, number>(); for (const v of k) m.set(v, (m.get(v) ?? 0) + 1); return m; }, wanted = [...counted(key(source))].filter(([, n]) => n >= 5).map(([k]) => k);
  const made = (await bench.run('contexts', `${adult(bench, bench.path('adult.csv'))}augmentation even from adult { rows ${size} per sex, race  ${bench.trained} }\nexpect even { target.condition >= 100% }\n`, 'even')).tables[0]!, got = counted(key(made)), exact = wanted.filter((k) => got.get(k) === size).length;
  bench.say({ purpose: 'augmentation', what: `${size} rows for each of ${wanted.length} combinations of sex and race`, declared: `${size} each, no others`, reached: `${exact} of ${wanted.length} exact, ${made.cells.length} rows`, interval: 'counted', held: exact === wanted.length && made.cells.length === size * wanted.length });
  const plain = counted(key(some(released, made.cells.length, 4)));
  bench.say({ purpose: 'augmentation', what: 'rows as they come: rows for each combination', declared: `${size} each, no others`, reached: `${Math.min(...wanted.map((k) => plain.get(k) ?? 0))} to ${Math.max(...plain.values())}`, interval: 'counted', held: wanted.every((k) => plain.get(k) === size), control: true });
  // As many of each combination on both sides, as the unseen rows have.
  const alike = (t: Rows, other: Rows): Rows => { const most = counted(key(other)), seen = new Map<string, number>(), k = key(t); return take(t, [...t.cells.keys()].filter((i) => { const n = seen.get(k[i]!) ?? 0; seen.set(k[i]!, n + 1); return n < Math.min(size, most.get(k[i]!) ?? 0); })); };
  const real = alike(holdout, made), own = alike(made, holdout), n = Math.min(real.cells.length, own.cells.length), whole = await overall(n), t = await apart(own, real, n, 1, made.names);
  let wrong = alike(some(released, 4000, 5), { names: released.names, cells: released.cells });
  for (const name of names) { const cells = column(own, name), order = permutation(2, name, cells.length); wrong = put(wrong, name, (r) => cells[order[r % order.length]!]!); }
  const f = await apart(wrong, real, n, 1, made.names);
  for (const [what, v, control] of [[`told from the ${n} unseen real rows of as many combinations`, t, false], ['sex and race overwritten to have the sizes', f, true]] as const)
    bench.say({ purpose: 'augmentation', what, declared: `<= ${fixed(whole)} (the whole release, as many rows) + .03`, reached: fixed(v.auc), interval: span(v.low, v.high), held: v.auc <= whole + margin, ...(control && { control: true }) });
}

/** Declared shares, and another table's: here of the holdout's rich, whose education is far from the source's. */
async function shares(bench: Bench, source: string, holdout: Rows, released: Rows, overall: Overall): Promise<void> {
  const census = where(holdout, (c) => c('income').startsWith('>')), rows = 3000;
  write(bench.path('census.csv'), census);
  const run = (await bench.run('shares', `${source}augmentation balanced from adult { rows ${rows}  balance income to 50%  balance race to "Black" 30%  education like "${bench.path('census.csv')}"  ${bench.trained} }\nexpect balanced { target.shares <= 0.02 }\n`, 'balanced')), made = run.tables[0]!;
  const share = (t: Rows, name: string, value: string): number => column(t, name).filter((c) => c === value).length / t.cells.length;
  const wanted: Array<[string, string, number]> = [['income', '>50K', 0.5], ['race', 'Black', 0.3], ...[...new Set(column(census, 'education'))].map((e): [string, string, number] => ['education', e, share(census, 'education', e)])];
  const off = (t: Rows): { what: string; error: number; allowed: number; ratio: number } => wanted.map(([name, value, p]) => { const error = Math.abs(share(t, name, value) - p), allowed = 2.58 * Math.sqrt((p * (1 - p)) / t.cells.length) + 1 / t.cells.length; return { what: `${name} = ${value}`, error, allowed, ratio: error / allowed }; }).reduce((a, b) => (b.ratio > a.ratio ? b : a));
  const line = (what: string, t: Rows, control: boolean): void => { const w = off(t); bench.say({ purpose: 'augmentation', what, declared: `income 50%, Black 30%, ${wanted.length - 2} shares of education like another table`, reached: `farthest off: ${w.what} by ${fixed(w.error, 4)}`, interval: `sampling error of ${t.cells.length} rows: ${fixed(w.allowed, 4)}`, held: w.error <= w.allowed, ...(control && { control: true }) }); };
  line('balance and raking', made, false);
  line('rows as they come', some(released, rows, 3), true);
  // What balancing must leave alone: real rows thinned to the same shares are what the result must look like.
  const real = thinned(holdout, wanted), n = Math.min(rows, real.cells.length), whole = await overall(n);
  const t = await apart(made, real, n, 1, made.names), order = permutation(1, 'outcomes', released.cells.length), half = new Set(order.subarray(0, order.length / 2)), wrong = put(released, 'income', (r) => (half.has(r) ? '>50K' : '<=50K')), f = await apart(wrong, real, n, 1, made.names);
  for (const [what, v, control] of [[`balance and raking: told from the ${n} unseen real rows left when thinned to these shares`, t, false], ['outcomes overwritten to reach the share', f, true]] as const)
    bench.say({ purpose: 'augmentation', what, declared: `<= ${fixed(whole)} (the whole release, as many rows) + .03`, reached: fixed(v.auc), interval: span(v.low, v.high), held: v.auc <= whole + margin, ...(control && { control: true }) });
}

/** Real rows kept with chances in proportion to raked weights (iterative proportional fitting), so that they have the wanted shares. */
function thinned(real: Rows, wanted: ReadonlyArray<[column: string, value: string, share: number]>): Rows {
  const w = new Float64Array(real.cells.length).fill(1), names = [...new Set(wanted.map(([c]) => c))], columns = names.map((n) => column(real, n));
  for (let round = 0; round < 60; round++) for (const [k, name] of names.entries()) {
    const own = wanted.filter(([c]) => c === name), left = 1 - own.reduce((s, [, , p]) => s + p, 0), place = (v: string): number => { const i = own.findIndex(([, x]) => x === v); return i < 0 ? own.length : i; };
    const cell = columns[k]!.map(place), mass = new Float64Array(own.length + 1);
    cell.forEach((c, i) => { mass[c]! += w[i]!; });
    const total = mass.reduce((a, b) => a + b, 0), factor = mass.map((m, c) => (m > 0 ? ((c < own.length ? own[c]![2] : Math.max(0, left)) * total) / m : 0));
    cell.forEach((c, i) => { w[i]! *= factor[c]!; });
  }
  const most = [...w].sort((a, b) => a - b)[Math.floor(0.98 * w.length)]!, u = permutation(7, 'thin', w.length);
  return take(real, [...w.keys()].filter((i) => (u[i]! + 0.5) / w.length < w[i]! / most));
}

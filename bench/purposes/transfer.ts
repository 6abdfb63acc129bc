/** Transfer: heart disease across four hospitals, each in turn the target; half of it is given, the other half's labels judge. And importance weighting on Adult, where its assumption holds and where it does not. */
import { deLong, deLongDifference, logLoss } from '../../server/learners/metrics';
import { fitDense } from '../../server/learners/dense';
import { fitLogistic } from '../../server/learners/linear';
import { permutation } from '../../server/learners/random';
import { fixed, span, type Bench } from './bench';
import { apart, column, concatRows, matrices, put, read, select, some, take, where, write, type FeatureMatrix, type Rows } from './rows';
import { join } from 'node:path';

/** Logistic regression (numbers standardised, gaps at the mean): its probabilities of the outcome on other rows. */
async function predicted(train: Rows, on: Rows, outcome: string, yes: string): Promise<Float64Array> {
  const [x, z] = matrices([train, on], train.names.filter((n) => n !== outcome)) as [FeatureMatrix, FeatureMatrix], dense = fitDense(concatRows([x, z])), y = Float64Array.from(column(train, outcome), (c) => (c === yes ? 1 : 0));
  return (await fitLogistic(dense.encode(x), y, 2)).probabilities(dense.encode(z));
}

/** Of made rows, the share that lies nearer to the given half of the target than to the other half: a half where nothing is echoed. Distances over standardised columns, in the halves' own spread; gaps lie at the mean. */
function nearer(made: Rows, given: Rows, other: Rows, names: readonly string[]): number {
  const [m, a, b] = matrices([made, given, other], names) as [FeatureMatrix, FeatureMatrix, FeatureMatrix], dense = fitDense(concatRows([a, b])), [x, u, v] = [dense.encode(m), dense.encode(a), dense.encode(b)], n = Math.min(u.rows, v.rows);
  const least = (i: number, t: typeof u): number => { let best = Infinity; for (let j = 0; j < n; j++) { let d = 0; for (let k = 0; k < t.width; k++) d += (x.values[i * t.width + k]! - t.values[j * t.width + k]!) ** 2; best = Math.min(best, d); } return best; };
  let count = 0;
  for (let i = 0; i < x.rows; i++) { const [p, q] = [least(i, u), least(i, v)]; count += p < q ? 1 : p === q ? 0.5 : 0; }
  return count / x.rows;
}

const sites = ['cleveland', 'hungarian', 'switzerland', 'va'];

/** `ids`: which real row each answer is about; one that is judged several times (other splits, other sources) counts once. */
interface Judged { y: Float64Array; plain: Float64Array; moved: Float64Array; ids: string[] }
/** What is said of all together: mean AUC difference with its interval (weights: discordant pairs' worth, the inverse variances; `repeats` times as wide a variance where rows are judged so often), and log losses with an interval over rows. */
function together(all: readonly Judged[], repeats = 1): { auc: number; low: number; high: number; plain: number; moved: number; loss: number; lossLow: number; lossHigh: number; rows: number } {
  const d = all.map((j) => ({ ...deLongDifference(j.y, j.moved, j.plain), plain: deLong(j.y, j.plain).auc, moved: deLong(j.y, j.moved).auc })), w = d.map((x) => 1 / Math.max(1e-6, x.variance)), total = w.reduce((a, b) => a + b, 0), mean = (of: (x: (typeof d)[number]) => number): number => d.reduce((s, x, i) => s + w[i]! * of(x), 0) / total, half = 1.96 * Math.sqrt(repeats / total);
  const byRow = new Map<string, number[]>();
  for (const j of all) j.y.forEach((y, i) => { const g = logLoss([y], [j.plain[i]!]) - logLoss([y], [j.moved[i]!]), own = byRow.get(j.ids[i]!); if (own) own.push(g); else byRow.set(j.ids[i]!, [g]); });
  const gains = [...byRow.values()].map((g) => g.reduce((a, b) => a + b, 0) / g.length), m = gains.reduce((a, b) => a + b, 0) / gains.length, se = Math.sqrt(gains.reduce((s, g) => s + (g - m) ** 2, 0) / (gains.length - 1) / gains.length);
  return { auc: mean((x) => x.difference), low: mean((x) => x.difference) - half, high: mean((x) => x.difference) + half, plain: mean((x) => x.plain), moved: mean((x) => x.moved), loss: m, lossLow: m - 1.96 * se, lossHigh: m + 1.96 * se, rows: gains.length };
}

export async function transfer(bench: Bench, wanted: (part: string) => boolean): Promise<void> {
  const kinds = (['none', 'some'] as const).filter(wanted);
  if (kinds.length > 0) await hospitals(bench, kinds);
  if (wanted('pairs')) await pairs(bench);
  if (wanted('importance')) await importance(bench);
}

/** The table, its outcome in words; names of the columns with and without it. */
function heartOf(bench: Bench): { heart: Rows; features: string[]; columns: string[] } {
  const raw = read(join(bench.data, 'heart_4_hospitals.csv')), names = raw.names.filter((n) => n !== 'num'), features = names.filter((n) => n !== 'site');
  return { heart: { names: [...names, 'disease'], cells: raw.cells.map((r) => [...names.map((n) => r[raw.names.indexOf(n)]!), Number(r[raw.names.indexOf('num')]!) > 0 ? 'yes' : 'no']) }, features, columns: [...features, 'disease'] };
}
/** One transfer to a hospital: half of it is given; what comes of it is judged on the other half. */
async function moved(bench: Bench, { heart, columns }: ReturnType<typeof heartOf>, name: string, site: string, from: readonly string[], labels: 'none' | 'some', seed: number): Promise<{ judged: Judged; made: Rows; source: Rows; given: Rows; other: Rows }> {
  const target = select(where(heart, (c) => c('site') === site), columns), source = select(where(heart, (c) => from.includes(c('site'))), columns), order = permutation(seed, site, target.cells.length), cut = Math.floor(order.length / 2), given = take(target, order.subarray(0, cut)), other = take(target, order.subarray(cut));
  write(bench.path(`${name}.source.csv`), source);
  write(bench.path(`${name}.half.csv`), given);
  const y = Float64Array.from(column(other, 'disease'), (c) => (c === 'yes' ? 1 : 0)), plain = await predicted(source, other, 'disease', 'yes');
  const made = (await bench.run(name, `source elsewhere = "${bench.path(`${name}.source.csv`)}" { disease: category outcome positive "yes" }\ntransfer here from elsewhere { to "${bench.path(`${name}.half.csv`)}" labels ${labels} using optimal_transport  rows 3000  generator autoregressive { steps 200 }  budget 60m  seed 1  device cpu }\n`, 'here')).tables[0]!;
  return { judged: { y, plain, moved: await predicted(made, other, 'disease', 'yes'), ids: Array.from(order.subarray(cut), (i) => `${site} ${i}`) }, made, source, given, other };
}
const average = (v: readonly number[]): number => v.reduce((a, b) => a + b, 0) / v.length;

/** Each hospital from the three others, twice: with two divisions into a given half and another. */
async function hospitals(bench: Bench, kinds: ReadonlyArray<'none' | 'some'>): Promise<void> {
  const table = heartOf(bench), { features } = table, judged: Record<string, Judged[]> = { none: [], some: [] }, echoes: Record<string, number[]> = { none: [], some: [], echo: [] }, told: Record<string, number[][]> = { none: [], some: [] }, splits = [1, 2];
  for (const site of sites) for (const split of splits) for (const labels of kinds) {
    const { judged: own, made, source, given, other } = await moved(bench, table, `${site}${split}.${labels}`, site, sites.filter((s) => s !== site), labels, split), few = some(made, 600, 3);
    judged[labels]!.push(own);
    echoes[labels]!.push(nearer(few, given, other, features));
    told[labels]!.push([(await apart(select(few, features), select(other, features), 400)).auc, (await apart(select(source, features), select(other, features), 400)).auc]);
    if (split === 1 && labels === kinds[0]) echoes.echo!.push(nearer(take(given, Array.from({ length: 600 }, (_, i) => i % given.cells.length)), given, other, features));
  }
  for (const labels of kinds) {
    const t = together(judged[labels]!, splits.length), name = `heart, four hospitals, ${splits.length} divisions each, labels ${labels}`, each = judged[labels]!.map((j) => fixed(together([j]).loss, 2)).join(', ');
    bench.say({ purpose: 'transfer', what: `${name}: log loss on ${t.rows} labels of other halves, less than source-only training's by`, declared: '> 0', reached: `${fixed(t.loss)} (each: ${each})`, interval: span(t.lossLow, t.lossHigh), held: t.lossLow > 0 });
    bench.say({ purpose: 'transfer', what: `${name}: AUC against source-only training's ${fixed(t.plain)}`, declared: 'not worse by .02', reached: `${fixed(t.moved)} (${t.auc >= 0 ? '+' : ''}${fixed(t.auc)})`, interval: span(t.low, t.high), held: t.auc >= -0.02 });
    bench.say({ purpose: 'transfer', what: `${name}: made rows nearer to the given half than to the other`, declared: '<= .6', reached: fixed(average(echoes[labels]!)), interval: echoes[labels]!.map((e) => fixed(e, 2)).join(', '), held: average(echoes[labels]!) <= 0.6 });
    const [after, before] = [0, 1].map((k) => average(told[labels]!.map((x) => x[k]!))) as [number, number];
    bench.say({ purpose: 'transfer', what: `${name}: told from the other halves by their columns (two-sample AUC)`, declared: `half as far from .5 as the source (${fixed(before)})`, reached: fixed(after), interval: told[labels]!.map((x) => fixed(x[0]!, 2)).join(', '), held: after - 0.5 <= (before - 0.5) / 2 });
  }
  bench.say({ purpose: 'transfer', what: 'target rows echoed: nearer to the given half than to the other', declared: '<= .6', reached: fixed(average(echoes.echo!)), interval: echoes.echo!.map((e) => fixed(e, 2)).join(', '), held: average(echoes.echo!) <= 0.6, control: true });
}

/** Each of the twelve ordered pairs of hospitals, with labels: from one to one. A refusal in words is an answer too. */
async function pairs(bench: Bench): Promise<void> {
  const table = heartOf(bench), judged: Judged[] = [], said: string[] = [], refused: string[] = [];
  for (const from of sites) for (const site of sites) if (from !== site) {
    const name = `${from.slice(0, 2)}-${site.slice(0, 2)}`;
    try { const { judged: own } = await moved(bench, table, `${from}-${site}`, site, [from], 'some', 1); judged.push(own); said.push(`${name} ${fixed(together([own]).loss, 2)}`); } catch (error) { const words = String(error instanceof Error ? error.message : error); if (!/does not help/.test(words)) throw error; refused.push(name); }
  }
  const t = together(judged, sites.length - 1);
  bench.say({ purpose: 'transfer', what: `heart, ${judged.length} of 12 ordered pairs of hospitals (${refused.length} refused${refused.length > 0 ? `: ${refused.join(', ')}` : ''}), labels some: log loss on ${t.rows} labels of other halves, less than source-only training's by`, declared: '> 0', reached: `${fixed(t.loss)} (${said.join(', ')})`, interval: span(t.lossLow, t.lossHigh), held: t.lossLow > 0 });
  bench.say({ purpose: 'transfer', what: `the same: AUC against source-only training's ${fixed(t.plain)}`, declared: 'not worse by .02', reached: `${fixed(t.moved)} (${t.auc >= 0 ? '+' : ''}${fixed(t.auc)})`, interval: span(t.low, t.high), held: t.auc >= -0.02 });
}

/** Adult: the source has more of the young, or hardly any but these; the target comes as the population does. Then a target in which only the outcome's frequency differs. */
async function importance(bench: Bench): Promise<void> {
  const drop = ['fnlwgt', 'native-country', 'workclass', 'education-num', 'relationship'], all = read(bench.path('adult.csv')), names = all.names.filter((n) => !drop.includes(n)), holdout = select(read(bench.path('adult.holdout.csv')), names), own = select(all, names), u = permutation(3, 'young', own.cells.length);
  const target = some(holdout, 3000, 4), given = take(target, [...Array(1500).keys()]), other = take(target, [...Array(1500).keys()].map((i) => 1500 + i));
  write(bench.path('given.csv'), given);
  const text = (to: string): string => `source young = "${bench.path('young.csv')}" { income: category outcome positive ">50K" }\ntransfer all from young { to "${to}" labels none using importance  rows 3000  ${bench.trained} }\n`, features = names.filter((n) => n !== 'income');
  const y = Float64Array.from(column(other, 'income'), (c) => (c.startsWith('>') ? 1 : 0)), rich = (t: Rows): Rows => put(t, 'income', (i) => (t.cells[i]![t.names.indexOf('income')]!.startsWith('>') ? 'yes' : 'no'));
  for (const [what, keeps] of [['more of the young', (age: number) => 1 / (1 + Math.exp((age - 36) / 8)) + 0.15], ['hardly any but the young', (age: number) => 1 / (1 + Math.exp((age - 32) / 5)) + 0.03]] as const) {
    const source = take(own, [...own.cells.keys()].filter((i) => u[i]! / own.cells.length < keeps(Number(own.cells[i]![0]))));
    write(bench.path('young.csv'), source);
    const run = (await bench.run('importance', text(bench.path('given.csv')), 'all')), made = run.tables[0]!, weights = run.figure('target.weights');
    const t = together([{ y, plain: await predicted(rich(source), rich(other), 'income', 'yes'), moved: await predicted(rich(made), rich(other), 'income', 'yes'), ids: other.cells.map((_, i) => String(i)) }]);
    const [before, after] = [await apart(select(source, features), select(other, features), 1500), await apart(select(made, features), select(other, features), 1500)];
    bench.say({ purpose: 'transfer', what: `Adult, a source of ${source.cells.length}, ${what} (worth ${Math.round(100 * (weights?.value ?? NaN))}% of itself), by importance: told from the target's other half by the columns`, declared: `half as far from .5 as the source (${fixed(before.auc)})`, reached: fixed(after.auc), interval: span(after.low, after.high), held: after.auc - 0.5 <= (before.auc - 0.5) / 2 });
    bench.say({ purpose: 'transfer', what: `the same, ${what}: log loss on the other half's labels, against source-only training's`, declared: 'not more', reached: `${fixed(t.loss, 4)} less`, interval: span(t.lossLow, t.lossHigh, 4), held: t.lossHigh > 0 });
  }
  // Outcomes of another frequency, and nothing else: weights would mislead.
  const yes = where(holdout, (c) => c('income').startsWith('>')), no = where(holdout, (c) => !c('income').startsWith('>')), shifted: Rows = { names, cells: [...some(yes, 1200, 5).cells, ...some(no, 300, 6).cells] };
  write(bench.path('shifted.csv'), shifted);
  write(bench.path('young.csv'), some(own, 3000, 7));
  let said = 'it ran';
  try { await bench.run('labelshift', text(bench.path('shifted.csv')), 'all'); } catch (error) { said = String(error instanceof Error ? error.message : error); }
  bench.say({ purpose: 'transfer', what: 'Adult, a target where only the outcome\'s frequency differs, by importance', declared: 'refused in words', reached: /explains the shift/.test(said) ? 'refused: a change of the outcome\'s frequency explains the shift' : said.slice(-160), interval: '', held: /explains the shift/.test(said) });
}

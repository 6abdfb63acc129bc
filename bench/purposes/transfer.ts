/** Transfer: heart disease across four hospitals, each in turn the target; half of it is given, the other half's labels judge. And importance weighting on Adult, where its assumption holds and where it does not. */
import { deLong, deLongDifference, logLoss } from '../../server/learners/metrics';
import { fitDense } from '../../server/learners/dense';
import { fitLogistic } from '../../server/learners/linear';
import { permutation } from '../../server/learners/random';
import { fixed, span, type Bench } from './bench';
import { trained } from './release';
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

interface Judged { y: Float64Array; plain: Float64Array; moved: Float64Array }
/** What is said of all hospitals together: mean AUC difference with its interval (weights: discordant pairs' worth, the inverse variances), and log losses with a paired interval. */
function together(all: readonly Judged[]): { auc: number; low: number; high: number; plain: number; moved: number; loss: number; lossLow: number; lossHigh: number } {
  const d = all.map((j) => ({ ...deLongDifference(j.y, j.moved, j.plain), plain: deLong(j.y, j.plain).auc, moved: deLong(j.y, j.moved).auc })), w = d.map((x) => 1 / Math.max(1e-6, x.variance)), total = w.reduce((a, b) => a + b, 0), mean = (of: (x: (typeof d)[number]) => number): number => d.reduce((s, x, i) => s + w[i]! * of(x), 0) / total, half = 1.96 / Math.sqrt(total);
  const gains = all.flatMap((j) => Array.from(j.y, (y, i) => logLoss([y], [j.plain[i]!]) - logLoss([y], [j.moved[i]!]))), m = gains.reduce((a, b) => a + b, 0) / gains.length, se = Math.sqrt(gains.reduce((s, g) => s + (g - m) ** 2, 0) / (gains.length - 1) / gains.length);
  return { auc: mean((x) => x.difference), low: mean((x) => x.difference) - half, high: mean((x) => x.difference) + half, plain: mean((x) => x.plain), moved: mean((x) => x.moved), loss: m, lossLow: m - 1.96 * se, lossHigh: m + 1.96 * se };
}

export async function transfer(bench: Bench, wanted: (part: string) => boolean): Promise<void> {
  const kinds = (['none', 'some'] as const).filter(wanted);
  if (kinds.length > 0) await hospitals(bench, kinds);
  if (wanted('importance')) await importance(bench);
}

async function hospitals(bench: Bench, kinds: ReadonlyArray<'none' | 'some'>): Promise<void> {
  const raw = read(join(bench.data, 'heart_4_hospitals.csv')), names = raw.names.filter((n) => n !== 'num'), heart: Rows = { names: [...names, 'disease'], cells: raw.cells.map((r) => [...names.map((n) => r[raw.names.indexOf(n)]!), Number(r[raw.names.indexOf('num')]!) > 0 ? 'yes' : 'no']) };
  const features = names.filter((n) => n !== 'site'), columns = [...features, 'disease'], judged: Record<string, Judged[]> = { none: [], some: [] }, echoes: Record<string, number[]> = { none: [], some: [], echo: [] }, told: number[][] = [];
  for (const site of sites) {
    const target = select(where(heart, (c) => c('site') === site), columns), source = select(where(heart, (c) => c('site') !== site), columns), order = permutation(1, site, target.cells.length), cut = Math.floor(order.length / 2), given = take(target, order.subarray(0, cut)), other = take(target, order.subarray(cut));
    write(bench.path(`${site}.source.csv`), source);
    write(bench.path(`${site}.half.csv`), given);
    const y = Float64Array.from(column(other, 'disease'), (c) => (c === 'yes' ? 1 : 0)), plain = await predicted(source, other, 'disease', 'yes');
    for (const labels of kinds) {
      const made = (await bench.run(`${site}.${labels}`, `source elsewhere = "${bench.path(`${site}.source.csv`)}" { disease: category outcome positive "yes" }\ntransfer here from elsewhere { to "${bench.path(`${site}.half.csv`)}" labels ${labels} using optimal_transport  rows 600  generator autoregressive { steps 200 }  budget 60m  seed 1  device cpu }\n`, 'here')).tables[0]!;
      judged[labels]!.push({ y, plain, moved: await predicted(made, other, 'disease', 'yes') });
      echoes[labels]!.push(nearer(made, given, other, features));
      if (labels === kinds[0]) told.push([(await apart(select(made, features), select(other, features), 400)).auc, (await apart(select(source, features), select(other, features), 400)).auc]);
    }
    echoes.echo!.push(nearer(take(given, Array.from({ length: 600 }, (_, i) => i % given.cells.length)), given, other, features));
  }
  for (const labels of kinds) {
    const t = together(judged[labels]!), n = judged[labels]!.reduce((s, j) => s + j.y.length, 0), name = `heart, four hospitals, labels ${labels}`;
    bench.say({ purpose: 'transfer', what: `${name}: log loss on the other halves' ${n} labels, less than source-only training's by`, declared: '> 0', reached: fixed(t.loss), interval: span(t.lossLow, t.lossHigh), held: t.lossLow > 0 });
    bench.say({ purpose: 'transfer', what: `${name}: AUC against source-only training's ${fixed(t.plain)}`, declared: 'not worse by .02', reached: `${fixed(t.moved)} (${t.auc >= 0 ? '+' : ''}${fixed(t.auc)})`, interval: span(t.low, t.high), held: t.auc >= -0.02 });
    const near = echoes[labels]!.reduce((a, b) => a + b, 0) / sites.length;
    bench.say({ purpose: 'transfer', what: `${name}: made rows nearer to the given half than to the other`, declared: '<= .6', reached: fixed(near), interval: echoes[labels]!.map((e) => fixed(e, 2)).join(', '), held: near <= 0.6 });
  }
  const mean = (k: number): number => told.reduce((s, t) => s + t[k]!, 0) / told.length, echo = echoes.echo!.reduce((a, b) => a + b, 0) / sites.length;
  bench.say({ purpose: 'transfer', what: 'heart: told from the other halves by their columns (two-sample AUC)', declared: `half as far from .5 as the source (${fixed(mean(1))})`, reached: fixed(mean(0)), interval: told.map((t) => fixed(t[0]!, 2)).join(', '), held: mean(0) - 0.5 <= (mean(1) - 0.5) / 2 });
  bench.say({ purpose: 'transfer', what: 'target rows echoed: nearer to the given half than to the other', declared: '<= .6', reached: fixed(echo), interval: echoes.echo!.map((e) => fixed(e, 2)).join(', '), held: echo <= 0.6, control: true });
}

/** Adult: the source has mostly the young, the target comes as the population does; then a target in which only the outcome's frequency differs. */
async function importance(bench: Bench): Promise<void> {
  const drop = ['fnlwgt', 'native-country', 'workclass', 'education-num', 'relationship'], all = read(bench.path('adult.csv')), names = all.names.filter((n) => !drop.includes(n)), holdout = select(read(bench.path('adult.holdout.csv')), names), own = select(all, names), u = permutation(3, 'young', own.cells.length);
  const source = take(own, [...own.cells.keys()].filter((i) => u[i]! / own.cells.length < 1 / (1 + Math.exp((Number(own.cells[i]![0]) - 32) / 5)) + 0.03)), target = some(holdout, 3000, 4), given = take(target, [...Array(1500).keys()]), other = take(target, [...Array(1500).keys()].map((i) => 1500 + i));
  write(bench.path('young.csv'), source);
  write(bench.path('given.csv'), given);
  const text = (to: string): string => `source young = "${bench.path('young.csv')}" { income: category outcome positive ">50K" }\ntransfer all from young { to "${to}" labels none using importance  rows 3000  ${trained} }\n`, features = names.filter((n) => n !== 'income');
  const run = (await bench.run('importance', text(bench.path('given.csv')), 'all')), made = run.tables[0]!, y = Float64Array.from(column(other, 'income'), (c) => (c.startsWith('>') ? 1 : 0)), rich = (t: Rows): Rows => put(t, 'income', (i) => (t.cells[i]![t.names.indexOf('income')]!.startsWith('>') ? 'yes' : 'no'));
  const t = together([{ y, plain: await predicted(rich(source), rich(other), 'income', 'yes'), moved: await predicted(rich(made), rich(other), 'income', 'yes') }]);
  const [before, after] = [await apart(select(source, features), select(other, features), 1500), await apart(select(made, features), select(other, features), 1500)];
  bench.say({ purpose: 'transfer', what: `Adult, a source of ${source.cells.length} mostly young, by importance: told from the target's other half by the columns`, declared: `half as far from .5 as the source (${fixed(before.auc)})`, reached: fixed(after.auc), interval: span(after.low, after.high), held: after.auc - 0.5 <= (before.auc - 0.5) / 2 });
  bench.say({ purpose: 'transfer', what: 'the same: log loss on the other half\'s labels, against source-only training\'s', declared: 'not more', reached: `${fixed(t.loss, 4)} less`, interval: span(t.lossLow, t.lossHigh, 4), held: t.lossHigh > 0 });
  // Outcomes of another frequency, and nothing else: weights would mislead.
  const yes = where(holdout, (c) => c('income').startsWith('>')), no = where(holdout, (c) => !c('income').startsWith('>')), shifted: Rows = { names, cells: [...some(yes, 1200, 5).cells, ...some(no, 300, 6).cells] };
  write(bench.path('shifted.csv'), shifted);
  write(bench.path('young.csv'), some(own, 3000, 7));
  let said = 'it ran';
  try { await bench.run('labelshift', text(bench.path('shifted.csv')), 'all'); } catch (error) { said = String(error instanceof Error ? error.message : error); }
  bench.say({ purpose: 'transfer', what: 'Adult, a target where only the outcome\'s frequency differs, by importance', declared: 'refused in words', reached: /explains the shift/.test(said) ? 'refused: a change of the outcome\'s frequency explains the shift' : said.slice(-160), interval: '', held: /explains the shift/.test(said) });
}

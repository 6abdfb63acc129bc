/**
 * Multiple imputation under values missing at random, where the truth is known because the whole table is: a large real table is the population, samples of it are the sources, some of their cells are made missing by a rule
 * that looks only at cells that stay, and the run (server/targets/target.ts, with a generator that is trained very briefly: chained equations begin with its draws) fills them. Counts how often 95% intervals hold the population's mean and its regression's coefficients.
 */
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { combineImputations } from '../../server/inference/combine';
import { clopperPearson } from '../../server/learners/intervals';
import type { Plan } from '../../server/protocol';
import { Stream } from '../../server/random';
import { readTable } from '../../server/table/read';
import type { Table } from '../../server/table/table';
import { fileState, sha256 } from '../../server/targets/source';
import { runTarget } from '../../server/targets/target';
import { jobIn } from './bench';

interface Row { age: number; sex: string; education: number; hours: number; income: string }
/** Four columns of Adult and its outcome, by the names of the estimates below. */
export async function people(path: string): Promise<Row[]> {
  const table = await readTable(path), cells = (name: string): ((i: number) => string) => { const c = table.column(name); return (i) => c.lexeme(i); };
  const [age, sex, education, hours, income] = ['age', 'sex', 'education-num', 'hours-per-week', 'income'].map(cells) as Array<(i: number) => string>;
  return Array.from({ length: table.rows }, (_, i) => ({ age: Number(age!(i)), sex: sex!(i), education: Number(education!(i)), hours: Number(hours!(i)), income: income!(i) }));
}
const rowsOf = (table: Table): Row[] => Array.from({ length: table.rows }, (_, i) => { const at = (n: string): string => table.column(n).lexeme(i); return { age: Number(at('age')), sex: at('sex'), education: Number(at('education')), hours: Number(at('hours')), income: at('income') }; });

interface Estimate { value: number; variance: number }
/** The quantities: two means, and the coefficients of hours on age, sex and education (least squares, sandwich variances: real residuals are not equal in spread). */
export const quantities = ['mean of hours', 'mean of education', 'hours on age', 'hours on sex', 'hours on education'] as const;
export function estimate(rows: readonly Row[]): Estimate[] {
  const mean = (of: (r: Row) => number): Estimate => { const v = rows.map(of), n = v.length, m = v.reduce((a, b) => a + b, 0) / n; return { value: m, variance: v.reduce((s, x) => s + (x - m) ** 2, 0) / (n - 1) / n }; };
  const x = rows.map((r) => [1, r.age / 10, r.sex === 'Male' ? 1 : 0, r.education / 2]), y = rows.map((r) => r.hours), { coefficients, variances } = leastSquares(x, y);
  return [mean((r) => r.hours), mean((r) => r.education), ...[1, 2, 3].map((k) => ({ value: coefficients[k]!, variance: variances[k]! }))];
}
function leastSquares(x: number[][], y: number[]): { coefficients: number[]; variances: number[] } {
  const d = x[0]!.length, a = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => x.reduce((s, r) => s + r[i]! * r[j]!, 0))), inverse = inverted(a);
  const xy = Array.from({ length: d }, (_, i) => x.reduce((s, r, k) => s + r[i]! * y[k]!, 0)), coefficients = inverse.map((row) => row.reduce((s, v, j) => s + v * xy[j]!, 0));
  // HC3 (MacKinnon & White 1985): squared residuals over (1 - leverage)^2.
  const meat = Array.from({ length: d }, () => new Array<number>(d).fill(0));
  x.forEach((r, k) => {
    const h = r.reduce((s, v, i) => s + v * inverse[i]!.reduce((t, w, j) => t + w * r[j]!, 0), 0), e = (y[k]! - r.reduce((s, v, i) => s + v * coefficients[i]!, 0)) / (1 - h);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) meat[i]![j]! += r[i]! * r[j]! * e * e;
  });
  return { coefficients, variances: Array.from({ length: d }, (_, k) => { let s = 0; for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) s += inverse[k]![i]! * meat[i]![j]! * inverse[j]![k]!; return s; }) };
}
function inverted(m: number[][]): number[][] {
  const d = m.length, a = m.map((r, i) => [...r, ...r.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < d; k++) {
    let p = k;
    for (let i = k; i < d; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[p]![k]!)) p = i;
    [a[k], a[p]] = [a[p]!, a[k]!];
    const v = a[k]![k]!;
    a[k] = a[k]!.map((w) => w / v);
    for (let i = 0; i < d; i++) if (i !== k) { const f = a[i]![k]!; a[i] = a[i]!.map((w, j) => w - f * a[k]![j]!); }
  }
  return a.map((r) => r.slice(d));
}

/** Missing at random: whether hours and education are known depends on age, sex and income, which always are. About a third of each is missing, and of the rich most. */
export function missing(r: Row, s: Stream): { hours: boolean; education: boolean } {
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z)), rich = r.income.startsWith('>') ? 1 : 0, male = r.sex === 'Male' ? 1 : 0, old = (r.age - 38) / 13;
  return { hours: s.uniform() < sigmoid(-2 + 2.2 * rich + 1.1 * male + 0.5 * old), education: s.uniform() < sigmoid(-1.3 + 2.2 * rich - 0.5 * old) };
}

/** One run of `completion x from source { impute ... releases m }`, without an editor and without a report: its tables. */
async function imputed(folder: string, path: string, seed: number, tables: number): Promise<Table[]> {
  const plan: Plan = {
    version: 1, purpose: 'completion', target: { purpose: 'completion', task: 'impute', columns: [], releases: tables, proper: true }, source: { path, ...(await fileState(path)), sha256: await sha256(path) },
    generator: { id: 'autoregressive', parameters: { steps: 60, hidden: 32 } }, seed, budgetSeconds: 600, device: 'cpu', out: join(folder, 'imputed.csv'), columns: {}, protection: { enabled: true, k: 5 },
  };
  const made = await runTarget(plan, jobIn(folder, plan));
  return Promise.all(made.outs.map((o) => readTable(o.path)));
}

/** How often 95% intervals hold the truth, by the way that missing cells were treated; and how far the estimates lie from it on the average. */
export interface Coverage { samples: number; kinds: Record<'complete table' | 'complete rows' | 'means filled in' | 'imputed', Array<{ name: string; covered: number; interval: { low: number; high: number }; bias: number }>> }

/** The usual answer before multiple imputation: every gap gets its column's mean, and the table is taken for complete. */
function meansFilledIn(rows: readonly Row[], gone: ReadonlyArray<ReturnType<typeof missing>>): Row[] {
  const mean = (of: (r: Row) => number, lacks: (i: number) => boolean): number => { const seen = rows.filter((_, i) => !lacks(i)); return seen.reduce((s, r) => s + of(r), 0) / seen.length; };
  const hours = mean((r) => r.hours, (i) => gone[i]!.hours), education = mean((r) => r.education, (i) => gone[i]!.education);
  return rows.map((r, i) => ({ ...r, ...(gone[i]!.hours && { hours }), ...(gone[i]!.education && { education }) }));
}

/** @param population a CSV of Adult @param folder for the samples */
export async function coverage(population: string, folder: string, { samples, rows: n = 400, tables = 4, seed = 1, said = () => undefined }: { samples: number; rows?: number; tables?: number; seed?: number; said?: (done: number) => void }): Promise<Coverage> {
  const all = await people(population), truth = estimate(all).map((e) => e.value), kinds = ['complete table', 'complete rows', 'means filled in', 'imputed'] as const;
  const cover = Object.fromEntries(kinds.map((k) => [k, quantities.map(() => ({ covered: 0, bias: 0 }))])) as Record<(typeof kinds)[number], Array<{ covered: number; bias: number }>>;
  const count = (kind: (typeof kinds)[number], k: number, value: number, low: number, high: number): void => { const own = cover[kind][k]!; if (low <= truth[k]! && truth[k]! <= high) own.covered++; own.bias += (value - truth[k]!) / samples; };
  for (let run = 0; run < samples; run++) {
    const s = new Stream(seed, `sample ${run}`), order = s.shuffle(Int32Array.from({ length: all.length }, (_, i) => i)).slice(0, n), rows = Array.from(order, (i) => all[i]!), gone = rows.map((r) => missing(r, s));
    const path = join(folder, `sample${run}.csv`);
    await fs.writeFile(path, ['age,sex,education,hours,income', ...rows.map((r, i) => `${r.age},${r.sex},${gone[i]!.education ? '' : r.education},${gone[i]!.hours ? '' : r.hours},${r.income}`), ''].join('\n'));
    for (const [kind, own] of [['complete table', rows], ['complete rows', rows.filter((_, i) => !gone[i]!.education && !gone[i]!.hours)], ['means filled in', meansFilledIn(rows, gone)]] as const)
      estimate(own).forEach((e, k) => count(kind, k, e.value, e.value - 1.96 * Math.sqrt(e.variance), e.value + 1.96 * Math.sqrt(e.variance)));
    const each = (await imputed(folder, path, run + 1, tables)).map((t) => estimate(rowsOf(t)));
    quantities.forEach((_, k) => { const c = combineImputations({ estimates: each.map((e) => e[k]!.value), variances: each.map((e) => e[k]!.variance) }, { complete: n - (k < 2 ? 1 : 4) }); count('imputed', k, c.estimate, c.low, c.high); });
    said(run + 1);
  }
  return { samples, kinds: Object.fromEntries(kinds.map((kind) => [kind, quantities.map((name, k) => ({ name, ...cover[kind][k]!, interval: clopperPearson(cover[kind][k]!.covered, samples) }))])) as unknown as Coverage['kinds'] };
}

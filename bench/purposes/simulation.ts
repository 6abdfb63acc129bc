/** Coverage of the chained equations by themselves, begun with cells of other rows (so with no generator, and at hundreds of samples): Adult as the population, at three sizes. */
import { join } from 'node:path';
import { combineImputations } from '../../server/inference/combine';
import { clopperPearson } from '../../server/learners/intervals';
import { Stream } from '../../server/random';
import { columnSchema, codeColumn, makeTable, numberColumn, plainDialect } from '../../server/table/columns';
import { chained } from '../../server/targets/completion/chained';
import { fixed, span, type Bench } from './bench';
import { estimate, missing, people, quantities } from './coverage';

export async function simulation(bench: Bench, { runs = 400, tables = 5 } = {}): Promise<void> {
  const all = await people(join(bench.data, 'adult/train.csv')), truth = estimate(all).map((e) => e.value);
  const whole = (name: string, v: number[]): ReturnType<typeof numberColumn> => numberColumn(columnSchema({ name, kind: 'integer', storage: 'number' }), Float64Array.from(v)), words = (name: string, v: number[], w: string[]): ReturnType<typeof codeColumn> => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(v), w);
  for (const n of [300, 1000, 3000]) {
    const covered = quantities.map(() => 0), bias = quantities.map(() => 0);
    for (let run = 0; run < runs; run++) {
      const s = new Stream(1, `sample ${run}`), rows = Array.from(s.shuffle(Int32Array.from({ length: all.length }, (_, i) => i)).slice(0, n), (i) => all[i]!), gone = rows.map((r) => missing(r, s)), each: Array<ReturnType<typeof estimate>> = [];
      const gaps = makeTable(plainDialect, [whole('age', rows.map((r) => r.age)), words('sex', rows.map((r) => (r.sex === 'Male' ? 1 : 0)), ['Female', 'Male']), whole('education', rows.map((r, i) => (gone[i]!.education ? NaN : r.education))), whole('hours', rows.map((r, i) => (gone[i]!.hours ? NaN : r.hours))), words('income', rows.map((r) => (r.income.startsWith('>') ? 1 : 0)), ['<=50K', '>50K'])], n);
      for (let j = 0; j < tables; j++) {
        const st = new Stream(run, `start ${j}`), start = makeTable(gaps.schema, gaps.columns.map((c) => { if (c.missingCount === 0) return c; const own = c.numbers().filter((v) => !Number.isNaN(v)); return numberColumn(c.schema, c.numbers().map((v) => (Number.isNaN(v) ? st.pick(own) : v))); }), n);
        const { table } = await chained(gaps, start, ['education', 'hours'], { seed: run * 100 + j, proper: true, breathe: async () => undefined }), [h, e] = [table.column('hours').numbers(), table.column('education').numbers()];
        each.push(estimate(rows.map((r, i) => ({ ...r, hours: h[i]!, education: e[i]! }))));
      }
      quantities.forEach((_, k) => { const c = combineImputations({ estimates: each.map((e) => e[k]!.value), variances: each.map((e) => e[k]!.variance) }, { complete: n - (k < 2 ? 1 : 4) }); if (c.low <= truth[k]! && truth[k]! <= c.high) covered[k]!++; bias[k]! += (c.estimate - truth[k]!) / runs; });
    }
    for (const [k, name] of quantities.entries()) { const { low, high } = clopperPearson(covered[k]!, runs); bench.say({ purpose: 'completion', what: `chained equations alone, ${runs} samples of ${n} of Adult, ${tables} tables each: 95% intervals that hold its ${name} (${fixed(truth[k]!, 2)})`, declared: '95%', reached: `${fixed((100 * covered[k]!) / runs, 1)}% (mean error ${fixed(bias[k]!, 3)})`, interval: span(low, high), held: high >= 0.95 }); }
  }
}

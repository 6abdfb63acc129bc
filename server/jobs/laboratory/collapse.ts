import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../errors';
import { collapseMeasures, Measurer } from '../../evaluation/collapse/measures';
import { badness, outcomeOf, pointsOf, slopeOf, slopesOf, studentMean } from '../../evaluation/collapse/slopes';
import type { CollapseMode, CollapsePlan, CollapseResult, CollapseSeries, WorkerMessage } from '../../protocol';
import { shuffledRows, Stream } from '../../random';
import { concatRows } from '../../table/columns';
import type { Table } from '../../table/table';
import { writeWhole } from '../../targets/files';
import { modelledNames } from '../../targets/release/parts';
import { understand } from '../../targets/release/read';
import type { JobContext } from '../job';
import { RunStore } from '../store';
import { nextGeneration } from './generation';
import { publishLaboratory } from './publish';
import { assertHash } from './source';

/** One chain: values by measure and generation, from 0, the real table. */
interface Chain { generator: string; mode: CollapseMode; chain: number; values: Array<Record<string, number>> }
/** Chains that are done, in the run's folder: a run that is resumed does the others. */
export const progressFile = 'collapse.json';

/**
 * The collapse laboratory: each chain begins with real rows, and each generation is fitted to what the mode says of the generations before it, value protection off, tables of one size.
 * Chains of one number begin with the same real rows whatever the generator and mode, so that these are compared on equal ground.
 */
export async function collapseJob(folder: string, plan: CollapsePlan, job: JobContext): Promise<Extract<WorkerMessage, { type: 'done' }>> {
  const began = Date.now(), report = (fraction: number, message: string, secondsLeft?: number) => job.send({ type: 'progress', progress: { phase: fraction === 0 ? 'reading' : 'training', fraction, message, ...(secondsLeft !== undefined && { secondsLeft }) } });
  report(0, basename(plan.source.path));
  const { source: whole, profile } = await understand({ path: plan.source.path, columns: plan.columns });
  await assertHash(plan.source);
  job.send({ type: 'profile', profile });
  const source = whole.select(modelledNames(whole));
  if (source.columns.length === 0) throw new UserError('The table has no column that can be learnt.', { file: basename(plan.source.path) });
  // Half of a short table is kept apart to measure against, where a hundred rows are left to learn from.
  const half = Math.floor(source.rows / 2), rows = Math.min(plan.rows, half >= 100 ? half : source.rows), apart = source.rows >= 2 * rows;
  if (rows < 50) throw new UserError(`The table has ${source.rows} rows; generations of fewer than 50 show nothing but chance.`, { file: basename(plan.source.path) });

  const done: Chain[] = await fs.readFile(join(folder, progressFile), 'utf8').then(text => JSON.parse(text) as Chain[], () => []);
  const wanted = plan.generators.flatMap(generator => plan.modes.flatMap(mode => Array.from({ length: plan.chains }, (_, chain) => ({ generator, mode, chain }))));
  const same = (a: Pick<Chain, 'generator' | 'mode' | 'chain'>, b: typeof a) => a.generator === b.generator && a.mode === b.mode && a.chain === b.chain;
  const total = wanted.length * plan.generations;
  const past = wanted.filter(w => done.some(d => same(d, w))).length * plan.generations;
  let steps = past;
  for (const w of wanted) {
    if (done.some(d => same(d, w))) continue;
    const order = shuffledRows(plan.seed, `collapse rows ${w.chain}`, source.rows);
    const origin = source.take(order.slice(0, rows)), reference = apart ? source.take(order.slice(rows, 2 * rows)) : origin;
    const say = (generation: number, within: number) => {
      const at = steps + within, pace = (Date.now() - began) / 1000 / Math.max(0.05, at - past);
      report(Math.min(0.999, Math.max(1e-6, at / total)), `${w.generator}, ${w.mode}, chain ${w.chain + 1} of ${plan.chains}, generation ${generation} of ${plan.generations}`, at > past ? pace * (total - at) : undefined);
    };
    const measurer = new Measurer(origin, reference, { seed: plan.seed, device: plan.device, progress: () => job.breathe() });
    const values = [await measurer.measure(origin)], tables = [origin];
    for (let g = 1; g <= plan.generations; g++) {
      say(g, 0);
      const seed = new Stream(plan.seed, `collapse ${w.generator} ${w.mode} ${w.chain} ${g}`).uint32();
      const table = await nextGeneration({ plan, generator: w.generator, training: lesson(w.mode, tables, plan.share, rows, seed), outcome: profile.outcome?.column, rows, seed, breathe: async f => { say(g, 0.8 * f); await job.breathe(); } });
      tables.push(table);
      values.push(await measurer.measure(table));
      steps++;
      await job.breathe();
    }
    done.push({ ...w, values });
    await writeWhole(join(folder, progressFile), JSON.stringify(done));
  }
  const result = summarise(plan, done, { path: plan.source.path, rows: source.rows, columns: source.columns.length }, rows, apart, (Date.now() - began) / 1000);
  const store = new RunStore(join(folder, '..', '..', '..'));
  const published = await publishLaboratory(result, folder, plan.reportOut, async path => plan.overwrite === true || store.isOurs(path));
  return { type: 'done', rows, ...published };
}

/** What the next generation learns from: always as many rows. @param tables the real one first */
export function lesson(mode: CollapseMode, tables: readonly Table[], share: number, rows: number, seed: number): Table {
  const last = tables[tables.length - 1], [real] = tables, some = (t: Table, n: number, label: string) => t.take(shuffledRows(seed, label, t.rows).slice(0, n));
  if (tables.length === 1 || mode === 'replace') return last;
  if (mode === 'accumulate') return some(concatRows(tables), rows, 'accumulated');
  const kept = Math.round(share * rows);
  return concatRows([some(real, kept, 'anchor'), some(last, rows - kept, 'rest')]);
}

/** Chains as series with intervals, slopes and words. */
export function summarise(plan: CollapsePlan, chains: readonly Chain[], source: CollapseResult['source'], rows: number, apart: boolean, seconds: number): CollapseResult {
  const measures = collapseMeasures.filter(m => chains.every(c => c.values.every(v => m.id in v)));
  const of = (generator: string, mode: CollapseMode) => chains.filter(c => c.generator === generator && c.mode === mode).sort((a, b) => a.chain - b.chain);
  const series = plan.generators.flatMap(generator => plan.modes.map((mode): CollapseSeries => {
    const own = of(generator, mode), by = Object.fromEntries(measures.map(m => [m.id, own.map(c => c.values.map(v => v[m.id]))]));
    return { generator, mode, points: Object.fromEntries(measures.map(m => [m.id, pointsOf(by[m.id])])), slopes: Object.fromEntries(measures.map(m => [m.id, slopesOf(by[m.id])])), ...outcomeOf(measures, by) };
  }));
  const contrasts = plan.modes.includes('replace') ? plan.generators.flatMap(generator => plan.modes.filter(m => m !== 'replace').flatMap(mode => measures.map(m => {
    const slope = (c: Chain) => slopeOf(c.values.slice(1).map(v => badness(m, v[m.id]))), [a, b] = [of(generator, 'replace'), of(generator, mode)];
    return { generator, mode, measure: m.id, difference: studentMean(a.map((c, k) => slope(c) - slope(b[k]))) };
  }))) : [];
  const { source: _s, columns: _c, reportOut: _r, ...shown } = plan;
  return {
    laboratory: 'collapse', version: 1, title: `${basename(source.path)}: what is lost when stand-ins learn from stand-ins`, created: new Date().toISOString(), seconds, source, plan: { ...shown, rows }, measures, series, contrasts,
    notes: [
      `Tables of ${rows} rows; value protection off, since it would remove rare values in the first generation and hide what generations do.`,
      apart ? 'Each chain is measured against real rows that none of its generations saw.' : 'The table is too short to keep real rows apart: generations are measured against the rows the first one learnt.',
      `Intervals are Student's over ${plan.chains} chains; chains differ in their ${source.rows > rows ? 'real rows and ' : ''}random draws.`,
      ...(plan.modes.includes('anchor') ? [`In mode anchor ${Math.round(100 * plan.share)}% of each generation's rows are real.`] : []),
    ],
  };
}

/**
 * A run whose plan declares a target or rules: read, divide, make ready, fit (once for every fold and release), draw, check, write, and say whether the target was hit.
 * A plain release goes its own way (release/release.ts); both hand over the same record to the evaluation.
 */
import { basename } from 'node:path';
import { UserError } from '../errors';
import { findGenerator } from '../generators/registry';
import type { Figure, MetricInfo, Plan, TargetRequest } from '../protocol';
import { shuffledRows, Stream } from '../random';
import { concatRows } from '../table/columns';
import { withFreshColumns } from '../table/fresh';
import { protectTable } from '../table/protect';
import { readTable } from '../table/read';
import { brokenRows, learnRules } from '../table/rules/rules';
import type { Table } from '../table/table';
import { Keeper } from './conditions/keeper';
import { togetherOf } from './conditions/together';
import type { Model } from './conditions/draw';
import { conform } from './conform';
import { shareFigure, targetMetrics } from './figures';
import { fitAll, taskSeed, type FitTask } from './fits';
import type { Draw, Fact } from './purpose';
import { purposeOf } from './registry';
import { keyNames } from './release/declared';
import type { Released, ReleaseJob } from './release/job';
import { changedSince, openSource } from './release/open';
import { writeAll, type Written } from './release/output';
import { severalSaid } from './release/several';
import { divide, type Parts } from './release/parts';

/** A release, and what became of its target. */
export interface Targeted extends Released {
  targetFigures: Figure[]; targetMetrics: Record<string, MetricInfo>;
  outs: Written[];
}

/** Whether a plan takes this way. A release under a privacy budget has its own. */
export const isTargeted = (plan: Plan): boolean => !plan.privacy && (Boolean(plan.rules?.length) || (plan.target !== undefined && (plan.target.purpose !== 'release' || (plan.target.releases ?? 1) > 1)));

/** @throws UserError for anything the user can act on; contradictions are found before anything is fitted */
export async function runTarget(asked: Plan, job: ReleaseJob): Promise<Targeted> {
  let plan = asked;
  const { meter } = job, request: TargetRequest = plan.target ?? { purpose: 'release' };
  const { source, profile, names, holdout, outcome, fileRow, generator, parameters, generatorId, notes: opened } = await openSource(plan, job);
  const conditional = findGenerator(generatorId)?.capabilities.conditional ?? false;

  meter.begin('preparing');
  const { learnt, broken } = learnRules(plan.rules ?? [], source);
  const divided = divide(source, plan, outcome?.column, holdout);
  const purpose = await purposeOf(request.purpose).load();
  const ready = await purpose.prepare(request, {
    plan, source, parts: divided, rules: plan.rules ?? [], ...(outcome && { outcome: outcome.column }), ...(divided.control && { control: divided.control }), log: (m) => job.log(m),
    read: async (path, columns) => conform(await readTable(path), source, [...(columns ?? names)], path),
    progress: async (fraction, message) => { meter.report({ fraction, ...(message !== undefined && { message }) }); await job.breathe(); },
  });
  if (ready.protection === false) plan = { ...plan, protection: { ...plan.protection, enabled: false } };
  const parts: Parts = ready.parts ?? divided, R = ready.releases, K = parts.fits.length;
  await job.breathe();

  meter.begin('training');
  // What is fitted may have columns of its own (lags) that nothing is compared by: their ends are those of the rows fitted.
  const endsOf = (t: Table, fit: Table): Table => (fit.schema.columns.every((c) => t.schema.columns.some((o) => o.name === c.name)) ? t : fit);
  const protections = parts.fits.map((part, k) => protectTable(part.fit, { ...plan.protection, seed: taskSeed(plan, k === 0 ? '' : `fold ${k}`), ends: endsOf(part.fold ? parts.training.take(part.fold.training) : parts.training, part.fit) }));
  const seedOf = (r: number, k: number): number => taskSeed(plan, r === 0 && k === 0 ? '' : r === 0 ? `fold ${k}` : `release ${r} fold ${k}`);
  const tasks: FitTask[] = Array.from({ length: ready.proper ? R : 1 }, (_, r) => r).flatMap((r) => parts.fits.map((part, k): FitTask => ({
    key: r === 0 && K === 1 ? '' : `${r}.${k}`, seed: seedOf(r, k), ...(ready.missing && { missing: ready.missing }), ...(ready.first && { first: ready.first }),
    tables: () => ({ fit: protections[k]!.apply(ready.proper ? bootstrapped(part.fit, plan.seed, r, k) : part.fit), validation: protections[k]!.apply(part.validation), ...(outcome && { outcome: outcome.column }) }),
  })));
  const fits = await fitAll(tasks, plan, job, generator, parameters);
  const tables: Table[] = [], wholes: Table[] = [], facts: Fact[] = [], keepers: Keeper[] = [];
  let samples: Table[] | undefined, judged: Table | undefined;
  const { device } = fits[0]!.fitted, { curve } = fits[0]!, together = togetherOf(learnt, broken, names);
  try {
    meter.begin('sampling');
    meter.report({ fraction: 0, device });
    for (let r = 0; r < R; r++) {
      const keeper = new Keeper(learnt, names), drawn: Draw[] = [];
      keepers.push(keeper);
      for (let k = 0; k < K; k++) {
        const { fitted } = fits[(ready.proper ? r * K : 0) + k]!, protection = protections[k]!, at = (r * K + k) / (R * K);
        const model: Model = {
          fitted, conditional, fit: protection.apply(parts.fits[k]!.fit), conceal: (t, s) => protection.concealTable(t, s),
          ...(learnt.length > 0 && { together, keep: (t: Table, ahead: (row: number) => boolean) => keeper.keep(t, ahead) }),
        };
        drawn.push(await ready.draw(model, { fold: k, folds: K, release: r }, {
          // A stream of its own: rows must not reuse the draws that the fit made under its seed.
          seed: (seedOf(r, k) ^ 0x9e3779b9) >>> 0, breathe: () => job.breathe(),
          progress: async (done) => { meter.report({ fraction: Math.min(0.99, at + 0.5 / (R * K)), message: `${done.toLocaleString('en')} rows${R > 1 ? `, table ${r + 1} of ${R}` : ''}${K > 1 ? `, model ${k + 1} of ${K}` : ''}` }); await job.breathe(); },
        }));
      }
      if (r === 0) {
        facts.push(...drawn.flatMap((d) => d.facts));
        if (K > 1) samples = drawn.map((d) => d.judged ?? d.table);
        judged = drawn.some((d) => d.judged) ? concatRows(drawn.map((d) => d.judged ?? d.table)) : undefined;
      }
      const joined = concatRows(drawn.map((d) => d.table));
      const table = K === 1 ? joined : joined.take(shuffledRows(plan.seed, `release ${r}`, joined.rows));
      tables.push(table);
      wholes.push(ready.compose ? await ready.compose(table, r) : await withFreshColumns(source, table, taskSeed(plan, r === 0 ? '' : `fresh ${r}`)));
      await job.breathe();
    }
  } finally {
    for (const { fitted } of fits) await fitted.dispose();
  }

  const figures: Figure[] = [], notes: string[] = [];
  if (learnt.length > 0) {
    const { figure, said } = rulesFigure(learnt, wholes, keepers, broken, ready.compose !== undefined);
    figures.push(figure);
    notes.push(...said);
  }
  const concluded = await ready.conclude?.({ whole: wholes[0]!, synthetic: tables[0]!, tables, facts, ...(samples && { folds: parts.fits.map(({ fold }, k) => ({ synthetic: samples![k]!, training: parts.training.take(fold!.training), control: parts.training.take(fold!.control) })) }) });
  figures.push(...(concluded?.figures ?? []));
  notes.push(...(concluded?.notes ?? []), ...(R > 1 ? [`${severalSaid(R, ready.proper)} Figures are of the first.`] : []));

  meter.begin('writing', basename(plan.out));
  const outs = await writeAll(wholes, plan, job);
  const keys = keyNames(plan), synthetic = judged ?? tables[0]!;
  // What is judged is compared with the real rows of its kind only.
  const comparable = (t: Table): Int32Array | undefined => ready.comparable?.(t), alike = (t: Table): Table => { const rows = comparable(t); return rows ? t.take(rows) : t; };
  const rows = comparable(parts.training), training = rows ? parts.training.take(rows) : parts.training, trainingRows = rows ? rows.map((i) => parts.trainingRows[i]!) : parts.trainingRows;
  const position = new Map(Array.from(rows ?? [], (row, i) => [row, i]));
  const folds = samples && parts.fits.map(({ fold }, k) => {
    const own = (which: Int32Array): Int32Array => (rows ? which.filter((i) => position.has(i)) : which), there = { training: own(fold!.training), control: own(fold!.control) };
    const local = (which: Int32Array): Int32Array => (rows ? which.map((i) => position.get(i)!) : which);
    return { training: parts.training.take(there.training), control: parts.training.take(there.control), synthetic: samples[k]!, rows: { training: local(there.training), control: local(there.control) } };
  });
  return {
    training, trainingRows: trainingRows.map(fileRow), synthetic, ...(parts.control && { control: alike(parts.control) }), controlHow: ready.comparable ? `${parts.how}; of these, the rows of the kind that was asked for` : parts.how, ...(parts.controlWithout && { controlWithout: parts.controlWithout }),
    ...(folds && folds.every((f) => f.control.rows > 0) && { folds }), ...(keys.length && !folds && !ready.compose && { keys: { training: source.take(trainingRows).select(keys), synthetic: wholes[0]!.select(keys) } }),
    source: { rows: source.rows, columns: source.columns.length }, profile, ...(outcome && { outcome }), ...(curve && { curve }), device,
    out: outs[0]!.path, rows: wholes[0]!.rows, outSha256: outs[0]!.sha256, outs, generator: generatorId,
    notes: [...opened, ...notes, ...(await changedSince(plan))], targetFigures: figures, targetMetrics: targetMetrics(figures),
  };
}

/** Rows drawn with replacement: a generator refitted on them differs from the first as one fitted on another sample would (approximately a posterior draw; Rubin 1981, Efron 1979). */
function bootstrapped(fit: Table, seed: number, release: number, fold: number): Table {
  const stream = new Stream(seed, `bootstrap ${release} ${fold}`);
  return fit.take(Int32Array.from({ length: fit.rows }, () => stream.below(fit.rows)));
}

function rulesFigure(learnt: Parameters<typeof brokenRows>[0], wholes: readonly Table[], keepers: readonly Keeper[], broken: ReadonlyArray<{ rule: string; rows: number }>, real: boolean): { figure: Figure; said: string[] } {
  const counted = wholes.map((w) => brokenRows(learnt, w)), rows = wholes.reduce((n, w) => n + w.rows, 0), bad = counted.reduce((n, c) => n + c.rows, 0), said: string[] = [];
  const seen = keepers.reduce((n, k) => n + k.seen, 0), refused = new Map<string, number>();
  for (const k of keepers) for (const [rule, n] of Object.entries(k.refused)) refused.set(rule, (refused.get(rule) ?? 0) + n);
  for (const { rule } of learnt) {
    const left = counted.reduce((n, c) => n + (c.by[rule.name] ?? 0), 0), n = refused.get(rule.name) ?? 0;
    said.push(`Rule ${rule.name}: ${left === 0 ? 'kept by every row' : `broken by ${left} rows`}${n > 0 ? `; ${n.toLocaleString('en')} of ${seen.toLocaleString('en')} rows drawn broke it and were drawn again` : ''}.`);
  }
  for (const b of broken) said.push(`Rule ${b.rule} is broken by ${b.rows} row${b.rows === 1 ? '' : 's'} of the source itself.`);
  if (bad > 0 && !real) throw new UserError(`${bad} of ${rows} rows break a rule on columns that are not learnt: ${Object.entries(counted[0]!.by).filter(([, n]) => n > 0).map(([r]) => r).join(', ')}.`, {}, 'Identifiers, personal data and free text are made afresh in the source\'s own format. Declare the column as a category, or drop the rule.');
  return { figure: shareFigure('target.rules', rows - bad, rows, bad === 0 ? 'good' : 'poor', { detail: { rules: learnt.length } }), said };
}


import { basename, join } from 'node:path';
import type { EvaluatePlan, WorkerMessage } from '../protocol';
import type { CopiedRows } from '../evaluation/privacy/copied-rows';
import { evaluateTables } from '../report/build';
import { ProgressMeter, type Stage } from '../targets/progress';
import { declaredOf } from '../targets/release/declared';
import { readForEvaluation } from '../targets/release/read';
import { fileState } from '../targets/source';
import type { JobContext } from './job';
import { markOf, writeInline } from './inline';
import { publishReport } from './publish';
import { RunStore } from './store';

/** The stages of judging a table of this size. */
export const evaluationStages = (bytes: number): Stage[] => [{ phase: 'evaluating', seconds: 4 + bytes / 2e5 }, { phase: 'reporting', seconds: 0.3 }];

/** Passes an evaluation's progress on, and lets a cancel be heard. */
export async function evaluating(meter: ProgressMeter, job: JobContext, fraction: number, message: string | undefined): Promise<void> {
  meter.report({ fraction, ...(message !== undefined && { message }) });
  await job.breathe();
}

/** Judges a synthetic table, whoever made it, against the real one and a holdout where there is one. */
export async function evaluateJob(folder: string, plan: EvaluatePlan, job: JobContext): Promise<Extract<WorkerMessage, { type: 'done' }>> {
  const { bytes } = await fileState(plan.real);
  const meter = new ProgressMeter([{ phase: 'reading', seconds: 0.5 + bytes / 1e7 }, ...evaluationStages(bytes)], (progress) => job.send({ type: 'progress', progress }));
  meter.begin('reading');
  const marks = { real: await markOf(plan.real), synthetic: await markOf(plan.synthetic) };
  const tables = await readForEvaluation(plan);
  job.send({ type: 'profile', profile: tables.profile });
  await job.breathe();
  meter.begin('evaluating');
  const { source, synthetic, profile } = tables;
  let copied: CopiedRows | undefined;
  const report = await evaluateTables({
    training: tables.training, synthetic, ...(tables.control && { control: tables.control }), ...(tables.controlWithout && { controlWithout: tables.controlWithout }), ...(profile.outcome && { outcome: profile.outcome }),
    declared: { ...declaredOf(plan), ...(tables.keys && { keys: tables.keys }), ...(tables.aside && { aside: tables.aside }) },
    seed: plan.seed, device: plan.device, profile, source: { path: plan.real, rows: source.rows, columns: source.columns.length },
    syntheticFile: { path: plan.synthetic, rows: synthetic.rows }, controlFile: { ...(plan.holdout !== undefined && { path: plan.holdout }), how: tables.controlHow },
    title: `${basename(plan.synthetic)}: how it stands in for ${basename(plan.real)}`, notes: tables.notes,
    progress: (fraction, message) => evaluating(meter, job, fraction, message), log: (message) => job.send({ type: 'log', level: 'info', message }), copied: (rows) => { copied = rows; },
  });
  meter.begin('reporting');
  const store = new RunStore(join(folder, '..', '..', '..'));
  const published = await publishReport(report, folder, plan.reportOut, async (path) => plan.overwrite === true || store.isOurs(path));
  await writeInline(folder, report, marks, profile, copied);
  return { type: 'done', figures: Object.fromEntries(report.figures.map((f) => [f.metric, f])), verdicts: report.verdicts, rows: tables.synthetic.rows, ...published };
}

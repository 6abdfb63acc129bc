import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import type { DeviceInfo, Plan, WorkerMessage } from '../protocol';
import { evaluateTables } from '../report/build';
import { provenReport } from '../report/proven';
import { publishable } from '../report/publishable';
import { targetSentence } from '../report/target-verdict';
import type { CopiedRows } from '../evaluation/privacy/copied-rows';
import { writeWhole } from '../targets/files';
import { ProgressMeter } from '../targets/progress';
import { declaredOf } from '../targets/release/declared';
import { release, releaseStages, type Released } from '../targets/release/release';
import { isTargeted, runTarget, type Targeted } from '../targets/target';
import { splitName } from '../targets/names';
import { evaluating, evaluationStages } from './evaluate';
import type { JobContext } from './job';
import { markOf, otherMarks, writeInline } from './inline';
import { flagged, standInNote } from './laboratory/known';
import { Look } from './laboratory/look';
import { publishReport } from './publish';
import { files, RunStore } from './store';
import { versions } from './versions';

/** The names of so many columns are noted in a run's record at most: it is read with every list of runs. */
const mostNoted = 200;

/**
 * A run of purpose *release*, in a worker: the synthetic table, then its evaluation, then the report.
 * With `resume` it goes on from whatever the run's folder holds.
 */
export async function synthesizeJob(folder: string, given: Plan, resume: boolean, job: JobContext): Promise<Extract<WorkerMessage, { type: 'done' }>> {
  const began = Date.now();
  let plan = given;
  const meter = new ProgressMeter([...releaseStages(plan), ...evaluationStages(plan.source.bytes)], (progress) => job.send({ type: 'progress', progress }));
  const store = new RunStore(join(folder, '..', '..', '..'));
  const mayReplace = async (path: string) => plan.overwrite === true || store.isOurs(path);
  const at = (name: string) => join(folder, name);

  // before they are read: what changes while the run goes on makes it stale
  const others = await otherMarks(plan);
  const standIn = await standInNote(plan.source.path, { look: new Look(() => job.breathe()) });
  const made: Released & Partial<Targeted> = await (isTargeted(plan) ? runTarget : release)(plan, {
    id: basename(folder), meter, resume, mayReplace, breathe: () => job.breathe(),
    profiled: (profile) => job.send({ type: 'profile', profile: standIn ? flagged(profile, standIn) : profile }),
    log: (message) => job.send({ type: 'log', level: 'info', message }),
    decided: async (resolved: Record<string, unknown>, device: DeviceInfo | undefined) => {
      const next: Plan = { ...plan, resolved, ...(device && { resolvedDevice: device.name }) };
      if (JSON.stringify(next) === JSON.stringify(plan)) return;
      plan = next;
      await writeWhole(at(files.plan), `${JSON.stringify(plan, null, 2)}\n`);
    },
    files: { checkpoint: at(files.checkpoint), model: at(files.model), curve: at(files.curve), synthetic: at(files.synthetic) },
    privacy: {
      ledger: store.privacy, domain: at(files.domain),
      declared: async (privacy) => {
        plan = { ...plan, privacy };
        await writeWhole(at(files.plan), `${JSON.stringify(plan, null, 2)}\n`);
      },
    },
  });

  meter.begin('evaluating');
  let copied: CopiedRows | undefined;
  const report = await evaluateTables({
    training: made.training, synthetic: made.synthetic, ...(made.control && { control: made.control }), ...(made.controlWithout && { controlWithout: made.controlWithout }), ...(made.folds && { folds: made.folds }), ...(made.likelihood && { likelihood: made.likelihood }), ...(made.outcome && { outcome: made.outcome }),
    declared: { ...declaredOf(plan), ...(made.keys && { keys: made.keys }) },
    seed: plan.seed, device: made.device.name, profile: made.profile,
    source: { path: plan.source.path, ...made.source }, syntheticFile: { path: made.out, rows: made.rows },
    controlFile: { ...(plan.holdout && { path: plan.holdout.path }), how: made.controlHow },
    run: { id: basename(folder), seed: plan.seed, generator: made.generator, seconds: (Date.now() - began) / 1000, device: made.device, versions: versions() },
    ...(made.curve && { curve: made.curve }), notes: [...(standIn ? [standIn] : []), ...made.notes],
    progress: (fraction, message) => evaluating(meter, job, fraction, message), log: (message) => job.send({ type: 'log', level: 'info', message }), copied: (rows) => { copied = rows; },
  });
  if (made.targetFigures) {
    report.figures.unshift(...made.targetFigures);
    Object.assign(report.metrics, made.targetMetrics);
    // what the run was for comes first
    const met = targetSentence(made.targetFigures, report.metrics);
    if (met) report.verdicts.unshift(met);
  }
  if (report.run) report.run.seconds = (Date.now() - began) / 1000;
  if (made.proof) Object.assign(report, provenReport(report, made.proof));

  meter.begin('reporting');
  const published = { ...(await publishReport(report, folder, plan.reportOut, mayReplace)), ...(await publishOpen(made, plan, folder, mayReplace)) };
  await writeInline(folder, report, { real: plan.source, synthetic: await markOf(made.out, made.outSha256), others }, made.profile, copied, made.trainingRows);
  // The checkpoint has done its work; the model stays, for more rows later.
  for (const name of await fs.readdir(folder)) if (name.startsWith(files.checkpoint)) await fs.rm(at(name), { force: true });
  meter.report({ fraction: 1 });
  return {
    type: 'done', rows: made.rows, ...(made.profile.columns.length <= mostNoted && { columns: made.profile.columns.map((c) => c.name) }), out: made.out, outSha256: made.outSha256, ...(made.outs && made.outs.length > 1 && { outs: made.outs }), device: made.device, verdicts: report.verdicts,
    figures: Object.fromEntries(report.figures.map((f) => [f.metric, f])), ...published, ...(plan.resolved && { resolved: plan.resolved }),
  };
}

/** The report that may be published, beside the other one, where a privacy budget was kept: NAME.publishable.html. */
async function publishOpen(made: Released, plan: Plan, folder: string, mayReplace: (path: string) => Promise<boolean>): Promise<{ publishableOut?: string; publishableSha256?: string }> {
  if (!made.proof || !made.domain) return {};
  const open = publishable({ domain: made.domain, proof: made.proof, synthetic: made.synthetic, source: { path: plan.source.path, columns: plan.privacy!.schema!.columns.length }, out: made.out, ...(made.outs && { outs: made.outs.map((o) => o.path) }), rows: made.rows, generator: made.generator, versions: versions() });
  // Of several tables: one report of all, under the name that they have in common.
  const { reportOut, reportSha256 } = await publishReport(open, folder, `${splitName(made.outs ? plan.out : made.out).stem}.publishable.html`, mayReplace, { report: files.publishable, html: files.publishableHtml });
  return { ...(reportOut !== undefined && { publishableOut: reportOut }), ...(reportSha256 !== undefined && { publishableSha256: reportSha256 }) };
}

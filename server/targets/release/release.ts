import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { Plan } from '../../protocol';
import { withFreshColumns } from '../../table/fresh';
import type { Stage } from '../progress';
import { sha256 } from '../source';
import { keyNames } from './declared';
import { fitAndDraw } from './draw';
import type { Released, ReleaseJob } from './job';
import { changedSince, openSource } from './open';
import { write } from './output';
import { divide } from './parts';
import { privateRelease } from './private/release';

export type { Released, ReleaseJob } from './job';

/** The stages before the evaluation, weighted by about what they take for a file of this size. */
export function releaseStages(plan: Plan): Stage[] {
  const mb = plan.source.bytes / 1e6;
  return [
    { phase: 'reading', seconds: 0.3 + mb / 20 }, { phase: 'profiling', seconds: 0.2 + mb / 20 }, { phase: 'preparing', seconds: 0.2 + mb / 20 },
    { phase: 'training', seconds: plan.budgetSeconds }, { phase: 'sampling', seconds: 0.5 + mb / 2 }, { phase: 'writing', seconds: 0.2 + mb / 20 },
  ];
}

/**
 * Purpose *release*: rows from the plug-in distribution. Reads the source, learns its modelled columns, draws as many rows as
 * the plan says, replaces what must not be learnt, and writes a table of the source's own form under its name only when whole.
 * Same plan, seed and device: same bytes, also when killed anywhere and resumed.
 * @throws UserError for anything the user can act on; nothing is left under the output's name then.
 */
export async function release(plan: Plan, job: ReleaseJob): Promise<Released> {
  if (plan.privacy) return privateRelease(plan, job);
  // A guarantee that was asked for is never left out in silence.
  if (plan.target?.purpose === 'release' && plan.target.privacy) throw new UserError('The target asks for a privacy budget that the run was not given.', {}, 'Give it to the run itself: --epsilon, --delta and --declare-schema, or a .synth file with a privacy clause.', 'usage');
  const { meter } = job, { source, profile, holdout, outcome, fileRow, generator, parameters, generatorId, notes } = await openSource(plan, job);

  meter.begin('preparing');
  const parts = divide(source, plan, outcome?.column, holdout);
  job.log(parts.fits.map((p) => `${p.fit.rows} rows to fit, ${p.validation.rows} to validate`).join('; ') + `; ${parts.control?.rows ?? 0} control (${parts.how})`);
  await job.breathe();

  meter.begin('training');
  const rows = plan.rows ?? source.rows;
  const { synthetic, samples, likelihoods, curve, device } = await fitAndDraw(parts, plan, job, generator, parameters, outcome?.column, rows);
  const whole = await withFreshColumns(source, synthetic, plan.seed);

  meter.begin('writing', basename(plan.out));
  const out = await write(whole, plan, job);
  const keys = keyNames(plan);
  const folds = samples && parts.fits.map(({ fold }, k) => ({ training: parts.training.take(fold!.training), control: parts.training.take(fold!.control), synthetic: samples[k]!, rows: fold!, ...(likelihoods[k] && { likelihood: likelihoods[k] }) }));
  return {
    training: parts.training, trainingRows: parts.trainingRows.map(fileRow), synthetic, ...(parts.control && { control: parts.control }), controlHow: parts.how, ...(parts.controlWithout && { controlWithout: parts.controlWithout }),
    ...(folds && { folds }), ...(!folds && likelihoods[0] && { likelihood: likelihoods[0] }), ...(keys.length && !folds && { keys: { training: source.take(parts.trainingRows).select(keys), synthetic: whole.select(keys), ...(parts.controlRows && { control: source.take(parts.controlRows).select(keys) }) } }), source: { rows: source.rows, columns: source.columns.length }, profile, ...(outcome && { outcome }), ...(curve && { curve }), device,
    out, rows, outSha256: await sha256(out), generator: generatorId, notes: [...notes, ...(await changedSince(plan))],
  };
}

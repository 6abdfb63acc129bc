import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import { cancelled, UserError } from '../../errors';
import type { ExplorePlan, Progress, RunRecord, SweepPoint, SynthesizeRequest } from '../../protocol';
import { writeWhole } from '../../targets/files';
import { splitName } from '../../targets/names';
import { assertHash } from './source';
import { publishLaboratory } from './publish';
import { files, type RunStore } from '../store';
import { summariseSweep, type Swept } from './front';

/** What an exploration needs of the jobs: it only starts runs and waits for them. */
interface Runner { synthesize(request: SynthesizeRequest): Promise<{ record: RunRecord; done: Promise<RunRecord> }> }
interface Exploration {
  store: RunStore; record: RunRecord; plan: ExplorePlan; jobs: Runner;
  /** How it ends, once somebody wants it to. */
  stopped(): Pick<RunRecord, 'state' | 'error'> | undefined;
  waiting(child: string | undefined): void;
  changed(record: RunRecord): void;
}

/** Runs that are done, in the run's folder: an exploration that is resumed does the others. */
const progressFile = 'explore.json', pollMs = 1000;

/**
 * Runs every point with every seed as a run of its own, in the plan's order, and writes what they found. A point that fails (a budget spent, a setting that a generator does not have) is
 * kept as failed and the others go on.
 * @returns the record in its final state; never rejects
 */
export async function leadExploration(e: Exploration): Promise<RunRecord> {
  const { store, plan } = e, began = Date.now(), before = e.record.seconds ?? 0;
  let record: RunRecord = { ...e.record, state: 'running', started: e.record.started ?? new Date().toISOString(), pid: process.pid };
  const change = async (fields: Partial<RunRecord>) => { record = { ...record, ...fields }; e.changed(record); await store.save(record); };
  const took = () => ({ finished: new Date().toISOString(), seconds: before + (Date.now() - began) / 1000, pid: undefined });
  try {
    await change({});
    await assertHash(plan.source);
    const file = join(record.folder, progressFile), done: Swept[] = await fs.readFile(file, 'utf8').then(text => JSON.parse(text) as Swept[], () => []), total = plan.points.length * plan.seeds.length, past = done.length;
    for (const [k, point] of plan.points.entries()) for (const seed of plan.seeds) {
      if (done.some(d => d.point === k && d.seed === seed)) continue;
      if (e.stopped()) throw cancelled();
      const say = (within: Progress | undefined) => {
        const at = done.length + (within?.fraction ?? 0), pace = (Date.now() - began) / 1000 / Math.max(0.1, at - past);
        return change({ progress: { phase: within?.phase ?? 'reading', fraction: Math.min(0.999, at / total), message: `${plan.knob} ${point.label}, seed ${seed}`, ...(at > past + 0.1 && { secondsLeft: pace * (total - at) }), ...(within?.device && { device: within.device }) } });
      };
      await say(undefined);
      done.push({ point: k, seed, ...(await onePoint(e, record, point, seed, say)) });
      if (e.stopped()) throw cancelled();
      await writeWhole(file, JSON.stringify(done));
    }
    if (!done.some(d => d.record.state === 'finished')) throw new UserError('No point of the sweep could be run.', {}, done[0]?.record.error?.message, 'input');
    const rows = done.find(d => d.record.state === 'finished')?.record.rows ?? 0;
    const result = summariseSweep(plan, done, { path: plan.source.path, rows }, before + (Date.now() - began) / 1000);
    const published = await publishLaboratory(result, record.folder, plan.reportOut, async path => plan.overwrite === true || store.isOurs(path));
    await change({ ...took(), ...published, state: 'finished', progress: { phase: 'reporting', fraction: 1, secondsLeft: 0 } });
  } catch (error) {
    const ours = error instanceof UserError ? error : new UserError(error instanceof Error ? error.message : String(error), {}, undefined, 'system');
    const ending = e.stopped() ?? { state: 'failed' as const, error: { message: new UserError(ours.message, ours.place).toText(), code: ours.code, ...(ours.hint && { hint: ours.hint }) } };
    record = { ...record, ...took(), ...ending };
    await store.save(record).catch(() => undefined);
    e.changed(record);
  }
  return record;
}

/** One run, to its end; its rows and report lie in the exploration's folder, so that the user's own is not littered. */
async function onePoint(e: Exploration, lead: RunRecord, point: SweepPoint, seed: number, say: (p: Progress | undefined) => Promise<void>): Promise<Pick<Swept, 'record'>> {
  const { plan, store } = e, folder = join(lead.folder, 'points'), { stem, ending } = splitName(basename(plan.source.path));
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  const out = join(folder, `${stem}.${point.label.replace(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 40)}.${seed}${ending || '.csv'}`), of = <T>(own: T | undefined, all: T | undefined) => own ?? all;
  const generator = of(point.generator, plan.generator), rows = of(point.rows, plan.rows), budgetSeconds = of(point.budgetSeconds, plan.budgetSeconds);
  let started: Awaited<ReturnType<Runner['synthesize']>>;
  try {
    started = await e.jobs.synthesize({
      path: plan.source.path, folder: store.home, out, reportOut: `${splitName(out).stem}.report.html`, force: true, seed, columns: plan.columns, ...(generator !== undefined && { generator }), ...(rows !== undefined && { rows }),
      ...(budgetSeconds !== undefined && { budgetSeconds }), ...(point.parameters && { parameters: point.parameters }), ...(plan.device && { device: plan.device }), ...(plan.outcome !== undefined && { outcome: plan.outcome }),
      ...(plan.holdout !== undefined && { holdout: plan.holdout }), ...(plan.budget && { privacy: { ...plan.budget.wish, own: plan.budget.own[plan.points.indexOf(point)] } }),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { record: { id: '', folder: '', kind: 'synthesize', state: 'failed', created: new Date().toISOString(), source: plan.source.path, versions: {}, error: { message: error.toText(), code: error.code } } };
  }
  e.waiting(started.record.id);
  const timer = setInterval(() => void fs.readFile(join(started.record.folder, files.record), 'utf8').then(text => say((JSON.parse(text) as RunRecord).progress)).catch(() => undefined), pollMs);
  try {
    if (e.stopped()) throw cancelled();
    const record = await started.done;
    await store.label(record, { name: `${plan.knob} ${point.label}, seed ${seed}` });
    return { record };
  } finally {
    clearInterval(timer);
    e.waiting(undefined);
  }
}


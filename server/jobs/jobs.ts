import { createWriteStream, type WriteStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { UserError, type ErrorCode } from '../errors';
import { makeEvaluatePlan, makePlan } from '../plan/plan';
import { leftOf } from '../plan/privacy';
import type { evaluateRequest, synthesizeRequest } from '../plan/request';
import type { CollapsePlan, CollapseRequest, ColumnOverride, EvaluatePlan, ExplorePlan, ExploreRequest, PairPicture, Plan, RowsAnswer, RowsQuestion, RunRecord, TableProfile, WorkerMessage } from '../protocol';
import { removeTemporaries } from '../targets/files';
import { explainExit, WorkerProcess, workerPath } from './host';
import { Inspector } from './inspector';
import { sweepBudget } from './laboratory/budget';
import { leadExploration } from './laboratory/explore';
import { makeCollapsePlan, makeExplorePlan } from './laboratory/plans';
import { Queue } from './queue';
import { files, RunStore, storeFor } from './store';
import { versions } from './versions';

/** What a front end hears of its jobs. A record is a snapshot: keep it, do not change it. */
export interface JobListener {
  /** Every change of a run; progress at most ten times a second. */
  changed?(record: RunRecord): void;
  /** What the source's columns are and how they will be modelled, before the fit. */
  profiled?(record: RunRecord, profile: TableProfile): void;
}

/** A run under way. `done` resolves, never rejects, with the record in its final state. */
export interface StartedRun { record: RunRecord; done: Promise<RunRecord> }

interface ActiveRun { cancelled: boolean; /** The run that this one waits for, where it consists of others. */ child?: string; /** Ended because its server ends, not because somebody did not want it. */ closing: boolean; worker?: WorkerProcess; done: Promise<RunRecord> }

const progressMs = 100;
const savedMs = 1000;

/**
 * Everything a front end (the command line, the language server) does with runs: start, cancel, resume, repeat.
 * One heavy job runs at a time, each in a process of its own; a run's folder is the only place where its state is kept.
 */
export class Jobs {
  private readonly queue = new Queue();
  private readonly active = new Map<string, ActiveRun>();
  private readonly inspector: Inspector;

  /** @param polite whether heavy jobs give way to other programs, as an editor wants. */
  constructor(private readonly listener: JobListener = {}, private readonly worker: () => string = workerPath, private readonly cwd: string = process.cwd(), private readonly polite = false) {
    this.inspector = new Inspector(worker);
  }

  /** @param values how many of a column's most frequent values are listed; @throws UserError when the table cannot be read. */
  inspect(path: string, overrides?: Record<string, ColumnOverride>, values?: number): Promise<TableProfile> {
    return this.inspector.inspect(path, overrides, values);
  }

  /** What a question about a table's rows comes to. @throws UserError when the table cannot be read. */
  rows(path: string, overrides: Record<string, ColumnOverride>, question: RowsQuestion): Promise<RowsAnswer> {
    return this.inspector.rows(path, overrides, question);
  }

  /** The picture of two columns of a finished run. @throws UserError when its tables are gone or changed. */
  pair(folder: string, a: string, b: string): Promise<PairPicture> {
    return this.inspector.pair(folder, a, b);
  }

  /**
   * @param declared what only a `.synth` file can say; added to the plan as it is
   * @throws UserError for a request that cannot be carried out; what goes wrong later is in the record.
   */
  async synthesize(request: z.input<typeof synthesizeRequest>, declared: Partial<Pick<Plan, 'purpose' | 'target' | 'rules' | 'privacy' | 'origin' | 'protection'>> = {}): Promise<StartedRun> {
    const store = await this.storeOf(request.path, request.folder, request.out);
    const { privacy, ...others } = declared;
    // A budget is checked whoever asks for it.
    // What is completed is called so, whoever declared it.
    const plan = await makePlan({ ...request, ...(privacy && { privacy }), ...(others.target?.purpose === 'completion' && { target: others.target }) }, { cwd: this.cwd, isOurs: (p, of) => store.isOurs(p, of), ledgers: store.privacy });
    return this.startSynthesis(store, { ...plan, ...others });
  }

  /** @throws UserError for a request that cannot be carried out. */
  async evaluate(request: z.input<typeof evaluateRequest>): Promise<StartedRun> {
    const store = await this.storeOf(request.synthetic, request.folder, request.reportOut);
    const plan = await makeEvaluatePlan(request, { cwd: this.cwd, isOurs: (p) => store.isOurs(p) });
    const record = await store.create(plan, { kind: 'evaluate', source: plan.real, seed: plan.seed, versions: versions(), pid: process.pid });
    return this.start(store, record, () => ({ type: 'evaluate', folder: record.folder, plan }));
  }

  /** Refits generation after generation. @throws UserError for a request that cannot be carried out. */
  async collapse(request: CollapseRequest): Promise<StartedRun> {
    const store = await this.storeOf(request.path, request.folder, request.reportOut);
    return this.startCollapse(store, await makeCollapsePlan(request, this.cwd, (p) => store.isOurs(p)));
  }

  /** Sweeps a knob: a run of its own for each point and seed, one after the other. @throws UserError for a request that cannot be carried out. */
  async explore(request: ExploreRequest): Promise<StartedRun> {
    const store = await this.storeOf(request.path, request.folder, request.reportOut);
    return this.startExploring(store, await makeExplorePlan(request, this.cwd, (p) => store.isOurs(p), store.privacy));
  }

  /**
   * Goes on with a run that was cancelled, interrupted or failed, from its last checkpoint.
   * @throws UserError (usage) for one that is going on or finished.
   */
  async resume(store: RunStore, id: string): Promise<StartedRun> {
    const record = await store.find(id);
    const ending = record.state === 'running' || record.state === 'queued' ? undefined : this.active.get(record.id);
    // Its process is gone, and its end is being written down: a moment later it can go on.
    if (ending) {
      await ending.done;
      return this.resume(store, id);
    }
    if (this.active.has(record.id) || record.state === 'running' || record.state === 'queued') throw new UserError(`The run ${record.id} is going on.`, {}, undefined, 'usage');
    if (record.state === 'finished') throw new UserError(`The run ${record.id} is finished.`, {}, 'Use "repeat" to do it again.', 'usage');
    const { error: _e, progress: _p, finished: _f, ...rest } = record;
    if (record.kind === 'explore') return this.lead(store, { ...rest, state: 'queued', pid: process.pid }, (await store.laboratoryPlan(record)) as ExplorePlan);
    const plan = await store.plan(record);
    return this.start(store, { ...rest, state: 'queued', pid: process.pid }, () => request(record.folder, plan, true));
  }

  /**
   * Does a run again in a folder of its own: same plan, same decisions, same device, and so the same bytes out. Not so under a privacy budget, where every run is a new release.
   * @throws BudgetExhausted when earlier releases leave nothing for one
   */
  async repeat(store: RunStore, id: string): Promise<StartedRun> {
    const record = await store.find(id);
    // Leave to overwrite was given for that once.
    const { overwrite: _once, ...plan } = await store.plan(record);
    if (isLaboratory(plan)) {
      if (plan.laboratory === 'collapse') return this.startCollapse(store, plan);
      // Again means released again: what that costs in all is settled anew.
      const budget = plan.budget && sweepBudget({ privacy: plan.budget.wish, ...(plan.generator !== undefined && { generator: plan.generator }) }, { ...plan, seeds: plan.seeds.length }, { source: plan.source.sha256, ledgers: store.privacy });
      return this.startExploring(store, { ...plan, ...(budget && { budget }) });
    }
    if ('purpose' in plan && plan.privacy) {
      // Another release of the same table: charged anew, with noise and steps of its own. What is left is looked at now, not after reading.
      leftOf(plan.source.sha256, store.privacy, plan.privacy, '');
      const { resolved: _resolved, ...anew } = plan;
      return this.startSynthesis(store, anew);
    }
    if ('purpose' in plan) return this.startSynthesis(store, plan);
    const again = await store.create(plan, { kind: 'evaluate', source: plan.real, seed: plan.seed, versions: versions(), pid: process.pid });
    return this.start(store, again, () => ({ type: 'evaluate', folder: again.folder, plan }));
  }

  /** Stops a run: before its turn at once, later within about half a second. Unknown ids are ignored. */
  async cancel(id: string): Promise<void> {
    const run = this.active.get(id);
    if (!run) return;
    run.cancelled = true;
    if (!this.queue.drop(id)) await Promise.all([run.worker?.cancel(), run.child && this.cancel(run.child)]);
    await run.done;
  }

  /** Ends the workers, as politely as a cancel does. Runs under way are interrupted, and can be resumed. */
  async close(): Promise<void> {
    this.inspector.close();
    await Promise.all([...this.active].map(([id, run]) => {
      // What the user has cancelled a moment ago stays cancelled.
      run.closing = !run.cancelled;
      return this.cancel(id);
    }));
  }

  /** @throws UserError (usage) while the run is going on, or when there is none. */
  async remove(store: RunStore, id: string): Promise<void> {
    const record = await store.find(id);
    if (this.active.has(record.id)) throw new UserError(`The run ${record.id} is going on.`, {}, 'Cancel it first.', 'usage');
    await store.remove(record);
  }

  /** Runs under way here, with their workers' process numbers. */
  going(): Array<{ id: string; worker?: number }> {
    return [...this.active].map(([id, { worker }]) => ({ id, ...(worker?.pid !== undefined && { worker: worker.pid }) }));
  }

  /** Kills the workers at once, for a process that must go now: runs are then found interrupted, and can be resumed. */
  killAll(): void {
    this.inspector.close();
    for (const { worker } of this.active.values()) worker?.kill();
  }

  private async startSynthesis(store: RunStore, plan: Plan): Promise<StartedRun> {
    const record = await store.create(plan, {
      kind: 'synthesize', source: plan.source.path, out: plan.out, ...(plan.reportOut && { reportOut: plan.reportOut }),
      generator: plan.generator.id, seed: plan.seed, versions: versions(), pid: process.pid, ...(plan.rows !== undefined && { rows: plan.rows }), ...(plan.privacy && { privacy: { epsilon: plan.privacy.epsilon, delta: plan.privacy.delta } }), ...(plan.origin && { origin: plan.origin }),
    });
    return this.start(store, record, () => request(record.folder, plan, false));
  }

  private async startCollapse(store: RunStore, plan: CollapsePlan): Promise<StartedRun> {
    const record = await store.create(plan, { kind: 'collapse', source: plan.source.path, generator: plan.generators.join(', '), seed: plan.seed, rows: plan.rows, versions: versions(), pid: process.pid });
    return this.start(store, record, () => ({ type: 'collapse', folder: record.folder, plan }));
  }

  private async startExploring(store: RunStore, plan: ExplorePlan): Promise<StartedRun> {
    return this.lead(store, await store.create(plan, { kind: 'explore', source: plan.source.path, ...(plan.generator && { generator: plan.generator }), versions: versions(), pid: process.pid }), plan);
  }

  /** A run that consists of other runs, and so computes nothing itself and never queues: its children do. */
  private lead(store: RunStore, record: RunRecord, plan: ExplorePlan): StartedRun {
    const run: ActiveRun = { cancelled: false, closing: false, done: undefined as never };
    this.active.set(record.id, run);
    run.done = leadExploration({
      store, record, plan, jobs: this, stopped: () => (run.cancelled ? stopped(run) : undefined), waiting: (id) => { run.child = id; },
      changed: (next) => { record = next; this.listener.changed?.(next); },
    }).finally(() => this.active.delete(record.id));
    return { record, done: run.done };
  }

  /** The run store for a file; where the file's own folder may not be written, the output's. */
  private async storeOf(path: string, folder: string | undefined, out: string | undefined): Promise<RunStore> {
    const store = await storeFor(resolve(this.cwd, path), folder && resolve(this.cwd, folder));
    const writable = await access(store.home, constants.W_OK).then(() => true, () => false);
    if (writable || folder !== undefined || out === undefined) return store;
    return storeFor(resolve(this.cwd, out));
  }

  private start(store: RunStore, record: RunRecord, ask: () => Parameters<WorkerProcess['send']>[0]): StartedRun {
    const run: ActiveRun = { cancelled: false, closing: false, done: undefined as never };
    const change = async (fields: Partial<RunRecord>) => {
      record = { ...record, ...fields };
      // Whoever hears that a run is over looks at its folder next: there it must be over, too.
      const over = record.state !== 'queued' && record.state !== 'running';
      if (over) await store.save(record);
      this.listener.changed?.(record);
      if (!over) await store.save(record);
    };
    run.done = this.queue
      .run(record.id, () => this.execute(run, record, change, ask()))
      .catch(async (error: unknown) => {
        // Dropped from the queue, or the run's folder could not be written.
        const ours = error instanceof UserError ? error : new UserError(String(error), {}, undefined, 'system');
        const ending = ours.code === 'cancelled' ? stopped(run) : { state: 'failed' as const, error: plainError(ours) };
        record = { ...record, ...ending, finished: new Date().toISOString() };
        await store.save(record).catch(() => undefined);
        this.listener.changed?.(record);
      })
      .then(() => {
        this.active.delete(record.id);
        return record;
      });
    this.active.set(record.id, run);
    return { record, done: run.done };
  }

  private async execute(
    run: ActiveRun,
    record: RunRecord,
    change: (fields: Partial<RunRecord>) => Promise<void>,
    ask: Parameters<WorkerProcess['send']>[0],
  ): Promise<void> {
    if (run.cancelled) throw new UserError('Cancelled.', {}, undefined, 'cancelled');
    const log = openLog(join(record.folder, files.log));
    const before = record.seconds ?? 0;
    const began = Date.now();
    let end: Extract<WorkerMessage, { type: 'done' | 'failed' }> | undefined;
    let shownAt = 0;
    let savedAt = Date.now();
    let device: RunRecord['device'];
    let saving: Promise<void> = Promise.resolve();
    let current: Partial<RunRecord> = {};

    const worker = new WorkerProcess(this.worker(), (message) => {
      switch (message.type) {
        case 'progress': {
          device = message.progress.device ?? device;
          current = { state: 'running', pid: worker.pid, progress: message.progress, ...(device && { device }) };
          const now = Date.now();
          if (now - shownAt < progressMs && message.progress.fraction < 1) return;
          shownAt = now;
          if (now - savedAt >= savedMs) {
            savedAt = now;
            saving = saving.then(() => change(current)).catch(() => undefined); // the next save, or the run's end, will say so
          } else this.listener.changed?.({ ...record, ...current, started: record.started ?? new Date(began).toISOString() });
          return;
        }
        case 'profile': return this.listener.profiled?.(record, message.profile);
        case 'log': return log.write(`${new Date().toISOString()} ${message.level} ${message.message}\n`);
        case 'done': case 'failed': end = message;
      }
    }, (text) => log.write(text), this.polite);
    run.worker = worker;
    log.write(`${new Date().toISOString()} info worker ${worker.pid} starts (${ask.type})\n`);
    try {
      await change({ state: 'running', pid: worker.pid, started: record.started ?? new Date(began).toISOString() });
    } catch (error) {
      worker.kill(); // a run that cannot be recorded must not go on unseen
      throw error;
    }
    worker.send(ask);
    if (run.cancelled) void worker.cancel();

    const exit = await worker.exited;
    await saving;
    for (const path of [record.out, record.reportOut]) if (path !== undefined && end?.type !== 'done') await removeTemporaries(path, record.id);
    const over = { finished: new Date().toISOString(), seconds: before + (Date.now() - began) / 1000, pid: undefined };
    // The last message decides; without one, how the process went does. A kill after a cancel is what was asked for.
    if (end?.type === 'done') {
      const { type: _t, resolved: _r, ...fields } = end;
      await change({ ...over, ...fields, state: 'finished', progress: { phase: 'reporting', fraction: 1, secondsLeft: 0 } });
    } else if (run.cancelled || (end?.type === 'failed' && end.error.code === 'cancelled')) {
      await change({ ...over, ...stopped(run) });
    } else {
      const failure = end ?? { error: asMessage(explainExit(exit)) };
      const { error } = failure;
      log.write(`${new Date().toISOString()} error ${error.message}\n${error.stack ?? ''}\n`);
      const ours = new UserError(error.message, error.place, error.hint, error.code as ErrorCode);
      // A process ended from outside says nothing against the run: it is interrupted. One that fell over by itself has failed.
      const fromOutside = !end && (exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM' || exit.signal === 'SIGINT' || exit.signal === 'SIGHUP');
      await change({ ...over, state: fromOutside ? 'interrupted' : 'failed', error: plainError(ours) });
    }
    await new Promise<void>((resolve) => log.end(resolve));
  }
}

const asMessage = (e: UserError): Extract<WorkerMessage, { type: 'failed' }>['error'] => ({ message: e.message, code: e.code, ...(e.hint && { hint: e.hint }) });

/** How a run that was stopped from here ends. */
function stopped(run: ActiveRun): Pick<RunRecord, 'state' | 'error'> {
  return run.closing
    ? { state: 'interrupted', error: { message: 'The run was interrupted because its window or server was closed.', hint: 'It can go on from its last checkpoint.', code: 'interrupted' } }
    : { state: 'cancelled', error: { message: 'Cancelled.', code: 'cancelled' } };
}

/** A record's error: where it is goes into the sentence, the hint stays apart. */
function plainError(e: UserError): NonNullable<RunRecord['error']> {
  return { message: new UserError(e.message, e.place).toText(), code: e.code, ...(e.hint !== undefined && { hint: e.hint }) };
}

const isLaboratory = (plan: object): plan is CollapsePlan | ExplorePlan => 'laboratory' in plan;

function request(folder: string, plan: Plan | EvaluatePlan | CollapsePlan, resume: boolean): Parameters<WorkerProcess['send']>[0] {
  // What a laboratory has done lies in its folder, and is not done again.
  if ('laboratory' in plan) return { type: 'collapse', folder, plan };
  return 'purpose' in plan ? { type: 'synthesize', folder, plan, resume } : { type: 'evaluate', folder, plan };
}

function openLog(path: string): WriteStream {
  const log = createWriteStream(path, { flags: 'a', mode: 0o600 });
  // A full disk must not end us through an unhandled stream error: the run itself will meet it and say so.
  log.on('error', () => undefined);
  return log;
}


/**
 * What has been released from a source, ever: an append-only file of JSON lines beside the runs (`.understudy/privacy/<source>.jsonl`), one for each table by its content, so
 * that repeats, sweeps and selections add up. A charge is on the disk before its noise is drawn: what is lost in between stays charged.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../errors';
import { epsilonFor, type Spent } from '../accountant/accountant';
import { deltaOfRun, filterEpsilon, runsEpsilon } from '../accountant/filter';
import { check, type Event } from '../accountant/mechanism';
import { BudgetExhausted, type Budget } from './budget';
import { eventsFor, type Charge, type Entry, type Unit } from './entry';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The ledger of one source. Every call reads the file anew: other processes may write it too. */
export class Ledger {
  readonly path: string;

  /**
   * @param folder where ledgers lie; made, for the user alone, when the first charge comes
   * @param source SHA-256 of the source's content, in hex
   */
  constructor(private readonly folder: string, readonly source: string) {
    if (!/^[0-9a-f]{64}$/.test(source)) throw new Error(`Ledger: ${source} is no SHA-256`);
    this.path = join(folder, `${source.slice(0, 16)}.jsonl`);
  }

  /**
   * All entries, oldest first.
   * @throws UserError when the file cannot be read, is another source's, or was changed
   */
  entries(): Entry[] {
    return this.read().entries;
  }

  private read(): { entries: Entry[]; last: string; torn: boolean } {
    let text = '';
    try {
      if (existsSync(this.path)) text = readFileSync(this.path, 'utf8');
    } catch (error) {
      throw this.system(error, 'read');
    }
    const entries: Entry[] = [];
    let last = '';
    for (const line of text.split('\n')) {
      let entry: Entry;
      // A line that is no JSON was torn by a crash in mid-write: its charge was never confirmed, so nothing was released. A *changed* line breaks the chain below.
      try { entry = JSON.parse(line) as Entry; } catch { continue; }
      if (entry?.source !== this.source) throw this.changed('It is about another table.');
      if (entry.previous !== sha256(last)) throw this.changed(`Its entry ${entries.length + 1} does not follow from the one before.`);
      try { check([entry]); } catch (error) { throw this.changed(`Its entry ${entries.length + 1} means nothing (${(error as Error).message}).`); }
      entries.push(entry);
      last = line;
    }
    return { entries, last, torn: text !== '' && !text.endsWith('\n') };
  }

  /** What all entries cost together for `unit`, at `delta`, their settings taken as fixed beforehand: infinite where some were made for another unit. */
  total(delta: number, unit: Unit = 'row'): Spent {
    const events = eventsFor(this.entries(), unit);
    return events ? epsilonFor(events, delta) : { epsilon: Infinity, delta, proof: 'sum' };
  }

  /**
   * What entries hold against a budget. Those of one run by the tightest proof: the plan fixed its mechanisms before it began. Those of several by privacy filters, since what
   * came out of one may have led to the next (filter.ts): the least of a filter over mechanisms and one over runs.
   */
  private cost(entries: readonly Charge[], { epsilon, delta }: Budget, unit: Unit): number {
    const events = eventsFor(entries, unit);
    if (!events) return Infinity;
    const runs = byRun(entries);
    return runs.length <= 1 ? epsilonFor(events, delta).epsilon : Math.min(runsEpsilon(runs, delta), filterEpsilon(events, epsilon, delta));
  }

  /** What everything released so far holds against a budget, as `charge` counts it. */
  spent(budget: Budget, unit: Unit = 'row'): number { return this.cost(this.entries(), budget, unit); }

  /**
   * What a run may spend so that, with all others', the budget holds: all of it for a source's first run, which may be under way already; else what earlier runs leave, at the run's own part of delta.
   * `others`: what this run was charged before. What is accounted to stay within (epsilon, delta) together with them, `charge` accepts.
   * @throws BudgetExhausted when nothing is left
   */
  allowance(budget: Budget, run: string, unit: Unit = 'row'): Budget & { others: Event[] } {
    const entries = this.entries(), ids = [...new Set(entries.map((e) => e.run))];
    const others = eventsFor(entries.filter((e) => e.run === run), unit);
    if (!others || !eventsFor(entries, unit)) throw new BudgetExhausted(budget, Infinity, Infinity);
    const before = ids.filter((id) => id !== run);
    if (before.length === 0) return { ...budget, others };
    // A run's place is where it first spent something; a new one comes last.
    const place = ids.includes(run) ? ids.indexOf(run) : ids.length;
    const spent = ids.reduce((sum, id, i) => (id === run ? sum : sum + epsilonFor(eventsFor(entries.filter((e) => e.run === id), unit)!, deltaOfRun(i, budget.delta)).epsilon), 0);
    const left = { epsilon: budget.epsilon - spent, delta: deltaOfRun(place, budget.delta), others };
    if (!(left.epsilon > 0)) throw new BudgetExhausted(budget, spent, this.cost(entries, budget, unit));
    return left;
  }

  /**
   * Charges a release, and returns what the budget now holds as spent. Only when it has returned may the noise be drawn and the release made.
   * @throws BudgetExhausted when the total would exceed the budget: nothing is written then
   * @throws UserError when the ledger cannot be written
   */
  charge(charge: Charge, budget: Budget): number {
    check([charge]);
    if (!(Number.isFinite(charge.sensitivity) && charge.sensitivity >= 0 && Number.isFinite(charge.noise) && charge.noise >= 0)) {
      throw new Error(`Ledger: sensitivity ${charge.sensitivity}, noise ${charge.noise}`);
    }
    return this.locked(() => {
      const { entries, last, torn } = this.read();
      const after = this.cost([...entries, charge], budget, charge.unit);
      if (!(after <= budget.epsilon)) throw new BudgetExhausted(budget, after, this.cost(entries, budget, charge.unit));
      const alone = epsilonFor([charge], budget.delta).epsilon;
      const entry: Entry = {
        ...charge, at: new Date().toISOString(), adjacency: 'add-remove', source: this.source,
        cost: { epsilon: Number.isFinite(alone) ? alone : null, delta: budget.delta }, previous: sha256(last),
      };
      this.append(`${torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
      return after;
    });
  }

  /** How many times the charge's mechanism, up to its count, the budget still allows: asked once before training, so that not every step need be accounted. */
  room(charge: Charge, budget: Budget): number {
    const entries = this.entries();
    const fits = (count: number) => this.cost([...entries, { ...charge, count }], budget, charge.unit) <= budget.epsilon;
    if (fits(charge.count)) return charge.count;
    if (!fits(1)) return 0;
    let low = 1, high = charge.count;
    while (high - low > 1) { const mid = Math.floor((low + high) / 2); if (fits(mid)) low = mid; else high = mid; }
    return low;
  }

  private append(text: string): void {
    try {
      const file = openSync(this.path, 'a', 0o600);
      try { writeFileSync(file, text); fsyncSync(file); } finally { closeSync(file); }
    } catch (error) {
      throw this.system(error, 'written');
    }
  }

  /** Runs while no other process reads and writes: a lock file that only one can make, with its maker's process id, so that a dead one's is taken over. */
  private locked<T>(work: () => T): T {
    const lock = `${this.path}.lock`;
    try { mkdirSync(this.folder, { recursive: true, mode: 0o700 }); } catch (error) { throw this.system(error, 'written'); }
    for (let attempt = 0; ; attempt++) {
      try {
        const file = openSync(lock, 'wx', 0o600);
        writeSync(file, String(process.pid));
        closeSync(file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw this.system(error, 'written');
        if (attempt >= 250) throw new UserError('Another run is writing the privacy ledger of this table.', { file: basename(lock) }, 'Wait for it to end; if none runs, delete the file.', 'system');
        if (!alive(lock)) clear(lock);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }
    }
    try { return work(); } finally { rmSync(lock, { force: true }); }
  }

  private changed(what: string): UserError {
    return new UserError(`The privacy ledger of this table was changed after it was written. ${what}`, { file: this.path },
      'What was released before can no longer be added up. Restore the file, or declare the earlier releases void by moving it away.', 'input');
  }
  private system(error: unknown, verb: string): UserError {
    return new UserError(`The privacy ledger cannot be ${verb} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`, { file: this.path }, 'Nothing is released that is not in the ledger.', 'system');
  }
}

/** The events of each run, in the order in which runs first spent something. */
function byRun(entries: readonly Charge[]): Event[][] {
  const runs = new Map<string, Event[]>();
  for (const { run, mechanism, count } of entries) {
    const events = runs.get(run);
    if (events) events.push({ mechanism, count }); else runs.set(run, [{ mechanism, count }]);
  }
  return [...runs.values()];
}

/** Removes a dead process's lock; one process at a time, so that none removes the lock that another has just made in its place. */
function clear(lock: string): void {
  const guard = `${lock}.clear`;
  try { closeSync(openSync(guard, 'wx', 0o600)); } catch { return; }
  try { if (existsSync(lock) && !alive(lock)) rmSync(lock, { force: true }); } finally { rmSync(guard, { force: true }); }
}

/** Whether a lock's maker still runs. An empty lock is one being made. */
function alive(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (!pid) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

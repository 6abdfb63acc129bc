/**
 * What has been released from a source, ever: an append-only file of JSON lines beside the runs (`.understudy/privacy/<source>.jsonl`), one for each table by its content, so
 * that repeats, sweeps and selections add up. A charge is on the disk before its noise is drawn: what is lost in between stays charged.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../errors';
import { epsilonFor, type Spent } from '../accountant/accountant';
import { beyondPlan, filterEpsilon, fits, isLeft, leftOf, placeOf, slackFor, worth, type Worth } from '../accountant/filter';
import { check } from '../accountant/mechanism';
import { BudgetExhausted, type Budget } from './budget';
import { eventsFor, type Charge, type Entry, type Unit } from './entry';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * What a run may spend: of Gaussian noise a precision (the sum of 1 / sigma^2 over mechanisms), and what its next nearly Gaussian mechanism may fail with, its selections of categories together, and its own of contexts. `epsilon` and `delta`:
 * the whole budget.
 */
export interface Allowance extends Worth { epsilon: number; delta: number; categories: number; contexts: number }

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

  /** What everything released so far holds against a budget, as `charge` counts it: by a filter, since what came out of one mechanism may have led to the next (filter.ts). */
  spent(budget: Budget, unit: Unit = 'row'): number { return cost(this.entries(), budget, unit); }

  /**
   * What a run may spend so that, with all that was released before, by itself too, the budget holds.
   * @param budget `own`: what the run itself may be worth at most, as an epsilon; a cap on what it takes, no promise of its own
   * @throws BudgetExhausted when nothing is left; UserError where the delta is another than that of earlier releases
   */
  allowance(budget: Budget & { own?: number }, run: string, unit: Unit = 'row'): Allowance {
    const entries = this.entries();
    sameDelta(entries, budget);
    if (!eventsFor(entries, unit)) throw new BudgetExhausted(budget, Infinity, Infinity);
    const left = leftOf(entries, budget), { place, nearly } = placeOf(entries, run), { delta } = budget;
    // A run that has set aside what it planned goes on; a new one has nothing to begin with.
    if (!isLeft(left, entries, budget) && !entries.some((e) => e.run === run)) throw new BudgetExhausted(budget, Infinity, cost(entries, budget, unit), earlierThan(entries, budget));
    const cap = budget.own === undefined ? Infinity : leftOf([], { epsilon: budget.own, delta }).precision - (worth(entries, delta).precision - worth(entries.filter((e) => e.run !== run), delta).precision);
    return { epsilon: budget.epsilon, delta, precision: Math.max(0, Math.min(left.precision, cap)), slack: slackFor.nearly(place, nearly, delta), categories: slackFor.categories(place, delta), contexts: slackFor.contexts(place, delta) };
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
      const { entries, last, torn } = this.read(), all = [...entries, { ...charge, budget }];
      sameDelta(entries, budget);
      const after = cost(all, budget, charge.unit);
      if (!eventsFor(all, charge.unit) || beyondPlan(all) || !fits(all, budget)) throw new BudgetExhausted(budget, after, cost(entries, budget, charge.unit), earlierThan(entries, budget));
      const alone = epsilonFor([charge], budget.delta).epsilon;
      const entry: Entry = {
        ...charge, at: new Date().toISOString(), adjacency: 'add-remove', budget: { epsilon: budget.epsilon, delta: budget.delta }, source: this.source,
        cost: { epsilon: Number.isFinite(alone) ? alone : null, delta: budget.delta }, previous: sha256(last),
      };
      this.append(`${torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
      return after;
    });
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

/** What entries have used of a budget; Infinity where one of them says nothing of the unit, or nothing is proven. */
const cost = (entries: readonly (Charge & { budget?: Budget })[], budget: Budget, unit: Unit): number => (eventsFor(entries, unit) && !entries.some((e) => e.budget && e.budget.delta !== budget.delta) ? filterEpsilon(entries, budget) : Infinity);

/** Epsilon of the budget that releases were first held against, where it is another than this one. */
const earlierThan = (entries: readonly Entry[], { epsilon }: Budget): number | undefined => { const first = entries.find((e) => e.budget)?.budget?.epsilon; return first === epsilon ? undefined : first; };

/** Deltas are shared out beforehand: one that was changed after seeing what came out is no promise. @throws UserError (usage) */
function sameDelta(entries: readonly Entry[], { delta }: Budget): void {
  const other = entries.find((e) => e.budget && e.budget.delta !== delta)?.budget;
  if (other) throw new UserError(`Releases from this table were made under a budget with delta ${other.delta}, and now it is ${delta}: what they promise together is only known at the first.`, {}, `Take --delta ${other.delta}; epsilon may be another.`, 'usage');
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

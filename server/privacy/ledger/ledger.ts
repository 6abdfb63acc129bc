/**
 * What has been released from a source, ever: an append-only file of JSON lines beside the runs (`.understudy/privacy/<source>.jsonl`), one for each table by its content, so
 * that repeats, sweeps and selections add up. A charge is on the disk before its noise is drawn: what is lost in between stays charged.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../errors';
import { epsilonFor, type Spent } from '../accountant/accountant';
import { filterEpsilon } from '../accountant/filter';
import { check } from '../accountant/mechanism';
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

  /** What all entries cost together for `unit`, at `delta`, their settings taken as fixed beforehand: infinite where some were made for a smaller unit. */
  total(delta: number, unit: Unit = 'row'): Spent {
    const events = eventsFor(this.entries(), unit);
    return events ? epsilonFor(events, delta) : { epsilon: Infinity, delta, proof: 'sum' };
  }

  /**
   * What entries hold against a budget. Those of one run by the tightest proof: the plan fixed its mechanisms before it began. Those of several by a privacy filter, since what
   * came out of one may have led to the next (filter.ts).
   */
  private cost(entries: readonly Charge[], { epsilon, delta }: Budget, unit: Unit): number {
    const events = eventsFor(entries, unit);
    if (!events) return Infinity;
    return new Set(entries.map((e) => e.run)).size <= 1 ? epsilonFor(events, delta).epsilon : filterEpsilon(events, epsilon, delta);
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

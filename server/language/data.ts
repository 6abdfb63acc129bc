import { promises as fs } from 'node:fs';
import { UserError } from '../errors';
import type { ColumnOverride, ColumnProfile, RowsAnswer, RowsQuestion, TableProfile } from '../protocol';

/** What is known of a table: its profile, or why there is none. */
export interface KnownTable { path: string; stamp: string; profile?: TableProfile; problem?: string; columns: ReadonlyMap<string, ColumnProfile> }

/** How long a look at the disk is believed, milliseconds. */
const believedMs = 1000;
const mostTables = 64;
/** Values of a column that completions and checks know; of columns with more, only the most frequent ones. */
const mostValues = 1000;

interface Entry { at: number; known?: KnownTable; reading?: Promise<void> }

/**
 * Profiles of the tables that sources name. Nothing here waits: `peek` answers with what is known at once, has the file looked at beside, and
 * `changed` is called when there is more to say. Reading happens in the inspector's worker; the server only looks at sizes and times.
 */
export class Tables {
  private readonly entries = new Map<string, Entry>();
  constructor(private readonly inspect: (path: string, values: number) => Promise<TableProfile>, private readonly changed: (path: string) => void) {}

  /** @returns undefined as long as nothing is known of the file. */
  peek(path: string): KnownTable | undefined {
    const entry = this.entry(path);
    if (!entry.reading && Date.now() - entry.at >= believedMs) this.look(path, entry);
    return entry.known;
  }

  /** What is known once the file has been looked at now. */
  async get(path: string): Promise<KnownTable | undefined> {
    const entry = this.entry(path);
    if (!entry.reading && Date.now() - entry.at >= believedMs) this.look(path, entry);
    await entry.reading;
    return entry.known;
  }

  /** The file may have changed: the next question looks at it. */
  forget(path: string): void {
    const entry = this.entries.get(path);
    if (entry) entry.at = 0;
  }

  get pending(): Array<Promise<void>> { return [...this.entries.values()].flatMap((e) => e.reading ?? []); }

  private entry(path: string): Entry {
    let entry = this.entries.get(path);
    if (!entry) {
      this.entries.set(path, (entry = { at: 0 }));
      if (this.entries.size > mostTables) this.entries.delete(this.entries.keys().next().value!);
    }
    return entry;
  }

  private look(path: string, entry: Entry): void {
    entry.reading = this.read(path, entry).finally(() => {
      entry.at = Date.now();
      entry.reading = undefined;
    });
  }

  private async read(path: string, entry: Entry): Promise<void> {
    const stat = await fs.stat(path).catch(() => undefined);
    const stamp = stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : 'none';
    if (entry.known?.stamp === stamp) return;
    let known: KnownTable;
    if (!stat) known = { path, stamp, problem: 'There is no such file.', columns: new Map() };
    else if (stat.isDirectory()) known = { path, stamp, problem: 'This is a folder, not a table.', columns: new Map() };
    else {
      try {
        const profile = await this.inspect(path, mostValues);
        known = { path, stamp, profile, columns: new Map(profile.columns.map((c) => [c.name, c])) };
      } catch (error) {
        known = { path, stamp, problem: error instanceof UserError ? error.toText() : 'The table cannot be read.', columns: new Map() };
      }
    }
    entry.known = known;
    this.changed(path);
  }
}

/** What is asked of a table's rows; a worker answers. */
export type AskRows = (path: string, overrides: Record<string, ColumnOverride>, question: RowsQuestion) => Promise<RowsAnswer>;
/** Answers that are kept; one that nobody has asked for that long makes room. */
const mostAnswers = 1000, forgottenMs = 60_000;
interface Answered { asked: number; answer?: RowsAnswer }

/** Answers about the rows of tables. Nothing here waits: `peek` tells what is known, and has the worker asked once nobody types. */
export class Rows {
  private readonly known = new Map<string, Answered>();
  private swept = 0;
  private wanted: Array<() => Promise<void>> = [];
  private timer: NodeJS.Timeout | undefined;
  private settle: (() => void) | undefined;
  readonly pending = new Set<Promise<void>>();

  /** @param quietMs how long one must have typed nothing; 0 asks at once */
  constructor(private readonly ask: AskRows | undefined, private readonly changed: () => void, private readonly quietMs: number) {}

  /** By what a question is known; written once for the same objects, since a long file asks its hundreds again after every key press. */
  private readonly keys = new WeakMap<RowsQuestion, { table: KnownTable; overrides: unknown; key: string }>();
  private keyOf(table: KnownTable, overrides: Record<string, ColumnOverride>, question: RowsQuestion): string {
    let known = this.keys.get(question);
    if (known?.table !== table || known.overrides !== overrides) this.keys.set(question, (known = { table, overrides, key: `${table.path}\n${table.stamp}\n${JSON.stringify([overrides, question])}` }));
    return known.key;
  }

  peek(table: KnownTable, overrides: Record<string, ColumnOverride>, question: RowsQuestion): RowsAnswer | undefined {
    const { ask } = this, { path } = table;
    if (!ask) return undefined;
    const key = this.keyOf(table, overrides, question), now = Date.now(), found = this.known.get(key);
    if (found) {
      found.asked = now;
      return found.answer;
    }
    if (this.known.size >= mostAnswers && now - this.swept >= believedMs) {
      this.swept = now;
      for (const [k, { asked }] of this.known) if (now - asked > forgottenMs) this.known.delete(k);
    }
    // A file that asks for more than that is answered in part.
    if (this.known.size >= mostAnswers) return undefined;
    const own: Answered = { asked: now };
    this.known.set(key, own);
    this.wanted.push(async () => {
      // What was typed on since is not asked any more; it is when it comes back.
      if (this.quietMs > 0 && Date.now() - own.asked > 10 * this.quietMs) { this.known.delete(key); return; }
      const answer = await ask(path, overrides, question).catch(() => undefined);
      if (answer) own.answer = answer;
    });
    if (!this.settle) this.pending.add(this.batch());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle?.(), this.quietMs);
    return undefined;
  }

  private batch(): Promise<void> {
    const quiet = new Promise<void>((resolve) => { this.settle = resolve; });
    const over: Promise<void> = quiet.then(async () => {
      this.settle = undefined;
      const asked = this.wanted.splice(0);
      for (const one of asked) await one();
    }).finally(() => {
      this.pending.delete(over);
      this.changed();
    });
    return over;
  }
}

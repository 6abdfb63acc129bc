import { promises as fs } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { decodeCopies, type StoredCopies } from '../jobs/inline';
import { files, RunStore } from '../jobs/store';
import type { EvaluatePlan, ExposureHeader, InlineReport, RunRecord } from '../protocol';
import { Cache } from './cache';
import { readExposure } from './exposure';

/** A finished run and the tables it is about. */
export interface KnownRun { record: RunRecord; real: string; synthetic: string }

/** How long a listing is believed: runs of other processes (a terminal's) show after that. Our own ones call `changed`. */
const believedMs = 1500;

interface Entry { stamp: string; run?: KnownRun }
interface Home { at: number; entries: Map<string, Entry>; reading?: Promise<Map<string, Entry>> }

/**
 * Which finished runs are about a file, found in the run stores of its folder and of those above. A record is parsed when it changes and not again;
 * everything is read asynchronously, a few kilobytes at a time.
 */
export class Runs {
  private readonly homes = new Map<string, Home>();
  private readonly above = new Map<string, { at: number; homes: Promise<string[]> }>();
  private readonly reports = new Cache<InlineReport | undefined>(24);
  private readonly copied = new Cache<StoredCopies | undefined>(6);
  private readonly exposed = new Cache<ExposureHeader | undefined>(12);

  /** A run of this server changed: the next question looks at the disk. */
  changed(): void {
    for (const home of this.homes.values()) home.at = 0;
    this.above.clear();
  }

  /** The newest finished runs in which the file is the synthetic and the real table. */
  async about(path: string): Promise<{ synthetic?: KnownRun; real?: KnownRun }> {
    const lists = await Promise.all((await this.homesAbove(dirname(resolve(path)))).map((home) => this.list(home)));
    const runs = lists.flat().sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
    const synthetic = runs.find((r) => samePath(r.synthetic, path)), real = runs.find((r) => samePath(r.real, path));
    return { ...(synthetic && { synthetic }), ...(real && { real }) };
  }

  /** The finished runs that were made for targets of a `.synth` file, newest first, from the run stores of the given tables' folders, its own, and those above. */
  async declaredIn(file: string, tables: readonly string[] = []): Promise<KnownRun[]> {
    const homes = new Set((await Promise.all([file, ...tables].map((path) => this.homesAbove(dirname(resolve(path)))))).flat());
    const lists = await Promise.all([...homes].map((home) => this.list(home)));
    return lists.flat().filter((r) => r.record.origin !== undefined && samePath(r.record.origin.file, file)).sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
  }

  /** @returns undefined for a run that was made before there were inline reports, or whose file is damaged. */
  report(run: KnownRun): Promise<InlineReport | undefined> {
    return this.reports.get(run.record.folder, run.record.finished ?? '', async () => {
      try {
        const report = JSON.parse(await fs.readFile(join(run.record.folder, files.inline), 'utf8')) as InlineReport;
        return report.version === 1 ? report : undefined;
      } catch {
        return undefined;
      }
    });
  }

  copies(run: KnownRun): Promise<StoredCopies | undefined> {
    return this.copied.get(run.record.folder, run.record.finished ?? '', async () => {
      const bytes = await fs.readFile(join(run.record.folder, files.copies)).catch(() => undefined);
      return bytes && decodeCopies(bytes);
    });
  }

  /** What the run's exposure file tells in its header; undefined where there is none. */
  exposure(run: KnownRun): Promise<ExposureHeader | undefined> {
    return this.exposed.get(run.record.folder, run.record.finished ?? '', () => readExposure(join(run.record.folder, files.exposure)));
  }

  /** Folders with a run store, from the file's own upwards. */
  private homesAbove(folder: string): Promise<string[]> {
    const known = this.above.get(folder), now = Date.now();
    if (known && now - known.at < believedMs) return known.homes;
    const folders: string[] = [];
    for (let f = folder; ; f = dirname(f)) {
      folders.push(f);
      if (dirname(f) === f) break;
    }
    const homes = Promise.all(folders.map(async (f) => ((await fs.stat(new RunStore(f).runs).catch(() => undefined))?.isDirectory() ? f : undefined))).then((all) => all.filter((f) => f !== undefined));
    if (this.above.size > 200) this.above.clear();
    this.above.set(folder, { at: now, homes });
    return homes;
  }

  private async list(folder: string): Promise<KnownRun[]> {
    let home = this.homes.get(folder);
    if (!home) this.homes.set(folder, (home = { at: 0, entries: new Map() }));
    if (Date.now() - home.at >= believedMs) {
      const mine = home;
      mine.at = Date.now();
      mine.reading = this.read(folder, mine.entries).then((entries) => (mine.entries = entries));
    }
    const entries = (await home.reading) ?? home.entries;
    return [...entries.values()].flatMap((e) => e.run ?? []);
  }

  private async read(folder: string, before: Map<string, Entry>): Promise<Map<string, Entry>> {
    const { runs } = new RunStore(folder), names = await fs.readdir(runs).catch(() => [] as string[]);
    const found = await Promise.all(names.map(async (name): Promise<[string, Entry] | undefined> => {
      try {
        const path = join(runs, name, files.record), stat = await fs.stat(path), stamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`, known = before.get(name);
        if (known?.stamp === stamp) return [name, known];
        const record = JSON.parse(await fs.readFile(path, 'utf8')) as RunRecord;
        const run = record.state === 'finished' ? await this.known({ ...record, folder: join(runs, name), id: name }) : undefined;
        return [name, { stamp, ...(run && { run }) }];
      } catch {
        return undefined; // being written, being deleted, or no run
      }
    }));
    return new Map(found.filter((e) => e !== undefined));
  }

  private async known(record: RunRecord): Promise<KnownRun | undefined> {
    if (record.kind === 'synthesize') return record.out === undefined ? undefined : { record, real: record.source, synthetic: record.out };
    if (record.kind !== 'evaluate') return undefined;
    const plan = JSON.parse(await fs.readFile(join(record.folder, files.plan), 'utf8')) as EvaluatePlan;
    return { record, real: plan.real, synthetic: plan.synthetic };
  }
}

/** Whether two absolute paths name one file, by their letters; Windows and macOS do not tell case apart. */
export function samePath(a: string, b: string): boolean {
  if (a === b) return true;
  return (process.platform === 'win32' || process.platform === 'darwin') && resolve(a).toLowerCase() === resolve(b).toLowerCase();
}

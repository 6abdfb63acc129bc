import { randomBytes } from 'node:crypto';
import { promises as fs, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors';
import type { CollapsePlan, EvaluatePlan, ExplorePlan, Plan, ReportData, RunRecord } from '../protocol';
import { writeWhole } from '../targets/files';
import { sha256, systemError } from '../targets/source';

/** Names of the files in a run's folder. */
export const files = {
  record: 'run.json', plan: 'plan.json', checkpoint: 'checkpoint.bin', model: 'model.bin', curve: 'training.json',
  synthetic: 'synthetic.arrow', report: 'report.json', html: 'report.html', log: 'log.txt',
  /** What the editor shows on the tables themselves (inline.ts). */
  inline: 'inline.json', copies: 'copies.bin', exposure: 'exposure.bin',
  /** Of a run under a privacy budget: what was released of the table before training, and the report that may be published. */
  domain: 'domain.json', publishable: 'publishable.json', publishableHtml: 'publishable.html',
} as const;

const storeName = '.understudy';

/**
 * The runs of one folder, on disk under `.understudy/runs/`. The folder is the user's alone (mode 0700), because it holds
 * models and profiles of real tables, and a `.gitignore` keeps it out of version control.
 */
export class RunStore {
  readonly runs: string;
  /** The ledgers of what was released under privacy budgets, by source. */
  readonly privacy: string;
  /** @param home the folder that holds `.understudy`. */
  constructor(readonly home: string) {
    this.runs = join(home, storeName, 'runs');
    this.privacy = join(home, storeName, 'privacy');
  }

  /**
   * Makes a run's folder with its plan and its first record.
   * @throws UserError (system) when the folder cannot be written.
   */
  async create(plan: Plan | EvaluatePlan | CollapsePlan | ExplorePlan, fields: Pick<RunRecord, 'kind' | 'source' | 'versions'> & Partial<RunRecord>): Promise<RunRecord> {
    try {
      await fs.mkdir(this.runs, { recursive: true, mode: 0o700 });
      const ignore = join(this.home, storeName, '.gitignore');
      await fs.writeFile(ignore, '*\n', { flag: 'wx', mode: 0o600 }).catch((e) => { if (e.code !== 'EEXIST') throw e; });
      for (;;) {
        const id = newId();
        const folder = join(this.runs, id);
        try {
          await fs.mkdir(folder, { mode: 0o700 });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
          throw error;
        }
        await writeJson(join(folder, files.plan), plan);
        const record: RunRecord = { id, folder, state: 'queued', created: new Date().toISOString(), ...fields };
        await this.save(record);
        return record;
      }
    } catch (error) {
      throw systemError(error, join(this.home, storeName), 'written');
    }
  }

  /** Writes a run's record, whole or not at all. */
  async save(record: RunRecord): Promise<void> {
    await writeJson(join(record.folder, files.record), record);
  }

  /**
   * All runs, newest first. A folder without a readable record is left out; a run whose process is gone is shown as interrupted.
   */
  async list(): Promise<RunRecord[]> {
    const names = await fs.readdir(this.runs).catch(() => [] as string[]);
    const records = await Promise.all(names.map((name) => this.read(name).catch(() => undefined)));
    return records.filter((r) => r !== undefined).sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : a.id < b.id ? 1 : -1));
  }

  /**
   * One run by its id, or by any part of the id that only one run has.
   * @throws UserError (usage) when there is none, or several.
   */
  async find(id: string): Promise<RunRecord> {
    const all = await this.list();
    const found = all.filter((r) => r.id === id || r.name === id);
    const near = found.length ? found : all.filter((r) => r.id.includes(id));
    if (near.length === 1) return near[0]!;
    if (near.length === 0) throw new UserError(`There is no run "${id}" in ${this.runs}.`, {}, 'List them with "understudy runs".', 'usage');
    throw new UserError(`"${id}" could be any of ${near.slice(0, 5).map((r) => r.id).join(', ')}.`, {}, 'Give more of the id.', 'usage');
  }

  /** @throws UserError (usage) while the run is going on. */
  async remove(record: RunRecord): Promise<void> {
    if (record.state === 'running' || record.state === 'queued') throw new UserError(`The run ${record.id} is going on.`, {}, 'Cancel it first.', 'usage');
    await fs.rm(record.folder, { recursive: true, force: true });
  }

  /** Gives a run a name (an empty one takes it away) or a star. */
  async label(record: RunRecord, { name, starred }: { name?: string; starred?: boolean }): Promise<RunRecord> {
    const next: RunRecord = { ...record, ...(name !== undefined && { name: name.trim() }), ...(starred !== undefined && { starred }) };
    if (!next.name) delete next.name;
    if (!next.starred) delete next.starred;
    await this.save(next);
    return next;
  }

  async plan(record: RunRecord): Promise<Plan | EvaluatePlan> {
    return readJson<Plan | EvaluatePlan>(join(record.folder, files.plan), 'plan');
  }

  /** The plan of a laboratory run. */
  async laboratoryPlan(record: RunRecord): Promise<CollapsePlan | ExplorePlan> {
    return readJson<CollapsePlan | ExplorePlan>(join(record.folder, files.plan), 'plan');
  }

  async report(record: Pick<RunRecord, 'folder'>): Promise<ReportData> {
    return readJson<ReportData>(join(record.folder, files.report), 'report');
  }

  /**
   * Whether a file is a finished run's output, byte for byte: a user who edited it has made it theirs.
   * @param of only of a run that wrote this synthetic table
   */
  async isOurs(path: string, of?: string): Promise<boolean> {
    const claims = (await this.list()).filter((r) => of === undefined || r.out === of).flatMap((r) => [[r.out, r.outSha256], ...(r.outs ?? []).map((o) => [o.path, o.sha256] as const), [r.reportOut, r.reportSha256], [r.publishableOut, r.publishableSha256]] as const).filter(([file, hash]) => file === path && hash);
    if (claims.length === 0) return false;
    const actual = await sha256(path).catch(() => undefined);
    return claims.some(([, hash]) => hash === actual);
  }

  private async read(name: string): Promise<RunRecord | undefined> {
    const folder = join(this.runs, name);
    const record = JSON.parse(await fs.readFile(join(folder, files.record), 'utf8')) as RunRecord;
    // The folder may have been moved or copied since: where it lies now is what counts.
    record.folder = folder;
    record.id = name;
    if (record.state === 'running' && !(await isAlive(record, folder))) return { ...record, state: 'interrupted' };
    if (record.state === 'queued' && !processLives(record.pid)) return { ...record, state: 'interrupted' };
    return record;
  }
}

/** The `.understudy` a file's runs go to: the given folder's, else the nearest one above the file that is ours, else a new one beside the file. */
export async function storeFor(file: string, given?: string): Promise<RunStore> {
  if (given !== undefined) return new RunStore(resolve(given));
  return (await nearestStore(dirname(file))) ?? new RunStore(dirname(file));
}

/** The store of the nearest folder, going up, that has one belonging to this user. */
export async function nearestStore(from: string): Promise<RunStore | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const stat = await fs.stat(join(folder, storeName)).catch(() => undefined);
    if (stat?.isDirectory() && (process.getuid === undefined || stat.uid === process.getuid())) return new RunStore(folder);
    if (dirname(folder) === folder) return undefined;
  }
}

/** How long a running job may be silent before a process of its number is taken for another program's: it touches its log every second unless a long native call holds it. */
const silenceMs = 15 * 60_000;

async function isAlive(record: RunRecord, folder: string): Promise<boolean> {
  if (!processLives(record.pid)) return false;
  const beat = await fs.stat(join(folder, files.log)).catch(() => undefined);
  return !beat || Date.now() - beat.mtimeMs < silenceMs;
}

function processLives(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A killed process whose new parent (a container's bare init) never fetched its exit status still has its number, but will do nothing more. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // pid (name, which may hold anything) state ...
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}

/** Sorts by time and is short enough to type: 20260131-142233-9f3a. */
function newId(): string {
  const t = new Date().toISOString().replace(/[-:]/g, '');
  return `${t.slice(0, 8)}-${t.slice(9, 15)}-${randomBytes(2).toString('hex')}`;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, JSON.stringify(value, null, 2) + '\n');
}

async function readJson<T>(path: string, what: string): Promise<T> {
  let text: string;
  try {
    text = await fs.readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError(`This run has no ${what}.`, { file: path }, undefined, 'usage');
    throw systemError(error, path, 'read');
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new UserError(`The ${what} of this run is damaged.`, { file: path }, 'Delete the run.', 'system');
  }
}

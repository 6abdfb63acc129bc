/** What a case of the bench has at hand: the data, a folder of its own, targets made from `.synth` files, and the table that its lines go to. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Language } from '../../server/language/language';
import { makePlan } from '../../server/plan/plan';
import type { Figure, Plan, RunRecord } from '../../server/protocol';
import { splitName } from '../../server/targets/names';
import { ProgressMeter } from '../../server/targets/progress';
import { profileFile } from '../../server/targets/release/read';
import { releaseStages } from '../../server/targets/release/release';
import type { ReleaseJob } from '../../server/targets/release/job';
import { runTarget } from '../../server/targets/target';
import { read, type Rows } from './rows';

export interface Line {
  purpose: string; what: string; declared: string; reached: string; interval: string;
  /** Whether what was declared holds. */
  held: boolean;
  /** A planted fault: the line is as it should be if it does not hold. */
  control?: boolean;
}

/** What became of a target: its tables as they were written, its own figures and what it said. */
export interface Made { tables: Rows[]; notes: string[]; figure(id: string): Figure | undefined }

/** A run's surroundings without an editor, a worker or a record. */
export function jobIn(folder: string, plan: Plan): ReleaseJob {
  const file = (name: string): string => join(folder, name);
  return {
    id: 'bench', meter: new ProgressMeter(releaseStages(plan), () => undefined), breathe: async () => undefined, profiled: () => undefined, log: () => undefined, decided: async () => undefined, mayReplace: async () => true, resume: false,
    files: { checkpoint: file('checkpoint'), model: file('model'), curve: file('curve'), synthetic: file('synthetic.arrow') },
  };
}

export class Bench {
  readonly lines: Line[] = [];
  private readonly language = new Language({ inspect: (path, values) => profileFile(path, {}, values) });
  /** @param data the folder of the real tables @param cli the built command line; absent: targets are made in this process, without a report @param seed of fits and of what they draw @param whole default settings instead of a short training */
  constructor(readonly data: string, private readonly folder: string, private readonly cli: string | undefined, readonly samples: number, private readonly seed = 1, private readonly whole = false) {}

  /** How every target on Adult is fitted: shortly, and by steps; or by the defaults, which train six times as long. */
  get trained(): string { return `generator autoregressive${this.whole ? '' : ' { steps 300  hidden 64 }'}  budget 60m  seed ${this.seed}  device cpu`; }

  /** A path in the bench's own folder. */
  path(...names: string[]): string { return join(this.folder, ...names); }

  /** Writes a `.synth` file and makes one of its targets. @throws with what the run said, when it failed */
  async run(name: string, text: string, target: string): Promise<Made> {
    const folder = this.path(`${name}.runs`), file = this.path(`${name}.synth`), began = Date.now(), cpu = process.cpuUsage().user;
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `language 1\n${text}`);
    const made = this.cli === undefined ? await this.direct(file, target, folder) : this.byCommand(this.cli, file, target, folder);
    process.stderr.write(`${name} ${target}: ${((Date.now() - began) / 1000).toFixed(0)} s${this.cli === undefined ? `, of CPU ${((process.cpuUsage().user - cpu) / 1e6).toFixed(0)} s` : ''}\n`);
    return made;
  }

  /** `understudy run FILE TARGET`. */
  private byCommand(cli: string, file: string, target: string, folder: string): Made {
    const run = spawnSync(process.execPath, [cli, 'run', file, target, '--json', '--quiet', '--force', '--in', folder], { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (run.status !== 0) throw new Error((run.stderr || run.stdout).trim().slice(-600));
    const record = JSON.parse(run.stdout) as RunRecord, { stem, ending } = splitName(record.out!), paths = [record.out!];
    // Several tables are numbered: made.1.csv, made.2.csv ...
    if (stem.endsWith('.1')) for (let r = 2; existsSync(`${stem.slice(0, -1)}${r}${ending}`); r++) paths.push(`${stem.slice(0, -1)}${r}${ending}`);
    const { notes } = JSON.parse(readFileSync(join(record.folder, 'report.json'), 'utf8')) as { notes: string[] };
    return { tables: paths.map(read), notes, figure: (id) => record.figures?.[id] };
  }

  /** The same file, compiled and carried out here: what the command does, but for the report. */
  private async direct(file: string, target: string, folder: string): Promise<Made> {
    const { request, declared } = await this.language.compile(await this.language.open(file), target), plan = { ...(await makePlan({ ...request, force: true }, { cwd: this.folder, isOurs: async () => true })), ...declared };
    const made = await runTarget(plan, jobIn(folder, plan));
    return { tables: made.outs.map((o) => read(o.path)), notes: made.notes, figure: (id) => made.targetFigures.find((f) => f.metric === id) };
  }

  say(line: Line): void {
    this.lines.push(line);
    process.stderr.write(`  ${rowOf(line)}\n`);
  }
}

/** As it should be: what was declared holds, and planted faults are seen. */
export const right = (l: Line): boolean => l.held !== Boolean(l.control);
export const rowOf = (l: Line): string => `| ${l.purpose} | ${l.control ? `*planted:* ${l.what}` : l.what} | ${l.declared} | ${l.reached} | ${l.interval} | ${l.control ? (l.held ? '**not seen**' : 'seen to fail') : l.held ? 'reached' : '**not reached**'} |`;
export const fixed = (x: number, n = 3): string => x.toFixed(n);
export const span = (low: number, high: number, n = 3): string => `${fixed(low, n)} to ${fixed(high, n)}`;

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors';
import type { Figure } from '../../protocol';
import { packTable } from '../../table/packed';
import type { Judged } from '../options';
import type { LaneMessage, LaneTask, PackedJudged } from './messages';

/** Below so many cells a second thread takes longer to start than it saves; beyond so many, the copy of the tables and what it computes from them is memory better saved (a million rows of twenty columns: 3.1 GB, where one thread takes 2.0). */
const worthCells = 100_000, mostCells = 2e7;

/** The bundle of the second thread, where there is one, a core for it and enough to do. */
export function laneFor({ training, synthetic, control, folds }: Judged): string | undefined {
  const cells = (training.rows + synthetic.rows + (control?.rows ?? 0)) * training.columns.length * (folds ? folds.length : 1);
  if (cells < worthCells || cells > mostCells || availableParallelism() < 2) return undefined;
  return [join(__dirname, 'lane.js'), join(__dirname, 'server', 'lane.js')].find(p => existsSync(p));
}

export interface SecondThread {
  /** Resolves when it has no more to do. Rejects with what went wrong there, as here. */
  readonly done: Promise<void>;
  /** Ends it where it stands. */
  stop(): void;
}

/** Starts the second thread. `judged` is copied to it. */
export function startSecond(path: string, judged: Judged, groups: string[][], claims: Int32Array, heard: { figure(figure: Figure, seconds: number): void; progress(id: string, fraction: number): void }): SecondThread {
  const task: LaneTask = { judged: pack(judged), groups, claims };
  const worker = new Worker(path, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20) } });
  const done = new Promise<void>((resolve, reject) => {
    worker.on('message', (m: LaneMessage) => {
      if (m.type === 'figure') heard.figure(m.figure, m.seconds);
      else if (m.type === 'progress') heard.progress(m.id, m.fraction);
      else reject(m.error.code ? new UserError(m.error.message, m.error.place, m.error.hint, m.error.code) : new Error(m.error.message));
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
  // whoever awaits it hears of a failure; until then nobody need
  done.catch(() => undefined);
  return { done, stop: () => void worker.terminate() };
}

function pack({ training, synthetic, control, keys, folds, controlWithout, outcome, seed, device, sensitive, positive, order, entity, rules }: Judged): PackedJudged {
  return {
    training: packTable(training), synthetic: packTable(synthetic), ...(control && { control: packTable(control) }),
    ...(keys && { keys: { training: packTable(keys.training), synthetic: packTable(keys.synthetic), ...(keys.control && { control: packTable(keys.control) }) } }),
    ...(folds && { folds: folds.map(f => ({ training: packTable(f.training), synthetic: packTable(f.synthetic), control: packTable(f.control), rows: f.rows })) }),
    ...(controlWithout && { controlWithout }), ...(outcome && { outcome }), seed, device,
    ...(sensitive && { sensitive }), ...(positive !== undefined && { positive }), ...(order !== undefined && { order }), ...(entity !== undefined && { entity }), ...(rules && { rules }),
  };
}

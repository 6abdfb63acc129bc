import { UserError } from '../errors';
import type { ColumnOverride, PairPicture, RowsAnswer, RowsQuestion, TableProfile, WorkerMessage, WorkerRequest } from '../protocol';
import { explainExit, WorkerProcess } from './host';
import { Queue } from './queue';

/** How long an idle profile worker is kept: a user who opens one table often opens the next. */
const idleMs = 60_000;

/** Profiles tables, and draws pairs of a run's columns, in one light worker that is reused, and started again after a crash. */
export class Inspector {
  private worker: WorkerProcess | undefined;
  private answer: ((message: WorkerMessage) => void) | undefined;
  private readonly queue = new Queue();
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly path: () => string) {}

  /** @throws UserError when the table cannot be read, or the worker is gone. */
  inspect(path: string, overrides?: Record<string, ColumnOverride>, values?: number): Promise<TableProfile> {
    return this.queue.run(path, () => this.ask({ type: 'inspect', path, ...(overrides && { overrides }), ...(values !== undefined && { values }) }, (message) => (message.type === 'profile' ? message.profile : undefined)));
  }

  /** @throws UserError when the table cannot be read, or the worker is gone. */
  rows(path: string, overrides: Record<string, ColumnOverride>, question: RowsQuestion): Promise<RowsAnswer> {
    return this.queue.run(path, () => this.ask({ type: 'rows', path, overrides, question }, (message) => (message.type === 'rows' ? message.answer : undefined)));
  }

  /** @throws UserError when the run's tables are gone or changed, or the worker is gone. */
  pair(folder: string, a: string, b: string): Promise<PairPicture> {
    return this.queue.run(folder, () => this.ask({ type: 'pair', folder, a, b }, (message) => (message.type === 'pair' ? message.picture : undefined)));
  }

  close(): void {
    clearTimeout(this.idle);
    this.queue.clear();
    this.worker?.kill();
    this.worker = undefined;
  }

  /** @param take what the answer holds; undefined for any other message */
  private ask<T>(request: WorkerRequest, take: (message: WorkerMessage) => T | undefined): Promise<T> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.start());
    worker.keepsUsAlive(true);
    return new Promise<T>((resolve, reject) => {
      this.answer = (message) => {
        const taken = take(message);
        if (taken !== undefined) resolve(taken);
        else if (message.type === 'failed') {
          const { error } = message;
          reject(new UserError(error.message, error.place, error.hint, error.code as UserError['code']));
        }
      };
      void worker.exited.then((exit) => reject(explainExit(exit)));
      worker.send(request);
    }).finally(() => {
      this.answer = undefined;
      worker.keepsUsAlive(false);
      this.idle = setTimeout(() => this.close(), idleMs);
      this.idle.unref();
    });
  }

  private start(): WorkerProcess {
    const worker = new WorkerProcess(this.path(), (message) => this.answer?.(message));
    void worker.exited.then(() => {
      if (this.worker === worker) this.worker = undefined;
    });
    return worker;
  }
}

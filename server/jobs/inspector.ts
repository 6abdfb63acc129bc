import { UserError } from '../errors';
import type { ColumnOverride, TableProfile, WorkerMessage } from '../protocol';
import { explainExit, WorkerProcess } from './host';
import { Queue } from './queue';

/** How long an idle profile worker is kept: a user who opens one table often opens the next. */
const idleMs = 60_000;

/** Profiles tables in one light worker that is reused, and started again after a crash. */
export class Inspector {
  private worker: WorkerProcess | undefined;
  private answer: ((message: WorkerMessage) => void) | undefined;
  private readonly queue = new Queue();
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly path: () => string) {}

  /** @throws UserError when the table cannot be read, or the worker is gone. */
  inspect(path: string, overrides?: Record<string, ColumnOverride>): Promise<TableProfile> {
    return this.queue.run(path, () => this.ask(path, overrides));
  }

  close(): void {
    clearTimeout(this.idle);
    this.queue.clear();
    this.worker?.kill();
    this.worker = undefined;
  }

  private ask(path: string, overrides?: Record<string, ColumnOverride>): Promise<TableProfile> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.start());
    worker.keepsUsAlive(true);
    return new Promise<TableProfile>((resolve, reject) => {
      this.answer = (message) => {
        if (message.type === 'profile') resolve(message.profile);
        else if (message.type === 'failed') {
          const { error } = message;
          reject(new UserError(error.message, error.place, error.hint, error.code as UserError['code']));
        }
      };
      void worker.exited.then((exit) => reject(explainExit(exit)));
      worker.send({ type: 'inspect', path, ...(overrides && { overrides }) });
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

import type { WorkerMessage } from '../protocol';

/** What a job in a worker has of the world outside. */
export interface JobContext {
  send(message: WorkerMessage): void;
  /** To be awaited often during long work: lets a cancel be heard, and throws a cancelled UserError after one. */
  breathe(): Promise<void>;
}

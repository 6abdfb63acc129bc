import { cancelled } from '../errors';

/** Runs one job at a time, in the order they came: two fits would only take each other's cores and memory. */
export class Queue {
  private readonly waiting: Array<{ id: string; start: () => void; drop: () => void }> = [];
  private busy = false;

  /**
   * Runs `job` when its turn comes.
   * @returns what the job returns; rejects with a cancelled UserError when it was dropped before it began.
   */
  run<T>(id: string, job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        this.busy = true;
        // Resolved before the next one starts: whoever awaits a job sees its end before its successor's beginning.
        job().then(resolve, reject).finally(() => {
          this.busy = false;
          this.waiting.shift()?.start();
        });
      };
      if (this.busy) this.waiting.push({ id, start, drop: () => reject(cancelled()) });
      else start();
    });
  }

  /** Drops a job that has not begun. @returns false when it has, or is unknown. */
  drop(id: string): boolean {
    const at = this.waiting.findIndex((w) => w.id === id);
    if (at < 0) return false;
    const [job] = this.waiting.splice(at, 1);
    job!.drop();
    return true;
  }

  /** Drops everything that has not begun. */
  clear(): void {
    for (const job of this.waiting.splice(0)) job.drop();
  }
}

/** The runs this window has heard of, and the waiting for one to end. */
import * as vscode from 'vscode';
import type { RunRecord, RunState } from '../../server/protocol';
import type { Connection } from '../server/connection';

const ended: ReadonlySet<RunState> = new Set(['finished', 'failed', 'cancelled', 'interrupted']);
export const hasEnded = (run: RunRecord) => ended.has(run.state);

export class Tracker implements vscode.Disposable {
  private readonly known = new Map<string, RunRecord>();
  private readonly emitter = new vscode.EventEmitter<RunRecord>();
  private readonly listeners: vscode.Disposable[];
  readonly onChange = this.emitter.event;

  constructor(server: Connection) {
    this.listeners = [
      server.onRun((run) => this.set(run)),
      // Its runs died with it; their folders are whole and can be resumed.
      server.onLost(() => { for (const run of this.active()) this.set({ ...run, state: 'interrupted' }); }),
    ];
  }

  /** Runs under way, oldest first. */
  active(): RunRecord[] { return [...this.known.values()].filter((run) => !hasEnded(run)); }
  get(id: string): RunRecord | undefined { return this.known.get(id); }

  private set(run: RunRecord): void {
    this.known.set(run.id, run);
    this.emitter.fire(run);
  }

  /** The final record of a run that a request has just answered. Notifications may have overtaken the answer. */
  ending(started: RunRecord): Promise<RunRecord> {
    const now = this.known.get(started.id);
    // A resumed run is known as ended from before.
    const stale = now && hasEnded(now) && now.started === started.started && !hasEnded(started);
    if (!now || stale) this.set(started);
    const current = this.known.get(started.id)!;
    if (hasEnded(current)) return Promise.resolve(current);
    return new Promise((resolve) => {
      const listener = this.onChange((run) => {
        if (run.id !== started.id || !hasEnded(run)) return;
        listener.dispose();
        resolve(run);
      });
    });
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.emitter.dispose();
  }
}

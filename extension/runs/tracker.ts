/** The runs this window has heard of, how their loss went, and the waiting for one to end. */
import * as vscode from 'vscode';
import type { RunRecord, RunState } from '../../server/protocol';
import { t } from '../l10n';
import type { Connection } from '../server/connection';

const ended: ReadonlySet<RunState> = new Set(['finished', 'failed', 'cancelled', 'interrupted']);
export const hasEnded = (run: RunRecord) => ended.has(run.state);

/** Points of a loss curve kept for its sparkline. */
const mostPoints = 400;

/** Marks a run that ended because the server did; the server's end is told once, not once a run. */
export const lostCode = 'server-lost';

export class Tracker implements vscode.Disposable {
  private readonly known = new Map<string, RunRecord>();
  private readonly curves = new Map<string, { step?: number; loss: number[] }>();
  private readonly emitter = new vscode.EventEmitter<RunRecord>();
  private readonly listeners: vscode.Disposable[];
  readonly onChange = this.emitter.event;

  constructor(server: Connection) {
    this.listeners = [
      server.onRun((run) => this.set(run)),
      // Its runs died with it; their folders are whole and can be resumed.
      server.onLost(({ crashed }) => {
        const error = { message: t('The server that did this run ended.'), hint: t('The run can go on from its last checkpoint.'), code: crashed ? lostCode : 'interrupted' };
        for (const run of this.active()) this.set({ ...run, state: 'interrupted', error });
      }),
    ];
  }

  /** Runs under way, oldest first. */
  active(): RunRecord[] { return [...this.known.values()].filter((run) => !hasEnded(run)); }
  get(id: string): RunRecord | undefined { return this.known.get(id); }
  /** The loss of a run so far, as far as this window heard it. */
  losses(id: string): readonly number[] { return this.curves.get(id)?.loss ?? []; }
  /** What this window heard of a run is void: it was deleted. */
  drop(id: string): void { this.known.delete(id); this.curves.delete(id); }

  private set(run: RunRecord): void {
    this.known.set(run.id, run);
    this.keepLoss(run);
    this.emitter.fire(run);
  }

  private keepLoss({ id, progress }: RunRecord): void {
    if (progress?.phase !== 'training' || progress.loss === undefined) return;
    let curve = this.curves.get(id);
    // A resumed or repeated fit starts its steps anew.
    if (!curve || (progress.step ?? 0) < (curve.step ?? 0)) this.curves.set(id, curve = { loss: [] });
    if (progress.step !== undefined && progress.step === curve.step) return;
    curve.step = progress.step;
    curve.loss.push(progress.loss);
    if (curve.loss.length > mostPoints) curve.loss = curve.loss.filter((_, i) => i % 2 === 0);
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

/** The losses of runs as they are heard of, so that a panel opened late still shows the whole curve. No `vscode` here but for types. */
import type * as vscode from 'vscode';
import type { LiveCurve, RunRecord } from '../../server/protocol';

/** Beyond so many points every second one goes: a curve of a few hundred is all a screen shows. */
const mostPoints = 600;

export class LiveCurves implements vscode.Disposable {
  private readonly curves = new Map<string, LiveCurve>();
  private readonly listener: vscode.Disposable;

  constructor(runs: { onChange(listen: (run: RunRecord) => void): vscode.Disposable }) {
    this.listener = runs.onChange((run) => this.add(run));
  }

  /** A copy: pictures are drawn again only for a new object. */
  of(id: string): LiveCurve {
    const { steps, loss, validationSteps, validation } = this.curves.get(id) ?? empty();
    return { steps: [...steps], loss: [...loss], validationSteps: [...validationSteps], validation: [...validation] };
  }

  private add({ id, state, progress: p }: RunRecord): void {
    if (state === 'finished') { this.curves.delete(id); return; }
    if (p?.step === undefined || !(p.phase === 'training' || p.phase === 'warming-up')) return;
    const curve = this.curves.get(id) ?? empty();
    // A resumed run goes on from its checkpoint: what lay after it is done again.
    const last = curve.steps[curve.steps.length - 1];
    if (last !== undefined && p.step < last) trim(curve, p.step);
    if (p.loss !== undefined && Number.isFinite(p.loss) && curve.steps[curve.steps.length - 1] !== p.step) { curve.steps.push(p.step); curve.loss.push(p.loss); }
    // The last validation loss is repeated with every message until there is a new one.
    if (p.validationLoss !== undefined && Number.isFinite(p.validationLoss) && curve.validation[curve.validation.length - 1] !== p.validationLoss) { curve.validationSteps.push(p.step); curve.validation.push(p.validationLoss); }
    if (curve.steps.length > mostPoints) { curve.steps = thin(curve.steps); curve.loss = thin(curve.loss); }
    if (curve.validation.length > mostPoints) { curve.validationSteps = thin(curve.validationSteps); curve.validation = thin(curve.validation); }
    this.curves.set(id, curve);
  }

  dispose(): void { this.listener.dispose(); }
}

const empty = (): LiveCurve => ({ steps: [], loss: [], validationSteps: [], validation: [] });
/** Every second point, the last always kept. */
const thin = (xs: number[]): number[] => xs.filter((_, i) => (xs.length - 1 - i) % 2 === 0);
function trim(curve: LiveCurve, step: number): void {
  const keep = curve.steps.filter((s) => s < step).length, kept = curve.validationSteps.filter((s) => s < step).length;
  curve.steps.length = curve.loss.length = keep;
  curve.validationSteps.length = curve.validation.length = kept;
}

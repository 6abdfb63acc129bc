import type { DeviceInfo, Phase, Progress } from '../protocol';

/** One stage of a job and about how many seconds it takes: the weight of its part of the bar. */
export interface Stage { phase: Phase; seconds: number }

/** What a stage says of itself; `fraction` is of the stage, `secondsLeft` of the stage. */
export type StageReport = Partial<Omit<Progress, 'fraction' | 'phase'>> & { phase?: Phase; fraction?: number };

/**
 * One progress figure for a job of several stages. The fraction never goes back; the time left is the stage's own
 * estimate (or extrapolated from its fraction) plus the later stages' weights, scaled by how the weights of the
 * finished stages compared with the clock, and smoothed so that it does not jump about.
 */
export class ProgressMeter {
  private current = -1;
  private stageStart = 0;
  private shown = 0;
  private smoothed: number | undefined;
  private smoothedAt = 0;
  private device: DeviceInfo | undefined;
  private predicted = 0;
  private measured = 0;

  /** @param now the clock in milliseconds; only tests pass one. */
  constructor(private readonly stages: readonly Stage[], private readonly send: (p: Progress) => void, private readonly now: () => number = Date.now) {}

  /** Begins a stage. Stages come in the order of the list; those left out count as done. */
  begin(phase: Phase, message?: string): void {
    const at = this.now();
    if (this.current >= 0) {
      this.predicted += this.stages[this.current]!.seconds;
      this.measured += (at - this.stageStart) / 1000;
    }
    const next = this.stages.findIndex((s, i) => i > this.current && s.phase === phase);
    if (next < 0) throw new Error(`stage ${phase} is not ahead`);
    this.current = next;
    this.stageStart = at;
    this.smoothed = undefined; // a stage that was left out, or took a tenth of its weight, is news to be shown at once
    this.report({ fraction: 0, ...(message !== undefined && { message }) });
  }

  /** News from within the current stage. A phase name other than the stage's own (a fit's warm-up) is shown as it is. */
  report(report: StageReport): void {
    const stage = this.stages[this.current];
    if (!stage) throw new Error('no stage has begun');
    const { fraction = 0, secondsLeft: own, device, phase, ...rest } = report;
    if (device) this.device = device;
    const f = Math.min(1, Math.max(0, fraction));
    const total = this.stages.reduce((sum, s) => sum + s.seconds, 0);
    const done = this.stages.slice(0, this.current).reduce((sum, s) => sum + s.seconds, 0);
    this.shown = Math.max(this.shown, Math.min(1, (done + f * stage.seconds) / total));
    const left = this.estimate(stage, f, own);
    this.send({ phase: phase ?? stage.phase, fraction: this.shown, ...rest, secondsLeft: left, ...(this.device && { device: this.device }) });
  }

  private estimate(stage: Stage, fraction: number, own: number | undefined): number {
    const at = this.now();
    const elapsed = (at - this.stageStart) / 1000;
    // A stage's own pace is believed once a tenth of it is done; before that its weight is.
    const inStage = own ?? (fraction >= 0.1 ? (elapsed * (1 - fraction)) / fraction : Math.max(0, stage.seconds - elapsed));
    const later = this.stages.slice(this.current + 1).reduce((sum, s) => sum + s.seconds, 0);
    // One second of prior weight keeps a first stage of milliseconds from setting the pace of everything.
    const pace = Math.min(4, Math.max(0.25, (this.measured + 5) / (this.predicted + 5)));
    const raw = inStage + later * pace;
    if (this.smoothed === undefined) this.smoothed = raw;
    else {
      const gap = (at - this.smoothedAt) / 1000;
      const expected = Math.max(0, this.smoothed - gap);
      this.smoothed = expected + (raw - expected) * (1 - Math.exp(-gap / 3));
    }
    this.smoothedAt = at;
    return Math.max(0, this.smoothed);
  }
}

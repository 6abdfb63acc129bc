import { Presets, SingleBar } from 'cli-progress';
import pc from 'picocolors';
import type { Progress, RunRecord } from '../protocol';
import { duration } from './format';

/** Shows a run's progress on stderr. */
export interface ProgressView { update(record: RunRecord): void; stop(): void }

/** A bar on a terminal, a few plain lines in a file or a pipe, nothing when quiet. */
export function progressView(quiet: boolean): ProgressView {
  if (quiet) return { update: () => undefined, stop: () => undefined };
  return process.stderr.isTTY ? bar() : lines();
}

function bar(): ProgressView {
  const view = new SingleBar({
    format: `{bar} {percentage}%  {text}`, stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 24,
    // The default redraws only every 100 ms and keeps a timer that would outlive us.
    fps: 10, etaBuffer: 2, linewrap: false, gracefulExit: false,
  }, Presets.shades_classic);
  let started = false;
  return {
    update(record) {
      if (!record.progress) return;
      const payload = { text: describe(record.progress) };
      const percent = Math.floor(100 * record.progress.fraction);
      if (started) view.update(percent, payload);
      else view.start(100, percent, payload);
      started = true;
    },
    stop() {
      if (started) view.stop();
      started = false;
    },
  };
}

function lines(): ProgressView {
  let last = '';
  let lastTenth = -1;
  return {
    update({ progress }) {
      if (!progress) return;
      const tenth = Math.floor(10 * progress.fraction);
      if (progress.phase === last && tenth === lastTenth) return;
      last = progress.phase;
      lastTenth = tenth;
      process.stderr.write(`${String(Math.floor(100 * progress.fraction)).padStart(3)}%  ${describe(progress)}\n`);
    },
    stop: () => undefined,
  };
}

/** training 1200/4000, loss 12.31 (validation 12.40), 32 s left, CPU (2 threads) */
export function describe(p: Progress): string {
  const parts = [p.phase + (p.step !== undefined && p.steps ? ` ${p.step}/${p.steps}` : '')];
  if (p.message) parts.push(p.message);
  if (p.loss !== undefined) parts.push(`loss ${p.loss.toPrecision(4)}${p.validationLoss !== undefined ? ` (validation ${p.validationLoss.toPrecision(4)})` : ''}`);
  if (p.secondsLeft !== undefined && p.fraction < 1) parts.push(`${duration(Math.max(1, p.secondsLeft))} left`);
  if (p.device) parts.push(pc.dim(p.device.description));
  return parts.join(', ');
}

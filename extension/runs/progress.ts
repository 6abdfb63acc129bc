/** A run's progress in words. No `vscode` here. */
import type { DeviceInfo, Phase, Progress, RunRecord, RunState } from '../../server/protocol';
import { t } from '../l10n';
import { count, duration } from '../words';

const phases: Record<Phase, string> = {
  reading: t('Reading'), profiling: t('Profiling'), preparing: t('Preparing'), 'warming-up': t('Warming up'), training: t('Training'),
  sampling: t('Sampling'), writing: t('Writing'), evaluating: t('Evaluating'), reporting: t('Writing the report'),
};

const devices: Record<string, string> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA', directml: 'DirectML', coreml: 'CoreML' };
const doing: Record<RunRecord['kind'], (file: string) => string> = {
  synthesize: (file) => t('Synthesizing {0}', file), evaluate: (file) => t('Evaluating {0}', file), collapse: (file) => t('Refitting {0}', file), explore: (file) => t('Sweeping {0}', file),
};

const states: Record<RunState, string> = {
  queued: t('queued'), running: t('running'), finished: t('finished'), failed: t('failed'), cancelled: t('cancelled'), interrupted: t('interrupted'),
};
/** A state within a line; the ids themselves, in English. */
export const stateWord = (state: RunState) => states[state] ?? state;

/** A phase within a line; the ids themselves, in English. */
const phaseWords: Record<Phase, string> = {
  reading: t('reading'), profiling: t('profiling'), preparing: t('preparing'), 'warming-up': t('warming-up'), training: t('training'),
  sampling: t('sampling'), writing: t('writing'), evaluating: t('evaluating'), reporting: t('reporting'),
};
export const phaseWord = (phase: Phase) => phaseWords[phase] ?? phase;

export const deviceName = (name: string) => devices[name] ?? name;

export const percent = (fraction: number) => `${Math.floor(100 * Math.min(1, Math.max(0, fraction)))}%`;

/** "Training · loss 1.234 ▇▅▃▁ · 34 s left · CPU". @param spark the loss so far, drawn as a word. */
export function line(progress: Progress | undefined, spark = ''): string {
  if (!progress) return t('Waiting for its turn');
  const loss = progress.validationLoss ?? progress.loss;
  return [
    phases[progress.phase],
    loss !== undefined && progress.phase === 'training' ? [t('loss {0}', loss.toFixed(3)), spark].filter(Boolean).join(' ') : '',
    progress.secondsLeft !== undefined ? t('{0} left', duration(progress.secondsLeft)) : '',
    progress.device ? deviceName(progress.device.name) : '',
  ].filter(Boolean).join(' · ');
}

/** Which device computes, and why not a better one. */
export function deviceSentence({ name, description, whyNotBetter }: DeviceInfo): string {
  return `${t('On {0} ({1})', deviceName(name), description)}${whyNotBetter ? `. ${whyNotBetter}` : ''}`;
}

/** "12 s ago", "5 min ago", "yesterday"; beyond a week the date. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return t('just now');
  if (seconds < 3600) return t('{0} min ago', Math.floor(seconds / 60));
  if (seconds < 86_400) return t('{0} h ago', Math.floor(seconds / 3600));
  if (seconds < 7 * 86_400) { const days = Math.floor(seconds / 86_400); return days === 1 ? t('yesterday') : t('{0} days ago', days); }
  return iso.slice(0, 10);
}

export const phaseName = (phase: Phase) => phases[phase];

/** What the status item's tooltip tells, in lines of plain text. */
export function details(run: RunRecord): string[] {
  const p = run.progress;
  const lines = [doing[run.kind](run.source.split(/[\\/]/).pop()!)];
  if (!p) return [...lines, t('Waiting for its turn.')];
  lines.push(`${phases[p.phase]}${p.message ? `: ${p.message}` : ''} (${percent(p.fraction)})`);
  if (p.step !== undefined && p.steps) lines.push(t('Step {0} of {1}', count(p.step), count(p.steps)));
  if (p.loss !== undefined) lines.push(p.validationLoss !== undefined ? t('Loss {0}, validation {1}', p.loss.toFixed(4), p.validationLoss.toFixed(4)) : t('Loss {0}', p.loss.toFixed(4)));
  if (p.secondsLeft !== undefined) lines.push(t('{0} left', duration(p.secondsLeft)));
  if (p.device) lines.push(deviceSentence(p.device));
  return lines;
}

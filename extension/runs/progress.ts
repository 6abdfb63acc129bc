/** A run's progress in words. No `vscode` here. */
import type { DeviceInfo, Phase, Progress, RunRecord } from '../../server/protocol';
import { duration } from '../words';

const phases: Record<Phase, string> = {
  reading: 'Reading', profiling: 'Profiling', preparing: 'Preparing', 'warming-up': 'Warming up', training: 'Training',
  sampling: 'Sampling', writing: 'Writing', evaluating: 'Evaluating', reporting: 'Writing the report',
};

const devices: Record<string, string> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA', directml: 'DirectML', coreml: 'CoreML' };
const doing: Record<RunRecord['kind'], string> = { synthesize: 'Synthesizing', evaluate: 'Evaluating', collapse: 'Refitting', explore: 'Sweeping' };

export const deviceName = (name: string) => devices[name] ?? name;

export const percent = (fraction: number) => `${Math.floor(100 * Math.min(1, Math.max(0, fraction)))}%`;

/** "Training · loss 1.234 ▇▅▃▁ · 34 s left · CPU". @param spark the loss so far, drawn as a word. */
export function line(progress: Progress | undefined, spark = ''): string {
  if (!progress) return 'Waiting for its turn';
  const loss = progress.validationLoss ?? progress.loss;
  return [
    phases[progress.phase],
    loss !== undefined && progress.phase === 'training' ? [`loss ${loss.toFixed(3)}`, spark].filter(Boolean).join(' ') : '',
    progress.secondsLeft !== undefined ? `${duration(progress.secondsLeft)} left` : '',
    progress.device ? deviceName(progress.device.name) : '',
  ].filter(Boolean).join(' · ');
}

/** Which device computes, and why not a better one. */
export function deviceSentence({ name, description, whyNotBetter }: DeviceInfo): string {
  return `On ${deviceName(name)} (${description})${whyNotBetter ? `. ${whyNotBetter}` : ''}`;
}

/** "12 s ago", "5 min ago", "yesterday"; beyond a week the date. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) { const days = Math.floor(seconds / 86_400); return days === 1 ? 'yesterday' : `${days} days ago`; }
  return iso.slice(0, 10);
}

export const phaseName = (phase: Phase) => phases[phase];

/** What the status item's tooltip tells, in lines of plain text. */
export function details(run: RunRecord): string[] {
  const p = run.progress;
  const lines = [`${doing[run.kind]} ${run.source.split(/[\\/]/).pop()}`];
  if (!p) return [...lines, 'Waiting for its turn.'];
  lines.push(`${phases[p.phase]}${p.message ? `: ${p.message}` : ''} (${percent(p.fraction)})`);
  if (p.step !== undefined && p.steps) lines.push(`Step ${p.step.toLocaleString('en-US')} of ${p.steps.toLocaleString('en-US')}`);
  if (p.loss !== undefined) lines.push(`Loss ${p.loss.toFixed(4)}${p.validationLoss !== undefined ? `, validation ${p.validationLoss.toFixed(4)}` : ''}`);
  if (p.secondsLeft !== undefined) lines.push(`${duration(p.secondsLeft)} left`);
  if (p.device) lines.push(deviceSentence(p.device));
  return lines;
}

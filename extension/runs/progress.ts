/** A run's progress in words. No `vscode` here. */
import type { Phase, Progress, RunRecord } from '../../server/protocol';
import { duration } from '../words';

const phases: Record<Phase, string> = {
  reading: 'Reading', profiling: 'Profiling', preparing: 'Preparing', 'warming-up': 'Warming up', training: 'Training',
  sampling: 'Sampling', writing: 'Writing', evaluating: 'Evaluating', reporting: 'Writing the report',
};

const devices: Record<string, string> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA', directml: 'DirectML', coreml: 'CoreML' };
export const deviceName = (name: string) => devices[name] ?? name;

export const percent = (fraction: number) => `${Math.floor(100 * Math.min(1, Math.max(0, fraction)))}%`;

/** "Training · loss 1.234 · 34 s left · CPU" */
export function line(progress: Progress | undefined): string {
  if (!progress) return 'Waiting for its turn';
  const loss = progress.validationLoss ?? progress.loss;
  return [
    phases[progress.phase],
    loss !== undefined && progress.phase === 'training' ? `loss ${loss.toFixed(3)}` : '',
    progress.secondsLeft !== undefined ? `${duration(progress.secondsLeft)} left` : '',
    progress.device ? deviceName(progress.device.name) : '',
  ].filter(Boolean).join(' · ');
}

/** What the status item's tooltip tells, as Markdown lines. */
export function details(run: RunRecord): string[] {
  const p = run.progress;
  const lines = [`**${run.kind === 'evaluate' ? 'Evaluating' : 'Synthesizing'}** ${run.source.split(/[\\/]/).pop()}`];
  if (!p) return [...lines, 'Waiting for its turn.'];
  lines.push(`${phases[p.phase]}${p.message ? `: ${p.message}` : ''} (${percent(p.fraction)})`);
  if (p.step !== undefined && p.steps) lines.push(`Step ${p.step.toLocaleString('en-US')} of ${p.steps.toLocaleString('en-US')}`);
  if (p.loss !== undefined) lines.push(`Loss ${p.loss.toFixed(4)}${p.validationLoss !== undefined ? `, validation ${p.validationLoss.toFixed(4)}` : ''}`);
  if (p.secondsLeft !== undefined) lines.push(`${duration(p.secondsLeft)} left`);
  if (p.device) lines.push(`On ${deviceName(p.device.name)} (${p.device.description})${p.device.whyNotBetter ? `. ${p.device.whyNotBetter}` : ''}`);
  return lines;
}

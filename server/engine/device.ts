/**
 * Devices: where programs run. A device other than the CPU counts as working only after it has trained a small known program to
 * the CPU's numbers with all of its mathematics on the device (`probe.ts`); `auto` also asks that it be faster.
 */
import { availableParallelism, cpus } from 'node:os';
import { UserError } from '../errors';
import type { DeviceChoice, DeviceInfo } from '../protocol';
import { hardwareNote, notBuilt, physicalCores } from './hardware';
import type { Target } from './lower';
import { probeSpeed, probeTraining } from './probe';
import { compileProgram, type Program, type ProgramSpec } from './program';
import type { SessionSettings } from './session';
import { createTrainer, type Trainer, type TrainOptions, type TrainSpec } from './trainer';

/** An open device. Everything compiled or trained on it is released by the caller. */
export interface Device {
  readonly info: DeviceInfo;
  /** A function of named inputs. One session serves changing weights (pass them as inputs) or frozen ones (faster: packed once). */
  compile<O extends string>(spec: ProgramSpec<O>): Promise<Program<O>>;
  train(spec: TrainSpec, options: TrainOptions): Promise<Trainer>;
}
export interface OpenOptions { /** CPU threads of one program; default: physical cores */ threads?: number }

export function makeDevice(info: DeviceInfo, settings: SessionSettings): Device {
  return { info, compile: (spec) => compileProgram(spec, settings), train: (spec, options) => createTrainer(spec, options, settings) };
}

const titles: Record<Target, string> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA', directml: 'DirectML', coreml: 'CoreML' };
/** What `auto` tries before the CPU, best first. DirectML and CoreML only by name, until seen to train. */
const preferred: readonly Target[] = ['cuda', 'webgpu'];
/** A device must beat the CPU clearly: the choice must not flip from run to run. */
const margin = 1.3;

/** What is known of a device in this process: why it does not work, or how long it takes for a timed program (ms). */
const known = new Map<string, Promise<{ why?: string; ms?: number }>>();
/** At most a line, without the runtime's source paths. */
function brief(e: unknown): string {
  const text = e instanceof Error ? e.message : String(e);
  if (/Failed to load shared library|providers_cuda|providers_shared/.test(text)) return 'the runtime\'s CUDA libraries are not installed';
  if (/No supported adapters/.test(text)) return 'no graphics adapter found';
  return text.split('\n')[0].replace(/^The engine failed while .*?: /, '').replace(/\/\S+:\d+ /, '').replace(/[.\s]+$/, '').slice(0, 200);
}

function examine(target: Target, threads: number): Promise<{ why?: string; ms?: number }> {
  const key = `${target}/${threads}`;
  let result = known.get(key);
  if (!result) {
    result = (async () => {
      const why = target === 'cpu' ? undefined : await probeTraining({ target, threads });
      return why ? { why } : { ms: await probeSpeed({ target, threads }) };
    })().catch((e: unknown) => ({ why: brief(e) }));
    known.set(key, result);
  }
  return result;
}

/**
 * Opens a device. `auto` tries CUDA, then WebGPU, and keeps the first that trains a known program rightly and clearly faster than the
 * CPU, else the CPU, with the reason in `info.whyNotBetter`. A device asked for by name must work: UserError 'engine' if not.
 */
export async function openDevice(choice: DeviceChoice, options: OpenOptions = {}): Promise<Device> {
  const threads = options.threads ?? Math.max(1, Math.min(availableParallelism(), physicalCores()));
  const model = cpus()[0]?.model.trim() || process.arch;
  const describe = (t: Target): string => (t === 'cpu' ? `${model}, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : titles[t]);
  const open = (t: Target, whyNotBetter?: string): Device =>
    makeDevice({ name: t, description: describe(t), ...(whyNotBetter ? { whyNotBetter } : {}) }, { target: t, threads });
  if (choice === 'cpu') return open('cpu');
  if (choice !== 'auto') {
    const why = notBuilt(choice) ?? await probeTraining({ target: choice, threads }).catch(brief);
    if (why) throw new UserError(`The device "${choice}" cannot be used: ${why}.`, {}, 'Use --device cpu, or --device auto to let the fastest working one be chosen.', 'engine');
    return open(choice);
  }
  const reasons: string[] = [];
  for (const target of preferred) {
    const missing = hardwareNote(target);
    if (missing) { reasons.push(`${titles[target]}: ${missing}`); continue; }
    const { why, ms } = await examine(target, threads);
    if (why) { reasons.push(`${titles[target]}: ${why}`); continue; }
    const cpu = (await examine('cpu', threads)).ms!;
    if (ms! * margin > cpu) { reasons.push(`${titles[target]} works but is not faster here (${ms!.toFixed(0)} ms against the CPU's ${cpu.toFixed(0)} ms)`); continue; }
    return open(target, reasons.join('; ') || undefined);
  }
  return open('cpu', reasons.join('; '));
}

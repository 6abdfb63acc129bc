/** ONNX Runtime sessions: creation, running, and errors turned into something a user can act on. */
import * as ort from 'onnxruntime-node';
import { UserError } from '../errors';
import type { DType, Shape, Values } from './expr';
import type { Target } from './lower';

export interface SessionSettings { target: Target; threads: number; /** writes a profile with this prefix (device checks, benches) */ profile?: string }

// Failures come back as exceptions; the runtime's own log would only repeat them on the user's terminal.
ort.env.logLevel = 'fatal';

/** What to do about it, by what the runtime said. */
function hintFor(text: string, target: Target): string {
  if (/alloc|memory/i.test(text)) return 'There is not enough memory for this network; close other programs, or choose a smaller network or fewer rows.';
  return target === 'cpu' ? 'This is a defect of the engine or of ONNX Runtime; please report it.' : 'Choose the device "cpu" (--device cpu), which always works.';
}
export function engineError(e: unknown, doing: string, target: Target): UserError {
  if (e instanceof UserError) return e;
  const text = e instanceof Error ? e.message : String(e);
  const u = new UserError(`The engine failed while ${doing} on ${target}: ${text}.`, {}, hintFor(text, target), 'engine');
  u.cause = e;
  return u;
}

const provider: Record<Target, ort.InferenceSession.ExecutionProviderConfig> = { cpu: 'cpu', webgpu: 'webgpu', cuda: 'cuda', directml: 'dml', coreml: 'coreml' };

export async function createSession(model: Uint8Array, s: SessionSettings): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: s.target === 'cpu' ? ['cpu'] : [provider[s.target], 'cpu'],
      intraOpNumThreads: s.threads, interOpNumThreads: 1, executionMode: 'sequential',
      graphOptimizationLevel: 'all', enableCpuMemArena: true, enableMemPattern: true,
      logSeverityLevel: 4,
      ...(s.profile ? { enableProfiling: true, profileFilePrefix: s.profile } : {}),
    });
  } catch (e) { throw engineError(e, 'building a program', s.target); }
}

/** A tensor over the given array, not copied. */
export function asTensor(values: Values, dtype: DType, shape: Shape, name: string): ort.Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  if (values === undefined) throw new Error(`no value for "${name}"`);
  const right = dtype === 'float32' ? values instanceof Float32Array : dtype === 'int32' ? values instanceof Int32Array : values instanceof Uint8Array;
  if (!right) throw new Error(`"${name}" takes ${dtype}, not a ${(values as object).constructor.name}`);
  if (values.length !== n) throw new Error(`"${name}" takes ${n} values [${shape}], not ${values.length}`);
  return new ort.Tensor(dtype, values as Float32Array, shape);
}
export const scalar64 = (v: number): ort.Tensor => new ort.Tensor('int64', BigInt64Array.of(BigInt(v)), []);
export type { ort };

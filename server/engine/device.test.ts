import { expect, test } from 'vitest';
import { UserError } from '../errors';
import { openDevice } from './index';
import { physicalCores } from './hardware';
import { fallenBack, probeTraining } from './probe';
import { createSession, engineError } from './session';

test('auto opens a working device and says why not a better one', async () => {
  const d = await openDevice('auto');
  if (d.info.name === 'cpu') expect(d.info.whyNotBetter).toMatch(/CUDA: .+WebGPU: .+/);
});
test('threads: by default one per physical core', async () => {
  expect(physicalCores()).toBeGreaterThan(0);
  expect((await openDevice('cpu', { threads: 1 })).info.description).toMatch(/, 1 thread$/);
});
test('a device asked for by name must work, or the user is told what to do', async () => {
  // No Linux or macOS build has DirectML; no Windows or Linux build has CoreML.
  const absent = process.platform === 'win32' ? 'coreml' : 'directml';
  const e = await openDevice(absent).catch((x: unknown) => x) as UserError;
  expect(e).toBeInstanceOf(UserError);
  expect(e.code).toBe('engine');
  expect(e.message).toContain(`The device "${absent}" cannot be used`);
  expect(e.hint).toContain('--device cpu');
});
test('the probe passes on the CPU, and reads fallbacks out of a profile', async () => {
  expect(await probeTraining({ target: 'cpu', threads: 2 })).toMatch(/leaves part of the work to the CPU/);   // everything is on the CPU, and it notices
  const node = (op: string, provider: string, type = 'float') => ({ cat: 'Node', name: 'x_kernel_time', args: { op_name: op, provider, input_type_shape: [{ [type]: [1] }] } });
  expect(fallenBack(JSON.stringify([node('Loop', 'CPUExecutionProvider'), node('Cast', 'CPUExecutionProvider', 'int64'), node('Gemm', 'WebGpuExecutionProvider')]))).toEqual([]);
  expect(fallenBack(JSON.stringify([node('Sign', 'CPUExecutionProvider'), node('Cast', 'CPUExecutionProvider')]))).toEqual(['Sign', 'Cast']);
});
test('errors of the runtime become errors a user can act on', async () => {
  const e = await createSession(new Uint8Array([1, 2, 3]), { target: 'cpu', threads: 1 }).catch((x: unknown) => x) as UserError;
  expect(e).toBeInstanceOf(UserError);
  expect(e.code).toBe('engine');
  expect(e.message).toContain('building a program');
  expect(engineError(new Error('Failed to allocate memory for requested buffer'), 'training', 'webgpu').hint).toContain('smaller network');
  expect(engineError(e, 'x', 'cpu')).toBe(e);
});

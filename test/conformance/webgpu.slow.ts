/**
 * Every generator on the WebGPU provider over a software Vulkan driver: the same training losses as on the CPU to 1e-3, and a table that is
 * one. The driver must be named before the process starts, so the suite runs in a child of itself.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { swiftshaderEnvironment } from '../../server/engine/swiftshader';
import { generators } from '../../server/generators/registry';
import { context, faults, mixed, range, smallParameters } from './generator-cases';

const root = resolve(__dirname, '../..'), inside = process.env.UNDERSTUDY_TEST_DEVICE === 'webgpu';
const environment = inside ? undefined : swiftshaderEnvironment(root);
const only = process.env.GENERATORS?.split(',');

test.runIf(!inside && environment)('the generators train and sample on WebGPU over SwiftShader', () => {
  const r = spawnSync(process.execPath, [resolve(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'vitest.slow.config.ts', 'test/conformance/webgpu.slow.ts'], {
    cwd: root, encoding: 'utf8', env: { ...process.env, ...environment, UNDERSTUDY_TEST_DEVICE: 'webgpu', VITEST: undefined, NODE_OPTIONS: '' } as NodeJS.ProcessEnv, timeout: 3_000_000,
  });
  const out = `${r.stdout}\n${r.stderr}`;
  expect(r.status, out.slice(-8000)).toBe(0);
  expect(Number(/Tests\s.*?(\d+) passed/.exec(out.replace(/\x1b\[\d*m/g, ''))?.[1])).toBeGreaterThanOrEqual(only?.length ?? generators.length);
}, 3_100_000);

/** They have no network: counting, trees, small matrices, neighbours. Every other one must train on the device asked for. */
const onProcessor = ['independent', 'gaussian-copula', 'gaussian-mixture', 'cart', 'smote', 'mixup'];
const all = mixed(260), fit = all.take(range(0, 220)), validation = all.take(range(220, 260));

describe.runIf(inside)('on WebGPU', () => {
  test.each(generators.filter((g) => !only || only.includes(g.id)).map((g) => [g.id, g] as const))('%s: the losses of the CPU to 1e-3, and a table', async (_, entry) => {
    const generator = await entry.load(), parameters = smallParameters(generator);
    const on = (device: 'cpu' | 'webgpu', resolved?: Record<string, unknown>) => generator.fit(context(fit, validation, { device, outcome: 'bought', budgetSeconds: 1e6, ...(resolved && { resolved }) }), parameters);
    const cpu = await on('cpu'), gpu = await on('webgpu', JSON.parse(JSON.stringify(cpu.resolved)) as Record<string, unknown>);
    // Generators without a network count on the processor whatever is asked for, and say so; a mixture's likelihoods are the same to the bit.
    if (onProcessor.includes(entry.id)) expect(gpu.device).toMatchObject({ name: 'cpu', whyNotBetter: expect.stringMatching(/\w/) });
    else expect([gpu.device.name, (gpu.curve?.loss.length ?? 0) > 0]).toEqual(['webgpu', true]);
    expect(gpu.curve?.loss.length).toBe(cpu.curve?.loss.length);
    const within = gpu.device.name === 'cpu' ? 0 : 1e-3;
    gpu.curve?.loss.forEach((v, i) => expect(Math.abs(v - cpu.curve!.loss[i]!), `step ${cpu.curve!.steps[i]}`).toBeLessThanOrEqual(within * Math.max(1, Math.abs(v))));
    expect(faults(await gpu.sample(60, { seed: 8 }), fit, 60)).toEqual([]);
    await cpu.dispose();
    await gpu.dispose();
  }, 600_000);
});

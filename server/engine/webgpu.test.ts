/**
 * The WebGPU provider over a software Vulkan driver. The driver must be named before the process starts, so the suites run in a
 * child: every operation's values and gradients, and the training below (same file, with the device named).
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { add, broadcastTo, concat, crossEntropy, epochBatches, gather, KeyStream, matmul, mean, oneHot, openDevice, reshape, silu, transpose, type Device, type TrainSpec } from './index';
import { swiftshaderEnvironment } from './swiftshader';

const root = resolve(__dirname, '../..'), inside = process.env.UNDERSTUDY_TEST_DEVICE === 'webgpu';
const environment = inside ? undefined : swiftshaderEnvironment(root);

test.runIf(!inside && environment)('the engine\'s suites pass on WebGPU over SwiftShader', () => {
  const r = spawnSync(process.execPath, [resolve(root, 'node_modules/vitest/vitest.mjs'), 'run', 'server/engine/ops.test.ts', 'server/engine/webgpu.test.ts', '-t', 'interpreter|on WebGPU:'], {
    cwd: root, encoding: 'utf8', env: { ...process.env, ...environment, UNDERSTUDY_TEST_DEVICE: 'webgpu', VITEST: undefined, NODE_OPTIONS: '' } as NodeJS.ProcessEnv, timeout: 280_000,
  });
  const out = `${r.stdout}\n${r.stderr}`;
  expect(r.status, out.slice(-6000)).toBe(0);
  expect(Number(/Tests\s.*?(\d+) passed/.exec(out.replace(/\x1b\[\d*m/g, ''))?.[1])).toBeGreaterThan(70);
}, 300_000);

/** Four columns' heads at once: batched products, each predicting its column from the numbers and the other columns' codes. */
const mixed: TrainSpec = {
  params: { e: { shape: [6, 4], init: { normal: 0.5 } }, w: { shape: [13, 64], init: { normal: 0.3 } }, b: { shape: [64] }, g: { shape: [4, 64, 32], init: { normal: 0.1 } }, v: { shape: [4, 32, 6], init: { normal: 0.2 } } },
  data: { x: { shape: [80, 3], dtype: 'float32' }, c: { shape: [80, 4], dtype: 'int32' } },
  step: { rows: { shape: [16], dtype: 'int32' } },
  loss({ params: p, data, step }) {
    const codes = gather(data.c, step.rows);
    const x = concat([gather(data.x, step.rows), mean(gather(p.e, codes), { axes: 1 }), mean(oneHot(codes, 6), { axes: 1 })], 1);
    const h = silu(add(matmul(x, p.w), p.b));
    const logits = matmul(silu(matmul(broadcastTo(reshape(h, [1, 16, 64]), [4, 16, 64]), p.g)), p.v);
    return { loss: mean(crossEntropy(logits, transpose(codes))) };
  },
  optimiser: { clipNorm: 1, ema: 0.9, weightDecay: 0.01 },
};
test.runIf(inside)('on WebGPU: a known program trains with no mathematics on the CPU, and to the CPU\'s losses', async () => {
  const s = new KeyStream(2, 'webgpu'), data = { x: Float32Array.from(s.normals(0, 240)), c: s.integers(0, 320, 6) };
  const losses = async (device: Device): Promise<number[]> => {
    const t = await device.train(mixed, { data, seed: 4 });
    const all: number[] = [];
    for (let from = 0; from < 12; from += 6) all.push(...(await t.run({ rows: epochBatches(s, 80, 16, from, 6) }, new Float32Array(6).fill(0.02))).loss);
    await t.release();
    return all;
  };
  const gpu = await openDevice('webgpu');   // throws when a node of the probe falls back
  expect(gpu.info.name).toBe('webgpu');
  const [want, got] = [await losses(await openDevice('cpu')), await losses(gpu)];
  expect(want[11]).toBeLessThan(want[0]);
  got.forEach((v, i) => expect(Math.abs(v - want[i])).toBeLessThan(1e-3));
}, 200_000);
test.runIf(inside)('on WebGPU: auto keeps the CPU and says why', async () => {
  const { info } = await openDevice('auto');
  expect(info.name).toBe('cpu');
  expect(info.whyNotBetter).toMatch(/software/);
});

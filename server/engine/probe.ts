/** The small known program a device must train rightly, on the device, before it is used. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crossEntropy, mean, normal, square } from './blocks';
import { add, concat, gather, matmul, mul, oneHot, relu, reshape, silu, tanh } from './ops';
import { KeyStream } from './random';
import type { SessionSettings } from './session';
import { createTrainer, type TrainSpec } from './trainer';

/** Gathers, one-hots, batched and plain products, activations, softmax, noise, clipping, an average: what generators use. */
const small = (batch: number, width: number): TrainSpec => ({
  params: {
    e: { shape: [5, 4], init: { normal: 0.5 } }, w: { shape: [13, width], init: { normal: 0.4 } }, b: { shape: [width] },
    u: { shape: [2, width, 8], init: { normal: 0.3 } }, v: { shape: [16, 3], init: { normal: 0.3 } },
  },
  data: { x: { shape: [64, 4], dtype: 'float32' }, c: { shape: [64], dtype: 'int32' }, y: { shape: [64], dtype: 'int32' } },
  step: { rows: { shape: [batch], dtype: 'int32' }, bits: { shape: [2, batch * 2], dtype: 'int32' } },
  loss({ params: p, data, step }) {
    const code = gather(data.c, step.rows), noise = reshape(normal(step.bits), [batch, 4]);
    const x = concat([add(gather(data.x, step.rows), mul(noise, 0.1)), gather(p.e, code), oneHot(code, 5)], 1);
    const h = silu(add(matmul(x, p.w), p.b));
    const two = relu(matmul(concat([reshape(h, [1, batch, -1]), reshape(tanh(h), [1, batch, -1])], 0), p.u));
    const logits = matmul(concat([reshape(two, [batch, 16])], 1), p.v);
    return { loss: mean(crossEntropy(logits, gather(data.y, step.rows))), metrics: { scale: mean(square(logits)) } };
  },
  optimiser: { clipNorm: 1, ema: 0.9, weightDecay: 0.01 },
});
const feeds = (batch: number, steps: number) => {
  const s = new KeyStream(5, 'probe');
  return { data: { x: Float32Array.from(s.normals(0, 256)), c: s.integers(600, 64, 5), y: s.integers(700, 64, 3) }, step: { rows: s.integers(800, steps * batch, 64), bits: s.child('bits').bits(0, steps * batch * 4) } };
};

/** Nodes that may stay on the CPU: control, and the loop counter's conversion. */
const mayStay = (op: string, inputs: string): boolean => op === 'Loop' || (op === 'Cast' && /int64/.test(inputs)) || (op === 'Identity' && /bool/.test(inputs)) || op.startsWith('Memcpy');

/** Operations of a profile that ran elsewhere than on the device. */
export function fallenBack(profile: string): string[] {
  const events = JSON.parse(profile) as Array<{ cat: string; name: string; args?: { op_name?: string; provider?: string; input_type_shape?: unknown } }>;
  const ops = new Set<string>();
  for (const e of events) if (e.cat === 'Node' && e.name.endsWith('_kernel_time') && e.args?.provider === 'CPUExecutionProvider' && !mayStay(e.args.op_name ?? '', JSON.stringify(e.args.input_type_shape ?? ''))) ops.add(e.args.op_name ?? '?');
  return [...ops];
}

/** Trains six steps on the device and on the CPU. Returns why the device is not to be trusted, or undefined. */
export async function probeTraining(settings: SessionSettings): Promise<string | undefined> {
  const batch = 16, steps = 6, { data, step } = feeds(batch, steps), lr = new Array<number>(steps).fill(0.05);
  const folder = await mkdtemp(join(tmpdir(), 'understudy-probe-'));
  try {
    const runOn = async (s: SessionSettings): Promise<Float32Array> => {
      const t = await createTrainer(small(batch, 12), { data, seed: 3 }, s);
      try { return (await t.run(step, lr)).loss; } finally { await t.release(); }
    };
    const want = await runOn({ target: 'cpu', threads: 1 });
    const got = await runOn({ ...settings, profile: join(folder, 'p') });
    for (let i = 0; i < steps; i++) if (!(Math.abs(got[i] - want[i]) <= 1e-3 * Math.max(1, Math.abs(want[i])))) return `it computes wrong numbers (loss ${got[i]} at step ${i + 1} of a known program, ${want[i]} on the CPU)`;
    const fell = (await Promise.all((await readdir(folder)).map((f) => readFile(join(folder, f), 'utf8')))).flatMap(fallenBack);
    if (fell.length) return `it leaves part of the work to the CPU (${[...new Set(fell)].join(', ')})`;
    return undefined;
  } finally { await rm(folder, { recursive: true, force: true }); }
}

/** Milliseconds for eight steps of a program large enough to be worth a GPU, once warm; the best of three. */
export async function probeSpeed(settings: SessionSettings): Promise<number> {
  const batch = 512, steps = 8, { data, step } = feeds(batch, steps), lr = new Array<number>(steps).fill(0.01);
  const t = await createTrainer(small(batch, 1024), { data, seed: 3 }, settings);
  try {
    let best = Infinity;
    for (let i = 0; i < 4; i++) {
      const t0 = performance.now();
      await t.run(step, lr);
      if (i) best = Math.min(best, performance.now() - t0);
    }
    return best;
  } finally { await t.release(); }
}

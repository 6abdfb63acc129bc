import { describe, expect, it } from 'vitest';
import { gather, KeyStream, epochBatches, matmul, mean, openDevice, square, sub, type Device, type Trainer } from '../../engine';
import { makeTable, plainDialect } from '../../table/columns';
import type { FitContext } from '../generator';
import { trainLoop, type LoopOptions } from './loop';

const rows = 256;
const x = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i * i)), y = Float32Array.from({ length: rows }, (_, i) => 2 * x[3 * i]! - x[3 * i + 2]!);
const newTrainer = (device: Device): Promise<Trainer> => device.train({
  params: { w: { shape: [3, 1] } }, data: { x: { shape: [rows, 3], dtype: 'float32' }, y: { shape: [rows, 1], dtype: 'float32' } }, step: { rows: { shape: [32], dtype: 'int32' } },
  loss: ({ params, data, step }) => ({ loss: mean(square(sub(matmul(gather(data.x!, step.rows!), params.w!), gather(data.y!, step.rows!)))) }),
}, { data: { x, y }, seed: 1 });
const empty = makeTable(plainDialect, [], 8);
const context = (more: Partial<FitContext> = {}): FitContext => ({
  fit: empty, validation: empty, seed: 1, device: 'cpu', budgetSeconds: 30, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...more,
});
const options = (device: Device, trainer: Trainer, ctx: FitContext, more: Partial<LoopOptions> = {}): LoopOptions => ({
  context: ctx, device, trainers: { only: trainer }, steps: 120, weights: () => trainer.params(),
  async run(from, count) {
    const { loss } = await trainer.run({ rows: epochBatches(new KeyStream(1, 'rows'), rows, 32, from, count) }, new Float32Array(count).fill(0.05));
    return loss.reduce((a, b) => a + b, 0) / count;
  },
  ...more,
});

describe('training loop', () => {
  it('a fit that was killed and resumed ends in the same weights as one that was not', async () => {
    const device = await openDevice('cpu'), resolved = { decisions: { steps: 120, chunk: 7, evaluateEvery: 10 } };
    const validate: LoopOptions['validate'] = async (w) => Math.abs(w.w!.values[0]! - 1.5);   // best half-way: the minimum is passed on the way to 2
    const whole = await newTrainer(device), a = await trainLoop(options(device, whole, context({ resolved }), { validate }));
    expect(a.curve.stoppedAt).toBeLessThan(120);
    let state: Uint8Array | undefined;
    const killed = await newTrainer(device), stop = new Error('killed');
    const now = performance.now.bind(performance);
    let ahead = 0;
    performance.now = () => now() + (ahead += 3000);   // checkpoints fall due at once
    try {
      await expect(trainLoop(options(device, killed, context({ resolved, checkpoint: async (s) => { state = s; }, progress: async ({ step }) => { if ((step ?? 0) > 70) throw stop; } }), { validate }))).rejects.toBe(stop);
    } finally { performance.now = now; }
    const again = await newTrainer(device), b = await trainLoop(options(device, again, context({ resolved, resume: state! }), { validate }));
    expect(b.weights.w!.values).toEqual(a.weights.w!.values);
    expect(again.params().w!.values).toEqual(whole.params().w!.values);
    expect(b.curve).toEqual(a.curve);
    for (const t of [whole, killed, again]) await t.release();
  });

  it('the warm-up leaves no trace, and a budget is an upper bound only', async () => {
    const device = await openDevice('cpu'), t = await newTrainer(device), trained = await trainLoop(options(device, t, context()));
    expect(trained.decisions.steps).toBe(120);
    const u = await newTrainer(device), repeated = await trainLoop(options(device, u, context({ resolved: { decisions: trained.decisions } })));
    expect(repeated.weights.w!.values).toEqual(trained.weights.w!.values);
    expect(trained.weights.w!.values[0]).toBeCloseTo(2, 1);
    await t.release(); await u.release();
  });

  it('a loss that is no number ends the training, with a note', async () => {
    const device = await openDevice('cpu'), t = await newTrainer(device);
    const { curve } = await trainLoop(options(device, t, context(), { run: async () => NaN }));
    expect(curve.note).toMatch(/no longer a number/);
    await t.release();
  });
});

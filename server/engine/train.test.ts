import { expect, test } from 'vitest';
import { add, cosine, crossEntropy, epochBatches, gather, glorot, KeyStream, matmul, mean, openDevice, relu } from './index';

test('an MLP learns two interleaved classes', async () => {
  const device = await openDevice('cpu');
  const n = 400, stream = new KeyStream(1, 'toy'), noise = stream.normals(0, 2 * n);
  const x = new Float32Array(2 * n), y = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const t = Math.PI * (i / n), c = i % 2;
    x[2 * i] = (c ? 1 - Math.cos(t) : Math.cos(t)) + 0.1 * noise[2 * i];
    x[2 * i + 1] = (c ? 0.5 - Math.sin(t) : Math.sin(t)) + 0.1 * noise[2 * i + 1];
    y[i] = c;
  }
  const net = (p: Record<string, import('./index').Expr>, h: import('./index').Expr) => add(matmul(relu(add(matmul(h, p.w1), p.b1)), p.w2), p.b2);
  const trainer = await device.train({
    params: { w1: { shape: [2, 32], init: glorot() }, b1: { shape: [32] }, w2: { shape: [32, 2], init: glorot() }, b2: { shape: [2] } },
    data: { x: { shape: [n, 2], dtype: 'float32' }, y: { shape: [n], dtype: 'int32' } },
    step: { rows: { shape: [64], dtype: 'int32' } },
    loss: ({ params, data, step }) => ({ loss: mean(crossEntropy(net(params, gather(data.x, step.rows)), gather(data.y, step.rows))) }),
    optimiser: { clipNorm: 5, ema: 0.99 },
  }, { data: { x, y }, seed: 7 });
  const batches = new KeyStream(1, 'batches');
  let last = NaN;
  for (let from = 0; from < 600; from += 100) {
    const r = await trainer.run({ rows: epochBatches(batches, n, 64, from, 100) }, Float32Array.from({ length: 100 }, (_, i) => cosine(from + i, 600, 0.02)));
    expect(r.loss.length).toBe(100);
    last = r.loss[99];
  }
  expect(trainer.step).toBe(600);
  expect(last).toBeLessThan(0.1);
  const predict = await device.compile({ inputs: { x: { shape: [n, 2], dtype: 'float32' } }, frozen: trainer.params('ema'), outputs: (i) => ({ logits: net(i, i.x) }) });
  const { logits } = await predict.run({ x });
  let right = 0;
  for (let i = 0; i < n; i++) right += Number((logits[2 * i + 1] > logits[2 * i]) === (y[i] === 1));
  expect(right / n).toBeGreaterThan(0.97);
  await predict.release(); await trainer.release();
});

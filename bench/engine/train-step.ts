/**
 * Milliseconds per training step of a flow-matching network: four layers, 110 -> width -> width -> width -> 110, batch 1024
 * (forward, backward, Adam), with fresh noise and times every step. The same step in PyTorch: train_step_torch.py.
 *
 *   npx tsx bench/engine/train-step.ts [width=512] [batch=1024] [silu|relu] [device=cpu] [rounds=5] [threads]
 * Also gives CPU time per step, which (with one thread) a busy machine disturbs less.
 */
import { add, gather, glorot, KeyStream, matmul, mean, mul, normal, openDevice, relu, reshape, silu, square, sub, uniform, type Expr } from '../../server/engine/index';
import type { DeviceChoice } from '../../server/protocol';

const [width = 512, batch = 1024] = process.argv.slice(2, 4).map(Number), act = process.argv[4] === 'relu' ? relu : silu, rounds = Number(process.argv[6] ?? 5);
const d = 110, n = 20_000, K = 20;

async function main(): Promise<void> {
  const device = await openDevice((process.argv[5] ?? 'cpu') as DeviceChoice, process.argv[7] ? { threads: Number(process.argv[7]) } : {});
  const sizes = [d, width, width, width, d];
  const params = Object.fromEntries(sizes.slice(1).flatMap((o, i) => [[`w${i}`, { shape: [sizes[i], o], init: glorot() }], [`b${i}`, { shape: [o] }]]));
  const s = new KeyStream(1, 'bench');
  const trainer = await device.train({
    params: { ...params, t: { shape: [width] } }, data: { x: { shape: [n, d], dtype: 'float32' } },
    step: { rows: { shape: [batch], dtype: 'int32' }, noise: { shape: [2, batch * d / 2], dtype: 'int32' }, time: { shape: [batch, 1], dtype: 'int32' } },
    loss({ params: p, data, step }) {
      const x1 = gather(data.x, step.rows), x0 = reshape(normal(step.noise), [batch, d]), t = uniform(step.time);
      let h: Expr = add(mul(x1, t), mul(x0, sub(1, t)));
      for (let i = 0; i < 4; i++) {
        h = add(matmul(h, p[`w${i}`]), p[`b${i}`]);
        if (i === 0) h = add(h, mul(t, p.t));
        if (i < 3) h = act(h);
      }
      return { loss: mean(square(sub(h, sub(x1, x0)))) };
    },
  }, { data: { x: Float32Array.from(s.normals(0, n * d)) }, seed: 1 });
  const lr = new Float32Array(K).fill(1e-3);
  let best = Infinity, cpu = Infinity;
  const times: number[] = [];
  for (let r = 0; r <= rounds; r++) {
    const inputs = { rows: s.integers(r * K * batch, K * batch, n), noise: s.bits(0, K * batch * d), time: s.bits(0, K * batch) };
    const t0 = performance.now(), c0 = process.cpuUsage();
    const { loss } = await trainer.run(inputs, lr);
    const ms = (performance.now() - t0) / K;
    const c = process.cpuUsage(c0);
    if (r) { cpu = Math.min(cpu, (c.user + c.system) / K / 1e3); times.push(ms); best = Math.min(best, ms); }
    if (r === rounds) console.log(JSON.stringify({ what: 'understudy train step', device: device.info.name, width, batch, bestCpuMs: +cpu.toFixed(2), bestMs: +best.toFixed(2), medianMs: +times.sort((a, b) => a - b)[times.length >> 1].toFixed(2), gflops: +(6 * batch * (2 * d * width + 2 * width * width) / best / 1e6).toFixed(0), loss: loss[K - 1] }));
  }
  await trainer.release();
}
main().catch((e) => { console.error(e); process.exit(1); });

/**
 * What privacy costs in time: a DP-SGD step (Poisson sample, per-example clipping, noise on the host, Adam) against a plain step (forward, backward, Adam) of the same network on as many rows, turn
 * and turn about, so that a busy machine disturbs both alike. Opacus beside it: step_opacus.py.
 *
 *   npx tsx bench/privacy/step.ts [width=256] [batch=1024] [rounds=8] [threads]
 */
import { add, gather, glorot, KeyStream, matmul, mean, openDevice, relu, square, sub, sum, type Expr, type ParamSpec } from '../../server/engine/index';
import { PrivateTrainer } from '../../server/privacy/clipping/private-trainer';
import { addOnGrid, gridFor } from '../../server/privacy/mechanisms/vector';
import { NoiseSource } from '../../server/privacy/mechanisms/source';

const [width = 256, batch = 1024, rounds = 8] = process.argv.slice(2, 5).map(Number), d = 110, n = 20_000, K = 5;
const sizes = [d, width, width, width, d];

async function main(): Promise<void> {
  const device = await openDevice('cpu', process.argv[5] ? { threads: Number(process.argv[5]) } : {}), s = new KeyStream(1, 'bench'), x = Float32Array.from(s.normals(0, n * d)), y = Float32Array.from(s.normals(n * d, n * d));
  const params: Record<string, ParamSpec> = Object.fromEntries(sizes.slice(1).flatMap((o, i) => [[`w${i}`, { shape: [sizes[i]!, o], init: glorot() }], [`b${i}`, { shape: [o] }]]));
  const network = (p: Record<string, Expr>, rows: Expr): Expr => sizes.slice(1).reduce((h, _, i) => { const z = add(matmul(h, p[`w${i}`]!), p[`b${i}`]!); return i < sizes.length - 2 ? relu(z) : z; }, rows);
  const plain = await device.train({
    params, data: { x: { shape: [n, d], dtype: 'float32' }, y: { shape: [n, d], dtype: 'float32' } }, step: { rows: { shape: [batch], dtype: 'int32' } },
    loss: ({ params: p, data, step }) => ({ loss: mean(sum(square(sub(network(p, gather(data.x!, step.rows!)), gather(data.y!, step.rows!))), { axes: 1 })) }),
  }, { data: { x, y }, seed: 1 });
  const source = new NoiseSource(), dp = await PrivateTrainer.open(device, {
    params, rows: { x: { shape: [d], dtype: 'float32' }, y: { shape: [d], dtype: 'float32' } }, losses: ({ params: p, rows }) => sum(square(sub(network(p, rows.x!), rows.y!)), { axes: 1 }), clip: 1,
  }, { data: { x, y }, noise: source, expectedBatch: batch, publicRows: n });
  const plan = dp.plan(1), zeros = new Float32Array(dp.parameters), noisy = new Float32Array(dp.parameters), grid = gridFor({ clip: 1, sigma: 1 }, dp.parameters), best: Record<string, { ms: number; cpu: number }> = {}, members = Uint32Array.from({ length: batch }, (_, i) => Math.floor((i * n) / batch));
  const time = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const t = performance.now(), c = process.cpuUsage();
    await work();
    const used = process.cpuUsage(c), ms = (performance.now() - t) / K, cpu = (used.user + used.system) / 1e3 / K, own = best[name] ?? { ms: Infinity, cpu: Infinity };
    best[name] = { ms: Math.min(own.ms, ms), cpu: Math.min(own.cpu, cpu) };
  };
  const times = async (work: () => Promise<unknown>): Promise<void> => { for (let k = 0; k < K; k++) await work(); };
  for (let r = 0; r <= rounds; r++) {
    if (r === 1) for (const name of Object.keys(best)) delete best[name];
    await time('plain', () => plain.run({ rows: s.integers(r * K * batch, K * batch, n) }, new Float32Array(K).fill(1e-3)));
    await time('private', () => times(() => dp.step(plan, 1e-3)));
    await time('clippedSum', () => times(() => dp.clippedSum(members)));
    await time('noise', () => times(async () => addOnGrid(zeros, grid, source, noisy, 1 / batch)));
  }
  const ratio = (a: string, of: 'ms' | 'cpu'): number => +(best[a]![of] / best.plain![of]).toFixed(2);
  console.log(JSON.stringify({
    what: 'understudy DP step', width, batch, parameters: dp.parameters, ratioMs: ratio('private', 'ms'), ratioCpu: ratio('private', 'cpu'), clippingAloneMs: ratio('clippedSum', 'ms'), clippingAloneCpu: ratio('clippedSum', 'cpu'),
    ms: Object.fromEntries(Object.entries(best).map(([k, v]) => [k, +v.ms.toFixed(2)])), cpuMs: Object.fromEntries(Object.entries(best).map(([k, v]) => [k, +v.cpu.toFixed(2)])),
  }));
  await plain.release(); await dp.release();
}
void main();

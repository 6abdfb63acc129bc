/**
 * Matrix product speed, GFLOP/s (of CPU time, and of wall time), for the shapes training uses: one large product, its
 * transposes, and batched products of small networks. The machine's best for comparison: matmul_torch.py (MKL).
 *
 *   npx tsx bench/engine/matmul.ts [device=cpu] [threads]
 */
import { KeyStream, matmul, openDevice, sum } from '../../server/engine/index';
import type { DeviceChoice } from '../../server/protocol';

async function main(): Promise<void> {
  const device = await openDevice((process.argv[2] ?? 'cpu') as DeviceChoice, process.argv[3] ? { threads: Number(process.argv[3]) } : {});
  const s = new KeyStream(1, 'bench');
  for (const [g, m, k, n] of [[1, 1024, 512, 512], [1, 2048, 1024, 1024], [1, 512, 1500, 512], [15, 1024, 64, 128], [15, 1024, 128, 64], [40, 512, 256, 64]]) for (const [ta, tb] of [[false, false], [true, false], [false, true]]) {
    const dims = (t: boolean, r: number, c: number): number[] => [...(g > 1 ? [g] : []), ...(t ? [c, r] : [r, c])];
    const a = dims(ta, m, k), b = dims(tb, k, n);
    const p = await device.compile({ inputs: { a: { shape: a, dtype: 'float32' }, b: { shape: b, dtype: 'float32' } }, outputs: (i) => { const y = matmul(i.a, i.b, { transA: ta, transB: tb }); return g > 1 ? { y } : { y: y.shape.length ? y : sum(y) }; } });
    const feeds = { a: Float32Array.from(s.normals(0, g * m * k)), b: Float32Array.from(s.normals(1, g * k * n)) }, into = { y: new Float32Array(g * m * n) };
    const flop = 2 * g * m * k * n, reps = Math.max(2, Math.ceil(1e9 / flop));
    let wall = Infinity, cpu = Infinity;
    for (let round = 0; round < 6; round++) {
      const t = performance.now(), c0 = process.cpuUsage();
      for (let i = 0; i < reps; i++) await p.run(feeds, into);
      wall = Math.min(wall, (performance.now() - t) / reps);
      const c = process.cpuUsage(c0);
      cpu = Math.min(cpu, (c.user + c.system) / 1e3 / reps);
    }
    console.log(JSON.stringify({ what: 'understudy matmul', g, m, k, n, transA: ta, transB: tb, gflopsCpu: Math.round(flop / cpu / 1e6), gflopsWall: Math.round(flop / wall / 1e6) }));
    await p.release();
  }
}
main().catch((e) => { console.error(e); process.exit(1); });

/** Exact nearest neighbours: npx tsx bench/learners/neighbours.mts [queries] [reference] [width] [k]. With POINTS, a folder: the rows are left there as q.f32 and r.f32, row-major float32, for others to search. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDevice } from '../../server/engine';
import { KeyStream } from '../../server/engine/random';
import { nearest } from '../../server/learners/neighbours';
const [m = 32561, n = 32561, d = 110, k = 1] = process.argv.slice(2).map(Number);
// A table-like matrix: some continuous columns, the rest one-hot groups of ten.
const make = (rows: number, name: string) => {
  const values = new Float32Array(rows * d), stream = new KeyStream(1, name), continuous = Math.max(1, d % 10 || 10);
  for (let i = 0; i < rows; i++) {
    const u = stream.uniforms(i * d, d);
    for (let j = 0; j < continuous; j++) values[i * d + j] = u[j] + u[0];
    for (let g = continuous; g + 10 <= d; g += 10) values[i * d + g + Math.floor(u[g] ** 3 * 10)] = Math.SQRT1_2;
  }
  return { values, rows, width: d };
};
const q = make(m, 'q'), r = make(n, 'r'), device = await openDevice('cpu');
if (process.env.POINTS) for (const [name, { values }] of [['q', q], ['r', r]] as const) writeFileSync(join(process.env.POINTS, `${name}.f32`), new Uint8Array(values.buffer));
for (let repeat = 0; repeat < 2; repeat++) {
  const t = performance.now(), cpu = process.cpuUsage();
  let calls = 0;
  const found = await nearest(q, r, { k, device, progress: async () => { calls++; } });
  const spent = process.cpuUsage(cpu), seconds = (performance.now() - t) / 1000;
  console.log(JSON.stringify({ queries: m, reference: n, width: d, k, seconds: +seconds.toFixed(2), cpuSeconds: +((spent.user + spent.system) / 1e6).toFixed(2), gflops: Math.round((2 * m * n * (d + 1)) / seconds / 1e9), progressCalls: calls, first: found.distances[0], mean: found.distances.reduce((a, b) => a + b, 0) / found.distances.length, rssMb: Math.round(process.memoryUsage().rss / 2 ** 20) }));
}

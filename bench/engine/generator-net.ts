/** The default generator's training step on the engine: `npx tsx bench/engine/generator-net.ts COLUMNS HIDDEN BATCH SECONDS THREADS`; beside it generator_net_torch.py. */
import { KeyStream } from '../../server/engine';
import { createTrainer } from '../../server/engine/trainer';
import { encodeTable, makeLayout } from '../../server/generators/autoregressive/layout';
import { chooseSizes } from '../../server/generators/autoregressive/sizes';
import { StepInputs, trainSpec } from '../../server/generators/autoregressive/train';
import { columnSchema, makeTable, numberColumn, plainDialect } from '../../server/table/columns';

async function main(): Promise<void> {
  const [columns, hidden, batch, seconds, threads] = process.argv.slice(2).map(Number), rows = 15_000;
  const table = makeTable(plainDialect, Array.from({ length: columns }, (_, c) => numberColumn(columnSchema({ name: `c${c}`, kind: 'real', storage: 'number' }), new KeyStream(1, `c${c}`).normals(0, rows))));
  const layout = makeLayout(table), sizes = { ...chooseSizes(rows, columns), hidden, batch }, leaves = encodeTable(layout, table);
  const trainer = await createTrainer(trainSpec({ layout, sizes, fitLeaves: leaves }), { data: { leaves, pool: new Float32Array(2048 * hidden).fill(1) }, seed: 1 }, { target: 'cpu', threads });
  const inputs = new StepInputs(layout, sizes, rows, 1), lr = new Float32Array(5).fill(1e-3);
  await trainer.run(inputs.make(0, 5), lr);
  const t = performance.now(), cpu = process.cpuUsage();
  let n = 5;
  while (performance.now() - t < seconds * 1000) { await trainer.run(inputs.make(n, 5), lr); n += 5; }
  const used = process.cpuUsage(cpu);
  console.log(`engine, ${threads} threads: ${((performance.now() - t) / (n - 5)).toFixed(1)} ms a step, ${((used.user + used.system) / 1000 / (n - 5)).toFixed(1)} CPU ms (making the inputs included)`);
  await trainer.release();
}
void main();

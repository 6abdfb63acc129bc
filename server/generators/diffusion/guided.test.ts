/** Classifier-free guidance (Ho & Salimans 2022) in every generator that can be told a column: the same training, drawn plainly and with guidance. */
import { expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import { flowMatching } from '../flow/flow-matching';
import type { FitContext, Generator } from '../generator';
import { latentDiffusion } from './latent-diffusion';
import { scoreSde } from './score-sde';
import { tabddpm } from './tabddpm';

const half = 0.8, stream = new KeyStream(2, 'guided.test');
/** Two overlapping groups: x is normal about -0.8 or 0.8, and tells its group only by odds. y repeats x with an error, so that there is a relation to learn. */
function simulate(n: number): Table {
  const k = stream.uniforms(0, n).map((u) => Number(u < 0.5)), x = stream.child('x').normals(0, n).map((z, i) => z + (k[i] ? half : -half)), e = stream.child('y').normals(0, n);
  const real = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 3 } }), values.map((v) => Math.round(1000 * v) / 1000));
  return makeTable(plainDialect, [real('x', x), real('y', x.map((v, i) => v + 0.3 * e[i]!)), codeColumn(columnSchema({ name: 'k', kind: 'category', storage: 'code' }), Int32Array.from(k), ['low', 'high'])]);
}
const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i);
const table = simulate(1700), fit = table.take(range(0, 1500)), validation = table.take(range(1500, 1700)), asked = 600;
const given = makeTable(plainDialect, [codeColumn(table.column('k').schema, Int32Array.from({ length: asked }, (_, i) => i % 2), ['low', 'high'])]);
const context: FitContext = { fit, validation, seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined };

/** How far the drawn groups' means of x lie apart. */
async function apart(generator: Generator, parameters: Record<string, unknown>): Promise<number> {
  const g = await generator.fit(context, { ...parameters, condition: 'k' }), drawn = await g.sample(asked, { seed: 1, given }), x = drawn.column('x').numbers();
  await g.dispose();
  expect([...drawn.column('k').codes()]).toEqual([...given.column('k').codes()]);
  return x.reduce((a, v, i) => a + (i % 2 ? v : -v), 0) / (asked / 2);
}

const common = { width: 32, batch: 128, ema: 0.98, learningRate: 3e-3 };
test.each<[string, Generator, Record<string, unknown>]>([
  ['tabddpm', tabddpm, { ...common, layers: 2, steps: 250, timesteps: 100, samplingSteps: 25 }],
  ['score-sde', scoreSde, { ...common, blocks: 2, steps: 250, samplingSteps: 12 }],
  ['latent-diffusion', latentDiffusion, { ...common, vaeSteps: 250, steps: 400, factor: 4, vaeBatch: 128, vaeLearningRate: 6e-3, samplingSteps: 15 }],
  ['flow-matching', flowMatching, { ...common, blocks: 2, steps: 250, samplingSteps: 10 }],
])('%s', async (_, generator, parameters) => {
  // A guidance next to none trains the same network as a strong one: a tenth of the rows have their condition hidden.
  const plain = await apart(generator, { ...parameters, guidance: 1e-6 }), guided = await apart(generator, { ...parameters, guidance: 2 });
  expect(Math.abs(plain - 2 * half)).toBeLessThan(0.4);
  expect(guided).toBeGreaterThan(plain + 0.4);
}, 600_000);

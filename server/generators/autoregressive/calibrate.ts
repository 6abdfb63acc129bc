/** After training: the drawn columns' own distributions are brought back to the fitted ones. */
import { KeyStream, type Device } from '../../engine';
import type { Layout, Sizes } from './layout';
import { Sampler } from './sample';
import type { Weights } from './versions';

const rounds = 5, blocks = 4, rowsPerBlock = 4096;
/** Wider tables are left as they are: a round would take longer than it is worth. */
const mostColumns = 200;

/**
 * Dropout, weight decay and averaging leave small errors in every conditional, and errors of earlier columns shift later
 * ones. Each round draws rows, compares the mean predicted distribution of every column with the fitting rows' shares, and
 * moves the head's biases by the log ratio: the exponential tilt that is closest (in Kullback-Leibler divergence) to the
 * learnt conditional among those with the right marginal; iterative proportional fitting, Deming & Stephan 1940. Only
 * shares that the layout holds anyway are used. Means of predicted probabilities, not counts of draws, keep the noise small.
 */
export async function calibrate(device: Device, layout: Layout, sizes: Sizes, { weights, versionOf }: { weights: Weights; versionOf: Int32Array }, seed: number | Uint8Array, progress: () => Promise<void>): Promise<Weights> {
  if (layout.columns.length > mostColumns) return weights;
  const target = layout.columns.map((c) => {
    const out = new Float64Array(c.coarse);
    for (let leaf = 0; leaf < c.leaves; leaf++) out[c.coarseOf[leaf]!]! += c.share[leaf]!;
    return out;
  });
  const biases = Object.fromEntries(layout.groups.map((_, k) => [`bias${k}`, weights[`bias${k}`]!.values.slice()]));
  const sampler = await Sampler.open(device, layout, sizes, { weights, versionOf }, rowsPerBlock, { marginals: true }), stream = new KeyStream(seed, 'autoregressive/calibrate');
  try {
    for (let round = 0; round < rounds; round++) {
      const sum = layout.columns.map((c) => new Float64Array(c.coarse));
      for (let b = 0; b < blocks; b++) {
        (await sampler.marginals(round * blocks + b, stream, biases)).forEach((m, c) => m.forEach((v, i) => { sum[c]![i]! += v / blocks; }));
        await progress();
      }
      layout.groups.forEach((g, k) => {
        for (let i = 0; i < g.count; i++) target[g.start + i]!.forEach((share, code) => {
          // A floor of one row in ten thousand keeps codes that are hardly ever drawn from running away.
          const step = Math.log((share + 1e-4) / (sum[g.start + i]![code]! + 1e-4));
          biases[`bias${k}`]![i * g.coarse + code]! += Math.max(-0.5, Math.min(0.5, step));
        });
      });
    }
  } finally {
    await sampler.release();
  }
  return { ...weights, ...Object.fromEntries(Object.entries(biases).map(([n, values]) => [n, { shape: weights[n]!.shape, values }])) };
}

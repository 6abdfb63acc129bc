/** The default generator under a privacy budget: every column's conditional is a multinomial logistic regression on features of the columns drawn before it, all learnt together by DP-SGD. */
import { add, concat, constant, cosine, crossEntropy, gather, matmul, mul, reshape, slice, type Device, type Expr, type ParamSpec } from '../../engine';
import { PrivateTrainer, type PrivateSpec } from '../../privacy/clipping/private-trainer';
import type { FitContext, PrivateFit } from '../generator';
import { privateData, privateLoop, type PrivateDecisions } from '../blocks/private/loop';
import { arranged, encodeTable, type Layout, type Sizes } from './layout';
import { featuresOf, privateCodes, type FeatureCounts } from '../blocks/private/features';
import type { Weights } from './versions';

export interface PrivateSettings { features: FeatureCounts; batch: number; steps: number; learningRate: number; clip: number; ema: number; outcomeWeight: number }
/** Chosen on Adult (32,561 rows) at epsilon 1; bench/privacy has what else was tried. */
export const privateDefaults: PrivateSettings = { features: { numbers: 5, categories: 24 }, batch: 8192, steps: 100, learningRate: 8, clip: 4, ema: 0.95, outcomeWeight: 1 };

export interface PrivatelyFitted { layout: Layout; sizes: Sizes; weights: Weights; versionOf: Int32Array; decisions: PrivateDecisions }

/** Codes and features from what was noised; weights from what is charged here. */
export async function trainPrivately(device: Device, context: FitContext & { privacy: PrivateFit }, settings: PrivateSettings): Promise<PrivatelyFitted> {
  const { fit, privacy, outcome } = context;
  const layout = arranged(fit.columns.map((c) => privateCodes(c, privacy.columns[c.schema.name]!, c.schema.storage === 'code' ? c.categories() : undefined)), outcome);
  const features = layout.columns.map((c) => featuresOf(c, settings.features)), width = Math.max(...features.map((f) => f.width));
  const sizes: Sizes = { embedding: width, hidden: width, layers: 1, fineHidden: 1, dropout: 0, weightDecay: 0, batch: settings.batch, anyOrder: 0, learningRate: settings.learningRate, smoothing: 0, linear: true };
  const spec = privateSpec(layout, features, settings, outcome);
  // One column alone: its noised marginal is the model, and nothing more is asked.
  if (layout.columns.length === 1) return { layout, sizes, weights: asNetwork(layout, features, width, {}), versionOf: new Int32Array(1), decisions: { steps: 0, q: 0, sigma: 0, piece: 0 } };
  const trainer = await PrivateTrainer.open(device, spec, privateData(privacy, { leaves: encodeTable(layout, fit) }, Math.min(settings.batch, privacy.rows)));
  try {
    const { weights, decisions } = await privateLoop({
      context, device, trainer, steps: settings.steps, rate: (step, of) => cosine(step, of, settings.learningRate, { warmup: 5, floor: 0.02 }), weights: () => trainer.weights('ema'),
    });
    return { layout, sizes, weights: asNetwork(layout, features, width, weights), versionOf: new Int32Array(layout.columns.length), decisions };
  } finally { await trainer.release(); }
}

type Features = ReturnType<typeof featuresOf>;
/** Columns drawn before column i. */
const before = (layout: Layout, i: number): Int32Array => layout.order.subarray(0, layout.order.indexOf(i));
const table = ({ width, values }: Features): Expr => constant(Float32Array.from(values), [values.length / width, width]);

/**
 * logits_i = log share_i + ([1, phi(seen)] A_i) psi_i: A_i [1 + features seen, features of column i] is all that is learnt. It starts at nothing: independent columns with the noised marginals.
 */
export function privateSpec(layout: Layout, features: readonly Features[], s: PrivateSettings, outcome?: string): PrivateSpec {
  const params: Record<string, ParamSpec> = {}, C = layout.columns.length;
  for (const i of layout.order.subarray(1)) params[`a${i}`] = { shape: [1 + [...before(layout, i)].reduce((n, j) => n + features[j]!.width, 0), features[i]!.width], init: 'zeros' };
  return {
    params, rows: { leaves: { shape: [C], dtype: 'int32' } },
    losses({ params: p, rows, ones }) {
      const codes = layout.columns.map((_, c) => reshape(slice(rows.leaves!, [c], [c + 1], [1]), [-1])), seen: Expr[] = [ones];
      let total: Expr | undefined;
      for (const i of layout.order) {
        if (p[`a${i}`]) {
          const tilt = matmul(matmul(concat([...seen], 1), p[`a${i}`]!), table(features[i]!), { transB: true }), logShare = constant(Float32Array.from(layout.columns[i]!.share, (v) => Math.log(Math.max(v, 1e-6))));
          const loss = crossEntropy(add(tilt, logShare), codes[i]!), own = layout.columns[i]!.name === outcome ? mul(loss, s.outcomeWeight) : loss;
          total = total ? add(total, own) : own;
        }
        seen.push(gather(table(features[i]!), codes[i]!));
      }
      return total!;
    },
    // With an epsilon far above every gradient Adam is gradient descent with momentum: divided by their own size, coordinates of mere noise would move as far as the others.
    clip: s.clip, optimiser: { ema: s.ema, epsilon: 1 },
  };
}

/** The same conditionals as the default generator's network: features as embeddings, no activation, features again as heads. What a column must not see is zero. */
function asNetwork(layout: Layout, features: readonly Features[], width: number, learnt: Weights): Weights {
  const C = layout.columns.length, codes = new Float32Array(layout.coarseOffset[C]! * width), w1 = new Float32Array(C * width * C * width), b1 = new Float32Array(C * width);
  features.forEach((f, c) => { for (let k = 0; k < layout.columns[c]!.coarse; k++) for (let j = 0; j < f.width; j++) codes[(layout.coarseOffset[c]! + k) * width + j] = f.values[k * f.width + j]!; });
  for (const i of layout.order.subarray(1)) {
    const a = learnt[`a${i}`]!.values, own = features[i]!.width;
    for (let h = 0; h < own; h++) b1[i * width + h] = a[h]!;
    let row = 1;
    for (const j of before(layout, i)) for (let r = 0; r < features[j]!.width; r++, row++) for (let h = 0; h < own; h++) w1[((j * width + r) * C + i) * width + h] = a[row * own + h]!;
  }
  const weights: Weights = {
    'codes@0': { shape: [layout.coarseOffset[C]!, width], values: codes }, w1: { shape: [C * width, C * width], values: w1 }, b1: { shape: [C, 1, width], values: b1 },
  };
  layout.groups.forEach((g, k) => {
    const out = new Float32Array(g.count * width * g.coarse), bias = new Float32Array(g.count * g.coarse).fill(-30);
    for (let i = 0; i < g.count; i++) {
      const c = layout.columns[g.start + i]!, f = features[g.start + i]!;
      for (let code = 0; code < c.coarse; code++) {
        bias[i * g.coarse + code] = Math.log(Math.max(c.share[code]!, 1e-6));
        for (let h = 0; h < f.width; h++) out[(i * width + h) * g.coarse + code] = f.values[code * f.width + h]!;
      }
    }
    weights[`out${k}`] = { shape: [g.count, width, g.coarse], values: out };
    weights[`bias${k}`] = { shape: [g.count, 1, g.coarse], values: bias };
  });
  return weights;
}

/**
 * How an autoencoder under a privacy budget sees a row and says one: by few features of every column's code, known before any row is read (features.ts), in place of one-hots. Noise costs by the number of weights, and
 * features are a third to a fifth as many as codes. What is said tilts the noised marginals, so that a network whose last layer is zero draws independent columns.
 *
 * **Where it begins.** From the usual small weights, an autoencoder's code says nothing of the row and its decoder does not listen: a saddle, with hardly a gradient toward a relation, which without noise takes a thousand steps to
 * leave and under a budget is never left (TVAE on 5,000 rows of Adult: epsilon 90 and no relation). So the encoder begins as a random projection of the features, whose codes have about the spread of the prior and tell
 * rows apart from the first step (random features: Rahimi & Recht 2007); the decoder learns at once what they tell. No row is looked at for it.
 */
import { add, constant, matmul, type Expr, type ParamSpec } from '../../../engine';
import type { Table } from '../../../table/table';
import type { PrivateFit } from '../../generator';
import type { Weights } from '../loop';
import type { Layout } from '../spans';
import { featuresOf, privateCodes } from './features';

/** Of a row of `hot` one-hots: the features of every code [hot, width], and the logarithms of the codes' noised shares [hot]. */
export interface Described { width: number; hot: number; columns: number; features: Float32Array; start: Float32Array }

/** @param layout of the private encoding: a span for each column, in the table's order */
export function describeColumns(fit: Pick<Table, 'columns'>, columns: PrivateFit['columns'], layout: Layout): Described {
  const codes = fit.columns.map((c) => privateCodes(c, columns[c.schema.name]!, c.schema.storage === 'code' ? c.categories() : undefined)), own = codes.map((c) => featuresOf(c, { numbers: 5, categories: 24 }));
  const width = own.reduce((n, f) => n + f.width, 0), { hot } = layout, features = new Float32Array(hot * width), start = new Float32Array(hot);
  let at = 0;
  own.forEach((f, j) => {
    const { start: from, size } = layout.spans[j]!, { share, name } = codes[j]!;
    if (share.length !== size) throw new Error(`describeColumns: "${name}" has ${share.length} codes, its span ${size}`);
    for (let k = 0; k < size; k++) {
      start[from + k] = Math.log(Math.max(share[k]!, 1e-5));
      for (let i = 0; i < f.width; i++) features[(from + k) * width + at + i] = f.values[k * f.width + i]!;
    }
    at += f.width;
  });
  return { width, hot, columns: own.length, features, start };
}

const table = ({ features, hot, width }: Described): Expr => constant(features, [hot, width]);
/** One-hots [B, hot] -> features [B, width]. */
export const seen = (x: Expr, d: Described): Expr => matmul(x, table(d));
/** What a decoder over features says, [B, width] -> logits [B, hot]. */
export const said = (raw: Expr, d: Described): Expr => add(matmul(raw, table(d), { transB: true }), constant(d.start, [d.hot]));
/** The row as networks over features have it: no one-hots, no alphas. */
export const narrowed = ({ width }: Described): Layout => ({ alphas: 0, spans: [], width, hot: width });

/** Log-variance of the codes at the beginning: they tell more of the row than of chance. */
const firstLogVariance = -1.5;
/**
 * The beginning of an autoencoder whose layers are `encoder.0`, ..., `latent` (means, then log-variances), `decoder.0`, ..., `out`, over features: codes that tell rows apart, a last layer that says the marginals.
 * @param layers hidden ones of encoder and decoder
 */
export function listening(params: Record<string, ParamSpec>, d: Described, layers: number): Record<string, ParamSpec> {
  const out = { ...params }, latent = params['latent.w']!.shape[1]!, normal = (name: string, sd: number): void => { out[name] = { ...params[name]!, init: { normal: sd } }; };
  // A column's features are about one long, so the columns' share of a hidden unit adds up to a spread of sqrt(2), half of which the rectifier takes.
  for (let i = 0; i < layers; i++) { normal(`encoder.${i}.w`, Math.sqrt(2 / (i ? params[`encoder.${i}.w`]!.shape[0]! : d.columns))); out[`encoder.${i}.b`] = { ...params[`encoder.${i}.b`]!, init: 'zeros' }; }
  normal('latent.w', 1 / Math.sqrt(layers ? params['latent.w']!.shape[0]! : d.columns));
  out['latent.b'] = { ...params['latent.b']!, init: Float32Array.from({ length: latent }, (_, i) => (i < latent / 2 ? 0 : firstLogVariance)) };
  for (let i = 0; i < layers; i++) normal(`decoder.${i}.w`, Math.sqrt(i ? 2 / params[`decoder.${i}.w`]!.shape[0]! : 2 / latent));
  return { ...out, 'out.w': { ...params['out.w']!, init: 'zeros' }, 'out.b': { ...params['out.b']!, init: 'zeros' } };
}

/** The same decoder with a last layer that says logits itself: `out.w` [h, hot] and `out.b` [hot], for samplers that know nothing of features. */
export function spelledOut(weights: Weights, d: Described): Weights {
  const { values: w, shape } = weights['out.w']!, b = weights['out.b']!.values, { hot, width, features } = d, hidden = shape[0]!, own = new Float32Array(hidden * hot), bias = Float32Array.from(d.start);
  for (let k = 0; k < hot; k++) for (let f = 0; f < width; f++) {
    const v = features[k * width + f]!;
    if (v === 0) continue;
    bias[k]! += b[f]! * v;
    for (let i = 0; i < hidden; i++) own[i * hot + k]! += w[i * width + f]! * v;
  }
  return { ...weights, 'out.w': { shape: [hidden, hot], values: own }, 'out.b': { shape: [hot], values: bias } };
}

/**
 * Multilayer perceptrons, as parameters and as expressions: a plain one, and a residual one.
 *
 * Weights are [in, out] and applied on the right (x W + b), as everywhere in the engine; PyTorch's `Linear.weight` is the
 * transpose. A layer called `n` has the parameters `n.w` and `n.b`, so that networks can be joined in one record.
 */
import { add, matmul, relu, silu, layerNorm, type Expr, type Init, type ParamSpec } from '../../engine';

export type Params = Record<string, Expr>;
/** Applied to a hidden layer's output while training (inverted dropout: already scaled by 1/keep). */
export type Dropped = (h: Expr, layer: number) => Expr;
export const activations = { relu, silu } as const;
export type Activation = keyof typeof activations;

/**
 * Parameters of one affine layer. Weights start uniform in +-sqrt(1/in) times `scale`, as PyTorch's `Linear`
 * (Kaiming with a = sqrt 5); `init` takes their place; biases start at zero.
 */
export function linearParams(name: string, input: number, output: number, options: { scale?: number; init?: Init; bias?: Init } = {}): Record<string, ParamSpec> {
  const { scale = 1, init = { uniform: scale / Math.sqrt(Math.max(1, input)) }, bias = 'zeros' } = options;
  return { [`${name}.w`]: { shape: [input, output], init }, [`${name}.b`]: { shape: [output], init: bias, decay: false } };
}
/** x [..., in] -> [..., out]; x of rank 2 or 3. */
export function linear(params: Params, name: string, x: Expr): Expr {
  return add(matmul(x, named(params, `${name}.w`)), named(params, `${name}.b`));
}
function named(params: Params, name: string): Expr {
  const p = params[name];
  if (!p) throw new Error(`mlp: there is no parameter "${name}"`);
  return p;
}

export interface MlpSizes { input: number; hidden: readonly number[]; output: number }

/** Parameters `name.0`, `name.1`, ... `name.out`. `zeroOut`: the last layer starts at zero, so that the network starts as a constant. */
export function mlpParams(name: string, { input, hidden, output }: MlpSizes, options: { zeroOut?: boolean } = {}): Record<string, ParamSpec> {
  const params: Record<string, ParamSpec> = {};
  let width = input;
  hidden.forEach((h, l) => { Object.assign(params, linearParams(`${name}.${l}`, width, h, { init: { he: true } })); width = h; });
  return { ...params, ...linearParams(`${name}.out`, width, output, options.zeroOut ? { init: 'zeros' } : {}) };
}
/** x [B, input] -> [B, output]; `layers` hidden ones. */
export function mlp(params: Params, name: string, x: Expr, layers: number, options: { activation?: Activation; drop?: Dropped } = {}): Expr {
  const act = activations[options.activation ?? 'silu'];
  let h = x;
  for (let l = 0; l < layers; l++) {
    h = act(linear(params, `${name}.${l}`, h));
    if (options.drop) h = options.drop(h, l);
  }
  return linear(params, `${name}.out`, h);
}

export interface ResidualSizes { input: number; width: number; blocks: number; output: number; /** width of a conditioning vector (time, condition), 0: none */ context?: number; /** hidden width of a block, as a multiple of `width` */ factor?: number }

/** Parameters of a residual MLP: `name.in`, `name.i.up`, `name.i.down`, `name.i.context`, `name.out`. */
export function residualParams(name: string, { input, width, blocks, output, context = 0, factor = 1 }: ResidualSizes): Record<string, ParamSpec> {
  const inner = Math.round(width * factor), params: Record<string, ParamSpec> = linearParams(`${name}.in`, input, width);
  for (let i = 0; i < blocks; i++) {
    Object.assign(params, linearParams(`${name}.${i}.up`, width, inner, { init: { he: true } }));
    if (context > 0) Object.assign(params, linearParams(`${name}.${i}.context`, context, inner));
    // Small at first: a block starts close to the identity.
    Object.assign(params, linearParams(`${name}.${i}.down`, inner, width, { scale: 0.1 }));
  }
  return { ...params, ...linearParams(`${name}.out`, width, output, { init: 'zeros' }) };
}
/**
 * h = in(x); h <- h + down(silu(up(norm(h)) + context(c))), `blocks` times; out(norm(h)). The pre-norm residual form (He et al. 2016;
 * Gorishniy et al. 2021, section 3.2), the norm being a layer norm without scale and shift.
 * @param x [B, input]
 * @param context [B, context], where the sizes have one
 */
export function residualMlp(params: Params, name: string, x: Expr, blocks: number, options: { context?: Expr; drop?: Dropped } = {}): Expr {
  let h = linear(params, `${name}.in`, x);
  for (let i = 0; i < blocks; i++) {
    let inner = linear(params, `${name}.${i}.up`, layerNorm(h));
    if (options.context) inner = add(inner, linear(params, `${name}.${i}.context`, options.context));
    inner = silu(inner);
    h = add(h, linear(params, `${name}.${i}.down`, options.drop ? options.drop(inner, i) : inner));
  }
  return linear(params, `${name}.out`, layerNorm(h));
}

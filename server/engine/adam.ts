/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (AdamW, Loshchilov & Hutter 2019), clipping of the global gradient
 * norm, and a moving average of the weights, as expressions.
 *
 * Moments are held without their (1-beta) factors (M = m/(1-beta1), V = v/(1-beta2)), which saves two passes over the
 * parameters; those factors, the bias corrections and the learning rate are folded into two numbers per step that the
 * host computes in float64.
 */
import { sameShape, size, type Expr, type Shape } from './expr';
import * as o from './ops';

export interface OptimiserSpec {
  beta1?: number; beta2?: number; epsilon?: number;
  /** Decoupled (AdamW): weights shrink by lr x weightDecay per step. */
  weightDecay?: number;
  /** Coupled decay, as in plain Adam with weight decay: l2 x weight is added to the gradient, of every parameter (biases too). */
  l2?: number;
  /** Upper bound on the norm of the gradient over all parameters. */
  clipNorm?: number;
  /** Keeps an exponential moving average of the weights; with `emaWarmup`, the decay at step t is min(ema, (1+t)/(10+t)). */
  ema?: number; emaWarmup?: boolean;
}
export const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
export interface ParamShape { shape: Shape; decay?: boolean; lrScale?: number; range?: readonly [number, number] }

/** Parameters that are updated as one array: a large one by itself, small ones of like treatment end to end. */
export interface Group { name: string; shape: Shape; decay: boolean; lrScale: number; range?: readonly [number, number]; members: Array<{ name: string; shape: Shape; offset: number }> }

/** Below this many elements a parameter is packed with others: an elementwise node costs more to start than to do. */
export const packBelow = 1 << 14;

export function groupParams(params: Record<string, ParamShape>, prefix = ''): Group[] {
  const groups: Group[] = [], packed = new Map<string, Group>();
  for (const [name, p] of Object.entries(params)) {
    const n = size(p.shape), decay = p.decay ?? p.shape.length >= 2, lrScale = p.lrScale ?? 1, range = p.range && { range: p.range };
    if (n >= packBelow) { groups.push({ name, shape: [...p.shape], decay, lrScale, ...range, members: [{ name, shape: p.shape, offset: 0 }] }); continue; }
    const key = `${decay}/${lrScale}/${p.range ?? ''}`;
    let g = packed.get(key);
    if (!g) { g = { name: `${prefix}pack${packed.size}`, shape: [0], decay, lrScale, ...range, members: [] }; packed.set(key, g); groups.push(g); }
    g.members.push({ name, shape: p.shape, offset: g.shape[0] });
    g.shape = [g.shape[0] + n];
  }
  return groups;
}
/** Each parameter as an expression of its group's array. */
export function unpack(groups: readonly Group[], arrays: Record<string, Expr>): Record<string, Expr> {
  const out: Record<string, Expr> = {};
  for (const g of groups) for (const m of g.members) {
    out[m.name] = sameShape(m.shape, g.shape) ? arrays[g.name] : o.reshape(o.slice(arrays[g.name], [m.offset], [m.offset + size(m.shape)]), m.shape, true);
  }
  return out;
}
const pack = (g: Group, values: Record<string, Expr>): Expr =>
  (g.members.length === 1 && sameShape(g.members[0].shape, g.shape) ? values[g.members[0].name] : o.concat(g.members.map((m) => o.reshape(values[m.name], [-1])), 0));

/** Per-step numbers the host feeds, in this order, as one float32 [4]. */
export const hostScalars = 4;
export function stepScalars(spec: OptimiserSpec, step: number, lr: number): number[] {
  const { beta1, beta2, epsilon, weightDecay } = { ...defaults, ...spec };
  const t = step + 1;
  const a = (1 - beta1) / (1 - beta1 ** t), b = Math.sqrt((1 - beta2) / (1 - beta2 ** t));
  const decay = spec.ema === undefined ? 0 : spec.emaWarmup ? Math.min(spec.ema, (1 + step) / (10 + step)) : spec.ema;
  return [lr * a / b, epsilon / b, lr * weightDecay, 1 - decay];
}

/** One update of every group. State arrays are keyed `p:`, `m:`, `v:` and, with an average, `e:` + group name. */
export function adamStep(spec: OptimiserSpec, groups: readonly Group[], state: Record<string, Expr>, gradients: Record<string, Expr>, scalars: Expr): { next: Record<string, Expr>; norm?: Expr } {
  const { beta1, beta2, weightDecay } = { ...defaults, ...spec };
  const scalar = (i: number): Expr => o.reshape(o.slice(scalars, [i], [i + 1]), []);
  const [alpha, epsilon, shrink, fresh] = [0, 1, 2, 3].map(scalar);
  const next: Record<string, Expr> = {};
  const gs = groups.map((g) => pack(g, gradients));
  let norm: Expr | undefined, scale: Expr | undefined;
  if (spec.clipNorm !== undefined) {
    norm = o.sqrt(gs.map((g) => o.sum(o.mul(g, g))).reduce((a, b) => o.add(a, b)));
    scale = o.minimum(o.div(spec.clipNorm, o.maximum(norm, 1e-12)), 1);
  }
  groups.forEach((group, i) => {
    const [p, m, v] = ['p', 'm', 'v'].map((k) => state[`${k}:${group.name}`]);
    const clipped = scale ? o.mul(gs[i], scale) : gs[i], g = spec.l2 ? o.add(clipped, o.mul(p, spec.l2)) : clipped;
    const m1 = o.add(o.mul(m, beta1), g), v1 = o.add(o.mul(v, beta2), o.mul(g, g));
    const rate = group.lrScale === 1 ? alpha : o.mul(alpha, group.lrScale);
    const update = o.mul(o.div(m1, o.add(o.sqrt(v1), epsilon)), rate);
    const held = weightDecay && group.decay ? o.mul(p, o.sub(1, group.lrScale === 1 ? shrink : o.mul(shrink, group.lrScale))) : p;
    const moved = o.sub(held, update), p1 = group.range ? o.minimum(o.maximum(moved, group.range[0]), group.range[1]) : moved;
    next[`p:${group.name}`] = p1; next[`m:${group.name}`] = m1; next[`v:${group.name}`] = v1;
    if (spec.ema !== undefined) { const e = state[`e:${group.name}`]; next[`e:${group.name}`] = o.add(e, o.mul(o.sub(p1, e), fresh)); }
  });
  return { next, norm };
}

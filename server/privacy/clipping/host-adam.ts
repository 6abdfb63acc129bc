/** Adam on the host, for gradients that get their noise there. The engine's optimiser (engine/adam.ts), number for number but for its float32 order of operations. */
import { size, type NamedArray, type ParamSpec, type Shape } from '../../engine';
import { defaults } from '../../engine/adam';

export interface HostAdamOptions {
  beta1?: number; beta2?: number; epsilon?: number;
  /** Coupled decay: l2 x weight is added to the gradient. */
  l2?: number;
  /** Moving average of the weights; its decay at step t is min(ema, (1 + t) / (10 + t)). */
  ema?: number;
}
type Weights = Record<string, { shape: Shape; values: Float32Array }>;

export class HostAdam {
  private readonly m: Weights; private readonly v: Weights; private readonly averaged?: Weights;
  private steps = 0;
  /** @param current updated in place */
  constructor(readonly current: Weights, private readonly specs: Record<string, ParamSpec>, private readonly options: HostAdamOptions) {
    const like = (fill: (w: Float32Array) => Float32Array): Weights => Object.fromEntries(Object.entries(current).map(([n, w]) => [n, { shape: w.shape, values: fill(w.values) }]));
    this.m = like((w) => new Float32Array(w.length)); this.v = like((w) => new Float32Array(w.length));
    if (options.ema !== undefined) this.averaged = like((w) => w.slice());
  }
  /** The moving average, or the weights where none is kept. */
  get average(): Weights { return this.averaged ?? this.current; }

  update(gradient: Record<string, ArrayLike<number>>, rate: number): void {
    const { beta1, beta2, epsilon } = { ...defaults, ...this.options }, { l2 = 0, ema } = this.options, t = ++this.steps;
    const own = 1 - Math.min(ema ?? 0, t / (9 + t)), correct1 = 1 - beta1 ** t, root2 = 1 / Math.sqrt(1 - beta2 ** t), rest1 = 1 - beta1, rest2 = 1 - beta2;
    for (const [name, { values: p }] of Object.entries(this.current)) {
      const g = gradient[name]!, m = this.m[name]!.values, v = this.v[name]!.values, e = this.averaged?.[name]!.values, { lrScale = 1, range } = this.specs[name]!, step = (rate * lrScale) / correct1;
      for (let i = 0; i < p.length; i++) {
        const w = p[i]!, d = g[i]! + l2 * w, mean = beta1 * m[i]! + rest1 * d, square = beta2 * v[i]! + rest2 * d * d;
        m[i] = mean;
        v[i] = square;
        p[i] = w - (step * mean) / (Math.sqrt(square) * root2 + epsilon);
      }
      if (range) for (let i = 0; i < p.length; i++) p[i] = Math.min(range[1], Math.max(range[0], p[i]!));
      if (e) for (let i = 0; i < p.length; i++) e[i]! += own * (p[i]! - e[i]!);
    }
  }

  arrays(): NamedArray[] {
    const of = (prefix: string, w: Weights | undefined): NamedArray[] => Object.entries(w ?? {}).map(([n, { shape, values }]) => ({ name: `${prefix}/${n}`, shape, values: values.slice() }));
    return [{ name: 'steps', shape: [1], values: Float32Array.of(this.steps) }, ...of('p', this.current), ...of('m', this.m), ...of('v', this.v), ...of('e', this.averaged)];
  }
  /** @throws Error when the arrays are another network's */
  restore(arrays: readonly NamedArray[]): void {
    const by = new Map(arrays.map((a) => [a.name, a]));
    for (const [prefix, weights] of [['p', this.current], ['m', this.m], ['v', this.v], ['e', this.averaged ?? {}]] as const) {
      for (const [n, w] of Object.entries(weights)) {
        const saved = by.get(`${prefix}/${n}`);
        if (!saved || saved.values.length !== size(w.shape)) throw new Error(`the saved state is of another network ("${n}")`);
        w.values.set(saved.values);
      }
    }
    this.steps = by.get('steps')!.values[0]!;
  }
}

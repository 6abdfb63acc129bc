import type { Layer } from './layers';

/** Adam (Kingma & Ba 2015) for one layer, with decoupled weight decay (Loshchilov & Hutter 2019) on the weights. */
export class AdamState {
  private readonly m: [Float64Array, Float64Array]; private readonly v: [Float64Array, Float64Array];
  private t = 0;
  constructor(weights: number, bias: number) {
    this.m = [new Float64Array(weights), new Float64Array(bias)];
    this.v = [new Float64Array(weights), new Float64Array(bias)];
  }
  step(layer: Layer, rate: number, decay: number): void {
    this.t++;
    const c1 = 1 - 0.9 ** this.t, c2 = 1 - 0.999 ** this.t;
    for (const [k, [w, g]] of ([[layer.weights, layer.dWeights], [layer.bias, layer.dBias]] as const).entries()) {
      const m = this.m[k], v = this.v[k], shrink = k === 0 ? rate * decay : 0;
      for (let i = 0; i < w.length; i++) {
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        w[i] -= (rate * (m[i] / c1)) / (Math.sqrt(v[i] / c2) + 1e-8) + shrink * w[i];
      }
    }
  }
}

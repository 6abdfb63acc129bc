import type { KeyStream } from '../../engine/random';
import type { SparseInput } from './rows';

/** One dense layer with its latest activations and gradients. Weights are input-major [inputs * outputs], so that a zero input skips a whole row. */
export interface Layer {
  inputs: number; outputs: number; weights: Float64Array; bias: Float64Array; dWeights: Float64Array; dBias: Float64Array;
  /** After ReLU (the last layer: without). */
  out: Float64Array;
  delta: Float64Array;
}

/** He et al. 2015: normal weights of variance 2 / inputs, no bias. @param sizes inputs, hidden widths, outputs */
export function layersOf(sizes: readonly number[], stream: KeyStream): Layer[] {
  return sizes.slice(1).map((outputs, k) => {
    const inputs = sizes[k], spread = Math.sqrt(2 / Math.max(1, inputs));
    return {
      inputs, outputs, weights: stream.child(String(k)).normals(0, inputs * outputs).map(v => v * spread), bias: new Float64Array(outputs),
      dWeights: new Float64Array(inputs * outputs), dBias: new Float64Array(outputs), out: new Float64Array(outputs), delta: new Float64Array(outputs),
    };
  });
}

/** Activations of one row; the returned array is the last layer's own and is overwritten by the next call. */
export function forward(layers: readonly Layer[], x: SparseInput, row: number): Float64Array {
  let below: Float64Array | undefined;
  for (const [k, l] of layers.entries()) {
    const { out, weights, outputs } = l;
    out.set(l.bias);
    const add = (i: number, v: number) => { for (let o = 0, at = i * outputs; o < outputs; o++, at++) out[o] += v * weights[at]; };
    if (below) { for (let i = 0; i < l.inputs; i++) if (below[i] !== 0) add(i, below[i]); }
    else for (let at = x.start[row]; at < x.start[row + 1]; at++) add(x.column[at], x.values[at]);
    if (k < layers.length - 1) for (let o = 0; o < outputs; o++) if (out[o] < 0) out[o] = 0;
    below = out;
  }
  return below!;
}

/** Adds one row's gradients; `top` is the loss's gradient by the last outputs. Must follow `forward` on the same row. */
export function backward(layers: readonly Layer[], x: SparseInput, row: number, top: Float64Array): void {
  layers[layers.length - 1].delta.set(top);
  for (let k = layers.length - 1; k >= 0; k--) {
    const { delta, dWeights, dBias, weights, outputs } = layers[k];
    for (let o = 0; o < outputs; o++) dBias[o] += delta[o];
    if (k === 0) {
      for (let at = x.start[row]; at < x.start[row + 1]; at++) {
        const v = x.values[at];
        for (let o = 0, w = x.column[at] * outputs; o < outputs; o++, w++) dWeights[w] += v * delta[o];
      }
      return;
    }
    const below = layers[k - 1];
    for (let i = 0, w = 0; i < below.outputs; i++) {
      const v = below.out[i];
      if (v === 0) { below.delta[i] = 0; w += outputs; continue; }   // ReLU: off means no gradient either
      let s = 0;
      for (let o = 0; o < outputs; o++, w++) { dWeights[w] += v * delta[o]; s += weights[w] * delta[o]; }
      below.delta[i] = s;
    }
  }
}

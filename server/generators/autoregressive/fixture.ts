import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { makeLayout, type Sizes } from './layout';
import { parameters } from './model';
import type { Weights } from './versions';

/** For tests: a network that was never trained, whose law over 3 x 4 x 3 cells is known by enumeration and strongly dependent. */
export const small: Sizes = { embedding: 6, hidden: 16, layers: 2, fineHidden: 8, dropout: 0, weightDecay: 0, batch: 64, anyOrder: 0.5, learningRate: 5e-3, smoothing: 0 };
export const uniforms = new KeyStream(2, 'cells').uniforms(0, 4000);
export const table = makeTable(plainDialect, [
  codeColumn(columnSchema({ name: 'a', kind: 'category', storage: 'code' }), Int32Array.from({ length: 900 }, (_, i) => Math.floor(3 * uniforms[i]!)), ['x', 'y', 'z']),
  numberColumn(columnSchema({ name: 'b', kind: 'integer', storage: 'number' }), Float64Array.from({ length: 900 }, (_, i) => Math.floor(4 * uniforms[1000 + i]!))),
  codeColumn(columnSchema({ name: 'c', kind: 'category', storage: 'code' }), Int32Array.from({ length: 900 }, (_, i) => Math.floor(3 * uniforms[2000 + i]!) - 1), ['no', 'yes']),
]);
export const layout = makeLayout(table);
export const weights: Weights = Object.fromEntries(Object.entries(parameters(layout, small)).map(([name, p]) => {
  const size = p.shape.reduce((x, y) => x * y, 1), start = p.init instanceof Float32Array ? p.init : new Float32Array(size);
  return [name, { shape: p.shape, values: Float32Array.from(new KeyStream(3, name).normals(0, size), (v, i) => start[i]! + 0.9 * v) }];
}));

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { constant, grad, KeyStream, mean, openDevice, size, sum, type Device, type Expr } from '../../engine';
import { layoutOf, type Layout } from '../autoregressive/layout';
import type { ColumnCodes } from '../../table/encoders/codes';
import type { Weights } from '../blocks/loop';
import { columnLosses, transformerParams, type Sizes } from './model';
import { TransformerSampler } from './sample';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/transformer/columns.json', import.meta.url), 'utf8')) as {
  rows: number; width: number; heads: number; hidden: number; layers: number; fineHidden: number; order: number[]; first: number[][]; rank: (number[] | null)[]; share: number[][];
  leaves: number[]; loss: number; losses: number[]; params: Record<string, number[]>; grads: Record<string, number[]>;
};
const sizes: Sizes = { width: golden.width, heads: golden.heads, hidden: golden.hidden, layers: golden.layers, fineHidden: golden.fineHidden, smoothing: 0 };
/** Codes by hand, every leaf a value of its own. */
const codes = (name: string, first: number[], rank: number[] | null, share: number[]): ColumnCodes => {
  const leaves = first.at(-1)!, coarse = first.length - 1, coarseOf = new Int32Array(leaves);
  for (let c = 0; c < coarse; c++) coarseOf.fill(c, first[c]!, first[c + 1]!);
  return {
    name, storage: rank ? 'number' : 'code', first: Int32Array.from(first), coarseOf, leaves, coarse, maxFine: Math.max(...first.slice(1).map((v, i) => v - first[i]!)), missing: -1, share: Float64Array.from(share),
    rank: Float32Array.from(rank ?? new Array<number>(leaves).fill(NaN)), ...(rank ? { upper: Float64Array.from({ length: leaves }, (_, i) => i), numbers: Array.from({ length: leaves }, (_, i) => ({ value: i })), decimals: 0 } : { category: Int32Array.from({ length: leaves }, (_, i) => i) }),
  };
};
const layout: Layout = layoutOf(golden.first.map((f, c) => codes(`c${c}`, f, golden.rank[c]!, golden.share[c]!)), Int32Array.from(golden.order));
const specs = transformerParams(layout, sizes), names = Object.keys(specs);
/** The reference holds every column's head by itself, ours by padded size: column c is group c here, padded with codes that the loss must not use. */
const padded = (name: string): Float32Array => {
  const m = /^(out|bias)(\d)$/.exec(name), own = golden.params[m ? `head${m[2]}.${m[1]}` : /^fine/.test(name) ? name.slice(0, -1) : name];
  if (!m) return Float32Array.from(own!);
  const [, rows, wide] = specs[name]!.shape as [number, number, number], k = layout.columns[Number(m[2])]!.coarse, out = new Float32Array(rows * wide).fill(m[1] === 'bias' ? -30 : 0);
  for (let i = 0; i < rows; i++) for (let j = 0; j < k; j++) out[i * wide + j] = own![i * k + j]!;
  return out;
};
let device: Device;
beforeAll(async () => { device = await openDevice('cpu', { threads: 1 }); });

test('one teacher-forced step: losses and gradients are PyTorch\'s', async () => {
  expect(layout.groups.length).toBe(3);
  const program = await device.compile({
    inputs: { leaves: { shape: [golden.rows, 3], dtype: 'int32' } }, frozen: Object.fromEntries(names.map((n) => [n, { shape: specs[n]!.shape, values: padded(n) }])),
    outputs(i: Record<string, Expr>) {
      const losses = columnLosses(i, layout, sizes, i.leaves!), loss = mean(sum(losses, { axes: 0 })), g = grad(loss, names.map((n) => i[n]!));
      return { losses, loss, ...Object.fromEntries(names.map((n, k) => [`grad ${n}`, g[k]!])) } as Record<string, Expr>;
    },
  });
  const got = await program.run({ leaves: Int32Array.from(golden.leaves) });
  await program.release();
  const near = (a: ArrayLike<number>, b: readonly number[], what: string): void => b.forEach((v, i) => expect(Math.abs(a[i]! - v), `${what}[${i}]: ${a[i]} for ${v}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))));
  near(got.loss!, [golden.loss], 'loss');
  near(got.losses!, golden.losses, 'losses');
  for (const n of names) {
    const m = /^(out|bias)(\d)$/.exec(n);
    if (!m) { near(got[`grad ${n}`]!, golden.grads[/^fine/.test(n) ? n.slice(0, -1) : n]!, `gradient of ${n}`); continue; }
    const [, rows, wide] = specs[n]!.shape as [number, number, number], k = layout.columns[Number(m[2])]!.coarse, want = golden.grads[`head${m[2]}.${m[1]}`]!;
    for (let i = 0; i < rows; i++) near(got[`grad ${n}`]!.subarray(i * wide, i * wide + k), want.slice(i * k, (i + 1) * k), `gradient of ${n}, row ${i}`);
  }
});

test('rows are drawn with the probabilities that the losses state (chi-squared), given columns kept', async () => {
  const weights: Weights = Object.fromEntries(names.map((n) => {
    const { shape, init } = specs[n]!, start = init instanceof Float32Array ? init : undefined;
    return [n, { shape, values: Float32Array.from(new KeyStream(2, n).normals(0, size(shape)), (v, i) => (start ? start[i]! : 0) + 0.6 * v * (start && start[i]! < -20 ? 0 : 1)) }];
  }));
  const all = [0, 1, 2].flatMap((a) => [0, 1, 2, 3].flatMap((b) => [0, 1].map((c) => [a, b, c])));
  const program = await device.compile({ inputs: {}, frozen: weights, outputs: (i: Record<string, Expr>) => ({ loss: sum(columnLosses(i, layout, sizes, constant(Int32Array.from(all.flat()), [all.length, 3])), { axes: 0 }) }) });
  const p = Array.from((await program.run({})).loss, (v) => Math.exp(-v));
  await program.release();
  expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  const sampler = await TransformerSampler.open(device, layout, sizes, weights), rows = 20_000;
  const chi = async (given: Int32Array | undefined, q: number[]): Promise<void> => {
    const cells = await sampler.rows(rows, new KeyStream(4, 'chi'), given), n = new Array<number>(24).fill(0);
    for (let i = 0; i < rows; i++) n[cells[0]![i]! * 8 + cells[1]![i]! * 2 + cells[2]![i]!]!++;
    let x = 0, degrees = -1;
    q.forEach((v, i) => { if (v * rows >= 5) { x += (n[i]! - v * rows) ** 2 / (v * rows); degrees++; } else expect(n[i]!).toBeLessThan(25); });
    expect(degrees).toBeGreaterThan(3);
    expect(x).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
  };
  await chi(undefined, p);
  // Given the first of the order, column 1: the others are drawn from the conditional.
  const given = new Int32Array(3 * rows).fill(-1).fill(2, rows, 2 * rows), known = (i: number): boolean => (i >> 1) % 4 === 2, mass = p.reduce((a, v, i) => a + (known(i) ? v : 0), 0);
  await chi(given, p.map((v, i) => (known(i) ? v / mass : 0)));
  await sampler.release();
});

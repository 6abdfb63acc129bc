import { type Device, equal, exp, iota, matmul, max, reshape, sub, sum, where } from '../../engine';
import { centreOf } from './bounds';
import { compact, slotsOf } from './compact';
import { squaredDistance } from './exact';
import type { Points } from './nearest';
import { kernelSum, Tree } from './tree';

export interface KernelOptions {
  device: Device;
  /** For each query the reference row that is the query itself and is left out; -1 for none. */
  self?: Int32Array;
  /** Awaited between blocks, well under a second apart; may throw to cancel. */
  progress?(fraction: number): Promise<void>;
  /** Sizes of blocks, for tests; they also rule out the tree. */
  blocks?: { queries: number; reference: number };
  /** For tests: the tree, whatever it is expected to cost. */
  tree?: boolean;
}

/** Below this many multiplications the device is not worth asking; then everything is float64. */
const smallWork = 2e7;

/**
 * Logarithms of Gaussian kernel sums: for every query the log of the sum over reference rows of exp(-|q - r|^2 / 2). Scale the rows by their
 * bandwidths before. -Infinity where no reference row is left.
 *
 * On the device the exponents q.r - |r|^2 / 2 come from one matrix product a block in float32, centred, and a block's sum is taken about its own largest;
 * blocks are added up in float64. An exponent is off by some 1e-7 of the rows' squared (scaled) norms: about 1e-4 for fifteen columns and a bandwidth of a tenth.
 * Small problems are summed in float64, and so are those where narrow kernels reach few rows: there a tree leaves out what is worth less than 1e-7 of a sum.
 *
 * @throws RangeError for widths that differ
 */
export async function logKernelSums(queries: Points, reference: Points, options: KernelOptions): Promise<Float64Array> {
  if (queries.width !== reference.width) throw new RangeError(`queries are ${queries.width} wide, the reference ${reference.width}`);
  if (queries.rows === 0 || reference.rows === 0) return new Float64Array(queries.rows).fill(-Infinity);
  const small = queries.rows * reference.rows * queries.width <= smallWork;
  if (small && !options.blocks && !options.tree) return sumAll(queries, reference, options.self);
  return (options.blocks ? undefined : await sumTree(queries, reference, options)) ?? sumBlocks(queries, reference, options);
}

/** Queries that try the tree, and what each slot that it looks at costs, in multiplications of a matrix product on a CPU (measured), of which a pair of rows costs some fifty besides its width. */
const tried = 32, mostSlots = 64, slotCost = 300, pairCost = 56;

/** @returns undefined where the tree would look at too many rows, or the points do not fit it */
async function sumTree(queries: Points, reference: Points, options: KernelOptions): Promise<Float64Array | undefined> {
  const slots = slotsOf(reference), all = (p: Points) => Int32Array.from({ length: p.rows }, (_, i) => i), S = slots.count, own = (i: number) => options.self?.[i] ?? -1;
  if (!options.tree && S > mostSlots) return undefined;
  const rows = compact(reference, all(reference), slots), ask = rows && compact(queries, all(queries), slots);
  if (!ask) return undefined;
  const tree = new Tree(rows, slots), out = new Float64Array(queries.rows);
  await options.progress?.(0.02);
  if (!options.tree) {
    const some = Math.min(tried, queries.rows);
    for (let t = 0; t < some; t++) { const i = Math.floor((t * queries.rows) / some); kernelSum(tree, ask, i * S, own(i)); }
    if (tree.looked * slotCost > some * reference.rows * (reference.width + pairCost)) return undefined;
  }
  let breath = tree.looked;
  for (let i = 0; i < queries.rows; i++) {
    out[i] = kernelSum(tree, ask, i * S, own(i));
    if (tree.looked - breath > 2e7) { breath = tree.looked; await options.progress?.((i + 1) / queries.rows); }
  }
  return out;
}

function sumAll(q: Points, r: Points, self?: Int32Array): Float64Array {
  const out = new Float64Array(q.rows), exponent = new Float64Array(r.rows);
  for (let i = 0; i < q.rows; i++) {
    let most = -Infinity, s = 0;
    for (let j = 0; j < r.rows; j++) {
      exponent[j] = self?.[i] === j ? -Infinity : -squaredDistance(q.values, i * q.width, r.values, j * q.width, q.width) / 2;
      if (exponent[j] > most) most = exponent[j];
    }
    if (most > -Infinity) for (let j = 0; j < r.rows; j++) s += Math.exp(exponent[j] - most);
    out[i] = most > -Infinity ? most + Math.log(s) : -Infinity;
  }
  return out;
}

/** An exponent that no row reaches, and still a float32 whose differences are finite. */
const none = -1e30;

async function sumBlocks(queries: Points, reference: Points, options: KernelOptions): Promise<Float64Array> {
  const { width } = queries, w = width + 1, centre = centreOf(reference.values, reference.rows, width), cpu = options.device.info.name === 'cpu';
  const Q = options.blocks?.queries ?? Math.min(cpu ? 512 : 2048, queries.rows), R = options.blocks?.reference ?? Math.min(cpu ? 1024 : 16384, reference.rows);
  const blocks = Math.ceil(reference.rows / R), prepared = new Float32Array(blocks * R * w);
  for (let i = 0; i < blocks * R; i++) prepared[i * w + width] = none;
  for (let i = 0; i < reference.rows; i++) {
    let norm = 0;
    for (let k = 0; k < width; k++) { const v = Math.fround(reference.values[i * width + k] - centre[k]); prepared[i * w + k] = v; norm += v * v; }
    prepared[i * w + width] = -norm / 2;
  }
  const program = await options.device.compile({
    inputs: { q: { shape: [Q, w], dtype: 'float32' }, r: { shape: [R, w], dtype: 'float32' }, self: { shape: [Q], dtype: 'int32' } },
    outputs: ({ q, r, self }) => {
      const raw = matmul(q, r, { transB: true }), score = options.self ? where(equal(reshape(self, [Q, 1]), reshape(iota(R), [1, R])), none, raw) : raw;
      const most = max(score, { axes: 1, keepDims: true });
      return { most: reshape(most, [Q]), sums: sum(exp(sub(score, most)), { axes: 1 }) };
    },
  });
  const out = new Float64Array(queries.rows).fill(-Infinity), feed = new Float32Array(Q * w), own = new Int32Array(Q), most = new Float32Array(Q), sums = new Float32Array(Q);
  try {
    const steps = Math.ceil(queries.rows / Q);
    for (let b = 0; b < steps; b++) {
      const from = b * Q, n = Math.min(Q, queries.rows - from), half = new Float64Array(n);
      feed.fill(0);
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < width; k++) { const v = Math.fround(queries.values[(from + i) * width + k] - centre[k]); feed[i * w + k] = v; half[i] += (v * v) / 2; }
        feed[i * w + width] = 1;
      }
      for (let r = 0; r < blocks; r++) {
        if (options.self) for (let i = 0; i < Q; i++) own[i] = i < n ? options.self[from + i] - r * R : -1;
        await program.run({ q: feed, r: prepared.subarray(r * R * w, (r + 1) * R * w), self: own }, { most, sums });
        for (let i = 0; i < n; i++) {
          if (most[i] <= none / 2) continue;
          const here = most[i] + Math.log(sums[i]), before = out[from + i], high = Math.max(before, here);
          out[from + i] = high + Math.log(Math.exp(before - high) + Math.exp(here - high));
        }
        await options.progress?.((b + (r + 1) / blocks) / steps);
      }
      for (let i = 0; i < n; i++) out[from + i] -= half[i];
    }
  } finally { await program.release(); }
  return out;
}

/**
 * Training steps in the shape of the generators: `wide`, an any-order network over concatenated one-hots (3 layers, span
 * cross-entropy), and `columns`, a small network per column as batched products. Milliseconds per step.
 *
 *   npx tsx bench/engine/generator-step.ts [wide|columns] [batch=512] [threads] [profile prefix]
 */
import { makeDevice } from '../../server/engine/device';
import { add, concat, constant, crossEntropy, epochBatches, gather, glorot, greater, KeyStream, less, matmul, mean, mul, relu, reshape, silu, slice, spanCrossEntropy, spanOneHot, spanSpread, sub, sum, transpose, uniform, cast, div, expandDims, iota, type Expr, type TrainSpec } from '../../server/engine/index';

const [what = 'wide', batchText = '512', threads = '2', profile] = process.argv.slice(2);
const batch = Number(batchText), n = 30_000, K = 20;
const sizes = [74, 9, 128, 16, 16, 7, 15, 6, 5, 2, 119, 92, 94, 42, 2];   // Adult's columns, numeric ones in up to 128 bins
const C = sizes.length, W = sizes.reduce((a, b) => a + b, 0);
const spans = sizes.map((size, i) => ({ start: sizes.slice(0, i).reduce((a, b) => a + b, 0), size }));

const wide = (width = 512): TrainSpec => ({
  params: { w0: { shape: [W + C, width], init: glorot() }, b0: { shape: [width] }, w1: { shape: [width, width], init: glorot() }, b1: { shape: [width] }, w2: { shape: [width, width], init: glorot() }, b2: { shape: [width] }, w3: { shape: [width, W], init: glorot() }, b3: { shape: [W] } },
  data: { codes: { shape: [n, C], dtype: 'int32' } },
  step: { rows: { shape: [batch], dtype: 'int32' }, bits: { shape: [batch, C + 1], dtype: 'int32' } },
  loss({ params: p, data, step }) {
    const codes = gather(data.codes, step.rows), u = uniform(step.bits);
    // Of each row a random share of the columns is seen.
    const seen = cast(less(slice(u, [0], [C], [1]), slice(u, [C], [C + 1], [1])), 'float32');
    const x = concat([mul(spanOneHot(codes, spans), spanSpread(seen, spans)), seen], 1);
    let h: Expr = x;
    for (let i = 0; i < 3; i++) h = relu(add(matmul(h, p[`w${i}`]), p[`b${i}`]));
    const ce = spanCrossEntropy(add(matmul(h, p.w3), p.b3), codes, spans), hidden = sub(1, seen);
    const weight = div(hidden, add(sum(hidden, { axes: 1, keepDims: true }), 1e-6));
    return { loss: mean(sum(mul(ce, weight), { axes: 1 })) };
  },
  optimiser: { clipNorm: 1, ema: 0.998 },
});
const P = Math.max(...sizes), E = 16, H = 128;
const columns = (): TrainSpec => ({
  params: { emb: { shape: [W, E], init: { normal: 0.3 } }, w1: { shape: [C, C * E + C, H], init: glorot() }, b1: { shape: [C, 1, H] }, w2: { shape: [C, H, H], init: glorot() }, b2: { shape: [C, 1, H] }, w3: { shape: [C, H, P], init: glorot() }, b3: { shape: [C, 1, P] } },
  data: { codes: { shape: [n, C], dtype: 'int32' } },
  step: { rows: { shape: [batch], dtype: 'int32' }, bits: { shape: [C, batch, C], dtype: 'int32' } },
  loss({ params: p, data, step }) {
    const codes = gather(data.codes, step.rows);
    const e = gather(p.emb, add(codes, constant(Int32Array.from(spans, (s) => s.start))));          // [B, C, E]
    const seen = cast(greater(uniform(step.bits), 0.5), 'float32');                                     // [C, B, C]
    const masked = reshape(mul(expandDims(e, 0), expandDims(seen, -1)), [C, batch, C * E]);
    let h = concat([masked, seen], 2);
    h = silu(add(matmul(h, p.w1), p.b1));
    h = silu(add(matmul(h, p.w2), p.b2));
    const logits = add(matmul(h, p.w3), p.b3);
    const valid = less(reshape(iota(P), [1, 1, P]), constant(Int32Array.from(sizes), [C, 1, 1]));
    return { loss: mean(crossEntropy(logits, transpose(codes), valid)) };
  },
  optimiser: { clipNorm: 1, ema: 0.998 },
});

async function main(): Promise<void> {
  const device = makeDevice({ name: 'cpu', description: '' }, { target: 'cpu', threads: Number(threads), ...(profile ? { profile } : {}) });
  const s = new KeyStream(1, 'bench'), codes = new Int32Array(n * C);
  sizes.forEach((size, j) => s.integers(j * n, n, size).forEach((c, i) => { codes[i * C + j] = c; }));
  const spec = what === 'wide' ? wide() : columns();
  const t = await device.train(spec, { seed: 1, data: { codes } });
  const words = spec.step!.bits.shape.reduce((a, b) => a * b, 1);
  let wall = Infinity, cpu = Infinity, loss = 0;
  for (let r = 0; r < (profile ? 2 : 6); r++) {
    const inputs = { rows: epochBatches(s, n, batch, r * K, K), bits: s.bits(r * K * words, K * words) };
    const t0 = performance.now(), c0 = process.cpuUsage();
    loss = (await t.run(inputs, new Float32Array(K).fill(1e-3))).loss[K - 1];
    const c = process.cpuUsage(c0);
    wall = Math.min(wall, (performance.now() - t0) / K); cpu = Math.min(cpu, (c.user + c.system) / 1e3 / K);
  }
  console.log(JSON.stringify({ what, batch, threads: Number(threads), W, C, wallMs: +wall.toFixed(2), cpuMs: +cpu.toFixed(2), loss: +loss.toFixed(4) }));
  await t.release();
}
main().catch((e) => { console.error(e); process.exit(1); });

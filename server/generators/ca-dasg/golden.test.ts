/** Every part of a training step of CA-DASG equals PyTorch's (test/golden/ca-dasg/steps.py): losses, gradients, what the cache sees, and the weights after a whole step. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { add, at, concat, constant, gather, grad, mean, mul, oneHot, openDevice, reshape, type Expr, type InputSpec, type ParamSpec, type Values } from '../../engine';
import { layoutOf, rowVector } from '../blocks/spans';
import { contextLoss, covarianceLoss, criticLoss, divergence, featureLoss, fooling, historyLoss, knownCovarianceLoss, predictorLoss, utilityLoss } from './losses';
import { allParams, encode, type Sizes } from './networks';
import { pullsOf } from './probe';
import { conditionOf, make, stepInputs, sumsOf, trainSpec, variational, type Batch, type Model, type Told } from './step';


type Nested = number | Nested[];
interface GoldenBatch { alphas: Nested; codes: Nested; parts: Nested; context: Nested }
interface Part { loss: number; gradients: Record<string, Nested> }
interface Golden {
  modes: number[]; categories: number[]; parts: number[]; contexts: number; embedding: number; hidden: number; sketch: number; least: number; lr: number;
  weights: Record<'adversarial' | 'divergence' | 'covariance' | 'utility' | 'features' | 'history' | 'penalty' | 'reconstruction', number>;
  before: Record<string, Nested>; after: Record<string, Nested>; batches: GoldenBatch[]; tables: Record<string, Nested>; noise: { z: Nested[]; u: Nested[]; scatter: Nested[]; mix: Nested }; history: Record<string, Nested>;
  parts_: Record<string, Part> & { sums: Record<string, Nested>; pulls: Record<string, number> };
}
const golden = JSON.parse(readFileSync('test/golden/ca-dasg/steps.json', 'utf8')) as Golden, w = golden.weights;
const flat = (x: Nested): number[] => (typeof x === 'number' ? [x] : x.flatMap(flat));
const shapeOf = (x: Nested): number[] => (typeof x === 'number' ? [] : [x.length, ...shapeOf(x[0]!)]);
/** Within a share of the array's largest value: gradients through a penalty are sums of much larger numbers. */
const close = (got: ArrayLike<number>, want: Nested, name: string, within = 1e-5, skip: (i: number) => boolean = () => false): void => {
  const all = flat(want), scale = within * (1 + all.reduce((m, v) => Math.max(m, Math.abs(v)), 0));
  all.forEach((v, i) => { if (!skip(i)) expect(Math.abs(got[i]! - v), `${name}[${i}]: ${got[i]} against ${v}`).toBeLessThan(scale); });
};

const layout = layoutOf(golden.modes, golden.categories), B = (golden.batches[0]!.context as number[]).length;
const sizes: Sizes = { embedding: golden.embedding, hidden: golden.hidden, layers: 2, batch: B, criticSteps: 1, contexts: golden.contexts, parts: golden.parts, sketch: golden.sketch, variational: true, adversarial: true, minibatch: true, target: { kind: 'span', span: layout.spans.length - 1 } };
const model: Model = { layout, sizes, parts: { covariance: true, utility: true, cache: true, penalty: w.penalty, features: w.features, history: w.history, reconstruction: w.reconstruction }, projection: Float32Array.from(flat(golden.tables.projection!)) };
const all = allParams(layout, sizes), params: Record<string, ParamSpec> = { ...all.encoder, ...all.decoder, ...all.critic, ...all.predictor };

/** A program over the golden values: weights, batches, noise and tables as inputs. */
class Fed {
  readonly specs: Record<string, InputSpec> = {}; readonly values: Record<string, Values> = {};
  put(name: string, x: Nested, dtype: 'float32' | 'int32' = 'float32'): void { this.specs[name] = { shape: shapeOf(x), dtype }; this.values[name] = dtype === 'int32' ? Int32Array.from(flat(x)) : Float32Array.from(flat(x)); }
}
const fed = new Fed();
for (const [n, p] of Object.entries(params)) { expect(shapeOf(golden.before[n]!), n).toEqual(p.shape); fed.put(n, golden.before[n]!); }
golden.batches.forEach((b, k) => { fed.put(`${k}.alphas`, b.alphas); for (const n of ['codes', 'parts', 'context'] as const) fed.put(`${k}.${n}`, b[n], 'int32'); });
for (let k = 0; k < 3; k++) for (const n of ['z', 'u', 'scatter'] as const) fed.put(`${k}.${n}`, golden.noise[n][k]!);
fed.put('mix', golden.noise.mix);
for (const n of ['priorMean', 'priorSd', 'mean', 'covariance', 'projection']) fed.put(`t.${n}`, golden.tables[n]!);
for (const [n, h] of Object.entries(golden.history)) fed.put(`history.${n}`, h);

type Named = Record<string, Expr>;
const batchOf = (i: Named, k: number): Batch => ({ x: rowVector({ alphas: i[`${k}.alphas`]!, codes: i[`${k}.codes`]! }, layout), condition: conditionOf(i[`${k}.parts`]!, sizes), member: oneHot(i[`${k}.context`]!, golden.contexts) });
const noiseOf = (i: Named, k: number) => ({ z: i[`${k}.z`]!, u: i[`${k}.u`]!, scatter: i[`${k}.scatter`]! });
const toldOf = (i: Named): Told => ({ priorMean: i['t.priorMean']!, priorSd: i['t.priorSd']!, mean: i['t.mean']!, covariance: i['t.covariance']! });
const madeOf = (i: Named, k: number): Expr => make(i, batchOf(i, k), noiseOf(i, k), toldOf(i), model);
const bound = (i: Named) => variational(i, batchOf(i, 0), i['0.z']!, toldOf(i), model);

const losses: Record<string, (i: Named) => Expr> = {
  reconstruction: (i) => mean(bound(i).reconstruction), divergence: (i) => mean(bound(i).divergence),
  plainDivergence: (i) => mean(divergence(encode(i, batchOf(i, 0).x, batchOf(i, 0).condition, sizes))),
  variational: (i) => add(mul(mean(bound(i).reconstruction), w.reconstruction), mul(mean(bound(i).divergence), w.divergence)),
  critic: (i) => { const b = batchOf(i, 1); return criticLoss(i, b.x, madeOf(i, 1), b.condition, i.mix!, layout, sizes, w.penalty).loss; },
  predictor: (i) => predictorLoss(i, batchOf(i, 0).x, layout, sizes.target!),
  adversarial: (i) => fooling(i, madeOf(i, 2), batchOf(i, 2).condition, sizes),
  batchCovariance: (i) => covarianceLoss(batchOf(i, 2).x, madeOf(i, 2)),
  context: (i) => contextLoss(madeOf(i, 2), batchOf(i, 2).member!, { mean: i['t.mean']!, covariance: i['t.covariance']!, projection: i['t.projection']! }, golden.least),
  utility: (i) => utilityLoss(i, batchOf(i, 2).x, madeOf(i, 2), layout, sizes.target!),
  features: (i) => featureLoss(i, batchOf(i, 2).x, madeOf(i, 2), batchOf(i, 2).condition, sizes),
  history: (i) => historyLoss(i, Object.fromEntries(Object.keys(golden.history).map((n) => [n, i[`history.${n}`]!]))),
};
async function run(outputs: (i: Named) => Named): Promise<Record<string, Values>> {
  const program = await (await openDevice('cpu')).compile({ inputs: fed.specs, outputs }), out = await program.run(fed.values);
  await program.release();
  return out;
}

describe('CA-DASG against PyTorch', () => {
  test.each(Object.keys(losses))('%s: loss and gradients', async (name) => {
    const want = golden.parts_[name]!, names = Object.keys(want.gradients);
    const out = await run((i) => { const loss = losses[name]!(i), g = grad(loss, names.map((n) => i[n]!)); return { loss, ...Object.fromEntries(names.map((n, k) => [`g:${n}`, g[k]!])) }; });
    close(out.loss!, want.loss, name);
    for (const n of names) close(out[`g:${n}`]!, want.gradients[n]!, `${name} by ${n}`);
  });
  test('what the cache learns of a batch: counts, sums and squares of every context', async () => {
    const out = await run((i) => sumsOf(batchOf(i, 0), bound(i).q, model));
    for (const [n, want] of Object.entries(golden.parts_.sums)) close(out[`cache.${n}`]!, want, n);
  });
  test('the pulls of the terms on the shared parameters', async () => {
    const out = await run((i) => { const r = pullsOf({ ...i, 'cache.priorMean': i['t.priorMean']!, 'cache.priorSd': i['t.priorSd']!, 'cache.mean': i['t.mean']!, 'cache.covariance': i['t.covariance']! }, batchOf(i, 2), noiseOf(i, 2), i['0.z']!, model, Object.keys(all.decoder), Object.keys(all.encoder)); return { adversarial: r.adversarial!, utility: r.utility! }; });
    for (const n of ['adversarial', 'utility']) close(out[n]!, golden.parts_.pulls[n]!, n);
  });
  test('weights after a whole step: predictor, critic, then encoder and decoder by the bound and by the objective', async () => {
    // The three batches are three rows' worth of a table of 3 B rows, taken in order.
    const rows = { rows: 3 * B, alphas: Float32Array.from(golden.batches.flatMap((b) => flat(b.alphas))), codes: Int32Array.from(golden.batches.flatMap((b) => flat(b.codes))) };
    const spec = trainSpec(model, rows, { optimiser: {}, critic: { beta1: 0.5, beta2: 0.9 }, criticRate: 0.5 });
    const started = Object.fromEntries(Object.entries(spec.params).map(([n, p]) => [n, { ...p, init: Float32Array.from(flat(golden.before[n]!)) }]));
    // The noise arrives as words; here it is known. Inputs of the losses are the step's own but for that.
    const inputs = stepInputs(model), given = { ...inputs, z: { shape: [3, B, golden.embedding], dtype: 'float32' as const }, u: { shape: [3, B, layout.hot], dtype: 'float32' as const }, scatter: { shape: [3, B, layout.alphas], dtype: 'float32' as const }, mix: { shape: [1, B], dtype: 'float32' as const } };
    const turn = (k: number) => spec.turns![k]!, told = (d: Named): Told => ({ priorMean: d['cache.priorMean']!, priorSd: d['cache.priorSd']!, mean: d['cache.mean']!, covariance: d['cache.covariance']! });
    const own = (d: Named, k: number): Batch => { const at = constant(Int32Array.from({ length: B }, (_, i) => k * B + i)); return { x: rowVector(d, layout, at), condition: conditionOf(gatherRows(d.parts!, at), sizes), member: oneHot(gatherRows(d.context!, at), golden.contexts) }; };
    const noise = (s: Named, k: number) => ({ z: pick(s.z!, k), u: pick(s.u!, k), scatter: pick(s.scatter!, k) });
    const trainer = await (await openDevice('cpu')).train({
      ...spec, params: started, step: given,
      turns: [
        turn(0),
        { ...turn(1), loss: ({ params: p, data, step }) => { const b = own(data, 1); return { loss: criticLoss(p, b.x, make(p, b, noise(step, 1), told(data), model), b.condition, reshape(step.mix!, [B, 1]), layout, sizes, w.penalty).loss }; } },
        { ...turn(2), loss: ({ params: p, data, step }) => { const v = variational(p, own(data, 0), pick(step.z!, 0), told(data), model); return { loss: add(mul(mean(v.reconstruction), w.reconstruction), mul(mean(v.divergence), w.divergence)) }; } },
        { ...turn(3), loss: ({ params: p, data, step }) => {
          const b = own(data, 2), made = make(p, b, noise(step, 2), told(data), model), projection = constant(model.projection!, [layout.width, golden.sketch]);
          const terms = [mul(fooling(p, made, b.condition, sizes), w.adversarial), mul(add(covarianceLoss(b.x, made), contextLoss(made, b.member!, { mean: data['cache.mean']!, covariance: data['cache.covariance']!, projection })), w.covariance), mul(utilityLoss(p, b.x, made, layout, sizes.target!), w.utility), mul(featureLoss(p, b.x, made, b.condition, sizes), w.features), mul(historyLoss(p, Object.fromEntries(Object.keys(golden.history).map((n) => [n, data[`history.${n}`]!]))), w.history)];
          return { loss: terms.reduce((a, c) => add(a, c)) };
        } },
      ],
    }, {
      seed: 1, data: {
        alphas: rows.alphas, codes: rows.codes, parts: Int32Array.from(golden.batches.flatMap((b) => flat(b.parts))), context: Int32Array.from(golden.batches.flatMap((b) => flat(b.context))), weights: Float32Array.of(w.adversarial, w.divergence, w.covariance, w.utility),
        'cache.priorMean': fed.values['t.priorMean']!, 'cache.priorSd': fed.values['t.priorSd']!, 'cache.mean': fed.values['t.mean']!, 'cache.covariance': fed.values['t.covariance']!, ...Object.fromEntries(Object.keys(golden.history).map((n) => [`history.${n}`, fed.values[`history.${n}`]!])),
      },
    });
    await trainer.run({ rows: Int32Array.from({ length: 3 * B }, (_, i) => i), z: Float32Array.from(golden.noise.z.flatMap(flat)), u: Float32Array.from(golden.noise.u.flatMap(flat)), scatter: Float32Array.from(golden.noise.scatter.flatMap(flat)), mix: Float32Array.from(flat(golden.noise.mix)) }, [golden.lr]);
    // A gradient that vanishes (a unit's bias that moves all scores alike) is rounding, and Adam's first step takes its sign.
    for (const [n, weights] of Object.entries(trainer.params())) { const g = golden.parts_.critic!.gradients[n], own = g === undefined ? undefined : flat(g); close(weights.values, golden.after[n]!, `after ${n}`, 1e-5, (i) => own !== undefined && Math.abs(own[i]!) < 1e-6); }
    await trainer.release();
  });
  test('covariances by inner products of rows, and against a known one, are those of the columns', async () => {
    const wide = (x: Expr): Expr => concat([x, mul(x, 2), mul(x, -1)], 1), out = await run((i) => ({ narrow: covarianceLoss(batchOf(i, 1).x, batchOf(i, 2).x), wide: covarianceLoss(wide(batchOf(i, 1).x), wide(batchOf(i, 2).x)), known: knownCovarianceLoss(constant(new Float32Array(layout.width ** 2), [layout.width, layout.width]), batchOf(i, 2).x), none: covarianceLoss(mul(batchOf(i, 1).x, 0), batchOf(i, 2).x) }));
    // Columns thrice, times 1, 2 and -1: the Frobenius norm grows by 1 + 4 + 1.
    close(out.wide!, 6 * out.narrow![0]!, 'wide', 1e-4);
    close(out.known!, out.none![0]!, 'known');
  });
});
const gatherRows = (x: Expr, at: Expr): Expr => gather(x, at), pick = (x: Expr, k: number): Expr => at(x, k);

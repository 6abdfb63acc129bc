import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { add, concat, constant, crossEntropy, grad, KeyStream, mean, openDevice, reshape, slice, square, sub, type Expr } from '../../engine';
import { initialValues } from '../../engine/init';
import { block, blockParams, blockStep, detokenise, detokeniserParams, tokenCount, tokenise, tokeniserParams, type Cache, type TokenLayout } from './transformer';

interface Case { causal: boolean; hidden: number[]; outNumbers: number[]; logits: number[]; loss: number; grads: Record<string, number[]> }
const golden = JSON.parse(readFileSync(new URL('../../../test/golden/transformer/transformer.json', import.meta.url), 'utf8')) as {
  B: number; numbers: number; sizes: [number, number]; width: number; heads: number; hidden: number; x: number[]; codes: number[]; params: Record<string, number[]>; cases: Case[];
};
const { B, width, heads, hidden, sizes } = golden;
const shape = { width, heads, hidden };
const layout: TokenLayout = { numbers: golden.numbers, categories: [{ start: 0, size: sizes[0] }, { start: sizes[0], size: sizes[1] }], width, cls: true };
const specs = { ...tokeniserParams('tok.', layout), ...blockParams('b.', shape), ...detokeniserParams('de.', layout) };
const names = Object.keys(specs);
const near = (got: ArrayLike<number>, want: readonly number[], what: string): void => {
  expect(got.length, what).toBe(want.length);
  want.forEach((v, i) => expect(Math.abs(got[i]! - v), `${what}[${i}]: ${got[i]} for ${v}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v))));
};
const frozen = Object.fromEntries(names.map((n) => [n, { shape: specs[n]!.shape, values: Float32Array.from(golden.params[n]!) }]));

describe.each(golden.cases)('tokeniser, block (causal: $causal) and detokeniser', (want) => {
  test('forward values, loss and every gradient are PyTorch\'s', async () => {
    const device = await openDevice('cpu', { threads: 1 });
    const program = await device.compile({
      inputs: { x: { shape: [B, layout.numbers], dtype: 'float32' }, codes: { shape: [B, 2], dtype: 'int32' } }, frozen,
      outputs(i: Record<string, Expr>) {
        const h = block(i, 'b.', tokenise(i, 'tok.', layout, { numbers: i.x!, codes: i.codes! }), shape, { causal: want.causal });
        const out = detokenise(i, 'de.', layout, h), logits = out.logits!;
        const entropy = layout.categories.map((s, c) => mean(crossEntropy(slice(logits, [s.start], [s.start + s.size], [1]), reshape(slice(i.codes!, [c], [c + 1], [1]), [B]))));
        const loss = entropy.reduce(add, mean(square(sub(out.numbers!, i.x!))));
        const gradients = grad(loss, names.map((n) => i[n]!));
        return { h, numbers: out.numbers!, logits, loss, ...Object.fromEntries(names.map((n, k) => [`grad ${n}`, gradients[k]!])) } as Record<string, Expr>;
      },
    });
    const got = await program.run({ x: Float32Array.from(golden.x), codes: Int32Array.from(golden.codes) });
    await program.release();
    near(got.h!, want.hidden, 'block');
    near(got.numbers!, want.outNumbers, 'numbers');
    near(got.logits!, want.logits, 'logits');
    near(got.loss!, [want.loss], 'loss');
    for (const n of names) near(got[`grad ${n}`]!, want.grads[n]!, `gradient of ${n}`);
  });
});

test('token after token with a cache gives what the causal block gives for all at once', async () => {
  const device = await openDevice('cpu', { threads: 1 }), T = 5, stream = new KeyStream(3, 'cache');
  const program = await device.compile({
    inputs: { x: { shape: [2, T, width], dtype: 'float32' } }, frozen,
    outputs(i: Record<string, Expr>) {
      let cache: Cache | undefined;
      const steps: Expr[] = [];
      for (const [from, to] of [[0, 1], [1, 2], [2, 4], [4, 5]] as const) {
        const step = blockStep(i, 'b.', slice(i.x!, [from], [to], [1]), shape, { causal: true, ...(cache && { cache }) });
        cache = step.cache;
        steps.push(step.y);
      }
      return { whole: block(i, 'b.', i.x!, shape, { causal: true }), steps: concat(steps, 1), free: block(i, 'b.', i.x!, shape) };
    },
  });
  const { whole, steps, free } = await program.run({ x: Float32Array.from(stream.normals(0, 2 * T * width)) });
  await program.release();
  near(steps, Array.from(whole), 'cached');
  // The last token sees all in either form; the first does not.
  near(free.subarray((T - 1) * width, T * width), Array.from(whole.subarray((T - 1) * width, T * width)), 'last token');
  expect(Math.abs(free[0]! - whole[0]!)).toBeGreaterThan(1e-3);
});

test('tables of numbers only and of categories only', async () => {
  const device = await openDevice('cpu', { threads: 1 });
  for (const l of [{ numbers: 3, categories: [], width: 4 }, { numbers: 0, categories: [{ start: 0, size: 2 }], width: 4, cls: true }] as TokenLayout[]) {
    const all = { ...tokeniserParams('t.', l), ...detokeniserParams('d.', l) };
    const own = Object.fromEntries(Object.entries(all).map(([n, s]) => [n, { shape: s.shape, values: initialValues(s.init!, s.shape, new KeyStream(1, n)) }]));
    const program = await device.compile({
      inputs: {}, frozen: own,
      outputs(i: Record<string, Expr>) {
        const tokens = tokenise(i, 't.', l, l.numbers ? { numbers: constant([1, 2, 3, 4, 5, 6], [2, 3]) } : { codes: constant(Int32Array.of(0, 1), [2, 1]) });
        expect(tokens.shape).toEqual([2, tokenCount(l), 4]);
        const out = detokenise(i, 'd.', l, tokens);
        expect(Object.keys(out)).toEqual([l.numbers ? 'numbers' : 'logits']);
        return { y: (out.numbers ?? out.logits)! };
      },
    });
    const { y } = await program.run({});
    await program.release();
    expect(y.length).toBe(l.numbers ? 6 : 4);
    expect([...y].every(Number.isFinite)).toBe(true);
    // Different rows give different outputs.
    expect([...y].slice(0, y.length / 2)).not.toEqual([...y].slice(y.length / 2));
  }
});

test('a width that does not divide among the heads is refused', () => {
  expect(() => blockParams('b.', { width: 10, heads: 4, hidden: 8 })).toThrow('10 does not divide among 4 heads');
});

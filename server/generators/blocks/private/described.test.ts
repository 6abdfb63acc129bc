/** Autoencoders over few features of every column, under a budget: what they begin with, and that relations are learnt at all. */
import { expect, test } from 'vitest';
import { category, number, table as tableOf } from '../../../../test/conformance/generator-cases';
import { constant, openDevice } from '../../../engine';
import { KeyStream } from '../../../random';
import { caDasg } from '../../ca-dasg/ca-dasg';
import { tvae } from '../../vae/tvae';
import { describeColumns, said, spelledOut } from './described';
import { PrivateEncoding } from './encoding';
import { privateContext } from './fixture';

const n = 4000, u = new KeyStream(4, 'described').uniforms(0, 3 * n), a = Int32Array.from({ length: n }, (_, i) => Math.floor(3 * u[i]!));
const table = tableOf(category('a', a, ['x', 'y', 'z']), category('b', Int32Array.from(a, (c, i) => Number(c === 1 ? u[n + i]! < 0.9 : u[n + i]! < 0.1)), ['no', 'yes']), number('v', Float64Array.from(a, (c, i) => 2 * c - 2 + 2 * u[2 * n + i]!)));

test('a last layer spelled out says what the one over features does; at zero, the noised marginals', async () => {
  const { columns } = privateContext(table).context.privacy, { layout } = PrivateEncoding.from(table, columns), d = describeColumns(table, columns, layout), h = 3, stream = new KeyStream(5, 'weights');
  const weights = { 'out.w': { shape: [h, d.width], values: Float32Array.from(stream.normals(0, h * d.width)) }, 'out.b': { shape: [d.width], values: Float32Array.from(stream.child('b').normals(0, d.width)) } }, hidden = Float32Array.of(0.3, -1, 2);
  const raw = Float32Array.from({ length: d.width }, (_, f) => weights['out.b'].values[f]! + hidden.reduce((s, v, i) => s + v * weights['out.w'].values[i * d.width + f]!, 0));
  const { logits } = await (await (await openDevice('cpu')).compile({ inputs: {}, outputs: () => ({ logits: said(constant(raw, [1, d.width]), d) }) })).run({}), spelled = spelledOut(weights, d);
  for (let k = 0; k < layout.hot; k++) expect(spelled['out.b']!.values[k]! + hidden.reduce((s, v, i) => s + v * spelled['out.w']!.values[i * layout.hot + k]!, 0)).toBeCloseTo(logits![k]!, 3);
  const shares = columns.a!.shares, { start } = layout.spans[0]!;
  shares.slice(0, 3).forEach((s, k) => expect(Math.exp(d.start[start + k]!)).toBeCloseTo(s / shares.reduce((x, y) => x + y, 0), 4));
});

test('what describes columns, and how rows are encoded, follows from the schema and the noised marginals: no row is read for it', () => {
  const { columns } = privateContext(table).context.privacy, nobody = table.take([]), of = (t: typeof table) => { const encoding = PrivateEncoding.from(t, columns); return { saved: encoding.save(), described: describeColumns(t, columns, encoding.layout) }; };
  expect(of(nobody)).toEqual(of(table));
  expect(of(table.take(Int32Array.from({ length: 10 }, () => 7)))).toEqual(of(table));
});

test.each([['tvae', tvae, {}], ['ca-dasg, no contexts', caDasg, { contextLearning: 'off' }]] as const)('%s learns through its code how columns hang together', async (_, generator, settings) => {
  const fitted = await generator.fit(privateContext(table, { epsilon: 3 }).context, generator.parameters.parse(settings)), made = await fitted.sample(4000, { seed: 1 }), of = (code: number): { yes: number; v: number } => {
    const rows = [...made.column('a').codes().keys()].filter((i) => made.column('a').codes()[i] === code), mean = (x: ArrayLike<number>): number => rows.reduce((s, i) => s + x[i]!, 0) / rows.length;
    return { yes: mean(made.column('b').codes()), v: mean(made.column('v').numbers()) };
  };
  // In the table .9 against .1, and means two apart; of columns by themselves .37 everywhere, and no difference.
  expect(of(1).yes - of(0).yes).toBeGreaterThan(0.3);
  expect(of(2).v - of(0).v).toBeGreaterThan(1.5);
  await fitted.dispose();
});

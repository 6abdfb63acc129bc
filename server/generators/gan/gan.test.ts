/** What the GAN and VAE family owes the contract, on small tables and small networks. */
import { describe, expect, test } from 'vitest';
import { constant, KeyStream, openDevice } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import { fitModes, decodeMode, encodeMode } from '../blocks/modes';
import { activate, layoutOf, placeCount, placed, readRows } from '../blocks/spans';
import type { FitContext, Generator } from '../generator';
import { tvae } from '../vae/tvae';
import { ctabGan } from './ctab-gan';
import { ctgan } from './ctgan';
import { medgan } from './medgan';

const u = (name: string, n: number): Float64Array => new KeyStream(4, name).uniforms(0, n);
const code = (name: string, codes: Int32Array, categories: string[]) => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), codes, categories);
const number = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 2 } }), values);
/** c follows from x, x has two modes and misses some cells, y is mostly 0 with a long tail. */
function simulate(n: number): Table {
  const [a, b, c] = ['a', 'b', 'c'].map((k) => u(k, n));
  const x = a!.map((v, i) => (b![i]! < 0.1 ? NaN : Math.round(100 * (i % 2 ? 10 + v : v)) / 100)), y = c!.map((v) => (v < 0.4 ? 0 : Math.round(100 * Math.exp(9 * (v - 0.4))) / 100));
  return makeTable(plainDialect, [number('x', x), code('c', Int32Array.from(a!, (_, i) => (i % 11 === 0 ? -1 : i % 2)), ['low', 'high', 'never']), number('y', y)]);
}
const context = (fit: Table, extra: Partial<FitContext> = {}): FitContext => ({ fit, validation: extra.validation ?? simulate(40).select(fit.columns.map((c) => c.schema.name)), outcome: 'c', seed: 5, device: 'cpu', budgetSeconds: 60, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra });
const lexemes = (t: Table): string[] => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join(','));

const family: Array<[string, Generator, Record<string, unknown>, Record<string, unknown>]> = [
  ['tvae', tvae, { embedding: 4, hidden: 16, batch: 50, epochs: 12 }, { decisions: { steps: 40, chunk: 7, evaluateEvery: 9 } }],
  ['ctgan', ctgan, { embedding: 4, hidden: 16, batch: 50, epochs: 12, criticSteps: 2 }, { decisions: { steps: 40, chunk: 7, evaluateEvery: 9 } }],
  ['ctab-gan', ctabGan, { embedding: 4, hidden: 16, batch: 50, epochs: 12, classifierLayers: 2 }, { decisions: { steps: 40, chunk: 7, evaluateEvery: 9 } }],
  ['medgan', medgan, { embedding: 8, hidden: 16, batch: 50, epochs: 8, pretraining: 4 }, { stages: { autoencoder: { steps: 16, chunk: 5, evaluateEvery: 4 }, adversary: { steps: 32, chunk: 7, evaluateEvery: 9 } } }],
];

describe.each(family)('%s', (_, generator, parameters, resolved) => {
  test('form, any number of rows, saved and loaded', async () => {
    const table = simulate(200), g = await generator.fit(context(table, { resolved }), parameters), many = await g.sample(620, { seed: 3 });
    expect(many.schema.columns).toEqual(table.schema.columns);
    const y = many.column('y').numbers(), x = many.column('x').numbers().filter((v) => v === v);
    expect(many.column('y').missingCount).toBe(0);
    expect(many.column('x').missingCount).toBeGreaterThan(0);
    expect(Math.min(...y)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...x)).toBeLessThanOrEqual(11);
    expect(y.some((v) => v === 0) && y.some((v) => v > 0)).toBe(true);
    expect(many.column('c').codes().includes(2)).toBe(false);
    expect(lexemes(await g.sample(30, { seed: 3 }))).toEqual(lexemes(many).slice(0, 30));
    const again = await generator.load(g.save(), 'cpu');
    expect(lexemes(await again.sample(30, { seed: 3 }))).toEqual(lexemes(many).slice(0, 30));
    await expect(g.sample(3, { seed: 1, given: table.take([0, 1, 2]).select(['c']) })).rejects.toMatchObject({ code: 'usage' });
    await g.dispose(); await again.dispose();
  });
  test('resumed after a kill at any stage: the same bytes', async () => {
    const table = simulate(200), whole = await generator.fit(context(table, { resolved }), parameters), states: Uint8Array[] = [], stop = new Error('killed');
    const now = performance.now.bind(performance);
    let ahead = 0, seen = 0;
    performance.now = () => now() + (ahead += 3000);   // checkpoints fall due at once
    try { await expect(generator.fit(context(table, { resolved, checkpoint: async (s) => { states.push(s); }, progress: async ({ phase }) => { if (phase === 'training' && ++seen > 6) throw stop; } }), parameters)).rejects.toBe(stop); } finally { performance.now = now; }
    expect(states.length).toBe(6);
    for (const state of [states[0]!, states.at(-1)!]) {
      const g = await generator.fit(context(table, { resolved, resume: state }), parameters);
      expect(lexemes(await g.sample(60, { seed: 2 }))).toEqual(lexemes(await whole.sample(60, { seed: 2 })));
      await g.dispose();
    }
    await whole.dispose();
  });
  test('five rows; only numbers; only categories; one constant', async () => {
    for (const [names, rows] of [[['x', 'c', 'y'], 5], [['y'], 60], [['c'], 60]] as const) {
      const table = simulate(rows).select(names), g = await generator.fit(context(table, { budgetSeconds: 1 }), { ...parameters, epochs: 2 }), out = await g.sample(12, { seed: 1 });
      expect([out.rows, out.columns.map((c) => c.schema.name)]).toEqual([12, [...names]]);
      await g.dispose();
    }
    const constant = makeTable(plainDialect, [code('k', new Int32Array(30), ['only']), number('seven', new Float64Array(30).fill(7))]), g = await generator.fit(context(constant, { validation: constant, budgetSeconds: 1 }), { ...parameters, epochs: 2 });
    expect(new Set(lexemes(await g.sample(12, { seed: 1 })))).toEqual(new Set(['only,7.00']));
    await g.dispose();
  });
});

test('the same seed does not give two of them the same rows', async () => {
  const rows = await Promise.all(family.map(async ([, generator, parameters, resolved]) => { const g = await generator.fit(context(simulate(100), { resolved }), parameters), t = await g.sample(20, { seed: 1 }); await g.dispose(); return lexemes(t).join('\n'); }));
  expect(new Set(rows).size).toBe(family.length);
});

test('a long tail is taken by its logarithm, and comes back', () => {
  const x = Float64Array.from(u('tail', 500), (v) => Math.exp(6 * v)), modes = fitModes(x, { components: 10, seed: 1, log: { centre: 0, scale: 1 } });
  expect(modes.log).toEqual({ centre: 0, scale: 1, shift: 0 });
  for (const v of x.subarray(0, 50)) { const { mode, alpha } = encodeMode(modes, v, 0.5); if (Math.abs(alpha) < 0.99) expect(decodeMode(modes, mode, alpha) / v).toBeCloseTo(1, 9); }
  expect(fitModes(u('flat', 500), { components: 10, seed: 1, log: { centre: 0, scale: 1 } }).log).toBeUndefined();
});

test('a number sits at the place that it has in the mode that is drawn; the same place in all modes is one place', async () => {
  const rows = 40, l = layoutOf([3, 2], [4]), M = placeCount(l), places = Float32Array.from(u('places', rows * M), (v) => 4 * v - 2), logits = Float32Array.from(u('logits', rows * l.hot), (v) => 100 * v), noise = Float32Array.from(u('noise', rows * l.hot));
  const shared = places.map((_, i) => places[Math.floor(i / M) * M + (i % M < 3 ? 0 : 3)]!), wide = (p: Float32Array, width: number): Float32Array => Float32Array.from({ length: rows * (width + l.hot) }, (_, i) => { const r = Math.floor(i / (width + l.hot)), k = i % (width + l.hot); return k < width ? p[r * width + k]! : logits[r * l.hot + k - width]!; });
  const one = Float32Array.from({ length: rows * 2 }, (_, i) => shared[Math.floor(i / 2) * M + (i % 2) * 3]!), x = (v: Float32Array): ReturnType<typeof constant> => constant(v, [rows, v.length / rows]);
  const device = await openDevice('cpu'), program = await device.compile({ inputs: { none: { shape: [1], dtype: 'float32' } }, outputs: () => ({ drawn: placed(x(wide(places, M)), x(noise), l, 0.05).scores, same: placed(x(wide(shared, M)), x(noise), l).row, paper: activate(x(wide(one, 2)), x(noise), l) }) });
  const { drawn, same, paper } = await program.run({ none: new Float32Array(1) }), { alphas, codes } = readRows(drawn as Float32Array, l, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < 2; j++) expect(alphas[2 * i + j]).toBeCloseTo(Math.tanh(places[i * M + l.spans[j]!.start + codes[3 * i + j]!]!), 5);
  expect(new Set(codes.filter((_, i) => i % 3 === 0)).size).toBe(3);
  expect(Math.max(...Array.from(same as Float32Array, (v, i) => Math.abs(v - (paper as Float32Array)[i]!)))).toBeLessThan(1e-5);
  await program.release();
});

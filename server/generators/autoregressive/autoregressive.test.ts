import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeyStream, openDevice, type Device } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext, FittedGenerator } from '../generator';
import { autoregressive } from './autoregressive';
import { encodeTable, makeLayout, type Sizes } from './layout';
import { normalQuantile } from '../../learners/distributions';
import { parameters } from './model';
import { Sampler } from './sample';
import { StepInputs, Validation, visibility } from './train';
import { assemble, Best, single, type Weights } from './versions';

const small: Sizes = { embedding: 6, hidden: 16, layers: 2, fineHidden: 8, dropout: 0.1, weightDecay: 0.1, batch: 64, anyOrder: 0.5, learningRate: 5e-3, smoothing: 0.1 };
const uniforms = (name: string, n: number): Float64Array => new KeyStream(11, name).uniforms(0, n);

/** a in 3 categories (some missing), b depends on a, x a number that depends on b, y = few values. */
function simulate(n: number): Table {
  const u = [0, 1, 2, 3, 4].map((k) => uniforms(`simulate/${k}`, n));
  const a = Int32Array.from(u[0]!, (v) => (v < 0.1 ? -1 : v < 0.5 ? 0 : v < 0.8 ? 1 : 2));
  const b = Int32Array.from(u[1]!, (v, i) => (a[i] === 0 ? (v < 0.9 ? 0 : 1) : v < 0.2 ? 0 : 1));
  const x = Float64Array.from(u[2]!, (v, i) => Math.round(100 * (b[i] === 0 ? v : 5 + 3 * v)) / 100);
  const y = Float64Array.from(u[3]!, (v, i) => (u[4]![i]! < 0.05 ? NaN : Math.floor((x[i]! > 5 ? 3 : 0) + 2 * v)));
  const code = (name: string, codes: Int32Array, categories: string[]) => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), codes, categories);
  const number = (name: string, values: Float64Array, decimals: number) => numberColumn(columnSchema({ name, kind: decimals ? 'real' : 'integer', storage: 'number', number: { style: 'fixed', decimals } }), values);
  return makeTable(plainDialect, [code('a', a, ['p', 'q', 'r']), code('b', b, ['no', 'yes']), number('x', x, 2), number('y', y, 0)]);
}
const context = (fit: Table, validation: Table, extra: Partial<FitContext> = {}): FitContext => ({
  fit, validation, seed: 5, device: 'cpu', budgetSeconds: 20, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra,
});
const lexemes = (t: Table): string[] => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join(','));

describe('the network is a distribution', () => {
  let device: Device;
  const C = 3, n = 900;
  const table = simulate(n).select(['a', 'b', 'y']), layout = makeLayout(table);
  // Weights far from the start, so that the conditionals are not the marginals.
  const weights: Weights = Object.fromEntries(Object.entries(parameters(layout, small)).map(([name, p]) => {
    const size = p.shape.reduce((a, b) => a * b, 1);
    const start = p.init instanceof Float32Array ? p.init : new Float32Array(size);
    return [name, { shape: p.shape, values: Float32Array.from(new KeyStream(3, name).normals(0, size), (v, i) => start[i]! + 0.5 * v) }];
  }));
  const once = { weights: single(weights), versionOf: new Int32Array(C) };
  const all: number[][] = [[]];
  for (const c of layout.columns) { const grown = all.flatMap((row) => Array.from({ length: c.leaves }, (_, l) => [...row, l])); all.splice(0, all.length, ...grown); }
  const likelihood = async (order: Int32Array): Promise<number[]> => {
    const own = { ...layout, order };
    const out: number[] = [];
    for (const row of all) {
      const v = await Validation.open(device, own, small, Int32Array.from(row));
      out.push(Math.exp(-(await v.loss(weights)).total));
      await v.release();
    }
    return out;
  };
  beforeAll(async () => { device = await openDevice('cpu'); });

  test('probabilities of all rows sum to one, under any order', async () => {
    for (const order of [Int32Array.of(0, 1, 2), Int32Array.of(2, 0, 1)]) expect((await likelihood(order)).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  });

  test('the sampler draws rows with those probabilities (chi-squared)', async () => {
    const order = Int32Array.of(1, 2, 0), p = await likelihood(order), rows = 20_000;
    const sampler = await Sampler.open(device, { ...layout, order }, small, once, 1024);
    const cells = await sampler.rows(0, rows, new KeyStream(9, 'draw'));
    const codes = layout.columns.map((own, i) => [table.column(own.name), i] as const).map(([c, i]) => c.schema.storage === 'number' ? numberColumn(c.schema, cells[i] as Float64Array) : codeColumn(c.schema, cells[i] as Int32Array, [...c.categories()]));
    const leaves = encodeTable(layout, makeTable(plainDialect, codes, rows));
    const index = new Map(all.map((row, i) => [row.join(), i])), count = new Float64Array(all.length);
    for (let r = 0; r < rows; r++) count[index.get(leaves.subarray(r * C, (r + 1) * C).join())!]!++;
    let chi = 0, degrees = -1;
    p.forEach((q, i) => { if (q * rows >= 5) { chi += (count[i]! - q * rows) ** 2 / (q * rows); degrees++; } });
    // Mean `degrees`, variance twice that: five standard deviations.
    expect(degrees).toBeGreaterThan(12);
    expect(chi).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
    await sampler.release();
  });

  test('columns of different steps are drawn as each was at its own step', async () => {
    // Two snapshots, one of them used by the middle column alone: the joint is the product of conditionals of each.
    const other: Weights = Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, { shape: w.shape, values: w.values.map((v, i) => v + 0.3 * Math.sin(i)) }]));
    const steps = [weights, other], of = Int32Array.of(0, 1, 0), rows = 20_000;
    const sampler = await Sampler.open(device, layout, small, { weights: assemble(layout, small, steps, of), versionOf: of }, 1024);
    const cells = await sampler.rows(0, rows, new KeyStream(9, 'draw'));
    const columns = layout.columns.map((own, i) => [table.column(own.name), i] as const).map(([c, i]) => c.schema.storage === 'number' ? numberColumn(c.schema, cells[i] as Float64Array) : codeColumn(c.schema, cells[i] as Int32Array, [...c.categories()]));
    const leaves = encodeTable(layout, makeTable(plainDialect, columns, rows)), index = new Map(all.map((row, i) => [row.join(), i])), count = new Float64Array(all.length);
    for (let r = 0; r < rows; r++) count[index.get(leaves.subarray(r * C, (r + 1) * C).join())!]!++;
    const losses: Float64Array[][] = [[], []];
    for (const [s, w] of steps.entries()) for (const row of all) {
      const v = await Validation.open(device, layout, small, Int32Array.from(row));
      losses[s]!.push((await v.loss(w)).columns);
      await v.release();
    }
    let chi = 0, degrees = -1;
    all.forEach((_, i) => {
      const q = Math.exp(-of.reduce((a, s, c) => a + losses[s]![i]![c]!, 0));
      if (q * rows >= 5) { chi += (count[i]! - q * rows) ** 2 / (q * rows); degrees++; }
    });
    expect(degrees).toBeGreaterThan(12);
    expect(chi).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
    await sampler.release();
  });

  test('a row is the same whatever range it is drawn in', async () => {
    const sampler = await Sampler.open(device, layout, small, once, 128), stream = new KeyStream(9, 'draw');
    const whole = await sampler.rows(0, 500, stream), part = await sampler.rows(200, 77, stream);
    part.forEach((cells, c) => expect([...cells]).toEqual([...whole[c]!.subarray(200, 277)]));
    await sampler.release();
  });
});

describe('training', () => {
  const table = simulate(3000), fit = table.take(Array.from({ length: 2600 }, (_, i) => i)), validation = table.take(Array.from({ length: 400 }, (_, i) => 2600 + i));
  const given = { hidden: 32, embedding: 8, batch: 128, steps: 300 };
  const states: Array<{ state: Uint8Array; resolved: Record<string, unknown> }> = [];
  let whole: FittedGenerator, made: Table;
  beforeAll(async () => {
    // Checkpoints are offered by the clock; here at every chunk, through a clock that leaps.
    const real = performance.now.bind(performance);
    let leap = 0;
    performance.now = () => real() + (leap += 3000);
    try { whole = await autoregressive.fit(context(fit, validation, { budgetSeconds: 1e6, checkpoint: async (state, resolved) => void states.push({ state, resolved: JSON.parse(JSON.stringify(resolved)) as Record<string, unknown> }) }), given); }
    finally { performance.now = real; }
    made = await whole.sample(4000, { seed: 2 });
  }, 120_000);
  afterAll(() => whole.dispose());

  test('learns the relations: b given a, x given b, y given x, and the missing cells', () => {
    const a = made.column('a').codes(), b = made.column('b').codes(), x = made.column('x').numbers(), y = made.column('y').numbers();
    const share = (of: (i: number) => boolean, among: (i: number) => boolean): number => {
      let k = 0, m = 0;
      for (let i = 0; i < made.rows; i++) if (among(i)) { m++; if (of(i)) k++; }
      return k / m;
    };
    expect(share((i) => a[i] === -1, () => true)).toBeCloseTo(0.1, 1);
    expect(share((i) => b[i] === 0, (i) => a[i] === 0)).toBeGreaterThan(0.85);
    expect(share((i) => b[i] === 0, (i) => a[i] === 2)).toBeLessThan(0.27);
    expect(share((i) => x[i]! > 4.9, (i) => b[i] === 1)).toBeGreaterThan(0.98);
    expect(share((i) => y[i]! >= 3, (i) => x[i]! > 5 && !Number.isNaN(y[i]!))).toBeGreaterThan(0.97);
    expect(share((i) => Number.isNaN(y[i]!), () => true)).toBeCloseTo(0.05, 1);
    expect(whole.curve!.validation.at(-1)!).toBeLessThan(whole.curve!.validation[0]!);
  });

  test('killed at a checkpoint and resumed, it draws the same rows', async () => {
    expect(states.length).toBeGreaterThan(2);
    const { state, resolved } = states[Math.floor(states.length / 2)]!;
    const resumed = await autoregressive.fit(context(fit, validation, { resume: state, resolved }), given);
    expect(lexemes(await resumed.sample(500, { seed: 2 }))).toEqual(lexemes(made).slice(0, 500));
    await resumed.dispose();
  });

  test('repeated from its recorded decisions, and loaded from its bytes, it draws the same rows', async () => {
    const loaded = await autoregressive.load(whole.save(), 'cpu');
    expect(lexemes(await loaded.sample(500, { seed: 2 }))).toEqual(lexemes(made).slice(0, 500));
    const repeated = await autoregressive.fit(context(fit, validation, { resolved: whole.resolved }), given);
    expect(lexemes(await repeated.sample(500, { seed: 2 }))).toEqual(lexemes(made).slice(0, 500));
    expect(lexemes(await loaded.sample(500, { seed: 3 }))).not.toEqual(lexemes(made).slice(0, 500));
    await loaded.dispose(); await repeated.dispose();
  });

  test('a cancelled fit ends with the error that progress threw', async () => {
    await expect(autoregressive.fit(context(fit, validation, { progress: async (p) => { if ((p.step ?? 0) > 0) throw new Error('stop'); } }), given)).rejects.toThrow('stop');
  });
});

test('one column, one constant leaf, one row: nothing breaks', async () => {
  const one = simulate(200).select(['x']), g = await autoregressive.fit(context(one, one.take([])), { steps: 20 });
  expect((await g.sample(10, { seed: 1 })).rows).toBe(10);
  await g.dispose();
});

test('every column keeps the step of its own least loss, and snapshots nobody needs are dropped', () => {
  const best = Best.of(2), w = (v: number): Weights => ({ b1: { shape: [2, 1, 1], values: Float32Array.of(v, v) } });
  best.see(10, Float64Array.of(3, 5), w(10), false);
  best.see(20, Float64Array.of(2, 6), w(20), false);
  expect([...best.snapshots.keys()]).toEqual([10, 20]);
  best.see(30, Float64Array.of(2.5, 4), w(30), false);
  expect([...best.snapshots.keys()]).toEqual([20, 30]);
  expect([best.total, ...best.step]).toEqual([6, 20, 30]);
  expect([...assemble({ columns: [0, 0] } as never, {} as never, [w(20), w(30)], Int32Array.of(0, 1)).b1!.values]).toEqual([20, 30]);
  best.see(40, Float64Array.of(1, 4.5), w(40), true);
  expect([...best.step]).toEqual([40, 40]);
});

test('visibility lets a column see exactly those drawn before it', () => {
  expect([...visibility({}, Int32Array.of(2, 0, 1))]).toEqual([0, 0, 1, 1, 0, 1, 0, 0, 0]);
  expect([...visibility({ sources: Int32Array.of(1, 2, 0, 2, 0, 1) }, Int32Array.of(2, 0, 1))]).toEqual([0, 1, 1, 1, 0, 0]);
});

test('step inputs are a function of the step alone', () => {
  const layout = makeLayout(simulate(50)), s = new StepInputs(layout, small, 50, 3), whole = s.make(0, 6), part = s.make(4, 2);
  expect([...part.rows]).toEqual([...whole.rows.subarray(4 * small.batch)]);
  expect([...part.visible]).toEqual([...whole.visible.subarray(4 * 16)]);
  expect([...part.drop]).toEqual([...whole.drop.subarray(4 * small.layers * 4 * small.batch)]);
});

test('normal scores', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 7);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 7);
  expect(normalQuantile(0.5)).toBeCloseTo(0, 9);
});

describe('wide tables', () => {
  test('beyond a thousand columns are refused in words', async () => {
    const one = numberColumn(columnSchema({ name: 'x', kind: 'integer', storage: 'number' }), Float64Array.of(1, 2, 3));
    const table = makeTable(plainDialect, Array.from({ length: 1001 }, (_, c) => numberColumn({ ...one.schema, name: `c${c}` }, one.numbers())));
    await expect(autoregressive.fit(context(table, table.take([])), {})).rejects.toThrow('1,001 columns to learn');
  });

  // 90 columns in pairs: each odd one repeats the even one before it in nine rows of ten.
  const n = 1200, C = 90, bits = Array.from({ length: C }, (_, c) => uniforms(`wide/${c}`, n));
  const codes = bits.map((u, c) => Int32Array.from(u, (v, i) => (c % 2 === 0 ? +(v < 0.5) : +((bits[c - 1]![i]! < 0.5) === (v < 0.9)))));
  const table = makeTable(plainDialect, codes.map((own, c) => codeColumn(columnSchema({ name: `c${c}`, kind: 'category', storage: 'code' }), own, ['0', '1'])));

  test('a column sees the one it depends on, and only columns drawn before it', () => {
    const layout = makeLayout(table), P = layout.sources!.length / C, at = (name: string) => layout.columns.findIndex((c) => c.name === name);
    const place = (c: number) => layout.order.indexOf(c);
    for (const c of [1, 41, 89]) {
      const own = [...layout.sources!.subarray(at(`c${c}`) * P, (at(`c${c}`) + 1) * P)];
      expect(own[0]).toBe(at(`c${c - 1}`));
      for (const s of own) expect(s === at(`c${c}`) || place(s) < place(at(`c${c}`))).toBe(true);
    }
  });

  test('are learnt and drawn by several programs', async () => {
    const g = await autoregressive.fit(context(table.take(Array.from({ length: 1000 }, (_, i) => i)), table.take(Array.from({ length: 200 }, (_, i) => 1000 + i))), { steps: 120, hidden: 16, embedding: 8 });
    const made = await g.sample(1000, { seed: 3 });
    for (const c of [1, 41, 89]) {
      const a = made.column(`c${c - 1}`).codes(), b = made.column(`c${c}`).codes();
      expect(a.filter((v, i) => v === b[i]).length / 1000).toBeGreaterThan(0.8);
    }
    await g.dispose();
  });
});

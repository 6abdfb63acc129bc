import { beforeAll, describe, expect, test } from 'vitest';
import { KeyStream, openDevice, type Device } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FittedGenerator } from '../generator';
import { autoregressive } from './autoregressive';
import { makeLayout, type Sizes } from './layout';
import { parameters } from './model';
import { Sampler } from './sample';
import { Validation } from './train';
import { single, type Weights } from './versions';

/** A law over 3 x 2 x 3 cells in which the last column depends on the first two together; c is missing in some rows. */
const law = (() => {
  const p: Array<{ a: number; b: number; c: number; p: number }> = [];
  for (let a = 0; a < 3; a++) for (let b = 0; b < 2; b++) for (let c = -1; c < 2; c++) {
    const pa = [0.5, 0.3, 0.2][a]!, pb = b === 0 ? [0.9, 0.5, 0.15][a]! : [0.1, 0.5, 0.85][a]!, odd = (a + b) % 2 === 1;
    const pc = c < 0 ? 0.1 : c === 0 ? (odd ? 0.8 : 0.15) : odd ? 0.1 : 0.75;
    p.push({ a, b, c, p: pa * pb * pc });
  }
  return p;
})();
const names = ['a', 'b', 'c'] as const;
const column = (name: string, cells: ArrayLike<number>) => name === 'b'
  ? numberColumn(columnSchema({ name, kind: 'integer', storage: 'number' }), Float64Array.from(cells))
  : codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(cells), name === 'a' ? ['x', 'y', 'z'] : ['no', 'yes', 'never']);
function simulate(n: number): Table {
  const u = new KeyStream(4, 'law').uniforms(0, n), cells = Array.from(u, (v) => { let k = 0; for (let s = law[0]!.p; s < v && k < law.length - 1;) s += law[++k]!.p; return law[k]!; });
  return makeTable(plainDialect, names.map((name) => column(name, cells.map((c) => c[name]))));
}
const codesOf = (t: Table, name: string): number[] => (name === 'b' ? [...t.column(name).numbers()] : [...t.column(name).codes()]);

describe('the sampler, given columns', () => {
  const small: Sizes = { embedding: 6, hidden: 16, layers: 2, fineHidden: 8, dropout: 0, weightDecay: 0, batch: 64, anyOrder: 0.5, learningRate: 5e-3, smoothing: 0 };
  const layout = makeLayout(simulate(900)), C = 3, rows = 20_000;
  const weights: Weights = Object.fromEntries(Object.entries(parameters(layout, small)).map(([name, p]) => {
    const size = p.shape.reduce((a, b) => a * b, 1), start = p.init instanceof Float32Array ? p.init : new Float32Array(size);
    return [name, { shape: p.shape, values: Float32Array.from(new KeyStream(3, name).normals(0, size), (v, i) => start[i]! + 0.5 * v) }];
  }));
  let device: Device;
  beforeAll(async () => { device = await openDevice('cpu'); });

  // Every set of columns that leaves something to draw; the model's law is that of an order in which the given ones come first.
  test.each([[[2]], [[1]], [[0, 2]], [[2, 1]]])('columns %j: frequencies are the network\'s own conditional (chi-squared)', async (given) => {
    const order = Int32Array.from([...given, ...layout.order.filter((c) => !given.includes(c))]), sampler = await Sampler.open(device, layout, small, { weights: single(weights), versionOf: new Int32Array(C) }, 1024, { given });
    const condition = given.map((c) => layout.columns[c]!.leaves - 1), cells = await sampler.rows(0, rows, new KeyStream(9, 'given'), undefined, condition.map((leaf) => new Int32Array(rows).fill(leaf)));
    await sampler.release();
    let all: number[][] = [[]];
    for (const c of layout.columns) all = all.flatMap((row) => Array.from({ length: c.leaves }, (_, l) => [...row, l]));
    const matching = all.filter((row) => given.every((c, k) => row[c] === condition[k])), p: number[] = [];
    for (const row of matching) {
      const v = await Validation.open(device, { ...layout, order }, small, Int32Array.from(row)), { columns } = await v.loss(weights);
      p.push(Math.exp(-columns.reduce((sum, x, c) => sum + (given.includes(c) ? 0 : x), 0)));
      await v.release();
    }
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    const leaf = (c: number, v: number): number => { const own = layout.columns[c]!; return own.storage === 'code' ? (v < 0 ? own.missing : own.leafOf![v]!) : own.upper!.indexOf(v); };
    const count = new Map<string, number>();
    for (let i = 0; i < rows; i++) { const key = layout.columns.map((_, c) => leaf(c, cells[c]![i]!)).join(); count.set(key, (count.get(key) ?? 0) + 1); }
    let chi = 0, degrees = -1, seen = 0;
    matching.forEach((row, i) => { const n = count.get(row.join()) ?? 0, expected = rows * p[i]!; seen += n; if (expected >= 5) { chi += (n - expected) ** 2 / expected; degrees++; } });
    expect(seen).toBe(rows);
    expect(chi).toBeLessThan(degrees + 5 * Math.sqrt(2 * Math.max(1, degrees)));
  });
});

describe('a fitted generator, given columns', () => {
  const table = simulate(6000), rows = 8000;
  let g: FittedGenerator;
  beforeAll(async () => {
    // All steps, unregularised: whether the conditionals are right where the network may learn them, not how soon a validation loss stops it.
    g = await autoregressive.fit({ fit: table, validation: table.take([]), seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined },
      { steps: 1200, dropout: 0, weightDecay: 0, anyOrder: 0.5, hidden: 32, embedding: 8, batch: 128 });
  });

  test.each([['c', 0], ['c', -1], ['b', 1], ['a', 2]] as const)('rows given %s = %i follow the true conditional law, and hold the condition', async (name, value) => {
    const made = await g.sample(rows, { seed: 5, given: makeTable(plainDialect, [column(name, new Array<number>(rows).fill(value))]) });
    expect(codesOf(made, name).every((v) => v === value)).toBe(true);
    const total = law.reduce((s, c) => s + (c[name] === value ? c.p : 0), 0), [a, b, c] = names.map((n) => codesOf(made, n)) as [number[], number[], number[]];
    let distance = 0;
    for (const cell of law) if (cell[name] === value) distance += Math.abs(cell.p / total - a.filter((v, i) => v === cell.a && b[i] === cell.b && c[i] === cell.c).length / rows) / 2;
    // Total variation: what 6,000 fitted rows, of which a tenth to a half meet the condition, let one learn (sampling alone .03).
    expect(distance).toBeLessThan(0.06);
  });
  test('numbers and missing cells are repeated row by row, in chunks too', async () => {
    const cells = Int32Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? -1 : i % 2)), given = makeTable(plainDialect, [column('c', cells), column('b', cells.map((_, i) => i % 2))]);
    const made = await g.sample(5000, { seed: 5, given });
    expect(codesOf(made, 'c')).toEqual([...cells]);
    expect(made.schema.columns.map((s) => s.name)).toEqual([...names]);
    // The first rows do not depend on how many follow.
    expect(codesOf(await g.sample(100, { seed: 5, given: given.take(Array.from({ length: 100 }, (_, i) => i)) }), 'a')).toEqual(codesOf(made, 'a').slice(0, 100));
  });
  test('refuses a condition that cannot be met, by the column\'s name', async () => {
    const ask = (c: ReturnType<typeof column>) => g.sample(1, { seed: 1, given: makeTable(plainDialect, [c]) });
    await expect(ask(column('c', [2]))).rejects.toThrow('"never" was never seen');
    await expect(ask(column('a', [-1]))).rejects.toThrow('no fitted row was');
    await expect(ask(codeColumn(columnSchema({ name: 'q', kind: 'category', storage: 'code' }), Int32Array.of(0), ['v']))).rejects.toThrow('not learnt a column');
    await expect(g.sample(2, { seed: 1, given: makeTable(plainDialect, [column('a', [0])]) })).rejects.toThrow('1 rows where 2');
  });
});

/**
 * Coverage by simulation of the intervals of figures over points, as coverage.slow.ts has it for columns: kernel and sliced distances (population against population, and their tests' size at zero), shares of synthetic rows among
 * fixed training rows (what more rows of the generator would score there), how many rows entities have. COVERAGE_RUNS sets the draws (default 2,000).
 */
import { expect, it } from 'vitest';
import type { Figure } from '../protocol';
import { evaluate } from './evaluate';
import { tableOf } from './fixture';
import { randomOf } from './population';
import { metrics } from './registry';
import { draw, refusedOf, type Tally } from './simulated';

const runs = Number(process.env.COVERAGE_RUNS ?? 2000), n = 150;
const chosen = (ids: readonly string[]) => metrics.filter(x => ids.includes(x.info.id));
const judged = async (ids: readonly string[], training: ReturnType<typeof draw>, synthetic: ReturnType<typeof draw>, seed: number): Promise<Figure[]> => (await evaluate({ training, synthetic, seed, device: 'cpu', metrics: chosen(ids) })).figures;
const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;
const held = (what: string, all: readonly Figure[], truth: number): Tally => ({ what, k: all.filter(f => f.interval!.low <= truth && truth <= f.interval!.high).length, of: all.length, width: mean(all.map(f => f.interval!.high - f.interval!.low)) });

it('distances of populations', async () => {
  const ids = ['fidelity.mmd', 'fidelity.energy', 'fidelity.sliced-wasserstein'], tallies: Tally[] = [];
  // small tables, so that all draws end within minutes: what matrices of pairs cost grows with the square of the rows
  const few = 90;
  for (const shift of [0.4, 0]) {
    const found = new Map<string, Figure[]>(ids.map(id => [id, []])), large = new Map<string, Figure[]>(ids.map(id => [id, []]));
    for (let r = 0; r < runs; r++) for (const f of await judged(ids, draw(few, 2 * r + 1, 0), draw(few, 2 * r + 2, shift), r)) found.get(f.metric)!.push(f);
    for (let r = 0; r < 12; r++) for (const f of await judged(ids, draw(shift ? 3000 : few, 500_001 + 2 * r, 0), draw(shift ? 3000 : few, 500_002 + 2 * r, shift), r)) large.get(f.metric)!.push(f);
    for (const id of ids) {
      const sliced = id.endsWith('wasserstein'), truth = shift === 0 ? 0 : sliced ? mean(large.get(id)!.map(f => f.value!)) : Math.sqrt(Math.max(0, mean(large.get(id)!.map(f => Number(f.detail!.squared)))));
      tallies.push(held(`${id} at ${truth.toFixed(3)}, coverage`, found.get(id)!, truth));
      if (shift === 0) tallies.push({ what: `${id}, spared at zero`, k: found.get(id)!.filter(f => Number(f.detail!.pEqual) > 0.05).length, of: runs, width: Number.NaN });
    }
  }
  expect(refusedOf(tallies)).toEqual([]);
}, 6 * 3600_000);

it('shares of synthetic rows among fixed training rows', async () => {
  const ids = ['precision', 'density', 'authenticity', 'alpha-precision'].map(k => `fidelity.${k}`), tallies: Tally[] = [], training = draw(2 * n, 77, 0);
  for (const shift of [0.4, 0]) {
    const found = new Map<string, Figure[]>(ids.map(id => [id, []]));
    for (let r = 0; r < runs; r++) for (const f of await judged(ids, training, draw(n, r + 1000, shift), 1)) found.get(f.metric)!.push(f);
    // the mean over all draws is what more rows would score; alpha-precision is bent at its best and is asked about away from it only
    for (const id of ids) if (shift > 0 || !id.includes('alpha')) tallies.push(held(`${id}, shift ${shift}, coverage`, found.get(id)!, mean(found.get(id)!.map(f => f.value!))));
  }
  expect(refusedOf(tallies)).toEqual([]);
}, 6 * 3600_000);

it('rows an entity', async () => {
  const table = (seed: number, more: number) => {
    const u = randomOf(seed), lengths = Array.from({ length: 60 }, () => 3 + Math.floor(8 * u() ** 2) + (u() < more ? 4 : 0)), who = lengths.flatMap((k, e) => Array.from({ length: k }, () => `e${e}`)), t = lengths.flatMap(k => Array.from({ length: k }, (_, i) => i));
    return { values: tableOf({ x: { kind: 'real', cells: t.map(() => u()) } }), keys: tableOf({ who: { kind: 'category', cells: who }, t: { kind: 'integer', cells: t } }), lengths };
  };
  const ks = (a: number[], b: number[]) => Math.max(...Array.from({ length: 20 }, (_, x) => Math.abs(a.filter(v => v <= x).length / a.length - b.filter(v => v <= x).length / b.length)));
  const large = (more: number) => Array.from({ length: 300 }, (_, k) => table(9_000_000 + k + 1000 * more, more).lengths).flat(), tallies: Tally[] = [];
  for (const more of [0.3, 0]) {
    const truth = more ? 1 - ks(large(0), large(more)) : 1, found: Figure[] = [];
    for (let r = 0; r < runs; r++) {
      const [a, b] = [table(2 * r + 1, 0), table(2 * r + 2, more)];
      found.push(...(await evaluate({ training: a.values, synthetic: b.values, order: 't', entity: 'who', keys: { training: a.keys, synthetic: b.keys }, seed: r, device: 'cpu', metrics: chosen(['time-series.lengths']) })).figures);
    }
    tallies.push(held(`time-series.lengths at ${truth.toFixed(3)}, coverage`, found, truth));
  }
  expect(refusedOf(tallies)).toEqual([]);
}, 6 * 3600_000);

it('series of many entities', async () => {
  const ids = ['autocorrelation', 'spectra', 'cross-correlation'].map(k => `time-series.${k}`), tallies: Tally[] = [];
  const table = (entities: number, seed: number, keep: number) => {
    const u = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u()), x: number[] = [], y: number[] = [], who: string[] = [], t: number[] = [];
    for (let e = 0; e < entities; e++) { let at = normal(); for (let i = 0; i < 30; i++) { const before = at; at = keep * at + Math.sqrt(1 - keep * keep) * normal(); x.push(at); y.push(before + 0.5 * normal()); who.push(`e${e}`); t.push(i); } }
    return { values: tableOf({ x: { kind: 'real', cells: x }, y: { kind: 'real', cells: y } }), keys: tableOf({ who: { kind: 'category', cells: who }, t: { kind: 'integer', cells: t } }) };
  };
  const judge = async (a: ReturnType<typeof table>, b: ReturnType<typeof table>, seed: number) => (await evaluate({ training: a.values, synthetic: b.values, order: 't', entity: 'who', keys: { training: a.keys, synthetic: b.keys }, seed, device: 'cpu', metrics: chosen(ids) })).figures;
  for (const keep of [0.4, 0.8]) {
    const truth = keep === 0.8 ? undefined : new Map((await judge(table(3000, 900_001, 0.8), table(3000, 900_002, keep), 1)).map(f => [f.metric, f.value!])), found = new Map<string, Figure[]>(ids.map(id => [id, []]));
    for (let r = 0; r < runs; r++) for (const f of await judge(table(40, 2 * r + 1, 0.8), table(40, 2 * r + 2, keep), r)) found.get(f.metric)!.push(f);
    for (const id of ids) tallies.push(held(`${id} at ${(truth?.get(id) ?? 1).toFixed(3)}, coverage`, found.get(id)!, truth?.get(id) ?? 1));
  }
  expect(refusedOf(tallies)).toEqual([]);
}, 6 * 3600_000);

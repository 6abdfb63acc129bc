import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDevice } from '../../engine';
import { auc } from '../../learners/auc';
import { logKernelSums, nearest, type Points } from '../../learners/neighbours';
import { tableOf } from '../fixture';
import { quantile } from '../statistics';
import { makeView } from '../view';
import { residualRisk } from './attack-figure';
import { nearestGuesses } from './gower';
import { rightGuess, type Guesses } from './guesses';
import { entropy, nearerThanOthers } from './identifiability';
import { guessed } from './inference';
import { linked } from './linkability';
import { ratioOf } from './nndr';
import { judgePredicates } from './singling-out';
import { matches, univariatePredicates, type Condition, type Predicate } from './predicates';

/** Against Anonymeter, SciPy and scikit-learn on fixed tables: test/golden/privacy-attacks/attacks.py. */
type Cells = Record<string, Array<number | string>>;
interface Result { success: number; control: number; risk: number; low: number; high: number }
const golden = JSON.parse(readFileSync(join(__dirname, '../../../test/golden/privacy-attacks/attacks.json'), 'utf8')) as {
  columns: string[]; tables: Record<'training' | 'control' | 'synthetic', Cells>;
  linkability: Result & { first: string[] }; inference: Record<string, Result>; univariate: { predicates: Record<string, number>; training: number; control: number };
  multivariate: { predicates: Array<Array<[string, Condition['is'], number | string]>>; counts: Record<'training' | 'control' | 'synthetic', number[]> }; risk: number[][];
  domias: { synthetic: number[]; reference: number[]; auc: number; mean: number[]; sd: number[]; whiten: Record<'synthetic' | 'reference', number[][]>; constant: Record<'synthetic' | 'reference', number> };
  identifiability: { weights: number[]; share: number }; nndr: { p5: number };
};
const table = (t: Cells) => tableOf(Object.fromEntries(golden.columns.map(c => [c, { kind: typeof t[c][0] === 'number' ? 'real' as const : 'category' as const, cells: t[c] }])));
const view = makeView({ training: table(golden.tables.training), control: table(golden.tables.control), synthetic: table(golden.tables.synthetic) }), n = view.rows.training;
const all = Int32Array.from({ length: n }, (_, i) => i);
const sum = (f: ArrayLike<number>) => Array.from(f).reduce((s, x) => s + x, 0);

async function guesses(): Promise<Guesses> {
  const first = golden.columns.map(c => golden.linkability.first.includes(c)), near = (part: 'training' | 'control') => nearestGuesses(view, part, all, first, async () => undefined, [part, 'synthetic']); // Anonymeter scales each side by itself
  return { view, targets: { training: all, control: all }, first, nearest: { training: await near('training'), control: await near('control') } };
}

describe('Anonymeter', () => {
  it('links the same people', async () => {
    const g = await guesses(), k = sum(linked(g, 'training')), c = sum(linked(g, 'control')), { success, control, risk, low, high } = golden.linkability;
    expect([k, c]).toEqual([success, control]);
    const r = residualRisk(k, n, c, n);
    for (const [a, b] of [[r.risk, risk], [r.low, low], [r.high, high]]) expect(a).toBeCloseTo(b, 9);
  });

  it('infers the same secrets', async () => {
    const g = await guesses(), a = guessed(g, 'training', 1), b = guessed(g, 'control', 1);
    golden.columns.forEach((name, j) => {
      const { success, control, risk } = golden.inference[name], k = Math.round(a.byColumn[j].rate * n), c = Math.round(b.byColumn[j].rate * n);
      expect([name, k, c]).toEqual([name, success, control]);
      expect(residualRisk(k, n, c, n).risk).toBeCloseTo(risk, 9);
    });
    // five per cent of the guess, not of the secret
    const right = rightGuess(view.columns[0]);
    expect([right(100, 105), right(100, 105.1), right(105.1, 100)]).toEqual([true, false, true]);
  });

  it('makes the same predicates on one column, and they single out the same number of rows', () => {
    const made = univariatePredicates(view, 1e6, 1), { predicates, training, control } = golden.univariate;
    expect(Object.fromEntries(golden.columns.map((c, j) => [c, made.filter(p => p[0].column === j).length]))).toEqual(predicates);
    const judged = judgePredicates(view, made, 1);
    expect([judged.training, judged.control]).toEqual([training, control]);
  });

  it('counts the same rows for four hundred predicates on three columns', () => {
    const made = golden.multivariate.predicates.map((p): Predicate => p.map(([name, is, value]) => {
      const column = golden.columns.indexOf(name), c = view.columns[column];
      return { column, is, value: c.type === 'code' ? c.categories.indexOf(value as string) : (value as number) };
    }));
    for (const part of ['training', 'control', 'synthetic'] as const) expect(made.map(p => matches(view, part, p).length)).toEqual(golden.multivariate.counts[part]);
  });

  it('has the same residual risk with the same interval', () => {
    for (const [total, success, control, risk, low, high] of golden.risk) {
      const r = residualRisk(success, total, control, total);
      for (const [a, b] of [[r.risk, risk], [r.low, low], [r.high, high]]) expect(a).toBeCloseTo(b, 9);
    }
  });
});

const numeric = ['height', 'weight', 'dose'];
/** Rows of standardised numbers, mapped by a matrix. */
function points(part: 'training' | 'control' | 'synthetic', map: readonly number[][], from = 0, to = n): Points {
  const { mean, sd } = golden.domias, values = new Float32Array((to - from) * 3);
  for (let i = from; i < to; i++) {
    const x = numeric.map((c, k) => ((golden.tables[part][c][i] as number) - mean[k]) / sd[k]);
    map.forEach((row, k) => { values[3 * (i - from) + k] = row.reduce((s, w, l) => s + w * x[l], 0); });
  }
  return { rows: to - from, width: 3, values };
}
const identity = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

it('DOMIAS as its authors compute it: SciPy\'s densities, scikit-learn\'s AUC', async () => {
  const device = await openDevice('cpu', { threads: 1 }), { whiten, constant } = golden.domias, half = n / 2, score: number[] = [];
  const ratio = async (part: 'training' | 'control', from: number, to: number) => {
    const g = await logKernelSums(points(part, whiten.synthetic, from, to), points('synthetic', whiten.synthetic), { device }), r = await logKernelSums(points(part, whiten.reference, from, to), points('control', whiten.reference, 0, half), { device });
    return Array.from(g, (s, i) => ({ synthetic: s + constant.synthetic - Math.log(n), reference: r[i] + constant.reference - Math.log(half) }));
  };
  const members = await ratio('training', 0, n), others = await ratio('control', half, n);
  golden.domias.synthetic.forEach((d, i) => { expect(Math.abs(members[i].synthetic - d)).toBeLessThan(1e-5); expect(Math.abs(members[i].reference - golden.domias.reference[i])).toBeLessThan(1e-5); });
  for (const d of [...members, ...others]) score.push(d.synthetic - d.reference);
  expect(auc(score.map((_, i) => Number(i < n)), score)).toBeCloseTo(golden.domias.auc, 9);
});

it('epsilon-identifiability as in ADS-GAN, and the two nearest as in scikit-learn', async () => {
  const device = await openDevice('cpu', { threads: 1 }), { weights, share } = golden.identifiability;
  weights.forEach((w, k) => expect(entropy(golden.tables.training[numeric[k]].map(x => Math.floor(x as number)))).toBeCloseTo(w, 9));
  const scale = identity.map((row, k) => row.map(x => x / weights[k])), search = (a: Points, b: Points, k: number) => nearest(a, b, { k, device });
  const flags = await nearerThanOthers(search, points('training', scale), points('training', scale), points('synthetic', scale), all, async () => undefined);
  expect(sum(flags) / n).toBeCloseTo(share, 9);
  const { distances } = await search(points('synthetic', identity), points('training', identity), 2);
  expect(quantile(ratioOf(distances).sort(), 0.05)).toBeCloseTo(golden.nndr.p5, 6);
});

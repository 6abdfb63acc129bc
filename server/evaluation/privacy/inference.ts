import { Stream } from '../../random';
import type { Metric } from '../metric';
import { attackFigure, residualRisk } from './attack-figure';
import { clustersAt, clustersOf } from './clusters';
import { cross } from './cross';
import { crossedExcess, meanExcess, type Excess } from './excess';
import { guessesOf, rightGuess, type Guesses } from './guesses';
import { noControl, notAssessable } from './leak';

const id = 'privacy.inference';

/**
 * Inference (Giomi et al. 2023, section 4.3): an attacker knows all of a person but one column, and takes it from the nearest synthetic row (Gower's distance). Each column
 * in turn is the secret. Estimand: the share of right guesses over columns, of training people, beside that of control people: what the population gives away is
 * guessed as well for both. The baseline takes the secret from a random synthetic row. People are independent trials given the table; a person's guesses are averaged before.
 */
export const metric: Metric = {
  async compute(context) {
    const g = await guessesOf(context);
    if (!g) return context.control ? notAssessable(id, 'There is one column only: nothing to infer it from.') : noControl(id);
    const a = guessed(g, 'training', context.seed), b = guessed(g, 'control', context.seed);
    return figure(meanExcess(a.mean, b.mean, clustersAt(await clustersOf(context), g.targets)), a, b, { training: a.mean.length, control: b.mean.length, synthetic: g.view.rows.synthetic });
  },
  async cross(_, folds) {
    const all: Array<{ a: Guessed; b: Guessed }> = [];
    const scores = await cross(folds, async f => {
      const g = await guessesOf(f.context, true);
      if (!g) return { training: [], control: [] };
      const a = guessed(g, 'training', f.context.seed), b = guessed(g, 'control', f.context.seed);
      all.push({ a, b });
      return { training: a.mean, control: b.mean };
    });
    if (all.length < folds.length) return notAssessable(id, 'There is one column only, or no control.');
    const columns = all[0].a.byColumn.map((_, j) => ({ name: all[0].a.byColumn[j].name, rate: mean(all.map(x => x.a.byColumn[j].rate)) }));
    const others = all[0].b.byColumn.map((_, j) => ({ name: all[0].b.byColumn[j].name, rate: mean(all.map(x => x.b.byColumn[j].rate)) }));
    const pooled = (pick: (x: { a: Guessed; b: Guessed }) => Guessed, byColumn: Guessed['byColumn']): Guessed => ({ mean: new Float64Array(scores.fold.length), byColumn, random: mean(all.map(x => pick(x).random)) });
    return figure(crossedExcess(scores), pooled(x => x.a, columns), pooled(x => x.b, others), { control: scores.fold.length, folds: folds.length, synthetic: folds.reduce((s, f) => s + f.context.synthetic.rows, 0) });
  },
};

/** `mean`: the share of right guesses over columns, for each target. */
export interface Guessed { mean: Float64Array; byColumn: Array<{ name: string; rate: number }>; random: number }
const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;

export function guessed(g: Guesses, part: 'training' | 'control', seed: number): Guessed {
  const { view, targets, nearest } = g, T = targets[part].length, J = view.columns.length, each = new Float64Array(T), random = new Stream(seed, `guesses about ${part}`);
  let luck = 0;
  const byColumn = view.columns.map((column, j) => {
    const right = rightGuess(column), real = column.values(part), made = column.values('synthetic');
    let k = 0;
    for (let t = 0; t < T; t++) {
      const secret = real[targets[part][t]], ok = Number(right(made[nearest[part].without[j][t]], secret));
      k += ok; each[t] += ok / J;
      luck += Number(right(made[random.below(view.rows.synthetic)], secret)) / (T * J);
    }
    return { name: column.name, rate: k / T };
  });
  return { mean: each, byColumn, random: luck };
}

function figure(e: Excess, a: Guessed, b: Guessed, samples: Record<string, number>) {
  const half = (e.upper - e.estimate) * (1.959963984540054 / 1.6448536269514722), gaps = a.byColumn.map((c, j) => ({ name: c.name, gap: c.rate - b.byColumn[j].rate })).sort((x, y) => y.gap - x.gap);
  const n = a.mean.length, m = b.mean.length;
  return attackFigure(id, e, { value: e.member, interval: { low: Math.max(0, e.member - half), high: Math.min(1, e.member + half), level: 0.95, method: 'means over people' } }, { value: e.other, interval: [Math.max(0, e.other - half), Math.min(1, e.other + half)] },
    { successes: a.random * n, tried: n }, samples, { risk: residualRisk(e.member * n, n, e.other * m, m).risk, mostExposedColumn: gaps[0].name, itsExcess: gaps[0].gap });
}

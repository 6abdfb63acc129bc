import { wilson } from '../../learners/metrics';
import type { Metric } from '../metric';
import { attackFigure, residualRisk } from './attack-figure';
import { clustersAt, clustersOf, effective } from './clusters';
import { cross, crossedCopies } from './cross';
import { rateExcess, type Excess } from './excess';
import { guessesOf, type Guesses } from './guesses';
import { noControl, notAssessable } from './leak';
import { linked as threshold } from './thresholds';

const id = 'privacy.linkability';

/**
 * Linkability (Giomi et al. 2023, section 4.2): an attacker holds two sources, each with half of the columns, and links a person's two halves where both have the same
 * nearest synthetic row (Gower's distance, one neighbour). Estimand: the share of training people linked, beside that of control people. The baseline draws the
 * two neighbours at random. The halves are drawn once, by the seed. People are independent trials given the table: Wilson; the excess by Newcombe, or by matched sets where the
 * release was cross-fitted. Rows that come in clusters count for as many people as they tell.
 */
export const metric: Metric = {
  async compute(context) {
    const g = await guessesOf(context);
    if (!g) return missing(context);
    const a = linked(g, 'training'), b = linked(g, 'control'), clusters = clustersAt(await clustersOf(context), g.targets), [n, m] = [effective(a, clusters?.training), effective(b, clusters?.control)];
    return figure(rateExcess(a, b, clusters), n.successes, n.rows, m.successes, m.rows, 1 / g.view.rows.synthetic, { training: a.length, control: b.length, synthetic: g.view.rows.synthetic }, columnsOf(g));
  },
  async cross(_, folds) {
    let g: Guesses | undefined, none = false;
    const flags = await cross(folds, async f => {
      g = await guessesOf(f.context, true);
      if (!g) { none = true; return { training: [], control: [] }; }
      return { training: linked(g, 'training'), control: linked(g, 'control') };
    });
    if (!g || none) return missing(folds[0].context);
    const c = crossedCopies(flags), n = c.rows;
    return figure({ ...c, member: c.memberShare, other: c.controlShare, members: n, others: n }, c.memberShare * n, n, c.controlShare * n, n, 1 / g.view.rows.synthetic, { control: n, folds: folds.length, synthetic: folds.reduce((s, f) => s + f.context.synthetic.rows, 0) }, columnsOf(g));
  },
};

const missing = (context: { control?: unknown }) => (context.control ? notAssessable(id, 'Two halves of one column cannot be told apart.') : noControl(id));
const columnsOf = ({ view, first }: Guesses) => { const names = view.columns.filter((_, j) => first[j]).map(c => c.name).join(', '); return names.length > 200 ? `${names.slice(0, 199)}…` : names; };

export const linked = (g: Guesses, part: 'training' | 'control'): Uint8Array => { const [a, b] = g.nearest[part].groups; return Uint8Array.from(a, (r, i) => Number(r === b[i])); };

function figure(e: Excess, k: number, n: number, c: number, m: number, chance: number, samples: Record<string, number>, halves: string) {
  const w = wilson(k, n), x = wilson(c, m);
  return attackFigure(id, e, { value: k / n, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' } }, { value: c / m, interval: [x.low, x.high] }, { successes: chance * n, tried: n }, samples, { risk: residualRisk(k, n, c, m).risk, firstSource: halves }, threshold);
}

/** Known truths over the whole registry: what every metric must say of a copy of the training table, a fresh table of the population, columns shuffled one by one, and noise. A new metric says here which truth is its own. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Figure } from '../protocol';
import { evaluate } from './evaluate';
import { people, randomOf, tableOfPeople } from './population';
import { metrics } from './registry';

type People = ReturnType<typeof people>;
const n = 300, real = people(n, 11), others = people(n, 12), list = (family: string, names: string): string[] => names.split(' ').map(k => `${family}.${k}`);

/** Metrics whose best value a copy has, and that value. */
const best: ReadonlyArray<readonly [number, readonly string[]]> = [
  [1, [...list('fidelity', 'shapes pair-trends pair-trends-all missing-rates range-coverage category-coverage tail-width rare-mass extreme-coverage pearson spearman kendall mutual-information correlation-ratio three-way precision recall coverage'), 'structure.conditional-independence', 'structure.global-utility', ...list('utility', 'ci-overlap importance')]],
  [0, list('fidelity', 'wasserstein jensen-shannon')],
];
/** Metrics that a copy passes as well as other real rows do, whatever the number. */
const passed = [...list('fidelity', 'two-sample logistic-detection mmd energy sliced-wasserstein pmse two-sample-logistic alpha-precision beta-recall density'), ...list('utility', 'tstr tstr-linear tstr-mlp augmentation'), 'fairness.conditional-fidelity'];
/** Metrics that a copy fails. */
const failed = ['fidelity.authenticity', 'utility.trts', ...list('privacy', 'near-copies exact-copies membership-auc identifiability domias exposure singling-out-univariate singling-out-multivariate linkability inference attribute-inference')];
/** Privacy figures that say it by their value; these are diagnostics, or have too few rows here for a verdict. */
const told: ReadonlyArray<readonly [number, readonly string[]]> = [[1, list('privacy', 'membership-tpr-1 membership-tpr-0.1 closer-share')], [0, list('privacy', 'dcr nndr')]];
/** What says of a table only what the real rows have too: no copy can be worse than they. */
const asReal = list('fairness', 'data-parity data-impact demographic-parity disparate-impact equal-opportunity equalised-odds predictive-parity calibration');
/** Not of these tables: rules and series have truths of their own beside them, as have what asks the model itself and what asks identifiers, three rows of a hundred are no outliers to attack, and learners of which none is better have no order. */
const elsewhere = [...list('structure', 'rules orderings arithmetic dependencies keys'), 'privacy.membership-outliers', 'privacy.likelihood', 'privacy.identifiers', 'utility.model-ranking'];

const shuffled = (): People => {
  const random = randomOf(5), out = real.map(r => ({ ...r })) as Array<Record<string, unknown>>;
  for (const key of Object.keys(real[0]) as Array<keyof People[number]>) {
    const values = real.map(r => r[key]);
    for (let i = n - 1; i > 0; i--) { const j = Math.floor(random() * (i + 1)); [values[i], values[j]] = [values[j], values[i]]; }
    out.forEach((r, i) => { r[key] = values[i]; });
  }
  return out as People;
};
const noise = (): People => {
  const r = randomOf(3), of = (from: string | readonly string[]) => from[Math.floor(from.length * r())];
  return real.map(() => ({ age: 18 + Math.floor(70 * r()), income: 1e6 * r(), hours: Math.floor(80 * r()), education: `level ${Math.floor(8 * r())}`, job: of('abcdefghij'), region: of(['north', 'east', 'south', 'west', 'centre']), sex: r() < 0.9 ? 'f' : 'm', since: 15_000 + Math.floor(8000 * r()), buys: r() < 0.5 ? 'yes' : 'no' }));
};
const chosen = metrics.filter(m => m.info.family !== 'time-series' && m.info.family !== 'collapse' && !elsewhere.includes(m.info.id));
async function judge(made: People, only = chosen): Promise<Map<string, Figure>> {
  const { figures } = await evaluate({ training: tableOfPeople(real), control: tableOfPeople(others), synthetic: tableOfPeople(made), outcome: { column: 'buys', task: 'classification' }, positive: 'yes', sensitive: ['sex'], seed: 1, device: 'cpu', metrics: only });
  return new Map(figures.map(f => [f.metric, f]));
}
const verdicts = (f: Map<string, Figure>, ids: Iterable<string>) => Object.fromEntries(Array.from(ids, id => [id, f.get(id)!.verdict]));

it('every metric has its truth', () => {
  const said = [...best.flatMap(b => b[1]), ...passed, ...failed, ...told.flatMap(t => t[1]), ...asReal, ...elsewhere];
  expect(new Set(said).size).toBe(said.length);
  expect([...said].sort()).toEqual(metrics.filter(m => m.info.family !== 'time-series' && m.info.family !== 'collapse').map(m => m.info.id).sort());
});

describe('a copy of the training table', () => {
  let f: Map<string, Figure>;
  beforeAll(async () => { f = await judge(real); }, 120_000);
  it('scores perfect fidelity', () => {
    for (const [value, ids] of best) for (const id of ids) { expect([id, f.get(id)!.value]).toEqual([id, expect.closeTo(value, 9)]); expect([id, f.get(id)!.verdict]).toEqual([id, 'good']); }
    expect(verdicts(f, passed)).toEqual(Object.fromEntries(passed.map(id => [id, 'good'])));
    for (const id of asReal) expect([id, f.get(id)!.verdict]).toEqual([id, expect.stringMatching(/good|undecided/)]);
  });
  it('fails every privacy metric', () => {
    expect(verdicts(f, failed)).toEqual(Object.fromEntries(failed.map(id => [id, 'poor'])));
    for (const [value, ids] of told) for (const id of ids) expect([id, f.get(id)!.value]).toEqual([id, expect.closeTo(value, 6)]);
  });
  it('has an interval about every value, or the metric says why there is none', () => {
    const silent = chosen.filter(({ info }) => f.get(info.id)!.value !== null && !f.get(info.id)!.interval && info.estimand !== 'file' && !info.definition.includes('No interval')).map(m => m.info.id);
    expect(silent).toEqual([]);
    for (const x of f.values()) if (x.interval && x.value !== null) { expect([x.metric, x.interval.low <= x.value + 1e-9 && x.value <= x.interval.high + 1e-9]).toEqual([x.metric, true]); }
  });
});

it('a fresh table of the population is accused by no privacy metric and poor in no fidelity or structure', async () => {
  const f = await judge(people(n, 13), chosen.filter(m => m.info.family !== 'utility'));
  for (const x of f.values()) {
    if (x.metric.startsWith('privacy.')) expect([x.metric, x.verdict]).toEqual([x.metric, expect.stringMatching(/good|undecided/)]);
    else expect([x.metric, x.verdict]).not.toEqual([x.metric, 'poor']);
  }
}, 120_000);

it('columns shuffled one by one keep marginals to the last digit and fail joints', async () => {
  const marginal = list('fidelity', 'shapes missing-rates range-coverage category-coverage tail-width rare-mass extreme-coverage'), zero = list('fidelity', 'wasserstein jensen-shannon');
  const joint = [...list('fidelity', 'pair-trends correlation-ratio density'), ...list('structure', 'conditional-independence global-utility'), ...list('utility', 'tstr tstr-linear importance')];
  const f = await judge(shuffled(), chosen.filter(m => [...marginal, ...zero, ...joint].includes(m.info.id)));
  for (const id of marginal) expect([id, f.get(id)!.value, f.get(id)!.verdict]).toEqual([id, expect.closeTo(1, 9), 'good']);
  for (const id of zero) expect([id, f.get(id)!.value]).toEqual([id, expect.closeTo(0, 9)]);
  expect(verdicts(f, joint)).toEqual(Object.fromEntries(joint.map(id => [id, 'poor'])));
}, 120_000);

it('noise fails marginals, joints and rows, and tells nobody apart', async () => {
  const poor = [...list('fidelity', 'shapes wasserstein jensen-shannon two-sample logistic-detection tail-width rare-mass three-way mmd energy sliced-wasserstein pmse two-sample-logistic alpha-precision beta-recall precision density coverage pair-trends pair-trends-all'), ...list('structure', 'conditional-independence global-utility'), ...list('fairness', 'calibration conditional-fidelity')];
  const attacks = ['privacy.membership-auc', 'privacy.domias'], rates = [['privacy.membership-tpr-1', 0.01], ['privacy.membership-tpr-0.1', 0.001]] as const, f = await judge(noise(), chosen.filter(m => m.info.family === 'privacy' || poor.includes(m.info.id)));
  expect(verdicts(f, poor)).toEqual(Object.fromEntries(poor.map(id => [id, 'poor'])));
  // an attack on a table that never saw anybody: .5, or as many right as wrong
  for (const id of attacks) { const { value, interval } = f.get(id)!; expect([id, interval!.low < 0.5 && interval!.high > 0.5 && Math.abs(value! - 0.5) < 0.05]).toEqual([id, true]); }
  for (const [id, fpr] of rates) { const { interval } = f.get(id)!; expect([id, interval!.low <= fpr && fpr <= interval!.high]).toEqual([id, true]); }
  for (const x of f.values()) if (x.metric.startsWith('privacy.')) expect([x.metric, x.verdict]).toEqual([x.metric, expect.stringMatching(/good|undecided/)]);
}, 120_000);

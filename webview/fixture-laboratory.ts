/** Simulated results of the laboratories, for tests and for looking at. No real data. */
import type { CollapseMode, CollapseResult, ExplorePoint, ExploreResult, Slope } from '../server/protocol';

const measures: CollapseResult['measures'] = [
  { id: 'shapes', name: 'Column shapes', definition: 'Mean column shape (one minus Kolmogorov-Smirnov or total variation distance) against the reference rows.', ideal: 1, better: 'higher' },
  { id: 'auc', name: 'Two-sample AUC', definition: 'AUC with which boosted trees tell the generation from the reference rows; at most 2,000 rows of each.', ideal: 0.5, better: 'lower' },
  { id: 'spread', name: 'Spread', definition: 'Standard deviation over that of the first, real table: geometric mean over numeric columns.', ideal: 1, better: 'target' },
];
const per: Record<CollapseMode, number> = { replace: 0.02, accumulate: 0.001, anchor: 0.012 };

/** Two generators, three modes, eight generations: replacing worsens, accumulating holds. */
export function makeCollapse(): CollapseResult {
  const generators = ['cart', 'gaussian-copula'], modes: CollapseMode[] = ['replace', 'accumulate', 'anchor'];
  const slope = (x: number): Slope => ({ value: x, low: x - 0.004, high: x + 0.004 });
  return {
    laboratory: 'collapse', version: 1, title: 'customers.csv: what is lost when stand-ins learn from stand-ins', created: '2026-03-14T09:26:53Z', seconds: 85, source: { path: '/home/ada/data/customers.csv', rows: 6000, columns: 15 },
    plan: { version: 1, laboratory: 'collapse', generators, modes, generations: 8, chains: 5, share: 0.1, rows: 3000, budgetSeconds: 5, seed: 7, device: 'auto' }, measures,
    series: generators.flatMap((generator) => modes.map((mode) => ({
      generator, mode, outcome: mode === 'accumulate' ? 'holds' as const : 'worsens' as const, why: mode === 'accumulate' ? 'No measure clearly worsened.' : 'Still worsening in the second half of the generations: two-sample AUC.',
      points: Object.fromEntries(measures.map((m, k) => [m.id, Array.from({ length: 9 }, (_, g) => { const mean = m.ideal - (m.better === 'lower' ? -1 : 1) * (0.03 * Math.min(1, g) + per[mode] * g * (k + 1)); return { generation: g, mean, low: mean - 0.01 * (g + 1), high: mean + 0.01 * (g + 1), chains: [mean] }; })])),
      slopes: Object.fromEntries(measures.map((m) => [m.id, { all: slope(-per[mode]), late: slope(-per[mode] / 2) }])),
    }))),
    contrasts: generators.flatMap((generator) => (['accumulate', 'anchor'] as const).flatMap((mode) => measures.map((m) => ({ generator, mode, measure: m.id, difference: slope(per.replace - per[mode]) })))),
    notes: ['Tables of 3000 rows; value protection off, since it would remove rare values in the first generation and hide what generations do.'],
  };
}

/** Generators against each other; the last point is beaten by the first. */
export function makeSweep(front: readonly boolean[] = [true, true, true, false]): ExploreResult {
  const points: Array<[string, number, number, number, number]> = [['cart', 0.548, 0.862, 0.573, 0.013], ['gaussian-copula', 0.674, 0.825, 0.512, 0], ['independent', 0.824, 0.553, 0.509, 0], ['smote', 0.663, 0.858, 0.627, 0.064]];
  const value = (metric: string, x: number, half: number) => ({ metric, value: x, low: Math.max(0, x - half), high: Math.min(1, x + half) });
  return {
    laboratory: 'explore', version: 1, title: 'customers.csv: trade-offs by generator', created: '2026-03-14T09:26:53Z', seconds: 371, source: { path: '/home/ada/data/customers.csv', rows: 6000 }, knob: 'generator', seeds: [1, 2], publishable: true,
    axes: [
      { metric: 'fidelity.two-sample', family: 'fidelity', name: 'Classifier two-sample test', better: 'lower', definition: 'AUC of boosted trees.', unit: 'score' }, { metric: 'utility.tstr', family: 'utility', name: 'Train on synthetic, test on real', better: 'higher', definition: 'AUC.', unit: 'score' },
      { metric: 'privacy.membership-auc', family: 'privacy', name: 'Membership attack', better: 'lower', definition: 'AUC.', unit: 'score' }, { metric: 'privacy.near-copies', family: 'privacy', name: 'Near copies', better: 'lower', definition: 'Share of rows.', unit: 'share' },
    ],
    points: points.map(([label, a, b, c, d], k): ExplorePoint => ({
      label, front: front[k] ?? false, values: { 'fidelity.two-sample': value('fidelity.two-sample', a, 0.04), 'utility.tstr': value('utility.tstr', b, 0.03), 'privacy.membership-auc': value('privacy.membership-auc', c, 0.02), 'privacy.near-copies': value('privacy.near-copies', d, 0.01) },
      runs: [1, 2].map((seed) => ({ id: `run-${k}-${seed}`, folder: `/home/ada/data/.understudy/runs/run-${k}-${seed}`, seed, state: k === 3 && seed === 2 ? 'failed' as const : 'finished' as const, ...(k === 3 && seed === 2 && { error: 'The disk is full.' }) })),
    })),
    notes: ["Values are means over 2 seeds; intervals are Student's over seeds."],
  };
}

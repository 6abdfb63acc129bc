/** Gaps between groups: in the data, or in what a learner trained on them decides about real rows. */
import { countGroups, falsePositives, largestGap, selection, truePositives, type Gap, type Rate } from '../../evaluation/fairness/measures';
import { auc } from '../../learners/metrics';
import { encodeFeatures } from '../../learners/features';
import { fitBoosting } from '../../learners/boosting';
import type { TargetRequest } from '../../protocol';
import type { Table } from '../../table/table';
import { fewestInGroup, type Cells } from './cells';

export type Criterion = Extract<TargetRequest, { purpose: 'fairness' }>['criterion'];

/** What a fairness figure's model is, in words. */
export const learnerName = 'gradient-boosted trees (100 rounds, all other columns as features, the sensitive ones and their proxies among them)';

/** Rows by weight: what gives every group the same distribution over the permitted strata. */
function standardised(group: Int32Array, stratum: Int32Array, groups: number, strata: number): Float64Array {
  const whole = new Float64Array(strata), own = new Float64Array(groups * strata), size = new Float64Array(groups), out = new Float64Array(group.length);
  let n = 0;
  group.forEach((g, i) => { if (g < 0) return; n++; whole[stratum[i]!]!++; own[g * strata + stratum[i]!]!++; size[g]!++; });
  group.forEach((g, i) => { if (g >= 0) out[i] = (whole[stratum[i]!]! / n) * (size[g]! / own[g * strata + stratum[i]!]!); });
  return out;
}

/**
 * The largest gap of a criterion, with its interval (Newcombe, Bonferroni over the pairs of groups). Where strata are permitted, every group is first given the same distribution over them
 * (direct standardisation), so that only what they do not explain counts; numbers of cases are then effective ones (Kish).
 * @param rows those that count
 */
export function gapOf(criterion: Criterion, coded: ReturnType<Cells['code']>, cells: Cells, decided: ArrayLike<number>): Gap | undefined {
  const { group, stratum, favourable } = coded, G = cells.groups.length;
  if (cells.strata === 1) {
    const counts = countGroups(G, group, favourable, decided), rates = criterion === 'demographic_parity' ? [counts.map(selection)] : criterion === 'equal_opportunity' ? [counts.map(truePositives)] : [counts.map(truePositives), counts.map(falsePositives)];
    return widest(rates);
  }
  const w = standardised(group, stratum, G, cells.strata);
  const rateWhere = (counts: (i: number) => boolean): Rate[] => Array.from({ length: G }, (_, g) => {
    let sum = 0, hit = 0, squares = 0;
    for (let i = 0; i < group.length; i++) if (group[i] === g && counts(i)) { sum += w[i]!; squares += w[i]! ** 2; if (decided[i] === 1) hit += w[i]!; }
    const n = squares > 0 ? sum ** 2 / squares : 0;
    return { k: n > 0 ? (hit / sum) * n : 0, n };
  });
  const good = (i: number): boolean => favourable[i] === 1;
  return widest(criterion === 'demographic_parity' ? [rateWhere(() => true)] : criterion === 'equal_opportunity' ? [rateWhere(good)] : [rateWhere(good), rateWhere((i) => !good(i))]);
}
function widest(rates: readonly Rate[][]): Gap | undefined {
  const tests = rates.reduce((n, r) => { const k = r.filter((x) => x.n >= fewestInGroup).length; return n + (k * (k - 1)) / 2; }, 0);
  const gaps = rates.flatMap((r) => largestGap(r, fewestInGroup, Math.max(1, tests)) ?? []);
  return gaps.length === 0 ? undefined : gaps.reduce((a, b) => (b.value > a.value ? b : a));
}

export interface Decision { decided: Uint8Array; probability: Float64Array }

/** Trains the named learner on one table's favourable outcomes (weighted, where weights are given) and lets it decide on others' rows: selected where the probability exceeds one half. */
export async function decide(train: Table, favourable: Uint8Array, on: readonly Table[], outcome: string, options: { seed: number; weights?: Float64Array; rounds?: number; progress?: () => Promise<void> }): Promise<Decision[]> {
  const features = train.schema.columns.map((c) => c.name).filter((n) => n !== outcome), [own, ...others] = encodeFeatures([train, ...on], features);
  const model = await fitBoosting(own!, favourable, { task: 'binary', seed: options.seed, iterations: options.rounds ?? 100, earlyStopping: false, ...(options.weights && { weights: options.weights }), ...(options.progress && { progress: options.progress }) });
  return others.map((x) => { const probability = model.probabilities(x); return { probability, decided: Uint8Array.from(probability, (p) => (p > 0.5 ? 1 : 0)) }; });
}

/** The AUC of decisions on rows whose outcomes are known. */
export const aucOf = (coded: { favourable: Uint8Array }, d: Decision): number => auc(coded.favourable, d.probability);

/**
 * Reweighing (Kamiran & Calders 2012): every row's weight is the wanted probability of its outcome in its group and stratum, over the probability it has. The wanted ones are the same in all
 * groups of a stratum; or, at model level, shifted by an offset a group on the logit scale, which shifts what a learner of them predicts for that group by as much.
 */
import type { Cells } from './cells';

const logit = (p: number): number => Math.log(p / (1 - p)), sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Favourable share by group and stratum, and the stratum's over all groups; smoothed by half a row, so that no cell is certain. */
export interface Rates { of: Float64Array; stratum: Float64Array; rows: Float64Array }
export function ratesOf({ group, stratum, favourable }: ReturnType<Cells['code']>, cells: Cells): Rates {
  const G = cells.groups.length, S = cells.strata, good = new Float64Array(G * S), rows = new Float64Array(G * S), goodAll = new Float64Array(S), all = new Float64Array(S);
  group.forEach((g, i) => { if (g < 0) return; const k = g * S + stratum[i]!; rows[k]!++; all[stratum[i]!]!++; if (favourable[i]) { good[k]!++; goodAll[stratum[i]!]!++; } });
  return { rows, of: rows.map((n, k) => (good[k]! + 0.5) / (n + 1)), stratum: all.map((n, s) => (goodAll[s]! + 0.5) / (n + 1)) };
}

/** Wanted favourable share of every group and stratum: `mix` of the way from its own to the stratum's, and an offset a group. */
export function wantedRates(rates: Rates, cells: Cells, mix: number, offset?: Float64Array): Float64Array {
  return rates.of.map((own, k) => sigmoid((1 - mix) * logit(own) + mix * logit(rates.stratum[k % cells.strata]!) + (offset?.[Math.floor(k / cells.strata)] ?? 0)));
}

/** Weights of rows under wanted rates; rows of no group keep weight one. */
export function weightsFor({ group, stratum, favourable }: ReturnType<Cells['code']>, cells: Cells, rates: Rates, wanted: Float64Array): Float64Array {
  return Float64Array.from(group, (g, i) => { if (g < 0) return 1; const k = g * cells.strata + stratum[i]!; return favourable[i] ? wanted[k]! / rates.of[k]! : (1 - wanted[k]!) / (1 - rates.of[k]!); });
}

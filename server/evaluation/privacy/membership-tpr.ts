import { clopperPearson } from '../../learners/intervals';
import type { Figure } from '../../protocol';
import type { EvaluationContext, Fold } from '../metric';
import * as thresholds from '../thresholds';
import { crossedTpr, restrict } from './cross';
import { accusationTwoSided, cannotTell, leakVerdict, noControl, type Bounds } from './leak';
import { attackOf, attackTpr, crossedAttack, mostOutlying, subset } from './membership-core';

/** Share of rows that count as outliers. */
export const outlyingShare = 0.01;

/**
 * True-positive rate of the calibrated membership attack at a fixed false-positive rate (Carlini et al. 2022: what an attacker knows *for certain*, which an
 * AUC averages away). Training rows against control rows, all or the stated number; without a leak it equals the false-positive rate.
 * `outliers...` in the detail: the same on the 1% of real rows lying farthest from other real rows, where fewer than five expected false positives
 * say nothing.
 */
export async function tprFigure(context: EvaluationContext, metric: string, fpr: 0.001 | 0.01): Promise<Figure> {
  const attack = await attackOf(context);
  if (!attack) return noControl(metric);
  const s = subset(attack, attack.calibrated), b = attackTpr(s, fpr), plain = attackTpr(subset(attack, attack.plain), fpr);
  const o = subset(attack, attack.calibrated, outlyingShare), outliers = o.members && o.others ? attackTpr(o, fpr) : undefined;
  return figure(metric, fpr, { overall: b, plain, ...(outliers && { outliers }) }, s.others, { training: s.members, control: s.others, outlyingTraining: o.members, outlyingControl: o.others });
}

/** The same over the folds of a cross-fitted release (cross.ts). */
export async function crossedTprFigure(folds: readonly Fold[], metric: string, fpr: 0.001 | 0.01): Promise<Figure> {
  const attack = await crossedAttack(folds);
  if (!attack) return noControl(metric);
  const rows = mostOutlying(attack.outlyingness, outlyingShare), overall = crossedTpr(attack.calibrated, fpr);
  return figure(metric, fpr, { overall, plain: crossedTpr(attack.plain, fpr), outliers: crossedTpr(restrict(attack.calibrated, rows), fpr) }, overall.rows, { control: overall.rows, outlyingControl: rows.length, folds: folds.length });
}

type Rates = Bounds & { tpr: number; low: number; high: number };

function figure(metric: string, fpr: 0.001 | 0.01, { overall: b, plain, outliers }: { overall: Rates; plain: Rates; outliers?: Rates }, others: number, samples: Record<string, number>): Figure {
  const few = fpr * others < 5, { good, fair } = fpr === 0.01 ? thresholds.tpr1 : thresholds.tpr01;
  // Few accused control rows leave the false-positive rate itself uncertain; recognised far above the most that it may be, people are recognised all the same.
  const most = clopperPearson(Math.floor(fpr * others), others, accusationTwoSided).high, sure = few && fpr + b.lower - most > fair - fpr;
  const verdict = sure ? 'poor' : few ? 'undecided' : leakVerdict(b, { good: good - fpr, fair: fair - fpr });
  return {
    metric, value: b.tpr, interval: { low: b.low, high: b.high, level: 0.95, method: 'Newcombe, excess over the false-positive rate' },
    reference: { label: 'guessing', value: fpr }, samples, verdict,
    ...(sure ? { note: `With ${others.toLocaleString('en')} control rows, a false-positive rate of ${100 * fpr}% may really be up to ${(100 * most).toPrecision(2)}%: far more are recognised.` } : {}),
    ...(verdict === 'undecided' ? { note: few
      ? `With ${others.toLocaleString('en')} control rows, a false-positive rate of ${100 * fpr}% is ${(fpr * others).toPrecision(2)} rows: too few to tell.`
      : cannotTell(samples, fpr + b.detectable < 0.995 ? `a rate above ${(100 * (fpr + b.detectable)).toPrecision(2)}%` : undefined) } : {}),
    detail: {
      excessUpper95: b.upper, excessLower995: b.lower, smallestDetectable: fpr + b.detectable, plainDistance: plain.tpr,
      ...(outliers ? { outliersTpr: outliers.tpr, outliersUpper95: fpr + outliers.upper, outliersSmallestDetectable: fpr + outliers.detectable } : {}),
    },
  };
}

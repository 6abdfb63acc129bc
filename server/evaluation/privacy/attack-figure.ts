import { normalQuantile } from '../../learners/distributions';
import { wilson } from '../../learners/metrics';
import type { Figure } from '../../protocol';
import type { Excess } from './excess';
import { cannotTell, leakVerdict, type Bounds } from './leak';
import { membership } from '../thresholds';
import { attack as threshold } from './thresholds';

/** With fewer successes of guessing to be expected, having none is no sign of anything: with three, one time in twenty. */
const fewestGuessed = 3;

/**
 * The figure of an attack with a success rate: the rate on training rows, the same on control rows as its reference, guessing beside both. Judged is the excess over the
 * control: what is known of everybody is no leak (Giomi et al. 2023).
 */
export function attackFigure(
  metric: string, e: Excess, value: { value: number; interval: NonNullable<Figure['interval']> }, control: { value: number; interval: [number, number] },
  guessing: { successes: number; tried: number } | undefined, samples: Record<string, number>, detail: Record<string, number | string>, tolerated: { good: number; fair: number } = threshold,
): Figure {
  const verdict = leakVerdict(e, tolerated), g = guessing && wilson(guessing.successes, guessing.tried), notes: string[] = [];
  if (verdict === 'undecided') notes.push(cannotTell(samples, e.detectable < 0.995 ? `an excess above ${(100 * e.detectable).toPrecision(2)}%` : undefined));
  if (g && value.value <= guessing.successes / guessing.tried) {
    // among so few attempts guessing may be expected to succeed not once: none is then no worse than guessing, and not better either
    notes.push(guessing.successes < fewestGuessed
      ? `Guessing succeeds ${guessing.successes > 0 ? `about once in ${Math.round(guessing.tried / guessing.successes).toLocaleString('en')}` : `less than once in ${guessing.tried.toLocaleString('en')}`} attempts: so few cannot tell whether the attack does better.`
      : 'The attack does no better than guessing: it says little about attacks that would.');
  }
  return {
    metric, ...value, reference: { label: 'control', ...control }, samples, verdict, ...(notes.length ? { note: notes.join(' ') } : {}),
    detail: {
      excess: e.estimate, excessUpper95: e.upper, excessLower995: e.lower, smallestDetectable: e.detectable,
      ...(g ? { guessing: guessing.successes / guessing.tried, guessingLow: g.low, guessingHigh: g.high } : {}), ...detail,
    },
  };
}

/** The figure of a membership attack that guessing wins half the time: its AUC. */
export function membershipFigure(metric: string, b: Bounds & { low: number; high: number }, samples: Record<string, number>, method: string, detail: Record<string, number>): Figure {
  const verdict = leakVerdict(b, membership, 0.5);
  return {
    metric, value: b.estimate, interval: { low: b.low, high: b.high, level: 0.95, method }, reference: { label: 'guessing', value: 0.5 }, samples, verdict,
    ...(verdict === 'undecided' ? { note: cannotTell(samples, b.detectable < 0.4995 ? `an AUC above ${(0.5 + b.detectable).toFixed(3)}` : undefined) } : {}),
    detail: { upper95: b.upper, lower995: b.lower, smallestDetectable: 0.5 + b.detectable, ...detail },
  };
}

/**
 * Anonymeter's risk: the excess over the control, of what the control leaves to gain, from the centres of Wilson's intervals, whose half-widths are
 * carried through; cut to [0, 1] (Giomi et al. 2023, section 3; anonymeter 1.1.0, `residual_success`).
 */
export function residualRisk(successes: number, tried: number, control: number, controlTried: number, level = 0.95): { risk: number; low: number; high: number } {
  const z = normalQuantile(0.5 + level / 2);
  const rate = (k: number, n: number) => ({ at: (k + (z * z) / 2) / (n + z * z), error: (z / (n + z * z)) * Math.sqrt((k * (n - k)) / n + (z * z) / 4) });
  const a = rate(successes, tried), c = rate(control, controlTried), risk = (a.at - c.at) / (1 - c.at), cut = (x: number) => Math.min(1, Math.max(0, x));
  const error = Math.hypot(a.error / (1 - c.at), (c.error * (a.at - 1)) / (1 - c.at) ** 2);
  return { risk: cut(risk), low: cut(risk - error), high: cut(risk + error) };
}

import type { Event } from './mechanism';

/** Plain sums of epsilon and delta (Dwork & Roth 2014, Theorem 3.16), where every mechanism has an epsilon of its own. */
export function sums(events: readonly Event[]): { epsilon: number; delta: number } | undefined {
  let epsilon = 0, delta = 0;
  for (const { mechanism: m, count } of events) {
    if (m.kind === 'laplace') epsilon += count / m.scale;
    else if (m.kind === 'pure') epsilon += count * m.epsilon;
    else if (m.kind === 'approximate') { epsilon += count * m.epsilon; delta += count * m.delta; }
    else return undefined;
  }
  return { epsilon, delta };
}

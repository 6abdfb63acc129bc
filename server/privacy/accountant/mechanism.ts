/** The randomised mechanisms whose privacy can be added up, each with its noise measured against its sensitivity under add/remove of one unit. */
export type Mechanism =
  /** Gaussian noise on a vector; `sigma` = standard deviation / L2 sensitivity. */
  | { kind: 'gaussian'; sigma: number }
  /** The same on a Poisson sample (every unit drawn independently with probability `q`): one step of DP-SGD. */
  | { kind: 'subsampled-gaussian'; q: number; sigma: number }
  /** Laplace noise; `scale` = b / L1 sensitivity. */
  | { kind: 'laplace'; scale: number }
  /** Discrete Gaussian noise on integer counts of which one unit changes at most one, by at most `sensitivity`; `sigma` in counts. */
  | { kind: 'discrete-gaussian'; sigma: number; sensitivity: number }
  /** Anything (epsilon, 0)-private: discrete Laplace, randomised response, the exponential mechanism. */
  | { kind: 'pure'; epsilon: number }
  /** Anything (epsilon, delta)-private: a thresholded partition selection. */
  | { kind: 'approximate'; epsilon: number; delta: number };

/**
 * A mechanism run `count` times on the same data. What it is asked may depend on what earlier ones released (adaptive composition); its kind, noise and count may not: for
 * those chosen on the way there is filter.ts.
 */
export interface Event { mechanism: Mechanism; count: number }

/** Which of two neighbouring tables holds the unit: `remove` compares the table with it to the one without, `add` the other way round. */
export type Direction = 'remove' | 'add';
export const directions: readonly Direction[] = ['remove', 'add'];

const kinds: Record<Mechanism['kind'], true> = { gaussian: true, 'subsampled-gaussian': true, laplace: true, 'discrete-gaussian': true, pure: true, approximate: true };
const positive = (x: number) => Number.isFinite(x) && x > 0;

/** @throws RangeError naming the parameter of a mechanism, or a count, that means nothing. */
export function check(events: readonly Event[]): void {
  const wrong = (what: string) => { throw new RangeError(`privacy accountant: ${what}`); };
  for (const { mechanism: m, count } of events) {
    if (!m || !Object.hasOwn(kinds, m.kind)) wrong(`no mechanism of kind ${m?.kind}`);
    if (!(Number.isSafeInteger(count) && count >= 0)) wrong(`count ${count}`);
    if ('sigma' in m && !positive(m.sigma)) wrong(`${m.kind} with sigma ${m.sigma}`);
    if (m.kind === 'subsampled-gaussian' && !(m.q >= 0 && m.q <= 1)) wrong(`sampling probability ${m.q}`);
    if (m.kind === 'laplace' && !positive(m.scale)) wrong(`laplace with scale ${m.scale}`);
    if (m.kind === 'discrete-gaussian' && !(Number.isSafeInteger(m.sensitivity) && m.sensitivity > 0)) wrong(`discrete-gaussian with sensitivity ${m.sensitivity}`);
    if ('epsilon' in m && !(Number.isFinite(m.epsilon) && m.epsilon >= 0)) wrong(`${m.kind} with epsilon ${m.epsilon}`);
    if (m.kind === 'approximate' && !(m.delta >= 0 && m.delta < 1)) wrong(`approximate with delta ${m.delta}`);
  }
}

/**
 * The same events, shorter: nothing that did not happen, full sampling as no sampling, equal mechanisms counted together, and all Gaussians as one
 * (Dong, Roth & Su 2022, Corollary 3.3: Gaussians with mu_i = 1/sigma_i compose to exactly one with mu = sqrt(sum mu_i^2)).
 */
export function simplify(events: readonly Event[]): Event[] {
  check(events);
  let mu2 = 0;
  const rest = new Map<string, Event>();
  for (const { mechanism: m, count } of events) {
    if (count === 0 || (m.kind === 'subsampled-gaussian' && m.q === 0)) continue;
    if (m.kind === 'gaussian' || (m.kind === 'subsampled-gaussian' && m.q === 1)) { mu2 += count / m.sigma ** 2; continue; }
    const key = JSON.stringify(m), seen = rest.get(key);
    rest.set(key, { mechanism: m, count: count + (seen?.count ?? 0) });
  }
  return mu2 > 0 ? [{ mechanism: { kind: 'gaussian', sigma: 1 / Math.sqrt(mu2) }, count: 1 }, ...rest.values()] : [...rest.values()];
}

/**
 * From guesses to a bound on epsilon: Steinke, Nasr & Jagielski 2023, "Privacy auditing with one (1) training run", Theorem 5.2 (their Proposition 5.1 where delta is 0), computed as in their
 * Appendix D.
 *
 * Each of `canaries` examples is in the data by a fair coin of its own. An auditor who sees what the mechanism released guesses `guessed` of the coins and abstains from the others. If the
 * mechanism is (epsilon, delta)-private for adding or removing one example, then for W ~ Binomial(guessed, e^epsilon / (1 + e^epsilon))
 *
 *   P[correct guesses >= v]  <=  P[W >= v] + 2 canaries delta max_{i >= 1} P[v > W >= v - i] / i.
 */

export interface Guesses {
  /** All canaries whose coins were flipped: abstained from or not. */
  canaries: number;
  guessed: number;
  correct: number;
}

/** log C(r, k) for k = 0..r. */
function logChoose(r: number): Float64Array {
  const out = new Float64Array(r + 1);
  for (let k = 1; k <= r; k++) out[k] = out[k - 1]! + Math.log((r - k + 1) / k);
  return out;
}

function tail({ canaries, guessed: r, correct: v }: Guesses, choose: Float64Array, epsilon: number, delta: number): number {
  // log q and log(1 - q) of q = 1 / (1 + e^-epsilon), whatever epsilon is.
  const logRight = -Math.log1p(Math.exp(-epsilon)), logWrong = logRight - epsilon;
  const mass = (k: number): number => Math.exp(choose[k]! + k * logRight + (k === r ? 0 : (r - k) * logWrong));
  let beta = 0;
  for (let k = r; k >= v; k--) beta += mass(k);
  if (delta === 0) return Math.min(1, beta);
  let alpha = 0, below = 0;
  for (let i = 1; i <= v; i++) {
    below += mass(v - i);
    if (below > i * alpha) alpha = below / i;
  }
  return Math.min(1, beta + 2 * canaries * delta * alpha);
}

function check({ canaries: m, guessed: r, correct: v }: Guesses, delta: number): void {
  if (![m, r, v].every(Number.isInteger) || !(v >= 0 && v <= r && r <= m)) throw new RangeError(`audit: ${v} right of ${r} guesses about ${m} canaries`);
  if (!(delta >= 0 && delta <= 1)) throw new RangeError(`audit: delta ${delta}`);
}

/**
 * An upper bound on the probability of so many right guesses (or more) under any (epsilon, delta)-private mechanism.
 * @throws RangeError unless 0 <= correct <= guessed <= canaries, epsilon >= 0 and 0 <= delta <= 1
 */
export function pValue(guesses: Guesses, epsilon: number, delta: number): number {
  check(guesses, delta);
  if (!(epsilon >= 0)) throw new RangeError(`audit: epsilon ${epsilon}`);
  return tail(guesses, logChoose(guesses.guessed), epsilon, delta);
}

/**
 * The largest epsilon that the guesses refute at `level`: with that probability at least, the mechanism is not (epsilon', delta)-private for any epsilon' below. From below, to 1e-9. 0 where nothing is refuted.
 * @throws RangeError as `pValue`, and for a level that is none
 */
export function lowerBound(guesses: Guesses, delta: number, level = 0.95): number {
  check(guesses, delta);
  if (!(level > 0 && level < 1)) throw new RangeError(`audit: level ${level}`);
  const choose = logChoose(guesses.guessed), refuted = (epsilon: number): boolean => tail(guesses, choose, epsilon, delta) < 1 - level;
  if (!refuted(0)) return 0;
  let low = 0, high = 1;
  // Ends: at a large epsilon all guesses may be right.
  while (refuted(high)) { low = high; high *= 2; }
  while (high - low > 1e-9) { const middle = (low + high) / 2; if (refuted(middle)) low = middle; else high = middle; }
  return low;
}

/**
 * The audit of a private mechanism from one run (Steinke, Nasr & Jagielski 2023, Algorithm 1): coins decide which canaries are in the data, the mechanism runs once, an auditor scores every canary by
 * what was released, and the highest scores are guessed to be in, the lowest to be out. How many guesses are right bounds epsilon from below (bound.ts).
 *
 * A bound above the epsilon that is claimed refutes the claim: the accounting or the code is wrong. A bound below it proves nothing; audits from one run are loose, by a factor of two or more.
 */
import { NoiseSource } from '../mechanisms/source';
import { lowerBound } from './bound';

export interface AuditOptions {
  /** How many examples may be in or out; each is by a fair coin. */
  canaries: number;
  /** The delta of the claim. */
  delta: number;
  /** How many guesses are made, half of them "in" (an odd one too); to be fixed before anything is seen. */
  guesses: number;
  /** Of the bound: .95 unless told. */
  level?: number;
  /** Where the coins come from; tests pass a keyed one. */
  coins?: NoiseSource;
}
export interface Audit { /** epsilon, from below */ lowerBound: number; correct: number; guessed: number }

/**
 * @param run the mechanism on data with these canaries, and the auditor's score of every canary: high where it looks as if it were in. The auditor's part must not look at `members`.
 * @throws RangeError for options that mean nothing; Error where a score is no number
 */
export async function audit(run: (members: boolean[]) => ArrayLike<number> | Promise<ArrayLike<number>>, options: AuditOptions): Promise<Audit> {
  const { canaries, delta, guesses, level, coins = new NoiseSource() } = options;
  if (!(Number.isInteger(canaries) && canaries > 0 && Number.isInteger(guesses) && guesses > 0 && guesses <= canaries)) throw new RangeError(`audit: ${guesses} guesses about ${canaries} canaries`);
  const members = Array.from({ length: canaries }, () => coins.bit()), scores = await run(members.slice());
  if (scores.length !== canaries) throw new Error(`audit: ${scores.length} scores for ${canaries} canaries`);
  for (let i = 0; i < canaries; i++) if (Number.isNaN(scores[i]!)) throw new Error(`audit: the score of canary ${i} is no number`);
  // Ties by place, which tells nothing of a coin.
  const order = Array.from({ length: canaries }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b), ins = Math.ceil(guesses / 2), outs = guesses - ins;
  let correct = 0;
  for (let k = 0; k < ins; k++) correct += Number(members[order[k]!]!);
  for (let k = 0; k < outs; k++) correct += Number(!members[order[canaries - 1 - k]!]!);
  return { lowerBound: lowerBound({ canaries, guessed: guesses, correct }, delta, level), correct, guessed: guesses };
}

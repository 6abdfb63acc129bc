/**
 * Settings that a fit under a privacy budget cannot have, or has no use for. They are refused with the reason, as the user gave them and before anything is charged for: what is left aside in silence would not be what was asked for, and
 * what is refused later has cost the table a tenth of its budget by then.
 */
import { UserError } from '../../../errors';

/** A setting's reason; `off`: the values that ask for nothing; `most`: the largest that can be had. */
export type Refused = Readonly<Record<string, string | { why: string; off: readonly unknown[] } | { most: number }>>;

/** @param given the settings that the user named @throws UserError (usage) for the first that cannot be had */
export function refuseGiven(given: Readonly<Record<string, unknown>>, refused: Refused): void {
  const hint = 'Leave it out, or fit without --epsilon.';
  for (const [name, r] of Object.entries(refused)) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof r === 'object' && 'most' in r) {
      if (Number(value) > r.most) throw new UserError(`Under a privacy budget the setting "${name}" can be at most ${r.most}, not ${String(value)}: noise costs by the number of weights.`, {}, hint, 'usage');
      continue;
    }
    const { why, off } = typeof r === 'string' ? { why: r, off: [] } : r;
    if (!(off as readonly unknown[]).includes(value)) throw new UserError(`Under a privacy budget the setting "${name}" cannot be used: ${why}.`, {}, hint, 'usage');
  }
}

/** Reasons that several generators give. */
export const because = {
  batch: 'how many rows a step draws on average follows from the released number of rows, as the noise does',
  dropout: { why: 'the small networks that noise allows go without it', off: [0] },
  weightDecay: { why: 'no weights are shrunk there beside the noised updates', off: [0] },
  bins: 'fitting modes looks at every value: numbers are taken in the bins of their noised marginals instead',
  codes: 'a column has the codes that were released of it, no more and no fewer',
} as const;

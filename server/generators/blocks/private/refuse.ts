/**
 * Settings that a fit under a privacy budget cannot have, or has no use for. They are refused with the reason, as the user gave them and before anything is charged for: what is left aside in silence would not be what was asked for, and
 * what is refused later has cost the table a tenth of its budget by then.
 */
import { UserError } from '../../../errors';

/** A setting's reason; `off`: the value that asks for nothing. */
export type Refused = Readonly<Record<string, string | { why: string; off: readonly unknown[] }>>;

/** @param given the settings that the user named @throws UserError (usage) for the first that cannot be had */
export function refuseGiven(given: Readonly<Record<string, unknown>>, refused: Refused): void {
  for (const [name, r] of Object.entries(refused)) {
    const { why, off } = typeof r === 'string' ? { why: r, off: [] } : r;
    if (given[name] !== undefined && !off.includes(given[name])) throw new UserError(`Under a privacy budget the setting "${name}" cannot be used: ${why}.`, {}, 'Leave it out, or fit without --epsilon.', 'usage');
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

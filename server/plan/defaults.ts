/** What a run does where the user said nothing. */
export const defaults = {
  generator: 'autoregressive',
  /** Upper bound on fitting, in seconds: with evaluation it keeps a table of Adult's size well under 90 s on two cores. */
  budgetSeconds: 45,
  device: 'auto',
  /** Value protection: a value of fewer than k fitting rows is never emitted verbatim. */
  protection: { enabled: true, k: 5 },
} as const;

/** Where the attacks' figures turn from good to fair to poor, and why there; beside the family's registry, which shows them without loading the metrics. */

/** Of an attack's success on training rows less that on control rows. */
export const attack = {
  good: 0.02, fair: 0.05,
  why: 'Of the success on training rows less that on control rows, which is what the release itself adds to what anybody could guess. Two in a hundred is about what some thousand targets can still show (Giomi et al. 2023 use 2,000); five in a hundred is a person in twenty.',
};
/** Of people linked beyond what control people are: by chance nearly nobody is, so that far less is tolerable than of guesses. */
export const linked = { good: 0.005, fair: 0.01, why: 'Of the share of training people linked less that of control people. Two halves of a person meet in one synthetic row by chance about once in as many people as there are rows; one in a hundred beyond that are people who stand in the table.' };
/** Of a mean difference of log-densities, in nats. */
export const exposure = {
  good: 0.05, fair: 0.1,
  why: 'Of the mean difference, in nats. At 0.05 the synthetic table is 5% denser around those it was made from than around others; 2% of rows copied with a little noise make about 0.1.',
};
/** Of a shadow-model attack's accuracy, beside .5 for guessing. */
export const shadow = { good: 0.55, fair: 0.65, why: 'Of the share of right guesses whether a target was in the table; 0.5 is a coin. Stadler et al. (2022) call a target at risk whose gain over guessing is plain; at 0.65 three guesses of ten are turned.' };

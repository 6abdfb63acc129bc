/**
 * Where each figure turns from good to fair to poor, and why there. Apart from the metrics' code, so that the registry can show them without loading it.
 */
/** Of fewer synthetic rows no shape can be made out: nothing is said of fidelity. */
export const fewestJudged = 20;
export const shapes = { good: 0.97, fair: 0.9, why: 'On Adult a fresh real sample scores 0.99, good generators 0.98 to 0.995, and Gaussian copulas and GANs of 2019 0.88.' };
export const pairs = { good: 0.95, fair: 0.85, why: 'On Adult real rows score 0.98 to 0.99 against each other, sequential CART 0.99, Gaussian copulas 0.75 and CTGAN 0.88.' };
export const wasserstein = { good: 0.05, fair: 0.15, why: 'A twentieth of a standard deviation is what a hundred to a thousand fresh rows differ by themselves.' };
export const jensenShannon = { good: 0.05, fair: 0.15, why: 'Two fresh samples of some thousand rows lie 0.02 to 0.05 apart by chance (see the reference); 0.15 is plainly visible in a histogram.' };
export const twoSample = {
  good: 0.55, fair: 0.7,
  why: 'At 0.55 a trained classifier beats a coin by one guess in twenty at best; published deep generators reach 0.77 to 1.0 on Adult, a fresh real sample 0.50.',
};
export const logistic = { good: 0.9, fair: 0.7, why: 'A linear classifier is a weak detective: what it finds is a difference of means or shares, so little of it is tolerable.' };
export const tstr = {
  good: 0.02, fair: 0.05,
  why: 'Of the shortfall, score on real minus score on synthetic. Two hundredths of AUC or R2 is about the difference between two sensible learners on the same real rows.',
};
/** Tolerated share of synthetic rows that are copies beyond what unrelated people explain. */
export const copies = {
  good: 0.005, fair: 0.01,
  why: 'The excess of copied training rows over copied control rows, as a share of the synthetic rows. One row in two hundred is about what can still be seen in a table of thirty thousand rows; above one in a hundred, named people stand in the table.',
};
export const membership = { good: 0.52, fair: 0.55, why: 'Of the AUC; the verdict good also needs its one-sided 95% upper bound under 0.52. Sequential CART, which copies leaf values, reaches 0.53 to 0.60; a fresh real table 0.50.' };
export const outliers = { good: 0.6, fair: 0.7, why: 'Outliers are few, so the bound is wide; above 0.6 somebody unusual is recognised more often than the data can excuse (Stadler et al. 2022).' };
export const tpr1 = { good: 0.02, fair: 0.03, why: 'Guessing finds 1%. At 3% an attacker is right about three people for one he is wrong about.' };
export const tpr01 = { good: 0.005, fair: 0.01, why: 'Guessing finds 0.1%. At 1% an attacker is right about ten people for one he is wrong about.' };
export const trts = { ...tstr, why: 'Of the gap between synthetic and control rows, either way. Two hundredths of AUC or R2 is about what two sensible learners differ by on the same real rows.' };
export const augmentation = { good: 0.005, fair: 0.02, why: 'Of what is lost by adding the synthetic rows to the real ones. Half a hundredth of AUC or R2 is within what the choice of random seed moves a learner by.' };
export const importance = { good: 0.85, fair: 0.7, why: 'Our judgement: the share of importance on which both models agree. Below 0.7 they disagree on nearly a third of what they rest on.' };
export const ranking = { good: 0.9, fair: 0.7, why: 'Of pairs of learners that real rows tell apart. At 0.7 three decisions in ten are wrong; a coin gets half of them right.' };
export const ciOverlap = { good: 0.6, fair: 0.4, why: 'A fresh real table of equal size scores 0.71 on average, whatever the size; below 0.4 most estimates lie at or beyond the edge of the real interval.' };
export const parity = { good: 0.02, fair: 0.05, why: 'Of what the synthetic table adds to the difference that the real one has: two hundredths is what two real samples of some thousand rows a group differ by; five in a hundred people treated otherwise is no detail.' };
export const impact = { good: 0.04, fair: 0.1, why: 'Of what the synthetic table takes from the ratio that the real one has. The four-fifths rule (EEOC 1978) is about the ratio itself; a tenth moves a table from one side of it to the other.' };
export const conditional = { good: 0.03, fair: 0.1, why: 'As for column shapes: a mean shape three hundredths below what chance gives is what good generators reach on whole tables.' };
export const series = { good: 0.95, fair: 0.85, why: 'Our judgement: rows made one by one, in no order, fall far below; what another stretch of the real series scores stands beside it where there is a control.' };
export const predictive = { good: 0.1, fair: 0.3, why: 'Our judgement. Of the error added, as a share of what a model trained on the real series makes: a third more is another model.' };

/**
 * What one step's release says about a canary, when all else is known: the logarithm of the likelihood with it over that without it. By Neyman and Pearson no score of a canary is better; over steps the
 * logarithms add up, samples being drawn anew at each.
 * @param x the noisy sum along the canary's direction, in units of the clip: mean 1 where the canary is in the sample, 0 else
 * @param sigma the noise multiplier that is claimed
 * @param q the chance to be in the step's sample that is claimed
 */
export function evidence(x: number, sigma: number, q: number): number {
  const gain = (x - 0.5) / sigma ** 2;
  if (q >= 1) return gain;
  // log(1 - q + q e^gain), without overflow.
  return gain > 0 ? gain + Math.log(q + (1 - q) * Math.exp(-gain)) : Math.log1p(q * Math.expm1(gain));
}

/**
 * Discrete noise schedules of diffusion models, and the posterior q(x_{t-1} | x_t, x_0) they imply.
 *
 * Times count from 0 to T - 1, as in the published implementations: alphaBar[t] is the share of signal variance left after t + 1 noisings.
 * Sources: Ho et al., "Denoising Diffusion Probabilistic Models" (2020), equations 4, 6, 7; Nichol & Dhariwal, "Improved Denoising
 * Diffusion Probabilistic Models" (2021), equation 17; Song et al., "Denoising Diffusion Implicit Models" (2021), equations 12 and 16.
 */

export type ScheduleName = 'linear' | 'cosine';
export interface NoiseSchedule { readonly steps: number; readonly beta: Float64Array; readonly alphaBar: Float64Array }

/** Linear: 1e-4 to 0.02 at T = 1000, scaled by 1000 / T otherwise. Cosine: alphaBar(u) ~ cos^2((u + .008) / 1.008 pi / 2), beta at most 0.999. */
export function noiseSchedule(name: ScheduleName, steps: number): NoiseSchedule {
  const beta = new Float64Array(steps), alphaBar = new Float64Array(steps);
  const bar = (u: number): number => Math.cos((u + 0.008) / 1.008 * Math.PI / 2) ** 2;
  for (let t = 0, product = 1; t < steps; t++) {
    if (name === 'linear') {
      const scale = 1000 / steps, from = scale * 1e-4, to = scale * 0.02;
      beta[t] = Math.min(0.999, steps === 1 ? from : from + ((to - from) * t) / (steps - 1));
    } else beta[t] = Math.min(1 - bar((t + 1) / steps) / bar(t / steps), 0.999);
    product *= 1 - beta[t];
    alphaBar[t] = product;
  }
  return { steps, beta, alphaBar };
}

/** One step of a sampler: from time t to an earlier time, or to the data (`to` = -1). */
export interface Stride {
  t: number; to: number;
  alphaBar: number;
  /** alphaBar at `to`; 1 at the data. */
  alphaBarTo: number;
  /** alphaBar / alphaBarTo: signal kept between the two times; alpha[t] when they are neighbours. */
  alpha: number;
}
/** `count` steps from T - 1 to the data over evenly spaced times (count >= T: every time). */
export function strides({ steps, alphaBar }: NoiseSchedule, count: number): Stride[] {
  const n = Math.max(1, Math.min(steps, Math.floor(count)));
  // From the last time down to 0, both included, so that the last step starts where the data have least noise.
  const times = Array.from({ length: n }, (_, i) => (n === 1 ? steps - 1 : Math.round(((steps - 1) * (n - 1 - i)) / (n - 1))));
  return times.map((t, i) => {
    const to = i + 1 < n ? times[i + 1] : -1, alphaBarTo = to < 0 ? 1 : alphaBar[to];
    return { t, to, alphaBar: alphaBar[t], alphaBarTo, alpha: alphaBar[t] / alphaBarTo };
  });
}

/** q(x_to | x_t, x_0) = N(x0 * x_0 + xt * x_t, variance): equation 7 of Ho et al., between any two times. */
export function gaussianPosterior({ alphaBar, alphaBarTo, alpha }: Stride): { x0: number; xt: number; variance: number } {
  const left = 1 - alphaBar;
  return { x0: Math.sqrt(alphaBarTo) * (1 - alpha) / left, xt: Math.sqrt(alpha) * (1 - alphaBarTo) / left, variance: (1 - alpha) * (1 - alphaBarTo) / left };
}

/**
 * The step of DDIM (equation 12) with noise eta in [0, 1] times the posterior's (equation 16), as x_to = x0 * x_0 + eps * e + sigma * noise, where x_0 and e are
 * predicted at t. eta = 1 is ancestral sampling with the posterior's variance; eta = 0 is deterministic.
 */
export function ddim({ alphaBar, alphaBarTo, alpha }: Stride, eta: number): { x0: number; eps: number; sigma: number } {
  const sigma = eta * Math.sqrt((1 - alphaBarTo) / (1 - alphaBar) * (1 - alpha));
  return { x0: Math.sqrt(alphaBarTo), eps: Math.sqrt(Math.max(0, 1 - alphaBarTo - sigma * sigma)), sigma };
}

/**
 * Stochastic differential equations dx = f(t) x dt + g(t) dw that turn data into noise over t in [0, 1], their reverse, and the ordinary equation with the
 * same marginals: Song et al., "Score-Based Generative Modeling through Stochastic Differential Equations" (ICLR 2021), sections 3.3, 3.4 and
 * 4.3, appendices B and D.1.
 *
 * Scores are given as the noise they predict: score(x, t) = -eps(x, t) / sigma(t).
 */
import { add, constant, div, exp, less, mul, neg, sqrt, square, sub, where, type Expr } from '../../engine';

export type SdeName = 'vp' | 'sub-vp' | 've';
export interface Sde {
  /** p(x_t | x_0) = N(alpha x_0, sigma^2). */
  marginal(t: Expr): { alpha: Expr; sigma: Expr };
  /** f(t), the factor of x. */
  drift(t: Expr): Expr;
  /** g(t)^2. */
  diffusion2(t: Expr): Expr;
  /** Standard deviation that x_1 is taken to have. */
  priorSd: number;
}
/** The published ranges: beta from 0.1 to 20 (variance preserving), sigma from 0.01 to 50 (exploding). */
const beta0 = 0.1, beta1 = 20, sigma0 = 0.01, sigma1 = 50;
const beta = (t: Expr): Expr => add(mul(t, beta1 - beta0), beta0);
/** The integral of beta from 0 to t. */
const area = (t: Expr): Expr => add(mul(square(t), (beta1 - beta0) / 2), mul(t, beta0));
/** 1 - e^-a without cancellation at small a: a (1 - a/2 + a^2/6 - a^3/24) below .05, where the next term is 5e-8 of the whole. */
function oneMinusExp(a: Expr): Expr {
  const exact = sub(1, exp(neg(a)));
  const series = mul(a, sub(1, mul(a, sub(0.5, mul(a, sub(1 / 6, mul(a, 1 / 24)))))));
  return where(less(a, 0.05), series, exact);
}

export const sdes: Record<SdeName, Sde> = {
  'vp': { marginal: (t) => ({ alpha: exp(mul(area(t), -0.5)), sigma: sqrt(oneMinusExp(area(t))) }), drift: (t) => mul(beta(t), -0.5), diffusion2: beta, priorSd: 1 },
  'sub-vp': { marginal: (t) => ({ alpha: exp(mul(area(t), -0.5)), sigma: oneMinusExp(area(t)) }), drift: (t) => mul(beta(t), -0.5), diffusion2: (t) => mul(beta(t), oneMinusExp(mul(area(t), 2))), priorSd: 1 },
  've': {
    marginal: (t) => ({ alpha: constant(1), sigma: mul(exp(mul(t, Math.log(sigma1 / sigma0))), sigma0) }), drift: (t) => mul(t, 0),
    diffusion2: (t) => mul(square(mul(exp(mul(t, Math.log(sigma1 / sigma0))), sigma0)), 2 * Math.log(sigma1 / sigma0)), priorSd: sigma1,
  },
};

/** Noise predicted at (x, t); t a scalar or [1, 1]. */
export type Noise = (x: Expr, t: Expr) => Expr;

/** dx/dt of the probability-flow equation: f x - g^2 score / 2. */
export const flowVelocity = (sde: Sde, noise: Noise) => (x: Expr, t: Expr): Expr =>
  add(mul(x, sde.drift(t)), mul(noise(x, t), div(mul(sde.diffusion2(t), 0.5), sde.marginal(t).sigma)));

/** One Euler-Maruyama step of the reverse equation over dt < 0: x + (f x - g^2 score) dt + g sqrt(-dt) z. */
export function reverseStep(sde: Sde, noise: Noise, x: Expr, t: Expr, dt: Expr, z: Expr): Expr {
  const g2 = sde.diffusion2(t), velocity = add(mul(x, sde.drift(t)), mul(noise(x, t), div(g2, sde.marginal(t).sigma)));
  return add(add(x, mul(velocity, dt)), mul(z, sqrt(mul(g2, neg(dt)))));
}

/** The data expected at (x, t): Tweedie's formula, (x - sigma eps) / alpha. */
export function expectedData(sde: Sde, noise: Noise, x: Expr, t: Expr): Expr {
  const { alpha, sigma } = sde.marginal(t);
  return div(sub(x, mul(noise(x, t), sigma)), alpha);
}

/** Times from 1 down to `last`, denser towards the end by the power `rho` (Karras et al. 2022, equation 5, in t). */
export const downTimes = (steps: number, last: number, rho: number): Float64Array =>
  Float64Array.from({ length: steps + 1 }, (_, i) => (i === steps ? last : (1 + (i / steps) * (last ** (1 / rho) - 1)) ** rho));

/**
 * Several draws of a loss's randomness for every example and step: noise levels of a diffusion, codes of an autoencoder. Their gradients are averaged within the example *before* it is clipped, so they cost
 * nothing in privacy, and what one example says is less by chance: "noise multiplicity" (Dockhorn, Cao, Vahdat & Kreis 2023, "Differentially private diffusion models", section 3.2).
 */
import { concat, mean, reshape, type Expr } from '../../../engine';
import type { PrivateSpec } from '../../../privacy/clipping/private-trainer';

/** The same spec with every example's loss the mean of its losses under `times` draws of `noise`; rows and what is made beside them are the same in all. */
export function several(spec: PrivateSpec, times: number): PrivateSpec {
  if (times === 1) return spec;
  const names = Object.keys(spec.noise ?? {}), copies = Array.from({ length: times }, (_, k) => k), own = (n: string, k: number): string => `${n}/${k}`;
  const again = (x: Expr): Expr => concat(copies.map(() => x), 0), all = (of: Record<string, Expr>): Record<string, Expr> => Object.fromEntries(Object.entries(of).map(([n, x]) => [n, again(x)]));
  return {
    ...spec, noise: Object.fromEntries(names.flatMap((n) => copies.map((k) => [own(n, k), spec.noise![n]!]))),
    losses({ params, rows, noise, made, ones }) {
      const drawn = Object.fromEntries(names.map((n) => [n, concat(copies.map((k) => noise[own(n, k)]!), spec.noise![n]!.axis)]));
      return mean(reshape(spec.losses({ params, rows: all(rows), noise: drawn, made: all(made), ones: again(ones) }), [times, -1]), { axes: 0 });
    },
  };
}

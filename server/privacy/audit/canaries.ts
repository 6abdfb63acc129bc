/**
 * Canaries for DP-SGD: examples whose gradients are orthogonal, so that none hides another. Canary i looks up its own entry of one parameter, and its gradient is `norm` there and zero elsewhere, whatever
 * the weights are. The auditor is white-box: sees every step's noisy sum (all that a step releases), and knows sigma, q and all directions.
 */
import { gather, mul, reshape, type Device } from '../../engine';
import type { NoiseSource } from '../mechanisms/source';
import type { NoisePlan } from '../clipping/noise-plan';
import { PrivateTrainer, type PrivateSpec } from '../clipping/private-trainer';
import { evidence } from './evidence';

export interface CanaryTraining {
  /** A unit's chance to be in a step. */
  q: number;
  /** Length of every canary's gradient before clipping, in clips: beyond one, or it adds less than it might. */
  norm: number;
  noise: NoiseSource;
  /** Most rows of one physical batch. */
  mostRows?: number;
  /** The clip that the trainer is given: 1. */
  clip?: number;
}

/** `canaries` parameters and a loss that is linear in them. */
const canarySpec = (canaries: number, norm: number, clip = 1): PrivateSpec => ({
  params: { w: { shape: [canaries, 1] } },
  rows: { id: { shape: [], dtype: 'int32' } },
  losses: ({ params, rows }) => mul(reshape(gather(params.w!, rows.id!), [rows.id!.shape[0]!]), norm),
  clip,
});

/** A trainer on the canaries that are members, and nothing else. What is public is the number of canaries, not of members. */
export function openCanaries(device: Device, members: readonly boolean[], { q, norm, noise, mostRows, clip = 1 }: CanaryTraining): Promise<PrivateTrainer> {
  const id = Int32Array.from(members.flatMap((m, i) => (m ? [i] : []))), publicRows = members.length / 2;
  return PrivateTrainer.open(device, canarySpec(members.length, norm, clip), { data: { id }, noise, expectedBatch: publicRows * q, publicRows, mostRows });
}

/**
 * Trains by the trainer's own `step`, and scores every canary by what all steps release.
 * @param plan what is claimed of each step's noise; whether it holds is for the audit to find out
 * @returns scores, one a canary
 */
export async function whiteBox(trainer: PrivateTrainer, plan: NoisePlan, steps: number, canaries: number): Promise<Float64Array> {
  const scores = new Float64Array(canaries), expected = trainer.q * (canaries / 2), apply = trainer.apply.bind(trainer);
  // A step hands its release to `apply`, where it is read: everything else that a step does is as in training.
  trainer.apply = (gradient, lr) => {
    for (let i = 0; i < canaries; i++) scores[i]! += evidence(gradient.w![i]! * expected, plan.multiplier, trainer.q);
    apply(gradient, lr);
  };
  for (let t = 0; t < steps; t++) await trainer.step(plan, 0.01);
  trainer.apply = apply;
  return scores;
}

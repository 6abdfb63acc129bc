/** Faults planted in the real trainer from outside, for tests of the audit: the trainer knows nothing of them. */
import type { NoisePlan } from '../clipping/noise-plan';
import type { PrivateTrainer } from '../clipping/private-trainer';

export type Plant = (trainer: PrivateTrainer) => PrivateTrainer;
const scaled = (plan: NoisePlan, by: number): NoisePlan => ({ ...plan, sds: plan.sds.map((s) => s * by) });

/** Less noise than the plan says. */
export const lessNoise = (share: number): Plant => (trainer) => {
  const noisy = trainer.noisySum.bind(trainer);
  trainer.noisySum = (members, plan) => noisy(members, scaled(plan, share));
  return trainer;
};

/** Every physical batch gets its share of the noise's standard deviation, 1 / k of it, as if deviations added up: k of them make 1 / sqrt(k) of what is claimed. */
export const noisePerMicrobatch: Plant = (trainer) => {
  const noisy = trainer.noisySum.bind(trainer);
  trainer.noisySum = async (members, plan) => {
    const k = Math.max(1, Math.ceil(members.length / trainer.physical)), total: Record<string, Float32Array> = {};
    for (let b = 0; b < k; b++) {
      const part = await noisy(members.subarray(b * trainer.physical, (b + 1) * trainer.physical), scaled(plan, 1 / k));
      for (const [name, g] of Object.entries(part)) total[name] = total[name] ? total[name].map((v, i) => v + g[i]!) : g;
    }
    return total;
  };
  return trainer;
};

import { openDevice } from '../../engine';
import { nearest, type Points } from '../../learners/neighbours';
import type { EvaluationContext } from '../metric';

export type { Points };
/** Row-major [asked rows * k], ascending by distance. */
export interface Found { distances: Float64Array; indices: Int32Array }
export type Search = (asked: Points, base: Points, k: number, progress: (fraction: number) => Promise<void>) => Promise<Found>;

/** A search for exact Euclidean neighbours on the context's device. */
export async function openSearch(context: EvaluationContext): Promise<Search> {
  const device = await openDevice(context.device);
  return (asked, base, k, progress) => nearest(asked, base, { k, device, progress });
}

export { type BoostingOptions, BoostedTrees, fitBoosting } from './boosting';
export type { Task } from './loss';
export { type Tree, leavesOf } from './tree';

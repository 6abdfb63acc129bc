export { type Neighbours, type NearestOptions, type Points, nearest } from './nearest';
export { compact, slotsOf, type Span } from './compact';
export { type UniqueRows, uniqueRows } from './unique';
export { squaredDistance } from './exact';
export { type KernelOptions, logKernelSums } from './kernel';

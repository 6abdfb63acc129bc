export { type Plan, sinkhorn, spreads, squaredDistances } from './sinkhorn';

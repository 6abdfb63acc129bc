export { type LogisticOptions, LogisticModel, fitLogistic } from './logistic';
export { type LinearModel, fitRidge } from './ridge';
export { lbfgs } from './lbfgs';

export { type MlpOptions, Mlp, fitMlp } from './mlp';

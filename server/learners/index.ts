/** Learners that metrics stand on. Import the part you need; nothing here loads the runtime but `neighbours` when it runs. */
export { type EncodeOptions, type Feature, type FeatureMatrix, concatRows, encodeFeatures, encodeTarget, learnableColumns, takeRows } from './features';
export { type Dense, type DenseEncoder, type DenseOptions, fitDense } from './dense';
export { type Fold, stratifiedFolds } from './folds';
export * from './boosting';
export * from './linear';
export * from './mlp';
export * from './neighbours';
export * from './metrics';
export * from './trees';

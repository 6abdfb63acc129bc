import { sampleMetric } from './sample-level';

/** See sample-level.ts for the definition to the letter. */
export const metric = sampleMetric('fidelity.recall', 'recall');

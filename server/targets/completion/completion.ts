import type { TargetRequest } from '../../protocol';
import type { Purpose } from '../purpose';
import { prepareForecast } from './forecast';
import { prepareImputation } from './impute';

/** Purpose *completion*: what is missing, given what was seen: cells of rows, or the rows that follow. */
export const completion: Purpose<Extract<TargetRequest, { purpose: 'completion' }>> = {
  prepare: (request, before) => (request.task === 'impute' ? prepareImputation(request, before) : prepareForecast(request, before)),
};

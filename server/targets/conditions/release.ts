import type { TargetRequest } from '../../protocol';
import type { Purpose } from '../purpose';
import { samplingFigures } from '../figures';
import { drawWhere } from './draw';

/** Rows as they come: a plain release of which several tables, or rules, were asked for. */
export const releasePurpose: Purpose<Extract<TargetRequest, { purpose: 'release' }>> = {
  async prepare(request, { plan, source }) {
    const rows = plan.rows ?? source.rows;
    return {
      releases: request.releases ?? 1, proper: (request.releases ?? 1) > 1 && request.proper !== false,
      async draw(model, share, { seed, progress }) {
        const own = portion(rows, share), { table, how } = await drawWhere(model, {}, own, { seed, progress });
        return { table, facts: [{ name: 'All rows', rows: own, how }] };
      },
      conclude: async ({ facts }) => samplingFigures(facts),
    };
  },
};

/** A model's part of a count that several draw together; the parts add up. */
export const portion = (rows: number, { fold, folds }: { fold: number; folds: number }): number => Math.round((rows * (fold + 1)) / folds) - Math.round((rows * fold) / folds);

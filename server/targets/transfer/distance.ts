/** How far a result is from the target table. */
import type { Figure } from '../../protocol';
import { shuffledRows } from '../../random';
import type { Table } from '../../table/table';
import { toldApart } from './ratio';

/** Whether the result can be told from the target table, beside the source. */
export async function distance(synthetic: Table, target: Table, source: Table, columns: readonly string[], seed: number): Promise<Figure> {
  const most = 5000, some = (t: Table): Table => (t.rows <= most ? t : t.take(shuffledRows(seed, 'distance', t.rows).slice(0, most)));
  const after = await toldApart(some(synthetic), some(target), columns, seed), before = await toldApart(some(source), some(target), columns, seed);
  return {
    metric: 'target.distance', value: after.auc, interval: { low: after.low, high: after.high, level: after.level, method: 'DeLong' }, reference: { label: 'source', value: before.auc }, samples: { synthetic: Math.min(most, synthetic.rows), target: Math.min(most, target.rows) },
    verdict: after.low <= 0.55 ? 'good' : after.auc < before.auc - 0.5 * (before.auc - 0.5) ? 'fair' : 'poor',
  };
}

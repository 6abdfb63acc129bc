/** For tests: a guarantee to be kept by a fit, with marginals noised as simply as can be, and a record of what was charged. */
import { noisyHistogram } from '../../../privacy/mechanisms/histogram';
import { projectSimplex } from '../../../privacy/mechanisms/simplex';
import { NoiseSource } from '../../../privacy/mechanisms/source';
import { beyondPlan, filterEpsilon, fits, leftOf, placeOf, slackFor, type Released } from '../../../privacy/accountant/filter';
import type { Event } from '../../../privacy/accountant/mechanism';
import { BudgetExhausted } from '../../../privacy/ledger/budget';
import type { Table } from '../../../table/table';
import type { FitContext, PrivateColumn, PrivateFit } from '../../generator';
import { fitContext } from '../mixed-fixture';

export interface Charged extends Event { purpose: string; of?: number; sensitivity: number; noise: number }
const bins = 32, sigma = 20;

/** @param limit total epsilon at which charges are refused; default: never */
export function privateContext(table: Table, options: { epsilon?: number; delta?: number; key?: number; limit?: number; domain?: Record<string, [number, number]>; extra?: Partial<FitContext> } = {}): { context: FitContext & { privacy: PrivateFit }; charged: Charged[]; total(): number } {
  const { epsilon = 3, delta = 1e-5, key = 1 } = options, noise = new NoiseSource(new Uint8Array(32).fill(key)), columns: Record<string, PrivateColumn> = {}, others: Event[] = [], charged: Charged[] = [], budget = { epsilon, delta };
  const histogram = (counts: number[]): number[] => {
    const { counts: noisy, mechanism } = noisyHistogram(counts, { sigma }, noise);
    others.push({ mechanism, count: 1 });
    return projectSimplex(noisy, table.rows).map((n) => n / table.rows);
  };
  for (const column of table.columns) {
    const { name } = column.schema;
    if (column.schema.storage === 'code') {
      const counts = new Array<number>(column.categories().length + 1).fill(0);
      for (const c of column.codes()) counts[c < 0 ? counts.length - 1 : c]!++;
      columns[name] = { type: 'category', shares: histogram(counts) };
      continue;
    }
    const [min, max] = options.domain?.[name] ?? [-8, 8], counts = new Array<number>(bins + 1).fill(0);
    for (const v of column.numbers()) counts[Number.isNaN(v) ? bins : Math.max(0, Math.min(bins - 1, Math.floor(((v - min) / (max - min)) * bins)))]!++;
    const shares = histogram(counts), missing = shares.pop()!;
    columns[name] = { type: 'number', min, max, edges: Array.from({ length: bins + 1 }, (_, i) => min + ((max - min) * i) / bins), shares, missing };
  }
  /** As the ledger counts, the marginals being one mechanism. */
  const all = (): Released[] => [...(others[0] ? [{ ...others[0], count: others.length, run: 'fit' }] : []), ...charged.map((c) => ({ ...c, run: 'fit' }))], total = (): number => filterEpsilon(all(), budget);
  const before = leftOf(all(), budget), { place, nearly } = placeOf(all(), 'fit');
  const privacy: PrivateFit = {
    rows: table.rows, epsilon, delta, left: { precision: before.precision, slack: slackFor.nearly(place, nearly, delta), contexts: slackFor.contexts(place, delta) }, columns, noise: noise.fork('training'),
    async charge(what) {
      const held = total(), limit = { epsilon: options.limit ?? Infinity, delta };
      charged.push(what);
      if (beyondPlan(all()) || (options.limit !== undefined && !fits(all(), limit))) { const after = total(); charged.pop(); throw new BudgetExhausted(limit, after, held); }
    },
  };
  return { context: { ...fitContext(table, table.take([]), { protection: { enabled: false, k: 1 }, ...options.extra }), privacy }, charged, total };
}

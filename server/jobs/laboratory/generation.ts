import { findGenerator } from '../../generators/registry';
import type { CollapsePlan } from '../../protocol';
import { shuffledRows } from '../../random';
import { protectTable } from '../../table/protect';
import type { Table } from '../../table/table';

/**
 * A table that a generator draws after learning another, as large as asked. Value protection is off: numbers are only put on their grid. A tenth of the rows tells networks when to stop.
 * @param of.breathe called with the share done; throws when cancelled
 */
export async function nextGeneration(of: { plan: Pick<CollapsePlan, 'budgetSeconds' | 'device'>; generator: string; training: Table; outcome: string | undefined; rows: number; seed: number; breathe(fraction: number): Promise<void> }): Promise<Table> {
  const generator = await findGenerator(of.generator)!.load(), order = shuffledRows(of.seed, 'validation', of.training.rows), cut = Math.ceil(of.training.rows / 10);
  const fit = of.training.take(order.slice(cut)), validation = of.training.take(order.slice(0, cut)), protection = protectTable(fit, { k: 5, enabled: false });
  const fitted = await generator.fit({
    fit, validation, ...(of.outcome !== undefined && { outcome: of.outcome }), seed: of.seed, device: of.plan.device, budgetSeconds: of.plan.budgetSeconds, protection: { enabled: false, k: 5 },
    progress: p => of.breathe(0.8 * p.fraction), checkpoint: async () => undefined,
  }, generator.parameters.parse({}) as Record<string, unknown>);
  try {
    const drawn = await fitted.sample(of.rows, { seed: (of.seed ^ 0x9e3779b9) >>> 0, progress: done => of.breathe(0.8 + (0.2 * done) / of.rows) });
    return protection.concealTable(drawn, of.seed);
  } finally {
    await fitted.dispose();
  }
}

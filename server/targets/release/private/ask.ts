import { noisyHistogram } from '../../../privacy/mechanisms/histogram';
import { selectGaussianCounts } from '../../../privacy/mechanisms/partitions';
import type { NoiseSource } from '../../../privacy/mechanisms/source';

/** The noise of the data layer: one standard deviation, in rows, for all histograms, and what each selection of categories may fail with. */
export interface DataNoise { sigma: number; delta: number }

/**
 * The only way in which the data layer looks at real rows: counts over bins that are known without the table (or from earlier answers), a row in at most one bin. The histograms and selections that were
 * charged are all there are; one more would be a defect, and is one.
 */
export class Ask {
  private histograms = 0;
  private selections = 0;
  constructor(readonly noise: DataNoise, private readonly paid: { histograms: number; selections: number }, private readonly source: NoiseSource) {}

  /** Noisy counts. @param counts rows in each bin: bins apart */
  histogram(purpose: string, counts: ArrayLike<number>): number[] {
    this.pay(1, 0, purpose);
    return noisyHistogram(counts, { sigma: this.noise.sigma }, this.source.fork(purpose)).counts;
  }

  /** Noisy counts of the known categories and of those others that enough rows share. */
  select(purpose: string, counts: ReadonlyMap<string, number>, known: readonly string[]): Map<string, number> {
    this.pay(1, 1, purpose);
    return selectGaussianCounts(counts, this.noise, this.source.fork(purpose), known).counts;
  }

  private pay(histograms: number, selections: number, purpose: string): void {
    this.histograms += histograms;
    this.selections += selections;
    if (this.histograms > this.paid.histograms || this.selections > this.paid.selections) throw new Error(`privacy: "${purpose}" was not charged`);
  }
}

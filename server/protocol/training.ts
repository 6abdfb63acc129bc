/** What a training of several objectives leaves to be drawn, beside its loss. Part of the protocol: types only. */

/** The terms of a composite objective and their weights over time: one value a step of `steps`, null where a term was not there yet. */
export interface ObjectiveParts {
  steps: number[];
  terms: Record<string, Array<number | null>>;
  weights: Record<string, Array<number | null>>;
  /** How far each dimension lagged behind other real rows (0: not at all), where weights go by validation figures. */
  lags?: Record<string, Array<number | null>>;
}
/** Contexts of a table: how often each is there and is made, and how far its made rows are from its real ones. */
export interface ContextFigures {
  /** How the contexts were got, in words. */
  by: string;
  /** What `distance` is, in words. Smaller is better. */
  distance: string;
  list: Array<{ label: string; rows: number; share: number; made: number; distance: number | null; /** Of other real rows of the context, where there are enough. */ reference?: number | null }>;
}
/** What a training curve may carry beside losses. */
export interface TrainingExtras { objective?: ObjectiveParts; contexts?: ContextFigures }

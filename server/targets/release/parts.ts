import { basename } from 'node:path';
import { UserError } from '../../errors';
import type { Plan } from '../../protocol';
import { guessEntity } from '../../table/kinds';
import { crossFitBelow, crossFitFolds, crossFitFrom, crossFits, seriesColumn, splitTable } from '../../table/split';
import { modelledKinds, type Table } from '../../table/table';

/** The disjoint parts of the real data. All hold the modelled columns only, as the file has them (unprotected). */
export interface Parts {
  /** What is fitted: one part; or, where the release is cross-fitted, one for each fold. */
  fits: Part[];
  /** What generators have seen, fit and validation together; and which rows of the source these are. */
  training: Table; trainingRows: Int32Array;
  control?: Table;
  /** Which rows of the source the control is, where it comes from there. */
  controlRows?: Int32Array;
  /** Plain words on where the control comes from. */
  how: string;
  /** Columns that tell control rows from all others by how the control was taken, and why they do. */
  controlWithout?: ControlWithout;
}

/** What one model learns from. */
export interface Part {
  fit: Table; validation: Table;
  /** Where a release is cross-fitted: the rows of the source that the model learns from, and those that it never sees, which are its control. */
  fold?: { training: Int32Array; control: Int32Array };
}

/** Columns to be left out of every comparison with the control, and in plain words what makes them tell it apart. */
export interface ControlWithout { columns: string[]; why: string }

/** Names of the columns a generator learns, in the table's order. */
export const modelledNames = (table: Table): string[] => table.schema.columns.filter((c) => modelledKinds.includes(c.kind)).map((c) => c.name);

/** Below this many rows, taking even a small control out would leave too little to learn. */
const fewestRowsForControl = 20;

/**
 * Divides the source into fit, validation and control. With a holdout of the user's own that table is the control, and every
 * row of the source may be learnt except the few that early stopping needs. Without one, a table of fewer than about 2,000 rows is cross-fitted.
 * @throws UserError (input) when there is nothing to learn from.
 */
export function divide(source: Table, plan: Plan, outcome: string | undefined, holdout: Table | undefined): Parts {
  const names = modelledNames(source);
  const file = basename(plan.source.path);
  if (source.rows < 3) throw new UserError(`The table has ${source.rows === 0 ? 'no rows' : `only ${source.rows} row${source.rows === 1 ? '' : 's'}`}; a table can be learnt from 3 rows on, and well from some hundreds.`, { file });
  if (names.length === 0)
    throw new UserError('The table has no column that can be learnt: all are identifiers, personal data, free text or constant.', { file }, 'Declare one with --column NAME=category.');
  const entity = plan.entity ?? guessEntity(source), time = entity === undefined ? plan.order : undefined;
  const crossed = holdout === undefined && source.rows >= crossFitFrom && source.rows < crossFitBelow && entity === undefined && time === undefined && seriesColumn(source) === undefined;
  if (crossed) return crossFit(source, plan, outcome !== undefined && names.includes(outcome) ? outcome : undefined, names);
  // Rows that coincide by chance must coincide across the parts as often as fresh rows would: with them kept together no control row
  // would ever equal a fitted one, and a faultless generator would be accused of copying (on Titanic .14 exact copies against 0, not .16).
  const split = splitTable(source, {
    seed: plan.seed, duplicates: 'apart', holdoutGiven: holdout !== undefined || source.rows < fewestRowsForControl,
    ...(outcome !== undefined && names.includes(outcome) && { outcome }), ...(entity !== undefined && { entity }), ...(time !== undefined && { time }),
  });
  const modelled = source.select(names);
  const training = Int32Array.from([...split.fit, ...split.validation]).sort();
  const control = holdout?.select(names) ?? (split.control.length ? modelled.take(split.control) : undefined);
  const without = holdout ? timesApart(source, holdout) : split.blocks && { columns: split.blocks.columns, why: `The control consists of ${split.blocks.control} block${split.blocks.control === 1 ? '' : 's'} of time` };
  return {
    fits: [{ fit: modelled.take(split.fit), validation: modelled.take(split.validation) }], training: modelled.take(training), trainingRows: training,
    ...(control && { control }), ...(!holdout && control && { controlRows: split.control }), ...(control && without && { controlWithout: without }),
    how: holdout ? `the holdout file ${basename(plan.holdout!.path)}` : control ? split.how : `none: the table has only ${source.rows} rows`,
  };
}

/**
 * A small table in folds: each row is learnt by all models but one, for which it is control. So every row of the source serves the release, every row is a control, and
 * no row is both for one model. Rows are dealt out one by one; series and tables of entities, whose rows are not exchangeable, are not divided so.
 */
function crossFit(source: Table, plan: Plan, outcome: string | undefined, names: string[]): Parts {
  const dealing = { duplicates: 'apart' as const, time: false as const, ...(outcome !== undefined && { outcome }) }, modelled = source.select(names);
  const foldOf = crossFitFolds(source, crossFits, { ...dealing, seed: plan.seed }), rows = Int32Array.from(foldOf.keys());
  const fits = Array.from({ length: crossFits }, (_, k): Part => {
    const training = rows.filter((i) => foldOf[i] !== k), seen = modelled.take(training);
    const split = splitTable(source.take(training), { ...dealing, seed: plan.seed, holdoutGiven: true });
    return { fit: seen.take(split.fit), validation: seen.take(split.validation), fold: { training, control: rows.filter((i) => foldOf[i] === k) } };
  });
  return {
    fits, training: modelled, trainingRows: rows,
    how: `cross-fitted: ${crossFits} models, each fitted without another fifth of the rows and judged on it; each drew a fifth of the synthetic table${outcome ? `; stratified by ${outcome}` : ''}`,
  };
}

/**
 * The time column of a regular series of which the user's control holds other times only, such as a later year: nothing that learnt the
 * source makes rows of those times, so that the times would tell the tables apart however good the rest is.
 */
export function timesApart(source: Table, control: Table): ControlWithout | undefined {
  const name = seriesColumn(source);
  if (name === undefined || !control.columns.some((c) => c.schema.name === name && c.schema.storage === 'number')) return undefined;
  const learnt = new Set(source.column(name).numbers());
  return control.column(name).numbers().some((t) => t === t && learnt.has(t)) ? undefined : { columns: [name], why: 'The control holds other times than the table' };
}

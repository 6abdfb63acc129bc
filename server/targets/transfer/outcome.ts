/**
 * Outcomes drawn anew given the columns. A generator that stops early learns an outcome's conditional flatter than it is, and a model trained on its rows then predicts worse than one trained on the rows it learnt from;
 * what a transfer is judged by is that model. So an outcome of two classes is drawn from the better of two classifiers, fitted to the same rows; everything else stays as the generator drew it.
 */
import { concatRows as joinFeatures, encodeFeatures, encodeTarget, takeRows, type FeatureMatrix } from '../../learners/features';
import { Stream } from '../../random';
import { codeColumn, makeTable, mergeDictionaries, numberColumn } from '../../table/columns';
import type { Table } from '../../table/table';
import { learn, outOfFold, type Learner } from './ratio';

export interface Outcomes { kind: Learner; draw(table: Table, seed: number): Promise<Table> }

/** @param weights of the learnt rows @returns undefined for an outcome of other than two classes */
export async function outcomesOf(learnt: Table, columns: readonly string[], outcome: string, weights: Float64Array, seed: number): Promise<Outcomes | undefined> {
  const { schema } = learnt.column(outcome);
  if (schema.storage === 'string') return undefined;
  const { targets: [y], labels } = encodeTarget([learnt], outcome, 'classification'), rows = Int32Array.from(y!.keys()).filter((i) => !Number.isNaN(y![i]!)), truth = Float64Array.from(rows, (i) => y![i]!), own = Float64Array.from(rows, (i) => weights[i]!);
  if (labels.length !== 2) return undefined;
  const [features] = encodeFeatures([learnt], columns) as [FeatureMatrix], { kind } = await outOfFold(takeRows(features, rows), truth, { seed, weights: own });
  return {
    kind,
    async draw(table, seed) {
      // Encoded over both tables, so that a category has the code it is learnt under.
      const [x, z] = encodeFeatures([learnt, table], columns) as [FeatureMatrix, FeatureMatrix], all = joinFeatures([x, z]), score = await learn(kind, takeRows(all, rows), truth, seed, own), stream = new Stream(seed, 'outcomes');
      const p = score(takeRows(all, Int32Array.from({ length: table.rows }, (_, i) => x.rows + i)));
      return makeTable(table.schema, table.columns.map((c) => {
        if (c.schema.name !== outcome) return c;
        // A gap stays one: how often outcomes are unknown is the generator's.
        if (c.schema.storage === 'number') return numberColumn(c.schema, c.numbers().map((v, i) => { const yes = stream.uniform() < p[i]!; return Number.isNaN(v) ? v : Number(labels[yes ? 1 : 0]); }));
        const { categories, places: [, place] } = mergeDictionaries([c.categories(), labels]);
        return codeColumn(c.schema, c.codes().map((v, i) => { const yes = stream.uniform() < p[i]!; return v < 0 ? v : place![yes ? 1 : 0]!; }), categories);
      }), table.rows);
    },
  };
}

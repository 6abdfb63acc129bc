/** Warm starts (section 5): a fit that begins where an earlier one on a table of the same columns ended, its cache included. */
import { readFile } from 'node:fs/promises';
import type { ParamSpec } from '../../engine';
import { UserError } from '../../errors';
import type { FitContext } from '../generator';
import type { Weights } from '../blocks/loop';
import { ModalFeatures } from '../blocks/spans';
import { unpack } from './sample';

export interface Earlier { modal: ModalFeatures; weights: Weights }

/** @throws UserError where the file cannot be read, is no model of ours, or is of other columns */
export async function startFrom(path: string, context: FitContext): Promise<Earlier | undefined> {
  if (path === '') return undefined;
  const bytes = await readFile(path).catch(() => { throw new UserError(`The model to start from cannot be read.`, { file: path }, 'Name model.bin in the folder of an earlier run with this generator (see "understudy runs").', 'usage'); });
  const earlier = unpack(bytes), columns = (names: readonly { name: string; storage: string }[]): string => names.map((c) => `${c.name}/${c.storage}`).join('\n');
  if (columns(earlier.modal.features.columns) !== columns(context.fit.schema.columns)) throw new UserError('The model to start from is of a table with other columns.', { file: path }, 'Start from a run on a table with the same columns, or without one.', 'usage');
  const { modal } = earlier;
  if (!(modal instanceof ModalFeatures)) throw new UserError('The model to start from was fitted under a privacy budget, with another encoding.', { file: path }, 'Start from a run without --epsilon.', 'usage');
  return { modal, weights: earlier.weights };
}
/** The earlier weights as initial ones, wherever a parameter of the same name has the same shape. */
export function warmed(params: Record<string, ParamSpec>, earlier: Earlier | undefined): Record<string, ParamSpec> {
  if (!earlier) return params;
  return Object.fromEntries(Object.entries(params).map(([n, p]) => { const w = earlier.weights[n]; return [n, w && w.shape.join() === p.shape.join() ? { ...p, init: w.values } : p]; }));
}

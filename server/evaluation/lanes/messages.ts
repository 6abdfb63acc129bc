import type { ErrorCode, Place } from '../../errors';
import type { Figure } from '../../protocol';
import type { Fold } from '../metric';
import type { PackedTable } from '../../table/packed';
import type { Judged } from '../options';

/** What is judged, in a form that another thread can be given. What the model says of rows stays with the thread that has it. */
export interface PackedJudged extends Omit<Judged, 'training' | 'synthetic' | 'control' | 'folds' | 'keys' | 'likelihood'> {
  training: PackedTable; synthetic: PackedTable; control?: PackedTable;
  keys?: { training: PackedTable; synthetic: PackedTable; control?: PackedTable };
  folds?: Array<{ training: PackedTable; synthetic: PackedTable; control: PackedTable; rows: Fold['rows'] }>;
}

/** What the second thread is told: what is judged, which metrics by groups of ids, and where groups are claimed (groups.ts). */
export interface LaneTask { judged: PackedJudged; groups: string[][]; claims: Int32Array }

export type LaneMessage =
  | { type: 'figure'; figure: Figure; seconds: number }
  | { type: 'progress'; id: string; fraction: number }
  | { type: 'failed'; error: { message: string; place?: Place; hint?: string; code?: ErrorCode } };
